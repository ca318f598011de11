"""Who the CI says this job is: its variables, the event that started it, and the id token it hands out."""

import os
import stat
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from safepublish.ci import id_token
from safepublish.ci.providers import NPM_ID_TOKEN, REQUEST_TOKEN, REQUEST_URL, identity_of
from safepublish.detect import http
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity, IdToken, IdTokenRequest
from safepublish.npm.config.transport import Transport
from safepublish.npm.exchange import RETRIED
from safepublish.npm.url import parse

_LARGEST_EVENT = 8 * 1024 * 1024  # bytes; GitHub's own limit for a webhook's payload is 25 MB, usual are 20 kB


def from_environment(env: Mapping[str, str]) -> Identity:
    """Who the variables in *env*, and in GitHub Actions the event that started the workflow, say this job is."""
    identity = identity_of(env)
    if identity.ci is not Ci.GITHUB:
        return identity
    event = _event(env.get("GITHUB_EVENT_PATH"))
    return identity._replace(
        git_tag=identity.git_tag or _tag_of_release(env, event),
        head_repository=_text(event, "pull_request", "head", "repo", "full_name"),
        repository_visibility=_visibility(event),
    )


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
        if response.status < 500 and response.status not in RETRIED:
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


def _tag_of_release(env: Mapping[str, str], event: object) -> str | None:
    """The tag of the release that started the workflow; a push has its own in GITHUB_REF_NAME."""
    if env.get("GITHUB_EVENT_NAME") != "release" or env.get("GITHUB_REF_TYPE") == "tag":
        return None
    return _text(event, "release", "tag_name")


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
