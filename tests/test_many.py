"""Many packages at once: all are judged before the first upload, and npm publishes exactly those that were judged."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from safepublish.rehearsal import Fault, GitHubJob, Grant, PublishedPackage, Registry
from tests.support import world

GUARD = [sys.executable, "-m", "safepublish"]
OURS = world.HELLO.publishers
OPEN = PublishedPackage(("0.9.0",), publishers=OURS)
OUT = PublishedPackage(("0.9.0", "1.0.0"), publishers=OURS)
TOKEN = "npm_manymanymanymanymanymanymanymanyma12"

Make = Callable[..., world.Loopback]


def guard(
    loopback: world.Loopback,
    *words: str,
    cwd: Path,
    version: str = world.NEWEST,
    more: Mapping[str, str | None] | None = None,
) -> world.Outcome:
    env = loopback.environment(version, {"SAFEPUBLISH_FORMAT": "text", "SAFEPUBLISH_DEADLINE": "60", **(more or {})})
    return loopback.run([*GUARD, *words], cwd=cwd, env=env)


def monorepo(
    make_loopback: Make,
    held: Mapping[str, PublishedPackage | None],
    *,
    globs: Sequence[str] = ("packages/*",),
    places: Mapping[str, str] | None = None,
) -> tuple[world.Loopback, Path]:
    """A root with a workspace of version 1.0.0 for each name in *held*, in packages/NAME or where *places* says."""
    known = {name: package for name, package in held.items() if package is not None}
    job = GitHubJob(visibility="private")  # no provenance, whose signature costs more than the publish
    loopback = make_loopback(Registry(known, tokens={TOKEN: Grant.PUBLISH}, job=job))
    root = loopback.project("mono", name="root", private=True, workspaces=list(globs))
    for name in held:
        loopback.project(f"mono/{(places or {}).get(name, f'packages/{name}')}", name=name)
    return loopback, root


def published(outcome: world.Outcome) -> list[str | None]:
    return [one.name for one in outcome.published]


VERSIONS = ("9.9.4", "10.8.2", "10.9.4", "11.3.0", "11.5.1", "11.11.0", "11.21.2", "12.2.0")


@pytest.mark.parametrize("version", world.some(VERSIONS, "9.9.4"))
def test_what_is_out_is_left_out_and_a_second_run_finishes_the_release(make_loopback: Make, version: str) -> None:
    """npm by itself stops at the first package that is out, before it has published the others."""
    held = {"a": OUT, "b": OPEN, "@octo/c": OUT, "d": OPEN}
    loopback, root = monorepo(make_loopback, held, globs=["packages/**"])
    token = {"npm_config_//" + loopback.host + "/:_authToken": TOKEN}  # npm below 11.5.1 has no other way
    words = ["--allow-token", "--workspaces", "--access", "public"]
    first = guard(loopback, *words, cwd=root, version=version, more=token)
    assert (first.returncode, published(first)) == (0, ["b", "d"])
    assert "for 2 of 4 packages (2 are already published)" in " ".join(first.stderr.split())
    again = guard(loopback, *words, cwd=root, version=version, more=token)
    assert (again.returncode, published(again)) == (0, [])
    assert not again.debug_log  # npm was not started
    assert again.stderr == "safepublish: nothing to publish: 4 packages are already published\n"


WAYS = [
    ["-w", "a", "-w", "packages/b", "-w", "d"],
    ["-w=a", "--workspace=b", "--workspace", "packages/d"],
    ["--workspace", "packages"],
    ["--tag", "next", "-w", "a", "--access=public", "-w", "b", "-w", "./packages/d", "--"],
]


@pytest.mark.parametrize("version", world.some(VERSIONS, "12.2.0"))
@pytest.mark.parametrize("words", world.some(WAYS, WAYS[3]), ids=" ".join)
def test_each_way_to_choose_workspaces_can_be_narrowed(make_loopback: Make, version: str, words: list[str]) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OUT, "c": OPEN, "d": OPEN})
    token = {"npm_config_//" + loopback.host + "/:_authToken": TOKEN}
    wanted = ["a", "c", "d"] if words[-1] == "packages" else ["a", "d"]
    outcome = guard(loopback, "--allow-token", *words, cwd=root, version=version, more=token)
    assert (outcome.returncode, published(outcome)) == (0, wanted)


@pytest.mark.parametrize("version", world.some(VERSIONS, "12.2.0"))
@pytest.mark.parametrize("elsewhere", ["c", "a/c"])
def test_a_workspace_inside_another_is_not_taken_with_it(make_loopback: Make, version: str, elsewhere: str) -> None:
    """`-w packages/a` also chooses packages/a/b; and `-w a` what lies in a directory a: then no words will do."""
    places = {"a": "packages/a", "b": "packages/a/b", "c": elsewhere}
    globs = ["packages/*", "packages/a/*", elsewhere]
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OUT, "c": OUT}, globs=globs, places=places)
    token = {"npm_config_//" + loopback.host + "/:_authToken": TOKEN}
    outcome = guard(loopback, "--allow-token", "--workspaces", cwd=root, version=version, more=token)
    if elsewhere == "c":
        assert (outcome.returncode, published(outcome)) == (0, ["a"])
    else:
        assert (outcome.returncode, published(outcome)) == (3, [])
        assert "error[version-published]: b@1.0.0 is already published\n" in outcome.stderr


def test_one_that_cannot_be_published_stops_all_before_the_first_upload(make_loopback: Make) -> None:
    held = {"a": OPEN, "new": None, "out": OUT, "untrusted": PublishedPackage(("0.9.0",))}
    loopback, root = monorepo(make_loopback, held)
    loopback.project("mono/packages/hidden", name="hidden", private=True)
    summary, outputs = loopback.directory / "summary.md", loopback.directory / "outputs"
    more = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    outcome = guard(loopback, "--workspaces", cwd=root, more=more)
    assert (outcome.returncode, published(outcome)) == (3, [])
    assert outcome.stderr.endswith(
        "    package    version  published  verdict  cause\n"
        "    new        1.0.0    no         refuse   package-missing\n"
        "    untrusted  1.0.0    no         refuse   publisher-mismatch\n"
        "    a          1.0.0    no         pass\n"
        "    out        1.0.0    yes        skipped\n"
        "\n"
        "error: nothing was published: 2 of 4 packages have errors (1 is ready, 1 is\n"
        "    already published)\n"
    )
    assert "| `untrusted` | `1.0.0` | no | ❌ refuse | `publisher-mismatch` |\n" in summary.read_text()
    assert "| `out` | `1.0.0` | yes | ⏭️ skipped |  |\n" in summary.read_text()
    packages = json.loads(outputs.read_text().partition("packages=")[2])
    assert [(one["name"], one["published"], one["left_out"]) for one in packages][2:] == [
        ("a", False, False),
        ("out", True, True),
    ]
    asked = sorted(one.name or "" for one in outcome.received if one.endpoint == "exchange" and "safe" in one.agent)
    assert asked == ["a", "new", "out", "untrusted"]


def test_refuse_stops_at_what_is_out(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OUT})
    outcome = guard(loopback, "--already-published", "refuse", "--workspaces", "--format=github", cwd=root)
    assert (outcome.returncode, published(outcome)) == (3, [])
    assert "error[version-published]: b@1.0.0 is already published\n" in outcome.stderr
    masked = [line for line in outcome.stderr.splitlines() if line.startswith("::add-mask::")]
    assert [line.count(".") for line in masked] == [2]  # the id token; what is probed for many is shown to nobody


def test_skip_leaves_out_a_single_package_too(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": OUT}))
    outcome = guard(loopback, "--already-published=skip", cwd=loopback.project())
    assert (outcome.returncode, outcome.debug_log) == (0, "")
    assert outcome.stderr == "safepublish: nothing to publish: hello-oidc@1.0.0 is already published\n"


@pytest.mark.parametrize("out", world.some(("root", "b", "a b"), "a b"))
def test_the_root_is_a_package_as_well(make_loopback: Make, out: str) -> None:
    held = {name: OUT if name in out.split() else OPEN for name in ("root", "a", "b")}
    loopback = make_loopback(Registry(held))
    root = loopback.project("mono", name="root", workspaces=["packages/*"])
    for name in ("a", "b"):
        loopback.project(f"mono/packages/{name}", name=name)
    outcome = guard(loopback, "--workspaces", "--include-workspace-root", cwd=root)
    assert (outcome.returncode, published(outcome)) == (0, [name for name in held if name not in out.split()])


def test_a_script_that_may_raise_the_version_is_let_run(make_loopback: Make) -> None:
    """What is out by its manifest alone is not left out where a script speaks of versions."""
    loopback, root = monorepo(make_loopback, {"a": OUT, "b": OPEN})
    bump = "sed -i.bak s/1.0.0/1.5.0/ package.json && rm package.json.bak"
    loopback.project("mono/packages/a", name="a", scripts={"prepublishOnly": bump})
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert [(one.name, one.version) for one in outcome.published] == [("a", "1.5.0"), ("b", "1.0.0")]
    loopback.project("mono/packages/a", name="a", scripts={"prepublishOnly": "echo built"})
    loopback.registry.packages |= {"a": OUT, "b": OPEN}
    outcome = guard(loopback, "check", "--workspaces", cwd=root)
    assert outcome.returncode == 0
    assert "for 1 of 2 packages" in outcome.stdout or "1 of 2 packages can be published" in outcome.stdout


def test_npm_stopping_in_the_middle_is_told_and_a_second_run_would_finish(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OPEN._replace(stage_only=True), "c": OPEN})
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert (outcome.returncode, published(outcome)) == (1, ["a"])
    assert "error[stage-only-publisher]: " in outcome.stderr
    assert (
        "safepublish: 1 of 3 packages was published before npm stopped: a@1.0.0. Fix the error and run it again:"
        " packages that are already published are skipped."
    ) in " ".join(outcome.stderr.split())
    loopback.registry.packages["b"] = OPEN
    again = guard(loopback, "check", "--workspaces", cwd=root)
    assert again.returncode == 0
    assert "2 of 3 packages can be published" in again.stdout
    assert "(1 is already published)" in again.stdout


def test_of_many_refusals_npm_is_asked_about_one(make_loopback: Make) -> None:
    untrusted = PublishedPackage(("0.9.0",))
    loopback, root = monorepo(make_loopback, dict.fromkeys(("a", "b", "c"), untrusted))
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert outcome.returncode == 3
    assert [one.name for one in outcome.received if one.endpoint == "exchange" and "npm/" in one.agent] == ["a"]


def test_where_npm_is_trusted_it_is_asked_about_all(make_loopback: Make) -> None:
    fault = Fault(404, b'{"message":"OIDC token exchange error - package not found"}', times=3)
    held = dict.fromkeys(("a", "b", "c"), OPEN)
    loopback, root = monorepo(make_loopback, held)
    loopback.server.faults["exchange"] = fault
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert (outcome.returncode, published(outcome)) == (0, ["a", "b", "c"])


def test_many_words_are_checked_in_one_run(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": PublishedPackage(("0.9.0",)), "c": OUT})
    outcome = guard(loopback, "check", "packages/a/", "./packages/b", "packages/c/", "--tag", "next", cwd=root)
    assert outcome.returncode == 3
    assert (
        "    b        1.0.0    no         refuse   publisher-mismatch\n"
        "    a        1.0.0    no         pass\n"
        "    c        1.0.0    yes        skipped\n"
    ) in outcome.stdout
    assert "The registry also refused npm's own exchange." in outcome.stdout
    fine = guard(loopback, "check", "--format=json", "packages/a/", "packages/c/", cwd=root)
    assert [(one["name"], one["verdict"], one["left_out"]) for one in json.loads(fine.stdout)["packages"]] == [
        ("a", "pass", False),
        ("c", "pass", True),
    ]


def test_several_words_still_stop_npm_publish(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OPEN})
    outcome = guard(loopback, "packages/a/", "packages/b/", cwd=root)
    assert (outcome.returncode, published(outcome)) == (3, [])
    assert "npm publishes one package, but the command has 2" in " ".join(outcome.stderr.split())


LISTS = [
    ("pnpm-workspace.yaml", "packages:\n  - 'packages/**'\n  - '!**/test/**'\n"),
    ("lerna.json", '{"packages": ["packages/*"], "version": "independent"}'),
    ("lerna.json", '{"version": "1.0.0"}'),
]


@pytest.mark.parametrize(("file", "content"), world.some(LISTS, LISTS[0]))
def test_the_packages_of_pnpm_and_lerna_are_checked(make_loopback: Make, file: str, content: str) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": PublishedPackage(("0.9.0",))})
    loopback.project("mono", name="root", private=True)
    loopback.project("mono/packages/hidden", name="hidden", private=True)
    (root / file).write_text(content)
    outcome = guard(loopback, "check", cwd=root)
    assert outcome.returncode == 3
    assert "    b        1.0.0    no         refuse   publisher-mismatch\n" in outcome.stdout
    assert "    a        1.0.0    no         pass\n" in outcome.stdout
    assert "hidden" not in outcome.stdout
    alone = guard(loopback, cwd=root)  # npm publish itself has nothing to publish there
    assert (alone.returncode, "error[package-private]" in alone.stderr) == (3, True)


def progress_of(outcome: world.Outcome) -> list[str]:
    return [line for line in outcome.stderr.splitlines() if "requests answered" in line]


def test_a_registry_that_says_too_many_requests_is_waited_for(make_loopback: Make) -> None:
    held = {f"p{number}": OPEN for number in range(24)}
    loopback, root = monorepo(make_loopback, held)
    busy = Fault(429, b"{}", {"Retry-After": "1"}, times=10)
    loopback.server.faults |= {"exchange": busy, "packument": busy}
    outcome = guard(loopback, "check", "--workspaces", cwd=root, more={"SAFEPUBLISH_DEADLINE": None})
    assert outcome.returncode == 0
    assert "24 packages can be published through OIDC (trusted publishing)" in outcome.stdout
    assert progress_of(outcome) == [f"safepublish: {done} of 48 requests answered" for done in (12, 24, 36)]
    silent = guard(loopback, "check", "--workspaces", "--silent", cwd=root)
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", "")
    document = guard(loopback, "check", "--workspaces", "--format=json", cwd=root)
    assert (document.returncode, document.stderr) == (0, "")


def test_on_a_terminal_a_bar_comes_and_goes(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {f"p{number}": OPEN for number in range(24)})
    loopback.server.faults["packument"] = Fault(delay=0.3)
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text", "TERM": "xterm-256color", "NO_COLOR": None})
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*GUARD, "check", "--workspaces"], cwd=root, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    assert process.wait() == 0
    assert b"safepublish: requests answered" in shown
    assert b"/48" in shown
    after = shown[shown.rindex(b"requests answered") :].decode()
    assert "24 packages can be published" in after
