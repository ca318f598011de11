"""The cause unsupported-ci."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Log, Oidc
from safepublish.facts.run import Run
from safepublish.npm.oidc import token_available, token_may_publish


class UnsupportedCi(Cause):
    """npm has no trusted publishing in this CI.

    What it is
        The job runs in a CI other than GitHub Actions, GitLab CI and CircleCI.

    Why npm behaves so
        lib/utils/oidc.js of npm 12.2.0 asks ci-info for those three and does nothing elsewhere; an NPM_ID_TOKEN is then
        ignored. Nothing of that is said: npm goes on with whatever token it finds. Setting GITHUB_ACTIONS by hand does
        not help, as npmjs.com accepts only the identities that those three sign.

    How to mend
        Publish from one of the three: a small GitHub workflow that takes the tarball this job built is enough.

    How to ignore
        `--allow-token` publishes with a token.
    """

    id = "unsupported-ci"
    title = "npm has no trusted publishing in this CI"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=15),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail in a CI that npm does not exchange identities for, unless a token may publish."""
        if token_may_publish(run):
            return SKIPPED
        if run.identity.ci is not Ci.OTHER:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"npm has no trusted publishing in {run.identity.ci_name or 'this CI'}: only in GitHub Actions, GitLab"
            " CI and CircleCI",
            evidence=("NPM_ID_TOKEN is set, and npm ignores it here.",) if run.identity.npm_id_token else (),
            remedy=Remedy(
                "Publish from one of those three"
                + ("; or let the token in reach publish, with --allow-token." if token_available(run) else ".")
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the log is that of a CI whose identity npm does not exchange."""
        remedy = Remedy("Publish from one of those three, or with a token.")
        untried = log.oidc is Oidc.NOT_TRIED and log.unauthenticated
        old = log.unauthenticated and log.has_exchange is False
        if log.ci is None and (untried or old or log.hides_reason):
            return Judgement(
                Answer.UNKNOWN,
                "perhaps the CI is another than GitHub Actions, GitLab CI and CircleCI, whose identities npm exchanges",
                log.quoted("code"),
                remedy,
            )
        if log.ci is not Ci.OTHER or not (untried or old or log.hides_reason):
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm exchanges the identities of GitHub Actions, GitLab CI and CircleCI, and this log is of another CI",
            evidence=log.quoted("ci", "code"),
            remedy=remedy,
        )
