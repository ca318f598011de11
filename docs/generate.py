"""Writes docs/causes/, the manual page of each cause from its docstring, and what is generated within other pages.

`make docs` runs it.
"""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from campaigns import fuzz
from safepublish import cli
from safepublish.causes import CAUSES
from safepublish.causes.cause import Cause
from safepublish.causes.explain import explain_transcript
from safepublish.cli import help as command_help
from safepublish.logs import reader
from safepublish.npm.floors import Floor
from safepublish.report import escape
from safepublish.report import explanation as text_explanation
from safepublish.report.documents import check, explain, workflow
from safepublish.shell import own_options

ROOT = Path(__file__).resolve().parent.parent


PAGES = ROOT / "docs" / "causes"
SCHEMAS = ROOT / "docs" / "schema"
PUBLISH = ".github/workflows/publish.yml"
FLOORS = ROOT / "docs" / "floors.md"
COMMAND_LINE = ROOT / "docs" / "command-line.md"
SECTIONS = ("What happens", "Why", "Fix", "If you want to ignore it")


RECOGNISED = {"in_run": "in the running job", "in_workflow": "in a workflow file", "in_log": "in a publish's log"}


class Row(NamedTuple):
    """Text that people see when a publish fails, and the ids of the causes behind it, the likeliest first."""

    text: str
    causes: tuple[str, ...]
    hidden: bool = False  # in npm's debug log only

    @property
    def words(self) -> tuple[str, ...]:
        """The code and the sentence, or the one of them that there is."""
        code = re.match(r"([A-Z0-9_]{4,}): ", self.text)
        return (code[1], self.text[code.end() :]) if code else (self.text,)


def page(cause: Cause) -> str:
    """The page of one cause in Markdown."""
    first, _, rest = cause.page.partition("\n")
    parts = [f"# {cause.id}\n\n{first}\n"]
    for line in rest.splitlines():
        if line in SECTIONS:
            parts.append(f"\n## {line}\n\n")
        else:
            parts[-1] += f"{line.removeprefix('    ')}\n"
    *places, last = [RECOGNISED[name] for name in cause.recognisers]
    recognised = f"\nRecognised {', '.join(places)}{' and ' if places else ''}{last}.\n"
    return "\n".join(part.strip("\n") + "\n" for part in parts) + recognised


def index() -> str:
    """The list of all causes, in the order in which they are shown."""
    rows = "\n".join(f"| [{cause.id}]({cause.id}.md) | {cause.title} |" for cause in CAUSES)
    return (
        "# Causes\n\nBy what is wrong, worst first, as safepublish shows them;"
        " below [by the words on the screen](#by-the-words-on-the-screen).\n\n"
        f"| id | what is wrong |\n| --- | --- |\n{rows}\n\n"
        "## By the words on the screen\n\n"
        "Several causes end in the same words. `safepublish explain` tells them apart by the rest of the log.\n\n"
        f"| words | causes, the likeliest first |\n| --- | --- |\n{''.join(map(by_words, screen()))}"
        f"| nothing: it was published, but with a token | {links(behind(''))} |\n"
    )


def screen() -> list[Row]:
    """The text that people see, by the alphabet, whatever its case; codes stand among the words."""
    hidden = {shown.text: shown.hidden for cause in CAUSES for shown in cause.screen if shown.text}
    rows = [Row(text, behind(text), is_hidden) for text, is_hidden in hidden.items()]
    return sorted(rows, key=lambda row: [word.casefold() for word in row.words])


def behind(text: str) -> tuple[str, ...]:
    """The ids of the causes behind *text*, the likeliest first."""
    ranked = [(shown.rank, cause.id) for cause in CAUSES for shown in cause.screen if shown.text == text]
    return tuple(cause for _, cause in sorted(ranked, key=lambda entry: entry[0]))


def by_words(row: Row) -> str:
    """One row of the table: the words, and the causes."""
    words = ": ".join(f"`{word}`" if re.fullmatch(r"E[A-Z0-9_]+", word) else word for word in row.words)
    return f"| {words}{' (in the debug log only)' if row.hidden else ''} | {links(row.causes)} |\n"


def links(causes: Iterable[str]) -> str:
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


def floors() -> str:
    """The page of floors and engines, a table for each tool."""
    first = (
        "# Versions\n\nFrom which version on npm, Node and the publishing tools do what safepublish relies on. The"
        " ranges are written as Python's `packaging` reads them: `!=12.0.*` leaves out 12.0, and `~=20.17` is npm's"
        " `^20.17.0`.\n"
    )
    parts = [first]
    for tool in dict.fromkeys(floor.tool for floor in Floor):
        rows = "".join(
            f"| `{floor.versions.replace(' || ', '` or `')}` | {floor.what} | {floor.source} |\n"
            for floor in Floor
            if floor.tool == tool
        )
        parts.append(f"\n## {tool}\n\n| {tool} | what it does | source |\n| --- | --- | --- |\n{rows}")
    return "".join(parts)


def command_line() -> str:
    """The page of the command line: the help of each command."""
    first = "# Command line\n\nWhat `safepublish help COMMAND` prints.\n"
    parts = [
        f"\n## {own_options.title(command)}\n\n```text\n{command_help.text(command)}```\n"
        for command in own_options.COMMANDS
    ]
    return "".join((first, *parts))


STORY = ROOT / "examples" / "hello-oidc"
TOKEN = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
"""What the story's last step looks like where it publishes with a token."""


def printed(*words: str, more: str = "") -> str:
    """What `safepublish` prints with *words* in the repository of the story; *more* stands at its workflow's end."""
    workflow = (STORY / PUBLISH).read_text(encoding="utf-8") + more
    config = '[remote "origin"]\n\turl = https://github.com/octo-org/hello-oidc.git\n'
    manifest = (STORY / "package.json").read_text(encoding="utf-8")
    before = os.getcwd()
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in {PUBLISH: workflow, "package.json": manifest, ".git/config": config}.items():
            path = Path(temporary, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        os.chdir(temporary)
        try:
            with contextlib.redirect_stdout(output):
                cli.main(list(words))
        finally:
            os.chdir(before)
    return f"```console\n$ {' '.join(('safepublish', *words))}\n{output.getvalue()}```\n"


def explained() -> str:
    """What `safepublish explain` prints about the story's log."""
    log = (ROOT / "docs" / "site" / "playground" / "examples" / "npm-too-old.log").read_bytes()
    shown = text_explanation.render(explain_transcript(reader.read([log]), "-"), width=80)
    return f"```console\n$ gh run view 29127256684 --log-failed | safepublish explain\n{shown}```\n"


def documents() -> dict[Path, str]:
    """Every generated document under its path."""
    pages = {PAGES / f"{cause.id}.md": page(cause) for cause in CAUSES}
    of_action, reliability = ROOT / "docs" / "action.md", ROOT / "docs" / "reliability.md"
    of_workflow, of_explain = ROOT / "docs" / "workflow.md", ROOT / "docs" / "explain.md"
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    with_story = between(of_workflow.read_text(encoding="utf-8"), "workflow", printed("workflow"))
    fixed = printed("workflow", "--fix", "--migrate", more=TOKEN)
    with_explained = between(of_explain.read_text(encoding="utf-8"), "explain", explained())
    with_inputs = between(of_action.read_text(encoding="utf-8"), "inputs", described(action["inputs"]))
    with_both = between(with_inputs, "outputs", described(action["outputs"]))
    with_fuzzed = between(reliability.read_text(encoding="utf-8"), "fuzzed", fuzz.total())
    schemas = {
        SCHEMAS / f"{name}.schema.json": f"{escape.json_text(document.schema())}\n"
        for name, document in (("check", check), ("workflow", workflow), ("explain", explain))
    }
    written = {
        of_action: with_both,
        of_workflow: between(with_story, "workflow-fix", fixed),
        of_explain: with_explained,
    }
    return {
        **pages,
        **schemas,
        PAGES / "README.md": index(),
        **written,
        reliability: with_fuzzed,
        FLOORS: floors(),
        COMMAND_LINE: command_line(),
    }


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
