"""What one command found, for the renderers."""

import enum
from typing import NamedTuple

from safepublish.facts.finding import Finding
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
    checks_only: bool = False  # npm was never to run
    held: tuple[str, ...] = ()  # the packages that --hold names

    @property
    def nothing_left(self) -> bool:
        """Whether every package is already published and skipped, so that npm has nothing to do."""
        return bool(self.packages) and all(judged.run.package.skip_published for judged in self.packages)
