"""Reads logs: npm's debug log, what npm and other publishing tools print, and all of that as a CI shows it.

One pass over the lines, in bounded memory: of a log of any size only the facts about its publishes are kept.
"""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.log import Attempt, Line, Tool, Transcript
from safepublish.facts.run import PLACEHOLDER
from safepublish.logs import ci_formats, sentences, tools
from safepublish.logs import wording as words
from safepublish.logs.state import LONGEST, State
from safepublish.npm import bundled
from safepublish.npm.secrets import redacted
from safepublish.npm.tool_versions import parse

_FIRST_LINES = 200
"""Lines in which the CI shows itself by the way it dresses them."""

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
_NEXT_NOTICE = ("📦", "package:", "Publishing to", "name:", "Tarball", "=== Tarball")
"""What npm notices of the next package, when it has said its last word about one."""


def read(blocks: Iterable[bytes]) -> Transcript:
    """What failed and what went out in a log, given in blocks of bytes of any size."""
    state = State()
    for number, raw in ci_formats.lines(blocks):
        state.number = number
        _take(state, raw)
    return state.transcript()


def _take(state: State, raw: str) -> None:
    text = ci_formats.undressed(raw)
    if ci_formats.in_script(raw):
        _command(state, text, in_head=True)
        return
    if not text:
        return
    if state.number < _FIRST_LINES and "ci" not in state.shared:
        _dressed_by(state, raw)
    if "404 for npm info" in text and tools.unseen(state, text, state.quote(text)):
        return
    match = (words.NPM.search(text) if "npm " in text else None) or words.DEBUG_LOG.match(text)
    if match:
        _npm(state, words.LEVELS.get(match[1], match[1]), (match[2] or "").rstrip(), text)
        return
    match = tools.LERNA.search(text) if "lerna " in text else None
    if match:
        level = words.LEVELS.get(match[1], match[1])
        if level == "http" or match[2].startswith("oidc "):
            state.tool_is(Tool.LERNA)
            state.now.detail(level)
            _npm_line(state, level, match[2], text)
        else:
            tools.lerna(state, level, match[2], text)
        return
    _other(state, text, raw)


def _dressed_by(state: State, raw: str) -> None:
    """The CI, as the first lines show it: GitHub's time stamps have seven digits, CircleCI echoes bash."""
    if words.GITHUB_STAMP.search(raw):
        state.shared["ci"] = Ci.GITHUB
    elif raw.startswith(words.CIRCLECI_HEAD):
        state.shared["ci"] = Ci.CIRCLECI
    elif "section_start:" in raw or " 00O " in raw or " 01O " in raw:
        state.shared["ci"] = Ci.GITLAB


# npm


def _npm(state: State, level: str, rest: str, text: str) -> None:
    now = state.now
    if level == "error":
        _error(state, rest, text)
        return
    ended = now.over or (now.code is not None and state.tool is not Tool.CHANGESETS)  # which prints npm's words below
    if ended and _of_the_next_run(state, level, rest):
        state.flush()
    state.now.detail(level)
    _npm_line(state, level, rest, text)


def _npm_line(state: State, level: str, rest: str, text: str) -> None:
    handle = _HANDLERS.get(level)
    if handle is not None:
        handle(state, rest, state.quote(text))


def _of_the_next_run(state: State, level: str, rest: str) -> bool:
    """Whether this line belongs to the next run of npm, the one at hand having ended."""
    if level == "notice":
        return rest.startswith(_NEXT_NOTICE)
    if level == "http":
        return state.now.over
    return rest.startswith(("cli ", "using npm@"))


def _error(state: State, rest: str, text: str) -> None:
    line = state.quote(text)
    if rest.startswith("A complete log of this run"):
        _paths(state, rest, line)
        state.now.over = state.now.begun
        run = words.RUN_LOG.search(rest)
        state.now.run = run[0] if run else None
        return
    if state.now.over and words.LOG_PATH.match(rest):  # on a line of its own below those words, up to npm 9
        _paths(state, rest, line)
        run = words.RUN_LOG.search(rest)
        state.now.run = run[0] if run else state.now.run
        return
    # What a sentence told before npm's own line with the code; and changesets prints npm's words below its own.
    again = rest == f"code {state.now.code}" and (state.tool is Tool.CHANGESETS or not state.now.stated)
    starts = rest.startswith("code ") or words.FAILED_PUT.match(rest) is not None
    if state.now.over or (starts and state.now.code is not None and state.now.errors and not again):
        state.flush()
    if rest.startswith("code "):
        code = rest[5:].strip()
        if words.CODE_WORD.fullmatch(code):
            state.now.fields.pop("code", None)
            state.now.quotes.pop("code", None)
            state.now.fail(code, line)
            state.now.stated = True
    else:
        errno = words.ERRNO.match(text)
        if errno:  # of the error that npm prints whole, where the line with its code is cut off
            state.now.fail(errno[1], line)
        sentences.take(state, text if "npm ERR!" in text else rest, line)
        state.now.error(line)


def _notice(state: State, rest: str, line: Line) -> None:
    now = state.now
    field, _, value = rest.partition(":")
    now.dry = now.dry or rest.endswith("(dry-run)")
    if rest.startswith(("📦", "package:")):
        match = words.TARBALL.search(rest)
        state.package(match[1] if match else None, match[2] if match else None, line)
    elif field in {"total files", "package size"}:
        now.amend("packed", line)
    elif field in {"name", "version"} and value.strip():
        now.amend(field, line, **{field: value.strip()[:214]})
    elif rest.startswith(("Publishing to", "Staging to")):
        now.amend("publishing", line)
        sentences.registry(state, rest, line)
    elif "Signed provenance statement" in rest or "Provenance statement published" in rest:
        now.amend("signed", line, signed=True)
    elif "version of npm available" in rest:
        match = words.NEWER_NPM.search(rest)
        _hint(state, match[1] if match else None, line)
    elif rest.startswith(("Access token", "This ", "Your ", "Security")):
        now.notice(line)


def _http(state: State, rest: str, line: Line) -> None:
    match = words.ID_TOKEN.search(rest)
    if match:
        state.noted("minted", line, minted=match[2].startswith("2"))
        return
    match = words.FETCH.search(rest)
    if match is None:
        return
    method, status, url = match[1], int(match[2]), match[3]
    if method == "POST" and words.EXCHANGE in url:
        _named_by_exchange(state, url)
        state.noted("exchange", line, exchange_status=status)
    elif method == "PUT" and "/dist-tags/" in url:
        state.now.fields["command"] = "npm dist-tag"
    elif method == "PUT" or (method == "POST" and "/-/stage/package/" in url):
        state.now.amend("put", line, put_status=status, published=status < 300)
        if state.tool is Tool.LERNA:  # which does not name the registry
            sentences.at_registry(state, url, line)
    elif method == "GET" and _is_packument(state, url):
        state.now.amend("packument", line, packument_status=status)


def _named_by_exchange(state: State, url: str) -> None:
    """With --json npm lists no tarball: then its exchange alone names the package, and several are not told apart."""
    last = state.now.last
    name = unquote(url.partition(words.EXCHANGE)[2])
    if "package" in last.quotes or state.tool is not Tool.NPM:
        return
    if last.exchange_status is not None:
        state.now.amend("", None, name=name if last.name == name else None)
    elif last.name is None:
        state.now.amend("", None, name=name)


def _is_packument(state: State, url: str) -> bool:
    """Whether *url* is that of the package at hand: npm asks for it between the exchange and the upload."""
    name = state.now.last.name
    if name is None or "/-/" in url:
        return False
    return url.lower().endswith((f"/{name}", f"/{name.replace('/', '%2f')}"))


def _told(state: State, rest: str, line: Line) -> None:
    """The lines npm writes for itself, at the levels info, verbose and silly."""
    for start, note in _STARTS:
        if rest.startswith(start):
            note(state, rest[len(start) :], line)
            return


def _began(state: State, rest: str, line: Line) -> None:
    if state.now.begun:
        state.flush()
    _paths(state, rest, line)


def _using_npm(state: State, rest: str, line: Line) -> None:
    if state.now.begun and state.now.fields.get("npm") is not None:
        state.flush()
    state.now.fields["npm"] = parse(rest)
    state.now.quotes["npm"] = line


def _using_node(state: State, rest: str, line: Line) -> None:
    state.now.fields["node"] = parse(rest)
    state.now.quotes["node"] = line


def _at_package(state: State, _rest: str, _line: Line) -> None:
    if state.now.last != Attempt():
        state.now.attempts.append(Attempt())


def _of_oidc(state: State, said: str, line: Line) -> None:
    if said.startswith("Successfully retrieved"):
        state.noted("oidc", line, oidc=said, exchanged=True)
    elif not said.startswith(("Cleared", "Enabling provenance", "Failed to set provenance")):
        # Those three say nothing about the exchange itself.
        state.noted("oidc", line, oidc=said[:LONGEST])


def _title(state: State, rest: str, _line: Line) -> None:
    state.learn(rest)
    state.now.fields["command"] = redacted(rest.strip())[:200]


def _argv(state: State, rest: str, _line: Line) -> None:
    state.learn(rest)


def _npm_again(state: State, rest: str, line: Line) -> None:
    state.now.fields["npm"] = parse(rest)
    state.now.quotes.setdefault("npm", line)


def _exit(state: State, rest: str, _line: Line) -> None:
    if rest.isdigit() and len(rest) < 6:
        state.now.fields["status"] = int(rest)


def _stack(state: State, rest: str, line: Line) -> None:
    _paths(state, rest, line)
    sentences.take(state, rest, line)
    if state.now.thrown is None and words.SENTENCE.search(rest):
        state.now.thrown = line


def _logfile(state: State, rest: str, _line: Line) -> None:
    """A debug log has its own name at its head, by which the run is known that stands on the screen as well."""
    run = words.RUN_LOG.search(rest)
    if run and state.now.run is None and not state.now.over and state.now.code is None:
        state.now.run = run[0]


def _cwd(state: State, rest: str, line: Line) -> None:
    _place(state, rest, line)


def _warn(state: State, rest: str, line: Line) -> None:
    if "Skipped OIDC" in rest:
        tools.skipped_oidc(state, rest, line)
    elif "requires you to be logged in to" in rest:  # a dry run goes on, and ends with 0
        state.now.dry = state.now.dry or rest.endswith("(dry-run)")
        sentences.take(state, rest, line)


_STARTS: tuple[tuple[str, Callable[[State, str, Line], None]], ...] = (
    ("cli ", _began),
    ("using npm@", _using_npm),
    ("using node@", _using_node),
    ("publish [", _at_package),
    ("stage [", _at_package),
    ("oidc ", _of_oidc),
    ("title ", _title),
    ("argv ", _argv),
    ("npm  v", _npm_again),
    ("npm v", _npm_again),
    ("exit ", _exit),
    ("logfile ", _logfile),
    ("cwd ", _cwd),
    ("stack ", _stack),
)
_HANDLERS: dict[str, Callable[[State, str, Line], None]] = {
    "notice": _notice,
    "http": _http,
    "verbose": _told,
    "silly": _told,
    "info": _told,
    "warn": _warn,
}


# everything else


def _other(state: State, text: str, raw: str) -> None:
    if text.startswith("Run ") or "##[group]Run " in raw:
        _step(state, text.partition("##[group]")[2] or text)
        return
    match = words.TOKEN.match(text)
    if match:
        _variable(state, match[1], match[2].strip(), state.quote(text))
        return
    _around(state, text)
    if _version(state, text) or _shell(state, text):
        return
    line = state.quote(text)
    if tools.take(state, text, line):
        return
    match = words.WENT_OUT.match(text)
    if match and (state.now.begun or "publish" in (state.command or "")):
        state.went_out(match[1], match[2], line)
        return
    _loose(state, text, line)


def _step(state: State, text: str) -> None:
    """The head of a step in GitHub's log: what runs, below it the variables it is given."""
    state.shared.setdefault("ci", Ci.GITHUB)
    if state.now.over or state.now.code is not None:
        state.flush()
    state.tokens = {}
    state.command = None
    match = words.RUN.search(text)
    if match:
        _command(state, match[1])


def _around(state: State, text: str) -> None:
    """What the CI says about itself, and the Node that paths show."""
    if "node" in text:
        match = words.NODE_PATH.search(text)
        if match:
            _node_hint(state, match[1], state.quote(text))
    if "pull/" in text and words.PULL_REQUEST.search(text):
        state.shared["pull_request"] = True
        state.quotes.setdefault("pull_request", state.quote(text))
    for starts, ci in _RUNNERS:
        if text.startswith(starts):
            state.shared["ci"] = ci
            state.quotes.setdefault("ci", state.quote(text))


def _version(state: State, text: str) -> bool:
    """Whether the line is an answer to `npm --version`, or names npm's version as scripts do."""
    if len(text) > 80:
        return False
    match = words.BARE_VERSION.match(text)
    if match:
        if state.number <= state.version_until:
            _hint(state, match[1], state.quote(text))
        return True
    match = words.ECHOED_NPM.search(text) if "npm" in text.lower() else None
    if match:
        _hint(state, match[1], state.quote(text))
    return match is not None


def _shell(state: State, text: str) -> bool:
    """Whether the line is a command that a shell or a package manager echoes."""
    match = words.SHELL.match(text)
    if match:
        if state.now.over or state.now.stated:
            state.flush()
        _command(state, match[1])
        return True
    if len(text) < 200 and words.PUBLISHES.match(text):
        _command(state, text)
    return False


def _command(state: State, text: str, *, in_head: bool = False) -> None:
    state.learn(text)
    if words.ASKS_VERSION.search(text):
        state.version_until = state.number + (14 if in_head else 6)
    if words.UPGRADE.search(f"{text} "):
        state.upgraded = state.quote(text)
        state.shared.pop("npm_hint", None)
        state.command = "npm install --global npm"
    elif words.PUBLISHES.search(text):
        state.command = redacted(text)[:200]
    elif not in_head:
        match = words.OTHER_COMMAND.search(text)
        state.command = f"npm {match[1]}" if match else state.command


def _variable(state: State, name: str, value: str, line: Line) -> None:
    """A variable in the head of a step, of which GitHub hides a secret behind three stars."""
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


def _hint(state: State, text: str | None, line: Line) -> None:
    state.hint(text)
    if text:
        state.quotes["npm_hint"] = line


def _node_hint(state: State, text: str, line: Line) -> None:
    """The Node that a path shows brings an npm, unless a step has put another beside it, or npm itself was asked."""
    if state.upgraded is None and "npm_hint" not in state.shared:
        _hint(state, str(bundled.bundled_npm(text) or ""), line)


def _paths(state: State, text: str, line: Line) -> None:
    match = words.NODE_PATH.search(text)
    if match:
        _node_hint(state, match[1], line)
    _place(state, text, line)


def _place(state: State, text: str, line: Line) -> None:
    """Where the path of a working directory or a debug log shows the CI."""
    if "ci" in state.shared:
        return
    for pattern, ci in _PLACES:
        if re.search(pattern, text):
            state.shared["ci"] = ci
            state.quotes.setdefault("place", line)
            return


# loose lines: pasted without npm's prefix, broken where they wrapped, or from JSON


def _loose(state: State, text: str, line: Line) -> None:
    match = words.CODE.match(text) or words.JSON_CODE.match(text.strip())
    if match:
        if state.now.code is not None and state.now.errors and not (state.now.retold and match[1] == state.now.code):
            state.flush()
        state.now.fail(match[1], line)
        return
    if text.strip() == "npm publish stdout:":  # nx prints what npm printed as JSON below what it made of it
        state.now.retold = True
        return
    match = words.JSON_TEXT.match(text.strip())
    if match:
        _json_text(state, match[1], line)
        return
    if words.NPM_MISSING.search(text):
        state.flush()
        state.now.fail("npm-missing", line)
        state.now.error(line)
        state.flush()
        return
    if _of_the_exchange(state, text, line) or words.QUOTES_ITSELF.match(text):
        return
    if words.SENTENCE.search(text) or any(one.search(text) for one in _ANSWERS):
        sentences.take(state, text, line)
        state.now.error(line)
        return
    match = words.PREPUBLISH.match(text)
    if match:
        state.package(match[1], match[2], line)
        state.now.amend("publishing", line)
        return
    match = words.TARBALL.search(text)
    if match:
        state.package(match[1], match[2], line)


_ANSWERS = (words.STATUS, words.WORD_STATUS, words.PUT, words.SHORT_PUT, words.PUT_BEHIND, words.FAILED_PUT)


def _json_text(state: State, text: str, line: Line) -> None:
    """The summary or detail of `npm publish --json`."""
    try:
        said = json.loads(text, strict=False)
    except ValueError:
        return
    for part in said.splitlines()[:20]:
        quote = Line(line.number, part)
        sentences.take(state, part, quote)
        state.now.error(quote)


def _of_the_exchange(state: State, text: str, line: Line) -> bool:
    """What a loose line tells of the exchange; whether that is all it tells."""
    match = words.EXCHANGED.search(text)
    if match:
        state.noted("exchange", line, exchange_status=int(match[1]))
    if "Access token expired or revoked" in text:
        state.now.notice(line)
    if "Signed provenance statement" in text:
        state.now.amend("signed", line, signed=True)
    match = words.OIDC.search(text)
    if match and not state.now.last.exchanged:
        state.noted("oidc", line, oidc=match[1][:LONGEST])
        status = tools.PNPM_STATUS.search(match[1]) if state.tool is Tool.PNPM else None
        if status:
            state.noted("exchange", line, exchange_status=int(status[1]), minted=True)
        return True
    return False
