"""Reads what a CI prints around the tools: its own name, steps and their variables, commands, versions and paths."""

import re

from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.log import Line
from safepublish.facts.run import PLACEHOLDER
from safepublish.logs import wording
from safepublish.logs.state import State
from safepublish.npm import bundled
from safepublish.npm.secrets import redacted

FIRST_LINES = 200
"""Lines of which the format shows the CI."""

_RUNNERS: tuple[tuple[tuple[str, ...], Ci], ...] = (
    (("Runner name:", "Current runner version", "Hosted Compute Agent"), Ci.GITHUB),
    (("Running with gitlab-runner",), Ci.GITLAB),
    (("Build-agent version", "Launch-agent version", "Task-agent"), Ci.CIRCLECI),
    (("[Pipeline]", "~~~ Running", "Started by user", "Running on Jenkins", "##[section]Starting"), Ci.OTHER),
)
_NO_PERSON = r"node|ubuntu|jenkins|vsts|travis|[\w-]{0,40}(?:build|agent|runner)"  # homes of a CI's users
_PLACES: tuple[tuple[str, Ci], ...] = (
    (r"/home/runner/|/Users/runner/|D:\\a\\|C:\\npm\\cache", Ci.GITHUB),
    (r"/home/circleci/", Ci.CIRCLECI),
    (r"^/builds/", Ci.GITLAB),
    (rf"/Users/\w|[A-Z]:\\Users\\(?!runneradmin)|/home/(?!{_NO_PERSON})\w", Ci.NONE),
)


def detect_ci(state: State, raw: str) -> None:
    """Detect the CI from the format of a line: GitHub's times have seven digits, CircleCI prints bash's options."""
    if wording.GITHUB_STAMP.search(raw):
        state.shared["ci"] = Ci.GITHUB
    elif raw.startswith(wording.CIRCLECI_HEAD):
        state.shared["ci"] = Ci.CIRCLECI
    elif "section_start:" in raw or " 00O " in raw or " 01O " in raw:
        state.shared["ci"] = Ci.GITLAB


def read_step_head(state: State, text: str) -> None:
    """Read the head of a step in GitHub's log: what runs; its variables follow."""
    state.shared.setdefault("ci", Ci.GITHUB)
    if state.current.ended or state.current.code is not None:
        state.end_publish()
    state.tokens = {}
    state.command = None
    if text.startswith("Run actions/setup-node@"):
        state.quotes["setup_node"] = state.quote(text)
    match = wording.RUN.search(text)
    if match:
        read_command(state, match[1])


def read_surroundings(state: State, text: str) -> None:
    """Read the CI's own messages, and the Node that a path shows."""
    if "node" in text:
        match = wording.NODE_PATH.search(text)
        if match:
            _read_node_path(state, match[1], state.quote(text))
    if "pull/" in text and wording.PULL_REQUEST.search(text):
        state.shared["pull_request"] = True
        state.quotes.setdefault("pull_request", state.quote(text))
    if "refs/tags/" in text and wording.GIT_TAG.search(text):
        state.quotes.setdefault("git_tag", state.quote(text))
    for starts, ci in _RUNNERS:
        if text.startswith(starts):
            state.shared["ci"] = ci
            state.quotes.setdefault("ci", state.quote(text))


def reads_version(state: State, text: str) -> bool:
    """Whether the line is an answer to `npm --version`, or names npm's version as scripts do."""
    if len(text) > 80:
        return False
    match = wording.BARE_VERSION.match(text)
    if match:
        if state.number <= state.version_until:
            set_npm_hint(state, match[1], state.quote(text))
        return True
    match = wording.ECHOED_NPM.search(text) if "npm" in text.lower() else None
    if match:
        set_npm_hint(state, match[1], state.quote(text))
    return match is not None


def reads_command(state: State, text: str) -> bool:
    """Whether the line is a command that a shell or a package manager echoes."""
    match = wording.SHELL.match(text)
    if match:
        if state.current.ended or state.current.has_code_line:
            state.end_publish()
        read_command(state, match[1])
        return True
    if len(text) < 200 and wording.PUBLISHES.match(text):
        read_command(state, text)
    return False


def read_command(state: State, text: str, *, in_head: bool = False) -> None:
    """Read a command line; *in_head*: it is part of a step's script, of which any line may run."""
    state.remember_secrets(text)
    if wording.ASKS_VERSION.search(text):
        state.version_until = state.number + (14 if in_head else 6)
    if wording.UPGRADE.search(f"{text} "):
        state.upgraded = state.quote(text)
        state.shared.pop("npm_hint", None)
        state.command = "npm install --global npm"
    elif wording.TRUST.search(text):
        state.command = "npm trust"
    elif wording.PUBLISHES.search(text):
        state.command = redacted(text)[:200]
    elif not in_head:
        match = wording.OTHER_COMMAND.search(text)
        state.command = f"npm {match[1]}" if match else state.command


def read_variable(state: State, name: str, value: str, line: Line) -> None:
    """Read a variable in the head of a step; GitHub prints three stars in place of a secret."""
    if name == "CI":
        if value == "false":
            state.quotes["ci_false"] = line
        return
    kinds = {"": CredentialKind.EMPTY, PLACEHOLDER: CredentialKind.PLACEHOLDER}
    kind = kinds.get(value) or (CredentialKind.SET if value.startswith("*") else None)
    if kind is None:
        kind = CredentialKind.UNRESOLVED if value.startswith("${") else None
    if kind is not None:
        state.tokens[name] = kind
        state.quotes[name] = line


def set_npm_hint(state: State, text: str | None, line: Line) -> None:
    """Note an npm version from a line that may be about another npm than the one that publishes."""
    state.set_npm_hint(text)
    if text:
        state.quotes["npm_hint"] = line


def _read_node_path(state: State, text: str, line: Line) -> None:
    """Take the npm from the Node that a path shows, unless a step upgraded npm or printed its version."""
    if state.upgraded is None and "npm_hint" not in state.shared:
        set_npm_hint(state, str(bundled.bundled_npm(text) or ""), line)


def read_paths(state: State, text: str, line: Line) -> None:
    """Read the Node and the CI from a line with paths."""
    match = wording.NODE_PATH.search(text)
    if match:
        _read_node_path(state, match[1], line)
    read_place(state, text, line)


def read_place(state: State, text: str, line: Line) -> None:
    """Read the CI from the path of a working directory or a debug log."""
    if "ci" in state.shared:
        return
    for pattern, ci in _PLACES:
        if re.search(pattern, text):
            state.shared["ci"] = ci
            state.quotes.setdefault("place", line)
            return
