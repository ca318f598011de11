"""The cause unsupported-ci."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import token_available, token_may_publish


class UnsupportedCi(Cause):
    """npm does not support trusted publishing in this CI.

    What happens
        npm fails with ENEEDAUTH, "This command requires you to be logged in to …". The job runs in a CI other than
        GitHub Actions, GitLab CI and CircleCI.

    Why
        npm tries OIDC only where ci-info detects one of those three, and ignores NPM_ID_TOKEN elsewhere (npm 12.2.0,
        lib/utils/oidc.js). It prints nothing about it and uses whatever token it finds. Setting GITHUB_ACTIONS by hand
        does not help, because npmjs.com accepts only ID tokens that those three sign.

    Fix
        Publish from one of the three. A small GitHub workflow that publishes the tarball from this job is enough.

    If you want to ignore it
        `--allow-token` publishes with a token.
    """

    id = "unsupported-ci"
    title = "npm does not support trusted publishing in this CI"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=15),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail in a CI whose ID tokens npm does not exchange, unless a token may publish."""
        if token_may_publish(run):
            return SKIPPED
        if run.identity.ci is not Ci.OTHER:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"npm does not support trusted publishing in {run.identity.ci_name or 'this CI'}; GitHub Actions, GitLab CI"
            " or CircleCI is required",
            evidence=("NPM_ID_TOKEN is set, but npm ignores it here.",) if run.identity.npm_id_token else (),
            remedy=Remedy(
                "Publish from one of these three"
                + (", or allow the token that npm would use with `--allow-token`." if token_available(run) else ".")
            ),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the log is that of a CI whose ID tokens npm does not exchange."""
        remedy = Remedy("Publish from GitHub Actions, GitLab CI or CircleCI, or with a token.")
        untried = log.oidc is Oidc.NOT_TRIED and log.unauthenticated
        old = log.unauthenticated and log.has_exchange is False
        if log.ci is None and (untried or old or log.hides_reason) and not log.can_request_id_token:
            return Judgement(
                Answer.UNKNOWN,
                "the CI could be one without trusted publishing; npm supports GitHub Actions, GitLab CI and CircleCI",
                log.quoted("code"),
                remedy,
            )
        if log.ci is not Ci.OTHER or not (untried or old or log.hides_reason):
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "this log is of a CI without trusted publishing; npm supports GitHub Actions, GitLab CI and CircleCI",
            evidence=log.quoted("ci", "code"),
            remedy=remedy,
        )
