"""The cause prerelease-without-tag."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import command_with_tag, latest_is_guarded, why_undecided
from safepublish.npm.versions import parse


class PrereleaseWithoutTag(Cause):
    """A pre-release, and no tag is given.

    What it is
        The version is a pre-release, as 1.0.0-beta.1, and npm is not told which tag to move.

    Why npm behaves so
        Without a tag the pre-release would become `latest`, which everyone installs. npm 11 and newer refuse that: "You
        must specify a tag using --tag when publishing a prerelease version." (npm 12.2.0, lib/commands/publish.js).
        `--tag`, also `--tag latest`, publishConfig.tag and, from 11.1 on, `--force` pass; npm 10 publishes it as
        latest.

    How to mend
        Name the tag: `safepublish --tag beta`, or in package.json:

            "publishConfig": { "tag": "beta" }

    How to ignore
        `--waive prerelease-without-tag=reason`.
    """

    id = "prerelease-without-tag"
    title = "a pre-release, and no tag is given"
    screen = (Screen("You must specify a tag using --tag when publishing a prerelease version."),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm 11 wants a tag for a pre-release."""
        package = run.package
        own = parse(package.version) if package.version else None
        if own is None or not own.prerelease or package.version in package.packument.versions:
            return SKIPPED
        if not latest_is_guarded(run):
            return PASSED
        message = f"{own} is a pre-release, and no tag is given"
        tag = own.prerelease[0] if re.fullmatch(r"[a-z]{2,20}", own.prerelease[0]) else "next"
        remedy = Remedy("Name the tag it is to get.", command=command_with_tag(run, tag))
        open_ = why_undecided(run)
        if open_ is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {open_}", remedy=remedy)
        return Judgement(Answer.FAIL, f"{message}: npm would have to make it latest, and refuses", remedy=remedy)

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm wanted a tag for a prerelease."""
        line = log.says("You must specify a tag using --tag when publishing a prerelease version")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "a prerelease needs a tag of its own",
            evidence=(str(line),),
            remedy=Remedy("Name a tag.", command="safepublish --tag next"),
        )
