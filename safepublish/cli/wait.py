"""`--wait`: after npm has published, wait until the registry returns the new versions, and say who published them."""

import os
import sys
from typing import TYPE_CHECKING

from safepublish.cli import exit_codes, github_files, terminal

if TYPE_CHECKING:
    from safepublish.cli.arguments import Display
    from safepublish.detect import Detected
    from safepublish.facts.availability import Availability
    from safepublish.facts.run import Package, Run
    from safepublish.run_npm import NpmResult

LINE_SECONDS = 60.0
"""Where there is no terminal a line is written this often."""


def wait(detected: "Detected", result: "NpmResult", display: "Display") -> int:
    """Wait for the versions that were published, and report what became of them; returns the exit code.

    That is npm's, but with `--strict` where a version cannot be installed in time.
    """
    options = detected.runs[0].options
    packages = [_published(run, result) for run in detected.runs if _is_due(run)]
    if options.wait is None or result.exit_code or not packages:
        return result.exit_code
    from safepublish.detect import availability  # only where it was asked for

    progress = WaitingProgress(options.wait, quiet=display.quiet or detected.loglevel == "silent")
    try:
        found = availability.wait(packages, detected.configuration.transport, options.wait, progress)
    finally:
        progress.close()
    _report(found, detected, display)
    missing = any(one.available is False for one in found)
    return exit_codes.NOT_AVAILABLE if missing and options.strict else result.exit_code


def _is_due(run: "Run") -> bool:
    """Whether this run published its package."""
    from safepublish.npm.oidc import skipped_as_private

    at_once = run.command.name == "publish" and not run.command.dry_run
    return at_once and not run.package.skip_published and not skipped_as_private(run)


def _published(run: "Run", result: "NpmResult") -> "Package":
    """The package of *run* with the version that npm published, which a script may have changed.

    npm reads package.json again after the scripts, and uploads that, but lists the version that it had read before
    (npm 12.2.0, lib/commands/publish.js).
    """
    package = run.package
    if not package.manifest.scripts_may_change_manifest or package.path is None:
        return package
    from safepublish.detect.package import version_in

    attempts = result.log.attempts if result.log is not None else ()
    listed = next((one.version for one in attempts if one.name == package.manifest.name and one.version), None)
    version = version_in(package.path) or listed or package.manifest.version
    return package._replace(manifest=package.manifest._replace(version=version))


def _report(found: "tuple[Availability, ...]", detected: "Detected", display: "Display") -> None:
    from safepublish.report import availability

    github_files.write_availability(found)
    if detected.loglevel == "silent":
        return
    shown = tuple(one for one in found if one.available is False) if display.quiet else found
    output = terminal.Output(sys.stderr, display, detected.runs[0].options.format)
    output.write(availability.text(shown, colour=output.colour, unicode=output.unicode, width=output.width))


class WaitingProgress:
    """How long the wait has taken: a line that is replaced on a terminal, else one a minute."""

    def __init__(self, seconds: float, *, quiet: bool) -> None:
        """The progress of a wait of at most *seconds*; nothing is written where *quiet*."""
        self._seconds, self._quiet = seconds, quiet
        self._on_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next_line = LINE_SECONDS
        self._shown = False

    def __call__(self, pending: int, passed: float) -> None:
        """Show that *pending* versions are not there after *passed* seconds."""
        if self._quiet:
            return
        what = "1 version" if pending == 1 else f"{pending} versions"
        line = f"safepublish: waiting until {what} can be installed: {passed:.0f} s of {self._seconds:.0f} s"
        if self._on_terminal:
            terminal.write_err(f"\r\x1b[2K{line}")
            self._shown = True
        elif passed >= self._next_line:
            self._next_line = passed + LINE_SECONDS
            terminal.write_err(f"{line}\n")

    def close(self) -> None:
        """Remove the line from the terminal."""
        if self._shown:
            terminal.write_err("\r\x1b[2K")
