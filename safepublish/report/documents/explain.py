"""What `safepublish explain --format json` writes; docs/schema/explain.schema.json holds its schema."""

from typing import Any

from safepublish.facts.log import Line
from safepublish.logs import notes
from safepublish.logs.explanation import Explained, Explanation
from safepublish.logs.log import Log
from safepublish.report import escape
from safepublish.report.documents import finding
from safepublish.report.documents.finding import Document, Finding, Part, known, text


class Quote(Part):
    """A line of the log; lines count from 1."""

    line: int
    text: str


class Npm(Part):
    """The npm that published: as it said itself, as its wording dates it, or as an earlier line shows it."""

    version: str | None
    since: str | None
    before: str | None
    hint: str | None


class Publish(Part):
    """One publish that failed; `causes` are ids, the most likely first, and `exchange` says what became of OIDC."""

    name: str | None
    version: str | None
    tool: str
    tool_version: str | None
    npm: Npm
    command: str | None
    code: str | None
    exchange: str
    explained: bool
    causes: tuple[str, ...]
    worked: tuple[str, ...]
    not_at_fault: tuple[str, ...]
    ended: tuple[Quote, ...]


class Facts(Part):
    """What the log tells beside the causes."""

    source: str
    lines: int
    published: tuple[Quote, ...]
    failed: tuple[Publish, ...]


class Explain(Document):
    """The document. The answer of a cause is fail where the log proves it, warn where it points to it, else unknown."""

    causes: tuple[Finding, ...]
    facts: Facts


def render(explanation: Explanation) -> str:
    """The explanation as a JSON document."""
    found = dict.fromkeys(cause for failed in explanation.failed for cause in failed.findings)
    order = ("fail", "warn", "unknown")
    causes = sorted(found, key=lambda cause: order.index(cause.answer.value))
    document = Explain(
        causes=tuple(map(finding.finding, causes)),
        facts=Facts(
            source=known(explanation.source),
            lines=explanation.lines,
            published=tuple(map(_quote, explanation.published)),
            failed=tuple(map(_publish, explanation.failed)),
        ),
    )
    return document.render()


def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return finding.schema(Explain)


def _publish(explained: Explained) -> Publish:
    log = explained.log
    return Publish(
        name=text(log.last.name),
        version=text(log.last.version),
        tool=log.tool.value,
        tool_version=text(log.tool_version),
        npm=_npm(log),
        command=text(log.command),
        code=text(log.code),
        exchange=log.oidc.name.lower().replace("_", "-"),
        explained=explained.certain,
        causes=tuple(found.id for found in explained.findings),
        worked=tuple(map(known, notes.worked(log))),
        not_at_fault=tuple(map(known, notes.not_at_fault(log))),
        ended=tuple(_quote(line) for line in log.errors[: escape.LINES]),
    )


def _npm(log: Log) -> Npm:
    return Npm(version=text(log.npm), since=text(log.npm_since), before=text(log.npm_before), hint=text(log.npm_hint))


def _quote(line: Line) -> Quote:
    return Quote(line=line.number, text=known(line.text))
