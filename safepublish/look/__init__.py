"""The only readers of the machine. Each module returns facts; this one asks them all, the network at once."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from safepublish.facts import published
from safepublish.facts.arguments import POSITIONALS, without
from safepublish.facts.run import Ci, Identity, Npm, Options, Package, Packument, Probe, Repository, Run
from safepublish.look import config, identity, npm, package, registry, repository
from safepublish.look.config import Configuration
from safepublish.look.http import Deadline

AT_ONCE = 8
"""Requests under way at once."""


class Seen(NamedTuple):
    """What was found: one run for each package, and what the hand-over needs."""

    runs: tuple[Run, ...]
    words: tuple[str, ...]  # for npm: as given, or so that it publishes what is not out already
    npm: Npm | None
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
    routes: Mapping[str, int] | None = None,
) -> Seen:
    """Look at everything that bears on ``npm`` *words*, within `Options.deadline` seconds.

    What has not answered by then stays unknown. *mask* is called with every secret that is minted, before anything
    else. *now* is in seconds since 1970. *routes* are those of a rehearsal (`Transport`).
    """
    deadline = Deadline(options.deadline)
    found = npm.find(env)
    configuration = config.read(words, env=env, cwd=cwd, npm=found, several=checking)
    configuration.routes = routes
    who = identity.from_environment(env)
    packages = package.read(configuration, cwd=cwd, checking=checking)
    dry_run = configuration.get("dry-run") is True
    to_npm = tuple(words)
    predict = who.ci is Ci.NONE and not who.ci_disabled and (checking or dry_run)
    who, packages = _ask(packages, who, env, configuration, options, deadline, mask, hands_over=not checking)
    packages = _without_what_is_out(packages, options)
    keep = [one for one in packages if not one.left_out]
    if 0 < len(keep) < len(packages) and all(one.workspace for one in packages):
        narrowed = _narrowed(words, keep, configuration, env=env, cwd=cwd, npm=found)
        if narrowed is None:  # npm cannot be told, so it would publish them all
            packages = tuple(one._replace(left_out=False) for one in packages)
        to_npm = narrowed or to_npm
    around = _publishing_repository(env, cwd) if predict else Repository()
    run = Run(
        npm=found,
        identity=who,
        package=Package("."),
        command="stage publish" if words[0] == "stage" else "publish",
        dry_run=dry_run,
        predict=predict,
        force=configuration.get("force") is True,
        otp=bool(configuration.get("otp")),
        loglevel=str(configuration.get("loglevel")),
        problems=configuration.problems,
        unread_tokens=configuration.unread_tokens,
        repository=around,
        options=options,
        now=now,
    )
    return Seen(
        tuple(run._replace(package=one) for one in packages),
        to_npm,
        found,
        configuration,
        deadline,
        run.loglevel,
        config.logs_dir(configuration),
    )


def at_the_registry(name: str, *, env: Mapping[str, str], cwd: str, deadline: Deadline) -> Packument:
    """What the registry of this machine's npm configuration holds of *name*, and who published its last version."""
    configuration = config.read(["publish"], env=env, cwd=cwd, npm=npm.find(env))
    url = configuration.for_package(name, {}).registry.value
    transport = configuration.transport
    found = registry.packument(name, url, None, transport=transport, deadline=deadline)
    latest = found.tags.get("latest")
    if latest is None:
        return found
    return found._replace(publisher=registry.publisher(name, url, latest, transport=transport, deadline=deadline))


def _without_what_is_out(packages: tuple[Package, ...], options: Options) -> tuple[Package, ...]:
    """*packages*, with those marked whose version is out already, where they are to be left out."""
    if not published.skips(options, packages):
        return packages
    return tuple(one._replace(left_out=True) if published.is_out(one) else one for one in packages)


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
    from safepublish.look import selection  # only where some packages of several are meant

    return selection.words(words, keep, configuration, env=env, cwd=cwd, npm=npm)


def narrowed(seen: Seen, keep: Sequence[Package], *, env: Mapping[str, str], cwd: str) -> tuple[str, ...] | None:
    """The words with which npm publishes *keep* and no other of the packages seen; None where there are none."""
    if len(keep) == sum(not run.package.left_out for run in seen.runs):
        return seen.words
    if all(not run.package.workspace for run in seen.runs):
        bare = without(seen.words, frozenset({POSITIONALS}), seen.configuration.version)
        return None if bare is None or len(keep) > 1 else (*seen.configuration.command, *bare, keep[0].spec)
    return _narrowed(seen.words, keep, seen.configuration, env=env, cwd=cwd, npm=seen.npm)


def closer(seen: Seen, *, env: Mapping[str, str], cwd: str) -> Seen:
    """The second look, only on the way to a refusal: what names the place to mend and who published before."""
    around = None if any(run.predict for run in seen.runs) else repository.read(env, cwd)
    node = npm.node_version(seen.npm) if seen.npm is not None else None
    runs = []
    for run in seen.runs:
        looked = run if around is None else run._replace(repository=around)
        if run.npm is not None and run.npm.node_version is None:
            looked = looked._replace(npm=run.npm._replace(node_version=node))
        runs.append(looked._replace(package=_with_publisher(looked.package, seen)))
    return seen._replace(runs=tuple(runs))


def _publishing_repository(env: Mapping[str, str], cwd: str) -> Repository:
    """The repository around *cwd*, with the first of its workflows that publishes in place of a running one.

    One that can only be called counts where no other does: npmjs.com compares the file of the caller.
    """
    around = repository.read(env, cwd)
    publishing = repository.publishing_workflows(around.root) if around.root else ()
    started = [one for one in publishing if one.step is None or one.step.reusable != "callee"]
    return around._replace(workflow=next(iter(started or publishing), None))


def _with_publisher(one: Package, seen: Seen) -> Package:
    latest = one.packument.tags.get("latest")
    if latest is None or one.name is None or one.registry is None:
        return one
    publisher = registry.publisher(
        one.name, one.registry.value, latest, transport=seen.configuration.transport, deadline=seen.deadline
    )
    return one._replace(packument=one.packument._replace(publisher=publisher))


def _ask(
    packages: Sequence[Package],
    who: Identity,
    env: Mapping[str, str],
    configuration: Configuration,
    options: Options,
    deadline: Deadline,
    mask: Callable[[str], None],
    *,
    hands_over: bool,
) -> tuple[Identity, tuple[Package, ...]]:
    """Ask the CI for its id token and the registry for each package, everything that can at once."""
    probes: dict[int, Probe] = {}
    packuments: dict[int, Packument] = {}
    mints = _Mints(who, env, configuration, deadline, mask)

    def exchange(index: int, name: str, url: str) -> None:
        token = mints.token(urlsplit(url).hostname or "")
        if token is not None:
            probes[index] = registry.exchange(
                name, url, token, transport=configuration.transport, deadline=deadline, mask=mask
            )

    def packument(index: int, name: str, url: str) -> None:
        version = packages[index].version
        packuments[index] = registry.packument(name, url, version, transport=configuration.transport, deadline=deadline)

    jobs: list[Callable[[], None]] = []
    for index, one in enumerate(packages):
        if one.name is None or one.registry is None:
            continue
        if options.probe:  # first: mint, then exchange, is the longest way
            jobs.append(partial(exchange, index, one.name, one.registry.value))
        jobs.append(partial(packument, index, one.name, one.registry.value))
    _all_at_once(jobs, deadline, hands_over=hands_over)
    answered = tuple(
        one._replace(probe=probes.get(index, one.probe), packument=packuments.get(index, one.packument))
        for index, one in enumerate(packages)
    )
    return who._replace(id_token=mints.seen), answered


class _Mints:
    """The CI's id token for each registry host, asked for once, whichever thread needs it first."""

    def __init__(
        self,
        who: Identity,
        env: Mapping[str, str],
        configuration: Configuration,
        deadline: Deadline,
        mask: Callable[[str], None],
    ) -> None:
        self.seen = who.id_token
        self._who, self._env, self._transport, self._deadline, self._mask = (
            who, env, configuration.transport, deadline, mask,
        )  # fmt: skip
        self._tokens: dict[str, str | None] = {}
        self._lock = threading.Lock()

    def token(self, hostname: str) -> str | None:
        """The id token whose audience is *hostname*, or None when there is none."""
        with self._lock:
            if hostname not in self._tokens:
                self.seen, self._tokens[hostname] = identity.mint(
                    self._who, self._env, hostname, transport=self._transport, deadline=self._deadline, mask=self._mask
                )
            return self._tokens[hostname]


def _all_at_once(jobs: Sequence[Callable[[], None]], deadline: Deadline, *, hands_over: bool) -> None:
    """Run *jobs* in a few threads until the deadline, and import meanwhile what the hand-over needs."""
    waiting = list(reversed(jobs))
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
                return

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(jobs)))]
    for thread in threads:
        thread.start()
    if hands_over and threads:
        import plumbum  # noqa: F401 - 50 ms that the network would be waited for anyway
    for thread in threads:
        thread.join(max(0.0, deadline.left()) + 0.2)
    if bugs:
        raise bugs[0]
