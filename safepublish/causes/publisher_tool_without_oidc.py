"""The cause publisher-tool-without-oidc."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Oidc, Tool
from safepublish.facts.run import PublishTool, Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import failure_answer
from safepublish.npm.publish_tools import TOOLS, exchanges

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


_NEEDS_TOKEN_FIRST = {
    "release-it": "runs `npm whoami` first, which fails without a token unless its configuration sets npm.skipChecks",
    "np": "runs `npm whoami` first before version 11, which fails without a token",
    "auto": "requires NPM_TOKEN if its configuration enables its npm plugin",
}


_ASKS_FIRST = {
    "release-it": "runs `npm whoami` first, which fails without a token; its configuration does not set npm.skipChecks",
    "np": "before version 11 runs `npm whoami` first, which fails without a token",
}
_SKIP = {"release-it": "Set `npm.skipChecks` to true in the configuration of release-it", "np": "Use np 11 or newer"}


_LOOK = Remedy("Make sure that it uses npm 11.5.1 or newer, or let it run `safepublish` in the place of `npm publish`.")


class PublisherToolWithoutOidc(Cause):
    """The tool that publishes cannot log in through OIDC.

    What happens
        The tool fails without a credential: ENONPMTOKEN, "No npm token specified", ENEEDAUTH, "This command requires
        you to be logged in to …", YN0033, "No authentication configured for request", or bun's "missing
        authentication". It neither exchanges the CI's ID token nor runs an npm that does.

    Why
        Trusted publishing is an exchange that the publishing program has to do. The tools that publish to npm:

        - pnpm does it from 11 on. pnpm 10 and older run `npm publish`, so npm's version counts.
        - yarn does it from 4.10 on (`yarn npm publish`). yarn 1 never does it, and does not run npm.
        - lerna does it from 9.0 on, lerna-lite from 4.9 on. semantic-release does it from 25 on, with the npm that
          @semantic-release/npm 13 brings.
        - bun does not do it (oven-sh/bun#22423).
        - changesets, nx and publib run `npm publish`, so npm's version counts.
        - np runs it too, since version 11 without an `npm whoami` before it.
        - release-it runs it too, after an `npm whoami` that fails unless `npm.skipChecks` is true.
        - auto requires NPM_TOKEN.
        - JS-DevTools/npm-publish works without a token from v4 on, and runs npm.

        The tool is unknown where a package script or an action runs it and that file is not available.

    Fix
        Use a version that supports OIDC, or publish with npm what the tool has packed:

            - run: npm publish

    If you want to ignore it
        `--waive publisher-tool-without-oidc=reason`.
    """

    id = "publisher-tool-without-oidc"
    title = "the tool that publishes cannot log in through OIDC"
    screen = (
        Screen("ENONPMTOKEN: No npm token specified"),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=18),
        Screen("YN0033: No authentication configured for request"),
        Screen("error: missing authentication (run `bunx npm login`)"),
    )
    applies_to_tools = True
    likelihood = 80

    def in_run(self, run: Run) -> Judgement:
        """Fail where the tool that publishes instead of npm has no exchange; unknown where the tool is not known."""
        tool = run.tool
        if tool is None:
            return SKIPPED
        version = f" {tool.version}" if tool.version else ""
        known = TOOLS.get(tool.name)
        own = exchanges(tool.name, str(tool.version) if tool.version else None)
        if known is None or (own is None and not tool.npm):
            why = tool.trouble or (known.source if known else "safepublish does not know this tool")
            return Judgement(
                Answer.UNKNOWN,
                f"{tool.called}{version} could not be checked for OIDC support: {why}",
                remedy=Remedy("Install it here, or run the check in the CI job that publishes.")
                if tool.trouble
                else None,
            )
        if own or tool.npm:
            return PASSED
        return Judgement(
            failure_answer(run),
            f"{tool.called}{version} cannot log in through OIDC: {known.source}",
            evidence=(f"It runs from {tool.path}.",),
            remedy=Remedy(_instruction(tool), command="npm publish"),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the tool has no exchange and starts no npm; unknown where tool or version are unknown."""
        from safepublish.npm.publish_tools import newest, starts_npm

        place, invocation = step.place, step.invocation
        known = TOOLS.get(invocation.tool)
        if invocation.hidden_in is not None:
            return Judgement(
                Answer.UNKNOWN,
                f"how this step publishes is unknown: {invocation.hidden_in} starts it from code, which safepublish"
                " does not read",
                remedy=_LOOK,
                location=place.at,
            )
        if invocation.hidden is not None or known is None:
            return Judgement(
                Answer.UNKNOWN,
                f"how this step publishes is unknown: {invocation.hidden or invocation.tool} is not in this repository",
                remedy=_LOOK,
                location=place.at,
            )
        top = newest(invocation.tool_version)
        since = known.oldest_without_token
        if since is not None and top is not None and top < since:
            return _fails(
                step,
                f"{invocation.tool} {invocation.tool_version} requires a token; {since} or newer does not",
                f"Use {invocation.tool} {since} or newer",
            )
        if invocation.tool == "publib" and (invocation.env.get("NPM_TRUSTED_PUBLISHER") or "").lower() not in {
            "true",
            "1",
        }:
            return _fails(step, "publib requires NPM_TOKEN unless NPM_TRUSTED_PUBLISHER is true")
        if invocation.tool in _NEEDS_TOKEN_FIRST and invocation.checks_login is not False:
            return _needs_token_first(step)
        own, first = exchanges(invocation.tool, invocation.tool_version), known.oldest_with_exchange
        if own is True or starts_npm(invocation.tool, invocation.tool_version) is not False:
            return PASSED
        name = invocation.tool.removesuffix("-berry")
        version = f" {invocation.tool_version}" if invocation.tool_version else ""
        if own is False and invocation.settings_unread:
            return Judgement(
                Answer.UNKNOWN,
                f"{name}{version} cannot log in through OIDC; whether it publishes to npm is in a configuration that is"
                " not read",
                location=place.at,
            )
        if own is None:
            which = f"{name}{version} may be older" if version else f"the version of {name} could not be determined"
            return Judgement(
                Answer.UNKNOWN,
                f"only {name} {first} or newer can log in through OIDC; {which}",
                remedy=Remedy(f"Check the version; {first} or newer is required.", command=_VERSION_COMMANDS.get(name)),
                location=place.at,
            )
        if first is not None:
            newer = f"Use {name} {first} or newer"
            return _fails(step, f"{name}{version} cannot log in through OIDC; {first} or newer is required", newer)
        return _fails(step, f"{name}{version} cannot log in through OIDC: {known.source}")

    def in_log(self, log: Log) -> Judgement:
        """Fail when the tool that ended without a credential has no exchange; unknown where no version is shown."""
        if log.tool is Tool.RELEASE_IT and log.unauthenticated:
            return Judgement(
                Answer.WARN,  # a token that the registry does not know ends with the same message
                "release-it runs `npm whoami` before it publishes, which fails without a token",
                evidence=log.quoted("code"),
                remedy=Remedy(
                    "Set `npm.skipChecks` in .release-it.json. `npm publish` then logs in through OIDC.",
                    diff='+ "npm": { "skipChecks": true }',
                ),
            )
        if log.tool in {Tool.NPM, Tool.CHANGESETS} or not log.unauthenticated or log.oidc is not Oidc.UNKNOWN:
            return SKIPPED
        from safepublish.npm.publish_tools import starts_npm

        version = str(log.tool_version) if log.tool_version else None
        name = "yarn" if log.tool is Tool.YARN else log.tool.value
        own = exchanges(log.tool.value, version)
        asks_for_token = log.tool in {Tool.AUTO, Tool.NPM_PUBLISH}
        if asks_for_token or _old_plugin(log):
            own = False
        if own is True or log.last.minted or (starts_npm(log.tool.value, version) and not asks_for_token):
            return SKIPPED
        evidence = log.quoted("tool", "publishing", "code")[:3]
        login = TOOLS[log.tool.value]
        since = login.oldest_with_exchange or login.oldest_without_token
        if own is False:
            return Judgement(
                Answer.FAIL,
                f"{name}{f' {version}' if version else ''} cannot log in through OIDC"
                + (f"; {since} or newer is required" if since else ""),
                evidence=(*evidence, *_why(log)),
                remedy=Remedy("Publish with npm. Node 24 ships an npm that supports OIDC.", command="npm publish"),
            )
        return Judgement(
            Answer.UNKNOWN,
            f"{name} may be older than {since}, which is required for OIDC; the log does not show its version",
            evidence=evidence,
            remedy=Remedy(
                "To see the version, run this in the step that publishes:",
                command=_LOG_VERSION_COMMANDS.get(log.tool, f"npx {name} --version"),
            ),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Publish with npm what yarn 1 publishes."""
        from safepublish.pipelines.fix.publish_command import publish_with_npm

        return publish_with_npm(sheet, step)


def _needs_token_first(step: "Step") -> Judgement:
    """The judgement on a tool that needs a token before it starts npm, unless its configuration says otherwise."""
    tool = step.invocation.tool
    if step.invocation.checks_login:
        return _fails(step, f"{tool} {_ASKS_FIRST[tool]}", _SKIP[tool])
    return Judgement(Answer.UNKNOWN, f"{tool} {_NEEDS_TOKEN_FIRST[tool]}", location=step.place.at)


def _instruction(tool: PublishTool) -> str:
    first = TOOLS[tool.name].oldest_with_exchange
    newer = f"Use {tool.called} {first} or newer, or publish with npm" if first else "Publish with npm"
    return f"{newer}. Node 24 ships an npm that supports OIDC."


_VERSION_COMMANDS = {"yarn": "yarn --version", "lerna": "npx lerna --version", "pnpm": "pnpm --version"}
_LOG_VERSION_COMMANDS = {Tool.YARN: "yarn --version", Tool.PNPM: "pnpm --version"}


def _old_plugin(log: Log) -> bool:
    """Whether ENONPMTOKEN has the text of @semantic-release/npm before 13 (its lib/definitions/errors.js)."""
    if log.code != "ENONPMTOKEN" or "oidc_tried" in log.quotes or log.says("through trusted publishing"):
        return False
    return log.says("An npm token (") is not None or log.says("An [npm token](") is not None


def _why(log: Log) -> tuple[str, ...]:
    if _old_plugin(log) and log.tool_version is None:
        return (
            "Inferred: @semantic-release/npm 13.1 starts it with `When not publishing through trusted publishing`.",
        )
    return ()


def _fails(step: "Step", message: str, newer: str | None = None) -> Judgement:
    """Fail with the fix: the *newer* tool where there is one with OIDC, else npm."""
    npm = "ublish with npm. Node 24 ships an npm that supports OIDC."
    remedy = Remedy(f"{newer}, or p{npm}") if newer else Remedy(f"P{npm}", command="npm publish")
    return Judgement(Answer.FAIL, message, remedy=remedy, location=step.place.at)
