"""What pnpm, yarn, lerna, changesets, semantic-release, release-it, auto and bun print of a publish.

Read from pnpm 10 to 12, yarn 1.22 and 4, lerna 8 to 10, changesets 2 and 3, semantic-release 24 and 25, release-it 19
and 20, bun 1.4, as the real tools printed it; auto from its source. What nx and npm-publish print is npm's own.
"""

import re
from typing import Any

from safepublish.facts.kinds import Ci
from safepublish.facts.log import Line, Tool
from safepublish.logs import sentences, wording
from safepublish.logs.state import LONGEST, State
from safepublish.logs.wording import NAME, SPEC

LERNA = re.compile(r"(?<![\w/@.-])lerna (ERR!|WARN|notice|http|verb|sill|info|success)(?= |$) ?(.*)")
_LERNA_CODE = re.compile(r"(E[A-Z0-9_]{2,40})\b ?(.*)")
_LERNA_OUT = re.compile(rf"published ({NAME}) (\d+\.\d+\.\d+\S*)")
_LERNA_FAILED = "notice Package failed to publish: "
_PNPM_CODE = re.compile(r"\[(E\d{3}|E[A-Z]{3,20}|[A-Z][A-Z_]{5,60})\] (.*)|pnpm: (\d{3}) (.*)")
_PNPM_FAILED = re.compile(rf"Failed to publish package {SPEC} \(status (\d{{3}}) ?([^)]*)\)")
_PNPM_TARBALL = re.compile(rf"📦 {SPEC} → (\S+)")
PNPM_STATUS = re.compile(r"status code (\d{3})")
_YARN = re.compile(r"➤?\s*(YN\d{4}): ?[│┌└· ]*(.*)")
_YARN_ANSWER = re.compile(r"Response Code: (\d{3})\b")
_YARN_URL = re.compile(r"Request URL: (https?://\S+)")
_YARN_RELEASE = re.compile(r"\bYarn (\d{1,3}\.\d{1,4}\.\d{1,4})")
_YARN_CODES = {"not found": "E404", "unauthorized": "E401", "forbidden": "E403"}
_YARN_STATUS = re.compile(r": (Not found|Unauthorized|Forbidden)", re.IGNORECASE)
_SEMANTIC = re.compile(r"Running semantic-release version (\d{1,3}\.\d{1,4}\.\d{1,4})")
_SEMANTIC_NPM = re.compile(r"Command failed with exit code \d+: npm publish .*--registry [\"']?(https?://[^\s\"']+)")
_CHANGESET = re.compile(rf"(?:error )?an error occurred while publishing ({NAME}): (\S+) ?(.*)")
_CHANGESET_3 = re.compile(r"└ ([A-Z][A-Z0-9_]{2,50}): ?(.*)")
_CHANGESETS_UNNAMED = "No NPM_TOKEN or OIDC available"  # changesets/action: neither that nor the id token's variables
_CHANGESETS_IDENTITY = "OIDC is available - using npm trusted publishing"  # the same, which found those variables
_ONLY_SPEC = re.compile(rf"{SPEC}$")
_NX_OUT = re.compile(r"Published to https?://\S+ with tag ")
_BUN = re.compile(r"bun publish v(\d{1,3}\.\d{1,4}\.\d{1,4})")
_BUN_STATUS = re.compile(r"([45]\d\d) [A-Z][\w ]{1,30}: https?://\S+$")
_BUN_SPEC = re.compile(rf"- '{SPEC}' does not exist in this registry")
_UNSEEN = re.compile(
    rf"Received 404 for npm info \"({NAME})\"|Package ({NAME}) was not found in the registry\.$"
    rf"|Unable to determine published version, assuming \"({NAME})\" unpublished"
)


def take(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of these tools', whose facts are then noted."""
    if unseen(state, text, line):
        return True
    takes = (_pnpm, _yarn_classic, _yarn, _semantic_release, _changesets, _nx, _others)
    return any(one(state, text, line) for one in takes)


def unseen(state: State, text: str, line: Line) -> bool:
    """Whether the line says that the registry did not show the tool a package, which is then noted."""
    match = _UNSEEN.search(text) if "found in" in text or "npm info" in text or "unpublished" in text else None
    if match:
        state.not_there(match[1] or match[2] or match[3], line)
    return match is not None


def _ended(state: State, code: str, text: str, line: Line) -> None:
    state.now.fail(code, line)
    sentences.take(state, text, line)
    state.now.error(line)


def lerna(state: State, level: str, rest: str, text: str) -> None:
    """A line of lerna's own log; its http lines are npm's."""
    line = state.quote(text)
    state.tool_is(Tool.LERNA)
    state.now.detail("http" if level == "info" else level)  # lerna's log has http above info
    unseen(state, rest, line)
    if rest.startswith("cli v"):
        state.tool_is(Tool.LERNA, version=rest[5:], line=line)
    elif rest.startswith(_LERNA_FAILED):
        state.next_package(rest.removeprefix(_LERNA_FAILED).strip(), None, line)
    elif level == "success":
        match = _LERNA_OUT.match(rest)
        if match:
            state.went_out(match[1], match[2], line)
    elif level == "error":
        _lerna_error(state, rest, line)
    elif level in {"verbose", "silly"}:
        sentences.take(state, rest, line)


def _lerna_error(state: State, rest: str, line: Line) -> None:
    match = _LERNA_CODE.match(rest)
    if match:
        if state.now.code is not None:
            state.next_package(None, None, line)
        state.now.fail(match[1], line)
        state.give_oidc()
    sentences.take(state, rest, line)
    state.now.error(line)


def _pnpm(state: State, text: str, line: Line) -> bool:
    if "Skipped OIDC" in text:
        skipped_oidc(state, text, line)
        return True
    match = _PNPM_TARBALL.search(text) if "📦" in text else None
    if match:
        state.tool_is(Tool.PNPM)
        state.next_package(match[1], match[2], line)
        return True
    match = _PNPM_FAILED.search(text) if "Failed to publish" in text else None
    if match:
        state.tool_is(Tool.PNPM)
        if state.now.last.name != match[1]:
            state.next_package(match[1], match[2], line)
        state.now.fail(f"E{match[3]}", line)
        state.now.amend("put", line, put_status=int(match[3]))
        state.now.error(line)
        return True
    match = wording.ID_TOKEN.match(text)
    if match:
        state.tool_is(Tool.PNPM)
        state.noted("minted", line, minted=match[2].startswith("2"))
        return True
    return _pnpm_error(state, text, line)


def _pnpm_error(state: State, text: str, line: Line) -> bool:
    match = _PNPM_CODE.match(text)
    if match and state.tool is Tool.PNPM:
        _ended(state, match[1] or f"E{match[3]}", text, line)
        state.give_oidc()
        return True
    if not text.startswith(("Error: ERR_PNPM_", "ERR_PNPM_")):
        return False
    code = text.removeprefix("Error: ").split()[0][:60]
    if code != "ERR_PNPM_FAILED_TO_PUBLISH":  # the next line has the registry's status
        state.tool_is(Tool.PNPM)
        state.now.fail(code, line)
    state.now.error(line)
    return True


def skipped_oidc(state: State, text: str, line: Line) -> None:
    """Pnpm's `[WARN] Skipped OIDC`; it reads the registry's words at the wrong place and says "Unknown error"."""
    state.tool_is(Tool.PNPM)
    code, _, said = text.partition("Skipped OIDC: ")[2].partition(": ")
    status = PNPM_STATUS.search(said or code)
    fields: dict[str, Any] = {"oidc": (said or code)[:LONGEST]}
    if status:
        fields |= {"exchange_status": int(status[1]), "minted": True}
    state.told(fields, line)


def _yarn_classic(state: State, text: str, line: Line) -> bool:
    if text.startswith("yarn publish v1."):
        state.tool_is(Tool.YARN_CLASSIC, version=text[14:], line=line)
    elif "Couldn't publish package" in text or "No token found and can't prompt" in text:
        if state.now.stated:  # npm's own publish, above
            state.flush()
        state.tool_is(Tool.YARN_CLASSIC)
        status = _YARN_STATUS.search(text)
        state.now.fail(_YARN_CODES[status[1].lower()] if status else "ENEEDAUTH", line)
        state.now.error(line)
    else:
        return False
    state.now.amend("publishing", line)
    return True


def _yarn(state: State, text: str, line: Line) -> bool:
    match = _YARN.match(text)
    if match is None:
        return False
    code, said = match[1], match[2]
    release = _YARN_RELEASE.search(said)
    if release and state.tool in {Tool.NPM, Tool.YARN}:
        state.shared.pop("npm_hint", None)
        state.tool_is(Tool.YARN, version=release[1], line=line)
    elif said.startswith(("Publishing to ", "Error while publishing")):
        state.tool_is(Tool.YARN)
        state.now.amend("publishing", line)
    elif code in {"YN0033", "YN0041"} or "No authentication configured" in said:
        _yarn_ended(state, "ENEEDAUTH", line)
    elif code == "YN0035" and state.tool is Tool.YARN and state.now.begun:
        _yarn_answered(state, said, line)
    elif "Package archive published" in said or "staged for approval" in said:
        state.tool_is(Tool.YARN)
        state.now.amend("published", line, published=True)
        state.flush()
    return True


def _yarn_answered(state: State, said: str, line: Line) -> None:
    """Yarn tells of an answer in several lines: that there is one, its status, and the URL."""
    _yarn_ended(state, "E404", line)
    status, url = _YARN_ANSWER.search(said), _YARN_URL.search(said)
    if status:
        state.now.fields["code"] = f"E{status[1]}"
        state.now.amend("put", line, put_status=int(status[1]))
    elif url:
        sentences.at_registry(state, url[1], line)
        if state.now.last.name is None:
            state.now.amend("name", line, name=sentences.package_of(url[1]))


def _yarn_ended(state: State, code: str, line: Line) -> None:
    state.tool_is(Tool.YARN)
    state.now.amend("publishing", line)
    state.now.fail(code, line)
    state.now.error(line)


def _semantic_release(state: State, text: str, line: Line) -> bool:
    match = _SEMANTIC.search(text) if "semantic-release" in text else None
    if match:
        state.tool_is(Tool.SEMANTIC_RELEASE, version=match[1], line=line)
        return True
    for words, note in _SEMANTIC_WORDS:
        if words in text:
            if words == "EINVALIDNPMTOKEN":
                _asked_itself(state)
            state.tool_is(Tool.SEMANTIC_RELEASE)
            note(state, text, line)
            return True
    match = _SEMANTIC_NPM.search(text) if "npm publish" in text else None
    if match and state.now.begun:
        sentences.at_registry(state, match[1], line)
        return True
    if state.tool is Tool.SEMANTIC_RELEASE and ("npm token (" in text or "[npm token]" in text):
        state.now.error(line)
        return True
    return False


def _semantic_refused(state: State, text: str, line: Line) -> None:
    status, _, said = text.partition("registry failed: ")[2].partition(" ")
    fields: dict[str, Any] = {"oidc": said or status, "minted": True}
    if status.isdigit() and len(status) == 3:
        fields["exchange_status"] = int(status)
    state.told(fields, line)


def _semantic_without_id_token(state: State, text: str, line: Line) -> None:
    denied = "ACTIONS_ID_TOKEN_REQUEST" in text
    said = "Incorrect permissions: " if denied else "Failed to fetch id_token: "
    state.told({"oidc": said + text.partition("failed: ")[2][:LONGEST]}, line)


def _semantic_exchanged(state: State, text: str, line: Line) -> None:
    state.told({"oidc": text[:LONGEST], "exchanged": True, "minted": True}, line)


def _semantic_tried(state: State, _text: str, line: Line) -> None:
    state.quotes.setdefault("oidc_tried", line)


def _asked_itself(state: State) -> None:
    """Take an `npm whoami` that failed as semantic-release's own: so it tries a token (its lib/verify-auth.js)."""
    now = state.now
    if now.fields.get("command") == "npm whoami":
        for fact in ("command", "code"):
            del now.fields[fact]
        now.quotes.pop("code", None)
        now.over = False


def _semantic_ended(state: State, text: str, line: Line) -> None:
    state.now.fail("ENONPMTOKEN" if "ENONPMTOKEN" in text else "EINVALIDNPMTOKEN", line)
    state.now.error(line)
    state.give_oidc()


def _semantic_tags(state: State, text: str, _line: Line) -> None:
    """Its lib/add-channel.js moves a version that is out; "Publishing version … on dist-tag" is its lib/publish.js."""
    if "Adding version" in text:
        state.now.fields["command"] = "npm dist-tag add"


_SEMANTIC_WORDS = (
    ("OIDC token exchange with the npm registry failed", _semantic_refused),
    ("Retrieval of GitHub Actions OIDC token failed", _semantic_without_id_token),
    ("OIDC token exchange with the npm registry succeeded", _semantic_exchanged),
    ("Verifying OIDC context", _semantic_tried),
    ("ENONPMTOKEN", _semantic_ended),
    ("EINVALIDNPMTOKEN", _semantic_ended),
    ("to npm registry on dist-tag", _semantic_tags),
)


def _changesets(state: State, text: str, line: Line) -> bool:
    match = _CHANGESET.search(text) if "while publishing" in text else None
    if match:
        state.tool_is(Tool.CHANGESETS)
        state.next_package(match[1], None, line)
        _ended(state, match[2] if wording.CODE_WORD.fullmatch(match[2]) else "E", text, line)
        return True
    if text.startswith(_CHANGESETS_UNNAMED):
        state.quotes["no_identity"] = line
        return True
    if _CHANGESETS_IDENTITY in text:
        state.quotes["identity"] = line
        state.shared["ci"] = Ci.GITHUB
        return True
    if text.startswith(("changeset v", "info Publishing ")):
        state.tool_is(Tool.CHANGESETS, version=text[11:] if text.startswith("changeset v") else None)
        return True
    if "packages published successfully" in text or text.endswith("Successfully published:"):
        state.listing = True
        return True
    match = _ONLY_SPEC.match(text)
    if match:
        state.spec = (match[1], match[2])
        if state.listing:
            state.went_out(match[1], match[2], line)
        return True
    match = _CHANGESET_3.match(text)
    if match:
        state.tool_is(Tool.CHANGESETS)
        name, version = state.spec or (None, None)
        state.next_package(name, version, line)
        _ended(state, match[1], text, line)
        return True
    state.listing = state.listing and text.startswith("New tag")
    return False


def _others(state: State, text: str, line: Line) -> bool:
    match = _BUN.match(text)
    if match:
        state.tool_is(Tool.BUN, version=match[1], line=line)
        state.now.amend("publishing", line)
        return True
    if "don't have a NPM_TOKEN available" in text:
        state.tool_is(Tool.AUTO)
        state.now.amend("publishing", line)
        _ended(state, "ENONPMTOKEN", text, line)
        return True
    if "missing authentication (run `bunx npm login`)" in text:
        state.tool_is(Tool.BUN)
        state.now.amend("publishing", line)
        _ended(state, "ENEEDAUTH", text, line)
        return True
    if "Not authenticated with npm. Please `npm login`" in text:
        state.tool_is(Tool.RELEASE_IT)
        _ended(state, "ENEEDAUTH", text, line)
        return True
    if "InvalidTokenError: Token must be a non-empty string" in text:
        state.tool_is(Tool.NPM_PUBLISH)
        _ended(state, "ENONPMTOKEN", text, line)
        return True
    return state.tool is Tool.BUN and _bun(state, text, line)


def _nx(state: State, text: str, line: Line) -> bool:
    """Nx prints npm's words as its own, and the tarball's of what went out alone."""
    if text == "npm publish error:":
        state.flush()
        return True
    last = state.now.last
    if _NX_OUT.match(text) is None or last.name is None or last.version is None or state.now.code is not None:
        return False
    state.went_out(last.name, last.version, line)
    state.flush()
    return True


def _bun(state: State, text: str, line: Line) -> bool:
    match = _BUN_SPEC.search(text)
    if match:
        state.now.amend("name", line, name=match[1], version=match[2])
        return True
    match = _BUN_STATUS.match(text)
    if match:
        state.now.amend("put", line, put_status=int(match[1]))
        _ended(state, f"E{match[1]}", text, line)
    return match is not None
