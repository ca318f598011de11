"""The list of all causes by group: the id and the title of each."""

from safepublish.causes import CAUSES
from safepublish.report.lines import BOLD, Page

GROUPS = {
    "npm-missing": "npm does not start, or stops before it reads the package",
    "not-in-ci": "OIDC is not available",
    "registry-without-slash": "The registry rejects the exchange",
    "version-published": "The version cannot be published",
    "repository-url-missing": "Provenance",
    "token-beats-oidc": "Tokens",
    "no-publishing-workflow": "Other",
}
"""The title of each group by the id of its first cause; the others follow it in `CAUSES`."""


def render(*, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The list as lines for a terminal, worst first."""
    page = Page(colour=colour, unicode=unicode, width=width)
    longest = max(len(cause.id) for cause in CAUSES)
    for cause in CAUSES:
        if cause.id in GROUPS:
            if cause is not CAUSES[0]:
                page.say("")
            page.say(GROUPS[cause.id], (GROUPS[cause.id], BOLD))
        label = f"  {cause.id.ljust(longest)}  "
        page.paragraph(label, cause.title, hang=" " * len(label), styles=((label, ""),))
    page.say("")
    page.say("For the manual page of a cause, run `safepublish explain ID`.")
    return page.text()
