"""The cause arguments-refused."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
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
    """npm stops at its own arguments or settings.

    What it is
        A flag, a setting or the number of arguments at which npm exits before it looks at the package.

    Why npm behaves so
        npm 12 refuses what npm 11 let pass with a warning: unknown flags (`--no-git-checks`, a code of EUNKNOWNCONFIG),
        abbreviations (`--regi`) and words with one dash (`-ws`), for which it prints no `npm error` line at all
        (npm 12.2.0, lib/npm.js and @npmcli/config, lib/index.js). Every npm refuses two packages at once (EUSAGE) and
        flags that exclude each other, as `--provenance` and `--provenance-file`. A word such as `dist`, without a
        slash, is a package of the registry to npm, which then says E404 for a GET.

    How to mend
        Remove the flag, or write it as `npm help publish` does. Flags of other publishers (pnpm, lerna, yarn) are none
        of npm's. Every word that is not safepublish's own goes to npm as it stands.

    How to ignore
        `--waive arguments-refused=reason` lets npm start and stop there itself.
    """

    id = "arguments-refused"
    title = "npm stops at its own arguments or settings"
    screen = (Screen("EUNKNOWNCONFIG: Invalid abbreviated flag"),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm's own reading of its words and settings ends in an error."""
        found = [problem for problem in stopping_problems(run) if problem.kind not in _OTHER_CAUSES]
        if not found:
            return PASSED
        first = found[0]
        return Judgement(
            Answer.FAIL,
            f"npm stops before it publishes: {first.text}",
            evidence=tuple(f"also: {problem.text}" for problem in found[1:]),
            remedy=Remedy(_instruction(first)),
            location=location(first.origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm stopped at its own arguments or settings."""
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
            "npm stopped at an argument or a setting that it does not take",
            evidence=tuple(map(str, log.errors[at : at + 2])),
            remedy=Remedy("Remove or correct it; npm 12 stops where older npm only warned."),
        )


def _treated_as_package(log: Log) -> Judgement:
    """Fail when npm asked the registry for the word that was meant as a directory."""
    name, arguments = log.asked_for, (log.command or "").split()
    if log.code != "E404" or name not in arguments or "publish" not in arguments[: arguments.index(name)]:
        return SKIPPED
    return Judgement(
        Answer.FAIL,
        f"npm took {name} for a package of the registry: a directory has to begin with ./ or /, or to end with /",
        evidence=tuple(map(str, log.errors[:2])),
        remedy=Remedy("Name the directory as one.", command=f"npm publish ./{name}"),
    )


def _instruction(problem: Problem) -> str:
    if problem.origin is None:
        return "Correct the words after safepublish: they go to npm as they stand. See `npm help publish`."
    return f"Remove or correct it in {where(problem.origin)}. `npm help publish` lists what npm publish takes."
