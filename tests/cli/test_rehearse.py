"""`safepublish rehearse`, with the real npm; `rehearsals.py` holds it against npm alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from campaigns import rehearsals, situations
from safepublish.cli.arguments import parse
from safepublish.cli.rehearse.registry_contents import Entry, RegistryContents
from safepublish.cli.rehearse.request import RehearsalError, Request, read_request
from safepublish.cli.rehearse.simulation import expand_pattern
from safepublish.detect import network
from safepublish.facts.run import Existence, Packument, Publisher
from safepublish.rehearsal import GitHubJob, PublishedPackage, PublishedVersion, Registry, TrustedPublisher
from tests.support import world

pytestmark = pytest.mark.real_process

CANARY = "npm_CANARYofTHEmachineCANARYofTHEmachine"
STORY = """\
name: Publish
on:
  release:
    types: [published]
permissions:
  contents: read
  id-token: write
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with:
          node-version: "22.21.0"
          registry-url: https://registry.npmjs.org
      - run: npm publish --provenance --access public
"""


class Repository:
    """A git repository with a package and its workflow, on a machine without CI."""

    def __init__(self, loopback: world.Loopback, workflow: str = STORY, **manifest: Any) -> None:
        self.loopback = loopback
        self.root = loopback.project(**manifest)
        self.workflow(workflow)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", "git@github.com:octo-org/hello-oidc.git")
        self.commit()

    def workflow(self, text: str, name: str = "publish.yml") -> None:
        path = self.root / ".github" / "workflows" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *words: str) -> str:
        command = ["git", "-c", "user.name=octo", "-c", "user.email=octo@example.com", *words]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=all", "--allow-empty")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "safepublish", "rehearse", *words]

    def environment(self, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
        return rehearsals.environment(self.loopback, more)

    def rehearse(self, *words: str, more: Mapping[str, str | None] | None = None, cwd: str = ".") -> tuple[int, str]:
        outcome = self.loopback.run(self.command(*words), cwd=self.root / cwd, env=self.environment(more))
        self.untouched()
        return outcome.returncode, outcome.stdout + outcome.stderr

    def untouched(self) -> None:
        """The repository is as it was, and nothing else is left."""
        assert not self.git("status", "--porcelain", "--ignored")
        assert not list((self.loopback.directory / "tmp").glob("*rehearsal*"))
        assert not (self.loopback.directory / "tmp" / "node-compile-cache").exists()
        assert not left(self.loopback.directory)


def left(directory: Path) -> list[str]:
    """The processes whose environment names *directory*, as that of all that a rehearsal starts there does."""
    if not os.path.isdir("/proc"):  # macOS: ps tells a process's environment, of this user's processes
        told = subprocess.run(["ps", "-Eww", "-axo", "pid=,command="], capture_output=True, text=True, check=True)
        return [line.split()[0] for line in told.stdout.splitlines() if str(directory) in line]
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if str(directory).encode() in Path("/proc", name, "environ").read_bytes():
                found.append(name)
        except OSError:
            continue
    return found


@pytest.fixture
def repository(loopback: world.Loopback) -> Repository:
    return Repository(loopback)


def test_the_story_is_seen_before_the_tag(repository: Repository) -> None:
    status, text = repository.rehearse("--assume-published")
    assert status == 3, text
    for said in (
        "safepublish rehearses .github/workflows/publish.yml:17, job publish",
        "10.9.4, from Node 22.21.0 (.github/workflows/publish.yml:15)",
        "octo-org/hello-oidc, publish.yml@refs/tags/v1.0.0, event release",
        "Signed provenance statement with source and build information from GitHub Actions",
        "npm notice Access token expired or revoked. Please try logging in again.",
        "404 Not Found - PUT https://registry.npmjs.org/hello-oidc",
        "error[npm-too-old]: npm 10.9.4 does not support trusted publishing",
        '+          node-version: "24"',
        "tag latest, access public, with provenance",
        "repository.url is https://github.com/octo-org/hello-oidc, as provenance requires",
        "safepublish had predicted this: it would have refused this publish (npm-too-old)",
    ):
        assert said in " ".join(text.split()) or said in text, text


def test_the_mend_is_rehearsed_too(repository: Repository) -> None:
    status, text = repository.rehearse("--assume-published", "--fixed", "--tag", "next")
    assert status == 0, text
    assert text.count("tag next, access public") == 2
    assert "+ hello-oidc@1.0.0" in text
    parts = (
        "error: nothing would be published",
        "fixed in a copy",
        "+++ b/.github/workflows/publish.yml",
        "safepublish: hello-oidc@1.0.0 would be published",
    )
    assert sorted(parts, key=text.index) == list(parts)
    assert text.count("had predicted this") == 2


def test_an_upgrade_that_fails_ends_the_job_and_is_mended(repository: Repository) -> None:
    upgrade = "      - run: npm install --global npm@latest\n      - run: npm publish"
    repository.workflow(STORY.replace("22.21.0", "20.18.0").replace("      - run: npm publish", upgrade))
    repository.commit()
    status, text = repository.rehearse("--assume-published", "--fixed")
    assert status == 0, text
    shown = " ".join(text.split())
    assert "error: nothing would be published: the job fails earlier, at npm install --global npm@latest" in shown
    assert "error[npm-upgrade-fails]: " in text
    assert "safepublish: hello-oidc@1.0.0 would be published through OIDC" in text


CALLER = """\
on: release
jobs:
  release:
    uses: ./.github/workflows/publish.yml
    permissions:
      contents: read
      id-token: write
"""


def test_a_called_workflow_is_its_callers_to_npm_and_mended_where_it_stands(repository: Repository) -> None:
    repository.workflow(STORY.replace("  release:\n    types: [published]\n", "  workflow_call:\n"))
    repository.workflow(CALLER, "release.yml")
    repository.commit()
    status, text = repository.rehearse("--assume-published", "--fixed", "--workflow", "release.yml")
    assert status == 0, text
    assert "octo-org/hello-oidc, release.yml@refs/tags/v1.0.0" in text
    assert "+++ b/.github/workflows/publish.yml" in text


def test_what_no_workflow_can_mend_is_said(repository: Repository) -> None:
    repository.workflow(STORY.replace("22.21.0", "24.5.0"))
    repository.commit()
    status, text = repository.rehearse("--assume-published", "1.0.0", "--fixed")
    assert status == 3
    assert "error[version-published]: " in text
    assert "safepublish workflow --fix has nothing to fix in .github/workflows/publish.yml" in text


def test_a_pattern_means_what_it_means_to_the_shell(tmp_path: Path) -> None:
    for name in ("b-1.0.0.tgz", "a-1.0.0.tgz"):
        (tmp_path / name).touch()
    assert expand_pattern("*-1.0.0.tgz", str(tmp_path)) == ["a-1.0.0.tgz", "b-1.0.0.tgz"]
    assert expand_pattern("*.zip", str(tmp_path)) == ["*.zip"]
    assert expand_pattern("--tag=*", str(tmp_path)) == ["--tag=*"]


def test_what_is_published_is_asked_and_who_published_it(make_loopback: Any) -> None:
    held = PublishedPackage(
        (_version("0.9.0", ".github/workflows/release.yml"),),
        publishers=(TrustedPublisher("octo-org/x", "x.yml"),),
    )
    repository = Repository(make_loopback(Registry({"hello-oidc": held})), STORY.replace("22.21.0", "24.5.0"))
    status, text = repository.rehearse()
    assert status == 3
    assert "embedded, with hello-oidc, latest 0.9.0, as in the real registry" in text
    assert "error[publisher-mismatch]: " in text
    assert "publish.yml          release.yml          differs" in text


def _version(version: str, workflow: str) -> Any:
    return PublishedVersion(version, trusted=True, source=("octo-org/hello-oidc", workflow, "refs/heads/main"))


def test_a_secret_is_taken_for_set_and_a_token_is_not_oidc(repository: Repository) -> None:
    env = "public\n        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}"
    repository.workflow(STORY.replace("access public", f"access {env}"))
    repository.commit()
    status, text = repository.rehearse("--assume-published")
    assert status == 3
    assert "secrets.NPM_TOKEN as NODE_AUTH_TOKEN, assumed to be set" in " ".join(text.split())
    assert "warning: hello-oidc@1.0.0 would be published with a long-lived token, not" in " ".join(text.split())


MATRIX = STORY.replace('"22.21.0"', "${{ matrix.node }}").replace(
    "    steps:\n", "    strategy:\n      matrix:\n        node: [24.5.0, 22.21.0]\n    steps:\n"
)


def test_every_job_of_a_matrix_is_simulated(repository: Repository) -> None:
    repository.workflow(MATRIX)
    repository.commit()
    status, text = repository.rehearse("--assume-published")
    assert status == 3
    assert text.count("safepublish rehearses") == 2
    shown = " ".join(text.split())
    assert "node 22.21.0: nothing would be published: npm exited with code 1" in shown
    assert "node 24.5.0: hello-oidc@1.0.0 would be published through OIDC" in shown
    assert "error: 1 of 2 would publish through OIDC" in shown


def test_what_the_guard_would_do_with_a_token_is_said(repository: Repository) -> None:
    env = "public\n        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}"
    repository.workflow(STORY.replace("access public", f"access {env}"))
    repository.commit()
    _, text = repository.rehearse("--assume-published")
    shown = " ".join(text.split())
    assert "safepublish would have refused this publish (npm-too-old, token-conflict), because it would use" in shown
    assert "with --allow-token it would have run npm" in shown
    assert "error" not in shown
    assert "predicted this" not in shown


@pytest.mark.parametrize(
    ("node", "expected", "said"),
    [
        ("24.5.0", 0, "safepublish: the dry run exited with code 0, and npm got a token through OIDC"),
        ("22.21.0", 3, "warning: the dry run exited with code 0, and npm did not log in through OIDC"),
    ],
)
def test_a_dry_run_that_ended_well_has_not_failed(node: str, expected: int, said: str, repository: Repository) -> None:
    repository.workflow(STORY.replace("22.21.0", node))
    repository.commit()
    status, text = repository.rehearse("--assume-published", "--dry-run")
    assert status == expected
    assert said in " ".join(text.split())


def test_the_log_that_npm_names_is_said_to_be_gone(repository: Repository) -> None:
    _, text = repository.rehearse("--assume-published")
    shown = " ".join(text.split())
    assert "A complete log of this run can be found in" in shown
    assert "npm's log was removed with the rehearsal; to see all of it, add --loglevel=silly" in shown
    assert "npm runs from $PATH" not in shown
    assert os.path.realpath(world.npm("10.9.4")) in shown


def test_the_machines_own_ci_and_tokens_are_out_of_sight(repository: Repository) -> None:
    names = (
        "NPM_TOKEN",
        "NODE_AUTH_TOKEN",
        "NPM_ID_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "AWS_SECRET",
        "npm_config_x",
    )
    (repository.root / "package.json").write_text(
        json.dumps(
            {"name": "hello-oidc", "version": "1.0.0", "scripts": {"prepublishOnly": "env; cat ~/.npmrc .npmrc"}}
        )
    )
    (repository.root / ".gitignore").write_text(".npmrc\n")
    repository.commit()
    (repository.root / ".npmrc").write_text(f"//registry.npmjs.org/:_authToken={CANARY}\n")
    more = {**dict.fromkeys(names, CANARY), "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "an/other", "CI": "true"}
    outcome = repository.loopback.run(
        repository.command("--assume-published"), cwd=repository.root, env=repository.environment(more)
    )
    text = outcome.stdout + outcome.stderr
    assert "GITHUB_REPOSITORY=octo-org/hello-oidc" in text
    assert CANARY not in text
    assert "an/other" not in text


def test_a_script_that_pushes_reaches_nothing(repository: Repository) -> None:
    scripts = {
        "prepublishOnly": "git tag rehearsed && git push origin rehearsed; git push ../project rehearsed; git log"
    }
    (repository.root / "package.json").write_text(
        json.dumps({"name": "hello-oidc", "version": "1.0.0", "scripts": scripts})
    )
    repository.commit()
    _, text = repository.rehearse("--assume-published")
    assert text.count("not allowed") == 2, text
    assert "Author: octo" in text
    assert not repository.git("tag")


def test_a_script_that_writes_outside_is_reported(repository: Repository) -> None:
    manifest = repository.root / "package.json"
    scripts = {"prepublishOnly": f"touch -d @1 '{manifest}'"}
    manifest.write_text(json.dumps({"name": "hello-oidc", "version": "1.0.0", "scripts": scripts}))
    repository.commit()
    _, text = repository.rehearse("--assume-published")
    assert "warning: the working tree changed while npm ran on a copy of it: package.json\n" in text


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_a_file_name_that_is_no_utf8_is_reported(repository: Repository) -> None:
    (repository.root / os.fsdecode(b"od\xffd.txt")).write_text("x")
    repository.commit()
    status, text = repository.rehearse("--assume-published")
    assert status == 3
    assert "warning: npm cannot open a file whose name is not UTF-8: od" in text


def test_an_npm_that_cannot_be_had_is_this_machines(repository: Repository, tmp_path: Path) -> None:
    more = {"SAFEPUBLISH_CACHE": str(tmp_path / "empty"), "npm_config_registry": "http://127.0.0.1:9/"}
    status, text = repository.rehearse("--assume-published", more=more)
    assert status == 0, text  # this machine's is new enough
    assert f"{world.NEWEST}, the npm of this machine, on Node" in text
    assert "npm pack npm@10.9.4 exited with code 1" in " ".join(text.split())


def test_workspaces_are_published_together(loopback: world.Loopback) -> None:
    workflow = STORY.replace("22.21.0", "24.5.0").replace("npm publish", "npm publish --workspaces")
    repository = Repository(loopback, workflow, name="root", private=True, workspaces=["packages/*"])
    url = {"type": "git", "url": "git+https://github.com/octo-org/hello-oidc.git"}
    for name in ("a", "b"):
        loopback.project(f"project/packages/{name}", name=f"@octo/{name}", repository=url)
    repository.commit()
    status, text = repository.rehearse("--assume-published", cwd="packages/a")
    assert status == 0, text
    assert "@octo/a@1.0.0, @octo/b@1.0.0 would be published through OIDC" in text


MOMENTS = {
    "place": ("place", "SIGINT"),
    "place-killed": ("place", "SIGKILL"),
    "set up": ("safepublish rehearses", "SIGHUP"),
    "npm": ("the script runs", "SIGINT"),
    "npm-terminated": ("the script runs", "SIGTERM"),
    "npm-killed": ("the script runs", "SIGKILL"),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_interrupted_it_leaves_nothing(name: str, repository: Repository) -> None:
    moment, sent = MOMENTS[name]
    scripts = {"prepublishOnly": "trap '' TERM INT HUP; echo the script runs >&2; sleep 60"}
    (repository.root / "package.json").write_text(
        json.dumps({"name": "hello-oidc", "version": "1.0.0", "scripts": scripts})
    )
    repository.commit()
    started = subprocess.Popen(
        repository.command("--assume-published", "--foreground-scripts"),
        cwd=repository.root,
        env=repository.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.stdout is not None
    try:
        if moment == "place":
            _until(lambda: bool(list((repository.loopback.directory / "tmp").glob("*rehearsal*"))))
        else:
            assert any(moment in line for line in started.stdout)
        started.send_signal(getattr(signal, sent))
        status = started.wait(30)
    finally:
        started.kill()
        started.stdout.close()
    assert status == -getattr(signal, sent)
    if sent == "SIGKILL":  # nobody waits for what is put away
        _until(
            lambda: (
                not left(repository.loopback.directory)
                and not list((repository.loopback.directory / "tmp").glob("*rehearsal*"))
            )
        )
    repository.untouched()


def _until(what: Any) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


SLICE = [
    "identity/10.9.4/no-permission/placeholder",
    "arguments/11.21.2/--tag/prerelease",
    "layout/11.21.2/tarball/published",
    "stage/12.2.0/trusted",
]


@pytest.mark.parametrize("name", SLICE)
def test_a_rehearsal_ends_as_npm_alone(name: str) -> None:
    table = {one.id: one for one in situations.situations()}
    result = rehearsals.run(table[name])
    assert result.wrong is None, result.text


def test_what_differs_in_its_name_alone_shares_the_run_of_npm_alone() -> None:
    table = [one for one in situations.situations() if rehearsals.can(one)]
    groups = rehearsals.by_reference(table, 0)
    assert sorted(one.id for group in groups for one in group) == sorted(one.id for one in table)
    assert len(groups) < len(table)
    assert groups == rehearsals.by_reference(table, 0) != rehearsals.by_reference(table, 1)


# What the registry is taken to hold


def entry_for(found: Packument, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Entry:
    """What the embedded registry holds of hello-oidc where the real one answers *found*."""
    monkeypatch.setattr(network, "fetch_packument", lambda *_, **__: found)
    contents = RegistryContents(Request(**options), {}, "/")
    return contents.entry("hello-oidc", GitHubJob("octo-org/hello-oidc", "publish.yml"))


OURS = TrustedPublisher("octo-org/hello-oidc", "publish.yml")
OTHER = TrustedPublisher("octo-org/other", "x.yml", "npm")


@pytest.mark.parametrize(
    ("found", "options", "versions", "publisher", "description"),
    [
        (Packument(Existence.ABSENT, status=404), {}, None, None, "no package hello-oidc, as in the real registry"),
        (
            Packument(trouble="r did not answer within 8 s"),
            {},
            ["0.0.1"],
            OURS,
            "hello-oidc 0.0.1 (assumed; the real registry could not be queried: r did not answer within 8 s)",
        ),
        (Packument(), {"assumed_version": "1.2.3"}, ["1.2.3"], OURS, "hello-oidc 1.2.3 (assumed)"),
        (
            Packument(),
            {"assumed_version": "1.2.3", "publisher": OTHER},
            ["1.2.3"],
            OTHER,
            "hello-oidc 1.2.3 (assumed)",
        ),
        (
            Packument(
                Existence.EXISTS, versions=frozenset({"1.10.0", "1.9.0", "2.0.0-rc.1"}), tags={"latest": "1.10.0"}
            ),
            {},
            ["1.9.0", "1.10.0", "2.0.0-rc.1"],
            OURS,
            "hello-oidc, latest 1.10.0, as in the real registry",
        ),
        (
            Packument(
                Existence.EXISTS,
                versions=frozenset({"1.0.0"}),
                tags={"latest": "1.0.0"},
                publisher=Publisher("1.0.0", trusted=True, repository="octo-org/old", workflow="old.yml"),
            ),
            {},
            ["1.0.0"],
            TrustedPublisher("octo-org/old", "old.yml"),
            "hello-oidc, latest 1.0.0, as in the real registry",
        ),
    ],
)
def test_the_embedded_registry_holds_what_the_real_one_does(
    found: Packument,
    options: Mapping[str, Any],
    versions: list[str] | None,
    publisher: TrustedPublisher | None,
    description: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = entry_for(found, monkeypatch, **options)
    assert entry.description == description
    assert (list(entry.package.records()) if entry.package else None) == versions
    assert (entry.package.publishers if entry.package else ()) == ((publisher,) if publisher else ())


# Which step, and which words


def read(arguments: tuple[str, ...]) -> Request:
    return read_request(parse(["rehearse", *arguments], {}))


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        ((), Request()),
        (("--tag", "next", "./x"), Request(arguments=("--tag", "next", "./x"))),
        (("stage", "--fixed"), Request(stage=True, fixed=True)),
        (("--assume-published", "--json"), Request(assumed_version="0.0.1", arguments=("--json",))),
        (("--assume-published", "1.2.3"), Request(assumed_version="1.2.3")),
        (("--assume-published=1.2.3", "x"), Request(assumed_version="1.2.3", arguments=("x",))),
        (("--job", "a", "--workflow=b.yml", "--no-secrets"), Request(job="a", workflow="b.yml", with_secrets=False)),
        (("--publisher", "o/r:f.yaml:npm"), Request(publisher=TrustedPublisher("o/r", "f.yaml", "npm"))),
        (("--", "--fixed"), Request(arguments=("--", "--fixed"))),
        (("--assume-published=1.0.0", "stage"), Request(assumed_version="1.0.0", stage=True)),
        (("--fixed", "stage", "publish", "."), Request(fixed=True, stage=True, arguments=(".",))),
        (("--deadline", "3", "--waive=npm-too-old"), Request(seconds=3.0, waive={"npm-too-old": ""})),
    ],
)
def test_our_options_are_separated_from_npms_arguments(arguments: tuple[str, ...], request_: Request) -> None:
    assert read(arguments) == request_


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--publisher", "x"), "OWNER/REPO:FILE"),
        (("--assume-published=x",), "it takes a version"),
    ],
)
def test_words_that_cannot_be_followed_are_said(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(RehearsalError) as error:
        read(words)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("workflows", "words", "said"),
    [
        ({}, (), "no workflow of this repository has a step that publishes with npm"),
        ({"a.yml": "on: push\njobs: {}\n"}, (), "no workflow of this repository has a step that publishes with npm"),
        (
            {"a.yml": STORY},
            ("--job", "other"),
            "that matches --workflow and --job; these do:\n  --workflow a.yml:17 --job publish ",
        ),
        ({"a.yml": STORY, "b.yml": STORY}, (), "--workflow b.yml:17 --job publish   npm publish --provenance"),
        ({"a.yml": STORY.replace("npm publish", "pnpm publish")}, (), "a.yml:17, job publish: pnpm"),
        ({"a.yml": STORY}, ("--workflow", "a.yml:16"), "that matches --workflow and --job"),
        ({"a.yml": "on: [push\n"}, ("--workflow", "a.yml"), "a.yml:"),
        (
            {"a.yml": STORY.replace("npm publish", "npm publish ./x.tgz")},
            (),
            "the step publishes ./x.tgz, which does not exist here",
        ),
        (
            {"a.yml": STORY.replace("npm publish", "cd nowhere && npm publish")},
            (),
            "working directory nowhere does not exist in this repository",
        ),
    ],
)
def test_what_cannot_be_rehearsed_is_said(
    workflows: Mapping[str, str], words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from safepublish import cli

    (tmp_path / ".git").mkdir()
    for name, text in workflows.items():
        path = tmp_path / ".github" / "workflows" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert cli.main(["rehearse", "--assume-published", *words]) == 2
    assert said in capsys.readouterr().err


def test_outside_a_repository_there_is_nothing_to_rehearse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from safepublish import cli

    assert shutil.which("git")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["rehearse"]) == 2
    assert "this directory is not in a git repository" in capsys.readouterr().err
