"""What a sentence of npm or the registry tells, wherever it stands and whoever printed it."""

import re

from safepublish.facts.log import Line, Tool
from safepublish.logs import wording as words
from safepublish.logs.state import LONGEST, State
from safepublish.npm.secrets import redacted


def take(state: State, text: str, line: Line) -> None:
    """Note what *text* tells of how the publish at hand ended."""
    _answer(state, text, line)
    for pattern, code in words.CODES:
        if state.now.code is None and pattern.search(text):
            state.now.fail(code, line)
    for wording, field, floor in words.DATES:
        if wording in text:
            _dated(state, field, floor.oldest)
            state.now.quotes.setdefault(field, line)
    named = words.NAMED.search(text)
    if named and state.now.last.version is None:
        state.now.amend("name", line, name=named[1], version=named[2])
    actual = words.ACTUAL_NPM.search(text)
    if actual:
        state.hint(actual[1])
        state.quotes["npm_hint"] = line
    if "requires you to be logged in to" in text:
        state.now.amend("publishing", line)
        registry(state, text, line)


def registry(state: State, text: str, line: Line) -> None:
    """Note the registry that a line names."""
    match = words.REGISTRY.search(text)
    if match:
        state.now.fields["registry"] = redacted(match[1])[:LONGEST]
        state.now.quotes.setdefault("registry", line)


def at_registry(state: State, url: str, line: Line) -> None:
    """Note the host of *url* as the registry, where no line has named one."""
    origin = words.ORIGIN.match(url)
    if origin and "registry" not in state.now.fields:
        state.now.fields["registry"] = f"{origin[1]}{origin[2]}/"
        state.now.quotes.setdefault("registry", line)


def _answer(state: State, text: str, line: Line) -> None:
    """An HTTP answer that a sentence holds."""
    match = words.STATUS.search(text)
    if match:
        _answered(state, int(match[1]), match[2], match[3], line)
        return
    match = words.SHORT_STATUS.search(text)
    if match:
        _answered(state, 404, match[2], match[3], line)
        return
    match = words.WORD_STATUS.search(text)
    if match:
        _answered(state, words.STATUSES[match[1]], match[2], match[3], line)
        return
    match = words.PUT.search(text)
    if match:
        _answered(state, int(match[2]), match[1], match[3], line)
        return
    match = words.PUT_BEHIND.search(text)
    if match:
        _answered(state, int(match[1]), match[2], match[3], line)
        return
    match = words.FAILED_PUT.search(text)
    if match:
        state.now.amend("publishing", line)
        if match[1]:
            state.now.amend("put", line, put_status=int(match[1]))
            state.now.fail(f"E{match[1]}", line)


def _answered(state: State, status: int, method: str, url: str, line: Line) -> None:
    if status < 400:
        return
    if method == "PUT" and "/dist-tags/" in url:
        state.now.fields["command"] = "npm dist-tag"
    elif "/-/whoami" in url and _tries_a_token(state):
        state.now.fields["code"] = "EINVALIDNPMTOKEN"
        state.now.quotes.setdefault("code", line)
        state.give_oidc()
    elif "/-/whoami" in url:
        state.now.fields["command"] = "npm whoami"
    elif method == "PUT" or "/-/stage/" in url:
        if _of_another(state, url):
            state.flush()
        state.now.amend("put", line, put_status=status)
        at_registry(state, url, line)
        name = package_of(url)
        if state.now.last.name is None and re.fullmatch(words.NAME, name):
            state.now.amend("name", None, name=name)
    elif method == "GET" and state.command is None and not state.now.last.quotes:
        state.now.fields.setdefault("command", "npm GET")
    elif method == "GET" and status == 404:
        state.now.fields.setdefault("asked_for", redacted(package_of(url))[:LONGEST])
    state.now.fail(f"E{status}", line)


def package_of(url: str) -> str:
    """The package that a registry's URL ends with."""
    return url.rstrip("/").rpartition("/")[2].replace("%2f", "/").replace("%2F", "/")


def _of_another(state: State, url: str) -> bool:
    """Whether npm's upload at hand was of another package, whose end alone is pasted: without code or last word."""
    put = state.now.last.quotes.get("put")
    if put is None or state.tool is not Tool.NPM or state.now.stated or state.now.fields.get("npm") is not None:
        return False
    before = words.STATUS.search(put.text)
    return before is not None and package_of(before[3]) != package_of(url)


def _tries_a_token(state: State) -> bool:
    """Whether semantic-release, to which OIDC gave no token, asks npm whoami itself (its lib/verify-auth.js)."""
    return state.tool is Tool.SEMANTIC_RELEASE and bool(state.oidc) and not state.oidc.get("exchanged")


def _dated(state: State, field: str, version: object) -> None:
    known = state.now.fields.get(field)
    later = known is not None and known < version
    if known is None or later == (field == "npm_since"):
        state.now.fields[field] = version
