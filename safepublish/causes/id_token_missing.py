"""The cause id-token-missing."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import NPMJS, host_is_certain, hostname
from safepublish.npm.oidc import failure_answer

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class IdTokenMissing(Cause):
    """npm fails with ENEEDAUTH because NPM_ID_TOKEN is not set in GitLab CI or CircleCI.

    What happens
        In GitLab CI and CircleCI npm reads its ID token from the variable NPM_ID_TOKEN. That variable is unset or
        empty.

    Why
        Without it npm silently skips OIDC (log level silly: "Skipped because no id_token available", npm 12.2.0,
        lib/utils/oidc.js) and publishes with any token it finds. GitLab sets the variable only in a job that lists it
        under `id_tokens`. CircleCI never sets it.

    Fix
        GitLab, in the job that publishes:

            id_tokens:
              NPM_ID_TOKEN:
                aud: "npm:registry.npmjs.org"

        CircleCI, in the step that publishes (docs.npmjs.com, "Trusted publishing for npm packages"):

            export NPM_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}')

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "id-token-missing"
    title = "the job has no NPM_ID_TOKEN"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=5),
        Screen("Skipped because no id_token available", hidden=True),
    )
    applies_to_tools = True
    likelihood = 20

    def in_run(self, run: Run) -> Judgement:
        """Fail in GitLab CI and CircleCI where NPM_ID_TOKEN is not set."""
        if run.identity.ci not in {Ci.GITLAB, Ci.CIRCLECI}:
            return SKIPPED
        if run.identity.npm_id_token:
            return PASSED
        message = f"NPM_ID_TOKEN is unset or empty; in {run.identity.ci.value} npm needs it to log in through OIDC"
        return Judgement(failure_answer(run), message, remedy=_remedy(run))

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of GitLab CI or CircleCI has no NPM_ID_TOKEN; unknown where a template may set it."""
        place = step.place
        if step.context.ci not in {Ci.GITLAB, Ci.CIRCLECI}:
            return SKIPPED
        if step.credentials.id_tokens is None:
            return Judgement(
                Answer.UNKNOWN,
                f"whether the job {place.job} has NPM_ID_TOKEN is unknown: {_unread_source(step)} may set it",
                location=place.job_at,
            )
        if "NPM_ID_TOKEN" in step.credentials.id_tokens:
            return PASSED
        audience = f"npm:{NPMJS}"
        if step.context.ci is Ci.GITLAB:
            remedy = Remedy("Give the job an ID token for npm.", diff=_in_gitlab(audience))
        else:
            remedy = Remedy("Get an ID token in the same step, before npm publishes.", command=_in_circleci(audience))
        return Judgement(
            Answer.FAIL,
            f"the job {place.job} has no NPM_ID_TOKEN; in {step.context.ci.value} npm needs it to log in through OIDC",
            remedy=remedy,
            location=place.job_at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm found no NPM_ID_TOKEN; unknown in GitLab and CircleCI when the log level hides it."""
        if not log.unauthenticated or log.has_exchange is False:
            return SKIPPED
        audience = "npm:registry.npmjs.org"
        remedy = Remedy(f"Set NPM_ID_TOKEN, with the audience {audience}, in the job that publishes.")
        if log.oidc is Oidc.NO_ID_TOKEN:
            return Judgement(
                Answer.FAIL,
                "NPM_ID_TOKEN was unset or empty; in GitLab CI and CircleCI npm needs it to log in through OIDC",
                evidence=log.quoted("oidc"),
                remedy=remedy,
            )
        if (
            log.can_request_id_token
            or not log.hides_reason
            or log.ci is Ci.NONE
            or (log.ci is Ci.GITHUB and log.sees_requests)
        ):
            return SKIPPED
        return Judgement(
            Answer.WARN if log.sees_requests and log.ci in {Ci.GITLAB, Ci.CIRCLECI} else Answer.UNKNOWN,
            "NPM_ID_TOKEN may not have been set; npm logs that only at log level silly",
            evidence=log.quoted("code"),
            remedy=remedy._replace(command='echo "${NPM_ID_TOKEN:+set}"'),
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Give a job of GitLab CI an ID token for npm."""
        from safepublish.pipelines.fix.id_tokens import add_id_token

        return add_id_token(sheet, step)


def _unread_source(step: "Step") -> str:
    return f"`{step.context.missing[0]}`, which could not be read," if step.context.missing else "an included template"


def _remedy(run: Run) -> Remedy:
    audience = f"npm:{(hostname(run) or NPMJS) if host_is_certain(run) else 'HOST'}"
    if run.identity.ci is Ci.GITLAB:
        job = f"the job {run.identity.job}" if run.identity.job else "the job that publishes"
        return Remedy(f"In .gitlab-ci.yml give {job} an ID token for npm.", diff=_in_gitlab(audience))
    return Remedy("Get an ID token in the same step, before this command.", command=_in_circleci(audience))


def _in_gitlab(audience: str) -> str:
    return f'+   id_tokens:\n+     NPM_ID_TOKEN:\n+       aud: "{audience}"'


def _in_circleci(audience: str) -> str:
    claims = f'{{"aud":"{audience}"}}'
    return f"export NPM_ID_TOKEN=$(circleci run oidc get --claims '{claims}')"
