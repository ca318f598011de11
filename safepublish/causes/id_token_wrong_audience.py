"""The cause id-token-wrong-audience."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.id_token_rejected import token_at_fault
from safepublish.causes.wording import id_token, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import IdTokenRequest, Run
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
    """npm fails with ENEEDAUTH because the ID token was issued for another audience.

    What happens
        The `aud` claim of the ID token does not name the registry that npm publishes to.

    Why
        The audience must be `npm:` plus the host name of the registry. npm requests such a token from GitHub itself
        (npm 12.2.0, lib/utils/oidc.js); for GitLab and CircleCI see docs.npmjs.com, "Trusted publishing for npm
        packages". npm sends the value of NPM_ID_TOKEN without checking it. npmjs.com answers 401, and npm does not
        print that. A token for sigstore or a cloud provider does not work. Neither does one for npmjs.org if another
        setting makes npm publish to a mirror.

    Fix
        GitLab:

            id_tokens:
              NPM_ID_TOKEN:
                aud: "npm:registry.npmjs.org"

        CircleCI: `circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}'`. GitHub: remove NPM_ID_TOKEN.

    If you want to ignore it
        `--allow-token` publishes with a token instead.
    """

    id = "id-token-wrong-audience"
    title = "the ID token was issued for another audience"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=7),
        Screen("unauthorized", rank=2, hidden=True),
    )
    applies_to_tools = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the ID token names other audiences, and the registry has not accepted it."""
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
            f"the audience of {id_token(token)} is {', '.join(token.audiences)}; {needed} is required",
            evidence=(f"The registry {shown_setting(registry)} is set in {where(registry.origin)}.",)
            if registry and host != NPMJS
            else (),
            remedy=_remedy(run, needed),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where a job of GitLab CI or CircleCI requests an ID token with another audience than npm's."""
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
            f"the audience of NPM_ID_TOKEN in the job {step.place.job} is {', '.join(audiences)}; {needed} is required",
            remedy=_remedy_in(step.context.ci, needed),
            location=credentials.id_tokens_entry.key.at if credentials.id_tokens_entry else step.place.at,
        )

    def in_log(self, log: Log) -> Judgement:
        """Unknown when the registry did not accept NPM_ID_TOKEN; the registry does not say why."""
        return token_at_fault(log, "the audience of the ID token may not be npm:registry.npmjs.org")

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Correct the audience of GitLab's NPM_ID_TOKEN."""
        from safepublish.pipelines.fix.id_tokens import correct_audience

        return correct_audience(sheet, step)


def _remedy(run: Run, needed: str) -> Remedy:
    if run.identity.ci is Ci.GITHUB and run.identity.id_token.request is not IdTokenRequest.PRESENT:
        return Remedy("Run the job again. If this stays, ask the administrator of your GitHub server.")
    return _remedy_in(run.identity.ci, needed)


def _remedy_in(ci: Ci, needed: str) -> Remedy:
    if ci is Ci.GITHUB:
        return Remedy("Remove NPM_ID_TOKEN. In GitHub Actions npm requests an ID token for the right audience itself.")
    if ci is Ci.GITLAB:
        return Remedy("Correct the audience in .gitlab-ci.yml.", diff=f'+       aud: "{needed}"')
    claims = f'{{"aud":"{needed}"}}'
    return Remedy(
        "Get the ID token for this audience.",
        command=f"export NPM_ID_TOKEN=$(circleci run oidc get --claims '{claims}')",
    )
