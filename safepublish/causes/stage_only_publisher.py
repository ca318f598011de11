"""The cause stage-only-publisher."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log


class StageOnlyPublisher(Cause):
    """The trusted publisher may stage a version, but not publish it.

    What happens
        npm fails with E403, "OIDC permission denied for this action". The exchange worked, and the registry refused the
        upload.

    Why
        A trusted publisher has permissions of its own: to publish, to stage, or both. Publishers created since
        September 2026 may only stage, unless direct publishing was allowed at their creation (GitHub changelog, staged
        publishing). The exchange does not check this, so only the upload fails. No field of the publisher differs.

    Fix
        Publish in two steps: run `safepublish stage` in CI, then a maintainer approves with `npm stage approve` or on
        npmjs.com. Or allow direct publishing in the package's settings, or with npm 11.15 or newer:

            npm trust github NAME --repo OWNER/REPOSITORY --file publish.yml --allow-publish

    If you want to ignore it
        It is found only in a log, and never refuses.
    """

    id = "stage-only-publisher"
    title = "the trusted publisher may stage a version, but not publish it"
    screen = (Screen("E403: OIDC permission denied for this action"),)

    def in_log(self, log: Log) -> Judgement:
        """Fail when a publisher matched and may not publish directly."""
        line = log.says("OIDC permission denied for this action")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the trusted publisher matches, but it may only stage a version, not publish it",
            evidence=(str(line), "Repository, workflow file and environment match: the exchange succeeded."),
            remedy=Remedy(
                "Stage the version and approve it on npmjs.com, or allow direct publishing for the publisher.",
                command="safepublish stage",
            ),
        )
