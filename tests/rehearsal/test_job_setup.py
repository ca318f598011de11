"""What is set up in a rehearsal's directory: its TLS, its checkout, its variables."""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safepublish.detect import http
from safepublish.npm.config.transport import Transport
from safepublish.rehearsal import Registry, Server, job_setup
from safepublish.rehearsal.cleanup import DIRECTORY_VARIABLE
from safepublish.rehearsal.directory import RehearsalDirectory
from safepublish.rehearsal.plan import LocalRepository, make_plan
from tests.support import steps

pytestmark = pytest.mark.real_process


@pytest.fixture
def directory() -> Iterator[RehearsalDirectory]:
    with RehearsalDirectory() as found:
        yield found


def test_a_registry_is_stood_in_for_under_its_own_name(directory: RehearsalDirectory) -> None:
    node = job_setup.prepare_node(directory, ("registry.npmjs.org:443", "npm.example:4873"), os.environ)
    assert os.path.isabs(node.path)
    assert not os.path.exists(directory.path("key.pem"))
    with Server(Registry(), tls=node.tls) as server:
        routes = {"registry.npmjs.org:443": server.port, "npm.example:4873": server.port}
        transport = Transport(extra_ca_certs=node.certificate, routes=tuple(routes.items()))

        def ask(url: str) -> int:
            return http.Client(transport, http.Deadline(5)).request("GET", url, {}).status

        assert ask("https://registry.npmjs.org/-/ping") == 200
        assert ask("https://npm.example:4873/-/ping") == 200
        assert ask(f"{server.url}-/ping") == 200
        for elsewhere in ("https://example.com/-/ping", "http://registry.npmjs.org/-/ping"):
            with pytest.raises(http.UnreachableError, match="is not contacted in a rehearsal"):
                ask(elsewhere)
        # And who is not told of the certificate does not take it for the registry's.
        untrusting = http.Client(Transport(routes=tuple(routes.items())), http.Deadline(5))
        with pytest.raises(http.UnreachableError, match="not trusted"):
            untrusting.request("GET", "https://registry.npmjs.org/-/ping", {})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is the reader")
def test_the_strictest_reader_takes_the_certificate(directory: RehearsalDirectory) -> None:
    node = job_setup.prepare_node(directory, ("registry.npmjs.org:443",), os.environ)
    checked = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", node.certificate, "-verify_hostname", "registry.npmjs.org",
         node.certificate],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert checked.stdout.strip().endswith("OK"), checked.stderr


def test_without_node_there_is_no_rehearsal(directory: RehearsalDirectory, tmp_path: Path) -> None:
    with pytest.raises(job_setup.SetupError, match="node is not on PATH"):
        job_setup.prepare_node(directory, (), {"PATH": str(tmp_path)})
    (tmp_path / "node").write_text("#!/bin/sh\necho 'too old' >&2\nexit 9\n")
    (tmp_path / "node").chmod(0o755)
    with pytest.raises(job_setup.SetupError, match="cannot create a certificate: too old"):
        job_setup.prepare_node(directory, (), {"PATH": str(tmp_path)})


def git(root: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=o", "-c", "user.email=o@example.com", *words]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "package.json").write_text("{}")
    (root / "packages" / "a").mkdir(parents=True)
    (root / "packages" / "a" / ".npmrc").write_text("tag=next\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=one")
    return root


def test_the_checkout_has_the_history_and_no_way_back(
    directory: RehearsalDirectory, repository: Path, tmp_path: Path
) -> None:
    (repository / "package.json").write_text('{"name": "changed"}')
    target = tmp_path / "work" / "repository"
    job_setup.create_checkout(directory, str(repository), str(target), remote="octo-org/hello", head="refs/heads/main")
    assert git(target, "log", "--format=%s") == "one"
    assert git(target, "status", "--porcelain") == "M package.json"
    assert git(target, "remote", "get-url", "origin") == "https://github.com/octo-org/hello.git"
    git(target, "commit", "--quiet", "--all", "--message=two")
    assert git(repository, "log", "--format=%s") == "one"


def test_an_npmrc_that_git_does_not_track_is_not_in_the_checkout(
    directory: RehearsalDirectory, repository: Path, tmp_path: Path
) -> None:
    (repository / ".npmrc").write_text("//registry.npmjs.org/:_authToken=mine\n")
    (repository / ".gitignore").write_text(".npmrc\n")
    target = tmp_path / "work" / "repository"
    job_setup.create_checkout(directory, str(repository), str(target), remote=None, head=None)
    assert not (target / ".npmrc").exists()
    assert (target / "packages" / "a" / ".npmrc").read_text() == "tag=next\n"


def test_git_belongs_to_the_place_that_is_put_away(directory: RehearsalDirectory, tmp_path: Path) -> None:
    script = tmp_path / "git"
    script.write_text(f'#!/bin/sh\necho "${DIRECTORY_VARIABLE} $(ps -o pgid= -p $$)"\n')
    script.chmod(0o755)
    said = job_setup._git(directory, str(script), str(tmp_path), "status")
    assert said is not None
    assert said.split() == [directory.root, str(directory.group)]


def test_without_a_commit_the_checkout_still_knows_its_origin(directory: RehearsalDirectory, tmp_path: Path) -> None:
    root, target = tmp_path / "root", tmp_path / "work" / "root"
    (root / ".git").mkdir(parents=True)
    job_setup.create_checkout(directory, str(root), str(target), remote="octo-org/hello", head="refs/heads/x")
    assert (target / ".git" / "HEAD").read_text() == "ref: refs/heads/x\n"
    assert "https://github.com/octo-org/hello.git" in (target / ".git" / "config").read_text()


def test_the_variables_are_the_runners_and_the_steps(directory: RehearsalDirectory) -> None:
    step = steps.step(
        (
            "npm publish",
            "npm publish\n        env:\n          PATH: /x\n          CI: false\n          NODE_OPTIONS: --a",
        ),
        ("      id-token: write\n", ""),
    )
    chosen = make_plan(step, LocalRepository("octo-org/hello", "refs/heads/main"))
    machine = {"PATH": "/bin", "NPM_TOKEN": "mine"}
    env, tokens = job_setup.job_environment(directory, chosen, machine, checkout="/checkout", with_secrets=True)
    node = job_setup.Node("/node", "24.0.0", "/certificate.pem", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    with Server() as server:
        found = job_setup.runner_environment(
            directory, chosen, server, env, node=node, hosts=("registry.npmjs.org:443",)
        )
        port = server.port
    assert tokens == ()
    assert found["PATH"] == "/bin"
    assert found["CI"] == "false"  # the step's own
    assert found["GITHUB_WORKSPACE"] == "/checkout"
    assert found["NODE_OPTIONS"].startswith("--a --require ")
    assert found["SAFEPUBLISH_REHEARSAL"] == f'{{"registry.npmjs.org:443": {port}}}'
    assert found["GITHUB_WORKFLOW_REF"] == "octo-org/hello/.github/workflows/publish.yml@refs/heads/main"
    assert not [name for name in found if name.startswith("ACTIONS_ID_TOKEN") or name == "NPM_TOKEN"]


@pytest.mark.parametrize("filled", [True, False])
def test_a_secret_is_made_up_or_empty(directory: RehearsalDirectory, *, filled: bool) -> None:
    step = steps.step(
        (
            '          node-version: "24"\n',
            '          node-version: "24"\n          registry-url: https://registry.npmjs.org\n',
        ),
        ("npm publish", "npm publish\n        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}"),
    )
    chosen = make_plan(step, LocalRepository("octo-org/hello", "refs/heads/main"))
    env, tokens = job_setup.job_environment(directory, chosen, {}, checkout="/checkout", with_secrets=filled)
    assert (env["NODE_AUTH_TOKEN"],) == tokens if filled else env["NODE_AUTH_TOKEN"] == ""
    npmrc = Path(env["NPM_CONFIG_USERCONFIG"])
    assert npmrc.is_relative_to(directory.root)
    assert npmrc.read_text().splitlines()[0] == "//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}"
    assert npmrc.stat().st_mode & 0o777 == 0o600


HOOKS = ["post-checkout", "pre-auto-gc", "post-index-change", "reference-transaction"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is started")
def test_git_starts_nothing_that_the_repository_names(directory: RehearsalDirectory, tmp_path: Path) -> None:
    started = tmp_path / "started"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{started}"\n')
    program.chmod(0o755)
    root = tmp_path / "repository"

    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example", *words],
            cwd=root,
            check=True,
            capture_output=True,
        )

    root.mkdir()
    git("init", "--quiet")
    (root / "package.json").write_text("{}\n")
    (root / ".gitattributes").write_text("* filter=f diff=d\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    (root / ".npmrc").write_text("x=y\n")
    for name in HOOKS:
        hook = root / ".git" / "hooks" / name
        hook.write_text(program.read_text())
        hook.chmod(0o755)
    settings = [
        *("core.fsmonitor", "core.sshCommand", "core.pager", "core.askPass", "core.gitProxy", "credential.helper"),
        *("diff.external", "diff.d.textconv", "filter.f.smudge", "filter.f.clean", "filter.f.process"),
        *("uploadpack.packObjectsHook", "core.alternateRefsCommand"),
    ]
    for setting in settings:
        git("config", setting, str(program))
    git("config", "remote.origin.url", f"ext::{program}")
    git("config", "remote.origin.promisor", "true")
    git("config", "core.untrackedCache", "true")
    started.unlink(missing_ok=True)
    target = Path(directory.path("work", "repository"))
    job_setup.create_checkout(directory, str(root), str(target), remote="octo-org/hello", head="refs/heads/x")
    assert not started.exists(), started.read_text()
    assert not (target / ".npmrc").exists()
    assert (target / "package.json").exists()


@pytest.mark.skipif(shutil.which("git") is None or sys.platform != "linux", reason="file names are bytes on Linux")
def test_names_that_are_no_utf8_are_copied_and_known_to_git(directory: RehearsalDirectory, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    odd = root / os.fsdecode(b"\xff")
    odd.mkdir(parents=True)
    (odd / ".npmrc").write_text("//x/:_authToken=canary\n")
    (odd / os.fsdecode(b"a\xfe")).write_text("x")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    target = Path(directory.path("work", "repository"))
    job_setup.create_checkout(directory, str(root), str(target), remote=None, head=None)
    assert [one.name for one in (target / odd.name).iterdir()] == [os.fsdecode(b"a\xfe")]
