"""`safepublish rehearse`: the publish of a workflow, played on this machine with the npm that CI would have.

What it says goes to *say*; only `cli` prints.
"""

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from safepublish import causes, hand_over, look
from safepublish.facts import workflow
from safepublish.facts.rehearsed import Outcome, Receipt, Rehearsed
from safepublish.facts.report import Report, Verdict
from safepublish.facts.run import PLACEHOLDER, Existence, Options, Package
from safepublish.facts.run import Npm as FoundNpm
from safepublish.facts.step import File, Step
from safepublish.facts.versions import Version, parse
from safepublish.look import config, package, repository, workflows
from safepublish.look import npm as npms
from safepublish.look.http import Deadline
from safepublish.rehearsal import laying, place
from safepublish.rehearsal.place import Place
from safepublish.rehearsal.plan import TOOLS, Around, NotPlayedError, Plan, hosts, plan, released, without_oidc
from safepublish.rehearsal.registry import (
    Grant,
    PublishedPackage,
    PublishedVersion,
    Registry,
    TrustedPublisher,
    same_repository,
)
from safepublish.rehearsal.server import Server
from safepublish.report import rehearsed as lines

SECONDS = 8.0
"""How long the real registry may take to say what it holds."""

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rehearsal")
_PUBLISHER = re.compile(r"([^/:\s]+/[^/:\s]+):([^/:\s]+\.ya?ml)(?::(\S+))?")
_NO_STEP = "no workflow of this repository has a step that publishes with npm"


class WrongError(Exception):
    """The words given cannot be followed, or there is nothing to rehearse; the text says what, and what is allowed."""


class Signalled(BaseException):  # noqa: N818 - as KeyboardInterrupt, of which it is the likeness
    """A signal reached us: everything is put away, then we die of it."""

    def __init__(self, number: int) -> None:
        """Remember the signal's *number*."""
        super().__init__(number)
        self.number = number


class Screen(NamedTuple):
    """Where it is said, and how."""

    say: Callable[[str], None]
    colour: bool = False
    unicode: bool = True


class Asked(NamedTuple):
    """What the command line asks for."""

    words: tuple[str, ...] = ()  # for npm
    stage: bool = False
    workflow: str | None = None  # a file's name or path
    job: str | None = None
    publisher: TrustedPublisher | None = None
    assumed: str | None = None  # the version that is taken for published; None: the registry is asked
    fixed: bool = False
    secrets: bool = True  # they hold something


def parse_words(words: Sequence[str]) -> Asked:
    """Tell our own words from npm's. Ours are read only before the first ``--``."""
    rest = list(words)
    asked = Asked(stage=bool(rest) and rest[0] == "stage")
    if asked.stage:
        del rest[0]
    for_npm: list[str] = []
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            for_npm += [word, *rest]
            break
        if name in {"--workflow", "--job", "--publisher"}:
            if not equals:
                if not rest:
                    raise WrongError(f"{name} needs a value")
                value = rest.pop(0)
            asked = asked._replace(**{name[2:]: _publisher(value) if name == "--publisher" else value})
        elif name == "--assume-published":
            if not equals and rest and parse(rest[0]) is not None:
                value = rest.pop(0)
            asked = asked._replace(assumed=_version(value))
        elif word == "--fixed":
            asked = asked._replace(fixed=True)
        elif word == "--no-secrets":
            asked = asked._replace(secrets=False)
        elif word == "--dry-run" or (name == "--dry-run" and value != "false"):
            raise WrongError("a rehearsal publishes to an embedded registry; --dry-run would publish nothing there")
        else:
            for_npm.append(word)
    return asked._replace(words=tuple(for_npm))


def _publisher(value: str) -> TrustedPublisher:
    match = _PUBLISHER.fullmatch(value)
    if match is None:
        raise WrongError(
            f"--publisher is {value[:80]!r}; it takes OWNER/REPO:FILE[:ENVIRONMENT], as octo/hi:publish.yml"
        )
    return TrustedPublisher(match[1], match[2], match[3])


def _version(value: str) -> str:
    if value and parse(value) is None:
        raise WrongError(f"--assume-published is {value[:40]!r}; it takes a version, as 1.2.3")
    return value or "0.0.1"


def run(asked: Asked, *, env: Mapping[str, str], cwd: str, screen: "Screen") -> int:
    """Rehearse; returns how npm's publish came out: 0 published through OIDC, 3 not, or the negative of a signal.

    Raises `WrongError`.
    """
    previous = _signals_raise()
    try:
        return _run(asked, env, cwd, screen)
    except Signalled as interrupted:
        return -interrupted.number
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _signals_raise() -> dict[int, Any]:
    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise Signalled(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A signal that the caller ignores (nohup) stays ignored.
    return {
        number: signal.signal(number, interrupt) for number in numbers if signal.getsignal(number) != signal.SIG_IGN
    }


def _run(asked: Asked, env: Mapping[str, str], cwd: str, screen: "Screen") -> int:
    around = repository.read({}, cwd)
    root = around.root
    if root is None:
        raise WrongError("no git repository is around this directory, and its workflows are what a rehearsal plays")
    file, step = _chosen(asked, workflows.Checkout(root), root)
    with Place() as where:
        stage = _Stage(asked, where, env, root, around.remote, screen)
        rehearsed = stage.play(file, step)
        if asked.fixed and rehearsed.outcome is not Outcome.OIDC:
            rehearsed = stage.play_mended(file, step)
    return 0 if rehearsed.outcome is Outcome.OIDC else 3


# Which step


def _chosen(asked: Asked, checkout: workflows.Checkout, root: str) -> tuple[File, Step]:
    """The publish step to play: the only one, or the one that the options name."""
    found: list[tuple[File, Step]] = []
    others: list[Step] = []
    for file in _files(asked, checkout, root):
        for legs in file.steps:
            step = min(legs, key=_npm_order)
            if asked.job is not None and step.job != asked.job:
                continue
            if step.tool in TOOLS and not step.composite and step.reusable != "callee":
                found.append((file, step))
            else:
                others.append(step)
    if not found:
        raise WrongError(_none_found(asked, others))
    if len(found) > 1:
        listed = "".join(
            f"\n  --workflow {os.path.basename(step.entry_path)} --job {step.job}   line {step.at.line}: {step.command}"
            for _, step in found
        )
        raise WrongError(f"{len(found)} steps publish with npm; which one is told by:{listed}")
    return found[0]


def _none_found(asked: Asked, others: Sequence[Step]) -> str:
    narrowed = " that the options name" if asked.job or asked.workflow else ""
    if not others:
        return f"{_NO_STEP}{narrowed}"
    listed = "".join(
        f"\n  {step.at.path}:{step.at.line}, job {step.job}: {step.hidden or step.tool}" for step in others
    )
    return f"{_NO_STEP}{narrowed}; these publish otherwise:{listed}"


def _files(asked: Asked, checkout: workflows.Checkout, root: str) -> Iterator[File]:
    try:
        paths = [os.path.relpath(path, root) for path in workflows.paths([], root, root)]
    except OSError as error:
        raise WrongError(f"{error.filename} cannot be read: {error.strerror}") from error
    for path in paths:
        shown = path.replace(os.sep, "/")
        if asked.workflow is not None and asked.workflow not in {shown, os.path.basename(shown)}:
            continue
        text = checkout.text(shown)
        if text is None:
            continue
        file = workflow.read(text, shown, checkout.text)
        if file.trouble is not None and asked.workflow is not None:
            raise WrongError(f"{shown}:{file.line}: {file.trouble}")
        yield file


def _npm_order(step: Step) -> tuple[bool, tuple[int, ...]]:
    """The leg with the oldest npm first: it is the one in question."""
    known = step.npm.npms
    return known is None, known.lowest[:3] if known else ()


# Playing it


class _Npm(NamedTuple):
    """The npm that plays, and what to say of it."""

    version: Version | None
    cli: str | None  # None: as this machine's PATH gives it
    trouble: str | None = None


class _Stage:
    """One place, in which a step is played: as it is, and mended."""

    def __init__(
        self, asked: Asked, where: Place, env: Mapping[str, str], root: str, remote: str | None, screen: "Screen"
    ) -> None:
        self.asked, self.where, self.env, self.root, self.screen = asked, where, env, root, screen
        self.around = Around(remote, repository.head(root), windows=sys.platform == "win32")
        self.copy = where.path("work", os.path.basename(root) or "repository")
        _copy(root, self.copy, remote)
        self.known: dict[str, tuple[PublishedPackage | None, str]] = {}

    def play(self, file: File, step: Step) -> Rehearsed:
        """Play *step* of *file*, which stands in the copy."""
        try:
            chosen = plan(step, self.around, self.asked.words, staged=self.asked.stage, pinned=_pinned(file, step))
        except NotPlayedError as error:
            raise WrongError(str(error)) from error
        cwd = os.path.normpath(os.path.join(self.copy, chosen.directory))
        if not os.path.isdir(cwd):
            raise WrongError(f"the step's working directory {chosen.directory} is not here")
        npm = self._npm(chosen)
        words = [*chosen.command, *chosen.words]
        env, tokens = self._environment(chosen)
        made = self._certificate(chosen, words, env, cwd, npm)
        env["PATH"] = self._bin(npm, made.node) + os.pathsep + env.get("PATH", os.defpath)
        chosen = released(chosen, made.packages[0].version if made.packages else None)
        held = Registry(
            {one.name: self._held(one, chosen) for one in made.packages if one.name and self._held(one, chosen)},  # type: ignore[misc]  # the condition leaves no None
            tokens=dict.fromkeys(tokens, Grant.PUBLISH),
            job=chosen.job,
            without_oidc=without_oidc(made.hosts),
        )
        with Server(held, tls=made.tls) as server:
            env = self._in_ci(chosen, server, env, made)
            self.screen.say(self._before(chosen, npm, made))
            found = npms.find(env)
            if found is None:
                raise WrongError("no npm is on PATH, and none could be fetched")
            predicted = self._predict(words, env, cwd, made, server.port)
            ended = hand_over.rehearse(
                found, words, env=env, cwd=cwd, group=self.where.group, logs_dir=_logs_dir(words, env, cwd, found)
            )
            receipts = _receipts(held)
        rehearsed = Rehearsed(
            status=ended.status,
            receipts=receipts,
            findings=causes.explain(ended.log) if ended.log is not None and ended.status else (),
            predicted=predicted,
            repository=chosen.job.repository,
            matches=tuple(same_repository(one.repository, chosen.job.repository) for one in receipts),
        )
        self.screen.say(lines.after(rehearsed, colour=self.screen.colour, unicode=self.screen.unicode))
        return rehearsed

    def play_mended(self, file: File, step: Step) -> Rehearsed:
        """Mend *file* in the copy, and play the step that stands there then."""
        raise NotImplementedError

    def _npm(self, chosen: Plan) -> _Npm:
        if chosen.npm is None:
            return _Npm(None, None)
        try:
            directory = laying.npm(
                str(chosen.npm), root=laying.cache(self.env), env={**self.env, place.MARK: self.where.directory}
            )
        except laying.LayingError as error:
            return _Npm(chosen.npm, None, str(error))
        return _Npm(chosen.npm, os.path.join(directory, "bin", "npm-cli.js"))

    def _environment(self, chosen: Plan) -> tuple[dict[str, str], list[str]]:
        """The environment as far as it does not depend on the registry, and the tokens that secrets hold."""
        env = self.where.environment(self.env)
        env |= {name: value for name, value in chosen.env.items() if name not in {"PATH", "HOME"}}
        tokens = []
        for secret in chosen.secrets:
            env[secret.variable] = ""
            if self.asked.secrets:
                env[secret.variable] = f"npm_{secrets.token_hex(18)}"
                tokens.append(env[secret.variable])
        env |= {
            "RUNNER_TEMP": self.where.path("runner", "_temp"),
            "GITHUB_WORKSPACE": self.copy,
            "npm_config_prefix": self.where.path("prefix"),  # not this machine's, whose etc/npmrc is none of the CI's
        }
        os.makedirs(env["RUNNER_TEMP"], exist_ok=True)
        user = chosen.setup_npmrc or ()
        if chosen.setup_npmrc is not None:
            env["NPM_CONFIG_USERCONFIG"] = self.where.path("runner", "_temp", ".npmrc")
        path = env.get("NPM_CONFIG_USERCONFIG") or os.path.join(env["HOME"], ".npmrc")
        text = "".join(f"{line}\n" for line in (*user, *chosen.npmrc))
        self.where.write(text, os.path.relpath(path, self.where.directory))
        return env, tokens

    def _certificate(
        self, chosen: Plan, words: Sequence[str], env: Mapping[str, str], cwd: str, npm: "_Npm"
    ) -> "_Made":
        """The packages that will be published, and TLS in the name of the registries that they go to."""
        found = FoundNpm("npm", npm.cli, npm.version, None, None)
        configuration = config.read(words, env=env, cwd=cwd, npm=found)
        packages = package.read(configuration, cwd=cwd)
        urls = [one.registry.value for one in packages if one.registry is not None]
        asked = hosts([chosen.registry, *urls])
        names = [host.rpartition(":")[0] for host in asked]
        node = shutil.which("node", path=env.get("PATH"))
        if node is None:
            raise WrongError("no node is on PATH; npm needs one")
        made = subprocess.run(  # noqa: S603 - our own program
            [node, os.path.join(_HERE, "certificate.cjs"), *names],
            env={**env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise WrongError(f"{node} ends with {made.returncode}: {made.stderr.strip().splitlines()[-1:]}")
        document = json.loads(made.stdout)
        certificate = self.where.write(document["certificate"], "certificate.pem")
        key = self.where.write(document["key"], "key.pem")
        import ssl  # only here

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        os.unlink(key)
        return _Made(packages, asked, document["node"], document["version"], certificate, tls)

    def _bin(self, npm: "_Npm", node: str) -> str:
        """A directory for PATH that gives npm and npx, and the node that runs them, whatever else PATH gives."""
        directory = self.where.path("bin")
        os.makedirs(directory, exist_ok=True)
        links = {"node": node}
        if npm.cli is not None:
            links |= {"npm": npm.cli, "npx": os.path.join(os.path.dirname(npm.cli), "npx-cli.js")}
        for name in ("node", "npm", "npx"):
            path = os.path.join(directory, name)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            if name in links:
                os.symlink(links[name], path)
        return directory

    def _in_ci(self, chosen: Plan, server: Server, env: Mapping[str, str], made: "_Made") -> dict[str, str]:
        """*env* with what the runner gives the step, and what keeps the rehearsal on this machine."""
        job = chosen.job.variables(request_url=server.request_url, request_token=server.registry.request_token)
        if not chosen.identity:
            job = {name: value for name, value in job.items() if not name.startswith("ACTIONS_ID_TOKEN_")}
        event = {"repository": {"full_name": chosen.job.repository, "private": False, "visibility": "public"}}
        job["GITHUB_EVENT_PATH"] = self.where.write(json.dumps(event), "runner", "event.json")
        for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"):
            job[name] = self.where.write("", "runner", name.lower())
        options = f'--require "{os.path.join(_HERE, "preload.cjs")}"'
        return {
            **job,
            **env,
            "NODE_OPTIONS": f"{env['NODE_OPTIONS']} {options}" if env.get("NODE_OPTIONS") else options,
            "NODE_EXTRA_CA_CERTS": made.certificate,
            "SAFEPUBLISH_REHEARSAL": json.dumps(dict.fromkeys(made.hosts, server.port)),
        }

    def _predict(self, words: Sequence[str], env: Mapping[str, str], cwd: str, made: "_Made", port: int) -> Report:
        """What the guard says of the very situation in which npm then runs."""
        options = Options(deadline=SECONDS)
        seen = look.gather(
            words,
            checking=False,
            env=env,
            cwd=cwd,
            options=options,
            mask=lambda _: None,
            now=int(time.time()),
            routes=dict.fromkeys(made.hosts, port),
        )
        report = causes.report(seen.runs, goes_on=True)
        if report.verdict is Verdict.REFUSE:
            seen = look.closer(seen, env=env, cwd=cwd)
            report = causes.report(seen.runs, goes_on=True)
        return report

    # What the registry holds

    def _held(self, one: Package, chosen: Plan) -> PublishedPackage | None:
        """The package as the embedded registry holds it."""
        assert one.name is not None  # noqa: S101 - the caller looked
        if one.name not in self.known:
            self.known[one.name] = self._ask(one, chosen)
        return self.known[one.name][0]

    def _ask(self, one: Package, chosen: Plan) -> tuple[PublishedPackage | None, str]:
        """The package as the real registry has it, and what to say of that."""
        name = one.name or ""
        if self.asked.assumed is not None:
            version = self.asked.assumed
            return self._trusting(PublishedPackage((version,)), None, chosen), f"{name} {version}, which is assumed"
        found = look.at_the_registry(name, env=self.env, cwd=self.root, deadline=Deadline(SECONDS))
        if found.existence is Existence.ABSENT:
            return None, f"no {name}: the registry has none"
        if found.existence is Existence.UNKNOWN or not found.versions:
            why = found.trouble or f"it answers {found.status}"
            package = self._trusting(PublishedPackage(("0.0.1",)), None, chosen)
            return package, f"{name} 0.0.1, which is assumed: the registry cannot be asked ({why})"
        ordered = sorted(found.versions, key=_order)
        records = tuple(
            PublishedVersion(each, deprecated="deprecated" if each in found.deprecated else None) for each in ordered
        )
        package = PublishedPackage(records, tags=found.tags)
        last = found.tags.get("latest", ordered[-1])
        by = found.publisher
        publisher = TrustedPublisher(by.repository, by.workflow) if by and by.repository and by.workflow else None
        return self._trusting(package, publisher, chosen), f"{name}, last {last}, as the registry does"

    def _trusting(self, package: PublishedPackage, last: TrustedPublisher | None, chosen: Plan) -> PublishedPackage:
        ours = TrustedPublisher(chosen.job.repository, chosen.job.workflow)
        return package._replace(publishers=(self.asked.publisher or last or ours,))

    def _before(self, chosen: Plan, npm: _Npm, made: "_Made") -> str:
        """What is set up, in words."""
        job = chosen.job
        identity = f"{job.repository}, {job.workflow}@{job.ref}, event {job.event}"
        if job.environment:
            identity += f", environment {job.environment}"
        if not chosen.identity:
            identity += "; no id token: the job lacks id-token: write"
        facts = [("npm", _shown(chosen, npm, made)), ("identity", identity), ("credential", self._credentials(chosen))]
        facts += [("registry", f"embedded; holds {words}") for _, words in self.known.values()]
        publishers = dict.fromkeys(one for held, _ in self.known.values() if held for one in held.publishers)
        for one in publishers:
            environment = f", environment {one.environment}" if one.environment else ""
            facts.append(("publisher", f"{one.repository}, {one.workflow}{environment}"))
        facts += [("assumed", words) for words in chosen.assumed]
        return lines.before(
            at=f"{chosen.step.at.path}:{chosen.step.at.line}",
            job=chosen.step.job,
            facts=facts,
            command=" ".join(("npm", *chosen.command, *map(_quoted, chosen.words))),
            colour=self.screen.colour,
            unicode=self.screen.unicode,
        )

    def _credentials(self, chosen: Plan) -> str:
        held = "set" if self.asked.secrets else "empty"
        said = [f"{secret.name} as {secret.variable}, taken for {held}" for secret in chosen.secrets]
        if chosen.env.get("NODE_AUTH_TOKEN") == PLACEHOLDER:
            said.append("setup-node's placeholder")
        return "; ".join(said) or "none"


def _quoted(word: str) -> str:
    return shlex.quote(word) if word else "''"


class _Made(NamedTuple):
    packages: tuple[Package, ...]
    hosts: tuple[str, ...]
    node: str
    node_version: str
    certificate: str
    tls: Any


def _order(version: str) -> tuple[object, ...]:
    found = parse(version)
    if found is None:
        return (0,)
    words = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in found.prerelease)
    return (1, *found[:3], not words, words)


def _shown(chosen: Plan, npm: _Npm, made: _Made) -> str:
    on = f"on this machine's Node {made.node_version}"
    if npm.trouble is not None:
        return f"this machine's, {on}, instead of {npm.version}: {npm.trouble}"
    if npm.version is None:
        return f"this machine's, {on}"
    return f"{npm.version}, which {chosen.npm_why} brings; {on}"


def _pinned(file: File, step: Step) -> str:
    if step.setup is None or step.setup.span is None:
        return ""
    text = file.text.splitlines()[step.setup.span.line - 1 : step.setup.span.end_line]
    return next((line for line in text if "setup-node@" in line), "")


def _logs_dir(words: Sequence[str], env: Mapping[str, str], cwd: str, npm: FoundNpm) -> str | None:
    return config.logs_dir(config.read(words, env=env, cwd=cwd, npm=npm))


def _receipts(held: Registry) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(
            name=one.name or "",
            version=one.version,
            tag=one.tag,
            access=one.access,
            provenance=one.provenance,
            repository=one.repository,
            files=one.files,
            credential=one.credential,
            status=one.status,
            said=one.said,
            staged=one.endpoint == "stage",
        )
        for one in held.received
        if one.endpoint in {"publish", "stage"}
    )


# The copy


def _copy(root: str, target: str, remote: str | None) -> None:
    """A copy of the working tree, with a git directory of its own that no push leaves."""
    git = shutil.which("git")
    ignored = _ignored_npmrcs(git, root) if git else frozenset()
    os.makedirs(target)
    if git is None or not _cloned(git, root, target):
        os.makedirs(os.path.join(target, ".git"))
        with open(os.path.join(target, ".git", "HEAD"), "w", encoding="utf-8") as file:
            file.write(f"ref: {repository.head(root) or 'refs/heads/main'}\n")
        with open(os.path.join(target, ".git", "config"), "w", encoding="utf-8") as file:
            if remote:
                file.write(f'[remote "origin"]\n\turl = https://github.com/{remote}.git\n')
    elif remote:
        _git(git, target, "remote", "set-url", "origin", f"https://github.com/{remote}.git")
    place.copy(root, target, ignored=ignored.__contains__)


def _cloned(git: str, root: str, target: str) -> bool:
    """Give *target* a git directory with *root*'s history, which is not copied, and nothing of its configuration."""
    cloned = _git(git, os.path.dirname(target), "clone", "--quiet", "--shared", "--no-checkout", root, target)
    if cloned is None:
        shutil.rmtree(os.path.join(target, ".git"), ignore_errors=True)
        return False
    return _git(git, target, "reset", "--quiet") is not None or True


def _ignored_npmrcs(git: str, root: str) -> frozenset[str]:
    """The .npmrc files that git does not track: CI's checkout has none of them, and they hold tokens."""
    names = _git(git, root, "ls-files", "-z", "--others", "--", ".npmrc", "*/.npmrc")
    return frozenset(name for name in (names or "").split("\0") if name)


def _git(git: str, cwd: str, *words: str) -> str | None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603 - git, with words of ours
        [git, *words], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None
