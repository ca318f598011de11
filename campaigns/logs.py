"""Logs of failed publishes, made by the real tools in situations whose cause is known, and what `explain` makes of them.

`python -m campaigns logs` (or `make logs`) makes them all, dresses each as every CI dresses it, explains it, and prints how
often the first answer is right, what was confused with what, and whether a wrong cause was said as certain.
`--only TEXT` and `--every N` narrow it; `--keep DIR` keeps the raw logs, `--from DIR` takes them instead of making them.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import Version

from campaigns import situations
from safepublish.causes.explain import explain_transcript
from safepublish.facts.finding import Answer
from safepublish.facts.run import PLACEHOLDER
from safepublish.logs import reader
from safepublish.npm.tool_versions import parse
from safepublish.rehearsal import (
    CircleCIJob,
    Fault,
    GitHubJob,
    GitLabJob,
    Grant,
    PublishedPackage,
    Registry,
)
from safepublish.rehearsal.npm_download import DownloadError
from tests.support import ci_log_formats, tools, world

SHORT = 12
"""Lines of a log of which nothing is left to be read when it is cut."""

LEVELS = ("notice", "verbose", "silly")
VERSIONS = ("9.9.4", "10.8.2", "10.9.4", "11.4.2", "11.5.1", "11.11.0", "11.21.2", "12.2.0")
OIDC = Version("11.5.0")
EVERYWHERE = {"no-publisher", "no-publisher-signed", "missing", "no-permission", "circleci-none", "laptop", "jenkins"}
CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "placeholder": {"setup_node": PLACEHOLDER},
    "unset": {"setup_node": "unset"},
    "dead": {"user": "//{host}/:_authToken=" + situations.DEAD + "\n"},
}
ours = situations.OURS
public = PublishedPackage(("0.9.0",), publishers=situations.EVERYBODY)
untrusted = PublishedPackage(("0.9.0",))
NO_URL: dict[str, str | None] = {"ACTIONS_ID_TOKEN_REQUEST_URL": None, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": None}
TWO_FACTOR = "npm_TWOfactorTWOfactorTWOfactorTWOfactor12"
READ = "npm_READreadREADreadREADreadREADreadREAD12"


class Case(NamedTuple):
    """One situation and the cause that is true of it; `truth` is None where no cause of ours is."""

    id: str
    truth: str | None
    level: str = "notice"
    npm: str = world.NEWEST
    tool: str = "npm"
    ci: str = "github"  # the CI whose logs it may be dressed as; "none" for a laptop
    fields: Mapping[str, Any] = {}  # of situations.Situation
    command: tuple[str, ...] = ("publish",)


class Made(NamedTuple):
    """A raw log."""

    case: Case
    text: str
    debug: str
    returncode: int


def _publishes(fields: Mapping[str, Any], npm: str, truth: str) -> str:
    """The cause at this npm: an npm without an exchange is what keeps every such publish from logging in."""
    version = parse(npm)
    assert version is not None
    floor = Version("11.11.0") if isinstance(fields.get("job"), CircleCIJob) else OIDC
    return "npm-too-old" if version < floor else truth


def cases() -> Iterator[Case]:
    """Every case: npm's at three log levels, and those of other tools."""
    for case in _npm():
        for level in LEVELS:
            yield case._replace(id=f"{case.id}/{level}", level=level)
    yield from _tools()


def _npm() -> Iterator[Case]:
    yield from _logins()
    yield from _uploads()
    yield from _starts()


def _logins() -> Iterator[Case]:
    """npm finds no credential that the registry takes."""
    env = {"env": NO_URL}
    states: dict[str, tuple[str, str, dict[str, Any]]] = {
        "no-publisher": ("publisher-mismatch", "github", {"package": untrusted}),
        "no-publisher-asked": (
            "publisher-mismatch",
            "github",
            {"package": untrusted, "words": ("--provenance", "--access=public"), "setup_node": PLACEHOLDER},
        ),
        "no-publisher-signed": (
            "publisher-mismatch",
            "github",
            {"package": untrusted, "words": ("--provenance",), "setup_node": PLACEHOLDER},
        ),
        "yaml": (
            "publisher-mismatch",
            "github",
            {"package": PublishedPackage(("0.9.0",), publishers=(ours._replace(workflow="publish.yaml"),))},
        ),
        "environment": (
            "publisher-mismatch",
            "github",
            {"package": PublishedPackage(("0.9.0",), publishers=(ours._replace(environment="npm"),))},
        ),
        "missing": ("package-missing", "github", {"package": None}),
        "no-permission": ("missing-id-token-permission", "github", env),
        "fork": ("fork-pull-request", "github", env),
        "endpoint-500": (
            "id-token-request-failed",
            "github",
            {"faults": {"id-token": Fault(status=500, body=b"oops")}},
        ),
        "endpoint-403": ("id-token-request-failed", "github", {"faults": {"id-token": Fault(status=403, body=b"{}")}}),
        "endpoint-empty": (
            "id-token-request-failed",
            "github",
            {"faults": {"id-token": Fault(status=200, body=b"{}")}},
        ),
        "exchange-500": (
            "id-token-request-failed",
            "github",
            {
                "faults": {
                    "exchange": Fault(
                        status=500, body=b'{"message":"OIDC token exchange error - internal server error"}'
                    )
                }
            },
        ),
        "exchange-401": (
            "id-token-rejected",
            "github",
            {"faults": {"exchange": Fault(status=401, body=b'{"message":"OIDC token exchange error - unauthorized"}')}},
        ),
        "exchange-html": (
            "registry-without-oidc",
            "github",
            {"faults": {"exchange": Fault(status=404, body=b"<html>not here</html>")}},
        ),
        "exchange-no-token": (
            "id-token-request-failed",
            "github",
            {"faults": {"exchange": Fault(status=201, body=b"{}")}},
        ),
        "audience": ("id-token-wrong-audience", "github", {"id_token": "audience", "env": NO_URL}),
        "expired": ("id-token-expired", "github", {"id_token": "expired", "env": NO_URL}),
        "malformed": ("id-token-malformed", "github", {"id_token": "malformed", "env": NO_URL}),
        "gitlab-none": ("id-token-missing", "gitlab", {"job": GitLabJob(), "env": {"NPM_ID_TOKEN": None}}),
        "gitlab-no-publisher": ("publisher-mismatch", "gitlab", {"job": GitLabJob(), "package": untrusted}),
        "circleci-none": ("id-token-missing", "circleci", {"job": CircleCIJob(), "env": {"NPM_ID_TOKEN": None}}),
        "circleci-no-publisher": ("publisher-mismatch", "circleci", {"job": CircleCIJob(), "package": untrusted}),
        "laptop": ("not-in-ci", "none", {"ci": False}),
        "jenkins": ("unsupported-ci", "jenkins", {"ci": False, "env": {"JENKINS_URL": "http://j/", "BUILD_ID": "1"}}),
    }
    for npm in VERSIONS:
        for name, (truth, ci, fields) in states.items():
            if npm not in {"10.9.4", "11.5.1", "12.2.0"} and name not in EVERYWHERE:
                continue
            true = _publishes(fields, npm, truth) if ci not in {"none", "jenkins"} else truth
            for credential, more in CREDENTIALS.items():
                if credential != "none" and (
                    name not in {"no-publisher", "no-permission"} or npm not in {"10.9.4", "12.2.0"}
                ):
                    continue
                yield Case(f"login/{npm}/{name}/{credential}", true, npm=npm, ci=ci, fields={**fields, **more})
        blinded = parse(npm)
        assert blinded is not None
        if blinded >= Version("11.6.2"):
            yield Case(f"login/{npm}/ci-false/none", "oidc-disabled", npm=npm, fields={"env": {"CI": "false"}})
    for npm in ("11.5.1", "11.21.2", "12.2.0"):
        dead = {"npmrc": "//{host}/hello-oidc:_authToken=" + situations.DEAD}
        yield Case(f"login/{npm}/path-key", "token-beats-oidc", npm=npm, fields=dead)
        yield Case(f"login/{npm}/no-slash", "registry-without-slash", npm=npm, fields={"npmrc": "registry={url}sub"})


def _uploads() -> Iterator[Case]:
    """npm has a credential, and the registry, or npm before it, does not take the package."""
    token = {"user": "//{host}/:_authToken=" + situations.CANARY + "\n"}
    two = {"user": "//{host}/:_authToken=" + TWO_FACTOR + "\n", "package": untrusted}
    rows: tuple[tuple[str, str, tuple[str, ...], dict[str, Any], str], ...] = (
        (
            "stage-only",
            "stage-only-publisher",
            ("11.5.1", "11.21.2", "12.2.0"),
            {"package": PublishedPackage(("0.9.0",), publishers=situations.EVERYBODY, stage_only=True)},
            "github",
        ),
        (
            "published",
            "version-published",
            VERSIONS,
            {**token, "package": PublishedPackage(("0.9.0", "1.0.0"), publishers=situations.EVERYBODY)},
            "github",
        ),
        (
            "higher",
            "version-not-latest",
            ("11.4.2", "11.5.1", "11.21.2", "12.2.0"),
            {**token, "package": PublishedPackage(("0.9.0", "2.0.0"), publishers=situations.EVERYBODY)},
            "github",
        ),
        (
            "prerelease",
            "prerelease-without-tag",
            ("11.4.2", "11.5.1", "11.21.2", "12.2.0"),
            {**token, "manifest": {"version": "2.0.0-rc.1"}},
            "github",
        ),
        (
            "no-repository",
            "repository-url-missing",
            ("11.5.1", "11.11.0", "11.21.2", "12.2.0"),
            {"manifest": {"repository": None}},
            "github",
        ),
        (
            "no-repository-asked",
            "repository-url-missing",
            ("10.9.4", "12.2.0"),
            {**token, "manifest": {"repository": None}, "words": ("--provenance", "--access=public")},
            "github",
        ),
        (
            "other-repository",
            "repository-url-mismatch",
            ("11.5.1", "11.11.0", "11.21.2", "12.2.0"),
            {"manifest": {"repository": "other/repo"}},
            "github",
        ),
        (
            "repository-case",
            "repository-url-mismatch",
            ("11.5.1", "12.2.0"),
            {"manifest": {"repository": "Octo-Org/hello-oidc"}},
            "github",
        ),
        (
            "self-hosted",
            "self-hosted-runner",
            ("11.5.1", "11.21.2", "12.2.0"),
            {"job": GitHubJob(runner="self-hosted")},
            "github",
        ),
        (
            "private-asked",
            "provenance-private-repository",
            ("10.9.4", "11.21.2", "12.2.0"),
            {**token, "job": GitHubJob(visibility="private"), "words": ("--provenance", "--access=public")},
            "github",
        ),
        (
            "internal-asked",
            "provenance-private-repository",
            ("11.21.2", "12.2.0"),
            {**token, "job": GitHubJob(visibility="internal"), "words": ("--provenance", "--access=public")},
            "github",
        ),
        (
            "gitlab-asked",
            "provenance-without-sigstore-token",
            ("10.9.4", "11.21.2", "12.2.0"),
            {**token, "job": GitLabJob(), "words": ("--provenance", "--access=public")},
            "gitlab",
        ),
        (
            "circleci-asked",
            "provenance-unsupported",
            ("11.11.0", "12.2.0"),
            {**token, "job": CircleCIJob(), "words": ("--provenance", "--access=public")},
            "circleci",
        ),
        (
            "laptop-asked",
            "provenance-unsupported",
            ("10.9.4", "12.2.0"),
            {**token, "ci": False, "words": ("--provenance", "--access=public")},
            "none",
        ),
        (
            "permission-asked",
            "missing-id-token-permission",
            ("9.9.4", "10.9.4", "11.5.1", "12.2.0"),
            {**token, "env": NO_URL, "words": ("--provenance", "--access=public")},
            "github",
        ),
        (
            "new-asked",
            "access-not-public",
            ("10.9.4", "11.21.2", "12.2.0"),
            {**token, "package": None, "words": ("--provenance",), "manifest": {"name": "@octo/hello"}},
            "github",
        ),
        (
            "restricted",
            "access-not-public",
            ("11.21.2", "12.2.0"),
            {**token, "words": ("--access=restricted",)},
            "github",
        ),
        ("two-factor", "two-factor-required", ("9.9.4", "10.9.4", "11.5.1", "12.2.0"), two, "github"),
        (
            "unreachable",
            "registry-unreachable",
            ("10.9.4", "11.5.1", "12.2.0"),
            {
                "npmrc": "registry=http://127.0.0.1:9/\n//127.0.0.1:9/:_authToken=x",
                "env": {"npm_config_fetch_retries": "0"},
            },
            "github",
        ),
        ("broken-release", "npm-release-broken", ("12.0.0",), {}, "github"),
    )
    for name, truth, versions, fields, ci in rows:
        for npm in versions:
            yield Case(f"upload/{npm}/{name}", truth, npm=npm, ci=ci, fields=fields)


def _starts() -> Iterator[Case]:
    """npm stops before it asks anybody."""
    token = {"user": "//{host}/:_authToken=" + situations.CANARY + "\n"}
    rows: tuple[tuple[str, str | None, tuple[str, ...], dict[str, Any]], ...] = (
        ("private", "package-private", ("11.5.1", "12.2.0"), {"manifest": {"private": True}}),
        ("bad-version", "version-missing", ("10.9.4", "12.2.0"), {**token, "manifest": {"version": "one"}}),
        ("no-version", "version-missing", ("11.21.2", "12.2.0"), {**token, "manifest": {"version": None}}),
        ("bad-name", "name-invalid", ("10.9.4", "12.2.0"), {**token, "manifest": {"name": "hello oidc!"}}),
        ("no-name", "name-invalid", ("10.9.4", "12.2.0"), {**token, "manifest": {"name": None}}),
        (
            "unscoped-auth",
            "auth-config-invalid",
            ("10.9.4", "11.5.1", "12.2.0"),
            {"npmrc": "_auth=Y2FuYXJ5OmNhbmFyeQ=="},
        ),
        ("unknown-flag", "arguments-refused", ("12.2.0",), {"words": ("--foo", "bar")}),
        ("abbreviated", "arguments-refused", ("12.2.0",), {"words": ("--regi", "{url}")}),
        ("two-words", "arguments-refused", ("11.5.1", "12.2.0"), {"words": ("a", "b")}),
        ("nowhere", "manifest-unreadable", ("10.9.4", "12.2.0"), {"words": ("./nowhere",)}),
        ("script-fails", None, ("10.9.4", "12.2.0"), {"manifest": {"scripts": {"prepublishOnly": "exit 7"}}}),
    )
    for name, truth, versions, fields in rows:
        for npm in versions:
            yield Case(f"start/{npm}/{name}", truth, npm=npm, fields=fields)
    for npm in ("10.9.4", "11.5.1", "12.2.0"):
        yield Case(f"start/{npm}/whoami", "command-without-oidc", npm=npm, command=("whoami",))
        yield Case(f"start/{npm}/view", None, npm=npm, command=("view", "nobody-has-this"))
    for npm in ("10.9.4", "11.5.1"):
        words = ("dist-tag", "add", "hello-oidc@0.9.0", "old")
        yield Case(f"start/{npm}/dist-tag", "command-without-oidc", npm=npm, command=words)
    yield Case("start/none/npm-missing", "npm-missing", npm="none")


def _tools() -> Iterator[Case]:
    """The other tools, each where it cannot log in."""
    states: dict[str, tuple[str, dict[str, Any]]] = {
        "no-publisher": ("publisher-mismatch", {"package": untrusted}),
        "missing": ("package-missing", {"package": None}),
        "no-permission": ("missing-id-token-permission", {"env": NO_URL}),
        "placeholder": ("publisher-mismatch", {"package": untrusted, "setup_node": PLACEHOLDER}),
    }
    for tool, without in tools.WITHOUT_OIDC.items():
        for name, (truth, fields) in states.items():
            true = "publisher-tool-without-oidc" if without else truth
            if tool == "semantic-release@24" and name == "placeholder":
                true = truth  # it takes that for a token and lets npm publish, whose exchange is refused
            if tool.startswith(tools.WITH_NPM):
                for npm in ("10.9.4", "11.21.2", "12.2.0"):  # npm 11 says what 10 says
                    yield Case(
                        f"tool/{tool}/{npm}/{name}", _publishes(fields, npm, truth), npm=npm, tool=tool, fields=fields
                    )
                continue
            yield Case(f"tool/{tool}/{name}", true, tool=tool, fields=fields)
    for tool in ("semantic-release@24", "semantic-release@25"):
        dead = {"env": {"NPM_TOKEN": situations.DEAD}, "package": untrusted}
        yield Case(f"tool/{tool}/dead-token", "publisher-mismatch", tool=tool, fields=dead)


# making


def make(case: Case) -> Made | None:
    """Let the real tool fail; None where it did not."""
    fields = case.fields
    name = (fields.get("manifest") or {}).get("name") or "hello-oidc"
    package = fields.get("package", public)
    held = dict.fromkeys((name, *tools.PACKAGES), package) if package else {}
    registry = Registry(
        held,
        tokens={situations.CANARY: Grant.PUBLISH, TWO_FACTOR: Grant.TWO_FACTOR, READ: Grant.READ},
        job=fields.get("job", GitHubJob()),
    )
    with (
        tempfile.TemporaryDirectory(prefix="log-") as directory,
        world.Loopback(Path(directory), registry, faults=fields.get("faults")) as loopback,
    ):
        outcome = _run(case, loopback)
    if outcome.returncode == 0:
        return None
    first, second = (outcome.stderr, outcome.stdout) if case.tool == "npm" else (outcome.stdout, outcome.stderr)
    return Made(case, first + second, outcome.debug_log, outcome.returncode)


def _run(case: Case, loopback: world.Loopback) -> world.Outcome:
    fields = case.fields

    def filled(text: str) -> str:
        return text.replace("{host}", loopback.host).replace("{url}", loopback.url)

    more: dict[str, str | None] = {}
    if fields.get("setup_node") is not None:
        token = fields["setup_node"]
        more |= loopback.setup_node(token=None if token == "unset" else token)
    if fields.get("id_token") is not None:
        more["NPM_ID_TOKEN"] = situations.id_token(fields["id_token"], loopback.registry)
    for key, value in (fields.get("env") or {}).items():
        more[key] = None if value is None else filled(value)
    with (loopback.home / ".npmrc").open("a") as file:
        file.write(filled(fields.get("user", "")))
    if case.tool != "npm":
        return tools.run(case.tool, case.npm, loopback, more)
    env = loopback.environment(None if case.npm == "none" else case.npm, more, ci=fields.get("ci", True))
    npmrc = filled(fields["npmrc"]) if "npmrc" in fields else None
    project = loopback.project(npmrc=npmrc, **(fields.get("manifest") or {}))
    words = [*case.command, *map(filled, fields.get("words", ())), f"--loglevel={case.level}"]
    if case.npm == "none":
        return loopback.run(["/bin/sh", "-c", f"npm {' '.join(words)}"], cwd=project, env=env)
    return loopback.run_npm(case.npm, words, cwd=project, env=env)


# explaining


class Told(NamedTuple):
    """What `explain` said of one dressed log."""

    case: Case
    dressing: str
    first: str | None  # the first cause
    answer: str | None
    named: tuple[str, ...]
    failures: int  # of which the log tells, where one publish failed
    certain: frozenset[str]  # causes said as certain of any of them
    key: str  # equal for logs that say the same
    leaked: bool


def explain(made: Made) -> list[Told]:
    """Dress one log in every fitting way, and explain each."""
    command = (
        f"npm {' '.join(made.case.command)}"
        if made.case.tool == "npm"
        else tools.COMMANDS[made.case.tool.split("@")[0]]
    )
    env = {"NODE_AUTH_TOKEN": PLACEHOLDER} if made.case.fields.get("setup_node") == PLACEHOLDER else {}
    if made.case.id.endswith("dead-token"):
        env["NPM_TOKEN"] = "***"
    told = []
    for dress in ci_log_formats.DRESSERS:
        ci = ci_log_formats.CIS.get(dress)
        if ci is not None and ci != made.case.ci:
            continue
        cut = dress in {ci_log_formats.cut_head, ci_log_formats.cut_tail}
        if cut and (made.case.tool != "npm" or made.text.count("\n") < SHORT):
            continue
        dressed = dress(ci_log_formats.Raw(made.text, command, env, made.case.npm))
        data = dressed if isinstance(dressed, bytes) else dressed.encode("utf-8", "surrogateescape")
        told.append(_told(made.case, dress.__name__, data))
    if made.debug and made.case.tool == "npm" and made.case.level == "notice":
        told.append(_told(made.case, "debug_log", made.debug.encode()))
    return told


def _told(case: Case, dressing: str, data: bytes) -> Told:
    transcript = reader.read([data])
    explanation = explain_transcript(transcript, "-")
    findings = [finding for one in explanation.failed[-1:] for finding in one.findings]
    first = findings[0] if findings else None
    everything = [finding for one in explanation.failed for finding in one.findings]
    text = repr(explanation)
    leaked = any(secret in text for secret in (situations.CANARY, situations.DEAD, TWO_FACTOR, READ))
    return Told(
        case,
        dressing,
        first.id if first else None,
        first.answer.value if first else None,
        tuple(finding.id for finding in findings),
        len(explanation.failed),
        frozenset(finding.id for finding in everything if finding.answer is Answer.FAIL),
        f"{dressing}\n{_normal(data)}",
        leaked,
    )


_CHANGING = re.compile(
    r"/tmp/[\w./-]+|127\.0\.0\.1:\d+|\d+-\d\d-\d\dT[\d_:.]+Z?|\b\d+(?:\.\d+)?m?s\b|heap:\d+|maxSize:\d+|maxEntrySize:\d+"
    r"|[0-9a-f]{40}|sha512-\S+|\bpid \d+|node:\d+|\b\d+ ?k?B\b"
)


def _normal(data: bytes) -> str:
    text = data.decode("utf-16") if data[:2] == b"\xff\xfe" else data.decode("utf-8", "replace")
    return _CHANGING.sub("_", text)


def score(told: list[Told]) -> int:
    """Print the figures; the number of failures of the promise."""
    truths = defaultdict(set)
    for one in told:
        truths[one.key].add(one.case.truth)
    decidable = [one for one in told if len(truths[one.key]) == 1]
    others = [one for one in told if len(truths[one.key]) > 1]
    right = [one for one in decidable if _right(one)]
    open_ = [one for one in decidable if not _right(one)]
    named = [one for one in others if one.case.truth in one.named or (one.case.truth is None and not one.named)]
    certain = [one for one in told if not _true(one)]
    again = [one for one in told if one.failures > 1]
    leaked = [one for one in told if one.leaked]
    _confusion("in logs that decide", decidable)
    _confusion("in logs that other causes leave too", others)
    for one in open_[:12]:
        print(f"        e.g. {one.case.id} [{one.dressing}]: {one.first} {one.answer} {one.named}")
    for one in [one for one in others if one not in named][:12]:
        print(f"NOT NAMED: {one.case.id} [{one.dressing}]: {one.named}, true is {one.case.truth}")
    for one in certain[:12]:
        print(f"WRONG AND CERTAIN: {one.case.id} [{one.dressing}]: {sorted(one.certain)}, true is {one.case.truth}")
    for one in again[:12]:
        print(f"TOLD AGAIN: {one.case.id} [{one.dressing}]: {one.failures} failures")
    print(
        f"{len(told)} logs of {len({one.case.id for one in told})} situations in {len({one.dressing for one in told})} dressings"
    )
    share = 100 * len(right) / max(1, len(decidable))
    print(f"first answer right: {len(right)} of {len(decidable)} logs that decide, {share:.2f} %")
    print(
        f"logs that other causes leave too, word by word: {len(others)}; the true one is named in {len(named)} of them"
    )
    print(f"a wrong cause said as certain: {len(certain)}; a secret repeated: {len(leaked)}")
    print(f"one failed publish told as more than one: {len(again)}")
    return (share < 98) + len(certain) + len(leaked) + (len(others) - len(named))


def _confusion(where: str, told: list[Told]) -> None:
    """Print which cause was answered first in the place of the true one, and how often."""
    print(f"true cause -> first answer where they differ, {where}")
    differing = Counter((one.case.truth, one.first, one.answer) for one in told if not _right(one))
    for (truth, first, answer), number in sorted(differing.items(), key=lambda item: -item[1]):
        print(f"{number:6}  {truth or 'none'} -> {first or 'none'} ({answer or '-'})")


def _true(one: Told) -> bool:
    """Whether all that is said as certain is true."""
    return all(_fits(cause, one) for cause in one.certain)


def _right(one: Told) -> bool:
    """Whether the first answer is true."""
    return _fits(one.first, one)


def _fits(cause: str | None, one: Told) -> bool:
    """Whether *cause* is true of it.

    Two may be: a fork's job may not request an id token, which is what that cause says; and outside of the CIs that npm
    knows an old npm has no exchange either. Then the other one has to be named.
    """
    also = {"fork-pull-request": "missing-id-token-permission"}
    if "/9." in one.case.id or "/10." in one.case.id or "/11.4" in one.case.id:
        also |= {"not-in-ci": "npm-too-old", "unsupported-ci": "npm-too-old"}
    other = also.get(one.case.truth or "")
    return cause == one.case.truth or (cause == other and one.case.truth in one.named)


REBUILT: Mapping[str | None, tuple[str, str, str]] = {
    "npm-too-old": ("login", "no-publisher-asked/none", "notice"),
    "publisher-mismatch": ("login", "no-publisher/placeholder", "verbose"),
    "package-missing": ("login", "missing/none", "verbose"),
    "missing-id-token-permission": ("upload", "permission-asked", "notice"),
    "stage-only-publisher": ("upload", "stage-only", "notice"),
    "repository-url-mismatch": ("upload", "other-repository", "notice"),
    "repository-url-missing": ("upload", "no-repository", "notice"),
    "self-hosted-runner": ("upload", "self-hosted", "notice"),
    "provenance-private-repository": ("upload", "private-asked", "notice"),
    "access-not-public": ("upload", "new-asked", "notice"),
    "prerelease-without-tag": ("upload", "prerelease", "notice"),
    "two-factor-required": ("upload", "two-factor", "notice"),
    "version-published": ("upload", "published", "notice"),
    "npm-release-broken": ("upload", "broken-release", "notice"),
    "command-without-oidc": ("start", "whoami", "notice"),
    "id-token-request-failed": ("login", "endpoint-500/none", "verbose"),
    None: ("login", "no-publisher/placeholder", "notice"),
}
"""How a reported case is laid out again, by its cause; without one, as what people most often paste."""
TOOLS = {"semantic-release": "semantic-release@24", "lerna": "lerna@8", "yarn": "yarn@1"}


def rebuilt(report: Mapping[str, Any], table: Mapping[str, Case]) -> Case | None:
    """The case that lays out a reported one again: its cause, and the npm nearest to the one it names."""
    if report["cause"] == "publisher-tool-without-oidc":
        tool = next((mine for name, mine in TOOLS.items() if name in report["tool"]), None)
        return table.get(f"tool/{tool}/no-publisher")
    if report["cause"] not in REBUILT:
        return None
    group, name, level = REBUILT[report["cause"]]
    asked = parse(str(report["environment"].get("npm", "")))
    floor = "10.9.4" if report["cause"] == "npm-too-old" else "12.2.0"
    nearest = [npm for npm in VERSIONS if asked and npm.partition(".")[0] == str(asked.major)]
    for npm in [*reversed(nearest), floor, "12.0.0", "11.21.2"]:
        found = table.get(f"{group}/{npm}/{name}/{level}")
        if (found is not None and found.truth == report["cause"]) or (found and report["cause"] is None):
            return found
    return None


def agreement(path: Path, logs: list[Made]) -> int:
    """Print how far the explanations of rebuilt cases agree with what was reported as their cause."""
    made = {one.case.id: one for one in logs}
    table = {one: log.case for one, log in made.items()}
    tally, wrong = Counter[str](), 0
    for line in path.read_text().splitlines():
        report = json.loads(line)
        case = rebuilt(report, table)
        if case is None:
            tally[f"not rebuilt: {report['cause']}"] += 1
            continue
        told = [one for one in explain(made[case.id]) if one.dressing != "debug_log"]  # people paste the screen
        if report["cause"] is None:
            guessed = any(one.answer == Answer.FAIL.value for one in told)
            tally[
                "without a known cause: guessed" if guessed else "without a known cause: nothing said as certain"
            ] += 1
            wrong += guessed
        else:
            agree = sum(one.first == report["cause"] for one in told)
            tally["agrees" if agree == len(told) else f"differs in {len(told) - agree} of {len(told)}: {case.id}"] += 1
            wrong += agree != len(told)
    for said, number in sorted(tally.items(), key=lambda item: -item[1]):
        print(f"{number:5}  {said}")
    return wrong


def _keep(made: Made, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{made.case.id.replace('/', '+').replace('@', '_')}.json"
    path.write_text(json.dumps({"id": made.case.id, "text": made.text, "debug": made.debug}))


def _make(case: Case) -> Made | str:
    try:
        made = make(case)
    except (OSError, subprocess.SubprocessError, DownloadError) as error:
        return f"{case.id}: {error}"
    return made if made is not None else f"{case.id}: it did not fail"


def main() -> int:
    """Run the campaign, and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--cases", type=Path, help="reported cases, one JSON object a line, to be laid out again")
    chosen = parser.parse_args()
    table = {one.id: one for one in list(cases())[:: chosen.every] if chosen.only in one.id}
    started = time.monotonic()
    if chosen.source:
        kept = (json.loads(path.read_text()) for path in sorted(chosen.source.glob("*.json")))
        logs = [Made(table[one["id"]], one["text"], one["debug"], 1) for one in kept if one["id"] in table]
        failed: list[str] = []
    else:
        made = []
        with ProcessPoolExecutor(chosen.jobs) as pool:
            for one in pool.map(_make, table.values()):
                made.append(one)
                if chosen.keep and isinstance(one, Made):
                    _keep(one, chosen.keep)
        logs = [one for one in made if isinstance(one, Made)]
        failed = [one for one in made if isinstance(one, str)]
    for line in failed:
        print(line)
    if chosen.cases:
        return 1 if agreement(chosen.cases, logs) else 0
    wrong = score([told for one in logs for told in explain(one)])
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if wrong else 0
