"""What every document has: its version, and findings."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safepublish.facts import finding as facts
from safepublish.npm.secrets import redacted
from safepublish.report import escape


class Part(BaseModel):
    """A part of a document, which has the fields of its model and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Document(Part):
    """A whole document."""

    version: Literal[1] = Field(default=1, alias="schema")

    def render(self) -> str:
        """The document as JSON."""
        return escape.json_text(self.model_dump(by_alias=True))


class Remedy(Part):
    """The fix: a sentence and, where there is one, the command or the diff to paste."""

    text: str
    command: str | None
    diff: str | None


class Location(Part):
    """A place in a file; lines and columns count from 1."""

    path: str
    line: int | None
    column: int | None


class Finding(Part):
    """What one cause says about a package. `environment.options.waive` names the causes that were waived."""

    id: str
    answer: Literal["fail", "warn", "unknown"]
    message: str
    evidence: tuple[str, ...]
    remedy: Remedy | None
    location: Location | None


def finding(found: facts.Finding) -> Finding:
    """A finding as every document shows it."""
    remedy, location = found.remedy, found.location
    return Finding(
        id=found.id,
        answer=found.answer.value,  # type: ignore[arg-type]  # no finding passes or is skipped; the model checks it
        message=known(found.message),
        evidence=tuple(known(note) for note in found.evidence + found.if_it_fails),
        remedy=remedy and Remedy(text=known(remedy.text), command=_code(remedy.command), diff=_code(remedy.diff)),
        location=location and Location(path=known(location.path), line=location.line, column=location.column),
    )


def schema(document: type[Document]) -> dict[str, Any]:
    """The JSON schema of a document."""
    return document.model_json_schema(mode="serialization")


def text(value: object) -> str | None:
    """A value as text that every encoding takes; None stays."""
    return None if value is None else known(value)


def known(value: object) -> str:
    """A value as text that every encoding takes."""
    return escape.encodable(str(value))


def _code(block: str | None) -> str | None:
    return None if block is None else known(redacted(block))
