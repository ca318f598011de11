"""Words in, exit status out. The only module that prints."""

import errno
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from safepublish import __version__
from safepublish.cli.arguments import HELP, Asked, parse
from safepublish.facts.report import Verdict
from safepublish.shell.own_options import UsageError

if TYPE_CHECKING:
    from safepublish.causes.fix_workflow import FixedFile
    from safepublish.cli.progress import Bar, Lines
    from safepublish.detect import Detected
    from safepublish.detect.workflows import Checkout
    from safepublish.facts.report import Report
    from safepublish.facts.run import Options, Package
    from safepublish.facts.step import File, Judged
    from safepublish.logs.explanation import Explanation
    from safepublish.logs.log import Log, Transcript
    from safepublish.run_npm import Ended

    Told = tuple[File, tuple[Judged, ...]]

FINE, BUG, USAGE, REFUSED, NO_CAUSE, NO_NPM = 0, 1, 2, 3, 4, 127


def main(argv: Sequence[str] | None = None) -> int:
    """Run safepublish; returns its exit status."""
    words = sys.argv[1:] if argv is None else argv
    _replace_closed_streams()
    try:
        asked = parse(words, os.environ, os.path.lexists)
    except UsageError as error:
        return _usage(str(error))
    try:
        return _COMMANDS.get(asked.command, _guard)(asked)
    except KeyboardInterrupt:  # before npm runs; then it is npm's
        from safepublish import run_npm

        return run_npm.interrupted()
    except Exception as error:  # noqa: BLE001 - said in words that a person can use, with the status for it
        guards = asked.command in {"publish", "stage"}
        _fault(error, "npm publish was not started; without safepublish before it, it can be." if guards else "")
        return BUG


def _help(_asked: Asked) -> int:
    _out(HELP)
    return FINE


def _version(_asked: Asked) -> int:
    _out(f"safepublish {__version__}\n")
    return FINE


def _guard(asked: Asked) -> int:
    """Look, judge, say; then hand over to npm unless refused."""
    from safepublish.detect import Command, detect  # not for --help

    env = dict(os.environ)
    checking = asked.command == "check"
    cwd = _cwd()
    words = [*(["stage"] if asked.command == "stage" else []), "publish", *asked.words]
    mask = _mask if asked.options.format == "github" else _keep
    progress = _progress(asked.options.format)
    try:
        seen = detect(Command(tuple(words), env, cwd), asked.options, checking=checking, mask=mask, progress=progress)
    finally:
        progress.close()
    from safepublish.causes import judge  # loaded while the network was waited for

    report = judge.report(seen.runs, goes_on=not checking)
    if judge.npm_may_know_better(report) and seen.npm is not None:
        seen = _second_opinion(seen, report, env)
        report = judge.report(seen.runs, goes_on=not checking)
    if report.verdict is Verdict.REFUSE or any(run.is_forecast for run in seen.runs):
        from safepublish.detect.details import add_details

        seen = add_details(seen)
        report = judge.report(seen.runs, goes_on=not checking)
    _say(report, asked, quiet=seen.loglevel == "silent")
    no_npm = seen.npm is None and (seen.tool is None or seen.tool.npm)
    refused = report.verdict is Verdict.REFUSE
    done = checking or (report.nothing_left and seen.tool is None)  # a tool may also tag what is out
    if not (no_npm or refused or done):
        return _hand_over(seen, report)
    _leave_for_github(report)
    return NO_NPM if no_npm else REFUSED if refused else FINE


def _progress(form: str) -> "Bar | Lines":
    """What tells how far the looking around is: a bar on a terminal, lines in a log that people read."""
    from safepublish.cli.progress import Bar, Lines  # of the guard alone

    lines = Lines(_err if form in {"text", "github"} else _keep)
    return Bar(sys.stderr, lines) if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else lines


def _second_opinion(seen: "Detected", report: "Report", env: Mapping[str, str]) -> "Detected":
    """Ask the npm that would run whether its own exchange fails too, before a refusal that only we were given.

    Of many packages the first in doubt is asked about alone: where npm is refused as well, that refuses them all.
    """
    from safepublish import run_npm  # only on the way to a refusal
    from safepublish.causes import judge
    from safepublish.detect.narrowing import narrow

    assert seen.npm is not None  # noqa: S101 - the caller looked
    # Where nothing is refused, no more than another deadline is spent on an npm that may be hanging as well.
    refused = report.verdict is Verdict.REFUSE
    patience = run_npm.SECOND_OPINION_SECONDS if refused else seen.runs[0].options.deadline
    doubtful = [judged.run.package for judged in judge.in_doubt(report)]
    together = all(package.workspace for package in doubtful)
    batches = [doubtful[:1], doubtful[1:]] if together else [[package] for package in doubtful]
    for batch in filter(None, batches):
        words = narrow(seen, batch)
        log = run_npm.second_opinion(seen.npm, words or seen.arguments, env, patience)
        if log is not None:
            seen = seen._replace(runs=tuple(run._replace(package=_confirmed(run.package, log)) for run in seen.runs))
        if judge.report(seen.runs, goes_on=report.goes_on).verdict is Verdict.REFUSE and any(
            run.package.exchange_result.confirmed_by_npm for run in seen.runs
        ):
            break
    return seen


def _confirmed(package: "Package", log: "Log") -> "Package":
    attempts = [attempt for attempt in log.attempts if attempt.name in {None, package.manifest.name}]
    if not attempts or attempts[-1].oidc is None:
        return package
    return package._replace(
        exchange_result=package.exchange_result._replace(confirmed_by_npm=not attempts[-1].exchanged)
    )


def _say(report: "Report", asked: Asked, *, quiet: bool) -> None:
    """Show the report in the form that was asked for."""
    wanted = asked.options.format
    if wanted == "json":
        from safepublish.report.documents import check as as_json  # only where it is asked for

        _out(as_json.render(report) + "\n")
    elif wanted == "sarif":
        from safepublish.report import sarif  # seldom asked for

        _out(sarif.render(report) + "\n")
    elif not quiet or report.verdict is Verdict.REFUSE:
        from safepublish.report import github, text  # nothing else needs them

        unicode = (sys.stderr.encoding or "").lower().startswith("utf")
        if wanted == "github":
            _err(github.render(report, colour=not os.environ.get("NO_COLOR"), unicode=unicode))
        else:
            _err(text.render(report, colour=_colour(), unicode=unicode))


def _leave_for_github(report: "Report") -> None:
    """Append the job summary and the step's outputs where the runner asks for them (GitHub docs, workflow commands)."""
    summary, outputs = os.environ.get("GITHUB_STEP_SUMMARY"), os.environ.get("GITHUB_OUTPUT")
    if not summary and not outputs:
        return
    from safepublish.report import job_summary, step_outputs  # only where GitHub asks

    if summary:
        _append(summary, job_summary.render(report))
    if outputs:
        _append(outputs, step_outputs.render(report, _leave_report(report)))


def _leave_report(report: "Report") -> str | None:
    """Write the report as a document that later steps can read; returns its path, None where there is no place."""
    if not report.packages:
        return None
    if report.packages[0].run.options.format == "sarif":
        from safepublish.report import sarif  # only where it is asked for

        return _leave_document(sarif.render(report), "sarif")
    from safepublish.report.documents import check as as_json  # where a step may read it

    return _leave_document(as_json.render(report), "json")


def _leave_document(document: str, form: str) -> str | None:
    """Write a file of its own for the steps that follow; returns its path, None where there is no place."""
    directory = os.environ.get("RUNNER_TEMP")
    if not directory:
        return None
    path = os.path.join(directory, f"safepublish-{time.time_ns()}.{form}")
    return path if _append(path, document + "\n") else None


_PIPE_SECONDS = 2.0
"""How long a pipe in place of a file of the runner's may take before it is given up."""


def _append(path: str, text: str) -> bool:
    """Append *text* to a file of the runner's; says so and returns False where that cannot be done.

    A pipe that nobody reads is not waited for.
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
        why = "nobody reads from it" if error.errno in {errno.ENXIO, errno.EAGAIN} else error.strerror
        _tell(f"{path} cannot be written: {why}")
        return False
    return True


def _write_all(descriptor: int, content: bytes) -> None:
    """Write *content*; raises BlockingIOError where a full pipe takes no more in time."""
    ends = time.monotonic() + _PIPE_SECONDS
    left = memoryview(content)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.01)


def _hand_over(seen: "Detected", report: "Report") -> int:
    from safepublish import run_npm  # not on a refusal

    sys.stdout.flush()
    sys.stderr.flush()
    starter, words = (
        (seen.arguments[0], seen.arguments[1:]) if seen.tool or seen.npm is None else (seen.npm, seen.arguments)
    )
    if isinstance(starter, str) and not os.path.isabs(starter):  # it was looked for in vain
        _tell(f"{starter} is neither on PATH nor in a node_modules/.bin from here upwards")
        _leave_for_github(report)
        return NO_NPM
    try:
        logs_dir = seen.logs_dir if seen.tool is None or seen.tool.npm else None
        ended = run_npm.run(
            starter,
            words,
            logs_dir=logs_dir,
            packages=len(seen.runs),
            names=_names(seen),
            renames=any(run.package.manifest.scripts_may_change_manifest for run in seen.runs),
            meanwhile=lambda: _leave_for_github(report),
        )
    except OSError as error:
        path = starter if isinstance(starter, str) else starter.path
        _tell(f"{path} cannot be started: {error.strerror}")
        _leave_for_github(report)
        _leave_afterwards(run_npm.Ended(NO_NPM, None), report)
        return NO_NPM
    fault = ended.fault
    try:
        _say_afterwards(ended, seen, report)
    except Exception as error:  # noqa: BLE001 - npm's status goes before a bug of ours
        fault = error
    if fault is not None:
        _fault(fault, f"What npm did stands, and its exit status {ended.status} is handed back.")
    return run_npm.die_as(ended.status)


def _names(seen: "Detected") -> frozenset[str] | None:
    """The names of the packages that are published; None where one is unknown."""
    names = [run.package.manifest.name for run in seen.runs]
    known = frozenset(name for name in names if name is not None)
    return None if None in names else known


def _say_afterwards(ended: "Ended", seen: "Detected", report: "Report") -> None:
    _leave_afterwards(ended, report)
    if ended.status >= 0 and seen.loglevel != "silent":
        if ended.log is not None and (seen.tool is None or ended.status == 0 or ended.log.failed):
            _afterwards(ended, report, seen.runs[0].options.format)
        elif seen.tool is not None and ended.status:
            from safepublish.report import after_publish  # npm may have been let pass in silence

            _err(after_publish.after_tool(report, ended.status, os.environ.get("GITHUB_RUN_ID")))


def _afterwards(ended: "Ended", report: "Report", form: str) -> None:
    """Say through what npm published, or why it failed, from its own debug log."""
    from safepublish.causes.explain import explain_log
    from safepublish.report import after_publish, github  # npm may have been let pass in silence

    assert ended.log is not None  # noqa: S101 - the caller looked
    if ended.status == 0:
        for attempt in ended.log.attempts:
            if attempt.name is not None and not report.packages[0].run.command.dry_run:
                _err(after_publish.after_success(attempt, report) + "\n")
        return
    findings = explain_log(ended.log)
    if form == "github":
        _err(github.after_failure(findings))
    else:
        _err(after_publish.after_failure(findings, colour=_colour()))
    _err(after_publish.half_done(ended.log, report))


def _leave_afterwards(ended: "Ended", report: "Report") -> None:
    """Append to the job summary and the step's outputs what became of the publish."""
    summary, outputs = os.environ.get("GITHUB_STEP_SUMMARY"), os.environ.get("GITHUB_OUTPUT")
    if not summary and not outputs:
        return
    from safepublish.causes.explain import explain_log
    from safepublish.report import job_summary, step_outputs  # loaded before

    if outputs:
        _append(outputs, step_outputs.after_publish(report, ended.status, ended.log))
    if not summary or ended.log is None or ended.status < 0:
        return
    if ended.status:
        told = job_summary.after_failure(explain_log(ended.log), ended.log, report, ended.status)
    else:
        told = job_summary.after_success(ended.log.attempts, report)
    _append(summary, told)


def _workflow(asked: Asked) -> int:
    """Say for every publish step of workflow files what will happen there, and mend those that are broken."""
    from safepublish.detect import repository, workflows  # nothing of this is imported by a publish

    mending = set(asked.chosen)
    cwd = _cwd()
    try:
        paths = list(dict.fromkeys(workflows.paths(asked.words, cwd, repository.read({}, cwd).root)))
    except OSError as error:
        return _usage(f"{error.filename} cannot be read: {error.strerror}")
    told, unread = _read_workflows(paths, cwd, asked.options)
    read = [one for one, _ in told]
    if mending:
        read, failed = _mend_workflows(told, mending, cwd, asked.options)
        unread = unread or failed
    _say_workflows(read, asked.options.format)
    if unread or any(file.trouble is not None for file, _ in read):
        return USAGE
    refusing = {"broken", "unknown"} if asked.options.strict else {"broken"}
    return REFUSED if any(one.verdict.value in refusing for _, judged in read for one in judged) else FINE


def _read_workflows(paths: Sequence[str], cwd: str, options: "Options") -> tuple[list[tuple["Told", "Checkout"]], bool]:
    """The files at *paths* with what the causes say of their steps, and whether one cannot be opened."""
    import gc

    from safepublish.causes.judge import judge_steps
    from safepublish.detect import repository, workflows
    from safepublish.pipelines import reader

    gc.set_threshold(100_000, 50, 50)  # a document is many objects and no cycles: a fifth of the time otherwise
    root = repository.read({}, cwd).root
    checkouts: dict[str, workflows.Checkout] = {}
    read: list[tuple[Told, workflows.Checkout]] = []
    unread = False
    for path in paths:
        origin = workflows.root_of(path, cwd, root)
        checkout = checkouts.setdefault(origin, workflows.Checkout(origin))
        shown = os.path.relpath(path, origin).replace(os.sep, "/")
        text = checkout.text(shown)
        if text is None:
            _tell(f"{shown} cannot be read")
            unread = True
            continue
        file = reader.read(text, shown, checkout.text, checkout.callers)
        read.append(((file, judge_steps(file, options.waive)), checkout))
    return read, unread


def _mend_workflows(
    told: Sequence[tuple["Told", "Checkout"]], asked: set[str], cwd: str, options: "Options"
) -> tuple[list["Told"], bool]:
    """Show or make the fixes of each file; returns the files afterwards, and whether one was not written."""
    from safepublish.causes.fix_workflow import fix_workflow
    from safepublish.report import fixes

    after: list[Told] = []
    mended: list[tuple[FixedFile, Checkout]] = []
    texts: dict[str, str | None] = {}  # by a file's real path, its text afterwards; None where it was not written
    for read, checkout in told:
        file = read[0]
        path = os.path.join(checkout.root, *file.path.split("/"))
        target = os.path.realpath(path)
        if file.trouble is not None or target in texts:
            after.append(_read_again(read, texts.get(target), checkout, options))
            continue
        one = fix_workflow(
            file.text,
            file.path,
            checkout.text,
            callers=checkout.callers,
            migrate="--migrate" in asked,
            waive=options.waive,
        )
        changed = one.text != file.text
        if changed and "--diff" in asked:
            _out(fixes.patch(one))
        fixed = changed and "--fix" in asked and _is_written(path, one)
        failed = changed and "--fix" in asked and not fixed
        texts[target] = None if failed else one.text if fixed else file.text
        after.append((one.file, one.steps) if fixed else read)
        mended += [] if failed else [(one, checkout)]
    _say_mended(mended, cwd, written="--fix" in asked)
    return after, None in texts.values()


def _is_written(path: str, one: "FixedFile") -> bool:
    """Write an edited file, and say why where that fails."""
    from safepublish.cli.write_file import NotWrittenError, rewrite
    from safepublish.report import escape

    try:
        rewrite(path, one.before, one.text)
    except NotWrittenError as error:
        _tell(f"{escape.plain(one.path)} was not changed: {escape.plain(str(error))}")
        return False
    return True


def _read_again(read: "Told", text: str | None, checkout: "Checkout", options: "Options") -> "Told":
    """What *read* is after its file was edited under another name, to *text*."""
    if text is None or text == read[0].text:
        return read
    from safepublish.causes.judge import judge_steps
    from safepublish.pipelines import github as workflow

    file = workflow.read(text, read[0].path, checkout.text, checkout.callers)
    return file, judge_steps(file, options.waive)


def _say_mended(mended: Sequence[tuple["FixedFile", "Checkout"]], cwd: str, *, written: bool) -> None:
    from safepublish.detect import repository
    from safepublish.npm import manifest
    from safepublish.report import fixes

    unicode = (sys.stderr.encoding or "").lower().startswith("utf")
    _err(fixes.render([one for one, _ in mended], written=written, colour=_colour(), unicode=unicode))
    moved = [step for one, _ in mended for step in one.migrated]
    if moved:
        names: dict[str | None, str | None] = {}
        for one, checkout in mended:
            for step in one.migrated:
                text = checkout.text(f"{step.directory or '.'}/package.json")
                names[step.directory] = manifest.read(text)[0].name if text is not None else None
        _err(fixes.entries(moved, names, repository.read({}, cwd).remote, colour=_colour()) + "\n")


def _leave_workflows(read: Sequence["Told"], wanted: str) -> None:
    """Append to the job summary and the step's outputs what was read, where the runner asks for them."""
    summary, outputs = os.environ.get("GITHUB_STEP_SUMMARY"), os.environ.get("GITHUB_OUTPUT")
    if not summary and not outputs:
        return
    from safepublish.report import workflow, workflow_github
    from safepublish.report.documents import workflow as workflow_json  # only where GitHub asks

    if summary:
        _append(summary, workflow_github.summary(read))
    if outputs:
        form = "sarif" if wanted == "sarif" else "json"
        document = workflow.as_sarif(read) if form == "sarif" else workflow_json.render(read)
        _append(outputs, workflow_github.outputs(read, _leave_document(document, form)))


def _say_workflows(read: Sequence["Told"], wanted: str) -> None:
    _leave_workflows(read, wanted)
    if wanted == "json":
        from safepublish.report.documents import workflow as workflow_json

        _out(workflow_json.render(read) + "\n")
        return
    from safepublish.report import workflow  # seldom asked for

    if wanted == "sarif":
        _out(workflow.as_sarif(read) + "\n")
        return
    unicode = (sys.stderr.encoding or "").lower().startswith("utf")
    colour = not os.environ.get("NO_COLOR") if wanted == "github" else _colour()
    _err(workflow.render(read, colour=colour, unicode=unicode))
    if wanted == "github":
        _err(workflow.annotations(read))


def _rehearse(asked: Asked) -> int:
    """Play the CI's publish here."""
    from safepublish import run_npm  # only here
    from safepublish.cli import rehearse  # only here

    screen = rehearse.Screen(_err, _colour(), _unicode())
    try:
        request = rehearse.read(asked.words, asked.chosen, asked.options)
        return run_npm.die_as(rehearse.run(request, env=dict(os.environ), cwd=_cwd(), screen=screen))
    except rehearse.WrongError as error:
        _usage(str(error))
        return error.status


def _explain(asked: Asked) -> int:
    """Say why a publish failed, from its log; or print the manual page of a cause."""
    from safepublish.causes import BY_ID
    from safepublish.causes.explain import explain_transcript

    words = asked.words
    if len(words) > 1:
        return _usage("explain takes one log, - for standard input, or one cause")
    if words and words[0] in BY_ID:
        _out(f"{words[0]}\n\n{BY_ID[words[0]].page}\n")
        return FINE
    try:
        transcript, source = _log(words)
    except OSError as error:
        known = ", ".join(BY_ID)
        said = f"{words[0][:200] if words else 'the log'} cannot be read ({error.strerror})"
        return _usage(f"{said}, and is no cause; the causes are {known}")
    if transcript is None:
        return _usage(source)
    explanation = explain_transcript(transcript, source)
    _say_explained(explanation, asked.options.format)
    return FINE if explanation.explained else NO_CAUSE


def _log(words: Sequence[str]) -> "tuple[Transcript | None, str]":
    """The log that is asked for, and its name: a file, standard input, or npm's newest; why not, when there is none."""
    from safepublish.detect import logs
    from safepublish.logs import reader

    if words and words[0] != "-":
        with open(words[0], "rb") as file:
            return reader.read(logs.blocks(file)), words[0]
    if words or (sys.stdin is not None and logs.is_piped(sys.stdin.fileno())):
        transcript = reader.read(logs.blocks(sys.stdin.buffer))
        if words or transcript.lines:
            return transcript, "-"
    path, directory = logs.newest(os.environ, _cwd())
    if path is None:
        return None, f"there is no debug log of npm in {directory or 'a directory that npm would write to'}: name a log"
    _tell(f"reads {path}")
    with open(path, "rb") as file:
        return reader.read(logs.blocks(file)), path


def _say_explained(explanation: "Explanation", form: str) -> None:
    if form == "json":
        from safepublish.report.documents import explain as explanation_json

        _out(explanation_json.render(explanation) + "\n")
    elif form == "sarif":
        from safepublish.report import sarif

        _out(sarif.explained(explanation) + "\n")
    elif form == "github":
        from safepublish.report import github

        _err(github.explained(explanation, colour=not os.environ.get("NO_COLOR"), unicode=_unicode()))
    else:
        from safepublish.report import explanation as as_text

        _err(as_text.render(explanation, colour=_colour(), unicode=_unicode()))


_COMMANDS = {
    "help": _help,
    "version": _version,
    "explain": _explain,
    "workflow": _workflow,
    "rehearse": _rehearse,
}


def _fault(error: Exception, npm: str) -> None:
    from safepublish.report import internal_error  # hoped never to be needed

    _err(internal_error.render(error, npm=npm))


def _unicode() -> bool:
    return (sys.stderr.encoding or "").lower().startswith("utf")


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        _err(f"safepublish: the working directory cannot be read: {error.strerror}\n")
        raise SystemExit(USAGE) from error


def _colour() -> bool:
    """Whether stderr takes colours: NO_COLOR and FORCE_COLOR decide, else a terminal does (no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()


def _mask(secret: str) -> None:
    """Hide what is minted from every later line of a GitHub Actions log (workflow command add-mask)."""
    _err(f"::add-mask::{secret}\n")


def _keep(_secret: str) -> None:
    """Outside GitHub Actions there is nothing to hide a secret in: it is not printed at all."""


def _replace_closed_streams() -> None:
    """Let what is said go nowhere where the caller closed stdout or stderr: Python has None there."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as we run


def _usage(text: str) -> int:
    _tell(text)
    return USAGE


def _tell(text: str) -> None:
    """Say one line that may quote a word of the command line, which may be a secret."""
    from safepublish.npm.secrets import starred  # only where there is something to say
    from safepublish.report import escape

    _err("safepublish: " + "\n".join(escape.lines(starred(text))) + "\n")


def _out(text: str) -> None:
    _write(sys.stdout, text)


def _err(text: str) -> None:
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "ascii"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError:  # the reader is gone; the exit status still tells
        stream_fd = os.open(os.devnull, os.O_WRONLY)
        os.dup2(stream_fd, stream.fileno())
