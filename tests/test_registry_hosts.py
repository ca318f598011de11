"""The host of the registry: the guard and the real npm must read the same one, in each place where it may stand."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support import world

_LISTENING = """\
import sys

def note(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex", "socket.sethostname"}:
        host = arguments[0]
        print("python", host.decode() if isinstance(host, bytes) else host, file=names, flush=True)
    if event == "import" and arguments[0] in {"encodings.idna", "stringprep"}:
        print("python's IDNA", arguments[0], file=names, flush=True)

names = open(sys.argv.pop(1), "a", encoding="utf-8")
sys.addaudithook(note)
from safepublish.cli import main
sys.exit(main())
"""
_NAMES = Path(__file__).parent / "support" / "names.cjs"
_FORMS = (
    "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http:/127.0.0.1:{port}",
    "http:\\\\127.0.0.1:{port}", "http://%3127.0.0.1:{port}/", "HTTP://LocalHost:{port}/", "http://127.0.0.1.:{port}/",
    "http://017700000001:{port}/", "http://127.0.0.1:0{port}/",
)  # fmt: skip
_PLACES = ("npmrc", "publishConfig", "environment", "command line")

Make = Callable[..., world.Loopback]


def _in(place: str, url: str, loopback: world.Loopback) -> tuple[Path, dict[str, str | None], list[str]]:
    """A project, variables and arguments that give npm the registry *url* in *place*."""
    project = loopback.project(publishConfig={"registry": url} if place == "publishConfig" else None)
    if place == "npmrc":
        (loopback.home / ".npmrc").write_text(f"registry={url}\n", encoding="utf-8")
    more: dict[str, str | None] = {"npm_config_registry": url} if place == "environment" else {}
    return project, more, [f"--registry={url}"] if place == "command line" else []


def _guard(
    loopback: world.Loopback, url: str, place: str = "npmrc", *words: str, more: Mapping[str, str | None] | None = None
) -> tuple[world.Outcome, list[str]]:
    """What the guard does with the registry *url*, and the names that it and its npm looked up or connected to."""
    project, variables, arguments = _in(place, url, loopback)
    names = loopback.directory / "names"
    environment = loopback.environment(
        more={"SAFEPUBLISH_FORMAT": "text", "NAMES": str(names), **variables, **(more or {})}
    )
    environment["NODE_OPTIONS"] += f' --require "{_NAMES}"'
    command = [sys.executable, "-c", _LISTENING, str(names), *arguments, *words]
    outcome = loopback.run(command, cwd=project, env=environment)
    return outcome, names.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("form", "place"),
    world.some(
        [(form, place) for form in _FORMS for place in _PLACES], *zip(_FORMS[:5], (*_PLACES, "npmrc"), strict=True)
    ),
)
def test_a_registry_is_the_one_that_npm_reads(make_loopback: Make, form: str, place: str) -> None:
    alone = make_loopback()
    project, more, arguments = _in(place, form.format(port=alone.server.port), alone)
    by_npm = alone.run_npm(words=["publish", *arguments], cwd=project, env=alone.environment(more=more))
    guarded = make_loopback()
    outcome, names = _guard(guarded, form.format(port=guarded.server.port), place)
    assert (by_npm.returncode, by_npm.credential) == (0, "oidc")
    assert (outcome.returncode, outcome.credential) == (0, "oidc"), outcome.stderr
    assert "id-token-wrong-audience" not in outcome.stderr
    assert {name.split()[1] for name in names} <= {"127.0.0.1", "localhost", "127.0.0.1."}


@pytest.mark.parametrize("place", world.some(_PLACES, "npmrc", "publishConfig"))
def test_no_identity_goes_to_a_host_that_python_would_read_otherwise(loopback: world.Loopback, place: str) -> None:
    port = loopback.server.port
    routes = json.dumps({f"xn--strae-oqa.example:{port}": port})
    outcome, names = _guard(loopback, f"http://straße.example:{port}/", place, more={"SAFEPUBLISH_REHEARSAL": routes})
    assert [name for name in names if name.startswith("python")] == []
    assert {name for name in names if name.startswith("node")} == {"node 127.0.0.1", "node xn--strae-oqa.example"}
    assert (outcome.returncode, outcome.credential) == (0, "oidc"), outcome.stderr
    from_us = [one.endpoint for one in outcome.received if one.agent.startswith("safepublish/")]
    assert from_us == []


def test_what_npm_cannot_exchange_there_either_is_refused(loopback: world.Loopback) -> None:
    outcome, names = _guard(loopback, "http://straße.example/")
    assert [name for name in names if name.startswith("python")] == []
    assert outcome.returncode == 3
    assert "npm's reading of the host in the address could not be determined" in " ".join(outcome.stderr.split())
    assert "npm's own exchange also failed." in outcome.stderr
    assert [one.endpoint for one in outcome.received if one.agent.startswith("safepublish/")] == []


def test_without_a_probe_an_uncertain_host_is_left_to_npm(loopback: world.Loopback) -> None:
    outcome, names = _guard(loopback, "http://straße.example/", "npmrc", "--allow-token", "--no-probe")
    assert [name for name in names if name.startswith("python")] == []
    assert "npm publish was not started" not in outcome.stderr


def test_a_registry_that_npm_reads_nothing_in_is_no_part_of_a_path(loopback: world.Loopback) -> None:
    outcome, names = _guard(loopback, "http://", "publishConfig")
    assert outcome.returncode == 3
    assert [name for name in names if name.startswith("python")] == []


def test_an_ipv6_address_is_one_that_npm_does_not_reach(make_loopback: Make) -> None:
    alone = make_loopback()
    (alone.home / ".npmrc").write_text(f"registry=http://[::1]:{alone.server.port}/\n")
    by_npm = alone.run_npm()
    guarded = make_loopback()
    outcome, _names = _guard(guarded, f"http://[::1]:{guarded.server.port}/")
    assert (by_npm.returncode, "ENEEDAUTH" in by_npm.stderr) == (1, True)
    assert outcome.returncode == 3
    assert "error[registry-unreachable]: the exchange with [::1] could not be checked" in " ".join(
        outcome.stderr.split()
    )
    assert "host name instead of its IPv6 address" in " ".join(outcome.stderr.split())
    assert "id-token-wrong-audience" not in outcome.stderr
