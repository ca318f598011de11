"""The cause id-token-wrong-audience."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import at_fault
from safepublish.causes.wording import where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm import url
from safepublish.npm.exchange import NPMJS, Outcome, host_is_certain, hostname, npm_exchange_succeeded, outcome
from safepublish.npm.oidc import SUPPORTED, failure_answer
from safepublish.npm.secrets import shown_setting

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


class IdTokenWrongAudience(Cause):
    """The id token is for another audience.

    What happens
        The `aud` claim of the id token does not name the registry that npm publishes to.

    Why
        The audience has to be `npm:` and the registry's host name (npm 12.2.0, lib/utils/oidc.js, which asks GitHub for
        it; docs.npmjs.com, "Trusted publishing for npm packages", for GitLab and CircleCI). npm sends what NPM_ID_TOKEN
        holds without looking at it; npmjs.com answers 401, which npm keeps to itself. A token made for sigstore or a
        cloud does not serve, and neither does one for npmjs.org where another setting sends the publish to a mirror.

    Fix
        GitLab:

            id_tokens:
              NPM_ID_TOKEN:
                aud: "npm:registry.npmjs.org"

        CircleCI: `circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}'`. GitHub: remove NPM_ID_TOKEN.

    If you want to ignore it
        `--allow-token` when a token is meant to publish.
    """

    id = "id-token-wrong-audience"
    title = "the id token is for another audience"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=7),
        Screen("unauthorized", rank=2, hidden=True),
    )
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the id token names other audiences than the registry and the registry has not accepted it."""
        host = hostname(run)
        if run.identity.ci not in SUPPORTED or not host or not host_is_certain(run):
            return SKIPPED
        token = run.identity.id_token
        needed = f"npm:{host}"
        if (
            not token.audiences
            or needed in token.audiences
            or npm_exchange_succeeded(run)
            or outcome(run) is Outcome.ACCEPTED
        ):
            return PASSED
        registry = run.package.settings.registry
        return Judgement(
            failure_answer(run),
            f"the id token in {token.variable or 'this job'} is for {', '.join(token.audiences)}, not for {needed}",
            evidence=(f"The registry {shown_setting(registry)} comes from {where(registry.origin)}.",)
            if registry and host != NPMJS
            else (),
            remedy=_remedy(run, needed),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of GitLab CI or CircleCI asks for an id token with another audience than npm's."""
        credentials = step.credentials
        audiences = (credentials.id_tokens or {}).get("NPM_ID_TOKEN")
        if step.context.ci not in {Ci.GITLAB, Ci.CIRCLECI} or audiences is None or not credentials.registry.url:
            return SKIPPED
        needed = f"npm:{NPMJS}"
        registry = url.parse(credentials.registry.url)
        if not audiences or needed in audiences or registry is None or registry.hostname != NPMJS:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"the id token in NPM_ID_TOKEN of the job {step.place.job} is for {', '.join(audiences)}, not for {needed}",
            remedy=_remedy_in(step.context.ci, needed),
            location=credentials.id_tokens_entry.key.at if credentials.id_tokens_entry else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN: it does not say why."""
        return at_fault(log, "perhaps the id token is for another audience than npm:registry.npmjs.org")

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Correct the audience of GitLab's NPM_ID_TOKEN."""
        from safepublish.pipelines.fix.id_tokens import correct_audience

        return correct_audience(sheet, step)


def _remedy(run: Run, needed: str) -> Remedy:
    return _remedy_in(run.identity.ci, needed)


def _remedy_in(ci: Ci, needed: str) -> Remedy:
    if ci is Ci.GITHUB:
        return Remedy("Remove NPM_ID_TOKEN: in GitHub Actions npm requests an id token itself, for the right audience.")
    if ci is Ci.GITLAB:
        return Remedy("Correct the audience in .gitlab-ci.yml.", diff=f'+       aud: "{needed}"')
    claims = f'{{"aud":"{needed}"}}'
    return Remedy(
        "Get it for that audience.", command=f"export NPM_ID_TOKEN=$(circleci run oidc get --claims '{claims}')"
    )
