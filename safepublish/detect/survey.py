"""Everything that bears on a run, asked of the other modules here: the machine first, then the network at once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from safepublish.detect import budget, config, identity, npm, package, registry, repository
from safepublish.detect.config import Configuration
from safepublish.detect.http import Deadline, Traffic, Unreachable, hostname
from safepublish.facts.kinds import Ci
from safepublish.facts.run import (
    Exchange,
    ExchangeResult,
    Identity,
    Npm,
    Options,
    Package,
    Packument,
    Publisher,
    PublishTool,
    Repository,
    Run,
)
from safepublish.npm import publish_rules
from safepublish.npm.arguments import POSITIONALS, without
from safepublish.npm.config.credentials import unread_tokens
from safepublish.npm.config.package import package_settings
from safepublish.npm.config.transport import proxy_for

if TYPE_CHECKING:
    from safepublish.detect.tool import Found as ToolFound

AT_ONCE = 16
"""Requests under way at once; npm's own `maxsockets` is 15."""

FOR_EACH_MORE = 0.1
"""Seconds that each package beyond the first adds to a deadline that was not given."""

Progress = Callable[[int, int], None]
"""Told how many requests of how many are answered."""


def _nobody(_done: int, _whole: int) -> None:
    """Tell nobody."""


def _drop(_secret: str) -> None:
    """Mask nothing."""


class Seen(NamedTuple):
    """What was found: one run for each package, and what the hand-over needs."""

    runs: tuple[Run, ...]
    words: tuple[str, ...]  # for npm: as given, or so that it publishes what is not out already
    npm: Npm | None
    tool: PublishTool | None
    configuration: Configuration
    deadline: Deadline
    loglevel: str = "notice"
    logs_dir: str | None = None


def gather(
    words: Sequence[str],
    *,
    checking: bool,
    env: Mapping[str, str],
    cwd: str,
    options: Options,
    mask: Callable[[str], None],
    now: int,
    progress: Progress = _nobody,
    routes: Mapping[str, int] | None = None,
) -> Seen:
    """Look at everything that bears on ``npm`` *words*, within `Options.deadline` seconds.

    What has not answered by then stays unknown. *mask* is called with every secret that is minted, before anything
    else. *now* is in seconds since 1970. *progress* is told of nothing where npm is to be silent. *routes* are those of
    a rehearsal (`Transport`).
    """
    deadline = Deadline(options.deadline)
    with budget.within(deadline):
        return _gather(
            words,
            deadline,
            checking=checking,
            env=env,
            cwd=cwd,
            options=options,
            mask=mask,
            now=now,
            progress=progress,
            routes=routes,
        )


def _gather(
    words: Sequence[str],
    deadline: Deadline,
    *,
    checking: bool,
    env: Mapping[str, str],
    cwd: str,
    options: Options,
    mask: Callable[[str], None],
    now: int,
    progress: Progress,
    routes: Mapping[str, int] | None,
) -> Seen:
    found = npm.find(env)
    instead = _instead(options, env, cwd)
    configuration = config.read(words, env=env, cwd=cwd, npm=found, several=checking, routes=routes)
    who = identity.from_environment(env)
    if instead is None:
        packages = package.read(configuration, cwd=cwd, checking=checking)
    else:
        packages = package.of_tool(instead, configuration, env=env, cwd=cwd)
    dry_run = configuration.get("dry-run") is True
    to_npm = tuple(words) if instead is None else instead.words
    is_forecast = who.ci is Ci.NONE and not who.ci_disabled and (checking or dry_run)
    if options.deadline_grows:
        deadline.extend(FOR_EACH_MORE * (len(packages) - 1))
    loglevel = str(configuration.get("loglevel"))
    told = _nobody if loglevel == "silent" else progress
    by_npm = instead is None or instead.tool.npm
    asking = _Asking(env, configuration, options, deadline, mask, told, by_npm)
    who, packages = _ask(packages, who, asking)
    if instead is None or instead.tool.skips:
        packages = _without_what_is_out(packages, options)
    keep = [one for one in packages if not one.skip_published]
    if instead is None and 0 < len(keep) < len(packages) and all(one.workspace for one in packages):
        narrowed = _narrowed(words, keep, configuration, env=env, cwd=cwd, npm=found)
        if narrowed is None:  # npm cannot be told, so it would publish them all
            packages = tuple(one._replace(skip_published=False) for one in packages)
        to_npm = narrowed or to_npm
    around = _publishing_repository(env, cwd) if is_forecast else Repository()
    run = Run(
        npm=found,
        identity=who,
        package=Package("."),
        command="stage publish" if words[0] == "stage" else "publish",
        dry_run=dry_run,
        is_forecast=is_forecast,
        force=configuration.get("force") is True,
        otp=bool(configuration.get("otp")),
        loglevel=loglevel,
        problems=configuration.problems,
        unread_tokens=unread_tokens(configuration),
        repository=around,
        options=options,
        tool=instead.tool if instead is not None else None,
        now=now,
    )
    return Seen(
        tuple(run._replace(package=one) for one in packages),
        to_npm,
        found,
        run.tool,
        configuration,
        deadline,
        run.loglevel,
        config.logs_dir(configuration),
    )


def _instead(options: Options, env: Mapping[str, str], cwd: str) -> "ToolFound | None":
    """What publishes in npm's place, where something is to."""
    if options.publish_with is None:
        return None
    from safepublish.detect import tool  # not where npm publishes

    return tool.read(options.publish_with, env=env, cwd=cwd)


def at_the_registry(name: str, *, env: Mapping[str, str], cwd: str, deadline: Deadline) -> Packument:
    """What the registry of this machine's npm configuration holds of *name*, and who published its last version."""
    configuration = config.read(["publish"], env=env, cwd=cwd, npm=npm.find(env))
    url = package_settings(configuration, name, {}).registry.value
    transport = configuration.transport
    found = registry.packument(name, url, None, transport=transport, deadline=deadline)
    latest = found.tags.get("latest")
    if latest is None:
        return found
    return found._replace(publisher=registry.publisher(name, url, latest, transport=transport, deadline=deadline))


def _without_what_is_out(packages: tuple[Package, ...], options: Options) -> tuple[Package, ...]:
    """*packages*, with those marked whose version is out already, where they are to be left out."""
    if not publish_rules.skips_published(options, packages):
        return packages
    return tuple(one._replace(skip_published=True) if publish_rules.is_published(one) else one for one in packages)


def _narrowed(
    words: Sequence[str],
    keep: Sequence[Package],
    configuration: Configuration,
    *,
    env: Mapping[str, str],
    cwd: str,
    npm: Npm | None,
) -> tuple[str, ...] | None:
    """The words with which npm publishes *keep* alone, None where there are none."""
    from safepublish.detect import selection  # only where some packages of several are meant

    return selection.words(words, keep, configuration, env=env, cwd=cwd, npm=npm)


def narrowed(seen: Seen, keep: Sequence[Package], *, env: Mapping[str, str], cwd: str) -> tuple[str, ...] | None:
    """The words with which npm publishes *keep* and no other of the packages seen; None where there are none."""
    if len(keep) == sum(not run.package.skip_published for run in seen.runs):
        return seen.words
    if all(not run.package.workspace for run in seen.runs):
        bare = without(seen.words, frozenset({POSITIONALS}), seen.configuration.version)
        return None if bare is None or len(keep) > 1 else (*seen.configuration.command, *bare, keep[0].spec)
    return _narrowed(seen.words, keep, seen.configuration, env=env, cwd=cwd, npm=seen.npm)


def closer(seen: Seen, *, env: Mapping[str, str], cwd: str) -> Seen:
    """The second look, only on the way to a refusal: what names the place to mend and who published before."""
    with budget.within(seen.deadline):
        return _closer(seen, env=env, cwd=cwd)


def _closer(seen: Seen, *, env: Mapping[str, str], cwd: str) -> Seen:
    around = None if any(run.is_forecast for run in seen.runs) else repository.read(env, cwd)
    node = npm.node_version(seen.npm) if seen.npm is not None else None
    publishers = _publishers(seen)
    runs = []
    for index, run in enumerate(seen.runs):
        looked = run if around is None else run._replace(repository=around)
        if run.npm is not None and run.npm.node_version is None:
            looked = looked._replace(npm=run.npm._replace(node_version=node))
        packument = run.package.packument._replace(publisher=publishers.get(index))
        runs.append(looked._replace(package=looked.package._replace(packument=packument)))
    return seen._replace(runs=tuple(runs))


def _publishing_repository(env: Mapping[str, str], cwd: str) -> Repository:
    """The repository around *cwd*, with the first of its workflows that publishes in place of a running one.

    One that can only be called counts where no other does: npmjs.com compares the file of the caller.
    """
    around = repository.read(env, cwd)
    publishing = repository.publishing_workflows(around.root) if around.root else ()
    started = [one for one in publishing if one.step is None or one.step.place.reusable != "callee"]
    return around._replace(workflow=next(iter(started or publishing), None))


def _publishers(seen: Seen) -> dict[int, Publisher]:
    """Who published the last version of each package that was refused or is judged for a CI elsewhere."""
    found: dict[int, Publisher] = {}
    traffic = Traffic(keep=len(seen.runs) > 1)

    def ask(index: int, name: str, url: str, latest: str) -> None:
        publisher = registry.publisher(
            name, url, latest, transport=seen.configuration.transport, deadline=seen.deadline, traffic=traffic
        )
        if publisher is not None:
            found[index] = publisher

    jobs = []
    for index, run in enumerate(seen.runs):
        one = run.package
        latest = one.packument.tags.get("latest")
        asked = run.is_forecast or one.exchange_result.exchange is Exchange.REFUSED
        if asked and latest is not None and one.name is not None and one.registry is not None:
            jobs.append(partial(ask, index, one.name, one.registry.value, latest))
    _all_at_once(jobs, seen.deadline)
    traffic.close()
    return dict(found)


class _Asking(NamedTuple):
    """What every question to the network shares."""

    env: Mapping[str, str]
    configuration: Configuration
    options: Options
    deadline: Deadline
    mask: Callable[[str], None]
    progress: Progress
    by_npm: bool = True  # it is npm that exchanges the identity, and no tool in its place


def _ask(packages: Sequence[Package], who: Identity, asking: _Asking) -> tuple[Identity, tuple[Package, ...]]:
    """Ask the CI for its id token and the registry for each package, everything that can at once."""
    probes: dict[int, ExchangeResult] = {}
    packuments: dict[int, Packument] = {}
    mints = _Mints(who, asking)
    transport, deadline = asking.configuration.transport, asking.deadline
    traffic = Traffic(keep=len(packages) > 1)
    # GitHub asks to mask what is minted. The id token opens every package, and always is. A probed token opens one
    # package for an hour, stays in a variable of `registry.exchange`, and is given to nobody: its mask would be the
    # only line to show it, and the runner would look for it, as it stands and encoded, in every line of the job that
    # follows. That is worth it once, against a slip of ours, and not 5,000 times.
    mask = asking.mask if len(packages) == 1 else _drop

    def exchange(index: int, name: str, url: str) -> None:
        audience, why = _audience(url, asking)
        token = mints.token(audience)
        if audience is None:
            probes[index] = ExchangeResult(why=why)
        elif token is not None:
            probes[index] = registry.exchange(
                name, url, token, transport=transport, deadline=deadline, mask=mask, traffic=traffic
            )

    def packument(index: int, name: str, url: str) -> None:
        packuments[index] = registry.packument(
            name, url, packages[index].version, transport=transport, deadline=deadline, traffic=traffic
        )

    jobs: list[Callable[[], None]] = []
    for index, one in enumerate(packages):
        if one.name is None or one.registry is None:
            continue
        if asking.options.probe:  # first: mint, then exchange, is the longest way
            jobs.append(partial(exchange, index, one.name, one.registry.value))
        jobs.append(partial(packument, index, one.name, one.registry.value))
    _all_at_once(jobs, deadline, progress=asking.progress)
    traffic.close()
    answered = tuple(
        one._replace(
            exchange_result=probes.get(index, one.exchange_result), packument=packuments.get(index, one.packument)
        )
        for index, one in enumerate(packages)
    )
    return who._replace(id_token=mints.seen), answered


def _audience(url: str, asking: _Asking) -> tuple[str | None, str]:
    """The host that the identity for the registry *url* is requested for, or None and why it is not.

    npm 11.5.1 to 12.2.0 looks an IPv6 address up with its brackets, as a name, unless a proxy does that for it: it
    reads the host of a URL into the options of Node's `http.request` (minipass-fetch 6.0.0, lib/request.js).
    """
    try:
        found = hostname(url)
    except Unreachable as error:
        return None, error.why
    if found.startswith("[") and asking.by_npm and proxy_for(url, asking.configuration.transport) is None:
        return None, f"npm looks up the IPv6 address {found} as if it were a name, which does not exist"
    return found, ""


class _Mints:
    """The CI's id token for each registry host, asked for once, whichever thread needs it first."""

    def __init__(self, who: Identity, asking: _Asking) -> None:
        self.seen = who.id_token
        self._who, self._asking = who, asking
        self._tokens: dict[str | None, str | None] = {}
        self._lock = threading.Lock()

    def token(self, hostname: str | None) -> str | None:
        """The id token whose audience is *hostname*, or None when there is none; without a host none is requested."""
        with self._lock:
            if hostname not in self._tokens:
                self.seen, self._tokens[hostname] = identity.mint(
                    self._who,
                    self._asking.env,
                    hostname,
                    transport=self._asking.configuration.transport,
                    deadline=self._asking.deadline,
                    mask=self._asking.mask,
                )
            return self._tokens[hostname]


def _all_at_once(jobs: Sequence[Callable[[], None]], deadline: Deadline, *, progress: Progress = _nobody) -> None:
    """Run *jobs* in a few threads until the deadline."""
    waiting = list(reversed(jobs))
    done = threading.Semaphore(0)
    bugs: list[BaseException] = []

    def work() -> None:
        while waiting:
            try:
                job = waiting.pop()
            except IndexError:  # another thread took the last one
                return
            try:
                job()
            except BaseException as bug:  # noqa: BLE001 - a thread must not swallow a bug: raised below
                bugs.append(bug)
            done.release()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(jobs)))]
    for thread in threads:
        thread.start()
    import safepublish.causes.judge  # noqa: F401 - judges the answers, and they are waited for anyway

    for number in range(1, len(jobs) + 1):
        if not done.acquire(timeout=max(0.0, deadline.left()) + 0.2) or bugs:
            break
        progress(number, len(jobs))
    waiting.clear()  # what has not begun by now never does
    if bugs:
        raise bugs[0]
