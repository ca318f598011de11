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
    """A credential in npm's configuration is written so that npm cannot use it.

    What it is
        A credential without the registry it belongs to (`_auth`, `_authToken`, `username`, `_password` alone), or a key
        that npm does not recognise, as `//registry.npmjs.org:_authToken`, which lacks the slash before the colon.

    Why npm behaves so
        npm refuses unscoped credentials in any .npmrc with ERR_INVALID_AUTH before it does anything (@npmcli/config,
        lib/errors.js; `email`, `certfile` and `keyfile` only from npm 12 on). A key without the slash is kept and never
        looked up, so the credential is not there when npm needs it.

    How to mend
        Remove the line: trusted publishing needs none. Where a token is needed, write
        `//registry.npmjs.org/:_authToken=${NPM_TOKEN}`. `npm config fix` rewrites unscoped keys.

    How to ignore
        `--waive auth-config-invalid=reason` lets npm start and stop there itself.
    """

    id = "auth-config-invalid"
    title = "a credential is written so that npm cannot use it"
    screen = (Screen("ERR_INVALID_AUTH: Invalid auth configuration found"),)
    stops_before_private = True
    any_registry = True
    whatever_the_token = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm stops at a credential's key; warn where it never looks the key up."""
        found = [
            problem
            for problem in all_problems(run)
            if problem.kind in AUTH_KINDS and (not run.is_forecast or _is_project_setting(problem))
        ]
        if not found:
            return PASSED
        stops = [problem for problem in found if problem.stops_npm]
        first = (stops or found)[0]
        instruction = f"Remove that key from {where(first.origin)}; trusted publishing needs none."
        return Judgement(
            Answer.FAIL if stops else Answer.WARN,
            f"{first.text}; it stands in {where(first.origin)}",
            evidence=tuple(
                f"also: {problem.text}, in {where(problem.origin)}" for problem in found if problem is not first
            ),
            remedy=Remedy(instruction, command="npm config fix") if stops else Remedy(instruction),
            location=location(first.origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the npm of the step stops at a credential's key; warn where it never looks the key up."""
        credentials = step.credentials
        if not credentials.keys:
            return PASSED
        first = next((key for key in credentials.keys if key.stops), credentials.keys[0])
        whose = "" if first.span else f" in {first.at.path}"
        text = (
            f"`{first.name}`{whose} belongs to no registry, and npm stops at it (ERR_INVALID_AUTH)"
            if first.stops
            else f"npm does not look for a credential under `{first.name}`{whose}: the slash before the colon is"
            " missing"
        )
        return Judgement(
            Answer.FAIL if first.stops else Answer.WARN,
            text,
            evidence=tuple(
                f"also: `{key.name}`, {key.at.path}:{key.at.line}" for key in credentials.keys if key is not first
            ),
            remedy=Remedy("Remove it: trusted publishing needs none."),
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
            "npm does not start with a credential that names no registry",
            evidence=tuple(map(str, log.errors[:3])),
            remedy=Remedy("Remove those keys, or write them as //registry.npmjs.org/:_authToken."),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Take out the commands that write a credential at which npm stops."""
        from safepublish.pipelines.fix.tokens import remove_unusable_keys

        return remove_unusable_keys(sheet, step)


def _is_project_setting(problem: Problem) -> bool:
    """Whether the CI reads the setting as well: that of a laptop's user it does not."""
    return problem.origin is not None and problem.origin.layer in {"project", "publishConfig"}
