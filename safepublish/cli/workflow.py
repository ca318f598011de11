"""The command `workflow`: what each publish step of workflow files will do, and fixes for those that fail."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from safepublish.causes.judge import judge_steps
from safepublish.cli import exit_codes, github_files, terminal
from safepublish.cli.arguments import Display, Invocation
from safepublish.detect import repository, workflows
from safepublish.detect.workflows import Checkout
from safepublish.facts.finding import Answer
from safepublish.facts.run import Options
from safepublish.facts.step import File, Judged, Verdict
from safepublish.pipelines import ignores, reader
from safepublish.report import escape
from safepublish.shell.own_options import UsageError

if TYPE_CHECKING:
    from safepublish.causes.fix_workflow import FixedFile


class CheckedFile(NamedTuple):
    """A workflow file and its publish steps, with what the causes find in them."""

    file: File
    steps: tuple[Judged, ...]
    checkout: Checkout


def run(invocation: Invocation) -> int:
    """Report on the workflow files that *invocation* names, and fix them where it asks for that; returns the exit code.

    Raises `UsageError`.
    """
    options = invocation.options
    cwd = terminal.working_directory()
    root = repository.read({}, cwd).root
    try:
        paths = list(dict.fromkeys(workflows.paths(invocation.arguments, cwd, root)))
    except OSError as error:
        raise UsageError(f"{error.filename} could not be read: {error.strerror}") from error
    gc.set_threshold(100_000, 50, 50)  # a document is many objects and no cycles: a fifth of the time otherwise
    files, all_done = _check_files(paths, cwd, root, options)
    output = _output(invocation)
    if invocation.own_options:
        fixing = _Fixing(set(invocation.own_options), cwd, options, output)
        files = fixing.fix(files)
        all_done = all_done and not fixing.not_written
    _print([(checked.file, checked.steps) for checked in files], options, output, invocation.display)
    all_done = _print_waivers(files, invocation, output) and all_done
    if not all_done or any(checked.file.trouble is not None for checked in files):
        return exit_codes.USAGE_ERROR
    refused = {"broken", "unknown"} if options.strict else {"broken"}
    fails = any(step.verdict.value in refused for checked in files for step in checked.steps)
    return exit_codes.REFUSED if fails else exit_codes.OK


def _output(invocation: Invocation) -> terminal.Output:
    """Where the report is written: to stdout, unless a document or a patch is written there."""
    form = invocation.options.format
    stream = sys.stderr if form in {"json", "sarif"} or "--diff" in invocation.own_options else sys.stdout
    return terminal.Output(stream, invocation.display, form)


def _check_files(paths: Sequence[str], cwd: str, root: str | None, options: Options) -> tuple[list[CheckedFile], bool]:
    """The files at *paths* with what the causes find in their steps, and whether all could be read."""
    checkouts: dict[str, Checkout] = {}
    files: list[CheckedFile] = []
    for path in paths:
        top = workflows.root_of(path, cwd, root)
        checkout = checkouts.setdefault(top, Checkout(top))
        relative = os.path.relpath(path, top).replace(os.sep, "/")
        text = checkout.text(relative)
        if text is None:
            terminal.write_message(f"{relative} could not be read")
            continue
        files.append(_check_text(text, relative, checkout, options))
    return files, len(files) == len(paths)


def _check_text(text: str, path: str, checkout: Checkout, options: Options) -> CheckedFile:
    file = reader.read(text, path, checkout.text, checkout.callers)
    return CheckedFile(file, judge_steps(file, options.waive), checkout)


class _Fixing:
    """The fixes of several files, shown or written as the options --diff, --fix and --migrate say."""

    def __init__(self, chosen: set[str], cwd: str, options: Options, output: terminal.Output) -> None:
        self.shows, self.writes, self.migrates = "--diff" in chosen, "--fix" in chosen, "--migrate" in chosen
        self.cwd, self.options, self.output = cwd, options, output
        self.not_written = False
        self._texts: dict[str, str | None] = {}  # by a file's real path, its text afterwards; None: not written

    def fix(self, files: Sequence[CheckedFile]) -> list[CheckedFile]:
        """Show or write the fixes of *files*; returns the files as they are then."""
        after: list[CheckedFile] = []
        fixes: list[tuple[FixedFile, Checkout]] = []
        for checked in files:
            path = os.path.join(checked.checkout.root, *checked.file.path.split("/"))
            real_path = os.path.realpath(path)
            if checked.file.trouble is not None or real_path in self._texts:
                after.append(self._check_again(checked, self._texts.get(real_path)))
                continue
            fix = self._fix_of(checked)
            written = self.writes and fix.text != fix.before and self._write(path, fix)
            failed = self.writes and fix.text != fix.before and not written
            self._texts[real_path] = None if failed else fix.text if written else checked.file.text
            after.append(checked._replace(file=fix.file, steps=fix.steps) if written else checked)
            fixes += [] if failed else [(fix, checked.checkout)]
        self._print(fixes)
        return after

    def _fix_of(self, checked: CheckedFile) -> "FixedFile":
        """The fix of one file, which is printed as a patch where --diff asks for it."""
        from safepublish.causes.fix_workflow import fix_workflow
        from safepublish.report import fixes

        file, checkout = checked.file, checked.checkout
        fix = fix_workflow(
            file.text,
            file.path,
            checkout.text,
            callers=checkout.callers,
            migrate=self.migrates,
            waive=self.options.waive,
        )
        if self.shows and fix.text != file.text:
            terminal.write_out(fixes.patch(fix))
        return fix

    def _write(self, path: str, fix: "FixedFile") -> bool:
        """Write a fixed file; reports an error, and returns False, where that fails."""
        from safepublish.cli.write_file import NotWrittenError, rewrite

        try:
            rewrite(path, fix.before, fix.text)
        except NotWrittenError as error:
            self.not_written = True
            terminal.write_message(f"{escape.plain(fix.path)} was not changed: {escape.plain(str(error))}")
            return False
        return True

    def _check_again(self, checked: CheckedFile, text: str | None) -> CheckedFile:
        """*checked* after its file was changed to *text* through another path."""
        if text is None or text == checked.file.text:
            return checked
        return _check_text(text, checked.file.path, checked.checkout, self.options)

    def _print(self, fixes: Sequence[tuple["FixedFile", Checkout]]) -> None:
        """Print what was fixed, what was not, and the publishers to add on npmjs.com."""
        from safepublish.npm import manifest
        from safepublish.report import fixes as page

        output = self.output
        found = [fix for fix, _ in fixes]
        output.write(
            page.render(found, written=self.writes, colour=output.colour, unicode=output.unicode, width=output.width)
        )
        migrated = [step for fix, _ in fixes for step in fix.migrated]
        if migrated:
            names: dict[str | None, str | None] = {}
            for fix, checkout in fixes:
                for step in fix.migrated:
                    text = checkout.text(f"{step.directory or '.'}/package.json")
                    names[step.directory] = manifest.read(text)[0].name if text is not None else None
            remote = repository.read({}, self.cwd).remote
            entries = page.entries(
                migrated, names, remote, colour=output.colour, unicode=output.unicode, width=output.width
            )
            output.write(entries + "\n")


def _print(
    files: Sequence[tuple[File, tuple[Judged, ...]]], options: Options, output: terminal.Output, display: Display
) -> None:
    """Print the report on *files* in the format of *options*, and write it to the runner's files."""
    form = options.format
    github_files.write_workflows(files, form)
    if form == "json":
        from safepublish.report.documents import workflow as document  # only for this format

        terminal.write_out(document.render(files) + "\n")
        return
    from safepublish.report import workflow  # seldom needed

    if form == "sarif":
        terminal.write_out(workflow.as_sarif(files) + "\n")
        return
    if display.quiet:
        files = _errors_of(files, strict=options.strict)
        if not files:
            return
    if display.verbose:
        for file, steps in files:
            count = f"{len(steps)} publish step{'' if len(steps) == 1 else 's'}"
            output.write(f"{escape.inert(escape.plain(file.path))}: checked, {count}\n")
    output.write(workflow.render(files, colour=output.colour, unicode=output.unicode, width=output.width))
    if form == "github":
        output.write(workflow.annotations(files))


def _print_waivers(files: Sequence[CheckedFile], invocation: Invocation, output: terminal.Output) -> bool:
    """Print which waivers let nothing pass; returns False where a comment names an unknown cause."""
    from safepublish.causes import BY_ID
    from safepublish.cli.arguments import cause_hint

    comments = {checked.file.path: ignores.read(checked.file.text) for checked in files}
    options, known = invocation.options, True
    if not options.waivers and not any(comments.values()):
        return True
    for path, found in comments.items():
        for comment in found:
            if comment.cause not in BY_ID:
                known = False
                place = f"{path}:{comment.line}"
                terminal.write_message(
                    f"{place} ignores {comment.cause!r}, which is not the id of a cause; {cause_hint(comment.cause)}"
                )
    if options.format in {"json", "sarif"} or invocation.display.quiet:
        return known
    from safepublish.report import waivers

    waived = [
        (checked.file.path, finding, judged.step.place.at)
        for checked in files
        for judged in checked.steps
        for finding in judged.findings
        if finding.waived is not None
    ]
    whole = not invocation.arguments  # of some files only, a waiver may let pass what is in the others
    listed = options.waivers if whole else tuple(one for one in options.waivers if one.expired is not None)
    found_unused = waivers.unused(listed, "in_workflow", [finding.id for _, finding, _ in waived])
    for path, found in comments.items():
        places = [
            (finding.id, at.line)
            for file, finding, step_at in waived
            if file == path
            for at in (finding.location, step_at)
            if at is not None
        ]
        found_unused += ignores.unused((one for one in found if one.cause in BY_ID), path, places)
    output.write(waivers.text(found_unused, colour=output.colour, unicode=output.unicode, width=output.width))
    return known


def _errors_of(
    files: Sequence[tuple[File, tuple[Judged, ...]]], *, strict: bool
) -> list[tuple[File, tuple[Judged, ...]]]:
    """The errors of *files*: of each file that has one, the steps that have one."""
    answers = {Answer.FAIL, Answer.UNKNOWN} if strict else {Answer.FAIL}
    verdicts = {Verdict.BROKEN, Verdict.UNKNOWN} if strict else {Verdict.BROKEN}
    found: list[tuple[File, tuple[Judged, ...]]] = []
    for file, steps in files:
        failing = tuple(
            step._replace(
                findings=tuple(
                    finding for finding in step.findings if finding.answer in answers and finding.waived is None
                )
            )
            for step in steps
            if step.verdict in verdicts
        )
        if failing or file.trouble is not None:
            found.append((file, failing))
    return found
