"""Asks the network for everything at once: the CI's identity token, each exchange, each packument."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from safepublish.detect import Progress, identity, ignore_progress, registry
from safepublish.detect.http import Client, Deadline, UnreachableError, hostname
from safepublish.facts.kinds import Ci
from safepublish.facts.run import ExchangeResult, Identity, Package, Packument, PublishedAs, Visibility
from safepublish.npm.config.transport import Transport, proxy_for

_SIGNING = (Ci.GITHUB, Ci.GITLAB)
"""Where npm attaches provenance."""

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
    always_attaches: bool = False,
    progress: Progress,
) -> tuple[Identity, tuple[Package, ...]]:
    """Return the *job* with its id token, and *packages* with what the registry answers for each.

    Without *probe* no id token is requested. *npm_exchanges* is False where a tool does it instead of npm, and
    *always_attaches* says that this npm attaches provenance by itself without asking whether the package is public.
    """
    id_tokens = _IdTokens(job, env, client)
    # GitHub asks to mask what is minted. The id token opens every package, and always is. A probed token opens one
    # package for an hour, stays in a variable of `registry.exchange`, and is given to nobody: its mask would be the
    # only line to show it, and the runner would look for it, as it stands and encoded, in every line of the job that
    # follows. That is worth it once, against a slip of ours, and not 5,000 times.
    several = len(packages) > 1
    to_registry = Client(client.transport, client.deadline, keeps_connections=True) if several else client
    # What is asked in addition must not keep a single publish waiting, should a registry not answer it.
    seconds = client.deadline.left() if several else min(EXTRA_SECONDS, client.deadline.left())
    in_addition = Client(client.transport, Deadline(seconds, client.deadline.clock), keeps_connections=several)
    answers = _Answers(packages, to_registry, in_addition, id_tokens, npm_exchanges=npm_exchanges)
    jobs: list[Callable[[], None]] = []
    for index, package in enumerate(packages):
        if package.manifest.name is None or package.settings.registry is None:
            continue
        asked = (index, package.manifest.name, package.settings.registry.value)
        if probe:  # first: to get an id token and then exchange it takes longest
            jobs.append(partial(answers.ask_exchange, *asked))
        jobs.append(partial(answers.ask_packument, *asked))
        attaches = package.settings.provenance is True or (always_attaches and package.settings.provenance is None)
        if attaches and package.settings.access != "public" and job.ci in _SIGNING:
            jobs.append(partial(answers.ask_visibility, *asked))
        if len(packages) <= MOST_LATEST:
            jobs.append(partial(answers.ask_latest, *asked))
    run_at_once(jobs, client.deadline, progress=progress)
    to_registry.close()
    in_addition.close()
    answered = tuple(answers.of(index, package) for index, package in enumerate(packages))
    return job._replace(id_token=id_tokens.facts), answered


class _Answers:
    """What the registry answers for each of *packages*, by their index."""

    def __init__(
        self,
        packages: Sequence[Package],
        client: Client,
        in_addition: Client,
        id_tokens: "_IdTokens",
        *,
        npm_exchanges: bool,
    ) -> None:
        self._packages, self._client, self._in_addition = packages, client, in_addition
        self._id_tokens = id_tokens
        self._npm_exchanges = npm_exchanges
        self._exchanges: dict[int, ExchangeResult] = {}
        self._packuments: dict[int, Packument] = {}
        self._visibilities: dict[int, Visibility] = {}
        self._latest: dict[int, PublishedAs | None] = {}

    def ask_exchange(self, index: int, name: str, url: str) -> None:
        audience, why = _audience(url, self._client.transport, npm_exchanges=self._npm_exchanges)
        token = self._id_tokens.get(audience)
        if audience is None:
            self._exchanges[index] = ExchangeResult(why=why)
        elif token is not None:
            self._exchanges[index] = registry.exchange(name, url, token, self._client)

    def ask_packument(self, index: int, name: str, url: str) -> None:
        version = self._packages[index].manifest.version
        found = registry.packument(name, url, version, self._client)
        self._packuments[index] = registry.with_version(found, name, url, version, self._in_addition)

    def ask_visibility(self, index: int, name: str, url: str) -> None:
        self._visibilities[index] = registry.visibility(name, url, self._client)

    def ask_latest(self, index: int, name: str, url: str) -> None:
        self._latest[index] = registry.latest(name, url, self._in_addition)

    def of(self, index: int, package: Package) -> Package:
        """Return *package*, the one of *index*, with what was answered for it."""
        return package._replace(
            exchange_result=self._exchanges.get(index, package.exchange_result),
            packument=self._packuments.get(index, package.packument)._replace(latest=self._latest.get(index)),
            visibility=self._visibilities.get(index, package.visibility),
        )


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
