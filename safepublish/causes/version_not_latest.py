"""The cause version-not-latest."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Log
from safepublish.facts.run import Existence, Package, Run
from safepublish.npm.publish_rules import command_with_tag, latest_is_guarded, why_undecided
from safepublish.npm.versions import PackageVersion, parse


class VersionNotLatest(Cause):
    """A higher version is published, and no tag is given.

    What it is
        The version is lower than one that is published, as a fix for an older line, and npm is not told which tag to
        move.

    Why npm behaves so
        Without a tag the version would become `latest`. npm 11 and newer refuse that: 'Cannot implicitly apply the
        "latest" tag because previously published version … is higher' (npm 12.2.0, lib/commands/publish.js). It
        compares with the highest version that is neither a pre-release nor deprecated. `--tag`, publishConfig.tag and
        `--force` pass; npm 10 moves `latest` back without a word.

    How to mend
        Name the tag of that line: `safepublish --tag release-1.x`. A tag must not look like a version: not `1.x`.

    How to ignore
        `--waive version-not-latest=reason`.
    """

    id = "version-not-latest"
    title = "a higher version is published, and no tag is given"
    screen = (Screen('Cannot implicitly apply the "latest" tag'),)

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm 11 refuses to move `latest` back."""
        package = run.package
        own = parse(package.version) if package.version else None
        if own is None or own.prerelease or not latest_is_guarded(run):
            return SKIPPED
        if package.packument.existence is not Existence.EXISTS or package.version in package.packument.versions:
            return SKIPPED
        highest = highest_release(package)
        if highest is None or highest.older_than(own):
            return PASSED
        message = f"{package.name}@{highest} is published and higher than {own}, and no tag is given"
        remedy = Remedy(
            f"Name another tag than latest, or raise the version above {highest}.",
            command=command_with_tag(run, f"release-{own.major}.x"),
        )
        open_ = why_undecided(run)
        if open_ is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {open_}", remedy=remedy)
        return Judgement(Answer.FAIL, f"{message}: npm does not move latest back by itself", remedy=remedy)

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm did not let an older version take the tag latest."""
        line = log.says('Cannot implicitly apply the "latest" tag')
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "a higher version is out, so npm wants a tag for this one",
            evidence=(str(line),),
            remedy=Remedy("Name a tag.", command="safepublish --tag previous"),
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
