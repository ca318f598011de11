"""The cause stage-only-publisher."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log


class StageOnlyPublisher(Cause):
    """The trusted publisher may only stage.

    What it is
        The exchange worked, and the upload was refused with 403, "OIDC permission denied for this action".

    Why npm behaves so
        A trusted publisher has permissions of its own: to publish, to stage, or both. Publishers made since September
        2026 may only stage, unless direct publishing was allowed when they were made (GitHub changelog, staged
        publishing). The exchange does not look at that, so it shows at the upload only. No field of the publisher
        differs.

    How to mend
        Publish in two steps: `safepublish stage` in CI, then a maintainer approves with `npm stage approve` or on
        npmjs.com. Or allow direct publishing: with npm 11.15 or newer,
        `npm trust github NAME --repo OWNER/REPOSITORY --file publish.yml --allow-publish`, or in the package's
        settings.

    How to ignore
        It is seen only in a log, and refuses nothing.
    """

    id = "stage-only-publisher"
    title = "the trusted publisher may only stage"
    screen = (Screen("E403: OIDC permission denied for this action"),)

    def in_log(self, log: Log) -> Judgement:
        """Fail when a publisher matched and may not publish directly."""
        line = log.says("OIDC permission denied for this action")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "the trusted publisher matches, and may stage but not publish",
            evidence=(str(line), "Repository, workflow file and environment are right: the exchange succeeded."),
            remedy=Remedy(
                "Stage instead, and approve on npmjs.com; or allow direct publishing in the publisher's settings.",
                command="safepublish stage",
            ),
        )
