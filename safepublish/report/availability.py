"""What is said of versions after a publish: whether they can be installed, and who published them."""

from collections.abc import Sequence

from safepublish.facts.availability import Availability
from safepublish.facts.run import PublishedAs
from safepublish.report import block, escape
from safepublish.report.diagnostics import MOST_NAMES
from safepublish.report.lines import INDENT, Page
from safepublish.report.severity import Severity


def text(found: Sequence[Availability], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """One line for all versions of which the same is true."""
    page = Page(colour=colour, unicode=unicode, width=width)
    for sentence, is_warning in _sentences(found):
        if is_warning:
            block.heading(page, Severity.WARNING.value, "", sentence, "33")
        else:
            page.paragraph("safepublish: ", sentence, hang=INDENT)
    return page.text()


def markdown(found: Sequence[Availability]) -> str:
    """The same as items of the job summary."""
    items = [f"- {'⚠️ ' if is_warning else ''}{escape.prose(sentence)}\n" for sentence, is_warning in _sentences(found)]
    return f"\n{''.join(items)}" if items else ""


def output(found: Sequence[Availability]) -> str:
    """The line for GITHUB_OUTPUT: true where all can be installed; empty where that is unknown of one."""
    answers = {one.available for one in found}
    value = "false" if False in answers else "" if None in answers or not answers else "true"
    return f"available={value}\n"


def _sentences(found: Sequence[Availability]) -> list[tuple[str, bool]]:
    """Each sentence with whether it is a warning."""
    groups: dict[tuple[bool | None, str], list[Availability]] = {}
    for one in found:
        groups.setdefault((one.available, _proof(one.published_as)), []).append(one)
    return [
        (_sentence(available, proof, members), available is False) for (available, proof), members in groups.items()
    ]


def _sentence(available: bool | None, proof: str, members: Sequence[Availability]) -> str:
    names = _names(members)
    seconds = f"{max(one.seconds for one in members):.0f} s"
    if available:
        return f"{names} can be installed, {seconds} after the publish: {proof}."
    if available is None:
        return (
            f"{names}: whether it can be installed could not be checked; the registry does not show it without a login."
        )
    return (
        f"{names} cannot be installed yet: {seconds} after the publish the registry still does not return it. "
        "npm scans new versions, typically for 5 to 15 minutes, and may hold one for a review."
    )


def _names(members: Sequence[Availability]) -> str:
    specs = [f"{one.package.manifest.name}@{one.package.manifest.version}" for one in members]
    more = f" and {len(specs) - MOST_NAMES} more" if len(specs) > MOST_NAMES else ""
    return ", ".join(escape.plain(spec, 100) for spec in specs[:MOST_NAMES]) + more


_PUBLISHED_BY = {
    "staged": "it was staged, and approved by a maintainer",
    "trusted publisher": "published by a trusted publisher",
    "token": "published with a token",
    None: "the registry does not say who published it",
}


def _proof(published_as: PublishedAs | None) -> str:
    """Who published a version, by the registry's word."""
    if published_as is None:
        return _PUBLISHED_BY[None]
    source = ", ".join(filter(None, (published_as.repository, published_as.workflow)))
    who = _PUBLISHED_BY[published_as.by]
    provenance = "with provenance" if published_as.provenance else "without provenance"
    return f"{who} ({escape.plain(source)}), {provenance}" if source else f"{who}, {provenance}"
