"""Records `make demo` on a terminal, and draws the recording.

`python -m docs.record` runs the demo on a pseudo-terminal and writes docs/rehearse.cast (asciicast v2) and
docs/rehearse.svg; `--draw` draws the picture again from the recording.
Nothing is edited but the pace: the picture waits where a person reads.
"""

import importlib.util
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
CAST, PICTURE = HERE / "rehearse.cast", HERE / "rehearse.svg"
COLUMNS, ROWS = 104, 34
READ = {"safepublish explain ": 5.0, "prediction ": 5.0, "+      - run:": 4.0}
"""Seconds that the picture waits after a line that holds such a word: the cause, the result, the diff."""

_AT_THE_END = 6.0
_SGR = re.compile(r"\x1b\[([\d;]*)m")
_OTHER = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07)|[\x00-\x08\x0b-\x1a\x1c-\x1f]")
_PLACE = re.compile(r"(safepublish-rehearsal)-\w+")
_FONT, _LINE, _WIDTH, _MARGIN = 13, 18, 7.83, 14
_COLOURS = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 90: "#8b949e"}
_COLOURS |= {code + 60: colour for code, colour in _COLOURS.items() if code < 90}
_FONTS = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'
_INK, _PAPER, _DIM = "#e6edf3", "#0d1117", "#8b949e"


class Line(NamedTuple):
    """A line of the recording, and when it came, in seconds."""

    at: float
    text: str


def record() -> list[list[Any]]:
    """The events of one real run: seconds, "o", and what was written."""
    spec = importlib.util.spec_from_file_location("demo", HERE.parent / "examples" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "CI"}}
    events: list[list[Any]] = [[0.0, "o", f"$ safepublish {' '.join(demo.WORDS)}\r\n"]]
    with tempfile.TemporaryDirectory(prefix="safepublish-demo-") as directory:
        ours, theirs = pty.openpty()
        started = time.monotonic()
        process = subprocess.Popen(
            demo.COMMAND,
            cwd=demo.lay(directory),
            env={**kept, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not data:
                break
            events.append([round(time.monotonic() - started, 3), "o", data.decode(errors="replace")])
        os.close(ours)
        if process.wait():
            raise SystemExit(f"the demo ended with {process.returncode}")
    return events


def cast(events: list[list[Any]]) -> str:
    """The recording as asciicast v2."""
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "safepublish rehearse --fixed"}
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (header, *events))


def lines(text: str) -> list[Line]:
    """The lines of the asciicast *text*, each with when it was complete."""
    found, rest = [], ""
    at = 0.0
    for one in text.splitlines()[1:]:
        at, _, data = json.loads(one)
        *whole, rest = (rest + data).replace("\r\n", "\n").split("\n")
        found += [Line(at, line) for line in whole]
    return [*found, Line(at, rest)] if rest else found


def plain(line: str) -> str:
    """*line* without colours."""
    return _OTHER.sub("", _SGR.sub("", line))


def draw(text: str) -> str:
    """The recording as a picture that moves: a window over its lines, which scroll as they came."""
    shown = [line._replace(text=part) for line in lines(text) for part in _wrapped(line.text)]
    keys, now, last = [(0.0, 0)], 0.0, 0.0
    for index, line in enumerate(shown, 1):
        now += line.at - last
        last = line.at
        keys.append((now, index))
        now += next((seconds for word, seconds in READ.items() if word in plain(line.text)), 0.0)
    whole = now + _AT_THE_END
    frames = "".join(
        f"{100 * at / whole:.3f}%{{transform:translateY({-_LINE * max(0, index - ROWS)}px)}}" for at, index in keys
    )
    veil = "".join(f"{100 * at / whole:.3f}%{{transform:translateY({_LINE * index}px)}}" for at, index in keys)
    width, height = round(COLUMNS * _WIDTH) + 2 * _MARGIN, ROWS * _LINE + 2 * _MARGIN
    rows = "".join(_row(index, line.text) for index, line in enumerate(shown))
    tall = _LINE * (len(shown) + ROWS)
    end = -_LINE * max(0, len(shown) - ROWS)  # where nothing moves, the end is shown
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
xml:space="preserve" role="img" \
aria-label="safepublish rehearse --fixed: a publish that fails, its cause, the fix, and the publish that works">
<style>
text{{font:{_FONT}px {_FONTS};white-space:pre;fill:{_INK}}}
@keyframes scroll{{{frames}}}
@keyframes reveal{{{veil}}}
.scroll{{transform:translateY({end}px);animation:scroll {whole:.1f}s step-end infinite}}
.veil{{transform:translateY({tall}px);animation:reveal {whole:.1f}s step-end infinite}}
@media (prefers-reduced-motion){{.scroll,.veil{{animation:none}}}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="{_PAPER}"/>
<svg x="{_MARGIN}" y="{_MARGIN}" width="{width - 2 * _MARGIN}" height="{ROWS * _LINE}">
<g class="scroll">
{rows}<rect class="veil" width="{width}" height="{tall}" fill="{_PAPER}"/>
</g>
</svg>
</svg>
"""


def _wrapped(line: str) -> list[str]:
    """*line* as a terminal breaks it."""
    rows, column = [""], 0
    for part in re.split(r"(\x1b\[[\d;]*m)", line):
        if _SGR.fullmatch(part):
            rows[-1] += part
            continue
        for character in _OTHER.sub("", part):
            if column == COLUMNS:
                rows.append("")
                column = 0
            rows[-1] += character
            column += 1
    return rows


def _row(index: int, line: str) -> str:
    parts = _SGR.split(_PLACE.sub(r"\1", line))
    style: dict[str, str] = {}
    spans = []
    for at, part in enumerate(parts):
        if at % 2:
            for code in (int(one or 0) for one in part.split(";")):
                _styled(style, code)
        elif _OTHER.sub("", part):
            attributes = "".join(f' {name}="{value}"' for name, value in style.items())
            spans.append(f"<tspan{attributes}>{escape(_OTHER.sub('', part))}</tspan>")
    return f'<text y="{index * _LINE + _FONT}">{"".join(spans)}</text>\n' if spans else ""


def _styled(style: dict[str, str], code: int) -> None:
    """Take one parameter of ECMA-48's SGR into *style*."""
    if code == 0:
        style.clear()
    elif code == 1:
        style["font-weight"] = "bold"
    elif code == 2:
        style["fill"] = _DIM
    elif code == 22:
        style.pop("font-weight", None)
    elif code == 39:
        style.pop("fill", None)
    elif code in _COLOURS:
        style["fill"] = _COLOURS[code]


def main() -> None:
    """Record and draw."""
    if "--draw" not in sys.argv[1:]:
        CAST.write_text(cast(record()), encoding="utf-8")
    PICTURE.write_text(draw(CAST.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{CAST} and {PICTURE}: {len(lines(CAST.read_text(encoding='utf-8')))} lines")


if __name__ == "__main__":
    main()
