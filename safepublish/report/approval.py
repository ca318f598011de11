"""How to approve what was staged: the command, and the page."""

import shlex
from collections.abc import Sequence

from safepublish.facts.report import Report
from safepublish.logs.staged import STAGE_ID, Staged
from safepublish.report import escape
from safepublish.report.lines import BLUE, BOLD, CYAN, INDENT, Page

PAGE = "https://www.npmjs.com/"
"""Staged packages are below the maintainer's own settings there, whose address has the name of the account."""

_NPMJS = "https://registry.npmjs.org"
_LABEL = "   = help: "


def commands(staged: Sequence[Staged], report: Report) -> list[str]:
    """The command that approves each version, in order. A stage id is no secret, so it is not masked."""
    return [
        f"npm stage approve {version.id}{_registry(version, report)}"
        for version in staged
        if STAGE_ID.fullmatch(version.id)
    ]


def text(staged: Sequence[Staged], report: Report, *, introduced: bool, colour: bool, unicode: bool, width: int) -> str:
    """The lines that say how to approve what was staged; where no stage id is known, how to find it.

    *introduced* says that a line before them names what was staged.
    """
    page = Page(colour=colour, unicode=unicode, width=width)
    if not introduced:
        page.paragraph("safepublish: ", _introduction(staged, report), hang=INDENT)
    indent = " " * len(_LABEL)
    sentence, pasted = _advice(staged, report)
    page.paragraph(
        _LABEL, sentence, hang=indent, styles=(("   = ", f"{BOLD};{BLUE}"), ("help", f"{BOLD};{CYAN}"), (": ", BOLD))
    )
    for command in pasted:
        page.say(indent + command)
    return page.text()


def markdown(staged: Sequence[Staged], report: Report, *, introduced: bool) -> str:
    """The same for the job summary."""
    sentence, pasted = _advice(staged, report)
    block = "\n".join(pasted)
    introduction = "" if introduced else f"\n- {escape.prose(_introduction(staged, report))}\n"
    return f"{introduction}\n**Help:** {escape.prose(sentence)}\n\n```sh\n{block}\n```\n"


def _introduction(staged: Sequence[Staged], report: Report) -> str:
    names = [f"{version.name}@{version.version}" for version in staged if version.name is not None]
    if len(names) == len(staged) == 1:
        return f"staged {names[0]}; it waits for approval."
    number = len(staged) or len(report.packages)
    return (
        f"staged {number} version{'s' if number > 1 else ''}; {'they wait' if number > 1 else 'it waits'} for approval."
    )


def _advice(staged: Sequence[Staged], report: Report) -> tuple[str, list[str]]:
    """What to do, and the commands to paste."""
    approving = commands(staged, report)
    if approving:
        it = "it" if len(approving) == 1 else "them"
        return f"to publish {it}, approve {it} on {PAGE} (Staged Packages), or run:", approving
    names = [judged.run.package.manifest.name for judged in report.packages]
    listed = [f"npm stage list {shlex.quote(escape.plain(name))}" for name in names[: escape.LINES] if name]
    sentence = f"the stage id is unknown; to find it, see Staged Packages on {PAGE}, or run:"
    return sentence, listed or ["npm stage list"]


def _registry(version: Staged, report: Report) -> str:
    """The option that names the registry, where it is another than npmjs.com's."""
    settings = [
        judged.run.package.settings
        for judged in report.packages
        if version.name in {None, judged.run.package.manifest.name}
    ]
    url = settings[0].registry.value if settings and settings[0].registry else _NPMJS
    return "" if url.rstrip("/") == _NPMJS else f" --registry={shlex.quote(escape.plain(url))}"
