"""The cause command-without-oidc."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.log import Line, Tool
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
    """`npm whoami` or another command fails with ENEEDAUTH: only publishing can use OIDC.

    What happens
        The job runs `npm whoami`, `npm dist-tag`, `npm deprecate`, `npm owner`, `npm unpublish`, `npm access` or `npm
        stage list`, and that command needs a token. It fails although the publish works, or would have worked.

    Why
        Only `npm publish` and `npm stage publish` exchange the CI's identity for a token, and they discard that token
        when they end. `npm dist-tag` does the same since 11.21.0 and 12.2.0 (lib/commands/dist-tag.js); no other
        command does. Many scripts run `npm whoami` to check for a login. It fails with ENEEDAUTH or E401 in a job in
        which the publish would work (npm 12.2.0, lib/utils/get-identity.js). semantic-release moves a version between
        channels with `npm dist-tag` (semantic-release/npm#1023, npm/cli#8547).

    Fix
        Remove the check, and set the tag with the publish: `npm publish --tag next`. What remains, such as a second
        tag, needs a granular token of its own or has to be done by hand.

    If you want to ignore it
        It is an error only where the command ends the job before the publish; elsewhere it is a warning. `--waive
        command-without-oidc=reason` accepts it in a workflow file.
    """

    id = "command-without-oidc"
    title = "a command other than publish cannot log in through OIDC"
    screen = (
        Screen("This command requires you to be logged in."),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=17),
        Screen("E401: Unable to authenticate", rank=5),
    )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn of a command that needs a token and has none; fail where it ends the job before the publish."""
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
        so = ". The job ends there, before the publish" if ending else ""
        return Judgement(
            Answer.FAIL if ending else Answer.WARN,
            f"`{first.command}` {_needs(first.command)}{so}",
            evidence=tuple(
                f"`{other.command}` in line {other.at.line} needs a token too."
                for other in needing
                if other is not first
            ),
            remedy=Remedy(
                "Remove it, or give that step a token of its own. Set a tag with the publish: `npm publish --tag next`."
            ),
            location=first.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when a command that npm does not log in for ended without a credential."""
        asked = next((line for text in _ASKED if (line := log.says(text)) is not None), None)
        if asked is not None:
            return _asks_who_is_logged_in(log, asked)
        command = log.command or ""
        if command.startswith("npm trust") and log.code in _CODES | {"EOTP"}:
            return Judgement(
                Answer.FAIL,
                "npm trust was not allowed; it requires the login of a maintainer with two-factor authentication, and"
                " this was not a publish",
                evidence=tuple(map(str, log.errors[:2])) or log.quoted("code"),
                remedy=Remedy("Run it on a laptop, not in a job.", command="npm login && npm trust --help"),
            )
        subcommand = next((word for word in _WITHOUT if command.startswith(f"npm {word}")), None)
        if log.code not in _CODES or (subcommand is None and not log.needs_whoami):
            return SKIPPED
        subcommand = subcommand or "whoami"
        if subcommand == "dist-tag" and log.npm is not None and log.npm in Floor.DIST_TAG:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            f"npm {subcommand} cannot log in through OIDC; only publishing can",
            evidence=tuple(dict.fromkeys((*log.quoted("put", "code"), *map(str, log.errors[:2]))))[:3],
            remedy=Remedy(
                "Set the tag with the publish."
                if subcommand == "dist-tag"
                else f"Remove `npm {subcommand}` from the job.",
                command="npm publish --tag next" if subcommand == "dist-tag" else None,
            ),
        )


_ASKED = (
    "Use `npm whoami` to troubleshoot",  # np and lerna
    "You must be logged in. Use `npm login` and try again",  # np
    "Unable to obtain two-factor auth mode",  # lerna, which runs npm profile
)


def _asks_who_is_logged_in(log: Log, line: Line) -> Judgement:
    """The judgement where np or lerna asks who is logged in, and stops because nobody is."""
    if log.tool is Tool.LERNA:
        return Judgement(
            Answer.FAIL,
            "lerna asks npm who is logged in before it publishes, which cannot log in through OIDC",
            evidence=(str(line),),
            remedy=Remedy("Remove `--verify-access` (`verifyAccess` in lerna.json). lerna then logs in through OIDC."),
        )
    return Judgement(
        Answer.FAIL,
        "np runs `npm whoami` before it publishes, which cannot log in through OIDC",
        evidence=(str(line),),
        remedy=Remedy(
            "Publish with `npm publish` in this job; np can prepare the release without publishing it.",
            command="np --no-publish",
        ),
    )


def _needs(command: str) -> str:
    if command in {"npm login", "npm adduser", "npm add-user"}:
        return "waits for a person; npm publish logs in through OIDC by itself"
    return "needs a token, but there is none; only npm publish can use OIDC"
