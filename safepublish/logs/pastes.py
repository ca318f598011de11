"""Undoes what pasting does to a log: lines that were wrapped, and a log inside JSON, JavaScript, Markdown or HTML."""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator

from safepublish.logs import wording
from safepublish.logs.phrases import Phrases

MOST_FRAGMENTS = 24
"""Lines that are joined to one, at most: npm's longest sentence in a column of 20 characters."""

MOST_CONTINUED = 1000
"""Lines of a log that are tried as the rest of another, at most: a paste is short."""

LONGEST = 4 * 1024
"""Characters of a joined line, at most."""

MOST_NESTED = 3
"""Levels of quotation that are undone: JSON in JSON is common, as a log's `message` in the body of an issue."""

_SIGNALS = ("npm", "ublish", "ERR", "OIDC")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)(?:"(\s*:)?|$)')  # with the colon behind a key; the last may be cut off
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'")
_WHOLE = re.compile(r'\s*"((?:[^"\\]|\\.)*)",?\s*$')
_VALUE = re.compile(r'\s*(?:\{\s*|\[\s*)*(?:"[^"\\]{1,60}"\s*:|[\[{"])')  # how a line of JSON starts
_TEXT_KEY = re.compile(r'"(?:log|msg|message|line|text|stdout|stderr|output|body|content)"\s*:')
_KEYED = re.compile(r'\b(?:msg|message|log|text|line|body)="((?:[^"\\]|\\.){8,})(?:"|$)')  # logfmt
_BREAK = re.compile(r"<br ?/?>")
_LIST = re.compile(r'[\[:,]\s*\[\s*"|^\s*\["')
_ESCAPE = re.compile(r"\\(?:(n)|(r|b|f|u001b)|(t)|(.))")
_NPM = r"p?npm (?:ERR!|error|WARN|warn|notice|http|verb|verbose|sill|silly|info)(?=\s|$)"
_LOG_LINE = re.compile(rf"{_NPM}|\d{{1,6}} (?:error|verbose|silly|http|info|notice|warn) |\[?ERR_PNPM_")
_ENTITY = re.compile(r"&(?:quot|gt|lt|amp|apos|nbsp|#\d{2,4}|#x[0-9a-fA-F]{2,4});")
_TAG = re.compile(r"</?(?:pre|code|p|br|div|span|samp|tt|li|td|tr|blockquote)\b[^<>]{0,200}>")
_BULLET = re.compile(
    rf"^(?:[-*+•]|\d{{1,3}}[.)])\s+(?=`?(?:{_NPM}|\$ npm|➤|[45]\d\d "
    r"|\[?ERR_|\[(?:E|WARN)|E[A-Z\d]{3,}|OIDC|Error|error|pnpm|lerna))"
)


def unpacked(line: str, depth: int = MOST_NESTED) -> Iterator[str]:
    """The lines of a log that *line* holds in a string of JSON or JavaScript or in an annotation; else *line*."""
    parts = _parts(line) if depth else None
    if parts is None:
        yield line
        return
    for part in parts:
        for inner in part.splitlines():
            yield from unpacked(inner, depth - 1)


def _parts(line: str) -> list[str] | None:
    """The texts inside *line*; None where it holds none."""
    whole = _WHOLE.match(line) if '"' in line else None
    if whole:
        return [_from_json(whole[1])]
    if not any(signal in line for signal in _SIGNALS):
        return None
    separate = _separate_lines(line)
    if separate is not None:
        return separate
    if '"' in line and _VALUE.match(line) and not wording.JSON_TEXT.match(line.strip()):
        strings = [_from_json(text) for text, key in _DOUBLE.findall(line) if not key]
        if (
            _LIST.search(line)
            or any(_is_log(text) for text in strings)
            or (_TEXT_KEY.search(line) and line.rstrip().endswith("}"))
        ):
            return strings
    return _escaped_lines(line) if "\\n" in line else None


def _separate_lines(line: str) -> list[str] | None:
    """The lines that *line* holds where something else than a line break, and no quotation, separates them."""
    if "%0A" in line:
        return [line.replace("%0D", "").replace("%0A", "\n").replace("%25", "%")]
    if "\r" in line.rstrip("\r") and sum(1 for part in line.split("\r") if _LOG_LINE.search(part)) > 1:
        return line.split("\r")
    parts = _BREAK.split(line) if "<br" in line else []
    if sum(1 for part in parts if part.strip()) > 1:
        return parts
    keyed = _KEYED.search(line) if '="' in line else None
    return [_unescaped(keyed[1])] if keyed else None


def _escaped_lines(line: str) -> list[str] | None:
    """The texts in a string of JavaScript, or the lines that *line* holds with a written line break between them."""
    if "'" in line:
        strings = [text for text in map(_unescaped, _SINGLE.findall(line)) if _is_log(text)]
        if strings:
            return strings
    text = _unescaped(line)
    return [text] if sum(1 for one in text.splitlines() if _LOG_LINE.search(one)) > 1 else None


def _is_log(text: str) -> bool:
    """Whether this string holds lines of a log: one of npm's, or several."""
    if _LOG_LINE.search(text):
        return True
    return ("\n" in text.strip() or "\\n" in text) and any(signal in text for signal in _SIGNALS)


def _from_json(text: str) -> str:
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return _unescaped(text)
    return str(value)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] else "" if match[2] else "\t" if match[3] else match[4], text)


def plain(text: str) -> str:
    """*text* without the marks of Markdown and HTML around it."""
    if "<" in text:
        text = _TAG.sub("", text).strip()
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if text.startswith(("-", "*", "+", "•")) or text[:1].isdigit():
        text = _BULLET.sub("", text, count=1)
    if text[:1] in _MARKS or text[-1:] in _MARKS:
        text = _FENCE.sub("", text)
    if text.startswith(("`", "*")):
        text = text.strip("`*")
    if "\\" in text and ":\\" not in text:
        text = _ESCAPED_MARK.sub(r"\1", text)
    return text.removesuffix("\\")


_MARKS = frozenset("`{[<}]>")
_FENCE = re.compile(
    r"^(?:\{(?:code|noformat|quote)(?::[^{}]{0,40})?\}|\[code\]|```(?:\w{1,12}$)?|<!\[CDATA\[)"
    r"|(?:\{(?:code|noformat|quote)\}|\[/code\]|```|\]\]>)$"
)
"""The marks of Slack, Jira, forums and XML that stand on one line with the text."""
_ESCAPED_MARK = re.compile(r"\\([_*\[\]`#~])")  # not in a path of Windows'


def unwrapped(lines: Iterable[tuple[int, str]], strip: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """The numbered *lines*, with those joined that are one line of a tool, as its words show."""
    held: list[tuple[int, str]] = []
    left = MOST_CONTINUED
    for number, raw in lines:
        if held and (len(held) >= MOST_FRAGMENTS or left <= 0 or not _may_continue(raw, strip)):
            yield from _joined(held, strip)
            held = []
        left -= bool(held)
        if held or (left > 0 and _SEAM_SIGNAL.search(raw) and "\x1b[36;1m" not in raw):
            held.append((number, raw))
        else:
            yield number, raw
    yield from _joined(held, strip)


def _may_continue(raw: str, strip: Callable[[str], str]) -> bool:
    """Whether this may be the rest of the line above: nothing in it starts a line of its own."""
    if not raw.strip() or "\t" in raw.strip() or _STAMP.search(raw[:60]) or "##[" in raw or "\x1b" in raw:
        return False
    text = strip(raw)
    return bool(text) and not (_STARTS.match(text) or _STARTS.match(raw.lstrip(" >|")) or wording.NPM.search(text[:30]))


def _joined(held: list[tuple[int, str]], strip: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """The lines of *held*, each with those below it that it goes on in."""
    texts = [raw.rstrip() if index == 0 else strip(raw) for index, (_, raw) in enumerate(held)]
    at = 0
    while at < len(held):
        number, raw = held[at]
        end, text = at + 1, texts[at] or raw
        while end < len(held) and len(text) < LONGEST:
            longer = _extended(text, texts[end : end + 4])
            if longer is None:
                break
            text, taken = longer
            end += taken
        yield number, text if end > at + 1 else raw
        at = end


def _extended(text: str, rest: list[str]) -> tuple[str, int] | None:
    """*text* with the fewest lines of *rest* that make it a wording of a tool across their seam; and how many."""
    for glue in (" ", ""):
        longer = text
        for taken, fragment in enumerate(rest, 1):
            seam = len(longer)
            longer = f"{longer}{glue}{fragment}"
            if _crosses(longer, seam):
                return longer, taken
    if rest and _URL_CUT.search(text) and _URL_REST.match(rest[0]):
        return text + rest[0], 1
    if rest and text.count('"') % 2 and any('"' in fragment for fragment in rest) and _LOG_LINE.search(text):
        glue = "" if "/" in text.rpartition('"')[2] else " "  # inside a URL there is no blank
        return f"{text}{glue}{rest[0]}", 1
    return None


def _crosses(text: str, seam: int) -> bool:
    """Whether a wording of a tool in *text* goes across *seam*."""
    start = max(0, seam - _WIDEST)
    matches = _SEAMS.matches(text[start : seam + _WIDEST])
    return any(match.start() < seam - start < match.end() for match in matches)


_WIDEST = 600  # characters of the longest wording
_URL_CUT = re.compile(r"(?:GET|PUT|POST|DELETE|to|PUT \d{3}) https?://\S+$")
_URL_REST = re.compile(r"[\w.%@~-]*[/%.][\w.%@~/-]*(?: |$)")
_STAMP = re.compile(r"\d\d:\d\d:\d\d")
_SEAM_SIGNAL = re.compile(r"npm|NPM|lerna|OIDC|oidc|ublish|\b[45]\d\d |\bE[A-Z]{3}|igstore|rovenance|oken|uth")
_STARTS = re.compile(
    rf"{_NPM}|lerna |\d{{1,6}} (?:error|verbose|silly|http|info|notice|warn)\b|\[[A-Z]|Error:|Run |\$ "
    r"|[+{}%#🦋📦✖⚠│├└─]|at .*:\d+:\d+\)?$|::"
)
"""How a line starts that is none's continuation."""
_SEAMS = Phrases(
    (
        *wording.SENTENCE.sources,
        r"Can't generate provenance for new or private package",
        r"\b[45]\d\d [A-Z][A-Za-z]+(?: [A-Z]\w+){0,2} - (?:GET|PUT|POST|DELETE) https?://[^\s/]+/\S+ - (?=[A-Z])",
        r"\b[45]\d\d [A-Z][A-Za-z]+(?: [A-Z]\w+){0,2} - (?:GET|PUT|POST|DELETE) https?://",
        r"(?:(?:Publishing|logged in|→|->) to|→|->|fetch (?:GET|PUT|POST) \d{3}) https?://",
        r"Skipped because (?:incorrect permissions|no id_token available)[\w\s-]*workflow",
        r"Failed token exchange request with body message: [\w\s-]+? - package not found",
        r"Failed token exchange request with body message",
        r"Failed to fetch id_?[tT]oken from GitHub",
        r"Failed because token exchange was missing",
        r"OIDC token exchange error - package not found",
        r"OIDC token exchange error",
        r"Unable to get ACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN)",
        r"Skipped OIDC: [^()]{1,300}\(status code \d{3}\)",
        r"Skipped OIDC: \w+: [\w ]{1,200}\b(?:permissions|available|variables?)\b",
        rf"Failed to publish package {wording.SPEC} \(status \d{{3}}[^)]{{0,60}}\)",
        r"oidc/token/exchange/package/",
        r"Successfully retrieved and set token",
        r"Signed provenance statement",
        r"Access token expired or revoked",
        r"problem related to network connectivity",
        r"Too Many Requests",
        r'"repository\.url" is "[^"]{0,200}", expected to match',
        r"Error verifying sigstore provenance bundle: Failed to validate repository information",
        r"Unsupported GitHub Actions (?:runner environment|source repository visibility)",
        r'Cannot implicitly apply the "latest" tag',
        r"You must specify a tag using --tag when publishing a prerelease version",
        r"cannot publish over (?:the )?previously (?:published|staged) versions?",
        r"Tag name must not be a valid SemVer range",
        r"Automatic provenance generation not supported",
        r"An \[?npm token\]? ?\(",
        r"\(reading 'prerelease'\)",
        r"No workspaces found",
        r"Could not read package\.json",
        r"npm: command not found",
        r"OIDC permission denied for this action",
        r"may not perform that action with these credentials",
        r"do not have permission to publish",
        r"Package name too similar to existing packages",
        r"ID_TOKEN_GITHUB_WORKFLOW_INCORRECT_PERMISSIONS",
        r"Provenance generation in \w+ \w+ requires",
    )
)
"""What tells that two lines are one: words of npm, the registry and other tools, longer than `wording.SENTENCE`."""
