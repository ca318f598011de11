"""Reads the sentences of npm and the registry, in whatever tool's output they stand."""

import re

from safepublish.facts.log import Line, Tool
from safepublish.logs import wording
from safepublish.logs.state import LONGEST, State
from safepublish.npm.secrets import redacted


def read(state: State, text: str, line: Line) -> None:
    """Note what *text* shows of how the current publish ended."""
    _read_answer(state, text, line)
    for pattern, code in wording.CODES:
        if state.current.code is None and pattern.search(text):
            state.current.fail(code, line)
    for phrase, field, floor in wording.DATES:
        if phrase in text:
            _note_version(state, field, floor.oldest)
            state.current.quotes.setdefault(field, line)
    named = wording.NAMED.search(text)
    if named and state.current.last.version is None:
        state.current.note("name", line, name=named[1], version=named[2])
    actual = wording.ACTUAL_NPM.search(text)
    if actual:
        state.set_npm_hint(actual[1])
        state.quotes["npm_hint"] = line
    if "requires you to be logged in to" in text:
        state.current.note("publishing", line)
        read_registry(state, text, line)


def read_registry(state: State, text: str, line: Line) -> None:
    """Note the registry that a line names."""
    match = wording.REGISTRY.search(text)
    if match:
        state.current.fields["registry"] = redacted(match[1])[:LONGEST]
        state.current.quotes.setdefault("registry", line)


def set_registry(state: State, url: str, line: Line) -> None:
    """Note the host of *url* as the registry, where no line has named one."""
    origin = wording.ORIGIN.match(url)
    if origin and "registry" not in state.current.fields:
        state.current.fields["registry"] = f"{origin[1]}{origin[2]}/"
        state.current.quotes.setdefault("registry", line)


def _read_answer(state: State, text: str, line: Line) -> None:
    """Read an HTTP answer that a sentence quotes."""
    match = wording.STATUS.search(text)
    if match:
        _note_answer(state, int(match[1]), match[2], match[3], line)
        return
    match = wording.SHORT_STATUS.search(text)
    if match:
        _note_answer(state, 404, match[2], match[3], line)
        return
    match = wording.WORD_STATUS.search(text)
    if match:
        _note_answer(state, wording.STATUSES[match[1]], match[2], match[3], line)
        return
    match = wording.PUT.search(text)
    if match:
        _note_answer(state, int(match[2]), match[1], match[3], line)
        return
    match = wording.PUT_BEHIND.search(text)
    if match:
        _note_answer(state, int(match[1]), match[2], match[3], line)
        return
    match = wording.FAILED_PUT.search(text)
    if match:
        state.current.note("publishing", line)
        if match[1]:
            state.current.note("put", line, put_status=int(match[1]))
            state.current.fail(f"E{match[1]}", line)


def _note_answer(state: State, status: int, method: str, url: str, line: Line) -> None:
    if status < 400:
        return
    other = _other_command(method, url)
    if other == "npm whoami" and _checks_token(state):
        state.current.fields["code"] = "EINVALIDNPMTOKEN"
        state.current.quotes.setdefault("code", line)
        state.attach_exchange()
    elif other is not None:
        state.current.fields["command"] = other
    elif method == "PUT" or "/-/stage/" in url:
        if _is_other_package(state, url):
            state.end_publish()
        state.current.note("put", line, put_status=status)
        set_registry(state, url, line)
        name = package_of(url)
        if state.current.last.name is None and re.fullmatch(wording.NAME, name):
            state.current.note("name", None, name=name)
    elif method == "GET" and state.command is None and not state.current.last.quotes:
        state.current.fields.setdefault("command", "npm GET")
    elif method == "GET" and status == 404:
        state.current.fields.setdefault("asked_for", redacted(package_of(url))[:LONGEST])
    state.current.fail(f"E{status}", line)


def _other_command(method: str, url: str) -> str | None:
    """The command of npm, other than a publish, that sends such a request."""
    if method == "PUT" and "/dist-tags/" in url:
        return "npm dist-tag"
    if _TRUST.search(url):
        return "npm trust"
    return "npm whoami" if "/-/whoami" in url else None


_TRUST = re.compile(r"/-/package/[^/]+(?:/[^/]+)?/trust\b")


def package_of(url: str) -> str:
    """The package that a registry's URL ends with."""
    return url.rstrip("/").rpartition("/")[2].replace("%2f", "/").replace("%2F", "/")


def _is_other_package(state: State, url: str) -> bool:
    """Whether *url* is another package's than the current upload, so that the ends of two runs were pasted."""
    put = state.current.last.quotes.get("put")
    if (
        put is None
        or state.tool is not Tool.NPM
        or state.current.has_code_line
        or state.current.fields.get("npm") is not None
    ):
        return False
    before = wording.STATUS.search(put.text)
    return before is not None and package_of(before[3]) != package_of(url)


def _checks_token(state: State) -> bool:
    """Whether semantic-release checks its token with npm whoami, after OIDC gave it none (its lib/verify-auth.js)."""
    return state.tool is Tool.SEMANTIC_RELEASE and bool(state.exchange) and not state.exchange.get("exchanged")


def _note_version(state: State, field: str, version: object) -> None:
    known = state.current.fields.get(field)
    later = known is not None and known < version
    if known is None or later == (field == "npm_since"):
        state.current.fields[field] = version
