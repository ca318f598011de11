"""The cause not-in-ci."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import token_available, token_may_publish


class NotInCi(Cause):
    """npm fails with ENEEDAUTH because it does not run in a CI with trusted publishing.

    What happens
        npm can log in through OIDC only in GitHub Actions, GitLab CI or CircleCI. A laptop has no such identity.

    Why
        npm tries OIDC only if GITHUB_ACTIONS, GITLAB_CI or CIRCLECI is set; otherwise it publishes with the token of
        `npm login`: "This code should never run when people try to publish locally on their machines" (npm 12.2.0,
        lib/utils/oidc.js).

    Fix
        Publish from the workflow: push the tag, publish the release or dispatch the workflow. `safepublish check`
        predicts on your machine whether that will work.

    If you want to ignore it
        `--allow-token` publishes from your machine with the token of `npm login`, for example the first version of a
        package.
    """

    id = "not-in-ci"
    title = "npm does not run in a CI that supports trusted publishing"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=16),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail outside of CI, unless a token may publish."""
        if run.is_forecast or token_may_publish(run):
            return SKIPPED
        if run.identity.ci is not Ci.NONE:
            return PASSED
        if token_available(run):
            instruction = "Publish from CI, or add `--allow-token` to publish with this token."
            evidence: tuple[str, ...] = (f"npm would use the token from {where(run.package.credential.origin)}.",)
        else:
            instruction = "Publish from CI, or run `npm login` and add `--allow-token`."
            evidence = ("There is no npm token either.",)
        return Judgement(
            Answer.FAIL,
            "this is not a CI job; npm can log in through OIDC only in GitHub Actions, GitLab CI or CircleCI",
            evidence=evidence,
            remedy=Remedy(f"{instruction} `safepublish check` predicts whether the publish in CI will work."),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm did not detect a CI, and the paths in the log are not those of a CI."""
        if not log.unauthenticated or log.ci not in {Ci.NONE, None} or log.can_request_id_token:
            return SKIPPED
        remedy = Remedy("Publish from CI, or log in to npm first.", command="npm login")
        if log.ci is Ci.NONE and log.oidc in {Oidc.NOT_TRIED, Oidc.UNKNOWN}:
            return Judgement(
                Answer.FAIL if log.oidc is Oidc.NOT_TRIED else Answer.WARN,
                "npm did not run in CI; it can log in through OIDC only in GitHub Actions, GitLab CI or CircleCI",
                evidence=log.quoted("place", "npm", "code"),
                remedy=remedy,
            )
        if log.oidc is Oidc.NOT_TRIED:
            return Judgement(
                Answer.WARN,
                "npm did not run in a CI that supports trusted publishing",
                evidence=(
                    *log.quoted("npm", "code"),
                    "npm logs every other way in which OIDC can fail, and this log has none of those lines.",
                ),
                remedy=remedy,
            )
        if not (log.hides_reason or log.has_exchange is False):
            return SKIPPED
        return Judgement(Answer.UNKNOWN, "npm may not have run in CI", log.quoted("code"), remedy)
