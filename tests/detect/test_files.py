"""Files of unknown origin: what is read of them, and what is not even opened."""

import os
import threading
from pathlib import Path

import pytest

from safepublish.detect import files


def test_the_writer_of_a_pipe_is_left_waiting(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    opened = threading.Event()

    def write() -> None:
        with open(pipe, "wb"):
            opened.set()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    for _ in range(50):
        with pytest.raises(files.UnreadableError, match="not a regular file"):
            files.read_text(pipe, 100)
        assert not opened.wait(0.002)
    with open(pipe, "rb"):
        assert opened.wait(5)
    writer.join(5)


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"ab\xff")
    assert files.read_text(str(file), 3) == "ab\ufffd"
    assert files.read_bytes(str(file), 2, truncate=True) == b"ab"
    with pytest.raises(files.UnreadableError, match="larger than 2 bytes"):
        files.read_text(str(file), 2)
    with pytest.raises(IsADirectoryError):
        files.read_text(str(tmp_path), 2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("[]", None),
        ("", None),
        ("[" * 100_000, None),
        ('{"a": ' + "9" * 5000 + "}", None),
    ],
)
def test_an_object_or_none(tmp_path: Path, text: str, found: object) -> None:
    file = tmp_path / "file.json"
    file.write_text(text, encoding="utf-8")
    assert files.json_object(text) == found
    assert files.json_object(text.encode()) == found
    assert files.read_object(str(file), 2**20) == found
    assert files.read_object(str(tmp_path / "none"), 2**20) is None
