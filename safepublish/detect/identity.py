"""Who the CI says this job is: its variables, the event that started it, and the id token it hands out."""

import os
import stat
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from safepublish.ci import id_token
from safepublish.detect import http
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity, IdToken, IdTokenRequest
from safepublish.npm.config.transport import Transport
from safepublish.npm.url import parse

REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - a variable's name
NPM_ID_TOKEN = "NPM_ID_TOKEN"  # noqa: S105 - a variable's name

_VENDORS = """\
Agola CI: AGOLA_GIT_REF
Alpic: ALPIC_HOST
Appcircle: AC_APPCIRCLE
AppVeyor: APPVEYOR
AWS CodeBuild: CODEBUILD_BUILD_ARN
Azure Pipelines: TF_BUILD
Bamboo: bamboo_planKey
Bitbucket Pipelines: BITBUCKET_COMMIT
Bitrise: BITRISE_IO
Buddy: BUDDY_WORKSPACE_ID
Buildkite: BUILDKITE
Cirrus CI: CIRRUS_CI
Cloudflare Pages: CF_PAGES
Cloudflare Workers: WORKERS_CI
Codefresh: CF_BUILD_ID
Codemagic: CM_BUILD_ID
Codeship: CI_NAME=codeship
Drone: DRONE
dsari: DSARI
Earthly: EARTHLY_CI
Expo Application Services: EAS_BUILD
Gerrit: GERRIT_PROJECT
Gitea Actions: GITEA_ACTIONS
GoCD: GO_PIPELINE_LABEL
Google Cloud Build: BUILDER_OUTPUT
Harness CI: HARNESS_BUILD_ID
Hudson: HUDSON_URL
Jenkins: JENKINS_URL BUILD_ID
LayerCI: LAYERCI
Magnum CI: MAGNUM
Netlify CI: NETLIFY
Nevercode: NEVERCODE
Prow: PROW_JOB_ID
ReleaseHub: RELEASE_BUILD_ID
Render: RENDER
Sail CI: SAILCI
Screwdriver: SCREWDRIVER
Semaphore: SEMAPHORE
Sourcehut: CI_NAME=sourcehut
Strider CD: STRIDER
TaskCluster: TASK_ID RUN_ID
TeamCity: TEAMCITY_VERSION
Travis CI: TRAVIS
Vela: VELA
Vercel: NOW_BUILDER
Vercel: VERCEL
Visual Studio App Center: APPCENTER_BUILD_ID
Woodpecker: CI=woodpecker
Xcode Cloud: CI_XCODE_PROJECT
Xcode Server: XCS
"""
"""ci-info 4.4.0, vendors.json, in its order, without the three that npm exchanges an identity for and without Heroku,
which it knows by a path. All variables of a line must hold something, or the value that is given."""

_ANY_CI = (
    "BUILD_ID", "BUILD_NUMBER", "CI", "CI_APP_ID", "CI_BUILD_ID", "CI_BUILD_NUMBER", "CI_NAME",
    "CONTINUOUS_INTEGRATION", "RUN_ID",
)  # fmt: skip
"""One of these is enough for ci-info 4.4.0, index.js, `isCI`."""

_LARGEST_EVENT = 8 * 1024 * 1024  # bytes; GitHub's own limit for a webhook's payload is 25 MB, usual are 20 kB
_RETRIED = {408, 420, 429}  # besides 5xx


def from_environment(env: Mapping[str, str]) -> Identity:
    """Who the variables in *env* say this job is.

    `ci` is what they name even where ``CI=false`` keeps npm from seeing it (`ci_disabled`): that depends on npm, whose
    ci-info looks at ``CI`` first from npm 11.6.2 on, while npm 11.5.1 to 11.6.1 exchange all the same.
    Where several of the three are set, the first in the order of npm 12.2.0's lib/utils/oidc.js counts.
    """
    ci, name = _ci(env)
    identity = Identity(
        ci=ci,
        ci_name=name,
        ci_disabled=env.get("CI") == "false" and ci is not Ci.NONE,
        request_url=bool(env.get(REQUEST_URL)),
        request_token=bool(env.get(REQUEST_TOKEN)),
        npm_id_token=bool(env.get(NPM_ID_TOKEN)),
        sigstore_id_token=bool(env.get("SIGSTORE_ID_TOKEN")),
    )
    if ci is Ci.GITHUB:
        return _github(identity, env)
    if ci is Ci.GITLAB:
        return identity._replace(
            repository=env.get("CI_PROJECT_PATH") or None,
            repository_visibility=env.get("CI_PROJECT_VISIBILITY") or None,
            actor=env.get("GITLAB_USER_LOGIN") or None,
            job=env.get("CI_JOB_NAME") or None,
            git_tag=env.get("CI_COMMIT_TAG") or None,
        )
    if ci is Ci.CIRCLECI:
        owner, project = env.get("CIRCLE_PROJECT_USERNAME"), env.get("CIRCLE_PROJECT_REPONAME")
        return identity._replace(
            repository=f"{owner}/{project}" if owner and project else None,
            actor=env.get("CIRCLE_USERNAME") or None,
            job=env.get("CIRCLE_JOB") or None,
            git_tag=env.get("CIRCLE_TAG") or None,
        )
    return identity


def mint(
    identity: Identity,
    env: Mapping[str, str],
    hostname: str | None,
    *,
    transport: Transport,
    deadline: http.Deadline,
    mask: Callable[[str], None],
) -> tuple[IdToken, str | None]:
    """The CI's id token for the registry at *hostname*, as npm comes by it: what it says, and the secret itself.

    Without a *hostname* none is requested, and only NPM_ID_TOKEN is read.

    npm 12.2.0, lib/utils/oidc.js: NPM_ID_TOKEN where it is set, else, in GitHub Actions, the job's identity endpoint,
    asked without npm's proxy and TLS settings, which leaves those of the environment.
    npm asks up to three times, 10 and 60 s apart, when the endpoint fails with 408, 420, 429 or 5xx or cannot be
    reached (make-fetch-happen, lib/remote.js, with `fetch-retries`). Here a failure is asked about once more, at once.
    So such a status does not prove that npm will fail, and neither does `IdTokenRequest.UNREACHABLE`.
    """
    if identity.ci not in {Ci.GITHUB, Ci.GITLAB, Ci.CIRCLECI}:
        return IdToken(), None
    present = env.get(NPM_ID_TOKEN)
    if present:
        return id_token.decode(present)._replace(request=IdTokenRequest.PRESENT, variable=NPM_ID_TOKEN), present
    url, secret = env.get(REQUEST_URL), env.get(REQUEST_TOKEN)
    if identity.ci is not Ci.GITHUB or not url or not secret or hostname is None:
        return IdToken(), None
    asked = IdToken(variable=REQUEST_URL)
    try:
        response = _ask(_with_audience(url, hostname), secret, deadline, _of_the_environment(transport, env))
    except ValueError:
        return asked._replace(request=IdTokenRequest.UNREACHABLE, trouble=f"{REQUEST_URL} is no URL"), None
    except http.NotSent as error:
        return asked._replace(trouble=error.why), None
    except http.Unreachable as error:
        return asked._replace(request=IdTokenRequest.UNREACHABLE, trouble=error.why), None
    return _minted(response, secret, mask)


def _minted(response: http.Response, secret: str, mask: Callable[[str], None]) -> tuple[IdToken, str | None]:
    """What the identity endpoint's *response* amounts to."""
    asked = IdToken(IdTokenRequest.REFUSED, REQUEST_URL, response.status)
    if 300 <= response.status < 400:
        why = "it redirects, which a credential does not follow; npm may still get through"
        return asked._replace(request=IdTokenRequest.UNREACHABLE, trouble=why), None
    if response.status >= 400:
        return asked._replace(trouble=http.said(response, secret)), None
    token = http.document(response).get("value")
    if not isinstance(token, str) or not token:
        return asked._replace(trouble="the answer holds no token"), None
    if http.header_value(token):
        mask(token)
    return id_token.decode(token)._replace(
        request=IdTokenRequest.MINTED, variable=REQUEST_URL, status=response.status
    ), token


def _ask(url: str, secret: str, deadline: http.Deadline, transport: Transport) -> http.Response:
    """The endpoint's answer; when it fails or hangs up, its second answer."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {secret}"}
    try:
        response = http.request("GET", url, headers=headers, deadline=deadline, transport=transport)
        if response.status < 500 and response.status not in _RETRIED:
            return response
    except http.Unreachable as error:
        if not error.again:
            raise
    return http.request("GET", url, headers=headers, deadline=deadline, transport=transport)


def _of_the_environment(transport: Transport, env: Mapping[str, str]) -> Transport:
    """*transport* without npm's configuration, of which npm passes this request only the retries."""
    return transport._replace(
        proxy=None,
        https_proxy=None,
        noproxy="",
        ca=(),
        cafile=None,
        strict_ssl=env.get("NODE_TLS_REJECT_UNAUTHORIZED") != "0",  # make-fetch-happen 15, lib/options.js
        cert=None,
        key=None,
    )


def _with_audience(url: str, hostname: str) -> str:
    """The endpoint's URL with npm's audience, as `URL.searchParams.append` writes it."""
    parsed = parse(url)
    if parsed is None:
        raise ValueError(url)
    before, _, query = parsed.href.partition("#")[0].partition("?")
    asked = [*parse_qsl(query, keep_blank_values=True), ("audience", f"npm:{hostname}")]
    return f"{before}?{urlencode(asked, safe='*').replace('~', '%7E')}"


def _ci(env: Mapping[str, str]) -> tuple[Ci, str | None]:
    """The CI, and its name where it is none of npm's three (ci-info 4.4.0, index.js: the last vendor that fits)."""
    for variable, ci in (("GITHUB_ACTIONS", Ci.GITHUB), ("GITLAB_CI", Ci.GITLAB), ("CIRCLECI", Ci.CIRCLECI)):
        if env.get(variable):
            return ci, None
    names = [name for name, _, marks in (line.partition(": ") for line in _VENDORS.splitlines()) if _fits(marks, env)]
    if names:
        return Ci.OTHER, names[-1]
    if env.get("CI") != "false" and any(env.get(variable) for variable in _ANY_CI):
        return Ci.OTHER, None
    return Ci.NONE, None


def _fits(marks: str, env: Mapping[str, str]) -> bool:
    for mark in marks.split():
        variable, _, value = mark.partition("=")
        if env.get(variable) != value if value else not env.get(variable):
            return False
    return True


def _github(identity: Identity, env: Mapping[str, str]) -> Identity:
    """*identity* with what GitHub tells a job (docs.github.com, "Variables reference")."""
    event = _event(env.get("GITHUB_EVENT_PATH"))
    return identity._replace(
        event=env.get("GITHUB_EVENT_NAME") or None,
        git_tag=_git_tag(env, event),
        head_repository=_text(event, "pull_request", "head", "repo", "full_name"),
        repository=env.get("GITHUB_REPOSITORY") or None,
        repository_visibility=_visibility(event),
        actor=env.get("GITHUB_ACTOR") or None,
        workflow_ref=env.get("GITHUB_WORKFLOW_REF") or None,
        job=env.get("GITHUB_JOB") or None,
        runner_environment=env.get("RUNNER_ENVIRONMENT") or None,
    )


def _git_tag(env: Mapping[str, str], event: object) -> str | None:
    """The tag that was pushed, or that of the release (docs.github.com, "Variables reference")."""
    if env.get("GITHUB_REF_TYPE") == "tag":
        return env.get("GITHUB_REF_NAME") or None
    return _text(event, "release", "tag_name") if env.get("GITHUB_EVENT_NAME") == "release" else None


def _event(path: str | None) -> object:
    """The event that started the workflow, None when its file cannot be read or is none."""
    if not path:
        return None
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            text = file.read(_LARGEST_EVENT + 1)
    except (OSError, ValueError):
        return None
    if len(text) > _LARGEST_EVENT:
        return None
    return http.document(http.Response(200, {}, text))


def _visibility(event: object) -> str | None:
    stated = _text(event, "repository", "visibility")
    if stated is not None:
        return stated
    private = _inside(event, "repository", "private")
    if isinstance(private, bool):
        return "private" if private else "public"
    return None


def _text(document: object, *keys: str) -> str | None:
    found = _inside(document, *keys)
    return http.words(found) if isinstance(found, str) else None


def _inside(document: object, *keys: str) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
