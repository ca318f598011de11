"""Escaping for text from outside: names, versions, paths, registry messages, log lines.

The one place that knows what a terminal, a workflow command, Markdown and JSON make of a character.
Everything a renderer shows passes through here, our own messages too: they quote the outside.
"""

import re

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
_LINK_OR_AT = re.compile(r"(https?://\S*)|@")
_TICKS = re.compile(r"`+")


def plain(text: str, limit: int = LINE) -> str:
    """*text* as one line without control characters, escape sequences and characters that reorder or hide text.

    Line breaks and tabs become blanks; what is longer than *limit* characters is cut and ends in an ellipsis.
    """
    return _clean(text, limit).strip()


def lines(text: str, most: int = LINES, limit: int = LINE) -> tuple[str, ...]:
    """The lines of *text*, each as `plain` makes it, but with the blanks in front that a diff needs."""
    found = text[: most * limit].strip("\r\n").splitlines()
    shown = tuple(_clean(line, limit).rstrip() for line in found[:most])
    return (*shown, "…") if len(found) > most or len(text) > most * limit else shown


def _clean(text: str, limit: int) -> str:
    cut = text[: limit * 8]  # whatever is hidden in it, this is enough to fill the line
    if not cut.isprintable():
        from safepublish.facts.log_dress import SEQUENCE  # little text holds what is not printable

        cut = SEQUENCE.sub("", cut)
        cut = "".join(_shown(character) for character in cut)
    cut = _OLD_COMMAND.sub(r"\1 \2", cut)
    if len(cut) > limit or len(text) > limit * 8:
        return cut[: limit - 1] + "…"
    return cut


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
    """*text* as inline GitHub Markdown that shows what it says: no markup, HTML, mention, or end of a table cell."""
    escaped = _EMPHASIS.sub("&#95;", plain(text, limit).translate(_MARKDOWN))
    if _BLOCK_START.match(escaped):
        escaped = f"&#{ord(escaped[0])};{escaped[1:]}"
    # A mention is looked for after the entities are resolved; within a link it is not, and a link must stay whole.
    return _LINK_OR_AT.sub(lambda match: match[1] or "@&#8203;", escaped)


def code(text: str, limit: int = LINE) -> str:
    """*text* as an inline code span of GitHub Markdown, in a table cell too."""
    shown = plain(text, limit)
    if not shown:
        return ""
    if "`" in shown or "|" in shown:  # a cell ends at a pipe even inside backticks
        return f"<code>{_EMPHASIS.sub('&#95;', shown.translate(_MARKDOWN))}</code>"
    return f"`{shown}`"


def prose(text: str, limit: int = LINE) -> str:
    """*text* as inline GitHub Markdown in which what stands between backticks is code."""
    parts = plain(text, limit).split("`")
    if len(parts) % 2 == 0:
        return markdown(text, limit)
    return "".join(code(part) if index % 2 else _between(part) for index, part in enumerate(parts))


def _between(part: str) -> str:
    """A part of a sentence, with the blanks at its ends."""
    start, end = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{start}{markdown(part)}{end}" if part.strip() else part


def fence(text: str, language: str) -> str:
    """*text* as a fenced block of Markdown; the fence is longer than any run of backticks inside."""
    inside = "\n".join(lines(text))
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(inside)), default=0))
    return f"{ticks}{language}\n{inside}\n{ticks}"


def encodable(text: str) -> str:
    """*text* with lone surrogates, which UTF-8 and JSON do not have, replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def json_text(value: object) -> str:
    """*value* as JSON in ASCII, which no terminal and no runner takes for anything but data."""
    import json  # not needed on the way to npm

    # Outside of strings JSON has no `#`; the runner looks for `##[` anywhere in a line.
    return json.dumps(value, indent=2).replace("##", "#\\u0023")


def ascii_only(text: str) -> str:
    """*text* for a terminal without Unicode: our own marks by their likes, anything else as a backslash escape."""
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


_ASCII = str.maketrans(
    {"✗": "x", "✓": "+", "…": "...", "≥": ">=", "≤": "<=", "→": "->", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}  # noqa: RUF001 - to be replaced
)
