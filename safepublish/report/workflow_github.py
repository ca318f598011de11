"""What `safepublish workflow` writes for GitHub Actions: a part of the job summary, and the step's outputs."""

from safepublish.facts.finding import Answer
from safepublish.facts.step import File, Judged, Verdict
from safepublish.report import block, diagnostics, escape, job_summary, step_outputs, workflow
from safepublish.report.diagnostics import Diagnostic, Subjects

_VERDICTS = {
    Verdict.BROKEN: "❌ broken",
    Verdict.UNKNOWN: "❔ unknown",
    Verdict.WAIVED: "⚠️ waived",
    Verdict.TOKEN: "🔑 token",
    Verdict.TRUSTED: "✅ trusted",
}


def summary(files: workflow.Files) -> str:
    """The part of the job summary, in GitHub Markdown, under GitHub's limit of 1 MiB."""
    rows = [_row(file, step) for file, judged in files for step in judged]
    parts = [f"## safepublish: {workflow.summary(files)[1]}\n"]
    parts += [f"❌ {escape.markdown(workflow.unreadable(file))}\n" for file, _ in files if file.trouble is not None]
    if rows:
        more = len(rows) - job_summary.MOST_ROWS
        parts.append(job_summary.table(("step", "at", "verdict"), rows[: job_summary.MOST_ROWS]))
        parts += [f"and {more} more\n"] if more > 0 else []
    parts += [_section(diagnostic) for file, judged in files for diagnostic in diagnostics.of_steps(file, judged)]
    return job_summary.within(parts)


def _row(file: File, judged: Judged) -> tuple[str, str, str]:
    step = judged.step
    place = block.place(step.place.at._replace(column=None)) if step.place.at.path else file.path
    return escape.markdown(diagnostics.step_name(step)), escape.code(place), _VERDICTS[judged.verdict]


def _section(diagnostic: Diagnostic) -> str:
    """A diagnostic under its title; the table above has the steps."""
    return job_summary.section(diagnostic._replace(subjects=Subjects()), error="❌ Broken")


def outputs(files: workflow.Files, document: str | None = None) -> str:
    """Lines for GITHUB_OUTPUT: the verdict of all steps together, the causes behind it, the path of the report."""
    judged = [step for _, steps in files for step in steps]
    broken = any(step.verdict is Verdict.BROKEN for step in judged)
    unknown = any(step.verdict is Verdict.UNKNOWN for step in judged) or any(file.trouble for file, _ in files)
    deciding = Answer.FAIL if broken else Answer.UNKNOWN
    causes = dict.fromkeys(
        finding.id
        for step in judged
        if broken or unknown
        for finding in step.findings
        if finding.answer is deciding and finding.waived is None
    )
    return (
        f"verdict={'refuse' if broken else 'unknown' if unknown else 'pass'}\n"
        f"causes={','.join(causes)}\n"
        f"report={escape.plain(document or '', step_outputs.LONGEST_PATH)}\n"
        "published=false\n"
    )
