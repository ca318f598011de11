"""The cause dev-engines-unsatisfied."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
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
        `onFail` is `error`, `download` or missing (npm-install-checks, lib/dev-engines.js). With
        `onFail: "warn"` or `--force` it prints a warning and continues.

    Fix
        Set `"onFail": "warn"` in that entry of `devEngines`, or install the version that it asks for. A project of
        pnpm can list npm as well: `"packageManager": [{"name": "pnpm"}, {"name": "npm"}]`.

    If you want to ignore it
        It is found in logs only, and refuses nothing.
    """

    id = "dev-engines-unsatisfied"
    title = "`devEngines` does not allow this npm or this Node"
    screen = (Screen("EBADDEVENGINES"),)

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
