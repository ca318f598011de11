"""The cause arguments-refused."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Tool
from safepublish.facts.run import Problem, Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import AUTH_KINDS, stopping_problems

_OTHER_CAUSES = AUTH_KINDS | {"registry-without-slash", "empty-token"}
"""The kinds of problem that are causes of their own."""

_TRUST = re.compile(
    r"must be just a file not a path|must be specified with the file option|must end in \.yml or \.yaml"
    r"|At least one permission flag is required|must be specified in the format (?:owner/repository|group/project)"
    r"|must be specified with \S+ option|vcs-origin must "
    r"|(?:org-id|project-id|pipeline-definition-id|vcs-origin) is required"
    r"|ID of the trusted relationship|must be specified either as an argument or in (?:the )?package\.json file"
)
"""The sentences with which npm trust refuses its arguments (npm 12.2.0, lib/trust-cmd.js and lib/commands/trust)."""


class ArgumentsRefused(Cause):
    """npm stops at an argument or a setting, such as "Invalid abbreviated flag".

    What happens
        npm exits because of a flag, a setting or the number of arguments, before it reads the package. npm 12 prints
        EUNKNOWNCONFIG, older npm EUSAGE.

    Why
        npm 12 rejects what npm 11 only warned about: unknown flags (`--no-git-checks`), abbreviations (`--regi`) and
        arguments with one dash (`-ws`). For those with one dash it prints no `npm error` line (npm 12.2.0, lib/npm.js
        and @npmcli/config, lib/index.js). Every npm rejects two packages at once (EUSAGE), and flags that exclude each
        other, such as `--provenance` and `--provenance-file`. npm treats an argument such as `dist`, without a slash,
        as a registry package. It then fails with E404 for a GET.

    Fix
        Remove the flag, or write it as `npm help publish` shows it. Flags of pnpm, lerna and yarn do not work with
        npm. safepublish passes every argument that is not its own to npm unchanged.

    If you want to ignore it
        `--waive arguments-refused=reason` runs npm, which then fails itself.
    """

    id = "arguments-refused"
    title = "npm does not accept one of its arguments or settings"
    screen = (Screen("EUNKNOWNCONFIG: Invalid abbreviated flag"),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm does not accept its arguments and settings."""
        # A script may make the file.
        others = _OTHER_CAUSES | {"provenance-file"} if run.package.manifest.runs_scripts else _OTHER_CAUSES
        found = [problem for problem in stopping_problems(run) if problem.kind not in others]
        if not found:
            return PASSED
        first = found[0]
        return Judgement(
            Answer.FAIL,
            f"npm would stop before it publishes: {first.text}",
            evidence=tuple(problem.text for problem in found[1:]),
            remedy=Remedy(_instruction(first)),
            location=location(first.origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm did not accept an argument or a setting."""
        line = (
            log.says("Unknown cli flag")
            or log.says("Unknown npm configuration key")
            or log.says("Invalid abbreviated flag")
            or log.says("is not a valid single-hyphen cli flag")
            or log.says("Tag name must not be a valid SemVer range")
            or log.says("No workspaces found")
            or (log.says("Usage:") if log.code == "EUSAGE" and log.says("npm publish <package-spec>") else None)
            or (log.says('Run "npm help publish" for more info') if log.code == "EUSAGE" else None)
        )
        if line is None and log.code in _CODES and (log.command is None or log.publishing):
            line = next(iter(log.errors), None)
        trust = next((line for line in log.errors if _TRUST.search(line.text)), None)
        if trust is not None:
            return Judgement(
                Answer.FAIL,
                "npm trust stopped at its arguments; this was not a publish",
                evidence=(str(trust),),
                remedy=Remedy("Correct the argument that the line names.", command="npm trust --help"),
            )
        if line is None:
            return _treated_as_package(log)
        at = log.errors.index(line)
        return Judgement(
            Answer.FAIL,
            f"{'pnpm' if log.tool is Tool.PNPM else 'npm'} does not accept one of its arguments or settings",
            evidence=tuple(map(str, log.errors[at : at + 2])),
            remedy=Remedy("Remove or correct it. npm 12 stops where older npm only warned."),
        )


_CODES = frozenset(
    {
        *("EUNKNOWNCONFIG", "EUNKNOWNCOMMAND", "ENOWORKSPACES", "ENPMEXTENSIONCONFIG"),
        *("ERR_PNPM_BATCH_PUBLISH_NO_STAGE", "ERR_PNPM_BATCH_PUBLISH_NO_PROVENANCE"),
        *("ERR_PNPM_BATCH_PUBLISH_REQUIRES_RECURSIVE", "ERR_PNPM_BATCH_PUBLISH_CONFLICTING_CREDENTIALS"),
        *("ERR_PNPM_INVALID_OPTION", "ERR_PNPM_INVALID_PACKAGE_SPEC"),
    }
)
"""The codes with which npm 12 and pnpm 11 stop at an argument or a setting."""


def _treated_as_package(log: Log) -> Judgement:
    """Fail when npm requested a registry package instead of reading the directory of that name."""
    name, arguments = log.asked_for, (log.command or "").split()
    if log.code != "E404" or name not in arguments or "publish" not in arguments[: arguments.index(name)]:
        return SKIPPED
    return Judgement(
        Answer.FAIL,
        f"npm treats {name!r} as a registry package; a directory must start with ./ or /, or end with /",
        evidence=tuple(map(str, log.errors[:2])),
        remedy=Remedy("Write `./` before the directory.", command=f"npm publish ./{name}"),
    )


def _instruction(problem: Problem) -> str:
    if problem.origin is None:
        return "Correct the arguments after `safepublish`. npm gets them unchanged; see `npm help publish`."
    return f"Remove or correct it in {where(problem.origin)}. `npm help publish` lists what npm accepts."
