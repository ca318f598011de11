"""The commands that guard a publish: `safepublish`, `stage` and `check`."""

import os
import sys
from typing import TYPE_CHECKING

from safepublish.cli import exit_codes, github_files, staging, terminal
from safepublish.cli.arguments import Display, Invocation
from safepublish.facts.report import Verdict
from safepublish.shell.own_options import UsageError

_VERSION_REFUSED = ("cannot publish over the previously published", "Cannot implicitly apply the")
"""How npm refuses a version (npm 12.2.0, lib/commands/publish.js)."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safepublish.detect import Detected
    from safepublish.facts.report import Report
    from safepublish.facts.run import Npm, Package
    from safepublish.logs.log import Log
    from safepublish.run_npm import NpmResult


def run(invocation: Invocation) -> int:
    """Run the checks and report what they find, then run npm unless the publish is refused; returns the exit code."""
    checks_only = invocation.command == "check"
    detected, report = _check(invocation)
    _print_report(report, invocation, silent=detected.loglevel == "silent")
    no_npm = detected.npm is None and (detected.tool is None or detected.tool.npm)
    refused = report.verdict is Verdict.REFUSE
    nothing_to_publish = report.nothing_left and detected.tool is None  # a tool may also tag what is published
    if not (no_npm or refused or checks_only or nothing_to_publish):
        return _run_npm(detected, report, invocation.display)
    github_files.write_report(report)
    return exit_codes.NO_NPM if no_npm else exit_codes.REFUSED if refused else exit_codes.OK


def _check(invocation: Invocation) -> "tuple[Detected, Report]":
    """What was detected, and what the causes find in it."""
    from safepublish.detect import Command, detect  # not for --help
    from safepublish.detect.hold import CannotHoldError

    env = dict(os.environ)
    checks_only = invocation.command == "check"
    own = invocation.own_options
    options = invocation.options._replace(workflow=own.get("--workflow"), job=own.get("--job"))
    mask = terminal.mask_in_github_log if options.format == "github" else terminal.discard
    progress = terminal.progress_display(options.format, quiet=invocation.display.quiet)
    try:
        stage = ("stage",) if invocation.command == "stage" else ()
        detected = detect(
            Command((*stage, "publish", *invocation.arguments), env, terminal.working_directory()),
            options,
            checking=checks_only,
            mask=mask,
            progress=progress,
        )
    except CannotHoldError as error:
        raise UsageError(str(error)) from error
    finally:
        progress.close()
    from safepublish.causes import judge  # loaded while the network was waited for

    if own:
        _check_choice(detected)
    report = judge.report(detected.runs, goes_on=not checks_only)
    in_question = judge.visibility_in_question(report)
    if in_question:
        from safepublish.detect import visibility  # only where it decides

        detected = visibility.ask(detected, in_question, mask)
        report = judge.report(detected.runs, goes_on=not checks_only)
    if judge.npm_may_know_better(report) and detected.npm is not None:
        detected = _confirm_with_npm(detected, report)
        report = judge.report(detected.runs, goes_on=not checks_only)
    doubtful = judge.versions_in_question(report)
    if doubtful and detected.npm is not None:
        detected = _confirm_versions(detected, [judged.run.package for judged in doubtful])
        report = judge.report(detected.runs, goes_on=not checks_only)
    if report.verdict is Verdict.REFUSE or any(run.is_forecast for run in detected.runs):
        from safepublish.detect.details import add_details

        detected = add_details(detected)
        report = judge.report(detected.runs, goes_on=not checks_only)
    held = tuple(f"{package.manifest.name}@{package.manifest.version}" for package in detected.held)
    return detected, report._replace(held=held)


def _check_choice(detected: "Detected") -> None:
    """Raise `UsageError` where --workflow and --job choose no step, or in CI, where the running job counts."""
    runs = detected.runs
    if not any(run.is_forecast for run in runs):
        raise UsageError("--workflow and --job are for a check outside CI; in CI the running job is checked")
    if all(run.repository.workflow is None for run in runs):
        raise UsageError("no publish step of this repository's workflows matches --workflow and --job")


def _confirm_with_npm(detected: "Detected", report: "Report") -> "Detected":
    """Add whether the exchange fails for npm too, before a refusal because it failed for us.

    Of many packages, the first alone is tried first: if its exchange fails for npm too, that refuses the publish.
    """
    from safepublish import run_npm  # only before a refusal
    from safepublish.causes import judge
    from safepublish.detect.narrowing import narrow

    assert detected.npm is not None  # noqa: S101 - the caller checked
    # Where nothing is refused, npm, which may hang as well, gets no more than the time limit of the checks.
    refused = report.verdict is Verdict.REFUSE
    seconds = run_npm.DRY_RUN_SECONDS if refused else detected.runs[0].options.deadline
    doubtful = [judged.run.package for judged in judge.in_doubt(report)]
    workspaces = all(package.workspace for package in doubtful)
    batches = [doubtful[:1], doubtful[1:]] if workspaces else [[package] for package in doubtful]
    for batch in filter(None, batches):
        arguments = narrow(detected, batch)
        log = run_npm.dry_run(detected.npm, arguments or detected.arguments, detected.command.env, seconds)
        if log is not None:
            runs = tuple(run._replace(package=_confirmed(run.package, log)) for run in detected.runs)
            detected = detected._replace(runs=runs)
        if judge.report(detected.runs, goes_on=report.goes_on).verdict is Verdict.REFUSE and any(
            run.package.exchange_result.confirmed_by_npm for run in detected.runs
        ):
            break
    return detected


def _confirm_versions(detected: "Detected", packages: "Sequence[Package]") -> "Detected":
    """Add whether npm's own check stops at the version of the first of *packages* too, which refuses the publish.

    A registry may show npm, which has a credential, other versions than a stranger.
    """
    from safepublish import run_npm  # only before a refusal
    from safepublish.detect.narrowing import narrow

    assert detected.npm is not None  # noqa: S101 - the caller checked
    runs = {run.package.spec: run for run in detected.runs}
    for package in packages:
        arguments = narrow(detected, [package]) if package.workspace else None
        log = run_npm.dry_run(detected.npm, arguments or detected.arguments, detected.command.env)
        if log is None:
            continue
        stops = any(log.says(text) is not None for text in _VERSION_REFUSED)
        if not stops and log.failed:  # for another reason, which says nothing of the version
            continue
        packument = package.packument._replace(confirmed_by_npm=stops)
        run = runs[package.spec]
        runs[package.spec] = run._replace(package=run.package._replace(packument=packument))
        if stops:
            break
    return detected._replace(runs=tuple(runs[run.package.spec] for run in detected.runs))


def _confirmed(package: "Package", log: "Log") -> "Package":
    """*package* with what the *log* of npm's dry run says about its exchange."""
    attempts = [attempt for attempt in log.attempts if attempt.name in {None, package.manifest.name}]
    if not attempts or attempts[-1].oidc is None or package.exchange_result.unusable_token:
        return package
    return package._replace(
        exchange_result=package.exchange_result._replace(confirmed_by_npm=not attempts[-1].exchanged)
    )


def _print_report(report: "Report", invocation: Invocation, *, silent: bool) -> None:
    """Print *report* in the format of *invocation*; where npm is *silent*, a text only if it refuses.

    The report of `check` was requested and goes to stdout; what accompanies a publish goes to stderr.
    """
    form, display = invocation.options.format, invocation.display
    if form == "json":
        from safepublish.report.documents import check as document  # only for this format

        terminal.write_out(document.render(report) + "\n")
    elif form == "sarif":
        from safepublish.report import sarif  # only for this format

        terminal.write_out(sarif.render(report) + "\n")
    elif report.verdict is Verdict.REFUSE or not (silent or display.quiet):
        from safepublish.report import escape, github, text  # not for a document

        stream = sys.stdout if invocation.command == "check" else sys.stderr
        output = terminal.Output(stream, display, form)
        shown = _errors_of(report) if display.quiet else report
        render = github.render if form == "github" else text.render
        output.write(render(shown, colour=output.colour, unicode=output.unicode, width=output.width))
        if report.held:
            output.write(f"note: held back, and not published: {escape.plain(', '.join(report.held))}\n")
        if invocation.options.waivers and not display.quiet:
            output.write(_waivers(report, output))
        if display.verbose:
            from safepublish.report import checked  # only with --verbose

            output.write(checked.render(report, width=output.width, unicode=output.unicode))


def _waivers(report: "Report", output: terminal.Output) -> str:
    """What is to be said of the waivers of the configuration file; on a laptop some causes cannot be found."""
    from safepublish.report import waivers  # only where something is waived

    options = report.packages[0].run.options if report.packages else None
    if options is None:
        return ""
    forecast = any(judged.run.is_forecast for judged in report.packages)
    waived = [one.id for judged in report.packages for one in judged.findings if one.waived is not None]
    found = waivers.unused(options.waivers, "in_run", waived)
    shown = tuple(waiver for waiver in found if waiver.expired is not None or not forecast)
    return waivers.text(shown, colour=output.colour, unicode=output.unicode, width=output.width)


def _errors_of(report: "Report") -> "Report":
    """*report* with the findings that refuse the publish only."""
    from safepublish.report import verdicts  # only with --quiet

    packages = (
        judged._replace(
            findings=tuple(
                finding for finding in judged.findings if finding.waived is None and verdicts.refuses(finding, judged)
            )
        )
        for judged in report.packages
    )
    return report._replace(packages=tuple(packages))


def _run_npm(detected: "Detected", report: "Report", display: Display) -> int:
    """Run npm, or the tool that publishes instead, and report how it ended; returns its exit code."""
    from safepublish import run_npm  # not after a refusal

    sys.stdout.flush()
    sys.stderr.flush()
    if detected.tool is not None or detected.npm is None:
        program: Npm | str = detected.arguments[0]
        arguments = detected.arguments[1:]
    else:
        program, arguments = detected.npm, detected.arguments
    if isinstance(program, str) and not os.path.isabs(program):  # it was not found
        terminal.write_message(
            f"{program} was not found: it is neither on PATH nor in node_modules/.bin of this directory or a parent"
        )
        github_files.write_report(report)
        return exit_codes.NO_NPM
    logs_dir = detected.logs_dir if detected.tool is None or detected.tool.npm else None

    def meanwhile() -> None:
        if copy is not None:
            copy.started()
        github_files.write_report(report)
        if logs_dir is not None:
            _import_log_reader()

    try:
        with staging.copied_stdout(detected) as copy:
            result = run_npm.run(
                program,
                arguments,
                logs_dir=logs_dir,
                packages=len(detected.runs),
                names=_package_names(detected),
                renames=any(run.package.manifest.scripts_may_change_manifest for run in detected.runs),
                stdout=copy.pipe if copy is not None else None,
                meanwhile=meanwhile,
            )
    except OSError as error:
        path = program if isinstance(program, str) else program.path
        terminal.write_message(f"{path} could not be started: {error.strerror}")
        github_files.write_report(report)
        github_files.write_npm_result(run_npm.NpmResult(exit_codes.NO_NPM, None), report)
        return exit_codes.NO_NPM
    internal_error = result.internal_error
    try:
        result = result._replace(staged=staging.staged_versions(detected, result, copy))
        github_files.write_npm_result(result, report)
        _print_npm_result(result, detected, report, display)
    except Exception as error:  # noqa: BLE001 - npm's exit code is returned all the same
        internal_error = error
    if internal_error is not None:
        consequence = f"npm had already finished; its exit code {result.exit_code} is returned."
        terminal.report_internal_error(internal_error, consequence)
    return run_npm.end_like(_wait(detected, result, display))


def _wait(detected: "Detected", result: "NpmResult", display: Display) -> int:
    """Wait until what was published can be installed, where that was requested; returns the exit code."""
    if not result.exit_code and detected.runs and detected.runs[0].options.wait is not None:
        from safepublish.cli.wait import wait  # only where it was requested

        try:
            return wait(detected, result, display)
        except Exception as error:  # noqa: BLE001 - npm's exit code is returned all the same
            terminal.report_internal_error(error, "npm has published; its exit code 0 is returned.")
    return result.exit_code


def _import_log_reader() -> None:
    """Import what reads npm's log and reports on it, while npm uses one processor only."""
    import safepublish.causes.explain
    import safepublish.logs.reader
    import safepublish.report.after_publish  # noqa: F401


def _package_names(detected: "Detected") -> frozenset[str] | None:
    """The names of the packages to publish; None where one is unknown."""
    names = [run.package.manifest.name for run in detected.runs]
    known = frozenset(name for name in names if name is not None)
    return None if None in names else known


def _print_npm_result(result: "NpmResult", detected: "Detected", report: "Report", display: Display) -> None:
    """Print how the publish ended, unless npm is silent or a signal ended it."""
    if result.exit_code < 0 or detected.loglevel == "silent":
        return
    output = terminal.Output(sys.stderr, display, detected.runs[0].options.format)
    if result.log is not None and (detected.tool is None or result.exit_code == 0 or result.log.failed):
        if result.exit_code:
            _print_failure(result.log, report, output, form=detected.runs[0].options.format)
        elif not display.quiet:
            _print_success(result.log, report, output)
    elif detected.tool is not None and result.exit_code:
        from safepublish.report import after_publish  # not loaded before where nothing was printed

        run_id = os.environ.get("GITHUB_RUN_ID")
        output.write(after_publish.after_tool(report, result.exit_code, run_id, width=output.width))
    if staging.stages(detected) and (result.staged or not result.exit_code):
        from safepublish.report import approval  # only where something is staged

        output.write(
            approval.text(
                result.staged,
                report,
                introduced=result.log is not None,
                colour=output.colour,
                unicode=output.unicode,
                width=output.width,
            )
        )


def _print_success(log: "Log", report: "Report", output: terminal.Output) -> None:
    """Print with which credential npm published, from its debug log."""
    from safepublish.report import after_publish  # not loaded before where nothing was printed

    for attempt in log.attempts:
        if attempt.name is not None and not report.packages[0].run.command.dry_run:
            output.write(after_publish.after_success(attempt, report) + "\n")


def _print_failure(log: "Log", report: "Report", output: terminal.Output, *, form: str) -> None:
    """Print why npm failed, from its debug log."""
    from safepublish.causes.explain import explain_log
    from safepublish.report import after_publish, github  # not loaded before where nothing was printed

    findings = explain_log(log)
    render = github.after_failure if form == "github" else after_publish.after_failure
    output.write(render(findings, colour=output.colour, unicode=output.unicode, width=output.width))
    output.write(after_publish.half_done(log, report, width=output.width))
