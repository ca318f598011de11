"""The tool that publishes cannot log in through OIDC.

What it is
    Not npm itself publishes, but a tool that neither exchanges the CI's identity nor starts an npm that does.

Why npm behaves so
    Trusted publishing is an exchange that the publishing program has to make. Of the tools that publish to npm:

    - pnpm makes it from 11 on; pnpm 10 and older start `npm publish`, so there npm's version counts
    - yarn makes it from 4.10 on (`yarn npm publish`); yarn 1 never does, and starts no npm
    - lerna makes it from 9.0 on; semantic-release from 25 on, with the npm that @semantic-release/npm 13 brings
    - bun does not (oven-sh/bun#22423)
    - changesets, nx, release-it, np, auto and publib start `npm publish`: there npm's version counts
    - JS-DevTools/npm-publish goes on without a token from v4 on, and starts npm

    Which tool publishes cannot be told where a package script or an action hides it that is not at hand.

How to mend
    Use a version that can, or let npm publish what the tool has packed:

        - run: npm publish

How to ignore
    `--waive publisher-tool-without-oidc=reason`.
"""

from typing import TYPE_CHECKING

from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy

if TYPE_CHECKING:
    from safepublish.facts.step import Step

ID = "publisher-tool-without-oidc"
TITLE = "the tool that publishes cannot log in through OIDC"


def in_workflow(step: "Step") -> Judgement:
    """Fail where the tool has no exchange and starts no npm; unknown where tool or version cannot be told."""
    from safepublish.facts.tools import TOOLS, exchanges, newest, starts_npm

    known = TOOLS.get(step.tool)
    if step.hidden is not None or known is None:
        return Judgement(
            Answer.UNKNOWN,
            f"what publishes cannot be told: {step.hidden or step.tool} is not among the files at hand",
            location=step.at,
        )
    top = newest(step.tool_version)
    if known.since is not None and top is not None and top.older_than(known.since):
        return _fails(
            step, f"{step.tool} {step.tool_version} asks for a token; {known.since} is the first that does without"
        )
    if step.tool == "publib" and (step.env.get("NPM_TRUSTED_PUBLISHER") or "").lower() not in {"true", "1"}:
        return _fails(step, "publib asks for NPM_TOKEN unless NPM_TRUSTED_PUBLISHER is true")
    own = exchanges(step.tool, step.tool_version)
    if own is True or starts_npm(step.tool, step.tool_version) is not False:
        return PASSED
    version = f" {step.tool_version}" if step.tool_version else ""
    if own is None:
        return Judgement(
            Answer.UNKNOWN,
            f"whether {step.tool}{version} can log in through OIDC cannot be told: {known.source}",
            location=step.at,
        )
    return _fails(step, f"{step.tool}{version} cannot log in through OIDC: {known.source}")


def _fails(step: "Step", message: str) -> Judgement:
    return Judgement(
        Answer.FAIL,
        message,
        remedy=Remedy("Let npm publish: Node 24 brings one that can.", command="npm publish"),
        location=step.at,
    )
