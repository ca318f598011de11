"""The cause provenance-variables-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity, Run
from safepublish.logs.log import Log
from safepublish.npm.provenance import generated, statement_is_certain

_GITHUB = "https://github.com"
_ISSUER = "https://token.actions.githubusercontent.com"
_UNDEFINED = ('to match "undefined/', '/undefined" from provenance')


class ProvenanceVariablesMissing(Cause):
    """The publish fails with E422, expected to match "undefined/undefined" from provenance.

    What happens
        repository.url in package.json is correct. The provenance statement is not, because npm runs without GitHub's
        own variables: in a container that a step starts (`docker run -e …`), behind `env -i` or `sudo`, or in another
        server's runner that calls itself GitHub Actions (Gitea, Forgejo).

    Why
        npm builds the statement from the variables GITHUB_SERVER_URL and GITHUB_REPOSITORY, and writes `undefined`
        for one that is not set (npm 12.2.0, node_modules/libnpmpublish/lib/provenance.js). npmjs.com compares the
        statement with package.json and with the claims of the ID token.

    Fix
        Pass the variables on:

            docker run --env GITHUB_SERVER_URL --env GITHUB_REPOSITORY … IMAGE npm publish

        GITHUB_WORKFLOW_REF, GITHUB_REF, GITHUB_SHA and RUNNER_ENVIRONMENT belong in the statement too.

    If you want to ignore it
        `--no-provenance` publishes without a statement.
    """

    id = "provenance-variables-missing"
    title = "a variable that the provenance statement is built from is missing or wrong"
    screen = (Screen("E422: Failed to validate repository information", rank=3),)
    applies_with_provenance = True
    rests_on_visibility = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm will attach provenance that names no repository, or another server's."""
        attached = generated(run)
        if run.identity.ci is not Ci.GITHUB or attached is False or not statement_is_certain(run):
            return SKIPPED
        wrong = _wrong(run.identity)
        if not wrong:
            return PASSED
        names = " and ".join(wrong)
        remedy = Remedy(
            f"Pass {names} on to npm unchanged, or publish with `--no-provenance`.",
            command="docker run --env GITHUB_SERVER_URL --env GITHUB_REPOSITORY …"
            if None in (run.identity.server_url, run.identity.repository)
            else None,
        )
        message = f"npm builds the provenance statement from {names}"
        if attached is None:
            return Judgement(
                Answer.UNKNOWN, f"{message}; npmjs.com refuses that where provenance is attached", remedy=remedy
            )
        return Judgement(
            Answer.FAIL, f"{message}; npmjs.com refuses that statement (E422)", evidence=_evidence(run), remedy=remedy
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the statement named no repository."""
        line = next((found for text in _UNDEFINED if (found := log.says(text)) is not None), None)
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm ran without GITHUB_SERVER_URL or GITHUB_REPOSITORY, so that the provenance names no repository",
            evidence=(str(line), "repository.url in package.json need not be changed for this."),
            remedy=Remedy(
                "Pass these variables on to npm.",
                command="docker run --env GITHUB_SERVER_URL --env GITHUB_REPOSITORY …",
            ),
        )


def _wrong(identity: Identity) -> tuple[str, ...]:
    """The variables that make the statement wrong, each with what is wrong with it."""
    claims = identity.id_token.claims
    wrong = []
    if identity.server_url is None:
        wrong.append("GITHUB_SERVER_URL, which is not set")
    elif claims.get("iss", _ISSUER) == _ISSUER and identity.server_url != _GITHUB:
        wrong.append(f"GITHUB_SERVER_URL, which is {identity.server_url}")
    if identity.repository is None:
        wrong.append("GITHUB_REPOSITORY, which is not set")
    elif identity.repository != claims.get("repository", identity.repository):
        wrong.append(f"GITHUB_REPOSITORY, which is {identity.repository}")
    return tuple(wrong)


def _evidence(run: Run) -> tuple[str, ...]:
    own = run.identity.id_token.claims.get("repository")
    return (f"The ID token names {own} on github.com.",) if own else ()
