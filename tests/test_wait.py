"""`--wait`: until the registry returns what the real npm has published, and who published it."""

import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safepublish.detect import availability, registry
from safepublish.detect.http.deadline import Clock
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Existence, Manifest, Origin, Package, PackageSettings, Packument, Setting
from safepublish.npm.config.transport import Transport
from safepublish.rehearsal import Fault, GitHubJob, Grant, PublishedPackage, Registry
from tests.support import act, world
from tests.test_action import CHECKED_OUT, lay, step
from tests.test_guard import GUARD, guard
from tests.test_with import OPEN, monorepo, play

Make = Callable[..., world.Loopback]

TOKEN = "npm_waitwaitwaitwaitwaitwaitwaitwaitwait12"


def said(text: str) -> str:
    return " ".join(text.split())


def outputs(loopback: world.Loopback) -> tuple[dict[str, str | None], Path, Path]:
    summary, file = loopback.directory / "summary.md", loopback.directory / "outputs"
    return {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(file)}, summary, file


def test_a_version_that_is_scanned_is_waited_for(loopback: world.Loopback) -> None:
    loopback.registry.scan_seconds = 4
    more, summary, file = outputs(loopback)
    start = time.monotonic()
    outcome = guard(loopback, "--wait", "60", more=more)
    assert (outcome.returncode, time.monotonic() - start > 4) == (0, True)
    match = re.search(
        r"safepublish: hello-oidc@1.0.0 can be installed, (\d+) s after the publish: (.*)", said(outcome.stderr)
    )
    assert match is not None, outcome.stderr
    assert 3 <= int(match[1]) <= 30
    assert match[2] == "published by a trusted publisher (octo-org/hello-oidc, publish.yml), with provenance."
    assert file.read_text().endswith("available=true\n")
    assert "published=true\n" in file.read_text()
    assert "with provenance" in summary.read_text().splitlines()[-1]
    asked = [
        one.status for one in outcome.received if one.endpoint == "manifest" and one.agent.startswith("safepublish")
    ]
    assert asked.count(404) >= 2  # before the publish, and while it is scanned
    assert asked[-1] == 200


@pytest.mark.parametrize(("strict", "status"), [(False, 0), (True, 5)])
def test_a_version_that_never_becomes_installable(loopback: world.Loopback, *, strict: bool, status: int) -> None:
    loopback.registry.scan_seconds = 10_000
    more, summary, file = outputs(loopback)
    outcome = guard(loopback, "--wait=3", *(["--strict"] if strict else []), more=more)
    assert (outcome.returncode, len(outcome.published)) == (status, 1)
    assert "warning: hello-oidc@1.0.0 cannot be installed yet: 3 s after the publish" in said(outcome.stderr)
    assert file.read_text().endswith("available=false\n")
    assert "cannot be installed yet" in summary.read_text()


def test_a_token_is_named_as_what_published(make_loopback: Make) -> None:
    untrusted = {"hello-oidc": PublishedPackage(("0.9.0",))}
    loopback = make_loopback(Registry(untrusted, tokens={TOKEN: Grant.PUBLISH}))
    outcome = guard(loopback, "--allow-token", "--wait", "20", more=loopback.setup_node(token=TOKEN))
    assert outcome.returncode == 0
    assert "can be installed" in outcome.stderr
    assert "published with a token, without provenance." in said(outcome.stderr)


def test_what_npm_fails_at_is_not_waited_for(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO._replace(stage_only=True)}))
    more, _, file = outputs(loopback)
    outcome = guard(loopback, "--wait", "60", more=more)
    assert outcome.returncode == 1
    assert "available" not in file.read_text()


def test_a_dry_run_is_not_waited_for(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--wait", "60", "--dry-run")
    assert outcome.returncode == 0
    assert "can be installed" not in outcome.stderr


def test_a_version_that_a_script_sets_is_the_one_that_is_waited_for(loopback: world.Loopback) -> None:
    project = loopback.project(scripts={"prepublishOnly": "npm version 1.2.3 --no-git-tag-version --ignore-scripts"})
    outcome = guard(loopback, "--wait", "20", cwd=project)
    assert [one.version for one in outcome.published] == ["1.2.3"]
    assert "hello-oidc@1.2.3 can be installed" in said(outcome.stderr)


def test_a_private_package_is_unknown(make_loopback: Make) -> None:
    private = PublishedPackage(("0.9.0",), public=False, publishers=world.HELLO.publishers)
    loopback = make_loopback(Registry({"@octo/p": private}, paid=True, job=GitHubJob(visibility="private")))
    more, _, file = outputs(loopback)
    start = time.monotonic()
    outcome = guard(loopback, "--wait", "100", cwd=loopback.project(name="@octo/p"), more=more)
    assert (outcome.returncode, time.monotonic() - start < 60) == (0, True)
    assert "@octo/p@1.0.0: whether it can be installed could not be checked" in said(outcome.stderr)
    assert file.read_text().endswith("available=\n")


def test_a_registry_that_does_not_answer_is_asked_again(loopback: world.Loopback) -> None:
    loopback.server.faults["manifest"] = Fault(status=503, times=7)
    outcome = guard(loopback, "--wait", "90")
    assert outcome.returncode == 0
    assert "hello-oidc@1.0.0 can be installed" in outcome.stderr


def test_a_tool_publishes_and_every_version_is_waited_for(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OPEN}, "pnpm 12")
    loopback.registry.scan_seconds = 3
    more, _, file = outputs(loopback)
    outcome = play(loopback, root, "pnpm 12", "--wait", "60", more=more)
    assert outcome.returncode == 0
    assert "a@1.0.0, b@1.0.0 can be installed" in said(outcome.stderr)
    assert file.read_text().endswith("available=true\n")


def test_ctrl_c_while_waiting_ends_us_and_keeps_what_was_written(loopback: world.Loopback) -> None:
    loopback.registry.scan_seconds = 10_000
    more, _, file = outputs(loopback)
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text", **more})
    process = subprocess.Popen([*GUARD, "--wait"], cwd=loopback.project(), env=env, stderr=subprocess.PIPE, text=True)
    while not any(one.endpoint == "publish" for one in loopback.received):
        time.sleep(0.2)
    while "published=true" not in (file.read_text() if file.exists() else ""):
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in err


def test_on_a_terminal_the_progress_is_one_line_that_goes_away(loopback: world.Loopback) -> None:
    loopback.registry.scan_seconds = 3
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text", "TERM": "xterm"})
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*GUARD, "--wait", "60"], cwd=loopback.project(), env=env, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 4096):
            printed += chunk
    except OSError:  # the terminal is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    text = printed.decode()
    assert "\r\x1b[2Ksafepublish: waiting until 1 version can be installed: " in text
    assert "\r\x1b[2Ksafepublish: hello-oidc@1.0.0 can be installed" in text


def test_a_later_step_of_the_action_has_the_output(loopback: world.Loopback) -> None:
    loopback.registry.scan_seconds = 2
    ended = act.run(loopback, lay(loopback), CHECKED_OUT + step(wait="60", working_directory="package"))
    assert ended.returncode == 0, ended.said
    assert ended.outputs("guard")["available"] == "true"


class FakeClock(Clock):
    """A clock that does not sleep."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def test_it_asks_less_and_less_often_and_not_past_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "is_installable", lambda *_: False)
    clock = FakeClock()
    lines: list[tuple[int, float]] = []
    settings = PackageSettings(registry=Setting("http://127.0.0.1:1/", Origin("cli", "x", "registry")))
    package = Package(".", manifest=Manifest(name="a", version="1.0.0"), settings=settings)
    (found,) = availability.wait([package], Transport(), 60, lambda *line: lines.append(line), clock)
    assert (found.available, clock.at) == (False, 60)
    assert clock.slept[:3] == [2.0, 3.0, 4.5]
    assert max(clock.slept) <= availability.LONGEST_PAUSE
    assert [pending for pending, _ in lines] == [1] * len(clock.slept)


@pytest.mark.parametrize(
    ("name", "access", "existence", "shown"),
    [
        ("a", None, Existence.ABSENT, True),
        ("a", "restricted", Existence.EXISTS, False),
        ("@s/a", None, Existence.EXISTS, True),
        ("@s/a", None, Existence.ABSENT, False),
        ("@s/a", "public", Existence.ABSENT, True),
        ("@s/a", None, Existence.UNKNOWN, True),
        (None, "public", Existence.EXISTS, False),
    ],
)
def test_which_packages_a_stranger_will_see(
    name: str | None, access: str | None, existence: Existence, shown: bool
) -> None:
    settings = PackageSettings(registry=Setting("http://127.0.0.1:1/", Origin("cli", "x", "registry")), access=access)
    package = Package(
        ".",
        manifest=Manifest(name=name, version="1.0.0"),
        settings=settings,
        credential=Credential(CredentialKind.ABSENT),
        packument=Packument(existence),
    )
    assert availability.shown_to_strangers(package) is shown


@pytest.mark.parametrize("value", ["0", "7201", "-5", "1.5", "soon", "٣"])
def test_what_is_no_number_of_seconds(loopback: world.Loopback, value: str) -> None:
    outcome = guard(loopback, f"--wait={value}")
    assert (outcome.returncode, outcome.received) == (2, ())
    assert "it takes a whole number of seconds above 0, at most 7200" in outcome.stderr


def test_it_may_stand_without_seconds_before_a_package(loopback: world.Loopback) -> None:
    project = loopback.project("dist")
    outcome = guard(loopback, "--wait", "./dist", cwd=project.parent)
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    assert "can be installed" in outcome.stderr


def test_the_variable(loopback: world.Loopback) -> None:
    outcome = guard(loopback, more={"SAFEPUBLISH_WAIT": "30"})
    assert (outcome.returncode, "can be installed" in outcome.stderr) == (0, True)
