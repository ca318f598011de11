"""The cause auth-config-invalid."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Problem, Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import AUTH_KINDS, all_problems

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class AuthConfigInvalid(Cause):
    """npm fails with ERR_INVALID_AUTH, "Invalid auth configuration found".

    What happens
        npm's configuration has a credential that npm cannot use. Either it is not scoped to a registry (`_auth`,
        `_authToken`, `username` or `_password` alone), or npm does not recognise its key. An example of such a key is
        `//registry.npmjs.org:_authToken`, which lacks the slash before the colon.

    Why
        npm exits with ERR_INVALID_AUTH at an unscoped credential in any .npmrc, before it does anything else
        (@npmcli/config, lib/errors.js; `email`, `certfile` and `keyfile` only since npm 12). npm ignores a key without
        the slash, so it has no credential when it needs one.

    Fix
        Remove the line; trusted publishing does not need it. Where a token is needed, write
        `//registry.npmjs.org/:_authToken=${NPM_TOKEN}`. `npm config fix` rewrites unscoped keys.

    If you want to ignore it
        `--waive auth-config-invalid=reason` runs npm, which then fails itself.
    """

    id = "auth-config-invalid"
    title = "npm cannot use a credential in its configuration"
    screen = (Screen("ERR_INVALID_AUTH: Invalid auth configuration found"),)
    stops_before_private = True
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm stops at a credential's key; warn where it ignores the key."""
        found = [
            problem
            for problem in all_problems(run)
            if problem.kind in AUTH_KINDS and (not run.is_forecast or _is_project_setting(problem))
        ]
        if not found:
            return PASSED
        stops = [problem for problem in found if problem.stops_npm]
        first = (stops or found)[0]
        instruction = f"Remove that key from {where(first.origin)}. Trusted publishing does not need it."
        return Judgement(
            Answer.FAIL if stops else Answer.WARN,
            f"{first.text}; it is set in {where(first.origin)}",
            evidence=tuple(
                f"{problem.text}; it is set in {where(problem.origin)}" for problem in found if problem is not first
            ),
            remedy=Remedy(instruction, command="npm config fix") if stops else Remedy(instruction),
            location=location(first.origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the step's npm stops at a credential's key; warn where it ignores the key."""
        credentials = step.credentials
        if not credentials.keys:
            return PASSED
        first = next((key for key in credentials.keys if key.stops), credentials.keys[0])
        whose = "" if first.span else f" in {first.at.path}"
        text = (
            f"`{first.name}`{whose} is not scoped to a registry; npm stops there with ERR_INVALID_AUTH"
            if first.stops
            else f"npm ignores the credential `{first.name}`{whose}: the slash before the colon is missing"
        )
        return Judgement(
            Answer.FAIL if first.stops else Answer.WARN,
            text,
            evidence=tuple(
                f"The same is true of `{key.name}` in {key.at.path}:{key.at.line}."
                for key in credentials.keys
                if key is not first
            ),
            remedy=Remedy("Remove it. Trusted publishing does not need it."),
            location=first.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm stopped at a key of its configuration."""
        unsendable = log.says("is not a legal HTTP header value") or log.says("Invalid character in header content")
        if unsendable is not None:
            return Judgement(
                Answer.FAIL,
                "a credential or a setting holds a character that no HTTP header can carry, such as a line break",
                evidence=(f"line {unsendable.number}: … is not a legal HTTP header value",),
                remedy=Remedy("Remove the token, or store it again without the line break or blank in it."),
            )
        if log.code != "ERR_INVALID_AUTH":
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm stops because a credential in its configuration is not scoped to a registry",
            evidence=tuple(map(str, log.errors[:3])),
            remedy=Remedy("Remove these keys, or scope them: `//registry.npmjs.org/:_authToken`."),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Remove the commands that write a credential at which npm stops."""
        from safepublish.pipelines.fix.tokens import remove_unusable_keys

        return remove_unusable_keys(sheet, step)


def _is_project_setting(problem: Problem) -> bool:
    """Whether CI reads the setting too; CI does not read the user settings of a laptop."""
    return problem.origin is not None and problem.origin.layer in {"project", "publishConfig"}
