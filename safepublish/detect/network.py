"""Asks the network for everything at once: the CI's identity token, each exchange, each packument."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from safepublish.detect import Progress, identity, ignore_progress, registry
from safepublish.detect.http import Client, Deadline, UnreachableError, hostname
from safepublish.facts.run import ExchangeResult, Identity, Package, Packument, PublishedAs
from safepublish.npm.config.transport import Transport, proxy_for

AT_ONCE = 16
"""Requests under way at once; npm's own `maxsockets` is 15."""

EXTRA_SECONDS = 5.0
"""How long the documents of this version and of the last one are waited for, where one package is published."""

MOST_LATEST = 20
"""Packages of which it is asked how their last version was published."""


def ask(
    packages: Sequence[Package],
    job: Identity,
    env: Mapping[str, str],
    client: Client,
    *,
    probe: bool,
    npm_exchanges: bool,
    progress: Progress,
) -> tuple[Identity, tuple[Package, ...]]:
    """Return the *job* with its id token, and *packages* with what the registry answers for each.

    Without *probe* no id token is requested. *npm_exchanges* is False where a tool does it instead of npm.
    """
    probes: dict[int, ExchangeResult] = {}
    packuments: dict[int, Packument] = {}
    latest: dict[int, PublishedAs | None] = {}
    id_tokens = _IdTokens(job, env, client)
    # GitHub asks to mask what is minted. The id token opens every package, and always is. A probed token opens one
    # package for an hour, stays in a variable of `registry.exchange`, and is given to nobody: its mask would be the
    # only line to show it, and the runner would look for it, as it stands and encoded, in every line of the job that
    # follows. That is worth it once, against a slip of ours, and not 5,000 times.
    several = len(packages) > 1
    to_registry = Client(client.transport, client.deadline, keeps_connections=True) if several else client

    def exchange(index: int, name: str, url: str) -> None:
        audience, why = _audience(url, client.transport, npm_exchanges=npm_exchanges)
        token = id_tokens.get(audience)
        if audience is None:
            probes[index] = ExchangeResult(why=why)
        elif token is not None:
            probes[index] = registry.exchange(name, url, token, to_registry)

    # What is asked in addition must not keep a single publish waiting, should a registry not answer it.
    seconds = client.deadline.left() if several else min(EXTRA_SECONDS, client.deadline.left())
    in_addition = Client(client.transport, Deadline(seconds, client.deadline.clock), keeps_connections=several)

    def packument(index: int, name: str, url: str) -> None:
        version = packages[index].manifest.version
        packuments[index] = registry.packument(name, url, version, to_registry)
        packuments[index] = registry.with_version(packuments[index], name, url, version, in_addition)

    def ask_latest(index: int, name: str, url: str) -> None:
        latest[index] = registry.latest(name, url, in_addition)

    jobs: list[Callable[[], None]] = []
    for index, package in enumerate(packages):
        if package.manifest.name is None or package.settings.registry is None:
            continue
        if probe:  # first: to get an id token and then exchange it takes longest
            jobs.append(partial(exchange, index, package.manifest.name, package.settings.registry.value))
        jobs.append(partial(packument, index, package.manifest.name, package.settings.registry.value))
        if len(packages) <= MOST_LATEST:
            jobs.append(partial(ask_latest, index, package.manifest.name, package.settings.registry.value))
    run_at_once(jobs, client.deadline, progress=progress)
    to_registry.close()
    in_addition.close()
    answered = tuple(
        package._replace(
            exchange_result=probes.get(index, package.exchange_result),
            packument=packuments.get(index, package.packument)._replace(latest=latest.get(index)),
        )
        for index, package in enumerate(packages)
    )
    return job._replace(id_token=id_tokens.facts), answered


def _audience(url: str, transport: Transport, *, npm_exchanges: bool) -> tuple[str | None, str]:
    """Return the host that the identity for the registry *url* is requested for, or None and why it is not.

    npm 11.5.1 to 12.2.0 looks an IPv6 address up with its brackets, as a name, unless a proxy does that for it: it
    reads the host of a URL into the options of Node's `http.request` (minipass-fetch 6.0.0, lib/request.js).
    """
    try:
        host = hostname(url)
    except UnreachableError as error:
        return None, error.message
    if host.startswith("[") and npm_exchanges and proxy_for(url, transport) is None:
        return None, f"npm resolves the IPv6 address {host} as if it were a host name, which does not exist"
    return host, ""


class _IdTokens:
    """The CI's id token for each registry host, requested once, whichever thread needs it first."""

    def __init__(self, job: Identity, env: Mapping[str, str], client: Client) -> None:
        self.facts = job.id_token
        self._job, self._env, self._client = job, env, client
        self._tokens: dict[str | None, str | None] = {}
        self._lock = threading.Lock()

    def get(self, audience: str | None) -> str | None:
        """Return the id token for the host *audience*, or None when there is none; without a host none is requested."""
        with self._lock:
            if audience not in self._tokens:
                self.facts, self._tokens[audience] = identity.request_id_token(
                    self._job, self._env, audience, self._client
                )
            return self._tokens[audience]


def fetch_packument(name: str, *, env: Mapping[str, str], cwd: str, deadline: Deadline) -> Packument:
    """Return what the registry of this machine's npm configuration has of *name*, with its last publisher."""
    from safepublish.detect import config, npm  # loaded before by everything but a rehearsal
    from safepublish.npm.config.package import package_settings

    configuration = config.read(["publish"], env=env, cwd=cwd, npm=npm.find(env))
    settings, _ = package_settings(configuration, name, {})
    url = settings.registry.value if settings.registry is not None else ""
    client = Client(configuration.transport, deadline)
    found = registry.packument(name, url, None, client)
    latest = found.tags.get("latest")
    if latest is None:
        return found
    return found._replace(publisher=registry.publisher(name, url, latest, client))


def run_at_once(
    jobs: Sequence[Callable[[], None]], deadline: Deadline, *, progress: Progress = ignore_progress
) -> None:
    """Run *jobs* in a few threads until the deadline."""
    waiting = list(reversed(jobs))
    done = threading.Semaphore(0)
    errors: list[BaseException] = []

    def work() -> None:
        while waiting:
            try:
                job = waiting.pop()
            except IndexError:  # another thread took the last one
                return
            try:
                job()
            except BaseException as error:  # noqa: BLE001 - a thread must not swallow an internal error: raised below
                errors.append(error)
            done.release()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(jobs)))]
    for thread in threads:
        thread.start()
    import safepublish.causes.judge  # noqa: F401 - judges the answers, and they are waited for anyway

    for number in range(1, len(jobs) + 1):
        if not done.acquire(timeout=max(0.0, deadline.left()) + 0.2) or errors:
            break
        progress(number, len(jobs))
    waiting.clear()  # what has not begun by now never does
    if errors:
        raise errors[0]
