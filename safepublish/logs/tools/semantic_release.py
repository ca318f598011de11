"""Reads what semantic-release prints of a publish, of versions 24 and 25 as the real tool printed it."""

import re
from typing import Any

from safepublish.facts.log import Line, Tool
from safepublish.logs import sentences
from safepublish.logs.state import LONGEST, State

_START = re.compile(r"Running semantic-release version (\d{1,3}\.\d{1,4}\.\d{1,4})")
_NPM_COMMAND = re.compile(r"Command failed with exit code \d+: npm publish .*--registry [\"']?(https?://[^\s\"']+)")


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of semantic-release's, which is then read."""
    match = _START.search(text) if "semantic-release" in text else None
    if match:
        state.set_tool(Tool.SEMANTIC_RELEASE, version=match[1], line=line)
        return True
    for message, read_message in _MESSAGES:
        if message in text:
            if message == "EINVALIDNPMTOKEN":
                _take_over_whoami(state)
            state.set_tool(Tool.SEMANTIC_RELEASE)
            read_message(state, text, line)
            return True
    match = _NPM_COMMAND.search(text) if "npm publish" in text else None
    if match and state.current.has_begun:
        sentences.set_registry(state, match[1], line)
        return True
    if state.tool is Tool.SEMANTIC_RELEASE and ("npm token (" in text or "[npm token]" in text):
        state.current.add_error(line)
        return True
    return False


def _read_refusal(state: State, text: str, line: Line) -> None:
    status, _, message = text.partition("registry failed: ")[2].partition(" ")
    fields: dict[str, Any] = {"oidc": message or status, "minted": True}
    if status.isdigit() and len(status) == 3:
        fields["exchange_status"] = int(status)
    state.replace_exchange(fields, line)


def _read_missing_id_token(state: State, text: str, line: Line) -> None:
    denied = "ACTIONS_ID_TOKEN_REQUEST" in text
    message = "Incorrect permissions: " if denied else "Failed to fetch id_token: "
    state.replace_exchange({"oidc": message + text.partition("failed: ")[2][:LONGEST]}, line)


def _read_exchange(state: State, text: str, line: Line) -> None:
    state.replace_exchange({"oidc": text[:LONGEST], "exchanged": True, "minted": True}, line)


def _read_attempt(state: State, _text: str, line: Line) -> None:
    state.quotes.setdefault("oidc_tried", line)


def _take_over_whoami(state: State) -> None:
    """Make a failed `npm whoami` semantic-release's own: it checks its token with it (its lib/verify-auth.js)."""
    publish = state.current
    if publish.fields.get("command") == "npm whoami":
        for fact in ("command", "code"):
            del publish.fields[fact]
        publish.quotes.pop("code", None)
        publish.ended = False


def _read_end(state: State, text: str, line: Line) -> None:
    state.current.fail("ENONPMTOKEN" if "ENONPMTOKEN" in text else "EINVALIDNPMTOKEN", line)
    state.current.add_error(line)
    state.attach_exchange()


def _read_dist_tag(state: State, text: str, _line: Line) -> None:
    """Read that it moves a published version (lib/add-channel.js); lib/publish.js prints "Publishing version …"."""
    if "Adding version" in text:
        state.current.fields["command"] = "npm dist-tag add"


_MESSAGES = (
    ("OIDC token exchange with the npm registry failed", _read_refusal),
    ("Retrieval of GitHub Actions OIDC token failed", _read_missing_id_token),
    ("OIDC token exchange with the npm registry succeeded", _read_exchange),
    ("Verifying OIDC context", _read_attempt),
    ("ENONPMTOKEN", _read_end),
    ("EINVALIDNPMTOKEN", _read_end),
    ("to npm registry on dist-tag", _read_dist_tag),
)
