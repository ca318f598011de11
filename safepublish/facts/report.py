"""What one command found, for the renderers."""

import enum
from typing import NamedTuple

from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Line, Log
from safepublish.facts.run import Run


class Verdict(enum.Enum):
    """The verdict of a package, and of a whole run: the worst of its packages."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    UNKNOWN = "unknown"
    REFUSE = "refuse"


class Judged(NamedTuple):
    """One package with what the causes say about it."""

    run: Run
    findings: tuple[Finding, ...]
    verdict: Verdict


class Report(NamedTuple):
    """Everything a renderer may show."""

    packages: tuple[Judged, ...]
    verdict: Verdict
    goes_on: bool  # npm runs after this
    in_ci: bool = True

    @property
    def nothing_left(self) -> bool:
        """Whether every package is out already and left out, so that npm has nothing to do."""
        return bool(self.packages) and all(judged.run.package.skip_published for judged in self.packages)


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
        return any(one.certain for one in self.failed)
