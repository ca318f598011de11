"""What `safepublish workflow` leaves for GitHub Actions: a part of the job summary, and the step's outputs."""

from safepublish import report as common
from safepublish.facts.finding import Answer
from safepublish.facts.step import File, Judged, Verdict
from safepublish.report import escape, github, text, workflow

_SAID = {
    Verdict.BROKEN: "❌ broken",
    Verdict.UNKNOWN: "❔ unknown",
    Verdict.WAIVED: "⚠️ waived",
    Verdict.TOKEN: "🔑 token",
    Verdict.TRUSTED: "✅ trusted",
}
_WORDS = {Answer.FAIL: "❌ Broken", Answer.WARN: "⚠️ Warning", Answer.UNKNOWN: "❔ Not told"}


def summary(files: workflow.Files) -> str:
    """The part of the job summary, in GitHub Markdown, under GitHub's limit of 1 MiB."""
    rows = [_row(file, one) for file, judged in files for one in judged]
    parts = [f"## safepublish: {workflow.summary(files)}\n"]
    parts += [f"❌ {escape.markdown(workflow.unreadable(file))}\n" for file, _ in files if file.trouble is not None]
    if rows:
        more = len(rows) - github.MOST_ROWS
        parts.append(github.table(("step", "at", "verdict"), rows[: github.MOST_ROWS]))
        parts += [f"and {more} more\n"] if more > 0 else []
    parts += [_section(group) for _, judged in files for group in workflow.groups(judged)]
    return github.within(parts)


def _row(file: File, one: Judged) -> tuple[str, str, str]:
    place = one.step.place.at._replace(column=None) if one.step.place.at.path else None
    step = (
        one.step.place.job
        if one.step.place.position is None
        else f"{one.step.place.job}, step {one.step.place.position + 1}"
    )
    return escape.markdown(step), escape.code(text.place(place) if place else file.path), _SAID[one.verdict]


def _section(group: workflow.Group) -> str:
    finding = group.finding
    word = "Waived" if finding.waived is not None else _WORDS[finding.answer]
    said = [f"### {word}: {escape.markdown(common.title(finding.id))}\n"]
    said.append(f"{escape.code(finding.id)}: {escape.prose(finding.message)}\n")
    if finding.waived is not None:
        because = f": {escape.markdown(finding.waived)}" if finding.waived else ""
        return "\n".join([*said, f"Waived{because}\n"])
    return "\n".join([*said, *github.shown(finding._replace(location=group.places[0]), finding.evidence)])


def outputs(files: workflow.Files, document: str | None = None) -> str:
    """Lines for GITHUB_OUTPUT: the verdict of all steps together, the causes behind it, the path of the report."""
    judged = [one for _, told in files for one in told]
    broken = any(one.verdict is Verdict.BROKEN for one in judged)
    unknown = any(one.verdict is Verdict.UNKNOWN for one in judged) or any(file.trouble for file, _ in files)
    deciding = Answer.FAIL if broken else Answer.UNKNOWN
    causes = dict.fromkeys(
        finding.id
        for one in judged
        if broken or unknown
        for finding in one.findings
        if finding.answer is deciding and finding.waived is None
    )
    return (
        f"verdict={'refuse' if broken else 'unknown' if unknown else 'pass'}\n"
        f"causes={','.join(causes)}\n"
        f"report={escape.plain(document or '', github.LONGEST_PATH)}\n"
        "published=false\n"
    )
