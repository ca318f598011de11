"""Strips the log format of a CI: bytes in, out the lines that a tool printed, each with its number.

The formats were taken from real logs: GitHub's raw log and `gh run view --log` (job, step and time before each line),
GitLab's sections and time stamps, CircleCI's JSON, Docker's build steps, Jenkins' time stamps, and what Node prints of
a child's output: quoted lines joined by a plus sign.
"""

import codecs
import functools
import json
import re
from collections.abc import Iterable, Iterator

from safepublish.logs import pastes, signals

MOST_READ_WHOLE = 256 * 1024
"""Bytes from the start of a log of which every line is read. Beyond, only lines around a word of a publish are."""

PIECE = 64 * 1024
"""Bytes that are skipped or read together in a large log."""

LONGEST = 8 * 1024
"""Bytes of a line that are read; the rest of a longer one is dropped."""

SIGNALS = (b"ublish", b"npm", b"ERR", b"OIDC", b"YN00", b"semantic-release", b" - PUT ", b"EIN")
"""Words of which one stands near every line about a publish; each costs one search of a large log."""

ESCAPE_SEQUENCE = re.compile(
    "\x1b\\[[0-?]*+[ -/]*+[@-~]?"
    "|\x1b[\\]PX^_][^\x07\x1b]*+(?:\x07|\x1b\\\\)"
    "|\x1b[ -/]*+[0-~]?"
)  # fmt: skip
"""ECMA-48: CSI with its parameters; the string sequences (OSC, DCS, SOS, PM, APC) that end; any other escape."""

_BARE_COLOUR = re.compile(
    r"(?:\^\[|\\x1[bB]|\\u001[bB]|\\033|\\e|\u241b|\ufffd)?\[(?:(?:\d{1,3}(?:;\d{1,3})*)?m|\d{0,2}K)"
)
"""What is left of an escape sequence where ESC was lost on the way, or is written as text."""
_STAMP = re.compile(
    r"\ufeff?(?:"
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?(?: \d\d[EO][ +]?)?"  # GitHub, GitLab
    r"|\[\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]"  # Jenkins
    r"|\d\d:\d\d:\d\d(?=  )"  # Jenkins, as its plain text is copied
    r"|\[\d{1,2}:\d\d:\d\d [AP]M\]"  # semantic-release
    r"|\d{1,5}(?=npm (?:ERR!|error|WARN|warn|notice|http) )"  # line numbers, copied from a web page
    r"|_bk;t=\d{10,16}\x07?"  # Buildkite, where its escape character was lost
    r") ?"
)
_DOCKER = re.compile(r"#\d{1,4} (?:\d{1,6}\.\d{1,3} )?")
_SECTION = re.compile(r"section_(?:start|end):\d{1,12}:[\w.-]{1,80}(?:\[[^\]]{0,80}\])?")
_MARK = re.compile(r"(?:##\[(?:error|warning|debug|section|command)\]|::(?:error|warning|notice|debug)[^:]{0,200}::)")
_COMPOSE = re.compile(r"[\w./@-]{1,60} +\| ")
_BARE = re.compile(r" *(?!section_|_bk;)[A-Za-z(][ !-%'-;=-Z\]^_a-z~]*+\r?")  # a line without any format
_INSPECTED = re.compile(r"^(?:\w{1,20}: )?(['\"])(.*?)(?:\\n)?\1(?: \+|,)?$")
_MESSAGE = re.compile(rb'"message"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_JSON_START = re.compile(rb'\s*\[\s*\{\s*"')


def lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """The lines of a log, numbered from 1. Of a large log, those that cannot be about a publish are skipped."""
    whole = _decoded(blocks)
    number = last = so_far = 0
    for piece, read in _pieces(whole):
        so_far += len(piece)
        if so_far <= MOST_READ_WHOLE:
            chosen: Iterable[tuple[int, bytes]] = enumerate(piece[:-1].split(b"\n"))
        else:
            chosen = signals.lines_near(piece) if read else ()
        for index, line in chosen:
            last = number + index + 1
            for part in pastes.unpacked(line.decode("utf-8", "replace")):
                yield last, part[:LONGEST]
        number += piece.count(b"\n")
    if last < number:
        yield number, ""  # so that the number of lines is known


@functools.lru_cache(maxsize=256)
def strip(line: str) -> str:
    """*line* without its CI log format: time stamps, job and step, colours, markers and indentation."""
    if _BARE.fullmatch(line) and "'npm " not in line:
        return line.strip(" \r")
    text = _visible(line.rpartition("\t")[2] if line.count("\t") == 2 else line.split("\t", 2)[-1]).lstrip("\ufeff")
    if text.startswith("|") and text.endswith("|"):  # a row of a table
        text = text[:-1]
    for _ in range(3):  # one in another: Docker in GitHub, semantic-release in GitLab
        before = text
        for prefix in (_STAMP, _DOCKER, _SECTION, _MARK):
            match = prefix.match(text)
            text = text[match.end() :] if match else text
        text = text.lstrip(" >│|🦋\ufe0f")
        text = pastes.plain(text)
        if text == before:
            break
    if text.startswith(("'", '"npm ')) or "'npm " in text:
        match = _INSPECTED.match(text)
        text = match[2].replace("\\'", "'").replace("\\\\", "\\") if match else text
    elif "| npm " in text or "| $ npm " in text:
        text = _COMPOSE.sub("", text, count=1)
    return text.rstrip()


def _visible(text: str) -> str:
    """What a terminal shows of a line: without colours, and of overwritten text the last."""
    if not text.isascii():
        text = text.translate(_AS_TYPED)
    if "\x1b" in text:
        text = ESCAPE_SEQUENCE.sub("", text)
    elif "[" in text:
        text = _BARE_COLOUR.sub("", text)
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    return text


_AS_TYPED = str.maketrans("\u00a0\u2007\u202f\u201c\u201d\u2018\u2019\u2013", "   \"\"''-", "\u200b\u2060")
"""What an editor makes of blanks, quotation marks and hyphens, back to what npm printed."""


def is_script_line(line: str) -> bool:
    """Whether this line is the text of a step's script, which GitHub alone prints in cyan."""
    return "\x1b[36;1m" in line


def _decoded(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks in UTF-8: PowerShell's `>` writes UTF-16, and CircleCI's API wraps the lines in JSON."""
    blocks = iter(blocks)
    first = b""
    for block in blocks:
        first += block
        if len(first) >= PIECE:
            break
    if first[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        yield from _from_utf16(first, blocks)
    elif _JSON_START.match(first) and b'"message"' in first[:65536]:
        yield from _from_json(first, blocks)
    elif b"\n" not in first and b"\r" in first:
        yield first.replace(b"\r", b"\n")
        yield from (block.replace(b"\r", b"\n") for block in blocks)
    else:
        yield first
        yield from blocks


def _from_utf16(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _from_json(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The messages of CircleCI's output document, in order."""
    buffer = first
    while True:
        end = 0
        for match in _MESSAGE.finditer(buffer):
            end = match.end()
            try:
                text = json.loads(match[1], strict=False)
            except ValueError:
                continue
            yield text.encode("utf-8", "replace") + (b"" if text.endswith("\n") else b"\n")
        buffer = buffer[end:][-MOST_READ_WHOLE:]
        block = next(blocks, None)
        if block is None:
            return
        buffer += block


def _pieces(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The log in pieces that end with a line, and whether a piece is to be read."""
    before, read_before, hit_before, so_far = b"", False, False, 0
    for piece in _whole_lines(blocks):
        hit = any(signal in piece for signal in SIGNALS)
        if before:
            yield before, read_before or hit
        so_far += len(piece)
        read_before = hit or hit_before or so_far <= MOST_READ_WHOLE
        before, hit_before = piece, hit
    if before:
        yield before, read_before


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The log cut behind line ends, in pieces of some PIECE bytes; what is left of an endless line is dropped.

    In an endless line, line breaks that are written as in JSON are line ends.
    """
    rest = b""
    for block in blocks:
        buffer = rest + block
        start = 0
        while len(buffer) - start > PIECE:
            end = buffer.find(b"\n", start + PIECE)
            if end < 0:
                break
            yield buffer[start : end + 1]
            start = end + 1
        rest = buffer[start:]
        if len(rest) > 16 * PIECE:  # a line without an end
            if b"\n" not in rest:  # it may be a log in a string of JSON
                rest = rest.replace(b"\\n", b"\n")
            cut = rest.rfind(b"\n") + 1
            if cut:
                yield rest[:cut]
            rest = rest[cut:][:LONGEST]
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"
