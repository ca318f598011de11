"""Escaping for text from outside: names, versions, paths, registry messages, log lines; stars for secrets in it.

The one place that knows what a terminal, a workflow command, Markdown and JSON make of a character.
Everything a renderer shows passes through here, our own messages too: they quote the outside.
"""

import re

from safepublish.npm.secrets import redacted, starred

LINE = 500
"""Characters of one shown line."""

LINES = 40
"""Lines of one shown block."""

# The runner still reads `##[command]`, anywhere in a line, and .NET compares text without its ignorable characters
# (actions/runner, src/Runner.Common/ActionCommand.cs, TryParse).
_OLD_COMMAND = re.compile(r"(#[^ -~]*#)([^ -~]*\[)")
# `::command::` counts after leading blanks (the same file, TryParseV2).
_COMMAND = re.compile(r"([^!-~]*:)(?=[^ -~]*:)")
_SURROGATE = re.compile("[\ud800-\udfff]")

_MARKDOWN = {
    ord(character): f"&#{ord(character)};" for character in "`|*~[]\\$"
} | {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}  # fmt: skip
_EMPHASIS = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_BLOCK_START = re.compile(r"(?:[-+]|#{1,6}|\d{1,9}[.)])(?: |$)|[-=]+$")
_LINK = re.compile(
    r"(?P<whole>[\w+.-]{0,40}://[^\s`|]*|www\.[^\s`|]*|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}\b)"
    r"|@|#(?=\d)|GH-(?=\d)",
    re.IGNORECASE,
)
"""What GitHub turns into a link or a mention: URLs, commits, `@name`, `#1` and `GH-1`."""
_PART = re.compile(r":(?=//)|www(?=\.)|@|#|GH-", re.IGNORECASE)
"""Behind what a character without width keeps GitHub from that."""
_TICKS = re.compile(r"`+")


def plain(text: str, limit: int = LINE) -> str:
    """*text* as one line without control characters, escape sequences and characters that reorder or hide text.

    Line breaks and tabs become blanks; what is longer than *limit* characters is cut and ends in an ellipsis.
    """
    clean, long = _clean(text, limit)
    return _cut(starred(clean), limit, long=long).strip()


def lines(text: str, most: int = LINES, limit: int = LINE) -> tuple[str, ...]:
    """The lines of *text*, a command, a diff or a log, each as `plain` makes it, with the blanks that a diff needs."""
    found = text[: most * limit].strip("\r\n").splitlines()
    clean = (_clean(line, limit) for line in found[:most])
    shown = tuple(_cut(redacted(line), limit, long=long).rstrip() for line, long in clean)
    return (*shown, "…") if len(found) > most or len(text) > most * limit else shown


def _clean(text: str, limit: int) -> tuple[str, bool]:
    """The beginning of *text* as one printable line, and whether more follows."""
    cut = text[: limit * 8]  # whatever is hidden in it, this is enough to fill the line
    if not cut.isprintable():
        from safepublish.logs.ci_formats import ESCAPE_SEQUENCE  # little text holds what is not printable

        cut = ESCAPE_SEQUENCE.sub("", cut)
        cut = "".join(_shown(character) for character in cut)
    cut = _OLD_COMMAND.sub(r"\1 \2", cut)
    return cut, len(text) > limit * 8


def _cut(text: str, limit: int, *, long: bool) -> str:
    return f"{text[: limit - 1]}…" if long or len(text) > limit else text


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""


def inert(line: str) -> str:
    """*line* so that GitHub's runner takes it for no workflow command, whatever text it begins with."""
    match = _COMMAND.match(line)
    return f"{match[1]} {line[match.end() :]}" if match else line


def command_data(text: str) -> str:
    """*text*, of one or several lines, as the message of a workflow command (ActionCommand.cs, data mapping)."""
    return _percent("\n".join(lines(text, limit=4 * LINE)))


def command_property(text: str) -> str:
    """*text* as a property of a workflow command (ActionCommand.cs, property mapping)."""
    return _percent(plain(text)).replace(":", "%3A").replace(",", "%2C")


def _percent(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def markdown(text: str, limit: int = LINE) -> str:
    """*text* as inline GitHub Markdown that shows what it says: no markup, HTML, mention, link, or end of a table cell.

    What GitHub would link by itself is code; where that cannot be, a character without width parts it.
    """
    shown = plain(text, limit)
    if not shown:
        return ""
    found, at = [], 0
    for match in _LINK.finditer(shown):
        found.append(_markdown(shown[at : match.start()]))
        whole = (match["whole"] or "").rstrip(".,;:!?)'\"")
        found.append(code(whole, limit) if whole else f"{match[0]}&#8203;")
        at = match.start() + len(whole or match[0])
    found.append(_markdown(shown[at:]))
    escaped = "".join(found).replace("``", "`&#8203;`")
    return f"&#{ord(escaped[0])};{escaped[1:]}" if _BLOCK_START.match(escaped) else escaped


def _markdown(text: str) -> str:
    return _EMPHASIS.sub("&#95;", text.translate(_MARKDOWN))


def code(text: str, limit: int = LINE) -> str:
    """*text* as an inline code span of GitHub Markdown, in a table cell too."""
    shown = plain(text, limit)
    if not shown:
        return ""
    if "`" in shown or "|" in shown:  # a cell ends at a pipe even inside backticks
        parted = _LINK.sub(lambda match: _PART.sub("\\g<0>\u200b", match[0]), shown)
        return f"<code>{_markdown(parted)}</code>".replace("\u200b", "&#8203;")
    return f"`{shown}`"


def prose(text: str, limit: int = LINE) -> str:
    """*text* as inline GitHub Markdown in which what stands between backticks is code."""
    parts = plain(text, limit).split("`")
    if len(parts) % 2 == 0:
        return markdown(text, limit)
    shown = "".join(code(part) if index % 2 else _between(part) for index, part in enumerate(parts))
    return shown.replace("``", "`&#8203;`")  # backticks of two spans that touch would be one longer run


def _between(part: str) -> str:
    """A part of a sentence between code spans, with the blanks at its ends."""
    if not part.strip():
        return part
    start, end = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{start}{markdown(part)}{end}"


def fence(text: str, language: str) -> str:
    """*text* as a fenced block of Markdown; the fence is longer than any run of backticks inside."""
    inside = "\n".join(lines(text))
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(inside)), default=0))
    return f"{ticks}{language}\n{inside}\n{ticks}"


def encodable(text: str) -> str:
    """*text* as a document holds it: with stars for secrets, and U+FFFD for lone surrogates, which JSON has not."""
    return _SURROGATE.sub("\ufffd", starred(text))


def json_text(value: object) -> str:
    """*value* as JSON in ASCII, which no terminal and no runner takes for anything but data."""
    import json  # not needed on the way to npm

    # Outside of strings JSON has no `#`; the runner looks for `##[` anywhere in a line.
    return json.dumps(_starred(value), indent=2).replace("##", "#\\u0023")


def _starred(value: object) -> object:
    """*value* with stars for the secrets in its texts and keys."""
    if isinstance(value, str):
        return starred(value)
    if isinstance(value, dict):
        return {starred(key) if isinstance(key, str) else key: _starred(item) for key, item in value.items()}
    return [_starred(item) for item in value] if isinstance(value, (list, tuple)) else value


def ascii_only(text: str) -> str:
    """*text* for a terminal without Unicode: our own marks by their likes, anything else as a backslash escape."""
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


_ASCII = str.maketrans(
    {"✗": "x", "✓": "+", "…": "...", "≥": ">=", "≤": "<=", "→": "->", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}  # noqa: RUF001 - to be replaced
)
