"""The cause version-published."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.log import Log
from safepublish.facts.run import Existence, Run


class VersionPublished(Cause):
    """This version is published already.

    What it is
        The registry lists the version that would be published.

    Why npm behaves so
        npm 11.1 and newer compare it themselves: "You cannot publish over the previously published versions" (npm
        12.2.0, lib/commands/publish.js), save for pre-releases, deprecated versions and with `--force`. Those, and
        everything with older npm, reach the registry, which answers 403 in the same words. A version is never free
        again, not even after `npm unpublish`.

    How to mend
        Raise the version: `npm version patch`. If a first try of this same job published it, the release is done: in a
        job that runs again, skip what is published.

    How to ignore
        `--waive version-published=reason`.
    """

    id = "version-published"
    title = "this version is published already"
    screen = (
        Screen("E403: You cannot publish over the previously published versions"),
        Screen("E409"),
        Screen("E409: Failed to save packument", rank=2),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the registry lists the version; unknown where a script may still change it."""
        package = run.package
        if package.version is None or package.packument.existence is not Existence.EXISTS:
            return SKIPPED
        if package.version not in package.packument.versions:
            return PASSED
        message = f"{package.name}@{package.version} is published already"
        if package.scripts_may_change_manifest:
            return Judgement(Answer.UNKNOWN, f"{message}; a script that runs before the upload may raise the version")
        shown = package.manifest or package.spec
        return Judgement(
            Answer.FAIL,
            message,
            evidence=("Perhaps by a first try of this same job: then the release is done.",),
            remedy=Remedy(f"Raise the version in {shown}.", command="npm version patch"),
            location=Location(shown) if package.source == "directory" else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry, or npm, says that the version is out."""
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
                "perhaps this version is out already, by this job's first try or by another: the registry answered 409",
                evidence=log.quoted("put", "code"),
                remedy=Remedy("Ask the registry:", command=f"npm view {log.last.name or 'NAME'}@VERSION version"),
            )
        if line is None:
            return SKIPPED
        version = log.last.version or "this version"
        return Judgement(
            Answer.FAIL,
            f"{version} is published already, perhaps by this job's first try",
            evidence=(str(line),),
            remedy=Remedy(
                "Where an earlier try of this job published it, nothing is left to do; else raise the version.",
                command="npm version patch",
            ),
        )
