"""What a rehearsal showed: how npm ended, what the registry received, and what the guard had said before."""

import enum
from typing import NamedTuple

from safepublish.facts.finding import Finding
from safepublish.facts.report import Report


class Outcome(enum.Enum):
    """Through what npm published."""

    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 - an outcome, not a password
    DRY_RUN = "dry run"  # it worked, and sends nothing
    NOTHING = "nothing"


class Receipt(NamedTuple):
    """One publish, or staging, that the registry received."""

    name: str
    version: str | None
    tag: str | None
    access: str | None
    provenance: bool
    repository: str | None  # repository.url of the manifest that was sent
    files: tuple[tuple[str, int], ...]  # path, bytes
    credential: str  # oidc, token, placeholder, unresolved, dead, basic, none
    status: int
    said: str | None = None  # the registry's words, where it refused
    staged: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the registry took it."""
        return self.status < 300


class Rehearsed(NamedTuple):
    """One rehearsal."""

    status: int  # npm's exit status, negative for a signal
    receipts: tuple[Receipt, ...]
    findings: tuple[Finding, ...]  # why npm failed, from its debug log
    predicted: Report  # the guard's, before npm started
    repository: str  # owner/name, which provenance names
    matches: tuple[bool, ...] = ()  # of each receipt: whether its manifest's repository is that one
    script_failed: bool = False  # npm ended because a script of the package did
    dry_run: bool = False  # the command is a dry run
    logged_in: bool = False  # npm got a token for every package through OIDC, as its debug log shows
    log_removed: bool = False  # npm named a debug log that is removed with the rehearsal's directory
    token_allowed: bool = False  # the step passes --allow-token to safepublish
    works_with_token: bool = False  # with --allow-token the checks would not refuse it

    @property
    def outcome(self) -> Outcome:
        """Through OIDC only where every package was."""
        accepted = [one for one in self.receipts if one.accepted]
        if self.dry_run and not (self.status or accepted):
            return Outcome.DRY_RUN
        if self.status or not accepted:
            return Outcome.NOTHING
        return Outcome.OIDC if all(one.credential == "oidc" for one in accepted) else Outcome.TOKEN

    @property
    def works(self) -> bool:
        """Whether every package was published through OIDC, or would be, as far as a dry run goes."""
        return self.outcome is Outcome.OIDC or (self.outcome is Outcome.DRY_RUN and self.logged_in)
