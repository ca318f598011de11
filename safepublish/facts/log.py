"""npm's debug log, read: what npm asked, what the registry answered, and what npm said at the end.

The log always holds the `oidc` lines that the screen hides: npm writes it at the level `silly`
(npm 12.2.0, lib/utils/log-file.js; lib/utils/oidc.js for the lines themselves).
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from safepublish.facts.versions import Version, parse

_LINE = re.compile(r"\d{1,9} (silly|verbose|info|timing|http|notice|warn|error)(?: (.*))?")
_FETCH = re.compile(r"fetch ([A-Z]+) (\d{3}) (\S+)")
_EXCHANGE = "/-/npm/v1/oidc/token/exchange/package/"
_FAILED_EXCHANGE = "Failed token exchange request with body message: "
_ERRORS_KEPT = 40


class Attempt(NamedTuple):
    """One package in the log, from its packing to its end."""

    name: str | None = None
    version: str | None = None
    oidc: str | None = None  # npm's last `oidc` sentence for this package
    exchanged: bool = False  # "Successfully retrieved and set token"
    exchange_status: int | None = None
    put_status: int | None = None  # of the PUT, or of the POST that stages
    signed: bool = False  # a provenance statement was signed


class Log(NamedTuple):
    """What npm's debug log says of one run of npm."""

    npm: Version | None = None
    node: Version | None = None
    command: str | None = None  # the title: "npm publish"
    attempts: tuple[Attempt, ...] = ()
    code: str | None = None  # E404, ENEEDAUTH, EUSAGE, …
    errors: tuple[str, ...] = ()  # the error lines, in order
    notices: tuple[str, ...] = ()  # what the registry said in `npm-notice`
    status: int | None = None  # npm's exit status

    @property
    def last(self) -> Attempt:
        """The package npm was at when it ended."""
        return self.attempts[-1] if self.attempts else Attempt()

    def went_out(self, attempt: Attempt) -> bool:
        """Whether the registry took the package of *attempt*, which is one of this log's.

        npm stops at the first package that fails. Of a PUT that is taken the line may be missing: npm does not wait for
        the answer's end, where it is written (npm-registry-fetch 20.0.1, lib/check-response.js, `ignoreBody`).
        """
        if attempt.put_status is not None:
            return 200 <= attempt.put_status < 300
        return self.status == 0 or attempt is not self.attempts[-1]

    @property
    def unauthenticated(self) -> bool:
        """Whether npm ended for want of a credential the registry takes, and OIDC had given it none."""
        return self.code in {"E401", "E403", "E404", "ENEEDAUTH"} and not self.last.exchanged

    def says(self, text: str) -> str | None:
        """The first error line that holds *text*."""
        return next((line for line in self.errors if text in line), None)


def read(lines: Iterable[str]) -> Log:
    """What the debug log of one run of npm says; lines that are none of npm's are passed over."""
    log = Log()
    attempts: list[Attempt] = []
    errors: list[str] = []
    notices: list[str] = []
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        level, text = match.group(1), (match.group(2) or "").rstrip()
        if level == "error":
            if text.startswith("code ") and log.code is None:
                log = log._replace(code=text[5:])
            if len(errors) < _ERRORS_KEPT:
                errors.append(text)
        elif level == "notice":
            _notice(text, attempts, notices)
        elif level == "http":
            _fetch(text, attempts)
        else:
            log = _told(text, log, attempts)
    return log._replace(attempts=tuple(attempts), errors=tuple(errors), notices=tuple(notices))


def _told(text: str, log: Log, attempts: list[Attempt]) -> Log:
    """The lines npm writes for itself, at the levels info, verbose and silly."""
    if text.startswith(("publish [", "stage [")):
        attempts.append(Attempt())
    elif text.startswith("oidc "):
        _oidc(text[5:], attempts)
    elif text.startswith("title "):
        return log._replace(command=text[6:])
    elif text.startswith("using npm@"):
        return log._replace(npm=parse(text[10:]))
    elif text.startswith("using node@"):
        return log._replace(node=parse(text[11:]))
    elif text.startswith("exit ") and text[5:].isdigit():
        return log._replace(status=int(text[5:]))
    return log


def _oidc(text: str, attempts: list[Attempt]) -> None:
    if text.startswith("Successfully retrieved"):
        _amend(attempts, oidc=text, exchanged=True)
    elif not text.startswith(("Cleared", "Enabling provenance", "Failed to set provenance")):
        # Those three say nothing about the exchange itself.
        _amend(attempts, oidc=text)


def _notice(text: str, attempts: list[Attempt], notices: list[str]) -> None:
    field, _, value = text.partition(":")
    if field == "name":
        _amend(attempts, name=value.strip())
    elif field == "version":
        _amend(attempts, version=value.strip())
    elif "Signed provenance statement" in text:
        _amend(attempts, signed=True)
    elif text.startswith(("Access token", "This ", "Your ", "Security")) and len(notices) < _ERRORS_KEPT:
        notices.append(text)


def _fetch(text: str, attempts: list[Attempt]) -> None:
    match = _FETCH.match(text)
    if match is None:
        return
    method, status, url = match.groups()
    if method == "POST" and _EXCHANGE in url:
        _amend(attempts, exchange_status=int(status))
    elif method == "PUT" or (method == "POST" and "/-/stage/package/" in url):
        _amend(attempts, put_status=int(status))


def _amend(attempts: list[Attempt], **fields: object) -> None:
    if not attempts:
        attempts.append(Attempt())
    attempts[-1] = attempts[-1]._replace(**fields)  # type: ignore[arg-type]  # the names are this module's own


def registry_words(attempt: Attempt) -> str | None:
    """What the registry answered to the exchange, in its own words, when npm logged them."""
    if attempt.oidc is None or not attempt.oidc.startswith(_FAILED_EXCHANGE):
        return None
    return attempt.oidc.removeprefix(_FAILED_EXCHANGE)
