"""The cause command-without-oidc."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor

if TYPE_CHECKING:
    from safepublish.facts.step import Step


_WITHOUT = (
    "whoami",
    "dist-tag",
    "deprecate",
    "owner",
    "access",
    "unpublish",
    "team",
    "token",
    "profile",
    "trust",
    "stage list",
)
_CODES = frozenset({"E401", "E403", "E404", "ENEEDAUTH"})


class CommandWithoutOidc(Cause):
    """A command other than publish was to go through OIDC.

    What it is
        The publish works, or was never reached, because `npm whoami`, `npm dist-tag`, `npm deprecate`, `npm owner`,
        `npm unpublish`, `npm access` or `npm stage list` beside it needs a login.

    Why npm behaves so
        Only `npm publish` and `npm stage publish` exchange the CI's identity for a token, and the token is gone when
        they end. `npm dist-tag` does since 11.21.0 and 12.2.0 (lib/commands/dist-tag.js); nothing else does. `npm
        whoami`, with which many scripts ask whether they are logged in, fails with ENEEDAUTH or E401 in a job in which
        the publish would work (npm 12.2.0, lib/utils/get-identity.js). semantic-release moves a version between
        channels with `npm dist-tag` (semantic-release/npm#1023, npm/cli#8547).

    How to mend
        Leave the question out, and set the tag with the publish: `npm publish --tag next`. What remains, as a second
        tag, needs a granular token of its own, or a person.

    How to ignore
        It refuses where the command ends the job before the publish; elsewhere it is a warning.
        `--waive command-without-oidc=reason` marks it as known in a workflow file.
    """

    id = "command-without-oidc"
    title = "a command other than publish has no login through OIDC"
    screen = (
        Screen("This command requires you to be logged in."),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=17),
        Screen("E401: Unable to authenticate", rank=5),
    )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn of a command that needs a token where none is; fail where it ends the job before the publish."""
        if (
            any(token.kind is CredentialKind.SET for token in step.credentials.tokens)
            or step.invocation.hidden is not None
        ):
            return SKIPPED
        newer = step.toolchain.npm.npms is not None and step.toolchain.npm.npms.lowest in Floor.DIST_TAG
        needing = [
            other for other in step.context.token_commands if not (newer and other.command.startswith("npm dist-tag"))
        ]
        if not needing:
            return PASSED
        ending = next((other for other in needing if other.ends), None)
        first = ending or needing[0]
        so = ", so that the job ends there, before the publish" if ending else ""
        return Judgement(
            Answer.FAIL if ending else Answer.WARN,
            f"{first.command} needs a token, and none is here: OIDC is for npm publish alone{so}",
            evidence=tuple(f"{other.command} in line {other.at.line}" for other in needing if other is not first),
            remedy=Remedy("Leave it out, or give that step a token of its own; a tag goes with the publish, as --tag."),
            location=first.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when a command that npm does not log in for ended without a credential."""
        asked = log.says("Use `npm whoami` to troubleshoot")
        if asked is not None:
            return Judgement(
                Answer.FAIL,
                "np asks `npm whoami` before it publishes, and that has no login through OIDC",
                evidence=(str(asked),),
                remedy=Remedy(
                    "Publish with `npm publish` in this job; np can prepare the release without publishing it.",
                    command="np --no-publish",
                ),
            )
        command = log.command or ""
        subcommand = next((word for word in _WITHOUT if command.startswith(f"npm {word}")), None)
        if log.code not in _CODES or (subcommand is None and not log.needs_whoami):
            return SKIPPED
        subcommand = subcommand or "whoami"
        if subcommand == "dist-tag" and log.npm is not None and log.npm in Floor.DIST_TAG:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            f"npm {subcommand} has no login through OIDC; only publishing has",
            evidence=tuple(dict.fromkeys((*log.quoted("put", "code"), *map(str, log.errors[:2]))))[:3],
            remedy=Remedy(
                "Set the tag with the publish itself."
                if subcommand == "dist-tag"
                else f"Leave `npm {subcommand}` out of the job.",
                command="npm publish --tag next" if subcommand == "dist-tag" else None,
            ),
        )
