"""Sets up in a place what the job of a plan would have: its checkout, its programs, its environment."""

import contextlib
import json
import os
import secrets
import shutil
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish.rehearsal import directory as places
from safepublish.rehearsal.cleanup import MARK
from safepublish.rehearsal.directory import Place
from safepublish.rehearsal.plan import Plan
from safepublish.rehearsal.server import Server

_HERE = os.path.dirname(os.path.abspath(__file__))
_REQUEST = "ACTIONS_ID_TOKEN_"
_NOWHERE = "http://127.0.0.1:9"  # the port of the discard service, which nobody offers
_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


class StagingError(Exception):
    """Something that a rehearsal needs is not on this machine; the text says what."""


class Node(NamedTuple):
    """The Node of this machine, and the TLS that it made for a rehearsal."""

    path: str
    version: str
    certificate: str  # a path
    tls: ssl.SSLContext


def node(place: Place, hosts: Sequence[str], env: Mapping[str, str]) -> Node:
    """The node that *env*'s PATH gives, and a certificate in the name of *hosts*, whose key no file keeps.

    A shim of volta, asdf and the like is seen through: it is the node itself that answers.
    """
    command = shutil.which("node", path=env.get("PATH"))
    if command is None:
        raise StagingError("no node is on PATH, and npm needs one")
    names = [host.rpartition(":")[0] for host in hosts]
    made = subprocess.run(  # noqa: S603 - our own program
        [command, os.path.join(_HERE, "certificate.cjs"), *names],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        said = made.stderr.strip().splitlines() or [f"exit status {made.returncode}"]
        raise StagingError(f"{command} cannot make a certificate: {said[-1]}")
    document = json.loads(made.stdout)
    # Each under a name of its own: what a path holds is read once.
    certificate = place.write(document["certificate"], f"certificate-{secrets.token_hex(4)}.pem")
    key = place.write(document["key"], "key.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)  # it takes files only
    os.unlink(key)
    return Node(document["node"], document["version"], certificate, tls)


def programs(place: Place, node: str, npm_cli: str | None) -> str:
    """A directory for PATH that gives *node*, and the npm and npx beside *npm_cli* where there is one."""
    directory = place.path("bin")
    os.makedirs(directory, exist_ok=True)
    links = {"node": node}
    if npm_cli is not None:
        links |= {"npm": npm_cli, "npx": os.path.join(os.path.dirname(npm_cli), "npx-cli.js")}
    for name in ("node", "npm", "npx"):
        path = os.path.join(directory, name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        if name in links:
            os.symlink(links[name], path)
    return directory


def environment(
    place: Place, plan: Plan, env: Mapping[str, str], *, checkout: str, filled: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What does not depend on the registry: variables and .npmrc of the step, and the tokens that its secrets hold.

    They are made up here; not *filled*, every secret is empty. *env* is this machine's.
    """
    found = place.environment(env)
    found |= {name: value for name, value in plan.env.items() if name not in {"PATH", "HOME"}}
    tokens = {one.variable: f"npm_{secrets.token_hex(18)}" if filled else "" for one in plan.secrets}
    found |= tokens
    found |= {
        "RUNNER_TEMP": place.path("runner", "_temp"),
        "GITHUB_WORKSPACE": checkout,
        "npm_config_prefix": place.path("prefix"),  # this machine's holds an etc/npmrc that the CI has not
    }
    os.makedirs(found["RUNNER_TEMP"], exist_ok=True)
    user: tuple[str, ...] = ("home", ".npmrc")
    if plan.setup_npmrc is not None:
        user = ("runner", "_temp", ".npmrc")
        found["NPM_CONFIG_USERCONFIG"] = place.path(*user)
    place.write("".join(f"{line}\n" for line in (*(plan.setup_npmrc or ()), *plan.npmrc)), *user)
    return found, tuple(tokens[one.variable] for one in plan.secrets if one.known and filled)


def in_ci(
    place: Place, plan: Plan, server: Server, env: Mapping[str, str], *, node: Node, hosts: Sequence[str]
) -> dict[str, str]:
    """*env* with what the runner gives the step, and what keeps npm on this machine."""
    job = plan.job.variables(request_url=server.request_url, request_token=server.registry.request_token)
    if not plan.identity:
        job = {name: value for name, value in job.items() if not name.startswith(_REQUEST)}
    event = {"repository": {"full_name": plan.job.repository, "private": False, "visibility": plan.job.visibility}}
    job["GITHUB_EVENT_PATH"] = place.write(json.dumps(event), "runner", "event.json")
    job |= {name: place.write("", "runner", name.lower()) for name in _FILES}
    near = ",".join(("localhost", "127.0.0.1", "::1", *(host.rpartition(":")[0] for host in hosts)))
    options = [env.get("NODE_OPTIONS", ""), f'--require "{os.path.join(_HERE, "preload.cjs")}"']
    return {
        **job,
        **env,
        "NODE_OPTIONS": " ".join(filter(None, options)),
        # What a lifecycle script starts and is no Node, such as curl, finds nobody at its proxy.
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), _NOWHERE),
        "no_proxy": near,
        "NO_PROXY": near,
        "NODE_EXTRA_CA_CERTS": node.certificate,
        "SAFEPUBLISH_REHEARSAL": json.dumps(dict.fromkeys(hosts, server.port)),
    }


def checkout(place: Place, root: str, target: str, *, remote: str | None, head: str | None) -> None:
    """A copy of the working tree at *root*, with a git directory of its own, at *target* in *place*.

    An .npmrc that git does not track is left out: CI's checkout has none, and it may hold a person's token.
    """
    git = shutil.which("git")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    untracked = _untracked_npmrcs(place, git, root) if git else frozenset()
    if git is None or not _cloned(place, git, root, target, remote):
        os.makedirs(os.path.join(target, ".git"), exist_ok=True)
        url = f'[remote "origin"]\n\turl = https://github.com/{remote}.git\n' if remote else ""
        for name, text in (("HEAD", f"ref: {head or 'refs/heads/main'}\n"), ("config", url)):
            with open(os.path.join(target, ".git", name), "w", encoding="utf-8") as file:
                file.write(text)
    places.copy(root, target, ignored=untracked.__contains__)


def _cloned(place: Place, git: str, root: str, target: str, remote: str | None) -> bool:
    """Whether *target* has a git directory with the history of *root*, which is read there and not copied."""
    words = ("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", root, target)
    if _git(place, git, os.path.dirname(target), *words) is None:
        shutil.rmtree(target, ignore_errors=True)
        return False
    _git(place, git, target, "reset", "--quiet")  # fills the index; the files follow
    _git(place, git, target, "remote", "set-url", "origin", f"https://github.com/{remote}.git" if remote else "none")
    return True


def _untracked_npmrcs(place: Place, git: str, root: str) -> frozenset[str]:
    names = _git(place, git, root, "ls-files", "-z", "--others", "--", ".npmrc", "*/.npmrc")
    return frozenset(name for name in (names or "").split("\0") if name)


_STARTS_NOTHING = tuple(
    word
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
    for word in ("-c", setting)
)
"""Options of git that go before a repository's own configuration, which may name programs to start."""

_GIT = {
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_NO_LAZY_FETCH": "1",  # of a partial clone, whose remote may be `ext::`
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_PAGER": "cat",
    "GIT_SSH_COMMAND": "false",
}


def _git(place: Place, git: str, cwd: str, *words: str) -> str | None:
    """What git prints, None where it fails: there is no history then, or it is another user's.

    It starts nothing that the repository names, and belongs to *place*, so that it does not write there after all else
    has been put away.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603 - git, with words of ours
        [git, *_STARTS_NOTHING, *words],
        cwd=cwd,
        env=env | _GIT | {MARK: place.directory},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",  # as Python has file names
        check=False,
        process_group=place.group,
    )
    return done.stdout if done.returncode == 0 else None
