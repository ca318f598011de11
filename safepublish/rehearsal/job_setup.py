"""Sets up in a rehearsal's directory what a job has: its checkout, its programs and its environment."""

import contextlib
import json
import os
import secrets
import shutil
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish.rehearsal.cleanup import DIRECTORY_VARIABLE
from safepublish.rehearsal.directory import RehearsalDirectory, copy_working_tree
from safepublish.rehearsal.plan import Plan
from safepublish.rehearsal.server import Server

_HERE = os.path.dirname(os.path.abspath(__file__))
_REQUEST_PREFIX = "ACTIONS_ID_TOKEN_"
_NO_PROXY_THERE = "http://127.0.0.1:9"  # the port of the discard service, which no machine runs
_RUNNER_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


class SetupError(Exception):
    """Something that a rehearsal needs is missing on this machine; the message says what."""


class Node(NamedTuple):
    """The Node of this machine, and the certificate that it created for the embedded registry."""

    path: str
    version: str
    certificate: str  # a path
    tls: ssl.SSLContext


def prepare_node(directory: RehearsalDirectory, hosts: Sequence[str], env: Mapping[str, str]) -> Node:
    """The node on the PATH of *env*, and a certificate for *hosts*, whose key is removed from the disk at once.

    A shim, as of volta or asdf, is resolved: the node that runs reports its own path. Raises `SetupError`.
    """
    command = shutil.which("node", path=env.get("PATH"))
    if command is None:
        raise SetupError("node is not on PATH, and npm requires it")
    names = [host.rpartition(":")[0] for host in hosts]
    result = subprocess.run(  # noqa: S603 - our own program
        [command, os.path.join(_HERE, "certificate.cjs"), *names],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [f"exit status {result.returncode}"]
        raise SetupError(f"{command} cannot create a certificate: {lines[-1]}")
    document = json.loads(result.stdout)
    # A new name each time: a program may read a path only once.
    certificate = directory.write(document["certificate"], f"certificate-{secrets.token_hex(4)}.pem")
    key = directory.write(document["key"], "key.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)  # it reads files only
    os.unlink(key)
    return Node(document["node"], document["version"], certificate, tls)


def link_programs(directory: RehearsalDirectory, node: str, npm_cli: str | None) -> str:
    """A directory for PATH with links to *node*, and to *npm_cli* and its npx where there is one."""
    bin_directory = directory.path("bin")
    os.makedirs(bin_directory, exist_ok=True)
    links = {"node": node}
    if npm_cli is not None:
        links |= {"npm": npm_cli, "npx": os.path.join(os.path.dirname(npm_cli), "npx-cli.js")}
    for name in ("node", "npm", "npx"):
        path = os.path.join(bin_directory, name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        if name in links:
            os.symlink(links[name], path)
    return bin_directory


def job_environment(
    directory: RehearsalDirectory, plan: Plan, env: Mapping[str, str], *, checkout: str, with_secrets: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables of the step, with a new token for each secret, and those tokens that the registry knows.

    It also writes the step's .npmrc. Without *with_secrets* every secret is empty. *env* is this machine's.
    """
    variables = directory.environment(env)
    variables |= {name: value for name, value in plan.env.items() if name not in {"PATH", "HOME"}}
    tokens = {secret.variable: f"npm_{secrets.token_hex(18)}" if with_secrets else "" for secret in plan.secrets}
    variables |= tokens
    variables |= {
        "RUNNER_TEMP": directory.path("runner", "_temp"),
        "GITHUB_WORKSPACE": checkout,
        "npm_config_prefix": directory.path("prefix"),  # this machine's may have an etc/npmrc, CI's has none
    }
    os.makedirs(variables["RUNNER_TEMP"], exist_ok=True)
    user: tuple[str, ...] = ("home", ".npmrc")
    if plan.setup_node_npmrc is not None:
        user = ("runner", "_temp", ".npmrc")
        variables["NPM_CONFIG_USERCONFIG"] = directory.path(*user)
    directory.write("".join(f"{line}\n" for line in (*(plan.setup_node_npmrc or ()), *plan.user_npmrc)), *user)
    known = tuple(tokens[secret.variable] for secret in plan.secrets if secret.known and with_secrets)
    return variables, known


def runner_environment(
    directory: RehearsalDirectory,
    plan: Plan,
    server: Server,
    env: Mapping[str, str],
    *,
    node: Node,
    hosts: Sequence[str],
) -> dict[str, str]:
    """*env* with what the runner sets for the step, and what keeps npm's requests on this machine."""
    job = plan.job.variables(request_url=server.request_url, request_token=server.registry.request_token)
    if not plan.has_id_token:
        job = {name: value for name, value in job.items() if not name.startswith(_REQUEST_PREFIX)}
    event = {"repository": {"full_name": plan.job.repository, "private": False, "visibility": plan.job.visibility}}
    job["GITHUB_EVENT_PATH"] = directory.write(json.dumps(event), "runner", "event.json")
    job |= {name: directory.write("", "runner", name.lower()) for name in _RUNNER_FILES}
    local = ",".join(("localhost", "127.0.0.1", "::1", *(host.rpartition(":")[0] for host in hosts)))
    options = [env.get("NODE_OPTIONS", ""), f'--require "{os.path.join(_HERE, "preload.cjs")}"']
    return {
        **job,
        **env,
        "NODE_OPTIONS": " ".join(filter(None, options)),
        # A program other than Node, such as curl in a lifecycle script, gets a proxy that does not exist.
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), _NO_PROXY_THERE),
        "no_proxy": local,
        "NO_PROXY": local,
        "NODE_EXTRA_CA_CERTS": node.certificate,
        "SAFEPUBLISH_REHEARSAL": json.dumps(dict.fromkeys(hosts, server.port)),
    }


def create_checkout(
    directory: RehearsalDirectory, root: str, target: str, *, remote: str | None, head: str | None
) -> None:
    """Copy the working tree at *root* to *target* in *directory*, with a git directory of its own.

    An .npmrc that git does not track is not copied: CI's checkout lacks it, and it may contain a person's token.
    """
    git = shutil.which("git")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    untracked = _untracked_npmrcs(directory, git, root) if git else frozenset()
    if git is None or not _clone(directory, git, root, target, remote):
        os.makedirs(os.path.join(target, ".git"), exist_ok=True)
        url = f'[remote "origin"]\n\turl = https://github.com/{remote}.git\n' if remote else ""
        for name, text in (("HEAD", f"ref: {head or 'refs/heads/main'}\n"), ("config", url)):
            with open(os.path.join(target, ".git", name), "w", encoding="utf-8") as file:
                file.write(text)
    copy_working_tree(root, target, ignored=untracked.__contains__)


def _clone(directory: RehearsalDirectory, git: str, root: str, target: str, remote: str | None) -> bool:
    """Give *target* a git directory that shares the history of *root*; returns whether that was possible."""
    arguments = ("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", root, target)
    if _git(directory, git, os.path.dirname(target), *arguments) is None:
        shutil.rmtree(target, ignore_errors=True)
        return False
    _git(directory, git, target, "reset", "--quiet")  # fills the index; the files follow
    _git(
        directory, git, target, "remote", "set-url", "origin", f"https://github.com/{remote}.git" if remote else "none"
    )
    return True


def _untracked_npmrcs(directory: RehearsalDirectory, git: str, root: str) -> frozenset[str]:
    names = _git(directory, git, root, "ls-files", "-z", "--others", "--", ".npmrc", "*/.npmrc")
    return frozenset(name for name in (names or "").split("\0") if name)


_SAFE_OPTIONS = tuple(
    argument
    for setting in (
        "core.fsmonitor=false",
        f"core.hooksPath={os.devnull}",
        f"core.attributesFile={os.devnull}",
        "core.pager=cat",
        "core.sshCommand=false",
        "core.gitProxy=false",
        "core.askPass=",
        "credential.helper=",
        "diff.external=",
        "protocol.allow=never",
        "protocol.file.allow=always",
        "protocol.ext.allow=never",
        "submodule.recurse=false",
        "gc.auto=0",
        "maintenance.auto=false",
    )
    for argument in ("-c", setting)
)
"""Options of git that override a repository's own configuration, which may name programs to start."""

_GIT_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_NO_LAZY_FETCH": "1",  # of a partial clone, whose remote may be `ext::`
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_PAGER": "cat",
    "GIT_SSH_COMMAND": "false",
}


def _git(directory: RehearsalDirectory, git: str, cwd: str, *arguments: str) -> str | None:
    """The output of git, None where it fails: there is no history then, or it belongs to another user.

    It starts no program that the repository names. It is a process of *directory*, so that the cleanup ends it.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    result = subprocess.run(  # noqa: S603 - git, with our own arguments
        [git, *_SAFE_OPTIONS, *arguments],
        cwd=cwd,
        env=env | _GIT_ENVIRONMENT | {DIRECTORY_VARIABLE: directory.root},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",  # as in the file names of os.listdir
        check=False,
        process_group=directory.group,
    )
    return result.stdout if result.returncode == 0 else None
