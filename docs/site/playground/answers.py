"""What the worker of the playground calls: safepublish's answers as JSON, with every text clean for the page.

Runs in a browser's Python, with the pure core alone.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from safepublish.causes.explain import explain_transcript
from safepublish.causes.fix_workflow import FixedFile, fix_workflow
from safepublish.causes.judge import judge_steps
from safepublish.facts.finding import Remedy
from safepublish.facts.run import Manifest
from safepublish.facts.step import File, Judged
from safepublish.logs import reader
from safepublish.npm import manifest
from safepublish.npm.git_hosts import github_repository
from safepublish.pipelines import reader as pipelines
from safepublish.report import escape, explanation, fixes, workflow
from safepublish.report.diagnostics import Diagnostic, of_steps

Read = Callable[[int, int], Any]
"""What returns the bytes between two offsets, as Pyodide's proxy of an Uint8Array."""
BLOCK = 1 << 20
"""Bytes of a log that are read at once."""
_SUMMARY = "summary"


def explain(read: Read, size: int) -> str:
    """Why the publishes of a log of *size* bytes failed; *read* returns the bytes between two offsets."""
    found = explain_transcript(reader.read(_blocks(read, size)), "-")
    shown = explanation.blocks(found)
    severity, sentence = explanation.summary(found, [block.diagnostic for block in shown])
    return json.dumps({
        _SUMMARY: {"severity": severity.value if severity else "", "text": escape.plain(sentence)},
        "diagnostics": [
            _diagnostic(block.diagnostic, others=block.others, decides=block.decides)
            for block in shown[: explanation.MOST_FAILURES]
        ],
        "more": max(0, len(shown) - explanation.MOST_FAILURES),
    })  # fmt: skip


def explain_document(read: Read, size: int) -> str:
    """What `safepublish explain --format json -` writes."""
    from safepublish.report.documents import explain as document

    return document.render(explain_transcript(reader.read(_blocks(read, size)), "-"))


def check_workflow(text: str, path: str, files: str, *, migrate: bool) -> str:
    """What the publish steps of the workflow *text* will do, and its fix; *files*: other files by path, as JSON."""
    others: Mapping[str, str] = json.loads(files)
    file, judged = _judged(text, path, others)
    severity, sentence = workflow.summary([(file, judged)])
    diagnostics = [_diagnostic(one) for one in of_steps(file, judged)]
    if file.trouble is not None:
        place = {"path": escape.plain(path), "line": file.line, "column": None}
        sentence = f"this file cannot be read: {file.trouble}"
        trouble = {"severity": "error", "id": "", "message": escape.plain(sentence), "locations": [place]}
        diagnostics, severity = [trouble], None
    fixed = None if file.trouble is not None else fix_workflow(text, path, others.get, migrate=migrate)
    return json.dumps({
        _SUMMARY: {
            "severity": "error" if file.trouble is not None else severity.value if severity else "",
            "text": escape.plain(sentence),
        },
        "diagnostics": diagnostics,
        "steps": [_step(step) for step in judged],
        "fix": _fix(fixed, others) if fixed is not None and (fixed.fixes or fixed.unfixed) else None,
    })  # fmt: skip


def workflow_document(text: str, path: str, files: str) -> str:
    """What `safepublish workflow --format json` writes about one file."""
    from safepublish.report.documents import workflow as document

    return document.render([_judged(text, path, json.loads(files))])


def _blocks(read: Read, size: int) -> Iterator[bytes]:
    for start in range(0, size, BLOCK):
        yield read(start, min(size, start + BLOCK)).to_bytes()


def _judged(text: str, path: str, others: Mapping[str, str]) -> tuple[File, tuple[Judged, ...]]:
    file = pipelines.read(text, path, others.get)
    return file, judge_steps(file)


def _diagnostic(found: Diagnostic, *, others: str = "", decides: Remedy | None = None) -> dict[str, Any]:
    return {
        "severity": found.severity.value,
        "id": found.id,
        "message": escape.plain(found.message),
        "locations": [
            {"path": escape.plain(place.path), "line": place.line, "column": place.column} for place in found.locations
        ],
        "subjects": found.subjects.text(),
        "quotes": [[number, escape.plain(text)] for number, text in sorted(found.quotes)],
        "notes": [escape.plain(note) for note in (*found.notes_beside_table, *([others] if others else []))],
        "helps": [_help(remedy) for remedy in (found.help, decides) if remedy is not None],
    }


def _help(remedy: Remedy) -> dict[str, Any]:
    return {
        "text": escape.plain(remedy.text),
        "command": _lines(escape.lines(remedy.command or "")),
        "diff": _lines(escape.lines(remedy.diff or "")),
    }


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _step(judged: Judged) -> dict[str, Any]:
    place = judged.step.place.at
    return {
        "verdict": judged.verdict.value,
        "line": place.line,
        "job": escape.plain(judged.step.place.job),
        "command": escape.plain(judged.step.invocation.command, 120),
    }


def _repository(package: Manifest | None) -> str | None:
    """The repository on GitHub that package.json names."""
    return github_repository(package.repository) if package is not None and package.repository else None


def _fix(fixed: FixedFile, others: Mapping[str, str]) -> dict[str, Any]:
    text = others.get("package.json")
    package = manifest.read(text)[0] if text is not None else None
    names: dict[str | None, str | None] = {step.directory: package.name if package else None for step in fixed.migrated}
    return {
        "patch": fixes.patch(fixed),
        "text": fixed.text,
        "fixes": [[escape.plain(job), escape.plain(what)] for job, what in fixed.fixes],
        "unfixed": [[escape.plain(job), escape.plain(why)] for job, why in fixed.unfixed],
        "entries": fixes.entries(fixed.migrated, names, _repository(package), width=76) if fixed.migrated else "",
    }
