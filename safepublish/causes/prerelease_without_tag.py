"""The cause prerelease-without-tag."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import command_with_tag, latest_is_guarded, why_undecided
from safepublish.npm.versions import parse


class PrereleaseWithoutTag(Cause):
    """A pre-release needs a tag, and none is set.

    What happens
        npm fails with "You must specify a tag using --tag when publishing a prerelease version." The version is a
        pre-release, such as 1.0.0-beta.1, and no tag is set.

    Why
        Without a tag the pre-release would become `latest`, which everyone installs. npm 11 and newer refuse that (npm
        12.2.0, lib/commands/publish.js). They accept `--tag`, also `--tag latest`, publishConfig.tag and, from 11.1 on,
        `--force`. npm 10 publishes the pre-release as `latest`.

    Fix
        Set the tag: `safepublish --tag beta`, or in package.json:

            "publishConfig": { "tag": "beta" }

    If you want to ignore it
        `--waive prerelease-without-tag=reason`.
    """

    id = "prerelease-without-tag"
    title = "a pre-release needs a tag, and none is set"
    screen = (Screen("You must specify a tag using --tag when publishing a prerelease version."),)
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm 11 requires a tag for a pre-release."""
        package = run.package
        own = parse(package.manifest.version) if package.manifest.version else None
        if own is None or not own.prerelease or package.manifest.version in package.packument.versions:
            return SKIPPED
        if not latest_is_guarded(run):
            return PASSED
        message = f"{own} is a pre-release, and no tag is set"
        tag = own.prerelease[0] if re.fullmatch(r"[a-z]{2,20}", own.prerelease[0]) else "next"
        remedy = Remedy("Set a tag for this version.", command=command_with_tag(run, tag))
        open_ = why_undecided(run)
        if open_ is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {open_}", remedy=remedy)
        return Judgement(Answer.FAIL, f"{message}; npm requires one, because it would become latest", remedy=remedy)

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm required a tag for a pre-release."""
        line = log.says("You must specify a tag using --tag when publishing a prerelease version") or log.says(
            "must specify a dist-tag using --tag when publishing a pre-release"  # np
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the version is a pre-release, and no tag is set; npm requires one",
            evidence=(str(line),),
            remedy=Remedy("Set a tag.", command="safepublish --tag next"),
        )
