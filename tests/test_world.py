"""The real npm in the loopback world: what the other tests stand on."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from safepublish.rehearsal import Grant, PublishedPackage, Registry
from safepublish.rehearsal.registry import TOKEN_NOTICE
from tests.support import world

MakeLoopback = Callable[..., world.Loopback]


@pytest.mark.parametrize("version", ["11.5.1", "11.5.2", "11.21.2", "12.2.0"])
def test_real_npm_publishes_through_oidc_and_attaches_provenance(loopback: world.Loopback, version: str) -> None:
    outcome = loopback.run_npm(version)

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.credential == "oidc"
    assert [(one.name, one.version, one.tag, one.provenance) for one in outcome.published] == [
        ("hello-oidc", "1.0.0", "latest", True)
    ]
    assert "Successfully retrieved and set token" in outcome.debug_log
    assert "Signed provenance statement" in outcome.stderr


@pytest.mark.parametrize("version", ["9.9.4", "10.9.4", "10.9.7"])
def test_npm_without_oidc_signs_and_then_the_placeholder_is_refused(loopback: world.Loopback, version: str) -> None:
    environment = loopback.environment(version, loopback.setup_node())
    outcome = loopback.run_npm(version, ["publish", "--provenance"], env=environment)

    assert outcome.returncode == 1
    assert outcome.credential == "placeholder"
    assert outcome.published == ()
    signed, refused = (
        outcome.stderr.index("Signed provenance statement"),
        outcome.stderr.index(TOKEN_NOTICE),
    )
    assert signed < refused < outcome.stderr.index("E404")


def test_a_refused_exchange_falls_back_to_the_token_in_silence(make_loopback: MakeLoopback) -> None:
    loopback = make_loopback(Registry({"hello-oidc": PublishedPackage()}, tokens={"npm_canary": Grant.PUBLISH}))
    environment = loopback.environment("11.5.1", loopback.setup_node(token="npm_canary"))
    outcome = loopback.run_npm("11.5.1", env=environment)

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.credential == "token"
    assert "OIDC token exchange error - package not found" in outcome.debug_log
    assert "oidc" not in outcome.stderr.replace("hello-oidc", "")
    assert "npm_canary" not in repr(loopback.received)


def test_npm_12_0_0_cannot_find_sigstore(loopback: world.Loopback) -> None:
    outcome = loopback.run_npm("12.0.0")

    assert outcome.returncode == 1
    assert "Cannot find module 'sigstore'" in outcome.stderr
    assert outcome.received == ()


def test_staging_sends_the_package_to_the_stage(make_loopback: MakeLoopback) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO._replace(stage_only=True)}))
    direct = loopback.run_npm("12.2.0")
    staged = loopback.run_npm("12.2.0", ["stage", "publish"])

    assert "403 Forbidden" in direct.stderr
    assert "OIDC permission denied for this action" in direct.stderr
    assert staged.returncode == 0, staged.stderr
    assert [(one.endpoint, one.credential) for one in staged.published] == [("stage", "oidc")]


@pytest.mark.parametrize("version", ["9.9.4", "12.2.0"])
def test_the_npm_on_path_is_the_one_asked_for(loopback: world.Loopback, version: str) -> None:
    outcome = loopback.run(["npm", "--version"], cwd=loopback.project(), env=loopback.environment(version))

    assert outcome.stdout.strip() == version


def test_the_prefix_of_npm_is_its_own(loopback: world.Loopback) -> None:
    outcome = loopback.run_npm("12.2.0", ["prefix", "--global"])

    assert outcome.stdout.strip() == str(world.root() / "npm-12.2.0")


def test_without_a_version_path_gives_no_npm(loopback: world.Loopback) -> None:
    environment = loopback.environment(None)
    outcome = loopback.run(["/bin/sh", "-c", "command -v npm || echo none"], cwd=loopback.project(), env=environment)

    assert outcome.stdout == "none\n"


def test_a_child_reaches_no_other_host(loopback: world.Loopback) -> None:
    elsewhere = "registry=https://registry.npmjs.org/\n"
    outcome = loopback.run_npm("12.2.0", ["view", "hello-oidc"], cwd=loopback.project(npmrc=elsewhere))
    by_address = loopback.run_npm("12.2.0", ["view", "hello-oidc", "--registry=http://192.0.2.1/"])

    assert "ENOTFOUND" in outcome.stderr
    assert "ENOTFOUND" in by_address.stderr
    assert outcome.received == by_address.received == ()


def test_the_loopback_world_runs_nothing_in_the_real_home(loopback: world.Loopback) -> None:
    real = world._MACHINE["HOME"]

    with pytest.raises(ValueError, match="HOME of its own"):
        loopback.run([sys.executable, "--version"], cwd=loopback.directory, env={"HOME": real})


def test_no_process_starts_unasked() -> None:
    with pytest.raises(pytest.fail.Exception, match="mark the test real_process"):
        subprocess.run([sys.executable, "--version"], check=False)


@pytest.mark.real_process
def test_a_marked_test_starts_processes() -> None:
    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0


def test_no_connection_leaves_the_machine() -> None:
    with socket.socket() as connection, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        connection.connect(("192.0.2.1", 80))


def test_the_real_npmrc_is_not_opened() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"\.npmrc"):
        Path(world._MACHINE["HOME"], ".npmrc").read_text()


def test_the_home_of_a_test_is_its_own(home: Path) -> None:
    assert Path.home() == home
    assert str(home) != world._MACHINE["HOME"]
    assert list(home.iterdir()) == []
