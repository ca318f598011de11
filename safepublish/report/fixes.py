"""What `workflow --diff`, `--fix` and `--migrate` say."""

import re
from collections.abc import Mapping, Sequence

from safepublish.causes.fix_workflow import FixedFile, Migrated
from safepublish.causes.publisher_mismatch import trusting
from safepublish.facts.step import Judged
from safepublish.npm.secrets import STARS, redacted
from safepublish.pipelines.fix import line_diff
from safepublish.report import escape, lines
from safepublish.report.tagged_run import FILE_AT_THE_TAG

_INDENT = "    "
_CONTEXT = 3
"""How many lines stand around a change in a patch, as `diff -u` has them."""
_STARRED = f"A secret in this patch is shown as {STARS}, so the patch cannot be applied; use --fix instead.\n"


def patch(fixed: FixedFile) -> str:
    """The fixes as a unified diff that `git apply` and `patch -p1` take; empty where there are none.

    A secret in it has stars, and then it cannot be applied: its first line says so.
    """
    path = escape.plain(fixed.path)
    if fixed.before == fixed.text:
        return ""
    lines = [
        f"--- a/{path}\n",
        f"+++ b/{path}\n",
        *line_diff.unified(_lines(fixed.before), _lines(fixed.text), _CONTEXT),
    ]
    whole = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    shown = [redacted(line) for line in whole]
    return "".join(shown) if shown == whole else f"{_STARRED}{''.join(shown)}"


def _lines(content: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content)


def render(
    files: Sequence[FixedFile], *, written: bool, colour: bool = False, unicode: bool = True, width: int = 100
) -> str:
    """What was fixed, or would be, and which steps were not changed, and why."""
    page = lines.Page(colour=colour, unicode=unicode, width=width)
    for file in files:
        if not (file.fixes or file.unfixed):
            continue
        state = "fixed" if written else "can be fixed"
        path = escape.plain(file.path)
        page.say(f"{path}{f' {state}:' if file.fixes else ':'}", (path, lines.BOLD))
        for job, what in file.fixes:
            page.paragraph(f"{_INDENT}{escape.plain(job)}: ", escape.plain(what), hang=_INDENT * 2)
        for job, why in file.unfixed:
            page.paragraph(f"{_INDENT}{escape.plain(job)} was not changed: ", escape.plain(why), hang=_INDENT * 2)
        page.say("")
    if any(file.fixes and started_by_tags(file.steps) for file in files):
        page.paragraph("note: ", FILE_AT_THE_TAG, hang=_INDENT)
        page.say("")
    return page.text()


def started_by_tags(steps: Sequence[Judged]) -> bool:
    """Whether a tag or a release starts one of these publish steps."""
    contexts = [judged.step.context for judged in steps]
    return any(context.for_tags or "release" in context.triggers for context in contexts)


def entries(
    migrated: Sequence[Migrated],
    names: Mapping[str | None, str | None],
    repository: str | None,
    *,
    colour: bool = False,
    unicode: bool = True,
    width: int = 100,
) -> str:
    """What to enter on npmjs.com before a migrated step publishes again; *names*: the package in each directory."""
    page = lines.Page(colour=colour, unicode=unicode, width=width)
    owner = repository or "OWNER/REPOSITORY"
    if migrated:
        page.paragraph(
            "", "Before these steps run again, add their trusted publisher on npmjs.com. For each package:", hang=""
        )
    for step in dict.fromkeys(migrated):
        name = names.get(step.directory)
        shown = name or "PACKAGE"
        page.say("")
        page.say(f"{_INDENT}https://www.npmjs.com/package/{escape.plain(shown)}/access, GitHub Actions:")
        for field, value in (
            ("repository", owner),
            ("workflow filename", step.workflow),
            ("environment name", step.environment or "(leave empty)"),
            ("allowed action", "npm stage publish" if step.staged else "npm publish"),
        ):
            page.say(f"{_INDENT * 2}{field.ljust(18)} {escape.plain(value)}")
        command = trusting(shown, ("github", "--repo", owner), step.workflow, step.environment, staged=step.staged)
        page.say(f"{_INDENT}or, on a laptop with npm 11.15 or newer: {escape.plain(command)}")
    return page.text()
