"""What the reader knows between two lines of a log: what holds for all of it, and the current publish."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from safepublish.facts.log import Attempt, Line, Tool
from safepublish.logs import wording
from safepublish.logs.log import Log, Transcript
from safepublish.npm.secrets import redacted, values, without
from safepublish.npm.tool_versions import parse

if TYPE_CHECKING:
    from packaging.version import Version

    from safepublish.facts.kinds import CredentialKind

LONGEST = 500
"""Characters of a line that are kept to be quoted."""

MOST_ERRORS = 60
MOST_LOGS = 200
MOST_PUBLISHED = 2000

_NO_HEADER = re.compile(r"(?:\S+ )?\S+( is not a legal HTTP header value)")  # behind the value, which is a credential
_SIDE_BY_SIDE = frozenset({Tool.LERNA, Tool.PNPM, Tool.SEMANTIC_RELEASE, Tool.CHANGESETS})
"""Tools that print the exchange before they name the package, or of several packages at once."""


class Publish:
    """One run of a publishing tool while it is read."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.fields: dict[str, Any] = {}
        self.attempts: list[Attempt] = [Attempt()]
        self.quotes: dict[str, Line] = {}
        self.errors: list[Line] = []
        self.notices: list[Line] = []
        self.level = "notice"
        self.thrown: Line | None = None  # the error in npm's verbose lines, which come before its error lines
        self.is_repeated = False  # what follows repeats what was printed
        self.has_code_line = False  # npm printed the line `code …`
        self.ended = False  # npm printed its last line
        self.log_name: str | None = None  # the name of npm's debug log, which no other run has
        self.dry_run = False  # npm publish --dry-run prints `+ name@version` too

    @property
    def code(self) -> str | None:
        """The code it ended with, so far."""
        code: str | None = self.fields.get("code")
        return code

    @property
    def has_begun(self) -> bool:
        """Whether any line of it was read."""
        return self.attempts != [Attempt()] or bool(self.errors) or self.code is not None

    @property
    def last(self) -> Attempt:
        """The current package."""
        return self.attempts[-1]

    def repeats(self, log: Log, clean: Callable[[str], str]) -> bool:
        """Whether its errors are those of *log* printed again, as by a script that throws what npm printed.

        npm lists the tarball before it fails, and an npm that ran again would have.
        """
        own = {"package", "publishing", "packed", "name", "version"} & self.last.quotes.keys()
        if self.log_name is not None or own - {"name"} or self.code is None or self.code != log.code:
            return False
        known = {line.text for line in log.errors}
        return bool(self.errors) and all(clean(line.text)[:LONGEST] in known for line in self.errors)

    def note(self, fact: str, line: Line | None, **fields: Any) -> None:
        """Set *fields* of the current package; *line* is the evidence for *fact*."""
        last = self.attempts[-1]
        quotes = {**last.quotes, fact: line} if line is not None and fact not in last.quotes else last.quotes
        self.attempts[-1] = last._replace(quotes=quotes, **fields)

    def add_error(self, line: Line) -> None:
        """Keep an error line."""
        if len(self.errors) < MOST_ERRORS and (not self.errors or self.errors[-1] != line):
            self.errors.append(line)

    def add_notice(self, line: Line) -> None:
        """Keep a message that the registry sent beside its answer."""
        if len(self.notices) < MOST_ERRORS:
            self.notices.append(line)
            self.quotes.setdefault("notice", line)

    def fail(self, code: str, line: Line) -> None:
        """Note the code that it ended with; the first one counts."""
        if self.code is None:
            self.fields["code"] = code
            self.quotes.setdefault("code", line)

    def note_level(self, level: str) -> None:
        """Note that a line of this log level occurs."""
        if level in wording.DETAIL and _more_detailed(level, self.level):
            self.level = level


class State:
    """What is known of the log so far."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.shared: dict[str, Any] = {}  # fields of every `Log`
        self.quotes: dict[str, Line] = {}
        self.tokens: dict[str, CredentialKind] = {}
        self.upgraded: Line | None = None
        self.command: str | None = None
        self.secrets: set[str] = set()  # the values of secrets in a command line: npm repeats one as a package's name
        self.listing = False  # below "packages published successfully"
        self.spec: tuple[str, str] | None = None  # name and version alone on the line before
        self.unlisted: dict[str, Line] = {}  # packages that the registry did not find for the tool
        self.exchange: dict[str, Any] = {}  # of tools that publish side by side: printed before the package is named
        self.exchange_quotes: dict[str, Line] = {}
        self.tool = Tool.NPM
        self.tool_version: Version | None = None
        self.current = Publish()
        self.logs: list[Log] = []
        self.runs: dict[str, int] = {}  # the place in `logs` of a run of npm, by its debug log's name
        self.published: dict[str, Line] = {}
        self.number = 0
        self.version_until = 0  # until this line a bare version is npm's answer to `npm --version`

    def quote(self, text: str) -> Line:
        """The current line, to be quoted; `clean` removes its secrets before it leaves."""
        return Line(self.number, text[: 4 * LONGEST])

    def transcript(self) -> Transcript:
        """What the whole log shows, once it has ended."""
        self.end_publish()
        return Transcript(tuple(self.logs), tuple(self.published.values()), self.number)

    def set_tool(self, tool: Tool, *, version: str | None = None, line: Line | None = None) -> None:
        """Note that a line of this tool was read, with its version where the line has it."""
        if self.tool is not tool:
            if self.current.ended:
                self.end_publish()
            self.tool = tool
            self.tool_version = self.tool_version if tool is Tool.YARN else None
        if version is not None:
            self.tool_version = parse(version)
            if line is not None:
                self.quotes["tool"] = line

    def note_exchange(self, fact: str, line: Line, **fields: Any) -> None:
        """Note a fact about the exchange of the current package, or of the next where a tool publishes side by side."""
        if self.tool not in _SIDE_BY_SIDE:
            self.current.note(fact, line, **fields)
        elif not (fields.get("exchanged") and self.exchange.get("oidc")):  # the failure is what has to be explained
            self.exchange |= fields
            self.exchange_quotes.setdefault(fact, line)

    def replace_exchange(self, fields: Mapping[str, Any], line: Line) -> None:
        """Note an exchange of which the tool prints one line only."""
        self.exchange, self.exchange_quotes = dict(fields), {"oidc": line}

    def attach_exchange(self) -> None:
        """Note what was printed about the exchange before the package was named."""
        known = self.current.last._asdict()
        fields = {key: value for key, value in self.exchange.items() if not known.get(key)}
        if fields:
            self.current.note("", None, **fields)
            for fact, line in self.exchange_quotes.items():
                self.current.note(fact, line)
        if self.tool in {Tool.PNPM, Tool.SEMANTIC_RELEASE}:
            self.exchange, self.exchange_quotes = {}, {}

    def start_package(self, name: str | None, version: str | None, line: Line) -> None:
        """Start the package whose tarball is listed."""
        last = self.current.last
        another = last.name is not None and (last.name, last.version) != (name, version)
        if self.current.code is not None or last.published or (another and self.current.fields.get("npm") is None):
            self.end_publish()
        self.current.note("package", line, name=name or self.current.last.name, version=version)

    def note_unlisted(self, name: str, line: Line) -> None:
        """Note that the registry did not find this package when the tool requested it."""
        if len(self.unlisted) < MOST_PUBLISHED:
            self.unlisted.setdefault(name, line)

    def start_next_package(self, name: str | None, version: str | None, line: Line) -> None:
        """Start the next package of a tool that publishes many in one run."""
        if self.current.code is not None:
            self.end_publish()
        self.current.note("package", line, name=name or self.current.last.name, version=version)
        unlisted = self.unlisted.get(name or "")
        if unlisted is not None:
            self.current.note("packument", unlisted, packument_status=404)
        self.attach_exchange()

    def note_published(self, name: str, version: str, line: Line) -> None:
        """Note that a package was published, unless this is a dry run."""
        if self.current.dry_run:
            return
        self._keep_published(f"{name}@{version}", line)
        if self.current.last.name in {None, name} and self.current.code is None:
            self.current.note("published", line, name=name, version=version, published=True)
            if self.current.fields.get("npm") is None:
                self.current = Publish()

    def set_npm_hint(self, text: str | None) -> None:
        """Note an npm version from a line that may be about another npm than the one that publishes."""
        version = parse(text) if text else None
        if version is not None:
            self.shared["npm_hint"] = version

    def end_publish(self) -> None:
        """End the current publish and keep what is known of it."""
        publish, self.current = self.current, Publish()
        for attempt in publish.attempts:
            if attempt.published and attempt.name is not None:
                line = attempt.quotes.get("published") or attempt.quotes.get("put") or Line(self.number, "")
                self._keep_published(f"{attempt.name}@{attempt.version}", line)
        if not publish.errors and publish.thrown is not None and publish.code is not None:
            publish.errors = [publish.thrown]
        is_known = (
            publish.code is not None
            or publish.errors
            or not publish.fields.keys().isdisjoint({"status", "npm", "command"})
        )
        refused = publish.last.oidc is not None and not publish.last.exchanged
        if is_known or refused or publish.notices:
            self._keep(publish)

    def _keep(self, publish: Publish) -> None:
        """Keep a publish once: some tools print npm's output a second time, and people paste it twice."""
        known = self.runs.get(publish.log_name or "")
        if known is not None:
            if _more_detailed(publish.level, self.logs[known].level):
                self.logs[known] = self._log(publish)
        elif self.logs and publish.repeats(self.logs[-1], self.clean):
            return
        elif len(self.logs) < MOST_LOGS:
            if publish.log_name is not None:
                self.runs[publish.log_name] = len(self.logs)
            self.logs.append(self._log(publish))

    def _log(self, publish: Publish) -> Log:
        if self.upgraded is not None:
            publish.quotes.setdefault("upgraded", self.upgraded)
        fields = {"command": self.command, **self.shared, **publish.fields}
        for name in ("command", "registry", "asked_for"):
            fields[name] = self.clean(fields[name]) if fields.get(name) else fields.get(name)
        tool, version = self.tool, self.tool_version
        if tool is Tool.SEMANTIC_RELEASE and publish.code not in {None, "ENONPMTOKEN", "EINVALIDNPMTOKEN"}:
            tool, version = Tool.NPM, None  # it runs npm publish, which makes its own exchange
        return Log(
            **fields,
            attempts=tuple(map(self._clean_attempt, publish.attempts))
            if publish.has_begun or self.tool is not Tool.NPM
            else (),
            errors=tuple(map(self._clean_line, publish.errors)),
            notices=tuple(map(self._clean_line, publish.notices)),
            tool=tool,
            tool_version=version,
            level=publish.level,
            tokens=dict(self.tokens),
            quotes=self._clean_quotes({**self.quotes, **publish.quotes}),
        )

    def _keep_published(self, spec: str, line: Line) -> None:
        if len(self.published) < MOST_PUBLISHED:
            shown = self.clean(spec)
            self.published.setdefault(shown, Line(line.number, shown))

    def remember_secrets(self, command: str) -> None:
        """Remember the secrets in *command*."""
        if len(self.secrets) < MOST_LOGS:
            self.secrets |= values(command)

    def clean(self, text: str) -> str:
        """*text* without secrets."""
        return redacted(without(_NO_HEADER.sub("***\\1", text), self.secrets))

    def _clean_line(self, line: Line) -> Line:
        """A line as it may be shown: without secrets, and not endless."""
        return Line(line.number, self.clean(line.text)[:LONGEST])

    def _clean_quotes(self, quotes: Mapping[str, Line]) -> dict[str, Line]:
        return {fact: self._clean_line(line) for fact, line in quotes.items()}

    def _clean_attempt(self, attempt: Attempt) -> Attempt:
        name, oidc = attempt.name and self.clean(attempt.name), attempt.oidc and self.clean(attempt.oidc)
        return attempt._replace(name=name, oidc=oidc, quotes=self._clean_quotes(attempt.quotes))


def _more_detailed(level: str, other: str) -> bool:
    return wording.DETAIL.index(level) > wording.DETAIL.index(other)
