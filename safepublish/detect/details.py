"""Detects what only a refusal or a forecast needs: where to fix it, and who published before."""

from functools import partial

from safepublish.detect import Detected, budget, network, npm, registry, repository
from safepublish.detect.http import Client
from safepublish.facts.run import Exchange, Publisher


def add_details(detected: Detected) -> Detected:
    """Return *detected* with the workflow that runs, the version of Node, and who published each package before."""
    with budget.within(detected.deadline):
        return _add_details(detected)


def _add_details(detected: Detected) -> Detected:
    command = detected.command
    forecast = any(run.is_forecast for run in detected.runs)
    found = None if forecast else repository.read(command.env, command.cwd)
    node = npm.node_version(detected.npm) if detected.npm is not None else None
    publishers = _publishers(detected)
    runs = []
    for index, run in enumerate(detected.runs):
        detailed = run if found is None else run._replace(repository=found)
        if run.npm is not None and run.npm.node_version is None:
            detailed = detailed._replace(npm=run.npm._replace(node_version=node))
        packument = run.package.packument._replace(publisher=publishers.get(index))
        runs.append(detailed._replace(package=detailed.package._replace(packument=packument)))
    return detected._replace(runs=tuple(runs))


def _publishers(detected: Detected) -> dict[int, Publisher]:
    """Return who published the last version of each package that was refused or is forecast for a CI."""
    found: dict[int, Publisher] = {}
    client = Client(detected.configuration.transport, detected.deadline, keeps_connections=len(detected.runs) > 1)

    def ask(index: int, name: str, url: str, latest: str) -> None:
        publisher = registry.publisher(name, url, latest, client)
        if publisher is not None:
            found[index] = publisher

    jobs = []
    for index, run in enumerate(detected.runs):
        package = run.package
        latest = package.packument.tags.get("latest")
        needed = run.is_forecast or package.exchange_result.exchange is Exchange.REFUSED
        if (
            needed
            and latest is not None
            and package.manifest.name is not None
            and package.settings.registry is not None
        ):
            jobs.append(partial(ask, index, package.manifest.name, package.settings.registry.value, latest))
    network.run_at_once(jobs, detected.deadline)
    client.close()
    return dict(found)
