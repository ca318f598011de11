"""What is said of waivers that let nothing pass: of the configuration file, and of comments in workflow files."""

from collections.abc import Iterable, Sequence

from safepublish.causes import BY_ID
from safepublish.facts.waiver import Waiver
from safepublish.report import block, escape
from safepublish.report.lines import YELLOW, Page
from safepublish.report.severity import Severity


def unused(waivers: Iterable[Waiver], recogniser: str, waived: Iterable[str]) -> tuple[Waiver, ...]:
    """Those of *waivers* that let nothing pass, though their cause is one that *recogniser* could find here.

    *waived* are the ids of the causes that were waived.
    """
    hidden = set(waived)
    return tuple(
        waiver
        for waiver in waivers
        if waiver.expired is not None or (waiver.cause not in hidden and recogniser in BY_ID[waiver.cause].recognisers)
    )


def text(waivers: Sequence[Waiver], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """A line for each waiver that expired, or lets nothing pass."""
    page = Page(colour=colour, unicode=unicode, width=width)
    for waiver in waivers:
        place, cause = escape.plain(waiver.place), escape.plain(waiver.cause, 100)
        reason = f" (reason: {escape.plain(waiver.reason)})" if waiver.reason else ""
        if waiver.expired is not None:
            sentence = f"the waiver of {cause} in {place} expired on {waiver.expired}{reason}"
        else:
            sentence = f"the waiver of {cause} in {place} lets nothing pass here; remove it{reason}"
        block.heading(page, Severity.WARNING.value, "", sentence, YELLOW)
    return page.text()
