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
    """This is no CI job.

    What happens
        npm publishes through OIDC only where a CI vouches for the job: GitHub Actions, GitLab CI or CircleCI. A laptop
        has no such identity.

    Why
        "This code should never run when people try to publish locally on their machines" (npm 12.2.0,
        lib/utils/oidc.js): without GITHUB_ACTIONS, GITLAB_CI or CIRCLECI it does not try, and publishes with the token
        of `npm login`.

    Fix
        Let the workflow publish: push the tag, publish the release or dispatch the workflow. `safepublish check` says
        from here whether that will work.

    If you want to ignore it
        `--allow-token` publishes from here with the token that `npm login` left, as for the very first version of a
        package.
    """

    id = "not-in-ci"
    title = "this is no CI job"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=16),)
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail outside of every CI, unless a token may publish."""
        if run.is_forecast or token_may_publish(run):
            return SKIPPED
        if run.identity.ci is not Ci.NONE:
            return PASSED
        if token_available(run):
            instruction = "Publish from CI; or, to publish from here with that token, add --allow-token."
            evidence: tuple[str, ...] = (f"A token is in reach: {where(run.package.credential.origin)}.",)
        else:
            instruction = "Publish from CI; or, to publish from here, run npm login and add --allow-token."
            evidence = ("No token is in reach either.",)
        return Judgement(
            Answer.FAIL,
            "none of GITHUB_ACTIONS, GITLAB_CI and CIRCLECI is set: npm tries no OIDC outside of those",
            evidence=evidence,
            remedy=Remedy(f"{instruction} `safepublish check` says whether the CI's publish will work."),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm saw no CI, on a machine that is none as far as its paths show."""
        if not log.unauthenticated or log.ci not in {Ci.NONE, None}:
            return SKIPPED
        remedy = Remedy("Publish from the CI, or log in here.", command="npm login")
        if log.ci is Ci.NONE and log.oidc in {Oidc.NOT_TRIED, Oidc.UNKNOWN}:
            return Judgement(
                Answer.FAIL if log.oidc is Oidc.NOT_TRIED else Answer.WARN,
                "npm ran outside of a CI, where there is no identity to exchange",
                evidence=log.quoted("place", "npm", "code"),
                remedy=remedy,
            )
        if log.oidc is Oidc.NOT_TRIED:
            return Judgement(
                Answer.WARN,
                "npm saw no CI that it exchanges identities for: of its ways through OIDC only that one leaves no line",
                evidence=log.quoted("npm", "code"),
                remedy=remedy,
            )
        if not (log.hides_reason or log.has_exchange is False):
            return SKIPPED
        return Judgement(Answer.UNKNOWN, "perhaps npm ran outside of a CI", log.quoted("code"), remedy)
