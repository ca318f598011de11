"""Reads npm's own lines: `npm error …` on the screen, `28 verbose …` in a debug log."""

from collections.abc import Callable
from urllib.parse import unquote

from safepublish.facts.log import Attempt, Line, Tool
from safepublish.logs import ci_lines, sentences, wording
from safepublish.logs.state import LONGEST, State
from safepublish.logs.tools import pnpm
from safepublish.npm.secrets import redacted
from safepublish.npm.tool_versions import parse

_FIRST_NOTICES = ("📦", "package:", "Publishing to", "name:", "Tarball", "=== Tarball")
"""How the first `npm notice` line of the next package starts."""


def read_line(state: State, level: str, rest: str, text: str) -> None:
    """Read one line of npm's: *rest* is what follows its prefix and *level*."""
    publish = state.current
    if level == "error":
        _read_error(state, rest, text)
        return
    ended = publish.ended or (
        publish.code is not None and state.tool is not Tool.CHANGESETS
    )  # which prints npm's lines below
    if ended and _starts_next_run(state, level, rest):
        state.end_publish()
    state.current.note_level(level)
    read_fact(state, level, rest, text)


def read_fact(state: State, level: str, rest: str, text: str) -> None:
    """Note what a line that is no error shows."""
    handle = _HANDLERS.get(level)
    if handle is not None:
        handle(state, rest, state.quote(text))


def _starts_next_run(state: State, level: str, rest: str) -> bool:
    """Whether this line belongs to the next run of npm, after the current one has ended."""
    if level == "notice":
        return rest.startswith(_FIRST_NOTICES)
    if level == "http":
        return state.current.ended
    return rest.startswith(("cli ", "using npm@"))


def _read_error(state: State, rest: str, text: str) -> None:
    line = state.quote(text)
    if rest.startswith("A complete log of this run"):
        ci_lines.read_paths(state, rest, line)
        state.current.ended = state.current.has_begun
        run = wording.RUN_LOG.search(rest)
        state.current.log_name = run[0] if run else None
        return
    if state.current.ended and wording.LOG_PATH.match(rest):  # on a line of its own below that sentence, up to npm 9
        ci_lines.read_paths(state, rest, line)
        run = wording.RUN_LOG.search(rest)
        state.current.log_name = run[0] if run else state.current.log_name
        return
    # A sentence may have given the code before npm's own line has it; and changesets prints npm's lines below its own.
    again = rest == f"code {state.current.code}" and (state.tool is Tool.CHANGESETS or not state.current.has_code_line)
    starts = rest.startswith("code ") or wording.FAILED_PUT.match(rest) is not None
    if state.current.ended or (starts and state.current.code is not None and state.current.errors and not again):
        state.end_publish()
    if rest.startswith("code "):
        code = rest[5:].strip()
        if wording.CODE_WORD.fullmatch(code):
            state.current.fields.pop("code", None)
            state.current.quotes.pop("code", None)
            state.current.fail(code, line)
            state.current.has_code_line = True
    else:
        errno = wording.ERRNO.match(text)
        if errno:  # of the error that npm prints whole, where the line with its code is cut off
            state.current.fail(errno[1], line)
        sentences.read(state, text if "npm ERR!" in text else rest, line)
        state.current.add_error(line)


def _read_notice(state: State, rest: str, line: Line) -> None:
    publish = state.current
    field, _, value = rest.partition(":")
    publish.dry_run = publish.dry_run or rest.endswith("(dry-run)")
    if rest.startswith(("📦", "package:")):
        match = wording.TARBALL.search(rest)
        state.start_package(match[1] if match else None, match[2] if match else None, line)
    elif field in {"total files", "package size"}:
        publish.note("packed", line)
    elif field in {"name", "version"} and value.strip():
        publish.note(field, line, **{field: value.strip()[:214]})
    elif rest.startswith(("Publishing to", "Staging to")):
        publish.note("publishing", line)
        sentences.read_registry(state, rest, line)
    elif "Signed provenance statement" in rest or "Provenance statement published" in rest:
        publish.note("signed", line, signed=True)
    elif "version of npm available" in rest:
        match = wording.NEWER_NPM.search(rest)
        ci_lines.set_npm_hint(state, match[1] if match else None, line)
    elif rest.startswith(("Access token", "This ", "Your ", "Security")):
        publish.add_notice(line)


def _read_http(state: State, rest: str, line: Line) -> None:
    match = wording.ID_TOKEN.search(rest)
    if match:
        state.note_exchange("minted", line, minted=match[2].startswith("2"))
        return
    match = wording.FETCH.search(rest)
    if match is None:
        return
    method, status, url = match[1], int(match[2]), match[3]
    if method == "POST" and wording.EXCHANGE in url:
        _name_from_exchange(state, url)
        state.note_exchange("exchange", line, exchange_status=status)
    elif method == "PUT" and "/dist-tags/" in url:
        state.current.fields["command"] = "npm dist-tag"
    elif method == "PUT" or (method == "POST" and "/-/stage/package/" in url):
        state.current.note("put", line, put_status=status, published=status < 300)
        if state.tool is Tool.LERNA:  # which does not name the registry
            sentences.set_registry(state, url, line)
    elif method == "GET" and _is_packument(state, url):
        state.current.note("packument", line, packument_status=status)


def _name_from_exchange(state: State, url: str) -> None:
    """Take the package's name from the URL of its exchange: with --json npm lists no tarball.

    Several packages cannot be distinguished then, and have no name.
    """
    last = state.current.last
    name = unquote(url.partition(wording.EXCHANGE)[2])
    if "package" in last.quotes or state.tool is not Tool.NPM:
        return
    if last.exchange_status is not None:
        state.current.note("", None, name=name if last.name == name else None)
    elif last.name is None:
        state.current.note("", None, name=name)


def _is_packument(state: State, url: str) -> bool:
    """Whether *url* is that of the current package: npm requests it between the exchange and the upload."""
    name = state.current.last.name
    if name is None or "/-/" in url:
        return False
    return url.lower().endswith((f"/{name}", f"/{name.replace('/', '%2f')}"))


def _read_verbose(state: State, rest: str, line: Line) -> None:
    """Read a line of the levels info, verbose and silly."""
    for start, note in _STARTS:
        if rest.startswith(start):
            note(state, rest[len(start) :], line)
            return


def _start_run(state: State, rest: str, line: Line) -> None:
    if state.current.has_begun:
        state.end_publish()
    ci_lines.read_paths(state, rest, line)


def _read_npm_version(state: State, rest: str, line: Line) -> None:
    if state.current.has_begun and state.current.fields.get("npm") is not None:
        state.end_publish()
    state.current.fields["npm"] = parse(rest)
    state.current.quotes["npm"] = line


def _read_node_version(state: State, rest: str, line: Line) -> None:
    state.current.fields["node"] = parse(rest)
    state.current.quotes["node"] = line


def _start_attempt(state: State, _rest: str, _line: Line) -> None:
    if state.current.last != Attempt():
        state.current.attempts.append(Attempt())


def _read_oidc(state: State, message: str, line: Line) -> None:
    if message.startswith("Successfully retrieved"):
        state.note_exchange("oidc", line, oidc=message, exchanged=True)
    elif not message.startswith(("Cleared", "Enabling provenance", "Failed to set provenance")):
        # Those three say nothing about the exchange itself.
        state.note_exchange("oidc", line, oidc=message[:LONGEST])


def _read_title(state: State, rest: str, _line: Line) -> None:
    state.remember_secrets(rest)
    state.current.fields["command"] = redacted(rest.strip())[:200]


def _read_argv(state: State, rest: str, _line: Line) -> None:
    state.remember_secrets(rest)


def _read_npm_version_at_end(state: State, rest: str, line: Line) -> None:
    state.current.fields["npm"] = parse(rest)
    state.current.quotes.setdefault("npm", line)


def _read_exit(state: State, rest: str, _line: Line) -> None:
    if rest.isdigit() and len(rest) < 6:
        state.current.fields["status"] = int(rest)


def _read_stack(state: State, rest: str, line: Line) -> None:
    ci_lines.read_paths(state, rest, line)
    sentences.read(state, rest, line)
    if state.current.thrown is None and wording.SENTENCE.search(rest):
        state.current.thrown = line


def _read_logfile(state: State, rest: str, _line: Line) -> None:
    """Read the name of the debug log from its own head: npm prints it on the screen too, so it identifies the run."""
    run = wording.RUN_LOG.search(rest)
    if run and state.current.log_name is None and not state.current.ended and state.current.code is None:
        state.current.log_name = run[0]


def _read_cwd(state: State, rest: str, line: Line) -> None:
    ci_lines.read_place(state, rest, line)


def _read_warning(state: State, rest: str, line: Line) -> None:
    if "Skipped OIDC" in rest:
        pnpm.read_skipped_oidc(state, rest, line)
    elif "requires you to be logged in to" in rest:  # a dry run goes on, and ends with 0
        state.current.dry_run = state.current.dry_run or rest.endswith("(dry-run)")
        sentences.read(state, rest, line)


_STARTS: tuple[tuple[str, Callable[[State, str, Line], None]], ...] = (
    ("cli ", _start_run),
    ("using npm@", _read_npm_version),
    ("using node@", _read_node_version),
    ("publish [", _start_attempt),
    ("stage [", _start_attempt),
    ("oidc ", _read_oidc),
    ("title ", _read_title),
    ("argv ", _read_argv),
    ("npm  v", _read_npm_version_at_end),
    ("npm v", _read_npm_version_at_end),
    ("exit ", _read_exit),
    ("logfile ", _read_logfile),
    ("cwd ", _read_cwd),
    ("stack ", _read_stack),
)
_HANDLERS: dict[str, Callable[[State, str, Line], None]] = {
    "notice": _read_notice,
    "http": _read_http,
    "verbose": _read_verbose,
    "silly": _read_verbose,
    "info": _read_verbose,
    "warn": _read_warning,
}
