"""Why the publishes of a log failed, as the causes recognise it."""

from typing import NamedTuple

from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Line
from safepublish.logs.log import Log


class Explained(NamedTuple):
    """One publish that failed, and what the causes recognise in its log, the most likely first."""

    log: Log
    findings: tuple[Finding, ...]

    @property
    def certain(self) -> bool:
        """Whether the log proves the first cause, or points to it."""
        return bool(self.findings) and self.findings[0].answer is not Answer.UNKNOWN


class Explanation(NamedTuple):
    """Everything that `safepublish explain` may show of one log."""

    source: str  # the file, or "-"
    failed: tuple[Explained, ...]
    published: tuple[Line, ...]  # name@version, at the line that shows it
    lines: int
    exchanged: bool = False  # the CI's identity was exchanged for a token, so OIDC works

    @property
    def explained(self) -> bool:
        """Whether something failed and a cause of it stands in the log."""
        return any(failed.certain for failed in self.failed)
