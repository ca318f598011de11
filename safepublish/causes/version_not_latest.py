"""The cause version-not-latest."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Existence, Package, Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import command_with_tag, latest_is_guarded, why_undecided
from safepublish.npm.versions import PackageVersion, parse


class VersionNotLatest(Cause):
    """A higher version is published, and no tag is set.

    What happens
        npm fails with 'Cannot implicitly apply the "latest" tag because previously published version … is higher'. The
        version is lower than a published one, as for a fix of an older line, and no tag is set.

    Why
        Without a tag the version would become `latest`, and npm 11 and newer refuse that (npm 12.2.0,
        lib/commands/publish.js). npm compares with the highest version that is neither a pre-release nor deprecated. It
        accepts `--tag`, publishConfig.tag and `--force`. npm 10 moves `latest` back without a message.

    Fix
        Set a tag for that line: `safepublish --tag release-1.x`. A tag must not look like a version, such as `1.x`.

    If you want to ignore it
        `--waive version-not-latest=reason`.
    """

    id = "version-not-latest"
    title = "a higher version is published, and no tag is set"
    screen = (Screen('Cannot implicitly apply the "latest" tag'),)
    rests_on_versions = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm 11 refuses to move `latest` back."""
        package = run.package
        own = parse(package.manifest.version) if package.manifest.version else None
        if own is None or own.prerelease or not latest_is_guarded(run):
            return SKIPPED
        if (
            package.packument.existence is not Existence.EXISTS
            or package.manifest.version in package.packument.versions
        ):
            return SKIPPED
        highest = highest_release(package)
        if highest is None or highest.older_than(own):
            return PASSED
        message = f"{own} is lower than the published {package.manifest.name}@{highest}, and no tag is set"
        remedy = Remedy(
            f"Set another tag than latest, or raise the version above {highest}.",
            command=command_with_tag(run, f"release-{own.major}.x"),
        )
        open_ = why_undecided(run)
        if open_ is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {open_}", remedy=remedy)
        return Judgement(
            Answer.FAIL, f"{message}; npm requires one, because it does not move latest back", remedy=remedy
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm refused to move the tag latest to a lower version."""
        line = log.says('Cannot implicitly apply the "latest" tag')
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "a higher version is already published, and no tag is set; npm requires one",
            evidence=(str(line),),
            remedy=Remedy("Set a tag.", command="safepublish --tag previous"),
        )


def highest_release(package: Package) -> PackageVersion | None:
    """The highest published version that is neither a pre-release nor deprecated, as npm compares it."""
    highest: PackageVersion | None = None
    for text in package.packument.versions - package.packument.deprecated:
        version = parse(text)
        if version is None or version.prerelease:
            continue
        if highest is None or highest.older_than(version):
            highest = version
    return highest
