"""Who the CI says we are, and how its id token is come by."""

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safepublish.detect import identity
from safepublish.detect.http import Client, Deadline
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Identity, IdToken, IdTokenRequest
from safepublish.npm.config.transport import Transport
from safepublish.rehearsal.registry import Registry
from safepublish.rehearsal.server import Server
from tests.support import wire

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
REQUEST_TOKEN = "canary-request-token-31bb"
CLAIMS = {"aud": "npm:registry.npmjs.org", "repository": "o/r", "exp": 1790000300}
ID_TOKEN = ".".join(
    base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    for text in ('{"alg":"RS256"}', json.dumps(CLAIMS), "canary-signature-31bb")
)
VALUE = json.dumps({"count": 1, "value": ID_TOKEN}).encode()


def asked(url: str, **more: str) -> dict[str, str]:
    return {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN, **more}


def mint(
    env: Mapping[str, str],
    ci: Ci = Ci.GITHUB,
    *,
    hostname: str = "registry.npmjs.org",
    transport: Transport | None = None,
) -> tuple[IdToken, str | None, list[str]]:
    masked: list[str] = []
    seen, secret = identity.request_id_token(
        Identity(ci), env, hostname, Client(transport or Transport(), Deadline(5), mask=masked.append)
    )
    assert "canary" not in repr(seen)
    assert ID_TOKEN.split(".")[2] not in repr(seen)
    return seen, secret, masked


# The CI


@pytest.mark.parametrize(
    ("env", "ci", "name"),
    [
        ({}, Ci.NONE, None),
        ({"CI": ""}, Ci.NONE, None),
        ({"CI": "false"}, Ci.NONE, None),
        ({"CI": "true"}, Ci.OTHER, None),
        ({"CI": "0"}, Ci.OTHER, None),
        ({"BUILD_NUMBER": "7"}, Ci.OTHER, None),
        ({"BUILD_NUMBER": "7", "CI": "false"}, Ci.NONE, None),
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, Ci.GITHUB, None),
        ({"GITHUB_ACTIONS": "false"}, Ci.GITHUB, None),
        ({"GITHUB_ACTIONS": ""}, Ci.NONE, None),
        ({"GITLAB_CI": "true", "CI": "true"}, Ci.GITLAB, None),
        ({"CIRCLECI": "true", "CI": "true"}, Ci.CIRCLECI, None),
        ({"CIRCLECI": "1", "GITLAB_CI": "1"}, Ci.GITLAB, None),
        ({"CIRCLECI": "1", "GITLAB_CI": "1", "GITHUB_ACTIONS": "1"}, Ci.GITHUB, None),
        ({"GITEA_ACTIONS": "true", "GITHUB_ACTIONS": "true"}, Ci.GITHUB, None),
        ({"JENKINS_URL": "x", "BUILD_ID": "1"}, Ci.OTHER, "Jenkins"),
        ({"JENKINS_URL": "x"}, Ci.NONE, None),
        ({"BUILDKITE": "true"}, Ci.OTHER, "Buildkite"),
        ({"TF_BUILD": "True"}, Ci.OTHER, "Azure Pipelines"),
        ({"BITBUCKET_COMMIT": "1"}, Ci.OTHER, "Bitbucket Pipelines"),
        ({"TRAVIS": "true", "CI": "true"}, Ci.OTHER, "Travis CI"),
        ({"APPVEYOR": "True"}, Ci.OTHER, "AppVeyor"),
        ({"TEAMCITY_VERSION": "1"}, Ci.OTHER, "TeamCity"),
        ({"DRONE": "true"}, Ci.OTHER, "Drone"),
        ({"VERCEL": "1"}, Ci.OTHER, "Vercel"),
        ({"NOW_BUILDER": "1"}, Ci.OTHER, "Vercel"),
        ({"NETLIFY": "true"}, Ci.OTHER, "Netlify CI"),
        ({"CODEBUILD_BUILD_ARN": "arn:"}, Ci.OTHER, "AWS CodeBuild"),
        ({"CI_NAME": "codeship"}, Ci.OTHER, "Codeship"),
        ({"CI_NAME": "sourcehut"}, Ci.OTHER, "Sourcehut"),
        ({"CI_NAME": "another"}, Ci.OTHER, None),
        ({"CI": "woodpecker"}, Ci.OTHER, "Woodpecker"),
        ({"TASK_ID": "1", "RUN_ID": "1"}, Ci.OTHER, "TaskCluster"),
        ({"BUILDKITE": "true", "TRAVIS": "true"}, Ci.OTHER, "Travis CI"),
    ],
)
def test_the_ci_is_the_one_that_ci_info_sees(env: dict[str, str], ci: Ci, name: str | None) -> None:
    seen = identity.from_environment(env)
    assert (seen.ci, seen.ci_name) == (ci, name)


@pytest.mark.parametrize(
    ("env", "disabled"),
    [
        ({"GITHUB_ACTIONS": "true", "CI": "false"}, True),
        ({"CIRCLECI": "true", "CI": "false"}, True),
        ({"GITHUB_ACTIONS": "true", "CI": "False"}, False),
        ({"GITHUB_ACTIONS": "true", "CI": "0"}, False),
        ({"GITHUB_ACTIONS": "true", "CI": ""}, False),
        ({"GITHUB_ACTIONS": "true"}, False),
        ({"CI": "false"}, False),
    ],
)
def test_ci_false_disables_a_ci_and_no_laptop(env: dict[str, str], disabled: bool) -> None:
    assert identity.from_environment(env).ci_disabled is disabled


@pytest.mark.parametrize("empty", [False, True])
def test_the_variables_of_an_id_token_count_when_they_hold_something(empty: bool) -> None:
    names = (
        "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN",
    )  # fmt: skip
    seen = identity.from_environment(dict.fromkeys(names, "" if empty else "canary-31bb"))
    assert (seen.request_url, seen.request_token, seen.npm_id_token, seen.sigstore_id_token) == (not empty,) * 4
    assert "canary" not in repr(seen)


# GitHub


def github(tmp_path: Path, event: Any = None, **more: str) -> Identity:
    path = tmp_path / "event.json"
    path.write_bytes(event if isinstance(event, bytes) else json.dumps(event).encode())
    return identity.from_environment(
        {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_EVENT_PATH": str(path), **more}
    )


def test_github_tells_the_job_and_its_workflow(tmp_path: Path) -> None:
    seen = github(
        tmp_path,
        {"repository": {"visibility": "internal", "private": True}},
        GITHUB_EVENT_NAME="push",
        GITHUB_REPOSITORY="o/r",
        GITHUB_ACTOR="someone",
        GITHUB_WORKFLOW_REF="o/r/.github/workflows/p.yml@refs/heads/main",
        GITHUB_JOB="publish",
        RUNNER_ENVIRONMENT="self-hosted",
    )
    assert seen == Identity(
        ci=Ci.GITHUB,
        event="push",
        repository="o/r",
        repository_visibility="internal",
        actor="someone",
        workflow_ref="o/r/.github/workflows/p.yml@refs/heads/main",
        job="publish",
        runner_environment="self-hosted",
    )


@pytest.mark.parametrize(
    ("repository", "visibility"),
    [
        ({"visibility": "public"}, "public"),
        ({"visibility": "private"}, "private"),
        ({"private": True}, "private"),
        ({"private": False}, "public"),
        ({"private": "yes"}, None),
        ({"visibility": 7, "private": False}, "public"),
        ({}, None),
        (None, None),
        ("o/r", None),
        ([], None),
    ],
)
def test_the_visibility_is_the_events(tmp_path: Path, repository: object, visibility: str | None) -> None:
    assert github(tmp_path, {"repository": repository}).repository_visibility == visibility


@pytest.mark.parametrize(
    ("env", "event", "tag"),
    [
        ({"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1.2.3"}, {}, "v1.2.3"),
        ({"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": ""}, {}, None),
        ({"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "v1.2.3"}, {}, None),
        ({"GITHUB_REF_NAME": "v1.2.3"}, {}, None),
        ({"GITHUB_EVENT_NAME": "release"}, {"release": {"tag_name": "v1.2.3"}}, "v1.2.3"),
        ({"GITHUB_EVENT_NAME": "release"}, {"release": {"tag_name": 7}}, None),
        ({"GITHUB_EVENT_NAME": "push"}, {"release": {"tag_name": "v1.2.3"}}, None),
    ],
)
def test_the_tag_is_that_of_the_push_or_of_the_release(
    tmp_path: Path, env: dict[str, str], event: object, tag: str | None
) -> None:
    assert github(tmp_path, event, **env).git_tag == tag


@pytest.mark.parametrize(
    ("pull_request", "head"),
    [
        ({"head": {"repo": {"full_name": "fork/r"}}}, "fork/r"),
        ({"head": {"repo": None}}, None),
        ({"head": {}}, None),
        ({"head": []}, None),
        ({"head": {"repo": {"full_name": 7}}}, None),
        ({"head": {"repo": {"full_name": "a\n::error::b"}}}, "a ::error::b"),
        (None, None),
    ],
)
def test_the_head_of_a_pull_request_is_the_events(tmp_path: Path, pull_request: object, head: str | None) -> None:
    assert github(tmp_path, {"pull_request": pull_request}).head_repository == head


@pytest.mark.parametrize(
    "event", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 200_000, b" " * (8 * 1024 * 1024) + b'{"repository":{}}']
)
def test_an_event_that_cannot_be_read_says_nothing(tmp_path: Path, event: bytes) -> None:
    assert github(tmp_path, event, GITHUB_JOB="publish") == Identity(ci=Ci.GITHUB, job="publish")


@pytest.mark.parametrize(("over", "read"), [(0, True), (1, False)])
def test_an_event_is_read_up_to_the_cap(tmp_path: Path, over: int, read: bool) -> None:
    event = b'{"repository":{"private":false}}'
    padded = event + b" " * (8 * 1024 * 1024 - len(event) + over)
    assert (github(tmp_path, padded).repository_visibility == "public") is read


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_an_event_that_is_no_file_is_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    for path in (str(pipe), str(tmp_path), str(tmp_path / "none"), "/dev/zero", "a\0b", ""):
        seen = identity.from_environment({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": path})
        assert seen == Identity(ci=Ci.GITHUB, server_url=None)


def test_gitlab_and_circleci_tell_their_project() -> None:
    gitlab = identity.from_environment(
        {"GITLAB_CI": "true", "CI_PROJECT_PATH": "group/sub/p", "CI_PROJECT_VISIBILITY": "internal"}
    )
    assert (gitlab.repository, gitlab.repository_visibility) == ("group/sub/p", "internal")
    assert identity.from_environment({"GITLAB_CI": "true", "CI_COMMIT_TAG": "v1.2.3"}).git_tag == "v1.2.3"
    circle = {"CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "o"}
    assert identity.from_environment({**circle, "CIRCLE_TAG": "v1.2.3"}).git_tag == "v1.2.3"
    assert identity.from_environment(circle).repository is None
    assert identity.from_environment({**circle, "CIRCLE_PROJECT_REPONAME": "r"}).repository == "o/r"


# The id token


def test_an_id_token_is_minted_as_npm_asks_for_it() -> None:
    with wire.serving(wire.answer(body=VALUE)) as server:
        seen, secret, masked = mint(asked(f"{server.url}/idtoken?api-version=2.0&x=a%20b"))
    lines = server.received[0].split(b"\r\n")
    assert lines[0] == b"GET /idtoken?api-version=2.0&x=a+b&audience=npm%3Aregistry.npmjs.org HTTP/1.1"
    assert b"Accept: application/json" in lines
    assert f"Authorization: Bearer {REQUEST_TOKEN}".encode() in lines
    assert (secret, masked) == (ID_TOKEN, [ID_TOKEN])
    assert seen == IdToken(
        IdTokenRequest.MINTED,
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        200,
        claims={"repository": "o/r"},
        audiences=("npm:registry.npmjs.org",),
        expires=1790000300,
    )


def test_an_id_token_is_minted_by_the_rehearsals_endpoint() -> None:
    with Server(Registry()) as server:
        env = asked(server.request_url) | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": server.registry.request_token}
        seen, secret, _ = mint(env, hostname="127.0.0.1")
    assert (seen.request, seen.status, seen.audiences) == (IdTokenRequest.MINTED, 200, ("npm:127.0.0.1",))
    assert secret is not None


@pytest.mark.parametrize(
    ("url", "audience"),
    [("/t", "?audience=npm%3A%5B%3A%3A1%5D"), ("/t?a=&b", "?a=&b=&audience=npm%3A%5B%3A%3A1%5D")],
)
def test_the_audience_is_appended_to_any_query(url: str, audience: str) -> None:
    with wire.serving(wire.answer(body=VALUE)) as server:
        mint(asked(server.url + url), hostname="[::1]")
    assert server.received[0].startswith(f"GET /t{audience} HTTP/1.1".encode())


@pytest.mark.parametrize("ci", [Ci.GITHUB, Ci.GITLAB, Ci.CIRCLECI])
def test_npm_id_token_comes_before_any_request(ci: Ci) -> None:
    with wire.serving(wire.answer(body=VALUE)) as server:
        seen, secret, _ = mint(asked(server.url, NPM_ID_TOKEN=ID_TOKEN), ci)
    assert (seen.request, seen.variable, secret) == (IdTokenRequest.PRESENT, "NPM_ID_TOKEN", ID_TOKEN)
    assert seen.claims == {"repository": "o/r"}
    assert server.received == []


def test_npm_id_token_that_is_none_is_present_and_malformed() -> None:
    seen, secret, _ = mint({"NPM_ID_TOKEN": "npm_canary"}, Ci.GITLAB)
    assert (seen.request, seen.malformed, secret) == (IdTokenRequest.PRESENT, True, "npm_canary")


@pytest.mark.parametrize("ci", [Ci.NONE, Ci.OTHER])
def test_elsewhere_npm_looks_for_no_id_token(ci: Ci) -> None:
    assert mint({"NPM_ID_TOKEN": ID_TOKEN}, ci) == (IdToken(), None, [])


@pytest.mark.parametrize("ci", [Ci.GITLAB, Ci.CIRCLECI])
def test_only_in_github_actions_an_endpoint_is_asked(ci: Ci) -> None:
    assert mint(asked("http://127.0.0.1:9/", NPM_ID_TOKEN=""), ci) == (IdToken(), None, [])


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
@pytest.mark.parametrize("empty", [False, True])
def test_without_both_variables_nothing_is_asked(missing: str, empty: bool) -> None:
    env = asked("http://127.0.0.1:9/")
    del env[missing]
    assert mint({**env, missing: ""} if empty else env) == (IdToken(), None, [])


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"message":"no such audience"}', "no such audience"),
        (401, b"", None),
        (403, b"<html>Forbidden</html>", None),
        (404, b"not here", "not here"),
        (200, b"{}", "the answer has no token"),
        (200, b'{"value":null}', "the answer has no token"),
        (204, b"", "the answer has no token"),
    ],
)
def test_an_endpoint_that_hands_out_none_refuses(status: int, body: bytes, words: str | None) -> None:
    with wire.serving(wire.answer(status, body)) as server:
        seen, secret, masked = mint(asked(server.url))
    assert (seen.request, seen.status, seen.trouble, secret, masked) == (
        IdTokenRequest.REFUSED,
        status,
        words,
        None,
        [],
    )
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [408, 420, 429, 500, 502, 503, 599])
def test_an_endpoint_that_fails_is_asked_once_more(status: int) -> None:
    with wire.serving(wire.answer(status), wire.answer(body=VALUE)) as server:
        assert mint(asked(server.url))[0].request is IdTokenRequest.MINTED
    with wire.serving(wire.answer(status)) as server:
        seen, *_ = mint(asked(server.url))
    assert (seen.request, seen.status, len(server.received)) == (IdTokenRequest.REFUSED, status, 2)


def test_an_endpoint_that_hangs_up_is_asked_once_more() -> None:
    with wire.serving(wire.raw(b""), wire.answer(body=VALUE)) as server:
        assert mint(asked(server.url))[0].request is IdTokenRequest.MINTED
    with wire.serving(wire.raw(b"")) as server:
        assert mint(asked(server.url))[0].request is IdTokenRequest.UNREACHABLE
    assert len(server.received) == 2


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/", "http://[::1", "https://", "https://a:b/"])
def test_a_request_url_that_is_none_leaves_it_open(url: str) -> None:
    seen, secret, _ = mint(asked(url))
    assert (seen.request, secret) == (IdTokenRequest.UNREACHABLE, None)
    assert "URL" in (seen.trouble or "")


def test_a_request_token_is_not_sent_unencrypted() -> None:
    seen, secret, _ = mint(asked("http://actions.example/"))
    assert (seen.request, secret) == (IdTokenRequest.NOT_ASKED, None)
    assert seen.trouble == "actions.example:80 is plain http, and a credential is not sent unencrypted"


def test_a_request_token_that_no_header_may_carry_is_not_sent() -> None:
    with wire.serving(wire.answer(body=VALUE)) as server:
        seen, *_ = mint({**asked(server.url), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary\r\nX: 1"})
    assert (seen.request, server.received) == (IdTokenRequest.UNREACHABLE, [])


def test_npms_own_proxy_is_not_asked_and_the_environments_is() -> None:
    with wire.serving(wire.answer(body=VALUE)) as server, wire.serving(wire.answer(403)) as proxy:
        npms = Transport(proxy=proxy.url, https_proxy=proxy.url)
        assert mint(asked(server.url), transport=npms)[0].request is IdTokenRequest.MINTED
        environments = Transport(environment_http_proxy=proxy.url)
        assert mint(asked(server.url), transport=environments)[0].status == 403


@SLOWLY
@given(
    st.dictionaries(
        st.sampled_from(
            ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "NPM_ID_TOKEN"]
        )
        | st.text(),
        st.text(),
    )
)
def test_no_environment_raises(env: dict[str, str]) -> None:
    assert isinstance(identity.from_environment(env), Identity)
