"""What every test gets: no CI around it, a home of its own, no process and no connection that it did not ask for."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support import world

# How long an example takes says how busy the machine is, not what the code is worth.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

_SCRUBBED = (
    "ACTIONS_", "BUILD", "CI", "COLOR", "CONTINUOUS_INTEGRATION", "FORCE_COLOR", "GIT", "JENKINS_", "NO_COLOR",
    "NODE_", "NPM_", "RUNNER_", "SAFEPUBLISH_", "SIGSTORE_", "TEAMCITY_", "TF_BUILD", "TRAVIS", "XDG_", "npm_",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PROXY", "http_proxy", "https_proxy", "no_proxy", "proxy",
)  # fmt: skip
"""The variables, by how they begin, that would make a test see the CI or the npm around it."""

_STARTS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile"})
_LOOPBACK = ("127.", "::1", "localhost")
_REAL_NPMRC = os.path.join(os.path.expanduser("~"), ".npmrc")
_MARKER = "real_process: this test starts a process that is not registered with pytest-subprocess"


class _Guard:
    """What the running test may do; None while no test runs."""

    may_start: bool | None = None


def _audit(event: str, arguments: tuple[Any, ...], guard: type[_Guard] = _Guard) -> None:
    if guard.may_start is None:  # not by the module's name, which is gone when the interpreter ends
        return
    if event in _STARTS and not guard.may_start:
        pytest.fail(f"{event} {arguments[:2]!r}: mark the test real_process, or use the loopback fixture")
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            pytest.fail(f"a test connects to {address!r}")
    if event == "open" and arguments[0] == _REAL_NPMRC:
        pytest.fail(f"a test opens {_REAL_NPMRC}")


sys.addaudithook(_audit)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    # A shell ignores some signals in what it starts with & or nohup, and npm and its scripts would inherit that.
    for name in ("SIGHUP", "SIGINT", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> Path:
    """An empty home, with the CI, npm and proxies of the machine out of sight."""
    for variable in list(os.environ):
        if variable.startswith(_SCRUBBED):
            monkeypatch.delenv(variable)
    path = next(_homes)
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("USERPROFILE", str(path))
    return path


@pytest.fixture(autouse=True)
def _guard(request: pytest.FixtureRequest) -> Iterator[None]:
    fixtures = {"loopback", "make_loopback"}.intersection(request.fixturenames)
    _Guard.may_start = bool(fixtures) or request.node.get_closest_marker("real_process") is not None
    yield
    _Guard.may_start = None


@pytest.fixture
def make_loopback(tmp_path: Path) -> Iterator[Callable[..., world.Loopback]]:
    """Makes a `world.Loopback` with the arguments given; all are closed after the test."""
    opened: list[world.Loopback] = []

    def make(*arguments: Any, **named: Any) -> world.Loopback:
        made = world.Loopback(tmp_path / f"world{len(opened)}", *arguments, **named)
        opened.append(made.__enter__())
        return made

    yield make
    for one in opened:
        one.__exit__(None, None, None)


@pytest.fixture
def loopback(make_loopback: Callable[..., world.Loopback]) -> world.Loopback:
    """A loopback world whose registry trusts octo-org/hello-oidc to publish hello-oidc."""
    return make_loopback()
