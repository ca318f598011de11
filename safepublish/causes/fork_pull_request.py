"""The cause fork-pull-request."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Identity, Run
from safepublish.logs.log import Log
from safepublish.npm.oidc import failure_answer, has_identity

if TYPE_CHECKING:
    from safepublish.facts.step import Step


class ForkPullRequest(Cause):
    """npm fails with ENEEDAUTH in a pull request from a fork or from Dependabot.

    What happens
        The job runs for a pull request whose code comes from another repository, or that Dependabot opened. npm cannot
        request an ID token there.

    Why
        GitHub gives such jobs no ID token, whatever the workflow's permissions, and no secrets either
        (docs.github.com, "Automatic token authentication" and "Troubleshooting Dependabot on GitHub Actions"): the
        code does not belong to the repository yet. npm then finds no ACTIONS_ID_TOKEN_REQUEST_URL, and prints nothing
        about it.

    Fix
        Publish after the merge: on a push to the default branch, on a tag or on a release. No permission changes this.

            on:
              release:
                types: [published]

    If you want to ignore it
        Skip the publish in such jobs: `if: github.event_name != 'pull_request'` on the step.
    """

    id = "fork-pull-request"
    title = "a pull request from a fork or from Dependabot gets no ID token"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=11),
        Screen(
            'EUSAGE: Provenance generation in GitHub Actions requires "write" access to the "id-token" permission',
            rank=2,
        ),
        Screen("Skipped because incorrect permissions for id-token within GitHub workflow", rank=2, hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where GitHub gives no ID token because of the pull request's origin."""
        why = from_outside(run.identity)
        if why is None:
            return SKIPPED
        if has_identity(run.identity):
            return PASSED
        answer = failure_answer(run)
        return Judgement(
            answer,
            f"{why}; GitHub gives its jobs no ID token, whatever their permissions",
            remedy=Remedy(
                "Publish on a push, a tag or a release of this repository, and skip this step for pull requests.",
                diff="+   if: github.event_name != 'pull_request'" if answer is Answer.FAIL else None,
            ),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Warn where only pull requests start the workflow: those from forks get no ID token."""
        if step.context.triggers != {"pull_request"}:
            return SKIPPED
        return Judgement(
            Answer.WARN,
            "only pull requests start this workflow; those from forks get no ID token, whatever the permissions",
            remedy=Remedy("Publish on a push, a tag or a release."),
            location=step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when a job for a pull request had no ID token: a permission may be missing too."""
        denied = log.oidc is Oidc.NO_PERMISSION or log.says('"write" access to the "id-token" permission') is not None
        if not denied and (log.can_request_id_token or not (log.hides_reason and log.ci in {Ci.GITHUB, None})):
            return SKIPPED
        return Judgement(
            Answer.WARN if denied and log.pull_request else Answer.UNKNOWN,
            "the job runs for a pull request; from a fork or from Dependabot, it gets no ID token"
            if log.pull_request
            else "the job may run for a pull request from a fork or from Dependabot, which gets no ID token",
            evidence=log.quoted("pull_request"),
            remedy=Remedy("Publish after the merge, on a push or a tag."),
        )


def from_outside(identity: Identity) -> str | None:
    """Why the pull request's origin keeps this job from an ID token; None where it does not."""
    if identity.ci is not Ci.GITHUB or identity.event != "pull_request":
        return None
    if identity.actor == "dependabot[bot]":
        return "this pull request was opened by Dependabot"
    head, own = identity.head_repository, identity.repository
    if head is None or own is None or head.lower() == own.lower():
        return None
    return f"this pull request comes from {head}, a fork of {own}"
