"""What is known of a log between two of its lines: what belongs to all of it, and the publish at hand."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from safepublish.facts.log import Attempt, Line, Log, Tool, Transcript
from safepublish.logs import wording as words
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

_SIDE_BY_SIDE = frozenset({Tool.LERNA, Tool.PNPM, Tool.SEMANTIC_RELEASE, Tool.CHANGESETS})
"""Tools that tell of the exchange before they name the package, or of several packages at once."""


class Publish:
    """One run of a publishing tool while it is read."""

    def __init__(self) -> None:
        """Nothing is known of it yet."""
        self.fields: dict[str, Any] = {}
        self.attempts: list[Attempt] = [Attempt()]
        self.quotes: dict[str, Line] = {}
        self.errors: list[Line] = []
        self.notices: list[Line] = []
        self.level = "notice"
        self.thrown: Line | None = None  # the error in npm's verbose lines, which come before its error lines
        self.retold = False  # what follows is said already
        self.stated = False  # npm has printed the line with its code
        self.over = False  # npm said its last word
        self.run: str | None = None  # the name of npm's debug log, which no other run has
        self.dry = False  # npm publish --dry-run prints `+ name@version` too

    @property
    def code(self) -> str | None:
        """The code it ended with, so far."""
        code: str | None = self.fields.get("code")
        return code

    @property
    def begun(self) -> bool:
        """Whether anything was seen of it."""
        return self.attempts != [Attempt()] or bool(self.errors) or self.code is not None

    @property
    def last(self) -> Attempt:
        """The package at hand."""
        return self.attempts[-1]

    def repeats(self, log: Log, clean: Callable[[str], str]) -> bool:
        """Whether its errors are those of *log* printed again, as by a script that throws what npm printed.

        npm lists the tarball before it fails, and an npm that ran again would have.
        """
        own = {"package", "publishing", "packed", "name", "version"} & self.last.quotes.keys()
        if self.run is not None or own - {"name"} or self.code is None or self.code != log.code:
            return False
        said = {line.text for line in log.errors}
        return bool(self.errors) and all(clean(line.text)[:LONGEST] in said for line in self.errors)

    def amend(self, fact: str, line: Line | None, **fields: Any) -> None:
        """Note *fields* of the package at hand, and the *line* that says so."""
        last = self.attempts[-1]
        quotes = {**last.quotes, fact: line} if line is not None and fact not in last.quotes else last.quotes
        self.attempts[-1] = last._replace(quotes=quotes, **fields)

    def error(self, line: Line) -> None:
        """Keep an error line."""
        if len(self.errors) < MOST_ERRORS and (not self.errors or self.errors[-1] != line):
            self.errors.append(line)

    def notice(self, line: Line) -> None:
        """Keep what the registry said beside its answer."""
        if len(self.notices) < MOST_ERRORS:
            self.notices.append(line)
            self.quotes.setdefault("notice", line)

    def fail(self, code: str, line: Line) -> None:
        """It ended with *code*, unless it did with another before."""
        if self.code is None:
            self.fields["code"] = code
            self.quotes.setdefault("code", line)

    def detail(self, level: str) -> None:
        """A line of this level of npm's occurs."""
        if level in words.DETAIL and _more_detailed(level, self.level):
            self.level = level


class State:
    """What is known so far."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.shared: dict[str, Any] = {}  # fields of every `Log`
        self.quotes: dict[str, Line] = {}
        self.tokens: dict[str, CredentialKind] = {}
        self.upgraded: Line | None = None
        self.command: str | None = None
        self.secrets: set[str] = set()  # the values of secrets in a command line: npm repeats one as a package's name
        self.listing = False  # below "packages published successfully"
        self.spec: tuple[str, str] | None = None  # name and version alone on the line before
        self.unseen: dict[str, Line] = {}  # packages that the registry did not show to the tool
        self.oidc: dict[str, Any] = {}  # of tools that publish side by side: said before the package is named
        self.oidc_quotes: dict[str, Line] = {}
        self.tool = Tool.NPM
        self.tool_version: Version | None = None
        self.now = Publish()
        self.logs: list[Log] = []
        self.runs: dict[str, int] = {}  # the place in `logs` of a run of npm, by its debug log's name
        self.published: dict[str, Line] = {}
        self.number = 0
        self.version_until = 0  # until this line a bare version is npm's answer to `npm --version`

    def quote(self, text: str) -> Line:
        """The line at hand, to be quoted; `clean` takes its secrets away before it leaves."""
        return Line(self.number, text[: 4 * LONGEST])

    def transcript(self) -> Transcript:
        """What was read, when the log has ended."""
        self.flush()
        return Transcript(tuple(self.logs), tuple(self.published.values()), self.number)

    def tool_is(self, tool: Tool, *, version: str | None = None, line: Line | None = None) -> None:
        """A line of this tool was seen, with its version where it says so."""
        if self.tool is not tool:
            if self.now.over:
                self.flush()
            self.tool = tool
            self.tool_version = self.tool_version if tool is Tool.YARN else None
        if version is not None:
            self.tool_version = parse(version)
            if line is not None:
                self.quotes["tool"] = line

    def noted(self, fact: str, line: Line, **fields: Any) -> None:
        """A fact about the exchange: of the package at hand, or where packages go out side by side, of the next."""
        if self.tool not in _SIDE_BY_SIDE:
            self.now.amend(fact, line, **fields)
        elif not (fields.get("exchanged") and self.oidc.get("oidc")):  # what failed is what will be asked about
            self.oidc |= fields
            self.oidc_quotes.setdefault(fact, line)

    def told(self, fields: Mapping[str, Any], line: Line) -> None:
        """All that a tool tells of an exchange stands in one line."""
        self.oidc, self.oidc_quotes = dict(fields), {"oidc": line}

    def give_oidc(self) -> None:
        """Give the package at hand what was said about the exchange before it was named."""
        known = self.now.last._asdict()
        fields = {key: value for key, value in self.oidc.items() if not known.get(key)}
        if fields:
            self.now.amend("", None, **fields)
            for fact, line in self.oidc_quotes.items():
                self.now.amend(fact, line)
        if self.tool in {Tool.PNPM, Tool.SEMANTIC_RELEASE}:
            self.oidc, self.oidc_quotes = {}, {}

    def package(self, name: str | None, version: str | None, line: Line) -> None:
        """A tarball's contents are listed: a package is on its way."""
        last = self.now.last
        another = last.name is not None and (last.name, last.version) != (name, version)
        if self.now.code is not None or last.published or (another and self.now.fields.get("npm") is None):
            self.flush()
        self.now.amend("package", line, name=name or self.now.last.name, version=version)

    def not_there(self, name: str, line: Line) -> None:
        """The registry did not show this package to the tool, before or while it was published."""
        if len(self.unseen) < MOST_PUBLISHED:
            self.unseen.setdefault(name, line)

    def next_package(self, name: str | None, version: str | None, line: Line) -> None:
        """The next package of a tool that publishes many in one run."""
        if self.now.code is not None:
            self.flush()
        self.now.amend("package", line, name=name or self.now.last.name, version=version)
        unseen = self.unseen.get(name or "")
        if unseen is not None:
            self.now.amend("packument", unseen, packument_status=404)
        self.give_oidc()

    def went_out(self, name: str, version: str, line: Line) -> None:
        """A package was published, unless the run was dry."""
        if self.now.dry:
            return
        self._note_published(f"{name}@{version}", line)
        if self.now.last.name in {None, name} and self.now.code is None:
            self.now.amend("published", line, name=name, version=version, published=True)
            if self.now.fields.get("npm") is None:
                self.now = Publish()

    def hint(self, text: str | None) -> None:
        """The version of an npm, as a line shows it that need not be of the npm that publishes."""
        version = parse(text) if text else None
        if version is not None:
            self.shared["npm_hint"] = version

    def flush(self) -> None:
        """The publish at hand has ended."""
        now, self.now = self.now, Publish()
        for attempt in now.attempts:
            if attempt.published and attempt.name is not None:
                line = attempt.quotes.get("published") or attempt.quotes.get("put") or Line(self.number, "")
                self._note_published(f"{attempt.name}@{attempt.version}", line)
        if not now.errors and now.thrown is not None and now.code is not None:
            now.errors = [now.thrown]
        told = now.code is not None or now.errors or not now.fields.keys().isdisjoint({"status", "npm", "command"})
        refused = now.last.oidc is not None and not now.last.exchanged
        if told or refused or now.notices:
            self._keep(now)

    def _keep(self, now: Publish) -> None:
        """Keep what is known of a publish, once: some tools print what npm printed again, and so do people."""
        known = self.runs.get(now.run or "")
        if known is not None:
            if _more_detailed(now.level, self.logs[known].level):
                self.logs[known] = self._log(now)
        elif self.logs and now.repeats(self.logs[-1], self.clean):
            return
        elif len(self.logs) < MOST_LOGS:
            if now.run is not None:
                self.runs[now.run] = len(self.logs)
            self.logs.append(self._log(now))

    def _log(self, now: Publish) -> Log:
        if self.upgraded is not None:
            now.quotes.setdefault("upgraded", self.upgraded)
        fields = {"command": self.command, **self.shared, **now.fields}
        for name in ("command", "registry", "asked_for"):
            fields[name] = self.clean(fields[name]) if fields.get(name) else fields.get(name)
        tool, version = self.tool, self.tool_version
        if tool is Tool.SEMANTIC_RELEASE and now.code not in {None, "ENONPMTOKEN", "EINVALIDNPMTOKEN"}:
            tool, version = Tool.NPM, None  # it let npm publish, and npm makes its own exchange
        return Log(
            **fields,
            attempts=tuple(map(self._clean_attempt, now.attempts)) if now.begun or self.tool is not Tool.NPM else (),
            errors=tuple(map(self._clean_line, now.errors)),
            notices=tuple(map(self._clean_line, now.notices)),
            tool=tool,
            tool_version=version,
            level=now.level,
            tokens=dict(self.tokens),
            quotes=self._all_clean({**self.quotes, **now.quotes}),
        )

    def _note_published(self, spec: str, line: Line) -> None:
        if len(self.published) < MOST_PUBLISHED:
            shown = self.clean(spec)
            self.published.setdefault(shown, Line(line.number, shown))

    def learn(self, command: str) -> None:
        """Remember the secrets that stand in *command*."""
        if len(self.secrets) < MOST_LOGS:
            self.secrets |= values(command)

    def clean(self, text: str) -> str:
        """*text* without secrets."""
        return redacted(without(text, self.secrets))

    def _clean_line(self, line: Line) -> Line:
        """A line as it may be shown: without secrets, and not endless."""
        return Line(line.number, self.clean(line.text)[:LONGEST])

    def _all_clean(self, quotes: Mapping[str, Line]) -> dict[str, Line]:
        return {fact: self._clean_line(line) for fact, line in quotes.items()}

    def _clean_attempt(self, one: Attempt) -> Attempt:
        name, said = one.name and self.clean(one.name), one.oidc and self.clean(one.oidc)
        return one._replace(name=name, oidc=said, quotes=self._all_clean(one.quotes))


def _more_detailed(level: str, other: str) -> bool:
    return words.DETAIL.index(level) > words.DETAIL.index(other)
