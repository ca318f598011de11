"""Writes docs/causes/, the manual page of each cause from its docstring, and what is generated within other pages.

`make docs` runs it.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from campaigns import fuzz
from docs.screen import SCREEN, SILENT, Seen
from safepublish.causes import CAUSES
from safepublish.cli.arguments import HELP
from safepublish.report import escape, explanation_json

ROOT = Path(__file__).resolve().parent.parent


PAGES = ROOT / "docs" / "causes"
SCHEMAS = ROOT / "docs" / "schema"
SECTIONS = ("What it is", "Why npm behaves so", "How to mend", "How to ignore")


def page(cause: ModuleType) -> str:
    """The page of one cause in Markdown."""
    first, _, rest = (cause.__doc__ or "").strip().partition("\n")
    parts = [f"# {cause.ID}\n\n{first}\n"]
    for line in rest.splitlines():
        if line in SECTIONS:
            parts.append(f"\n## {line}\n\n")
        else:
            parts[-1] += f"{textwrap.dedent(line) if len(line) < 5 else line.removeprefix('    ')}\n"
    where = (("in the running job", "in_run"), ("in a workflow file", "in_workflow"), ("in a publish's log", "in_log"))
    *places, last = [name for name, found in where if hasattr(cause, found)]
    seen = f"\nRecognised {', '.join(places)}{' and ' if places else ''}{last}.\n"
    return "\n".join(part.strip("\n") + "\n" for part in parts) + seen


def index() -> str:
    """The list of all causes, in the order in which they are shown."""
    rows = "\n".join(f"| [{cause.ID}]({cause.ID}.md) | {cause.TITLE} |" for cause in CAUSES)
    return (
        "# Causes\n\nBy what is wrong, worst first, as safepublish shows them;"
        " below [by the words on the screen](#by-the-words-on-the-screen).\n\n"
        f"| id | what is wrong |\n| --- | --- |\n{rows}\n\n"
        "## By the words on the screen\n\n"
        "Several causes end in the same words. `safepublish explain` tells them apart by the rest of the log.\n\n"
        f"| words | causes, the likeliest first |\n| --- | --- |\n{''.join(map(by_words, in_order()))}"
        f"| nothing: it was published, but with a token | {links(SILENT)} |\n"
    )


def in_order() -> list[Seen]:
    """The words as people look them up: by the alphabet, whatever its case; codes stand among the words."""
    return sorted(SCREEN, key=lambda seen: [word.casefold() for word in seen.words])


def by_words(seen: Seen) -> str:
    """One row: the words, and the causes."""
    words = ": ".join(f"`{word}`" if re.fullmatch(r"E[A-Z0-9_]+", word) else word for word in seen.words)
    return f"| {words}{' (in the debug log only)' if seen.hidden else ''} | {links(seen.causes)} |\n"


def links(causes: Sequence[str]) -> str:
    """The pages of *causes*, beside each other."""
    return ", ".join(f"[{cause}]({cause}.md)" for cause in causes)


def between(text: str, mark: str, generated: str) -> str:
    """*text* with *generated* between the comments that name *mark*."""
    before, _, rest = text.partition(f"<!-- {mark} -->\n")
    _, _, after = rest.partition(f"<!-- /{mark} -->\n")
    return f"{before}<!-- {mark} -->\n{generated}<!-- /{mark} -->\n{after}" if rest else text


def described(names: Mapping[str, Any]) -> str:
    """The table of the action's inputs or outputs, as action.yml describes them."""
    rows = "".join(f"| `{name}` | {about['description']} |\n" for name, about in names.items())
    return f"\n| name | what it is |\n| --- | --- |\n{rows}\n"


def documents() -> dict[Path, str]:
    """Every generated document under its path."""
    pages = {PAGES / f"{cause.ID}.md": page(cause) for cause in CAUSES}
    readme, of_action, reliability = ROOT / "README.md", ROOT / "docs" / "action.md", ROOT / "docs" / "reliability.md"
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    with_help = between(readme.read_text(encoding="utf-8"), "help", f"```text\n{HELP}```\n")
    with_inputs = between(of_action.read_text(encoding="utf-8"), "inputs", described(action["inputs"]))
    with_both = between(with_inputs, "outputs", described(action["outputs"]))
    with_fuzzed = between(reliability.read_text(encoding="utf-8"), "fuzzed", fuzz.total())
    schema = f"{escape.json_text(explanation_json.schema())}\n"
    written = {SCHEMAS / "explain.schema.json": schema, readme: with_help, of_action: with_both}
    return {**pages, PAGES / "README.md": index(), **written, reliability: with_fuzzed}


def main() -> None:
    """Write what is not current, and take away the page of a cause that is gone."""
    wanted = documents()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    for path in set(PAGES.glob("*.md")) - set(wanted):
        path.unlink()


if __name__ == "__main__":
    main()
