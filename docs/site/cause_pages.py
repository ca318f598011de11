"""The page of each cause: what people search for, the wordings, the fix as a diff, and who else says the same."""

import functools
import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from docs import generate, messages
from safepublish.causes import BY_ID, CAUSES
from safepublish.causes.cause import Cause
from safepublish.causes.explain import explain_transcript
from safepublish.causes.fix_workflow import fix_workflow
from safepublish.causes.judge import judge_steps
from safepublish.facts.finding import Answer
from safepublish.facts.step import Verdict
from safepublish.logs import reader
from safepublish.pipelines import reader as pipelines
from safepublish.report import diagnostics, escape, fixes

ROOT = Path(__file__).resolve().parents[2]
STORY = ROOT / "examples" / "hello-oidc" / ".github" / "workflows" / "publish.yml"
PATH = ".github/workflows/publish.yml"
MOST_WORDINGS = 12
_LOG = "../playground/log.md"
_WORKFLOW = "../playground/workflow.md"
_BUTTONS = f"[Paste your log]({_LOG}){{ .md-button .md-button--primary }}"
_BUTTON_WORKFLOW = f" [Paste your workflow]({_WORKFLOW}){{ .md-button }}"


def pages() -> dict[str, str]:
    """The text of each page under its file name, and of the index."""
    return {"index.md": index(), **{f"{cause.id}.md": page(cause) for cause in CAUSES}}


def index() -> str:
    """The list of all causes."""
    about = {
        "title": "npm publish errors with trusted publishing: every cause, by its error message",
        "description": "Every reason why npm trusted publishing (OIDC) fails, by id and by the words on the screen:"
        " E404, ENEEDAUTH, EUSAGE, Access token expired or revoked and others.",
    }
    first, _, rest = generate.index().partition("\n")
    return f"{front_matter(about)}{first}\n\n{_BUTTONS}\n{rest}"


def page(cause: Cause) -> str:
    """The page of one cause."""
    first, _, _ = cause.page.partition("\n")
    buttons = _BUTTONS + (_BUTTON_WORKFLOW if "in_workflow" in cause.recognisers else "")
    _, _, manual = generate.page(cause).partition("\n## ")
    manual, _, recognised = manual.rpartition("\n\nRecognised ")
    parts = [
        f"# {sentence(cause.title)}\n\n**`{cause.id}`** {first}\n\n{buttons}\n",
        _seen(cause),
        f"## {manual}\n",
        _before_and_after(cause),
        _same_words(cause),
        f"Recognised {recognised}In a terminal: `safepublish explain {cause.id}`.\n",
    ]
    about = {"title": title(cause), "description": description(cause)}
    return front_matter(about) + "\n".join(part for part in parts if part)


def title(cause: Cause) -> str:
    """What a search engine shows: the words on the screen, and what they mean."""
    seen = next((shown.text.rstrip(".:") for shown in cause.screen if shown.text and not shown.hidden), "")
    if not seen:
        return f"{sentence(cause.title)} - npm publish"
    return f"{seen} - npm publish: {cause.title}"


def description(cause: Cause) -> str:
    """Two sentences for a search engine."""
    first, _, _ = cause.page.partition("\n")
    return f"{first.strip()} What it means, how to tell it from other causes with the same message, and the fix."


def sentence(text: str) -> str:
    """*text* with a capital, unless it begins with a name that has none."""
    return text if re.match(r"npm\b|`|package\.json", text) else text[:1].upper() + text[1:]


def front_matter(values: Mapping[str, str]) -> str:
    """*values* as the YAML before a page."""
    lines = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    return f"---\n{lines}---\n"


def _seen(cause: Cause) -> str:
    """The words on the screen, and whole lines of logs that end in them."""
    shown = [seen for seen in cause.screen if seen.text]
    lines = wordings().get(cause.id, ())[:MOST_WORDINGS]
    if not (shown or lines):
        return ""
    parts = ["## What you see\n"]
    parts += [f"- <code>{_html(seen.text)}</code>{' (in the debug log only)' if seen.hidden else ''}" for seen in shown]
    codes = [code for code in (re.match(r"E\d{3}|ENEEDAUTH|EUSAGE", seen.text) for seen in shown) if code]
    if codes:
        spelled = [f"npm error code {codes[0][0]}", f"npm ERR! code {codes[0][0]}"]
        parts.append(f"\nnpm writes `{spelled[0]}`; older releases write `{spelled[1]}`.")
    if lines:
        parts.append("\nLines of logs that show it:\n")
        parts.append("```text\n" + "\n".join(line.replace("```", "'''") for line in lines) + "\n```")
    return "\n".join(parts) + "\n"


def _before_and_after(cause: Cause) -> str:
    """A workflow that has the cause, and its fix."""
    patch = patches().get(cause.id)
    if patch is None:
        return ""
    text = "What `safepublish workflow --fix` changes in a workflow that has this error:"
    return f"## Before and after\n\n{text}\n\n```diff\n{patch}```\n"


def _same_words(cause: Cause) -> str:
    """The other causes that end in the same words."""
    others: dict[str, list[str]] = {}
    for shown in cause.screen:
        for other in generate.behind(shown.text) if shown.text else ():
            if other != cause.id:
                others.setdefault(other, []).append(shown.text)
    if not others:
        return ""
    rows = ""
    for other, texts in others.items():
        words = ", ".join(f"<code>{_html(text)}</code>" for text in texts)
        rows += f"- [{other}]({other}.md): {BY_ID[other].title} ({words})\n"
    return (
        "## Other causes with the same words\n\nThe words on the screen are the same; the rest of the log tells them"
        f" apart. [Paste the log]({_LOG}) and safepublish says which one it is.\n\n{rows}"
    )


def _html(text: str) -> str:
    return html.escape(text).replace("|", "&#124;").replace("`", "&#96;").replace("*", "&#42;").replace("_", "&#95;")


@functools.cache
def wordings() -> dict[str, tuple[str, ...]]:
    """For each cause the lines that show it, from the logs of the tests in which it is the first cause."""
    found: dict[str, dict[str, str]] = {}
    for path in _logs():
        explanation = explain_transcript(reader.read([path.read_bytes()]), "-")
        for failed in explanation.failed:
            if not failed.certain:
                continue
            diagnostic = diagnostics.of_log(failed, "-")[0]
            lines = found.setdefault(diagnostic.id, {})
            for text in (escape.plain(text) for _, text in diagnostic.quotes):
                if text.startswith("npm ") and not text.startswith("npm verbose"):
                    lines.setdefault(_general(text), text)
    return {cause: tuple(lines.values()) for cause, lines in found.items()}


def _general(line: str) -> str:
    """A line of npm without what differs from package to package."""
    return re.sub(r"'[^']*'|https?://\S+|\S*[/\\]\S*|[\d\W]+", " ", line)


def _logs() -> Iterable[Path]:
    logs = ROOT / "tests" / "logs"
    return sorted(path for path in logs.rglob("*") if path.is_file() and path.suffix in {".log", ".txt"})


@functools.cache
def patches() -> dict[str, str]:
    """For each cause the shortest fix of a workflow of the tests that has no other error, as a patch."""
    found: dict[str, str] = {}
    texts = dict.fromkeys((STORY.read_text(encoding="utf-8"), *messages.workflow_texts()))
    for text in texts:
        file = pipelines.read(text, PATH, lambda _: None)
        judged = judge_steps(file)
        errors = {finding.id for step in judged for finding in step.findings if finding.answer is Answer.FAIL}
        if len(errors) != 1 or not all(step.verdict is Verdict.BROKEN for step in judged):
            continue
        fixed = fix_workflow(text, PATH, lambda _: None)
        patch = fixes.patch(fixed)
        if not patch or any(step.verdict is not Verdict.TRUSTED for step in fixed.steps):
            continue
        cause = errors.pop()
        if cause not in found or (len(patch) < len(found[cause]) and cause != "npm-too-old"):
            found[cause] = patch
    return found
