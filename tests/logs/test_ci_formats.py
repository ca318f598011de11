"""Logs without what their CI put around them."""

import json

import pytest

from safepublish.logs import ci_formats

LINE = "npm error code E404"


@pytest.mark.parametrize(
    "dressed",
    [
        LINE,
        f"{LINE}\r",
        f"\ufeff2026-11-25T07:00:00.1234567Z {LINE}",
        f"publish\tPublish to npm\t2026-11-25T07:00:00.1234567Z {LINE}",
        f"publish\tUNKNOWN STEP\t\ufeff2026-11-25T07:00:00.1234567Z {LINE}",
        f"2026-11-25T07:00:00.123456Z 01O {LINE}",
        f"2026-11-25T07:00:00.123456Z 00O+{LINE}",
        f"[2026-11-25T07:00:00.123Z] {LINE}",
        f"07:00:00  {LINE}",
        f"section_start:1764054002:step_script[collapsed=true]\r\x1b[0K\x1b[36m{LINE}\x1b[0m",
        "\x1b[1mnpm\x1b[22m \x1b[31merror\x1b[39m \x1b[94mcode\x1b[39m E404",
        "[1mnpm[22m [31merror[39m code E404",
        f"2026-11-25T07:00:00.1234567Z #12 45.72 {LINE}",
        f"##[error]{LINE}",
        f"::error::{LINE}",
        f"🦋  error {LINE}".replace("error npm", "npm"),
        "    'npm error code E404\\n' +",
        f"> {LINE}",
        f"    {LINE}",
        f"publisher-1  | {LINE}",
        f"{LINE} 10%\r{LINE}",
    ],
)
def test_a_line_is_stripped_of_its_format(dressed: str) -> None:
    assert ci_formats.strip(dressed) == LINE


def read(*blocks: bytes) -> list[tuple[int, str]]:
    return list(ci_formats.lines(blocks))


def test_lines_are_numbered_whatever_the_blocks() -> None:
    assert read(b"a\nb", b"b\n", b"c") == [(1, "a"), (2, "bb"), (3, "c")]
    assert read() == read(b"") == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_powershell(encoding: str) -> None:
    data = "\ufeffnpm ✗\r\nb\r\n".encode(encoding)
    assert [ci_formats.strip(text) for _, text in read(data[:5], data[5:])] == ["npm ✗", "b"]


def test_the_json_of_circleci() -> None:
    document = json.dumps([{"message": 'a "b"\r\nc\r\n', "type": "out"}, {"message": "d", "type": "out"}]).encode()
    for cut in range(1, len(document), 7):
        assert [text.rstrip("\r") for _, text in read(document[:cut], document[cut:])][:1] == ['a "b"'] or cut < 14


def test_a_large_log_is_read_around_what_matters_with_its_numbers() -> None:
    filler = b"compiling a module of the project\n" * 300_000
    found = {text: number for number, text in read(filler, b"npm error code E404\n", filler)}
    assert found["npm error code E404"] == 300_001
    assert len(read(filler, b"npm error code E404\n", filler)) < 200_000


def test_a_line_without_an_end_is_cut() -> None:
    ((_, text),) = read(b"x" * 3_000_000)
    assert len(text) <= ci_formats.LONGEST
