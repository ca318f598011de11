"""Writes every message of every cause into one file, to be read from top to bottom: `python -m docs.messages FILE`.

The situations are those of the tests: the runs, logs and workflow changes of their tables, the pasted logs and the
workflows of the documentation.
"""

import argparse
import contextlib
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from safepublish.causes import CAUSES
from safepublish.causes.cause import Cause
from safepublish.facts.finding import Answer, Judgement
from safepublish.facts.run import Run
from safepublish.facts.step import Step
from safepublish.logs import reader
from safepublish.logs.log import Log
from tests.pipelines.test_other_cis import IN_CIRCLECI, IN_GITLAB
from tests.support import runs, steps

ROOT = Path(__file__).resolve().parent.parent
TESTS, LOGS = ROOT / "tests" / "causes", ROOT / "tests" / "logs"
SEVERITIES = {Answer.FAIL: "error", Answer.WARN: "warning", Answer.UNKNOWN: "unknown"}
SEVERITIES_IN_LOG = {Answer.FAIL: "error", Answer.WARN: "probably", Answer.UNKNOWN: "could also be"}

_PATHS = {".circleci/config.yml": r"^version: 2", ".gitlab-ci.yml": r"^  script:", steps.PATH: r"^jobs:$"}
"""Where each CI's file stands, and a line by which its text is known."""


class Message(NamedTuple):
    """What a cause answers, and where: in the running job, in a workflow file or in a log."""

    place: str
    judgement: Judgement

    @property
    def text(self) -> str:
        """Everything that people read of it."""
        remedy = self.judgement.remedy
        parts = [self.judgement.message, *self.judgement.evidence]
        return "\n".join([*parts, remedy.text] if remedy else parts)


class Situations(NamedTuple):
    """Everything that the causes judge."""

    runs: tuple[Run, ...]
    steps: tuple[Step, ...]
    logs: tuple[Log, ...]


def messages(cause: Cause, situations: Situations) -> tuple[Message, ...]:
    """The different messages of *cause* in *situations*."""
    judged = [
        *(Message("running job", cause.in_run(run)) for run in situations.runs),
        *(Message("workflow file", cause.in_workflow(step)) for step in situations.steps),
        *(Message("log", cause.in_log(log)) for log in situations.logs),
    ]
    # Quoted lines of a log differ from log to log; one message needs one of them.
    distinct = {
        (message.place, message.judgement.message, message.judgement.remedy and message.judgement.remedy.text): message
        for message in reversed(judged)
        if message.judgement.answer in SEVERITIES
    }
    return tuple(reversed(distinct.values()))


def situations() -> Situations:
    """The situations of the tests."""
    names = [f"tests.causes.{path.stem}" for path in sorted(TESTS.glob("test_*.py"))]
    modules = [importlib.import_module(name) for name in (*names, "tests.pipelines.test_other_cis")]
    values = [value for module in (runs, *modules) for value in _values(module)]
    found = [value for value in values if isinstance(value, Run)]
    return Situations(
        (*found, *map(runs.allowed, found), *map(runs.predicting, found)),
        tuple(step for value in values for step in _steps(value)),
        (*(value for value in values if isinstance(value, Log)), *_logs()),
    )


def _values(module: ModuleType) -> Iterator[Any]:
    """The constants of *module*, and the arguments of its tests."""
    for value in vars(module).values():
        yield from _nested(value)
        for function in (value, *(vars(value).values() if isinstance(value, type) else ())):
            for mark in getattr(function, "pytestmark", ()):
                if mark.name == "parametrize":
                    yield from _nested(list(mark.args[1]))


def _nested(value: Any) -> Iterator[Any]:
    """*value*, and what it contains; a run or a log is one value."""
    yield value
    if isinstance(value, list | tuple) and not isinstance(value, Run | Log):
        for part in value:
            yield from _nested(part)


def workflow_texts() -> Iterator[str]:
    """The texts of the workflow files in the tests of the causes, those of the fixes first."""
    names = [f"tests.causes.{path.stem}" for path in sorted(TESTS.glob("test_*.py"), key=_of_a_fix)]
    for name in names:
        for value in _values(importlib.import_module(name)):
            yield from _texts(value)


def _of_a_fix(path: Path) -> tuple[bool, str]:
    return "fix" not in path.stem, path.stem


def _steps(value: Any) -> Iterator[Step]:
    """The publish steps of the workflows that *value* holds."""
    for text in _texts(value):
        for legs in steps.read(text, path=_path(text) or steps.PATH).steps:
            yield from legs


def _texts(value: Any) -> Iterator[str]:
    """The workflow that *value* is, or that the changes in *value* make."""
    changes = [value] if _is_change(value) else value if isinstance(value, list) else []
    if isinstance(value, str) and _path(value) is not None:
        yield value
    elif changes and all(map(_is_change, changes)):
        for original in (steps.WORKFLOW, IN_GITLAB, IN_CIRCLECI):
            with contextlib.suppress(AssertionError):  # changes of another workflow
                yield steps.changed(*changes, text=original)


def _path(text: str) -> str | None:
    """Where the file *text* stands; None where it is no workflow."""
    return next((path for path, mark in _PATHS.items() if re.search(mark, text, re.MULTILINE)), None)


def _is_change(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and all(isinstance(part, str) for part in value)


def _logs() -> Iterator[Log]:
    for path in sorted(path for path in LOGS.rglob("*") if path.is_file() and path.suffix in {".log", ".txt"}):
        yield from reader.read([path.read_bytes()]).failures


def listed() -> str:
    """Every message of every cause, in the catalogue's order."""
    where = situations()
    parts = []
    for cause in CAUSES:
        parts.append(f"=== {cause.id}: {cause.title}\n\n")
        parts += [_shown(cause, message) for message in messages(cause, where)]
    return "".join(parts)


def _shown(cause: Cause, message: Message) -> str:
    judgement, remedy = message.judgement, message.judgement.remedy
    severities = SEVERITIES_IN_LOG if message.place == "log" else SEVERITIES
    lines = [f"{severities[judgement.answer]}[{cause.id}] ({message.place}): {judgement.message}"]
    lines += [f"  note: {note}" for note in judgement.evidence]
    if remedy is not None:
        lines.append(f"  help: {remedy.text}")
        lines += [f"        {line}" for text in (remedy.command, remedy.diff) if text for line in text.splitlines()]
    return "\n".join(lines) + "\n\n"


def main() -> int:
    """Write the messages into the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m docs.messages", description="Writes every message of every cause.")
    parser.add_argument("file", type=Path)
    parser.parse_args().file.write_text(listed(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
