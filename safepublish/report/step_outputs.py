"""The outputs of a step of GitHub Actions: lines for GITHUB_OUTPUT."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from safepublish.facts.report import Judged, Report
from safepublish.logs.log import Log
from safepublish.logs.staged import Staged
from safepublish.npm.oidc import skipped_as_private
from safepublish.report import approval, escape, verdicts

LONGEST_PATH = 4096
"""Characters of a path that is shown whole."""


class Outcome(NamedTuple):
    """Whether a package is published, and through what: `oidc` or `token`; None where it is not, or that is unknown."""

    published: bool = False
    via: str | None = None


def render(report: Report, document: str | None = None) -> str:
    """Lines for GITHUB_OUTPUT, before npm: the verdict, the causes that keep packages from passing (a,b), and the rest.

    *document* is the path of the JSON report. Name and version are those of the only package.
    """
    deciding = dict.fromkeys(cause for judged in verdicts.worst_first(report) for cause in verdicts.reasons(judged))
    only = report.packages[0].run.package if len(report.packages) == 1 else None
    return (
        f"verdict={report.verdict.value}\n"
        f"causes={','.join(deciding)}\n"
        f"name={escape.plain(only.manifest.name or '') if only else ''}\n"
        f"version={escape.plain(only.manifest.version or '') if only else ''}\n"
        f"report={escape.plain(document or '', LONGEST_PATH)}\n"
        f"{_held(report)}"
    ) + _packages(report, lambda judged: Outcome(published=judged.run.package.skip_published))


def _held(report: Report) -> str:
    return f"held={','.join(escape.plain(held) for held in report.held)}\n" if report.held else ""


def after_publish(report: Report, status: int, log: Log | None, staged: Sequence[Staged] = ()) -> str:
    """Lines for GITHUB_OUTPUT once npm exited with *status*: what was published, and how. The last line counts.

    Of versions that were *staged*, also how to approve them.
    """
    lines = _packages(report, lambda judged: _after_publish(judged, report, status, log), staged)
    approving = approval.commands(staged, report)
    if not approving:
        return lines
    stage_id = staged[0].id if len(staged) == 1 else ""
    return f"{lines}stage-id={stage_id}\napprove-command={' && '.join(approving)}\n"


def _after_publish(judged: Judged, report: Report, status: int, log: Log | None) -> Outcome:
    run = judged.run
    if run.package.skip_published:
        return Outcome(published=True)
    if run.command.dry_run or skipped_as_private(run):
        return Outcome()
    attempts = log.attempts if log else ()
    attempt = next((attempt for attempt in attempts if attempt.name == run.package.manifest.name), None)
    if attempt is None and len(report.packages) == 1 and attempts:
        # npm names no package with --json, and a script may change the name; a log of another package says nothing.
        last = attempts[-1]
        attempt = (
            last
            if last.name is None
            or run.package.manifest.name is None
            or run.package.manifest.scripts_may_change_manifest
            else None
        )
    sent = attempt is not None and attempt.put_status is not None and attempt.put_status < 300
    if not (sent or status == 0):
        return Outcome()
    published = run.command.name == "publish"
    if attempt is None:
        return Outcome(published)
    return Outcome(published, "oidc" if attempt.exchanged and not run.package.credential.beats_oidc else "token")


def _packages(report: Report, outcome_of: Callable[[Judged], Outcome], staged: Sequence[Staged] = ()) -> str:
    import json  # the outputs are written after all else is decided

    outcomes = [(judged, outcome_of(judged)) for judged in verdicts.worst_first(report)]
    stage_ids: dict[str | None, str] = {version.name: version.id for version in staged if version.name is not None}
    packages = [
        {
            "name": _or_none(judged.run.package.manifest.name),
            "version": _or_none(judged.run.package.manifest.version),
            "verdict": judged.verdict.value,
            "causes": verdicts.reasons(judged),
            **outcome._asdict(),
            "left_out": judged.run.package.skip_published,
            **({"stage_id": stage_ids.get(judged.run.package.manifest.name)} if staged else {}),
        }
        for judged, outcome in outcomes
    ]
    due = [
        outcome
        for judged, outcome in outcomes
        if not (judged.run.package.skip_published or skipped_as_private(judged.run))
    ]
    published = bool(due) and all(outcome.published for outcome in due)
    ways = {outcome.via for outcome in due if outcome.via}
    return (
        f"published={'true' if published else 'false'}\n"
        f"via={'token' if 'token' in ways else ''.join(ways)}\n"
        f"packages={json.dumps(packages, separators=(',', ':'))}\n"
    )


def _or_none(text_or_none: str | None) -> str | None:
    return None if text_or_none is None else escape.encodable(text_or_none)
