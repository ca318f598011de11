"""The cause version-published."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import quoted
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Existence, Run
from safepublish.logs.log import Log

if TYPE_CHECKING:
    from safepublish.facts.step import Step


_ONE_PACKAGE = frozenset({"npm", "safepublish", "pnpm", "yarn", "yarn-berry"})
"""The tools that publish one package, whether or not its version is there already."""


class VersionPublished(Cause):
    """This version is already published.

    What happens
        npm fails with "You cannot publish over the previously published versions", or with E409. The registry lists the
        version that would be published.

    Why
        npm 11.1 and newer compare the version themselves (npm 12.2.0, lib/commands/publish.js), except for
        pre-releases, deprecated versions and with `--force`. Those, and every publish with an older npm, reach the
        registry, which answers 403 with the same message. A version can never be used again, not even after `npm
        unpublish`.

    Fix
        Raise the version: `npm version patch`. If an earlier attempt of this job published it, the release is complete.
        In a job that runs again, skip the versions that are already published.

    If you want to ignore it
        `--waive version-published=reason`.
    """

    id = "version-published"
    title = "this version is already published"
    screen = (
        Screen("E403: You cannot publish over the previously published versions"),
        Screen("E409"),
        Screen("E409: Failed to save packument", rank=2),
    )
    applies_to_tools = True
    rests_on_versions = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the registry lists the version; unknown where a script may still change it."""
        package = run.package
        if package.manifest.version is None or package.packument.existence is not Existence.EXISTS:
            return SKIPPED
        if package.manifest.version not in package.packument.versions:
            return PASSED
        message = f"{package.manifest.name}@{package.manifest.version} is already published"
        if package.manifest.scripts_may_change_manifest:
            return Judgement(Answer.UNKNOWN, f"{message}; a script that runs before the upload may raise the version")
        if package.packument.confirmed_by_npm is False:
            return Judgement(
                Answer.UNKNOWN, f"{message} as far as strangers see; npm's own dry run does not find that version"
            )
        shown = package.manifest.file or package.spec
        behind = "The registry's list of versions does not have it yet, but the version's own document does."
        return Judgement(
            Answer.FAIL,
            message,
            evidence=(
                *([behind] if package.packument.behind else []),
                "If an earlier attempt of this job published it, nothing is left to do for it.",
            ),
            remedy=Remedy(
                f"Raise the version in {shown}.",
                command=f"npm version patch -w {quoted(package.manifest.name or '')}"
                if package.workspace
                else "npm version patch",
            ),
            location=Location(shown) if package.source == "directory" else None,
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn where several jobs of a matrix publish the same version."""
        invocation, repeats = step.invocation, step.context.repeats
        skips = {"-r", "--recursive", "--tolerate-republish"} & set(invocation.argv)
        if repeats == 1 or invocation.tool not in _ONE_PACKAGE or invocation.opaque or invocation.swallowed or skips:
            return SKIPPED
        return Judgement(
            Answer.WARN,
            f"{repeats} jobs of the matrix publish the same version; all but the first fail with E403",
            remedy=Remedy("Publish in a job of its own, without a matrix, or let one leg publish alone with an `if`."),
            location=step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry, or npm, reports that the version is already published."""
        line = (
            log.says("publish over the previously published version")
            or log.says("over existing version")
            or log.says("publish over previously")
            or log.says("stage previously published version")
            or log.says("is already staged")
            or log.says("already contains file")
            or log.says("this package is already present")
            or log.says("does not allow updating assets")
        )
        if line is None and log.code == "E409" and log.publishing:
            return Judgement(
                Answer.UNKNOWN,
                "this version may already be published, by an earlier attempt of this job or by another; the registry"
                " answered 409",
                evidence=log.quoted("put", "code"),
                remedy=Remedy(
                    "Check whether it was published:", command=f"npm view {log.last.name or 'NAME'}@VERSION version"
                ),
            )
        if line is None:
            return SKIPPED
        version = log.last.version or "this version"
        return Judgement(
            Answer.FAIL,
            f"{version} is already published",
            evidence=(str(line),),
            remedy=Remedy(
                "If an earlier attempt of this job published it, nothing is left to do. Otherwise raise the version.",
                command="npm version patch",
            ),
        )
