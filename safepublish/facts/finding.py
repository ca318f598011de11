"""What a cause answers, and what is said about it."""

import enum
from typing import NamedTuple


class Answer(enum.Enum):
    """The answers of a recogniser. Only `FAIL` refuses a publish."""

    PASS = "pass"  # noqa: S105 - an answer, not a password
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    SKIP = "skip"


class Location(NamedTuple):
    """A place in a file of the repository. Lines and columns count from 1."""

    path: str
    line: int | None = None
    column: int | None = None


class Remedy(NamedTuple):
    """One fix: a sentence, and, where there is one, the command or the diff to paste."""

    text: str
    command: str | None = None
    diff: str | None = None


class Judgement(NamedTuple):
    """A recogniser's answer: what was seen against what is needed, and the fix."""

    answer: Answer
    message: str = ""
    evidence: tuple[str, ...] = ()
    remedy: Remedy | None = None
    location: Location | None = None
    if_it_fails: tuple[str, ...] = ()  # more evidence, which is not true where npm publishes all the same


class Finding(NamedTuple):
    """A judgement under the id of its cause, as every renderer shows it."""

    id: str
    answer: Answer
    message: str
    evidence: tuple[str, ...] = ()
    remedy: Remedy | None = None
    location: Location | None = None
    waived: str | None = None  # the reason given with --waive, "" when none was given
    if_it_fails: tuple[str, ...] = ()  # more evidence, which is not true where npm publishes all the same


PASSED = Judgement(Answer.PASS)
SKIPPED = Judgement(Answer.SKIP)
