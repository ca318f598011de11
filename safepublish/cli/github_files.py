"""The files of a GitHub Actions runner: the job summary, the step's outputs, and documents for later steps.

Nothing is written where the runner names no file (GitHub docs, "Workflow commands").
"""

import errno
import os
import time
from typing import TYPE_CHECKING

from safepublish.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepublish.facts.availability import Availability
    from safepublish.facts.report import Report
    from safepublish.facts.step import File, Judged
    from safepublish.run_npm import NpmResult

PIPE_SECONDS = 2.0
"""How long writing to a pipe, in place of a file, may take."""


def write_report(report: "Report") -> None:
    """Write what the checks found to the job summary and the step's outputs."""
    summary, outputs = _paths()
    if not summary and not outputs:
        return
    from safepublish.report import job_summary, step_outputs  # only where GitHub asks

    if summary:
        append(summary, job_summary.render(report))
    if outputs:
        append(outputs, step_outputs.render(report, _write_report_document(report)))


def write_npm_result(result: "NpmResult", report: "Report") -> None:
    """Write how the publish ended to the job summary and the step's outputs."""
    summary, outputs = _paths()
    if not summary and not outputs:
        return
    from safepublish.causes.explain import explain_log
    from safepublish.report import job_summary, step_outputs

    if outputs:
        append(outputs, step_outputs.after_publish(report, result.exit_code, result.log, result.staged))
    if not summary or result.exit_code < 0:
        return
    if result.log is not None and result.exit_code:
        findings = explain_log(result.log)
        append(summary, job_summary.after_failure(findings, result.log, report, result.exit_code))
    elif result.log is not None:
        append(summary, job_summary.after_success(result.log.attempts, report))
    if result.staged:
        from safepublish.report import approval  # only where something is staged

        append(summary, approval.markdown(result.staged, report, introduced=result.log is not None))


def write_availability(found: "Sequence[Availability]") -> None:
    """Write whether the versions that were published can be installed."""
    summary, outputs = _paths()
    if not summary and not outputs:
        return
    from safepublish.report import availability  # only with --wait

    if outputs:
        append(outputs, availability.output(found))
    if summary:
        append(summary, availability.markdown(found))


def write_workflows(files: "Sequence[tuple[File, tuple[Judged, ...]]]", form: str) -> None:
    """Write what was found in workflow *files* to the job summary and the step's outputs; *form* is the format."""
    summary, outputs = _paths()
    if not summary and not outputs:
        return
    from safepublish.report import workflow, workflow_github  # only where GitHub asks
    from safepublish.report.documents import workflow as workflow_document

    if summary:
        append(summary, workflow_github.summary(files))
    if outputs:
        suffix = "sarif" if form == "sarif" else "json"
        document = workflow.as_sarif(files) if suffix == "sarif" else workflow_document.render(files)
        append(outputs, workflow_github.outputs(files, _write_document(document, suffix)))


def _paths() -> tuple[str | None, str | None]:
    """The files for the job summary and for the step's outputs."""
    return os.environ.get("GITHUB_STEP_SUMMARY"), os.environ.get("GITHUB_OUTPUT")


def _write_report_document(report: "Report") -> str | None:
    """Write the report as JSON or SARIF for later steps; returns the file's path, None where there is none."""
    if not report.packages:
        return None
    if report.packages[0].run.options.format == "sarif":
        from safepublish.report import sarif  # seldom needed

        return _write_document(sarif.render(report), "sarif")
    from safepublish.report.documents import check  # only where a step may read it

    return _write_document(check.render(report), "json")


def _write_document(document: str, suffix: str) -> str | None:
    """Write a new file in RUNNER_TEMP; returns its path, None where that is not possible."""
    directory = os.environ.get("RUNNER_TEMP")
    if not directory:
        return None
    path = os.path.join(directory, f"safepublish-{time.time_ns()}.{suffix}")
    return path if append(path, document + "\n") else None


def append(path: str, text: str) -> bool:
    """Append *text* to the file at *path*; reports an error, and returns False, where that fails.

    It does not wait for a pipe that nobody reads.
    """
    if not text:
        return True
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o666)
        try:
            _write_all(descriptor, text.encode(errors="backslashreplace"))
        finally:
            os.close(descriptor)
    except OSError as error:
        reason = "no process reads from it" if error.errno in {errno.ENXIO, errno.EAGAIN} else error.strerror
        terminal.write_message(f"{path} could not be written: {reason}")
        return False
    return True


def _write_all(descriptor: int, content: bytes) -> None:
    """Write *content*; raises BlockingIOError where a pipe stays full for `PIPE_SECONDS`."""
    deadline = time.monotonic() + PIPE_SECONDS
    rest = memoryview(content)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
