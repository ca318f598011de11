"""Who the CI says this job is: its variables, the event that started it, and the id token it hands out."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from safepublish.ci import id_token
from safepublish.ci.providers import NPM_ID_TOKEN, REQUEST_TOKEN, REQUEST_URL, identity_of
from safepublish.detect import http
from safepublish.detect.files import read_object
from safepublish.detect.http import Client, Response
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity, IdToken, IdTokenRequest
from safepublish.npm.config.transport import Transport
from safepublish.npm.http_status import may_pass
from safepublish.npm.url import parse

_LARGEST_EVENT = 8 * 1024 * 1024  # bytes; GitHub's own limit for a webhook's payload is 25 MB, usual are 20 kB


def from_environment(env: Mapping[str, str]) -> Identity:
    """Who the variables in *env*, and in GitHub Actions the event that started the workflow, say this job is."""
    identity = identity_of(env)
    if identity.ci is not Ci.GITHUB:
        return identity
    path = env.get("GITHUB_EVENT_PATH")
    event = read_object(path, _LARGEST_EVENT) if path else None
    return identity._replace(
        git_tag=identity.git_tag or _tag_of_release(env, event),
        head_repository=_text(event, "pull_request", "head", "repo", "full_name"),
        repository_visibility=_visibility(event),
    )


def request_id_token(
    identity: Identity, env: Mapping[str, str], hostname: str | None, client: Client
) -> tuple[IdToken, str | None]:
    """Return the CI's id token for the registry at *hostname*, as npm comes by it: what it says, and the secret itself.

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
    result = IdToken(variable=REQUEST_URL)
    client = client.with_transport(_environment_transport(client.transport, env))
    try:
        response = _ask_endpoint(_with_audience(url, hostname), secret, client)
    except ValueError:
        return result._replace(request=IdTokenRequest.UNREACHABLE, trouble=f"{REQUEST_URL} is not a valid URL"), None
    except http.NotSentError as error:
        return result._replace(trouble=error.message), None
    except http.UnreachableError as error:
        return result._replace(request=IdTokenRequest.UNREACHABLE, trouble=error.message), None
    return _read_answer(response, secret, client)


def _read_answer(response: Response, secret: str, client: Client) -> tuple[IdToken, str | None]:
    """Return what the identity endpoint's *response* amounts to."""
    result = IdToken(IdTokenRequest.REFUSED, REQUEST_URL, response.status)
    if 300 <= response.status < 400:
        why = "it redirects, and a credential is not sent to the new address; npm may still succeed"
        return result._replace(request=IdTokenRequest.UNREACHABLE, trouble=why), None
    if response.status >= 400:
        return result._replace(trouble=response.message(secret)), None
    token = response.document.get("value")
    if not isinstance(token, str) or not token:
        return result._replace(trouble="the answer has no token"), None
    if http.is_header_value(token):
        client.mask(token)
    return id_token.decode(token)._replace(
        request=IdTokenRequest.MINTED, variable=REQUEST_URL, status=response.status
    ), token


def _ask_endpoint(url: str, secret: str, client: Client) -> Response:
    """Return the endpoint's answer; when it fails or hangs up, its second answer."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {secret}"}
    try:
        response = client.request("GET", url, headers)
        if not may_pass(response.status):
            return response
    except http.UnreachableError as error:
        if not error.retry:
            raise
    return client.request("GET", url, headers)


def _environment_transport(transport: Transport, env: Mapping[str, str]) -> Transport:
    """Return *transport* without npm's configuration, of which npm passes this request only the retries."""
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
    fields = [*parse_qsl(query, keep_blank_values=True), ("audience", f"npm:{hostname}")]
    return f"{before}?{urlencode(fields, safe='*').replace('~', '%7E')}"


def _tag_of_release(env: Mapping[str, str], event: object) -> str | None:
    """The tag of the release that started the workflow; a push has its own in GITHUB_REF_NAME."""
    if env.get("GITHUB_EVENT_NAME") != "release" or env.get("GITHUB_REF_TYPE") == "tag":
        return None
    return _text(event, "release", "tag_name")


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
    return http.one_line(found) if isinstance(found, str) else None


def _inside(document: object, *keys: str) -> object:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
