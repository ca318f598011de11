"""The cause dev-engines-unsatisfied."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log

_INVALID = re.compile(
    r'Invalid (?:name|semver version|version) "[^"]*" does not match "[^"]*" for "'
    r'|Invalid property "(?:devEngines\.|[^"]*" for ")'
    r'|(?:Invalid non-object value|Invalid onFail value "[^"]*"|Missing "name" property) for "'
    r'|(?:Unable to determine "\w+") for "'
    r'|Invalid non-string value for "\w+" within "'
)
"""Each sentence of npm-install-checks, lib/dev-engines.js (in npm 12.2.0)."""
_SHAPE = re.compile(r'Invalid property "|Invalid non-|Invalid onFail|Missing "name"')
_OTHER_TOOL = re.compile(r'Invalid name "([^"]{1,40})" does not match "npm" for "packageManager"')


class DevEnginesUnsatisfied(Cause):
    """The `devEngines` field of package.json does not allow this npm or this Node.

    What happens
        `devEngines.packageManager` names another tool than npm, or `devEngines.runtime` asks for another Node than the
        one in this job. A field that has another shape than npm reads ends npm as well.

    Why
        npm compares `devEngines` of the project's root before the command starts, and exits with EBADDEVENGINES where
        `onFail` is `error`, `download` or missing (npm 10.9.0 and newer; npm-install-checks, lib/dev-engines.js). It
        does so for every command, also where another directory is published. With `onFail: "warn"` or `--force` it
        prints a warning and continues; a field that it cannot read ends it all the same.

    Fix
        Set `"onFail": "warn"` in that entry of `devEngines`, or install the version that it asks for. A project of
        pnpm can list npm as well: `"packageManager": [{"name": "pnpm"}, {"name": "npm"}]`.

    If you want to ignore it
        `--force` makes npm warn only, unless the field has another shape.
    """

    id = "dev-engines-unsatisfied"
    title = "`devEngines` does not allow this npm or this Node"
    screen = (Screen("EBADDEVENGINES"),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm stops at `devEngines`; unknown where the version that decides is unknown."""
        found = run.command.dev_engines
        if found is None:
            return SKIPPED
        location = Location(found.file) if found.file else None
        if found.shape is not None:
            return Judgement(
                Answer.FAIL,
                f"npm cannot read `devEngines` in {found.file}: {found.shape} (EBADDEVENGINES)",
                remedy=Remedy("Correct that entry: npm takes `name`, `version` and `onFail` in it, all strings."),
                location=location,
            )
        if found.engine is None:
            return PASSED
        message = f"`devEngines.{found.engine}` in {found.file} requires {found.wanted}"
        remedy = Remedy('Set `"onFail": "warn"` in that entry of `devEngines`, or install what it requires.')
        if found.undecided or (run.is_forecast and found.by_version):
            return Judgement(
                Answer.UNKNOWN,
                f"{message}; the version that will run could not be determined",
                remedy=remedy,
                location=location,
            )
        return Judgement(
            Answer.FAIL,
            f"{message}; npm compares it with what runs here, and would stop (EBADDEVENGINES)",
            evidence=_running(run, found.engine),
            remedy=remedy,
            location=location,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm stopped at `devEngines`."""
        line = next((line for line in log.errors if _INVALID.search(line.text)), None)
        if log.code != "EBADDEVENGINES" and line is None:
            return SKIPPED
        if log.command is not None and not log.publishing:
            return SKIPPED
        evidence = (str(line),) if line is not None else tuple(map(str, log.errors[:2]))
        if line is not None and _SHAPE.search(line.text):
            return Judgement(
                Answer.FAIL,
                "npm cannot read `devEngines` in package.json",
                evidence=evidence,
                remedy=Remedy("Correct that entry: npm takes `name`, `version` and `onFail` in it, all strings."),
            )
        other = _OTHER_TOOL.search(line.text) if line is not None else None
        what = f"package manager {other[1]}, not npm" if other else "another version than the one in this job"
        return Judgement(
            Answer.FAIL,
            f"`devEngines` in package.json requires {what}",
            evidence=evidence,
            remedy=Remedy('Set `"onFail": "warn"` in that entry of `devEngines`, or install what it requires.'),
        )


def _running(run: Run, engine: str) -> tuple[str, ...]:
    """What runs, where the entry names a version of it."""
    npm = run.npm
    if npm is None:
        return ()
    if engine == "packageManager":
        return (f"This job runs npm {npm.version}.",)
    return (f"This job runs Node {npm.node_version}.",) if engine == "runtime" and npm.node_version else ()
