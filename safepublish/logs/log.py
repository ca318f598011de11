"""What a log says about one run of a publishing tool, and what follows from it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.log import Attempt, Line, Oidc, Tool
from safepublish.npm import url

if TYPE_CHECKING:
    from packaging.version import Version

ASKED = frozenset({"E401", "E403", "E404", "ENEEDAUTH", "ENONPMTOKEN", "EINVALIDNPMTOKEN"})
"""The codes that a publish ends with for want of a credential that the registry takes."""
EXCHANGING = frozenset({Tool.NPM, Tool.PNPM, Tool.CHANGESETS, Tool.LERNA, Tool.YARN, Tool.SEMANTIC_RELEASE})
"""The tools of which some version makes the exchange, or starts an npm that does."""
_REASONS = (
    "publish over",
    "already contains file",
    "OIDC permission denied",
    "one-time pass",
    "wo-factor",
    "enable TFA",
    "Package name too similar to",
    "Package name triggered spam detection",
)
"""Words of a refusal that has another reason than a credential which is dead or without a right."""


class Log(NamedTuple):
    """One run of a publishing tool, up to its end or to the first package that failed."""

    npm: "Version | None" = None  # as npm itself said it
    node: "Version | None" = None
    command: str | None = None  # npm's title, "npm publish", or the command line the CI shows
    attempts: tuple[Attempt, ...] = ()
    code: str | None = None  # E404, ENEEDAUTH, EUSAGE, …
    errors: tuple[Line, ...] = ()  # the error lines, in order
    notices: tuple[Line, ...] = ()  # what the registry said in `npm-notice`
    status: int | None = None  # npm's exit status
    tool: Tool = Tool.NPM
    tool_version: "Version | None" = None
    npm_since: "Version | None" = None  # a wording of this version and newer ones
    npm_before: "Version | None" = None  # a wording of versions older than this one
    npm_hint: "Version | None" = None  # of the npm that an earlier line shows, which need not be the one that published
    level: str = "notice"  # the most detailed of npm's log levels that occurs: notice, http, verbose, silly
    ci: Ci | None = None  # as the log's format and paths show it; None where they do not
    tokens: Mapping[str, CredentialKind] = {}  # what the CI shows of variables that hold tokens
    pull_request: bool = False
    registry: str | None = None
    asked_for: str | None = None  # the package that a GET did not find, where the upload should have been
    quotes: Mapping[str, Line] = {}

    @property
    def last(self) -> Attempt:
        """The package npm was at when it ended."""
        return self.attempts[-1] if self.attempts else Attempt()

    def was_published(self, attempt: Attempt) -> bool:
        """Whether the registry took the package of *attempt*, which is one of this log's.

        npm stops at the first package that fails. Of a PUT that is taken the line may be missing: npm does not wait for
        the answer's end, where it is written (npm-registry-fetch 20.0.1, lib/check-response.js, `ignoreBody`).
        """
        if attempt.put_status is not None:
            return 200 <= attempt.put_status < 300
        return self.status == 0 or attempt is not self.attempts[-1]

    @property
    def unauthenticated(self) -> bool:
        """Whether the publish ended for want of a credential the registry takes, and OIDC had given it none."""
        if self.code is None:
            return self.login_refused or self.cut_off
        reading = self.asked_for is not None and self.last.put_status is None  # it ended before there was an upload
        return self.code in ASKED and self.publishing and not (self.last.exchanged or self.denied or reading)

    @property
    def login_refused(self) -> bool:
        """Whether OIDC gave npm no token and the log does not hold the publish's end, as of a dry run, which is 0."""
        last = self.last
        return self.code is None and last.oidc is not None and not last.exchanged and not last.published

    @property
    def dead_token(self) -> Line | None:
        """The line in which the registry says that the token is not valid, or no longer."""
        return next((line for line in self.notices if "token expired or revoked" in line.text), None)

    @property
    def cut_off(self) -> bool:
        """Whether the log stops between that line and the end of the upload."""
        begun = self.last.quotes.get("publishing")
        if self.code is not None or self.status == 0 or begun is None or self.dead_token is None:
            return False
        dry = "(dry-run)" in begun.text
        return begun.number < self.dead_token.number and not (dry or self.last.published or self.last.exchanged)

    @property
    def denied(self) -> bool:
        """Whether a refusal has another reason: a version that is already published, an action that is not allowed."""
        return self.code in {"E401", "E403"} and any(self.says(phrase) for phrase in _REASONS)

    @property
    def without_right(self) -> Line | None:
        """The line in which the registry knows the credential, and refuses it for want of a right to the package."""
        if self.code != "E403" or self.denied:
            return None
        return self.says("may not perform that action with") or self.says("do not have permission to publish")

    @property
    def host(self) -> str:
        """The registry's host, or nothing where the log does not name it."""
        parsed = url.parse(self.registry or "")
        return parsed.hostname if parsed else ""

    @property
    def publishing(self) -> bool:
        """Whether this is a publish, and not an install or another command."""
        if self.command is not None and self.tool is Tool.NPM:
            return not self.command.startswith("npm trust") and ("publish" in self.command or "stage" in self.command)
        if self.tool is Tool.LERNA and self.code is None and self.last == Attempt():
            return False  # its own git command failed, or its check of the working tree
        if self.tool is not Tool.NPM or any(attempt != Attempt() for attempt in self.attempts):
            return True
        return self.code == "ENEEDAUTH" and not self.needs_whoami

    @property
    def needs_whoami(self) -> bool:
        """Whether a command failed that needs a login and names no registry, as npm whoami (its get-identity.js).

        The publish of npm 7 and 8 prints the same, below the tarball that it lists.
        """
        if self.npm_before is not None and self.last.quotes:
            return False
        return any(line.text.endswith("requires you to be logged in.") for line in self.errors)

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return self.code is not None or bool(self.errors) or bool(self.status) or self.login_refused or self.cut_off

    @property
    def oidc(self) -> Oidc:
        """The result of the exchange, as far as this log shows it."""
        return _oidc(self)

    @property
    def has_exchange(self) -> bool | None:
        """Whether the tool that published knows trusted publishing; None where the log does not date it."""
        if self.oidc not in {Oidc.UNKNOWN, Oidc.NOT_TRIED}:
            return True
        if self.tool in {Tool.NPM, Tool.CHANGESETS} or (self.tool is Tool.PNPM and self.tool_version is None):
            from safepublish.npm.floors import Floor

            if self.npm is not None:
                return self.npm in Floor.EXCHANGE
            if self.npm_before is not None and self.npm_before <= Floor.EXCHANGE.oldest:
                return False
            if self.npm_since is not None and self.npm_since in Floor.EXCHANGE:
                return True
            return None
        return None

    @property
    def sees_requests(self) -> bool:
        """Whether the log has every request of npm for the package: npm lists the tarball before the first."""
        return self.level != "notice" and "package" in self.last.quotes and self.tool is Tool.NPM

    @property
    def can_request_id_token(self) -> bool:
        """Whether the log shows that the job can request an ID token from GitHub.

        npm signs there only with one (libnpmpublish 12.0.1, lib/publish.js), and changesets/action checks for the two
        variables that come with the permission.
        """
        signed = self.last.quotes.get("signed")
        by_github = signed is not None and "from GitHub Actions" in signed.text
        return self.last.minted or by_github or "identity" in self.quotes

    @property
    def hides_reason(self) -> bool:
        """Whether npm may have given up on OIDC before it asked the registry, and the log would not show it."""
        return self._hides_oidc and not self.last.minted and not (self.level == "silly" and self.sees_requests)

    @property
    def hides_exchange(self) -> bool:
        """Whether the exchange may have been refused, or its token not used, and the log would not show it."""
        return self._hides_oidc and (self.last.minted or not self.sees_requests)

    @property
    def _hides_oidc(self) -> bool:
        hidden = self.unauthenticated and self.oidc is Oidc.UNKNOWN and self.has_exchange is not False
        return hidden and self.tool in EXCHANGING and not too_old(self)

    def says(self, text: str) -> Line | None:
        """The first error line that holds *text*."""
        return next((line for line in self.errors if text in line.text), None)

    def quoted(self, *facts: str) -> tuple[str, ...]:
        """The lines behind these facts, as evidence; facts that the log does not show have none."""
        found = [self.last.quotes.get(fact) or self.quotes.get(fact) for fact in facts]
        return tuple(dict.fromkeys(str(line) for line in found if line is not None))

    @property
    def name(self) -> str:
        """The package by name, or a word for it."""
        return self.last.name or "the package"


class Transcript(NamedTuple):
    """A whole log: each publish in it on its own, and what was published."""

    logs: tuple[Log, ...] = ()
    published: tuple[Line, ...] = ()  # "name@version", at the line that says so
    lines: int = 0

    @property
    def failures(self) -> tuple[Log, ...]:
        """What failed, without a package that was published at another try."""
        out = {line.text for line in self.published}
        return tuple(log for log in self.logs if log.failed and f"{log.last.name}@{log.last.version}" not in out)


def too_old(log: Log) -> bool:
    """Whether an earlier line shows an npm without an exchange, and nothing says that another one published."""
    from safepublish.npm.floors import Floor

    return log.has_exchange is None and log.npm_hint is not None and log.npm_hint not in Floor.EXCHANGE


def _oidc(log: Log) -> Oidc:
    """The result of the exchange of the last package; the registry's status goes before the message of a tool."""
    attempt = log.last
    message = attempt.oidc or ""
    if attempt.exchanged:
        return Oidc.EXCHANGED
    if attempt.exchange_status == 404 and message.endswith("Unknown error") and log.tool is Tool.NPM:
        return Oidc.NOT_OFFERED  # the registry's own 404 has a message, and npm logs it
    by_status = {400: Oidc.REJECTED, 401: Oidc.REJECTED, 403: Oidc.REJECTED, 404: Oidc.REFUSED}
    if attempt.exchange_status in by_status:
        return by_status[attempt.exchange_status]
    found = next((outcome for phrase, outcome in _MESSAGES if phrase in message.lower()), None)
    if found is not None:
        return found
    if message or attempt.exchange_status is not None:
        return Oidc.FAILED
    from safepublish.npm.floors import Floor

    current = log.npm is not None and log.npm in Floor.EXCHANGE
    complete = log.level == "silly" and log.sees_requests and not attempt.minted
    if current and complete and log.code in {"ENEEDAUTH", "E401", "E404"}:
        return Oidc.NOT_TRIED  # every way through npm's oidc.js but this one leaves a line at this level
    return Oidc.UNKNOWN


_MESSAGES = (
    ("package not found", Oidc.REFUSED),
    ("unauthorized", Oidc.REJECTED),
    ("bad request", Oidc.REJECTED),
    ("incorrect permissions", Oidc.NO_PERMISSION),
    ("incorrect_permissions", Oidc.NO_PERMISSION),
    ("unable to get actions_id_token_request", Oidc.NO_PERMISSION),
    ("no id_token available", Oidc.NO_ID_TOKEN),
    ("failed to fetch id_token", Oidc.ENDPOINT_FAILED),
    ("failed to fetch idtoken", Oidc.ENDPOINT_FAILED),
)
"""Words in the last sentence about the exchange, in lower case."""
