"""The fault campaign: `python -m campaigns faults` lets the world misbehave, and prints how npm and the guard ended.

In each fault the real npm publishes alone, and then behind the guard, in a world of its own. Wrong is: a refusal where
npm alone publishes, a run that outlasts its deadline by more than npm's own time, a bug of ours, a secret in an output.
`--write` puts the table into docs/reliability.md.
"""

import argparse
import contextlib
import datetime as dt
import gzip
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import trustme

from docs.generate import between
from safepublish.rehearsal import HANG, Fault, GitHubJob, Grant, Registry
from tests.support import (
    wire,
    world,
)

ROOT = Path(__file__).resolve().parent.parent

DEADLINE = 3.0
SLACK = 6.0  # seconds of a busy machine
CANARY = "npm_CANARYcanaryCANARYcanaryCANARY123456"
PATIENCE = 40.0  # seconds for npm
NPM = [str(world.bin() / "npm"), "publish"]
GUARD = [sys.executable, "-m", "safepublish"]
PAGE = ROOT / "docs" / "reliability.md"
NOT_MADE = 99  # what a script that makes a fault ends with where it cannot
OK = b"HTTP/1.1 200 OK\r\n"
GITHUB = {"SAFEPUBLISH_FORMAT": "github"}

TLS_ENCRYPTED = 23  # the type of a record (RFC 8446, 5.1)
MOUNTED = 'unshare --map-root-user --mount sh "$HOME/../started-by" {}'
UNPRIVILEGED = "setpriv --bounding-set=-dac_override,-dac_read_search {}"

Carry = Callable[[socket.socket, socket.socket], None]
Env = dict[str, str | None]
Prepare = Callable[["Stage"], Env]


class Case(NamedTuple):
    """One way of misbehaving."""

    name: str
    faults: Mapping[str, Fault] = {}
    prepare: Prepare | None = None  # returns variables
    tls: str | None = None  # trusted, unknown, expired, other-host
    shell: str | None = None  # how the command is started: {} is the command
    root: bool = False  # it takes a mount, a port below 1024 or a capability less: Linux, as root
    package: Mapping[str, Any] = {}


class Stage(NamedTuple):
    """What a case may lay its hands on."""

    loopback: world.Loopback
    project: Path
    leave: contextlib.ExitStack
    trust: str


class Ended(NamedTuple):
    """How a run ended."""

    said: str  # published, let pass (by a check), refused, failed, killed, hung
    seconds: float
    text: str
    causes: str


def raw(data: bytes) -> Fault:
    """These bytes, and then the end of the connection."""
    return Fault(raw=data)


def chunked(body: bytes) -> bytes:
    """The head of a chunked answer, and *body* as it stands."""
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + body


def elsewhere(stage: Stage) -> Env:
    """Redirect what is asked to a server that must not hear a secret."""
    heard = stage.leave.enter_context(wire.serving(wire.answer(404, b"{}")))
    target = f"{heard.url}/stolen".replace("127.0.0.1", "localhost")
    for endpoint in ("exchange", "packument"):
        stage.loopback.server.faults[endpoint] = Fault(307, headers={"location": target})
    stage.leave.callback(_nothing_heard, heard)
    return {}


def _nothing_heard(heard: wire.Wire) -> None:
    for one in heard.received:
        if b"safepublish" in one and re.search(rb"authorization|npm_", one, re.IGNORECASE):
            raise SystemExit("a credential followed a redirect")


def proxy(answer: bytes) -> Prepare:
    """A proxy that says *answer* to everything."""

    def prepare(stage: Stage) -> Env:
        url = stage.leave.enter_context(wire.serving(wire.raw(answer))).url
        return {"npm_config_proxy": url, "npm_config_https_proxy": url, "npm_config_noproxy": "none.example"}

    return prepare


def settings(**variables: str) -> Prepare:
    """These variables; `{url}` is the registry's."""
    return lambda stage: {key: value.replace("{url}", stage.loopback.url) for key, value in variables.items()}


def fifo(where: str) -> Prepare:
    """A pipe in place of a file that the guard would read; npm must not be made to read it, so it is fed for it."""

    def prepare(stage: Stage) -> Env:
        path = stage.loopback.directory / "pipe"
        os.mkfifo(path)
        return {where: str(path)}

    return prepare


def skewed(seconds: int) -> Prepare:
    """The guard's clock, and only its, is wrong by so much."""

    def prepare(stage: Stage) -> Env:
        place = stage.loopback.directory / "clock"
        place.mkdir()
        patch = f"import time\nreal = time.time\ntime.time = lambda: real() + {seconds}\n"
        (place / "sitecustomize.py").write_text(patch)
        return {"PYTHONPATH": str(place)}

    return prepare


def relayed(stage: Stage, family: socket.AddressFamily, host: str, carry: Carry) -> int:
    """The port on *host* of a relay to the registry; *carry* has both connections to itself."""
    listener = socket.create_server((host, 0), family=family)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", stage.loopback.server.port))
                threading.Thread(target=carry, args=(client, server), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    stage.leave.callback(listener.close)
    return int(listener.getsockname()[1])


def pump(one: socket.socket, other: socket.socket) -> None:
    """All that *one* says, to *other*."""
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def ipv6_only(stage: Stage) -> Env:
    """The registry is reached by an IPv6 address alone: a relay on [::1]."""

    def carry(client: socket.socket, server: socket.socket) -> None:
        threading.Thread(target=pump, args=(server, client), daemon=True).start()
        pump(client, server)

    port = relayed(stage, socket.AF_INET6, "::1", carry)
    audience = stage.loopback.registry.id_token("npm:[::1]")
    return {"npm_config_registry": f"http://[::1]:{port}/", "NPM_ID_TOKEN": audience}


def cut(when: str, *, once: bool = False, reset: bool = True) -> Prepare:
    """A relay that breaks a TLS connection: amid the handshake, after it, or after the request; by a reset, or an end.

    *once* it breaks the first connection, and lets the others be.
    """

    def prepare(stage: Stage) -> Env:
        first = threading.Lock()

        def carry(client: socket.socket, server: socket.socket) -> None:
            if once and not first.acquire(blocking=False):
                threading.Thread(target=pump, args=(server, client), daemon=True).start()
                pump(client, server)
                return
            with contextlib.suppress(OSError):
                _until(when, client, server)
                if reset:  # no lingering: RST instead of FIN
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            server.close()

        port = relayed(stage, socket.AF_INET, "127.0.0.1", carry)
        return {"npm_config_registry": f"https://127.0.0.1:{port}/"}

    return prepare


def _until(when: str, client: socket.socket, server: socket.socket) -> None:
    """Carry a TLS connection as far as *when*.

    In TLS 1.3 the client's first encrypted record ends the handshake, and the second holds the request.
    """
    if when == "handshake":
        server.sendall(client.recv(65536))
        client.sendall(server.recv(100))
        return
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
    encrypted = 0
    with client.makefile("rb") as said:
        while len(head := said.read(5)) == 5:
            body = said.read(int.from_bytes(head[3:]))
            encrypted += head[0] == TLS_ENCRYPTED
            if encrypted == (1 if when == "after" else 2):
                return
            server.sendall(head + body)


def full_disk(stage: Stage) -> Env:
    """The home, the place for temporary files and the runner's are file systems without a byte left."""
    script = f"""
        for place in "$HOME" "$TMPDIR" "$RUNNER_TEMP"; do
            cp -a "$place" "$place.kept" && mount -t tmpfs -o size=64k none "$place" || exit {NOT_MADE}
            cp -a "$place.kept/." "$place"
            cat /dev/zero >"$place/filler" 2>/dev/null
        done
        exec "$@"
    """
    (stage.loopback.directory / "started-by").write_text(script)
    kept = stage.loopback.runner_temp
    return {"GITHUB_STEP_SUMMARY": str(kept / "summary"), "GITHUB_OUTPUT": str(kept / "output")}


def read_only_home(stage: Stage) -> Env:
    """A home whose file system is mounted read-only."""
    script = f'mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME" || exit {NOT_MADE}\nexec "$@"\n'
    (stage.loopback.directory / "started-by").write_text(script)
    return {}


def forbidden_home(stage: Stage) -> Env:
    """A home in which its owner may write nothing; who starts the command takes root's privilege over modes away."""
    stage.loopback.home.chmod(0o500)
    stage.leave.callback(stage.loopback.home.chmod, 0o700)
    return {}


def cache_elsewhere(prepare: Prepare) -> Prepare:
    """The same, where npm's cache, and with it its log, has a place of its own: npm publishes then."""
    return lambda stage: {**prepare(stage), "npm_config_cache": str(stage.loopback.directory / "cache")}


def silent_dns(stage: Stage) -> Env:
    """A name server that hears every question and answers none."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stage.leave.callback(listener.close)
    listener.bind(("127.0.0.77", 53))
    (stage.loopback.directory / "resolv.conf").write_text("nameserver 127.0.0.77\n")
    script = f'mount --bind "${{0%/*}}/resolv.conf" /etc/resolv.conf || exit {NOT_MADE}\nexec "$@"\n'
    (stage.loopback.directory / "started-by").write_text(script)
    return {"npm_config_registry": "http://registry.example/"}


def written(file: str, content: str | bytes) -> Prepare:
    """A file of the project with this content."""

    def prepare(stage: Stage) -> Env:
        data = content if isinstance(content, bytes) else content.encode()
        (stage.project / file).write_bytes(data)
        return {}

    return prepare


def kept_message(stage: Stage) -> Env:
    """The exchange's answer repeats the id token it was sent, and NPM_ID_TOKEN holds it."""
    token = stage.loopback.registry.id_token("npm:127.0.0.1")
    stage.loopback.server.faults["exchange"] = Fault(404, ('{"message":"OIDC: ' + token + '"}').encode())
    return {"NPM_ID_TOKEN": token}


LATE = {endpoint: Fault(delay=0.5) for endpoint in ("id-token", "exchange", "packument")}
SOON, PNG = {"retry-after": "1"}, {"content-type": "image/png"}
FULL = {"GITHUB_STEP_SUMMARY": "/dev/full", "GITHUB_OUTPUT": "/dev/full"}
DEVICE = {"NPM_CONFIG_USERCONFIG": "/dev/zero", "npm_config_registry": "{url}"}
REFUSED = b'{"message":"OIDC token exchange error - package not found"}'
HOSTILE = b'{"message":"OIDC \\u001b[2J\\n::error::x\\n::set-output name=a::b\\n</details><img src=x>"}'
BOMB = gzip.compress(b"\0" * 100_000_000, 9)

CASES = (
    Case("nothing amiss"),
    # the network is slow, or breaks
    Case("every answer takes 500 ms", LATE),
    Case("the identity endpoint hangs", {"id-token": HANG}),
    Case("the exchange hangs", {"exchange": HANG}),
    Case("the packument hangs", {"packument": HANG}),
    Case("the identity endpoint hangs up", {"id-token": Fault(hangs_up=True)}),
    Case("the exchange hangs up", {"exchange": Fault(hangs_up=True)}),
    Case("the exchange hangs up once", {"exchange": Fault(hangs_up=True, times=1)}),
    Case("the packument hangs up", {"packument": Fault(hangs_up=True)}),
    Case("the exchange answers 500", {"exchange": Fault(500, b"oops")}),
    Case("the exchange answers 502 once, in HTML", {"exchange": Fault(502, b"<html>", times=1)}),
    Case(
        "the exchange answers 503, Retry-After: 1, once", {"exchange": Fault(503, b"", {"retry-after": "1"}, times=1)}
    ),
    Case(
        "the exchange answers 429, Retry-After: 1, twice", {"exchange": Fault(429, b"", {"retry-after": "1"}, times=2)}
    ),
    Case("the exchange answers 429 for ever", {"exchange": Fault(429, b"{}")}),
    Case("the exchange asks to wait for a year", {"exchange": Fault(429, b"{}", {"retry-after": "31536000"})}),
    Case("the identity endpoint answers 500", {"id-token": Fault(500, b"oops")}),
    Case("the identity endpoint answers 500 once", {"id-token": Fault(500, b"oops", times=1)}),
    Case("the packument answers 500", {"packument": Fault(500, b"{}")}),
    # answers that are none
    Case("the exchange answers a web page", {"exchange": Fault(404, b"<!doctype html><title>hello")}),
    Case("the exchange answers 201 without a token", {"exchange": Fault(201, b"{}")}),
    Case("the exchange's token is an object", {"exchange": Fault(201, b'{"token":{"a":1}}')}),
    Case("the identity endpoint answers HTML", {"id-token": Fault(200, b"<html>")}),
    Case("the packument is HTML", {"packument": Fault(200, b"<html>")}),
    Case("the packument is 400,000 brackets", {"packument": Fault(200, b"[" * 400_000)}),
    Case("the exchange breaks off in its body", {"exchange": raw(OK + b'Content-Length: 99\r\n\r\n{"tok')}),
    Case("the exchange breaks off in a chunk", {"exchange": raw(chunked(b'ff\r\n{"tok'))}),
    Case("a chunk has a negative size", {"exchange": raw(chunked(b"-1\r\n{}"))}),
    Case("a chunk has no size", {"packument": raw(chunked(b"zz\r\n{}\r\n0\r\n\r\n"))}),
    Case("two lengths that differ", {"packument": raw(OK + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}")}),
    Case("2 GB are announced", {"packument": raw(OK + b"Content-Length: 2147483648\r\n\r\n" + b" " * 100_000)}),
    Case("the content type is a picture's", {"packument": Fault(200, b'{"versions":{}}', PNG)}),
    Case("a gzip bomb of 100 MB", {"packument": Fault(200, BOMB, {"content-encoding": "gzip"})}),
    Case("gzip that was not asked for", {"exchange": Fault(404, gzip.compress(REFUSED), {"content-encoding": "gzip"})}),
    Case("an encoding that nobody knows", {"packument": Fault(200, b"{}", {"content-encoding": "zz"})}),
    Case("no HTTP at all", {"exchange": raw(b"SSH-2.0-OpenSSH_9.6\r\n")}),
    Case("10,000 times 100 Continue", {"exchange": raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000)}),
    Case("103 Early Hints, then nothing", {"exchange": raw(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")}),
    Case("a header of 1 MB", {"packument": raw(OK + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n{}")}),
    Case("10,000 headers", {"packument": raw(OK + b"X: y\r\n" * 10_000 + b"\r\n{}")}),
    Case("control characters and commands in the answer", {"exchange": Fault(404, HOSTILE)}, lambda _: {**GITHUB}),
    Case("the answer repeats the id token", prepare=kept_message),
    # redirects
    Case("redirects to another host", prepare=elsewhere),
    Case("redirects to itself for ever", {"packument": Fault(302, headers={"location": "/hello-oidc"})}),
    Case("redirects to a file", {"packument": Fault(302, headers={"location": "file:///etc/passwd"})}),
    # TLS
    Case("TLS, the authority in cafile", tls="trusted"),
    Case("TLS, an unknown authority", tls="unknown"),
    Case("TLS, the certificate has expired", tls="expired"),
    Case("TLS, the certificate is another host's", tls="other-host"),
    Case("TLS, reset amid the handshake", prepare=cut("handshake"), tls="trusted"),
    Case("TLS, reset amid the handshake, once", prepare=cut("handshake", once=True), tls="trusted"),
    Case("TLS, reset after the handshake", prepare=cut("after"), tls="trusted"),
    Case("TLS, reset after the handshake, once", prepare=cut("after", once=True), tls="trusted"),
    Case("TLS, reset after the request", prepare=cut("request"), tls="trusted"),
    Case("TLS, ended after the request without a word", prepare=cut("request", reset=False), tls="trusted"),
    Case(
        "TLS, ended after the request without a word, once",
        prepare=cut("request", once=True, reset=False),
        tls="trusted",
    ),
    # names, proxies, addresses, clocks
    Case("a name that does not resolve", prepare=settings(npm_config_registry="http://registry.invalid/")),
    Case("a name server that never answers", prepare=silent_dns, shell=MOUNTED, root=True),
    Case("a port where nobody listens", prepare=settings(npm_config_registry="http://127.0.0.1:9/")),
    Case("a proxy that asks for a password", prepare=proxy(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")),
    Case("a proxy that answers a web page", prepare=proxy(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")),
    Case("a proxy that is not there", prepare=settings(npm_config_proxy="http://127.0.0.1:9/")),
    Case("IPv6 only", prepare=ipv6_only),
    Case("the clock is an hour fast", prepare=skewed(3600)),
    Case("the clock is an hour slow", prepare=skewed(-3600)),
    # the machine
    Case(
        "the disk is full for summary and outputs",
        prepare=settings(**FULL),
    ),
    Case("the disk is full to the last byte", prepare=full_disk, shell=MOUNTED, root=True),
    Case("the disk is full, and a refusal", {"exchange": Fault(404, REFUSED)}, full_disk, shell=MOUNTED, root=True),
    Case("HOME is on a read-only disk", prepare=read_only_home, shell=MOUNTED, root=True),
    Case(
        "HOME is on a read-only disk, npm's cache is not",
        prepare=cache_elsewhere(read_only_home),
        shell=MOUNTED,
        root=True,
    ),
    Case("HOME may not be written to", prepare=forbidden_home, shell=UNPRIVILEGED, root=True),
    Case(
        "HOME may not be written to, npm's cache may",
        prepare=cache_elsewhere(forbidden_home),
        shell=UNPRIVILEGED,
        root=True,
    ),
    Case("no place for temporary files", prepare=settings(TMPDIR="/dev/null/tmp")),
    Case("no place for them, and a refusal", {"exchange": Fault(404, REFUSED)}, settings(TMPDIR="/dev/null/tmp")),
    Case("stdout is closed", shell="{} >&-"),
    Case("stderr is closed", shell="{} 2>&-"),
    Case("nobody reads what is said", {"exchange": Fault(404, REFUSED)}, shell="{} 2>&1 | true"),
    Case("npm is killed", package={"scripts": {"prepublishOnly": "kill -9 $PPID"}}),
    Case("the event is a pipe", prepare=fifo("GITHUB_EVENT_PATH")),
    Case(
        "the user's .npmrc is a device",
        prepare=settings(**DEVICE),
    ),
    Case("an .npmrc of 8 MB", prepare=written(".npmrc", "; " + "x" * 8_000_000 + "\n")),
    Case("package.json is cut short", prepare=written("package.json", '{"name": "hello-oidc", "ver')),
    Case("package.json is binary", prepare=written("package.json", bytes(range(256)))),
)
NOT_WITH_NPM = {"the user's .npmrc is a device"}  # npm would read it for ever


def certificate(kind: str, authority: trustme.CA) -> ssl.SSLContext:
    """The server's side of TLS."""
    hosts = ["elsewhere.example"] if kind == "other-host" else ["127.0.0.1"]
    now = dt.datetime.now(dt.UTC)
    until = now - dt.timedelta(days=1) if kind == "expired" else None
    made = trustme.CA() if kind == "unknown" else authority
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(*hosts, not_after=until, not_before=now - dt.timedelta(days=9)).configure_cert(context)
    return context


@contextlib.contextmanager
def staged(case: Case) -> Iterator[tuple[Stage, dict[str, str]]]:
    """A world in which *case* holds, and the environment of the job."""
    authority = trustme.CA()
    tls = certificate(case.tls, authority) if case.tls else None
    job = GitHubJob(visibility="private")  # no provenance: Sigstore is not here
    registry = Registry({"hello-oidc": world.HELLO}, tokens={CANARY: Grant.READ}, job=job)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        world.Loopback(Path(directory), registry, faults=case.faults, tls=tls) as loopback,
        contextlib.ExitStack() as leave,
    ):
        project = loopback.project(**case.package)
        trust = Path(directory, "ca.pem")
        trust.write_bytes(authority.cert_pem.bytes())
        stage = Stage(loopback, project, leave, str(trust))
        more: Env = {"SAFEPUBLISH_DEADLINE": f"{DEADLINE:g}", "SAFEPUBLISH_FORMAT": "text", "NPM_TOKEN": CANARY}
        if case.tls:
            more |= {"npm_config_cafile": str(trust), "NODE_EXTRA_CA_CERTS": str(trust)}
            token = registry.id_token("npm:127.0.0.1")
            more |= {"NPM_ID_TOKEN": token}  # the identity endpoint is asked without npm's own cafile
        more |= case.prepare(stage) if case.prepare else {}
        yield stage, loopback.environment(more=more)


def play(case: Case, words: list[str], *, guarded: bool) -> Ended:
    """Run npm alone, or the guard."""
    with staged(case) as (stage, env):
        command = words
        if case.shell:
            command = ["sh", "-c", case.shell.format(" ".join(command))]
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=stage.project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            out, _ = process.communicate(timeout=PATIENCE)
            hung = False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            hung = True
        seconds = time.monotonic() - started
        if process.returncode == NOT_MADE:
            raise SystemExit(f"{case.name}: this machine mounts nothing: {out.decode(errors='replace')}")
        text = out.decode(errors="replace")
        secrets = {CANARY, stage.loopback.registry.request_token, env.get("NPM_ID_TOKEN") or CANARY}
        shown = "\n".join(line for line in text.splitlines() if not line.startswith("::add-mask::"))
        if guarded and any(secret in shown for secret in secrets):
            text += "\nLEAK"
        said = _said(process.returncode, hung=hung, published=bool(stage.loopback.registry.published()))
        causes = dict.fromkeys(re.findall(r"^(?:error|warning|unknown|info)\[([a-z-]+)\]:", text, re.MULTILINE))
        return Ended(said, seconds, text, ", ".join(causes))


def _said(status: int, *, hung: bool, published: bool) -> str:
    if hung:
        return "hung"
    if published:
        return "published"
    if status in {0, 3}:
        return "refused" if status else "let pass"
    return "killed" if status < 0 or status == 137 else "failed"


def wrong(npm: Ended | None, guard: Ended) -> str | None:
    """What the guard did wrong, None where nothing."""
    if world.crashed(guard.text):
        return "a bug"
    if guard.text.endswith("LEAK"):
        return "a secret was shown"
    if guard.said == "hung":
        return "hung"
    if npm is None:
        return None
    # Twice the deadline: where all is unknown, npm is asked for a second opinion for as long again.
    if guard.seconds > 2 * DEADLINE + (0 if guard.said == "let pass" else 2 * npm.seconds) + SLACK:
        return f"took {guard.seconds:.0f} s"
    if npm.said == "published" and guard.said != "published":
        return f"npm publishes alone, the guard {guard.said}"
    return None


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    rows, tally, faulty = [], Counter[str](), 0
    able = sys.platform == "linux" and os.geteuid() == 0
    for case in (one for one in CASES if chosen.only in one.name):
        if case.root and not able:
            print(f"{case.name}: left out, for it takes Linux and root", flush=True)
            continue
        npm = None if case.name in NOT_WITH_NPM else play(case, NPM, guarded=False)
        # Where npm itself waits for minutes, what is in question is how long the guard looks around.
        guard = play(case, [*GUARD, "check"] if npm is None or npm.said == "hung" else GUARD, guarded=True)
        fault = wrong(npm, guard)
        faulty += fault is not None
        alone = npm.said if npm else "not run"
        tally[f"npm {alone}, the guard {guard.said}"] += 1
        row = f"| {case.name} | {alone} | {guard.said} | {guard.causes} | {guard.seconds:.1f} | {fault or ''} |"
        rows.append(row)
        print(row, flush=True)
        if fault and not chosen.write:
            print(guard.text[-3000:], flush=True)
    told = [f"{'once' if number == 1 else f'{number} times'} {what}" for what, number in sorted(tally.items())]
    summary = f"{len(rows)} ways, {faulty} went wrong: " + "; ".join(told) + "."
    print(summary)
    if chosen.write:
        write(rows, summary)
    return 1 if faulty else 0


def write(rows: list[str], summary: str) -> None:
    """Put the table into the page, between its marks."""
    head = [
        "| fault | npm alone | behind the guard | what the guard said | seconds | wrong |",
        "| --- | --- | --- | --- | ---: | --- |",
    ]
    table = "\n".join([summary, "", *head, *rows, ""])
    PAGE.write_text(between(PAGE.read_text(encoding="utf-8"), "faults", table), encoding="utf-8")
