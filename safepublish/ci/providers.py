"""Which CI a job runs in, and who its variables say the job is."""

from collections.abc import Mapping, Sequence

from safepublish import data
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity

REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - a variable's name
NPM_ID_TOKEN = "NPM_ID_TOKEN"  # noqa: S105 - a variable's name

_SUPPORTED = (("GITHUB_ACTIONS", Ci.GITHUB), ("GITLAB_CI", Ci.GITLAB), ("CIRCLECI", Ci.CIRCLECI))
"""The variables of the three that npm exchanges an identity for, in the order of npm 12.2.0's lib/utils/oidc.js."""

_ANY_CI = (
    "BUILD_ID", "BUILD_NUMBER", "CI", "CI_APP_ID", "CI_BUILD_ID", "CI_BUILD_NUMBER", "CI_NAME",
    "CONTINUOUS_INTEGRATION", "RUN_ID",
)  # fmt: skip
"""One of these is enough for ci-info 4.4.0, index.js, `isCI`."""


def identity_of(env: Mapping[str, str]) -> Identity:
    """Who the variables in *env* say this job is.

    `ci` is what they name even where ``CI=false`` keeps npm from seeing it (`ci_disabled`): that depends on npm, whose
    ci-info checks ``CI`` first from npm 11.6.2 on, while npm 11.5.1 to 11.6.1 exchange all the same.
    """
    ci, name = provider(env)
    identity = Identity(
        ci=ci,
        ci_name=name,
        also=frozenset(each for variable, each in _SUPPORTED if env.get(variable) and each is not ci),
        ci_disabled=env.get("CI") == "false" and ci is not Ci.NONE,
        request_url=bool(env.get(REQUEST_URL)),
        request_token=bool(env.get(REQUEST_TOKEN)),
        npm_id_token=bool(env.get(NPM_ID_TOKEN)),
        sigstore_id_token=bool(env.get("SIGSTORE_ID_TOKEN")),
    )
    if ci is Ci.GITHUB:
        return _github(identity, env)
    if ci is Ci.GITLAB:
        return _gitlab(identity, env)
    return _circleci(identity, env) if ci is Ci.CIRCLECI else identity


def provider(env: Mapping[str, str]) -> tuple[Ci, str | None]:
    """The CI, and its name where it is none of npm's three (ci-info 4.4.0, index.js: the last vendor that fits)."""
    for variable, ci in _SUPPORTED:
        if env.get(variable):
            return ci, None
    names = [name for name, marks in data.load("ci")["vendors"] if _fits(marks, env)]
    if names:
        return Ci.OTHER, names[-1]
    if env.get("CI") != "false" and any(env.get(variable) for variable in _ANY_CI):
        return Ci.OTHER, None
    return Ci.NONE, None


def _fits(marks: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether *env* has every variable of *marks*, or the value that one names."""
    for mark in marks:
        variable, _, value = mark.partition("=")
        if env.get(variable) != value if value else not env.get(variable):
            return False
    return True


def _github(identity: Identity, env: Mapping[str, str]) -> Identity:
    """*identity* with GitHub's variables (docs.github.com, "Variables reference")."""
    return identity._replace(
        event=env.get("GITHUB_EVENT_NAME") or None,
        git_tag=(env.get("GITHUB_REF_NAME") or None) if env.get("GITHUB_REF_TYPE") == "tag" else None,
        server_url=env.get("GITHUB_SERVER_URL") or None,
        repository=env.get("GITHUB_REPOSITORY") or None,
        actor=env.get("GITHUB_ACTOR") or None,
        workflow_ref=env.get("GITHUB_WORKFLOW_REF") or None,
        job=env.get("GITHUB_JOB") or None,
        runner_environment=env.get("RUNNER_ENVIRONMENT") or None,
    )


def _gitlab(identity: Identity, env: Mapping[str, str]) -> Identity:
    return identity._replace(
        repository=env.get("CI_PROJECT_PATH") or None,
        repository_visibility=env.get("CI_PROJECT_VISIBILITY") or None,
        actor=env.get("GITLAB_USER_LOGIN") or None,
        job=env.get("CI_JOB_NAME") or None,
        git_tag=env.get("CI_COMMIT_TAG") or None,
    )


def _circleci(identity: Identity, env: Mapping[str, str]) -> Identity:
    owner, project = env.get("CIRCLE_PROJECT_USERNAME"), env.get("CIRCLE_PROJECT_REPONAME")
    return identity._replace(
        repository=f"{owner}/{project}" if owner and project else None,
        actor=env.get("CIRCLE_USERNAME") or None,
        job=env.get("CIRCLE_JOB") or None,
        git_tag=env.get("CIRCLE_TAG") or None,
    )
