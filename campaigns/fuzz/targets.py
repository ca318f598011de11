"""What is fuzzed: for each reader of foreign text a function of bytes that must end, and in peace.

A target fails by raising. What a reader may raise for its callers, it raises here within its target, which takes it.
`python -m campaigns fuzz` drives them; every seed and every finding runs in tests/test_fuzz.py.
"""

import os
import socket
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from safepublish.causes.explain import explain_log, explain_transcript
from safepublish.causes.judge import judge_steps
from safepublish.ci import id_token
from safepublish.detect import http, monorepo, pnpm, registry, tarball, yarn
from safepublish.detect.http.target import read_target
from safepublish.facts.finding import Answer, Finding, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Identity, Manifest, Npm, Package, Run
from safepublish.logs import reader
from safepublish.npm import arguments, manifest, package_spec, url
from safepublish.npm.arguments import Places
from safepublish.npm.config.ini import parse_ini
from safepublish.npm.config.layers import Layers
from safepublish.npm.config.package import package_settings
from safepublish.npm.config.registry import nerf_dart
from safepublish.npm.config.transport import Transport
from safepublish.pipelines import github as workflow
from safepublish.report import after_publish, github, job_summary, sarif, step_outputs, text
from safepublish.report.documents import check as as_json

CANARY = "npm_cAnArYcAnArYcAnArY"
PLACES = Places("/work/project", "/home/fuzz")
VERSIONS = (Version("9.9.4"), Version("10.9.4"), Version("11.5.1"), Version("12.2.0"))


class Target(NamedTuple):
    """One target, and what it starts from."""

    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    longest: int = 4096  # bytes of an input


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _npmrc(data: bytes) -> None:
    """An .npmrc in each layer: no secret may be seen in what is made of it."""
    for version in VERSIONS:
        found = Layers(version, env={"SECRET": CANARY, "EMPTY": ""}, places=PLACES)
        ini = parse_ini(_text(data).replace("CANARY", CANARY))
        found.load("project", "/work/project/.npmrc", ini.values, lines=ini.lines)
        found.load("user", "/home/fuzz/.npmrc", ini.values, lines=ini.lines)
        settings, credential = package_settings(
            found, "@scope/name", {"registry": "https://registry.example/", "tag": "next"}
        )
        assert CANARY not in repr((credential, settings._replace(registry=None, dist_tag="", access=None)))
        assert CANARY not in repr(found)


WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["publish", "-w", "a", "--workspace=b", "--ws", "--tag", "next", "--", ".", "--force", "--dry-run", "-fw"]
        ),
        st.text(max_size=12),
        st.from_regex(r"--?[a-z-]{1,12}(=[a-z/.0-9]{0,8})?", fullmatch=True),
    ),
    max_size=8,
)


@given(words=WORDS, version=st.sampled_from(VERSIONS))
def _arguments(words: list[str], version: Version) -> None:
    """Npm's words, and what is left when those about workspaces are taken away."""
    seen = arguments.parse(words, version, PLACES)
    arguments.command(seen.remain, version)
    keys = frozenset({"workspace", "workspaces"})
    rest = arguments.without(words, keys, version)
    if rest is not None:
        assert arguments.parse(rest, version, PLACES).remain == seen.remain
    for word in words:
        package_spec.read(word)
        package_spec.read(word, windows=True)


def _urls(data: bytes) -> None:
    """URLs, as Node and as npm's older reader take them, in every place where npm has one."""
    told = _text(data)
    parsed = url.parse(told)
    if parsed is not None and parsed.scheme in {"http", "https"}:
        again = url.parse(parsed.href)
        assert again is not None
        assert again.hostname == parsed.hostname
    url.legacy(told)
    nerf_dart(told)


def _manifest(data: bytes) -> None:
    """A package.json."""
    found, _ = manifest.read(_text(data))
    assert found.trouble is None or isinstance(found.trouble, str)


def _tarball(data: bytes) -> None:
    """A tarball on disk."""
    with tempfile.NamedTemporaryFile(suffix=".tgz") as file:
        file.write(data)
        file.flush()
        tarball.read(file.name)


def _settings(data: bytes) -> None:
    """The settings of pnpm and yarn, on disk."""
    with tempfile.TemporaryDirectory() as directory:
        env = {"HOME": directory}
        for name in ("pnpm-workspace.yaml", ".yarnrc.yml"):
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data)
        monorepo.packages(directory)
        pnpm.read(VERSIONS[-1], (), env=env, cwd=directory)
        found = yarn.configured(Package(".", manifest=Manifest(name="@s/a")), {}, env=env, cwd=directory)
        assert CANARY not in repr(found.credential)


def _packument(data: bytes) -> None:
    """What a registry answers: packument, one version, attestations, and an answer to the exchange."""
    response = http.Response(200, {}, data)
    document = response.document
    found = registry.read_packument(document)
    assert all(version.isprintable() for version in found.versions)
    registry.read_publisher("1.0.0", document, document)
    registry.read_provenance(document)
    said = http.Response(404, {}, data).message(CANARY)
    assert said is None or (said.isprintable() and CANARY not in said)


def _jwt(data: bytes) -> None:
    """An id token: as it is, and as the payload of one."""
    import base64

    told = _text(data)
    id_token.decode(told)
    payload = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    seen = id_token.decode(f"e30.{payload}.{CANARY}")
    assert CANARY not in repr(seen)


def _workflow(data: bytes) -> None:
    """A workflow file."""
    told = _text(data)
    read = workflow.read(told, ".github/workflows/publish.yml", lambda _: told)
    judge_steps(read)
    workflow.read_job(told, ".github/workflows/publish.yml", lambda _: None, "publish")


def _log(data: bytes) -> None:
    """What a failed publish printed, up to the causes and what is said of them."""
    transcript = reader.read((data,))
    explain_transcript(transcript, "a log")
    for log in transcript.logs:
        after_publish.after_failure(explain_log(log))


def _http(data: bytes) -> None:
    """Whatever a server may send: an answer, or `Unreachable`, and nothing is left open."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.settimeout(1)
        theirs.sendall(data[:60_000])
        theirs.shutdown(socket.SHUT_WR)
        request = http.Request("GET", read_target("http://127.0.0.1/"), {}, 4096)
        client = http.Client(Transport(), http.Deadline(2), keeps_connections=True)
        try:
            answer = client.exchange(request, ours, None, "key")
            assert len(answer.body) <= 4096
        except http.UnreachableError as error:
            said = error.message
        else:
            said = ""
        assert said.isprintable()
        client.close()
    assert ours.fileno() == -1


def _report(data: bytes) -> None:
    """Foreign text in every place of a report: no line of it may become a command of GitHub's runner, or an escape."""
    told = _text(data)
    finding = Finding("npm-too-old", Answer.FAIL, told, (told,), Remedy(told, told, told))
    run = Run(
        Npm(told, None, VERSIONS[0], None, None),
        Identity(ci=Ci.GITHUB, event=told, workflow_ref=told),
        Package(told, manifest=Manifest(name=told, version=told)),
    )
    judged = Judged(run, (finding,), Verdict.REFUSE)
    report = Report((judged, judged), Verdict.REFUSE, goes_on=False)
    shown = text.render(report)
    for line in shown.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith(("::", "##["))
    for line in github.annotations(report).splitlines():
        assert line.startswith("::error ")
    assert all(line.isprintable() for line in job_summary.render(report).split("\n"))
    assert "\n" not in step_outputs.render(report).rstrip("\n").partition("packages=")[2].partition("\n")[0]
    as_json.render(report)
    sarif.render(report)


_FUZZ_ARGUMENTS = _arguments.hypothesis.fuzz_one_input  # type: ignore[attr-defined] # hypothesis sets it

TARGETS: dict[str, Target] = {
    "npmrc": Target(
        _npmrc,
        (
            b"//registry.example/:_authToken=${SECRET}\n@scope:registry=https://registry.example\n",
            b'[a.b]\nx[]=1\nx[]=2\n_auth=CANARY\n; comment\n//h/p/:_password="Q0FOQVJZ"\n',
            b"registry=http://u:CANARY@h/\nproxy=null\nca[]=x\nprovenance\n__proto__=1\n",
        ),
    ),
    "arguments": Target(_FUZZ_ARGUMENTS, (b"\x00" * 64, bytes(range(128)))),
    "urls": Target(
        _urls, (b"https://u:p@registry.example:443/a/../b?c#d", b"http://[::1]:80/", b"git+ssh://a@b:c/d"), 512
    ),
    "manifest": Target(
        _manifest,
        (
            b'{"name":"@a/b","version":"v1.02.3-rc.1+x","repository":{"url":"github:o/r"},"publishConfig":{"tag":"x"}}',
            b'{"private":true,"scripts":{"prepack":"npm version x"},"repositories":["o/r"],"main":"x"}',
            b'/**package {"name":"a"} **/',
        ),
    ),
    "tarball": Target(_tarball, (), 65536),
    "settings": Target(
        _settings,
        (
            b"packages: [a/*]\nregistry: https://a/\nregistries: {default: https://a/, '@s': https://b/}\n",
            b"npmScopes: {s: {npmAuthToken: 'npm_cAnArYcAnArYcAnArY', npmPublishRegistry: '${X:-y}'}}\na: {}\n",
            b"a: &a [1]\nb: [*a, *a]\n? {c: d}\n: e\n",
        ),
    ),
    "packument": Target(
        _packument,
        (
            b'{"dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"deprecated":"x"}},"message":"no"}',
            (
                b'{"_npmUser":{"trustedPublisher":{}},"dist":{"attestations":{}},"attestations":[{"predicateType":'
                b'"https://slsa.dev/provenance/v1","bundle":{"dsseEnvelope":{"payload":"e30="}}}]}'
            ),
            (
                b'{"predicate":{"buildDefinition":{"externalParameters":{"workflow":{"repository":"https://h/o/r",'
                b'"path":"a/b.yml"}}}},"error":{"message":"x"}}'
            ),
        ),
    ),
    "jwt": Target(_jwt, (b'{"aud":["npm:registry.example"],"exp":1,"sub":"repo:o/r:ref:x"}', b"a.b.c")),
    "workflow": Target(
        _workflow,
        (
            (
                b"on: push\npermissions: {id-token: write}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n"
                b"      - uses: actions/setup-node@v6\n        with: {node-version: '22'}\n      - run: npm publish\n"
            ),
            b"jobs: &a\n  publish: {steps: [*a, {run: 'cd x && npm pu --tag y | cat'}], uses: ./x.yml}\n",
        ),
    ),
    "log": Target(
        _log,
        (
            (
                b"0 verbose cli /usr/bin/node\n1 info using npm@11.5.1\n2 verbose title npm publish\n"
                b"3 silly publish [ '.' ]\n"
                b"4 verbose oidc Failed token exchange request with body message: package not found\n"
                b"5 http fetch PUT 404 https://h/x 5ms\n6 error code E404\n7 verbose exit 1\n"
            ),
            b"npm ERR! code ENEEDAUTH\nnpm ERR! need auth\n",
        ),
    ),
    "http": Target(
        _http,
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 No\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
        ),
        16384,
    ),
    "report": Target(_report, (b"::error::x", b"\x1b[31m%0A\n##[group]", b"```\n<script>|\n"), 1024),
}


def seeds(name: str) -> tuple[bytes, ...]:
    """What a target starts from; tarballs are made here."""
    return (*TARGETS[name].seeds, *_tarballs()) if name == "tarball" else TARGETS[name].seeds


def _tarballs() -> tuple[bytes, ...]:
    import io
    import tarfile

    made = []
    for mode in ("w", "w:gz"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode) as archive:
            for name in ("package/package.json", "package/index.js"):
                content = b'{"name":"a","version":"1.0.0"}'
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        made.append(buffer.getvalue())
    return tuple(made)


FINDINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "findings")
"""Inputs at which a target once failed, by target; each stays as a regression test."""
