"""The CI job of a rehearsal: its environment variables, and the ID token that its identity endpoint returns.

The claims are those that GitHub, GitLab and CircleCI give (GitHub's "OpenID Connect reference", GitLab's "ID token
payload", CircleCI's "OpenID Connect tokens").
The token is not signed: the embedded registry does not verify it, and no other may accept it.
"""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITLAB_ISSUER = "https://gitlab.com"
CIRCLECI_ISSUER = "https://oidc.circleci.com/org/"
LIFETIME = 300
"""Seconds for which GitHub's ID token is valid."""


class GitHubJob(NamedTuple):
    """A job of GitHub Actions with `id-token: write`."""

    repository: str = "octo-org/hello-oidc"
    workflow: str = "publish.yml"  # the file of the workflow that was triggered: the caller's
    ref: str = "refs/tags/v1.0.0"
    event: str = "release"
    job: str = "publish"
    environment: str | None = None
    visibility: str = "public"  # public, private, internal
    runner: str = "github-hosted"  # github-hosted, self-hosted
    called: str | None = None  # job_workflow_ref, where a reusable workflow runs the job

    @property
    def workflow_ref(self) -> str:
        """The value of GITHUB_WORKFLOW_REF and of the claim `workflow_ref`."""
        return f"{self.repository}/.github/workflows/{self.workflow}@{self.ref}"

    def claims(self) -> dict[str, Any]:
        """The claims that identify the job."""
        owner = self.repository.partition("/")[0]
        kind = "tag" if self.ref.startswith("refs/tags/") else "branch"
        scope = f"environment:{self.environment}" if self.environment else f"ref:{self.ref}"
        claims = {
            "iss": GITHUB_ISSUER,
            "sub": f"repo:{self.repository}:{scope}",
            "repository": self.repository,
            "repository_id": "1",
            "repository_owner": owner,
            "repository_owner_id": "2",
            "repository_visibility": self.visibility,
            "workflow": "Publish",
            "workflow_ref": self.workflow_ref,
            "job_workflow_ref": self.called or self.workflow_ref,
            "ref": self.ref,
            "ref_type": kind,
            "ref_protected": "false",
            "sha": "0" * 40,
            "event_name": self.event,
            "runner_environment": self.runner,
            "actor": owner,
            "actor_id": "2",
            "run_id": "1",
            "run_number": "1",
            "run_attempt": "1",
            "head_ref": "",
            "base_ref": "",
        }
        return claims | ({"environment": self.environment} if self.environment else {})

    def variables(self, *, request_url: str, request_token: str) -> dict[str, str]:
        """The environment variables that the runner sets for the job's steps."""
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": request_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": request_token,
            "GITHUB_ACTOR": self.repository.partition("/")[0],
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_JOB": self.job,
            "GITHUB_REF": self.ref,
            "GITHUB_REF_NAME": self.ref.split("/", 2)[-1],
            "GITHUB_REF_TYPE": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_REPOSITORY_ID": "1",
            "GITHUB_REPOSITORY_OWNER": self.repository.partition("/")[0],
            "GITHUB_REPOSITORY_OWNER_ID": "2",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "1",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "0" * 40,
            "GITHUB_WORKFLOW": "Publish",
            "GITHUB_WORKFLOW_REF": self.workflow_ref,
            "RUNNER_ENVIRONMENT": self.runner,
        }


class GitLabJob(NamedTuple):
    """A job of GitLab CI whose `id_tokens` define NPM_ID_TOKEN."""

    project: str = "octo-group/hello-oidc"
    file: str = ".gitlab-ci.yml"
    ref: str = "refs/tags/v1.0.0"
    environment: str | None = None
    visibility: str = "public"

    def claims(self) -> dict[str, Any]:
        """The claims that identify the job."""
        claims = {
            "iss": GITLAB_ISSUER,
            "sub": f"project_path:{self.project}:ref_type:tag:ref:{self.ref.split('/', 2)[-1]}",
            "namespace_path": self.project.rpartition("/")[0],
            "project_path": self.project,
            "project_visibility": self.visibility,
            "ci_config_ref_uri": f"gitlab.com/{self.project}//{self.file}@{self.ref}",
            "ref": self.ref.split("/", 2)[-1],
            "ref_type": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "runner_environment": "gitlab-hosted",
        }
        return claims | ({"environment": self.environment} if self.environment else {})

    def variables(self, *, npm_id_token: str | None) -> dict[str, str]:
        """The environment variables that GitLab sets for the job."""
        variables = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PROJECT_PATH": self.project,
            "CI_PROJECT_URL": f"https://gitlab.com/{self.project}",
            "CI_PROJECT_VISIBILITY": self.visibility,
            "CI_JOB_NAME": "publish",
        }
        return variables | ({"NPM_ID_TOKEN": npm_id_token} if npm_id_token is not None else {})


class CircleCIJob(NamedTuple):
    """A job of CircleCI that ran `circleci run oidc get`."""

    origin: str = "github.com/octo-org/hello-oidc"
    pipeline_definition: str = "b3f7e8a0-1d2c-4e5f-8a9b-0c1d2e3f4a5b"
    organization: str = "0a1b2c3d-0000-4000-8000-000000000001"
    project: str = "0a1b2c3d-0000-4000-8000-000000000002"

    def claims(self) -> dict[str, Any]:
        """The claims that identify the job."""
        return {
            "iss": f"{CIRCLECI_ISSUER}{self.organization}",
            "sub": f"org/{self.organization}/project/{self.project}/user/1",
            "oidc.circleci.com/org-id": self.organization,
            "oidc.circleci.com/project-id": self.project,
            "oidc.circleci.com/pipeline-definition-id": self.pipeline_definition,
            "oidc.circleci.com/vcs-origin": self.origin,
        }

    def variables(self, *, npm_id_token: str | None) -> dict[str, str]:
        """The environment variables that CircleCI and the step before set for the job."""
        variables = {"CI": "true", "CIRCLECI": "true", "CIRCLE_REPOSITORY_URL": f"https://{self.origin}"}
        return variables | ({"NPM_ID_TOKEN": npm_id_token} if npm_id_token is not None else {})


Job = GitHubJob | GitLabJob | CircleCIJob


def id_token(claims: Mapping[str, Any], *, audience: str, lifetime: int = LIFETIME) -> str:
    """A JWT with *claims* for *audience*, valid for *lifetime* seconds; with a negative lifetime it has expired."""
    now = int(time.time())
    payload = {"jti": "rehearsal", "aud": audience, "iat": now, "nbf": now - 600, "exp": now + lifetime, **claims}
    header = {"typ": "JWT", "alg": "RS256", "kid": "rehearsal"}
    return ".".join((_encode(json.dumps(header)), _encode(json.dumps(payload)), _encode("no signature")))


def read_claims(token: str) -> dict[str, Any] | None:
    """The claims of a JWT, not verified; None where *token* is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
