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


_ASK_FIRST = {
    "release-it": "asks npm whoami first, which OIDC does not answer, unless its configuration sets npm.skipChecks",
    "auto": "asks for NPM_TOKEN where its plugin for npm is on, which its configuration says",
}


class PublisherToolWithoutOidc(Cause):
    """The tool that publishes cannot log in through OIDC.

    What it is
        Not npm itself publishes, but a tool that neither exchanges the CI's identity nor starts an npm that does.

    Why npm behaves so
        Trusted publishing is an exchange that the publishing program has to make. Of the tools that publish to npm:

        - pnpm makes it from 11 on; pnpm 10 and older start `npm publish`, so there npm's version counts
        - yarn makes it from 4.10 on (`yarn npm publish`); yarn 1 never does, and starts no npm
        - lerna makes it from 9.0 on; semantic-release from 25 on, with the npm that @semantic-release/npm 13 brings
        - bun does not (oven-sh/bun#22423)
        - changesets, nx, np and publib start `npm publish`: there npm's version counts
        - release-it starts it too, after an `npm whoami` that fails unless `npm.skipChecks` is true
        - auto asks for NPM_TOKEN
        - JS-DevTools/npm-publish goes on without a token from v4 on, and starts npm

        Which tool publishes cannot be told where a package script or an action hides it that is not at hand.

    How to mend
        Use a version that can, or let npm publish what the tool has packed:

            - run: npm publish

    How to ignore
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
        """Fail where the tool that publishes in npm's place has no exchange; unknown where the tool is not known."""
        tool = run.tool
        if tool is None:
            return SKIPPED
        version = f" {tool.version}" if tool.version else ""
        known = TOOLS.get(tool.name)
        own = exchanges(tool.name, str(tool.version) if tool.version else None)
        if known is None or (own is None and not tool.npm):
            why = tool.trouble or (known.source if known else "it is not among the tools that safepublish knows")
            return Judgement(
                Answer.UNKNOWN, f"whether {tool.called}{version} can log in through OIDC cannot be told: {why}"
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
        """Fail where the tool has no exchange and starts no npm; unknown where tool or version cannot be told."""
        from safepublish.npm.publish_tools import newest, starts_npm

        place, invocation = step.place, step.invocation
        known = TOOLS.get(invocation.tool)
        if invocation.hidden_in is not None:
            return Judgement(
                Answer.UNKNOWN,
                f"what publishes cannot be told: {invocation.hidden_in} starts a publish from code, "
                "which is not followed here",
                location=place.at,
            )
        if invocation.hidden is not None or known is None:
            return Judgement(
                Answer.UNKNOWN,
                f"what publishes cannot be told: {invocation.hidden or invocation.tool} is not among the files at hand",
                location=place.at,
            )
        top = newest(invocation.tool_version)
        since = known.oldest_without_token
        if since is not None and top is not None and top < since:
            return _fails(
                step,
                f"{invocation.tool} {invocation.tool_version} asks for a token; {since} is the first that does without",
                f"Use {invocation.tool} {since} or newer",
            )
        if invocation.tool == "publib" and (invocation.env.get("NPM_TRUSTED_PUBLISHER") or "").lower() not in {
            "true",
            "1",
        }:
            return _fails(step, "publib asks for NPM_TOKEN unless NPM_TRUSTED_PUBLISHER is true")
        if invocation.tool in _ASK_FIRST and not any("skipChecks" in word for word in invocation.argv):
            return Judgement(Answer.UNKNOWN, f"{invocation.tool} {_ASK_FIRST[invocation.tool]}", location=place.at)
        own, first = exchanges(invocation.tool, invocation.tool_version), known.oldest_with_exchange
        if own is True or starts_npm(invocation.tool, invocation.tool_version) is not False:
            return PASSED
        name = invocation.tool.removesuffix("-berry")
        version = f" {invocation.tool_version}" if invocation.tool_version else ""
        if own is None:
            which = (
                f"{name}{version} may be an older one" if version else f"which {name} runs is not in the files at hand"
            )
            return Judgement(
                Answer.UNKNOWN,
                f"only {name} {first} or newer can log in through OIDC, and {which}",
                remedy=Remedy(f"See which one runs; {first} or newer is needed.", command=_ASK_VERSION.get(name)),
                location=place.at,
            )
        if first is not None:
            newer = f"Use {name} {first} or newer"
            return _fails(step, f"{name}{version} cannot log in through OIDC; {first} is the first that can", newer)
        return _fails(step, f"{name}{version} cannot log in through OIDC: {known.source}")

    def in_log(self, log: Log) -> Judgement:
        """Fail when the tool that ended without a credential has no exchange; unknown where no version is shown."""
        if log.tool is Tool.RELEASE_IT and log.unauthenticated:
            return Judgement(
                Answer.WARN,  # a token that the registry does not know ends with the same words
                "release-it asks npm whoami before it publishes, and OIDC does not answer that",
                evidence=log.quoted("code"),
                remedy=Remedy(
                    "Let it skip that question, in .release-it.json; npm publish then logs in.",
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
                + (f"; {since} is the first that can" if since else ""),
                evidence=(*evidence, *_why(log)),
                remedy=Remedy("Let npm publish: Node 24 brings one that can.", command="npm publish"),
            )
        return Judgement(
            Answer.UNKNOWN,
            f"perhaps this {name} is older than {since}, the first that can log in through OIDC: the log does not say",
            evidence=evidence,
            remedy=Remedy("In the step that publishes:", command=_ASK.get(log.tool, f"npx {name} --version")),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Let npm publish what yarn 1 does."""
        from safepublish.pipelines.fix.publish_command import publish_with_npm

        return publish_with_npm(sheet, step)


def _instruction(tool: PublishTool) -> str:
    first = TOOLS[tool.name].oldest_with_exchange
    newer = f"Use {tool.called} {first} or newer, or let npm publish" if first else "Let npm publish"
    return f"{newer}: Node 24 brings one that can."


_ASK_VERSION = {"yarn": "yarn --version", "lerna": "npx lerna --version", "pnpm": "pnpm --version"}
_ASK = {Tool.YARN: "yarn --version", Tool.PNPM: "pnpm --version"}


def _old_plugin(log: Log) -> bool:
    """Whether ENONPMTOKEN has the words of @semantic-release/npm before 13 (its lib/definitions/errors.js)."""
    if log.code != "ENONPMTOKEN" or "oidc_tried" in log.quotes or log.says("through trusted publishing"):
        return False
    return log.says("An npm token (") is not None or log.says("An [npm token](") is not None


def _why(log: Log) -> tuple[str, ...]:
    if _old_plugin(log) and log.tool_version is None:
        return (
            "Inferred: @semantic-release/npm 13.1 begins it with `When not publishing through trusted publishing`.",
        )
    return ()


def _fails(step: "Step", message: str, newer: str | None = None) -> Judgement:
    """Fail with the mend: the *newer* tool where there is one that can, else npm in its place."""
    npm = "et npm publish: Node 24 brings one that can."
    remedy = Remedy(f"{newer}, or l{npm}") if newer else Remedy(f"L{npm}", command="npm publish")
    return Judgement(Answer.FAIL, message, remedy=remedy, location=step.place.at)
