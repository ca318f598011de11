"""Asks what npm asks before it attaches provenance: whether the registry calls the package public.

Only where the answer decides, since it costs an exchange: npm asks with the token that it was given through OIDC, and a
registry may answer a stranger otherwise.
"""

from collections.abc import Callable, Collection
from functools import partial

from safepublish.detect import Detected, budget, identity, network, registry
from safepublish.detect.http import Client, UnreachableError, hostname
from safepublish.facts.run import Exchange, Package, Run, Visibility
from safepublish.npm.arguments import text
from safepublish.npm.url import parse


def ask(detected: Detected, specs: Collection[str], mask: Callable[[str], None]) -> Detected:
    """Return *detected* with the visibility of the packages *specs*; *mask* is called with every secret."""
    with budget.within(detected.deadline):
        client = Client(detected.configuration.transport, detected.deadline, mask=mask)
        found: dict[str, Visibility] = {}

        def ask_one(run: Run) -> None:
            found[run.package.spec] = _ask(run, detected, client)

        chosen = [run for run in detected.runs if run.package.spec in specs]
        network.run_at_once([partial(ask_one, run) for run in chosen], detected.deadline)
        runs = tuple(_with_answer(run, specs, found) for run in detected.runs)
    return detected._replace(runs=runs)


def _with_answer(run: Run, specs: Collection[str], found: dict[str, Visibility]) -> Run:
    package = run.package
    if package.spec not in specs:
        return run
    return run._replace(package=package._replace(visibility=found.get(package.spec, Visibility.UNKNOWN)))


def _ask(run: Run, detected: Detected, client: Client) -> Visibility:
    package = run.package
    name, url = package.manifest.name, _registry(package, detected)
    if name is None or url is None:
        return Visibility.UNKNOWN
    answer = registry.visibility(name, url, client)
    if answer is Visibility.PUBLIC or package.exchange_result.exchange is not Exchange.ACCEPTED:
        return answer
    try:
        audience = hostname(url)
    except UnreachableError:
        return Visibility.UNKNOWN
    _, id_token = identity.request_id_token(run.identity, detected.command.env, audience, client)
    if id_token is None:
        return Visibility.UNKNOWN
    _, token = registry.exchange_for_token(name, url, id_token, client)
    return Visibility.UNKNOWN if token is None else registry.visibility(name, url, client, token)


def _registry(package: Package, detected: Detected) -> str | None:
    """The registry that npm asks, which is that of no scope; None where it is another than that of the publish."""
    setting = package.settings.registry
    if setting is None:
        return None
    if not setting.origin.key.startswith("@"):
        return setting.value
    general = parse(text(detected.configuration.flat("registry")))
    own = parse(setting.value)
    same = general is not None and own is not None and general.href.rstrip("/") == own.href.rstrip("/")
    return setting.value if same else None
