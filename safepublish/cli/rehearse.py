"""`safepublish rehearse`: the publish of a workflow, played on this machine with the npm that CI would have.

What it says goes to *say*; only `cli` prints.
"""

import glob
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from safepublish import run_npm
from safepublish.causes import BY_ID, judge
from safepublish.causes.explain import explain_log
from safepublish.detect import Command, config, detect, network, package, repository, workflows
from safepublish.detect import npm as npms
from safepublish.detect.details import add_details
from safepublish.detect.http import Deadline
from safepublish.facts.finding import Finding, Location
from safepublish.facts.rehearsal import Outcome, Receipt, Rehearsed
from safepublish.facts.report import Report, Verdict
from safepublish.facts.run import PLACEHOLDER, Existence, Npm, Options, Package, Repository
from safepublish.facts.step import File, Step, Upgrade
from safepublish.facts.step import Verdict as StepVerdict
from safepublish.npm.versions import parse
from safepublish.pipelines import reader
from safepublish.rehearsal import job_setup, npm_download, outside
from safepublish.rehearsal.cleanup import MARK
from safepublish.rehearsal.directory import Place
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
from safepublish.report import escape
from safepublish.report import rehearsal as lines

SECONDS = 8.0
"""How long the real registry may take to say what it holds, and the guard to predict."""

_PUBLISHER = re.compile(r"([^/:\s]+/[^/:\s]+):([^/:\s]+\.ya?ml)(?::(\S+))?")
_PATH = re.compile(r"^[^-].*[/\\]|^\.{1,2}$|^[^-].*\.(?:tgz|tar|tar\.gz)$")
_NO_STEP = "no workflow of this repository has a step that publishes with npm"


class WrongError(Exception):
    """The words given cannot be followed, or there is nothing to rehearse; the text says what, and what is allowed."""

    def __init__(self, text: str, status: int = 2) -> None:
        """Say *text*, and end with *status*."""
        super().__init__(text)
        self.status = status


class Signalled(BaseException):
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
    waive: Mapping[str, str] = {}  # causes that the prediction lets pass
    seconds: float = SECONDS


def read(words: Sequence[str], chosen: Mapping[str, str | None], options: Options) -> Asked:
    """What the command line asks for: npm's *words*, after a `stage`, and the options *chosen*.

    Raises `WrongError`.
    """
    staged = tuple(words[:1]) == ("stage",)
    publisher = chosen.get("--publisher")
    return Asked(
        words=tuple(words[staged:]),
        stage=staged,
        workflow=chosen.get("--workflow"),
        job=chosen.get("--job"),
        publisher=_publisher(publisher) if publisher is not None else None,
        assumed=_version(chosen["--assume-published"] or "") if "--assume-published" in chosen else None,
        fixed="--fixed" in chosen,
        secrets="--no-secrets" not in chosen,
        waive=options.waive,
        seconds=SECONDS if options.deadline_grows else options.deadline,
    )


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
    try:
        with Place() as place:
            there = _Stage(asked, place, around, env=env, cwd=cwd, screen=screen)
            rehearsed = there.play(file, step)
            if asked.fixed and rehearsed.outcome is not Outcome.OIDC:
                rehearsed = there.play_mended(file, step) or rehearsed
    except (NotPlayedError, job_setup.StagingError) as error:
        raise WrongError(str(error)) from error
    except OSError as error:  # a disk that is full, a file that cannot be copied
        raise WrongError(f"{error.filename or 'the rehearsal'}: {error.strerror or error}") from error
    return 0 if rehearsed.outcome is Outcome.OIDC else 3


# Which step


def _chosen(asked: Asked, checkout: workflows.Checkout, root: str) -> tuple[File, Step]:
    """The publish step to play: the only one, or the one that the options name."""
    found: dict[tuple[str, Location], tuple[File, Step]] = {}
    elsewhere: dict[Location, Step] = {}
    others: dict[Location, Step] = {}
    for file in _files(asked, checkout, root):
        for legs in file.steps:
            step = min(legs, key=_npm_order)
            playable = step.invocation.tool in TOOLS and not step.place.composite and step.place.reusable != "callee"
            if not _meant(asked, file, step):
                elsewhere |= {step.place.at: step} if playable else {}
            elif not playable:
                others[step.place.at] = step
            elif (step.place.entry_path, step.place.at) not in found or step.place.position is not None:
                # The step of a called workflow is met in its own file, where it can be mended, and in its caller's.
                found[step.place.entry_path, step.place.at] = file, step
    if not found:
        raise WrongError(_none_found(asked, tuple(others.values()), tuple(elsewhere.values())))
    if len(found) > 1:
        named = _by_options(step for _, step in found.values())
        raise WrongError(f"{len(found)} steps publish with npm; which one is told by:{named}")
    return next(iter(found.values()))


def _by_options(steps: Iterable[Step]) -> str:
    return "".join(
        f"\n  --workflow {os.path.basename(place.entry_path)}:{place.at.line} --job {place.job}   {invocation.command}"
        for place, invocation, *_ in steps
    )


def _meant(asked: Asked, file: File, step: Step) -> bool:
    """Whether the options name *step*, or nothing."""
    if asked.job is not None and step.place.job != asked.job:
        return False
    if asked.workflow is None:
        return True
    name, _, line = asked.workflow.partition(":")
    paths = (file.path, step.place.entry_path)
    return name in {*paths, *map(os.path.basename, paths)} and (not line or line == str(step.place.at.line))


def _none_found(asked: Asked, others: Sequence[Step], elsewhere: Sequence[Step]) -> str:
    narrowed = " that the options name" if asked.job or asked.workflow else ""
    if not others:
        known = f"; these do:{_by_options(elsewhere)}" if elsewhere else ""
        return f"{_NO_STEP}{narrowed}{known}"
    listed = "".join(
        f"\n  {place.at.path}:{place.at.line}, job {place.job}: {invocation.hidden or invocation.tool}"
        for place, invocation, *_ in others
    )
    return f"{_NO_STEP}{narrowed}; these publish otherwise:{listed}"


def _files(asked: Asked, checkout: workflows.Checkout, root: str) -> Iterator[File]:
    try:
        paths = [os.path.relpath(path, root) for path in workflows.paths([], root, root)]
    except OSError as error:
        raise WrongError(f"{error.filename} cannot be read: {error.strerror}") from error
    for path in paths:
        shown = path.replace(os.sep, "/")
        text = checkout.text(shown)
        if text is None:
            continue
        file = reader.read(text, shown, checkout.text, checkout.callers)
        named = asked.workflow is not None and asked.workflow.partition(":")[0] in {shown, os.path.basename(shown)}
        if file.trouble is not None and named:
            raise WrongError(f"{shown}:{file.line}: {file.trouble}")
        yield file


def _npm_order(step: Step) -> tuple[bool, tuple[int, ...]]:
    """The leg with the oldest npm first: it is the one in question."""
    known = step.toolchain.npm.npms
    return known is None, known.lowest.release if known else ()


# Playing it


class _Held(NamedTuple):
    """A package as the embedded registry holds it, None where it has none, and where that was learned."""

    package: PublishedPackage | None
    words: str


class _Stage:
    """One place, in which a step is played: as it is, and mended."""

    def __init__(
        self,
        asked: Asked,
        place: Place,
        around: Repository,
        *,
        env: Mapping[str, str],
        cwd: str,
        screen: Screen,
    ) -> None:
        assert around.root is not None  # noqa: S101 - the caller looked
        self.asked, self.place, self.env, self.cwd, self.screen = asked, place, env, os.path.realpath(cwd), screen
        self.root = os.path.realpath(around.root)
        self.around = Around(around.remote, repository.head(self.root), windows=sys.platform == "win32")
        self.checkout = ""
        self.known: dict[str, _Held] = {}
        self.played = 0

    def play(self, file: File, step: Step, changed: Mapping[str, str] | None = None) -> Rehearsed:
        """Play *step* of *file* in a fresh checkout, in which the files *changed* have another text."""
        ends = next((one for one in step.toolchain.upgrades if one.works is False and not one.swallowed), None)
        if ends is not None:
            return self._ended_before(file, step, ends)
        self._check_out(changed or {})
        chosen = plan(step, self.around, self._given(step), staged=self.asked.stage, pinned=_pinned(file, step))
        cwd = os.path.normpath(os.path.join(self.checkout, chosen.directory))
        if not os.path.isdir(cwd):
            raise WrongError(f"the step's working directory {chosen.directory} is not here")
        words = [*chosen.command, *(one for word in chosen.words for one in _expanded(word, cwd))]
        env, tokens = job_setup.environment(
            self.place, chosen, self.env, checkout=self.checkout, filled=self.asked.secrets
        )
        unlaid = Npm("npm", None, chosen.npm, None, None) if chosen.npm is not None else npms.find(env)
        packages = package.read(config.read(words, env=env, cwd=cwd, npm=unlaid), cwd=cwd)
        self._here(packages)
        cli, trouble = self._laid(chosen)
        asked = hosts(
            [chosen.registry, *(one.settings.registry.value for one in packages if one.settings.registry is not None)]
        )
        node = job_setup.node(self.place, asked, env)
        env["PATH"] = job_setup.programs(self.place, node.path, cli) + os.pathsep + env.get("PATH", os.defpath)
        npm = npms.find(env)
        if npm is None:
            raise WrongError(f"no npm is on PATH, and {trouble}", 127)
        chosen = released(chosen, packages[0].manifest.version if packages else None)
        registry = self._registry(chosen, packages, tokens, asked)
        with Server(registry, tls=node.tls) as server:
            env = job_setup.in_ci(self.place, chosen, server, env, node=node, hosts=asked)
            self.screen.say(self._before(chosen, npm, trouble, node))
            predicted = self._predict(words, env, cwd, dict.fromkeys(asked, server.port))
            logs = config.logs_dir(config.read(words, env=env, cwd=cwd, npm=npm))
            before = outside.snapshot(self.root)
            ended = run_npm.rehearse(npm, words, env=env, cwd=cwd, group=self.place.group, logs_dir=logs)
        self._report_changes(outside.changed(self.root, before))
        if ended.status:
            self._report_names(outside.not_utf8(before))
        receipts = _receipts(registry)
        rehearsed = Rehearsed(
            status=ended.status,
            receipts=receipts,
            findings=explain_log(ended.log) if ended.log is not None and ended.status else (),
            predicted=predicted,
            repository=chosen.job.repository,
            matches=tuple(same_repository(one.repository, chosen.job.repository) for one in receipts),
            script_failed=ended.log is not None and ended.log.says("command failed") is not None,
        )
        self.screen.say(lines.after(rehearsed, colour=self.screen.colour, unicode=self.screen.unicode))
        return rehearsed

    def _report_changes(self, names: Sequence[str]) -> None:
        """Say which files of the working tree a script changed, though it was to work on the copy."""
        if names:
            shown = ", ".join(escape.plain(name, 100) for name in names[: outside.MOST_NAMES])
            more = f" and {len(names) - outside.MOST_NAMES} more" if len(names) > outside.MOST_NAMES else ""
            self.screen.say(f"warning: the working tree changed while npm ran on a copy of it: {shown}{more}\n")

    def _report_names(self, names: Sequence[str]) -> None:
        """Say which file names npm cannot open."""
        if names:
            shown = ", ".join(escape.plain(name, 100) for name in names[: outside.MOST_NAMES])
            self.screen.say(f"warning: npm cannot open a file whose name is not UTF-8: {shown}\n")

    def _ended_before(self, file: File, step: Step, ends: Upgrade) -> Rehearsed:
        """The job of *step* ends before it, at an upgrade of npm that fails there."""
        place = step.place
        judged = next((one for one in judge.judge_steps(file) if one.step.place.at == place.at), None)
        findings = [one for one in judged.findings if BY_ID[one.id].ends_the_job_before] if judged else []
        page = lines.ended_before(
            f"{place.at.path}:{place.at.line}",
            place.job,
            ends.command,
            findings,
            colour=self.screen.colour,
            unicode=self.screen.unicode,
        )
        self.screen.say(page)
        nothing = Report((), Verdict.UNKNOWN, goes_on=False)
        return Rehearsed(1, (), tuple(findings), nothing, self.around.repository or "")

    def _check_out(self, changed: Mapping[str, str]) -> None:
        self.played += 1
        self.checkout = self.place.path("work", str(self.played), os.path.basename(self.root) or "repository")
        job_setup.checkout(self.place, self.root, self.checkout, remote=self.around.repository, head=self.around.head)
        for path, text in changed.items():
            with open(os.path.join(self.checkout, *path.split("/")), "w", encoding="utf-8", newline="") as file:
                file.write(text)

    def _here(self, packages: Sequence[Package]) -> None:
        """Stop where the step publishes what is not in the checkout."""
        missing = next((one for one in packages if one.path is not None and not os.path.lexists(one.path)), None)
        if missing is not None and missing.spec not in self.asked.words:
            raise WrongError(
                f"the step publishes {missing.spec}, which is not here: a step or job before it makes it. "
                "Name what stands for it: safepublish rehearse . for this directory, or a tarball of npm pack"
            )

    def play_mended(self, file: File, step: Step) -> Rehearsed | None:
        """Mend *file* as `safepublish workflow --fix` does, and play the step that stands there then.

        A step that publishes with a token by design is moved to OIDC, as `--migrate` does. None where nothing of the
        file can be mended.
        """
        from safepublish.causes.fix_workflow import fix_workflow  # only for --fixed

        files = workflows.Checkout(self.root)
        migrate = any(one.step == step and one.verdict is StepVerdict.TOKEN for one in judge.judge_steps(file))
        mended = fix_workflow(
            file.text, file.path, files.text, migrate=migrate, callers=files.callers, waive=self.asked.waive
        )
        self.screen.say(lines.fixed(mended, colour=self.screen.colour, unicode=self.screen.unicode))
        same = [
            one.step
            for one in mended.steps
            if one.step.place.job == step.place.job and one.step.invocation.tool in TOOLS
        ]
        if mended.text == mended.before or not same:
            return None
        there = min(
            same,
            key=lambda one: (
                one.place.name != step.place.name,
                abs((one.place.position or 0) - (step.place.position or 0)),
            ),
        )
        return self.play(mended.file, there, {mended.path: mended.text})

    def _given(self, step: Step) -> tuple[str, ...]:
        """The words given, with a path from here made one from where the step runs."""
        return tuple(self._from_the_step(word, step) for word in self.asked.words)

    def _from_the_step(self, word: str, step: Step) -> str:
        path = os.path.normpath(os.path.join(self.cwd, word))
        if not _PATH.search(word) or not os.path.exists(path):
            return word
        if os.path.join(path, "").startswith(os.path.join(self.root, "")):
            below = os.path.relpath(path, os.path.join(self.root, step.invocation.working_directory or "."))
            return below if below.startswith(os.curdir) else os.path.join(os.curdir, below)
        return path

    def _laid(self, chosen: Plan) -> tuple[str | None, str | None]:
        """The npm-cli.js of the plan's npm, and why there is none."""
        if chosen.npm is None:
            return None, "the workflow does not tell which npm it would have"
        env = {**self.env, MARK: self.place.directory}
        try:
            directory = npm_download.npm(str(chosen.npm), root=npm_download.cache(self.env), env=env)
        except npm_download.LayingError as error:
            return None, " ".join(str(error).splitlines()[:2])
        return os.path.join(directory, "bin", "npm-cli.js"), None

    def _predict(self, words: Sequence[str], env: Mapping[str, str], cwd: str, routes: Mapping[str, int]) -> Report:
        """What the guard says of the very situation in which npm then runs, without the paths of this place."""
        seen = detect(
            Command(tuple(words), env, cwd), Options(deadline=self.asked.seconds, waive=self.asked.waive), routes=routes
        )
        report = judge.report(seen.runs, goes_on=True)
        if report.verdict is Verdict.REFUSE:
            report = judge.report(add_details(seen).runs, goes_on=True)
        shown = {
            os.path.join(self.place.path("runner", "_temp"), ""): "$RUNNER_TEMP/",
            os.path.join(self.place.path("home"), ""): "~/",
            os.path.join(self.checkout, ""): "",
            os.path.join(self.place.path("bin"), ""): "$PATH/",
        }
        packages = tuple(
            judged._replace(findings=tuple(_without_paths(one, shown) for one in judged.findings))
            for judged in report.packages
        )
        return report._replace(packages=packages)

    # What the registry holds

    def _registry(
        self, chosen: Plan, packages: Sequence[Package], tokens: Sequence[str], asked: Sequence[str]
    ) -> Registry:
        held = {
            one.manifest.name: self._held(one.manifest.name, chosen).package
            for one in packages
            if one.manifest.name is not None
        }
        return Registry(
            {name: one for name, one in held.items() if one is not None},
            tokens=dict.fromkeys(tokens, Grant.PUBLISH),
            job=chosen.job,
            without_oidc=without_oidc(asked),
        )

    def _held(self, name: str, chosen: Plan) -> _Held:
        """The package as the real registry has it, with one trusted publisher; asked for once."""
        if name not in self.known:
            self.known[name] = self._asked_for(name, chosen)
        return self.known[name]

    def _asked_for(self, name: str, chosen: Plan) -> _Held:
        if self.asked.assumed is not None:
            held = self._trusting((PublishedVersion(self.asked.assumed),), None, chosen)
            return _Held(held, f"{name} {self.asked.assumed}, which is assumed")
        found = network.fetch_packument(name, env=self.env, cwd=self.root, deadline=Deadline(self.asked.seconds))
        if found.existence is Existence.ABSENT:
            return _Held(None, f"no {name}, as the registry asked")
        if found.existence is Existence.UNKNOWN or not found.versions:
            held = self._trusting((PublishedVersion("0.0.1"),), None, chosen)
            return _Held(held, f"{name} 0.0.1, which is assumed: the registry cannot be asked ({found.trouble})")
        versions = sorted(found.versions, key=_order)
        last = found.tags.get("latest", versions[-1])
        by = found.publisher
        theirs = TrustedPublisher(by.repository, by.workflow) if by and by.repository and by.workflow else None
        records = (PublishedVersion(one, deprecated="it is" if one in found.deprecated else None) for one in versions)
        held = self._trusting(tuple(records), theirs, chosen)._replace(tags=found.tags)
        return _Held(held, f"{name}, last {last}, as the registry asked")

    def _trusting(
        self, versions: tuple[PublishedVersion, ...], last: TrustedPublisher | None, chosen: Plan
    ) -> PublishedPackage:
        """A package of *versions* with one trusted publisher: the one asked for, else the *last*, else the workflow."""
        publisher = self.asked.publisher or last
        if publisher is not None:  # it is who published before
            source = (publisher.repository, f".github/workflows/{publisher.workflow}", "refs/heads/main")
            versions = tuple(one._replace(trusted=True, source=source) for one in versions)
        ours = TrustedPublisher(chosen.job.repository, chosen.job.workflow)
        return PublishedPackage(versions, publishers=(publisher or ours,))

    # In words

    def _before(self, chosen: Plan, npm: Npm, trouble: str | None, node: job_setup.Node) -> str:
        """What is set up, in words."""
        job = chosen.job
        shown = f"{chosen.npm}, brought by {chosen.npm_why}; it runs on this machine's Node {node.version}"
        if trouble is not None:
            shown = f"{npm.version}, this machine's, on Node {node.version}: {trouble}"
        identity = f"{job.repository}, {job.workflow}@{job.ref}, event {job.event}"
        if job.environment:
            identity += f", environment {job.environment}"
        if not chosen.identity:
            identity += "; no id token, as the job lacks id-token: write"
        facts = [("npm", shown), ("identity", identity), ("credential", self._credentials(chosen))]
        facts += [("registry", f"embedded, holds {held.words}") for held in self.known.values()]
        packages = [held.package for held in self.known.values() if held.package is not None]
        for one in dict.fromkeys(publisher for held in packages for publisher in held.publishers):
            environment = f", environment {one.environment}" if one.environment else ""
            facts.append(("publisher", f"{one.repository}, {one.workflow}{environment}"))
        facts += [("assumed", words) for words in chosen.assumed]
        return lines.before(
            at=f"{chosen.step.place.at.path}:{chosen.step.place.at.line}",
            job=chosen.step.place.job,
            facts=facts,
            command=" ".join(("npm", *chosen.command, *map(shlex.quote, chosen.words))),
            colour=self.screen.colour,
            unicode=self.screen.unicode,
        )

    def _credentials(self, chosen: Plan) -> str:
        held = "set" if self.asked.secrets else "empty"
        said = [f"{secret.name} as {secret.variable}, taken for {held}" for secret in chosen.secrets]
        if chosen.env.get("NODE_AUTH_TOKEN") == PLACEHOLDER:
            said.append("setup-node's placeholder")
        return "; ".join(said) or "none"


def _expanded(word: str, cwd: str) -> list[str]:
    """The files that a pattern means, as the step's shell expands it; any other word as it is."""
    found = glob.glob(word, root_dir=cwd) if re.match(r"(?!-).*[*?\[]", word) else []
    return sorted(found) or [word]


def _order(version: str) -> tuple[object, ...]:
    found = parse(version)
    return (0,) if found is None else (1, *found.order)


def _without_paths(finding: Finding, shown: Mapping[str, str]) -> Finding:
    def clean(text: str) -> str:
        for path, name in shown.items():
            text = text.replace(path, name)
        return text

    return finding._replace(message=clean(finding.message), evidence=tuple(map(clean, finding.evidence)))


def _pinned(file: File, step: Step) -> str:
    """The line that names setup-node's version, where a comment may say what a commit is."""
    toolchain = step.toolchain
    if toolchain.setup is None or toolchain.setup.span is None:
        return ""
    text = file.text.splitlines()[toolchain.setup.span.line - 1 : toolchain.setup.span.end_line]
    return next((line for line in text if "setup-node@" in line), "")


def _receipts(registry: Registry) -> tuple[Receipt, ...]:
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
        for one in registry.received
        if one.endpoint in {"publish", "stage"}
    )
