"""`safepublish trust`: what the registry says of the repository's packages, and the script that the real npm runs."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from safepublish.facts.run import Existence, PublishedAs
from safepublish.facts.trust import Match, Publishing, TrustedPackage
from safepublish.rehearsal import Grant, PublishedPackage, PublishedVersion, Registry
from safepublish.report import trust as page
from tests.support import world
from tests.test_guard import GUARD, guard

Make = Callable[..., world.Loopback]

TOKEN = "npm_trusttrusttrusttrusttrusttrusttrust12"
SOURCE = ("octo-org/hello-oidc", ".github/workflows/publish.yml", "refs/tags/v1.0.0")
OTHER = ("octo-org/hello-oidc", ".github/workflows/release.yml", "refs/tags/v1.0.0")
JOB = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - uses: actions/checkout@v7
      - uses: actions/setup-node@v7
        with: {node-version: "24"}
"""
ALL = f"{JOB}      - run: npm publish --workspaces\n"


def repository(
    make_loopback: Make, held: Mapping[str, PublishedPackage], workflow: str = ALL, **manifests: dict[str, Any]
) -> tuple[world.Loopback, Path]:
    """A monorepo on GitHub with a package for each of *manifests*."""
    loopback = make_loopback(Registry(held, tokens={TOKEN: Grant.PUBLISH}))
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    for name, manifest in manifests.items():
        loopback.project(f"mono/packages/{name}", **{"name": name, **manifest})
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:octo-org/hello-oidc.git\n')
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "publish.yml").write_text(workflow)
    return loopback, root


def trust(loopback: world.Loopback, root: Path, *words: str) -> world.Outcome:
    env = loopback.environment(ci=False)
    return loopback.run([*GUARD, "trust", *words], cwd=root, env=env)


def published(*versions: PublishedVersion) -> PublishedPackage:
    return PublishedPackage(versions or ("0.9.0",))


def test_how_each_package_was_published(make_loopback: Make) -> None:
    held = {
        "fine": published(PublishedVersion("0.9.0", trusted=True, source=SOURCE)),
        "other": published(PublishedVersion("0.9.0", trusted=True, source=OTHER)),
        "token": published(PublishedVersion("0.9.0", source=SOURCE)),
        "staged": published(PublishedVersion("0.9.0", source=SOURCE, staged=True)),
        "silent": published(PublishedVersion("0.9.0", trusted=True)),
    }
    manifests: dict[str, Any] = {name: {} for name in (*held, "new")} | {"hidden": {"private": True}}
    loopback, root = repository(make_loopback, held, ALL, **manifests)
    outcome = trust(loopback, root)
    assert outcome.returncode == 0
    said = " ".join(outcome.stdout.split())
    assert "hidden" not in said
    assert (
        "fine: last version 0.9.0, published by trusted publisher (octo-org/hello-oidc publish.yml), "
        "provenance yes, this workflow yes" in said
    )
    assert (
        "other: last version 0.9.0, published by trusted publisher (octo-org/hello-oidc release.yml), "
        "provenance yes, this workflow no" in said
    )
    assert (
        "token: last version 0.9.0, published by token (octo-org/hello-oidc publish.yml), "
        "provenance yes, this workflow no" in said
    )
    assert (
        "staged: last version 0.9.0, published by staged, approved by a maintainer "
        "(octo-org/hello-oidc publish.yml), provenance yes, this workflow yes" in said
    )
    assert "silent: last version 0.9.0, published by trusted publisher, provenance no, this workflow unknown" in said
    assert "new: last version none, published by not published, this workflow no" in said
    commands = [line.strip() for line in outcome.stdout.splitlines() if line.startswith("    npm ")]
    tail = f"--repo octo-org/hello-oidc --file publish.yml --allow-publish --registry={loopback.url}"
    assert commands == [
        "npm publish ./packages/new",
        f"npm trust github new {tail}",
        f"npm trust github other {tail}",
        f"npm trust github token {tail}",
    ]
    assert "two days" in said
    assert all(one.credential == "none" for one in outcome.received)


def test_the_script_makes_the_publish_work(make_loopback: Make) -> None:
    """The real npm publishes the first versions in order and adds the publishers; then CI publishes through OIDC."""
    held = {"old": PublishedPackage(("0.9.0",))}
    loopback, root = repository(
        make_loopback, held, old={}, a={"dependencies": {"@octo/b": "1"}}, b={"name": "@octo/b"}
    )
    refused = guard(loopback, "--workspaces", cwd=root)
    assert refused.returncode == 3
    script = trust(loopback, root, "--script", "sh")
    assert (script.returncode, script.stderr) == (0, "")
    assert script.stdout.startswith("#!/bin/sh\n# Trusted publishers for octo-org/hello-oidc")
    (root / "trust.sh").write_text(script.stdout)
    npmrc = loopback.home / ".npmrc"
    plain = npmrc.read_text()
    npmrc.write_text(f"{plain}//{loopback.host}/:_authToken={TOKEN}\n")
    env = loopback.environment(ci=False, more={"npm_config_otp": "123456", "npm_config_yes": "true"})
    shutil.rmtree(root / ".git")
    subprocess.run(["git", "init", "-q"], cwd=root, env=env, check=True)
    ended = loopback.run(["sh", "../../trust.sh"], cwd=root / "packages" / "a", env=env)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [one.name for one in ended.published] == ["@octo/b", "a"]
    npmrc.write_text(plain)
    for name in ("a", "b", "old"):
        manifest = root / "packages" / name / "package.json"
        manifest.write_text(manifest.read_text().replace('"1.0.0"', '"1.1.0"'))
    outcome = guard(loopback, "--workspaces", "--strict", cwd=root)
    assert (outcome.returncode, outcome.credential) == (0, "oidc"), outcome.stderr
    assert len(outcome.published) == 3


def test_each_package_has_the_step_that_publishes_it(make_loopback: Make) -> None:
    workflow = (
        f"{JOB}"
        "      - run: npm publish\n        working-directory: packages/a\n"
        "      - run: npm publish ./packages/b/dist\n"
        "  staging:\n"
        "    runs-on: ubuntu-latest\n"
        "    permissions: {id-token: write}\n"
        "    environment: npm\n"
        "    steps:\n"
        "      - run: npm stage publish -w c\n"
    )
    held = {name: PublishedPackage(("0.9.0",)) for name in ("a", "b", "c", "d")}
    loopback, root = repository(make_loopback, held, workflow, a={}, b={}, c={}, d={})
    outcome = trust(loopback, root)
    tail = f"--registry={loopback.url}"
    base = "--repo octo-org/hello-oidc --file publish.yml"
    commands = [line.strip() for line in outcome.stdout.splitlines() if line.startswith("    npm ")]
    assert commands == [
        f"npm trust github a {base} --allow-publish {tail}",
        f"npm trust github b {base} --allow-publish {tail}",
        f"npm trust github c {base} --env npm --allow-stage-publish {tail}",
    ]
    assert "no workflow step that publishes d was found" in " ".join(outcome.stdout.split())
    named = trust(loopback, root, "--job", "staging", "packages/c", "a")
    assert [line.strip() for line in named.stdout.splitlines() if line.startswith("    npm ")] == [commands[2]]
    line = workflow.splitlines().index("      - run: npm publish ./packages/b/dist") + 1
    chosen = trust(loopback, root, "--workflow", f"publish.yml:{line}", "b")
    assert f"    {commands[1]}\n" in chosen.stdout


def test_the_wrong_words(make_loopback: Make) -> None:
    loopback, root = repository(make_loopback, {}, a={})
    for words, message in (
        (["nothing"], "no package nothing was found in this repository; there are a"),
        (["--script", "fish"], "--script is 'fish'; it takes sh or powershell"),
        (["--script"], "--script needs a value: --script=sh|powershell"),
        (["--force"], "trust has no option '--force'; it has --color"),
    ):
        outcome = trust(loopback, root, *words)
        assert (outcome.returncode, outcome.stdout) == (2, ""), words
        assert message in outcome.stderr
    (root / ".git" / "config").write_text("")
    outcome = trust(loopback, root, "--script", "sh")
    assert (outcome.returncode, "git's remote origin does not name one" in outcome.stderr) == (2, True)


def test_a_registry_that_does_not_answer(make_loopback: Make) -> None:
    loopback, root = repository(make_loopback, {"a": PublishedPackage(("0.9.0",))}, a={})
    (loopback.home / ".npmrc").write_text("registry=http://127.0.0.1:1/\n")
    outcome = trust(loopback, root, "--deadline", "3")
    assert outcome.returncode == 0
    assert "this workflow unknown" in " ".join(outcome.stdout.split()) or "unknown" in outcome.stdout
    assert "npm trust" not in outcome.stdout.partition("help:")[2]


def package(name: str, **fields: object) -> TrustedPackage:
    step = Publishing("github", "o/r", "p.yml", None, False, "p.yml:1, job publish")
    defaults = {"directory": f"packages/{name}", "version": "1.0.0", "access": None, "registry": None}
    return TrustedPackage(name, **{**defaults, "publishings": (step,), **fields})  # type: ignore[arg-type]


def test_dependencies_come_first_and_a_circle_ends() -> None:
    def absent(name: str, *needs: str) -> TrustedPackage:
        return package(name, existence=Existence.ABSENT, dependencies=frozenset(needs))

    def names(*packages: TrustedPackage) -> list[str]:
        return [one.name for one in page.ordered(packages)]

    assert names(absent("a", "b"), absent("b", "c"), absent("c")) == ["c", "b", "a"]
    assert names(absent("a", "b"), absent("b", "a")) == ["a", "b"]
    assert names(absent("a", "a", "react")) == ["a"]
    assert names(package("old"), absent("new")) == ["new", "old"]


@pytest.mark.parametrize(
    ("found", "match"),
    [
        (PublishedAs("1", True, provenance=True, repository="O/R", workflow="p.yml"), Match.YES),
        (PublishedAs("1", True, provenance=True, repository="o/r", workflow="P.yml"), Match.NO),
        (PublishedAs("1", True, provenance=True, repository="o/other", workflow="p.yml"), Match.NO),
        (PublishedAs("1", True), Match.UNKNOWN),
        (PublishedAs("1", None), Match.UNKNOWN),
        (PublishedAs("1", False, provenance=True, repository="o/r", workflow="p.yml"), Match.NO),
        (PublishedAs("1", None, staged=True, provenance=True, repository="o/r", workflow="p.yml"), Match.YES),
        (None, Match.UNKNOWN),
    ],
)
def test_match(found: PublishedAs | None, match: Match) -> None:
    assert package("a", existence=Existence.EXISTS, published_as=found).match is match


def test_the_script_for_powershell() -> None:
    new = package("@o/a", existence=Existence.ABSENT, directory="packages/it's")
    script = page.script([new], "powershell")
    assert "npm publish './packages/it''s' --access public\nif ($LASTEXITCODE) { exit $LASTEXITCODE }\n" in script
    assert "npm trust github '@o/a' --repo o/r --file p.yml --allow-publish\n" in script
    assert "two days" in script
    assert page.script([package("a", published_as=PublishedAs("1", True))], "sh").endswith("\n# Nothing is missing.\n")


def test_hostile_names_stay_in_their_quotes() -> None:
    evil = package("a", existence=Existence.ABSENT, directory="packages/$(touch x)\n; rm -rf ~")
    script = page.script([evil], "sh")
    assert "npm publish './packages/$(touch x)\n; rm -rf ~'" in script
    assert "`" not in page.script([package("a", existence=Existence.ABSENT, directory="`x`")], "powershell").replace(
        "'./`x`'", ""
    )
