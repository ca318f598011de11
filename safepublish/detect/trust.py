"""What `safepublish trust` needs: the packages of the repository, how they were published, the steps that publish them.

Nothing here needs a login: npmjs.com shows the trusted publishers of a package to nobody but its maintainers.
"""

import os
import posixpath
from collections.abc import Mapping, Sequence
from functools import partial

from safepublish.detect import config, files, monorepo, network, npm, publish_steps, registry
from safepublish.detect.http import Client, Deadline
from safepublish.detect.package import read_directory
from safepublish.facts.error import SafepublishError
from safepublish.facts.run import Existence, Package, PublishedAs
from safepublish.facts.step import File, Step
from safepublish.facts.trust import Publishing, TrustedPackage
from safepublish.npm.manifest import name_trouble

_LIMIT = 2**20


class NoPackageError(SafepublishError):
    """There is no package to speak of."""


def read(
    wanted: Sequence[str],
    root: str,
    remote: str | None,
    *,
    env: Mapping[str, str],
    cwd: str,
    seconds: float,
    workflow: str | None = None,
    job: str | None = None,
) -> tuple[TrustedPackage, ...]:
    """The packages of the repository at *root* that *wanted* names, all where it names none.

    *workflow* (FILE or FILE:LINE) and *job* choose among the steps. Raises `NoPackageError`.
    """
    packages = _packages(root, env)
    chosen = [package for package in packages if not wanted or _is_wanted(package, wanted, root, cwd)]
    missing = [word for word in wanted if not any(_is_wanted(package, [word], root, cwd) for package in packages)]
    if missing or not chosen:
        names = ", ".join(package.manifest.name or package.spec for package in packages[:20])
        what = f"no package {missing[0]} was found" if missing else "no package to publish was found"
        raise NoPackageError(f"{what} in this repository{f'; there are {names}' if names else ''}")
    directories = [_relative(package, root) for package in packages]
    steps = publish_steps.read(root, workflow, job)
    answers = _ask(chosen, env, root, seconds)
    return tuple(
        _trusted(package, root, answer, _publishings(package, root, directories, steps, remote))
        for package, answer in zip(chosen, answers, strict=True)
    )


def _packages(root: str, env: Mapping[str, str]) -> list[Package]:
    """The packages that can be published: the root and those of the monorepo, without the private ones."""
    found = monorepo.packages(root) or monorepo.npms(root)
    if found is not None and found.trouble is not None:
        raise NoPackageError(f"{found.file}: {found.trouble}")
    directories = dict.fromkeys((root, *(found.directories if found else ())))
    configuration = config.read(["publish"], env=env, cwd=root, npm=npm.find(env))
    packages = [read_directory(directory, configuration, root) for directory in directories]
    return [
        package
        for package in packages
        if package.manifest.name is not None
        and not package.manifest.private
        and name_trouble(package.manifest.name) is None
    ]


def _is_wanted(package: Package, wanted: Sequence[str], root: str, cwd: str) -> bool:
    own = os.path.realpath(package.path or root)
    return any(word == package.manifest.name or os.path.realpath(os.path.join(cwd, word)) == own for word in wanted)


def _relative(package: Package, root: str) -> str:
    return posixpath.normpath(os.path.relpath(package.path or root, root).replace(os.sep, "/"))


def _publishings(
    package: Package, root: str, directories: Sequence[str], steps: Sequence[tuple[File, Step]], remote: str | None
) -> tuple[tuple[Publishing, ...], bool]:
    """The steps that publish *package*, and whether that is uncertain: then those that may."""
    chosen, certain = publish_steps.of_package(steps, _relative(package, root), package.manifest.name, directories)
    found = (_publishing(step, remote) for step in chosen)
    unique = {(one.file, one.environment, one.staged): one for one in found if one is not None}
    return tuple(unique.values()), not certain and bool(unique)


def _publishing(step: Step, remote: str | None) -> Publishing | None:
    file = step.place.entry_path
    if remote is None or not file.startswith(".github/workflows/") or not step.context.environment_known:
        return None
    place = f"{step.place.at.path}:{step.place.at.line}, job {step.place.job}"
    environment, staged = step.context.environment, step.invocation.staged
    return Publishing("github", remote, posixpath.basename(file), environment, staged, place)


def _ask(
    packages: Sequence[Package], env: Mapping[str, str], root: str, seconds: float
) -> list[tuple[Existence, str | None, PublishedAs | None]]:
    """Of each package whether it exists, why that is unknown, and how its last version was published."""
    deadline = Deadline(seconds)
    configuration = config.read(["publish"], env=env, cwd=root, npm=npm.find(env))
    client = Client(configuration.transport, deadline, keeps_connections=len(packages) > 1)
    answers = [(Existence.UNKNOWN, "the registry did not answer in time", None) for _ in packages]
    found: dict[int, tuple[Existence, str | None, PublishedAs | None]] = dict(enumerate(answers))

    def ask(index: int, name: str, url: str) -> None:
        packument = registry.packument(name, url, None, client)
        latest = packument.tags.get("latest")
        published_as = registry.published_as(name, url, latest, client) if latest is not None else None
        found[index] = packument.existence, packument.trouble, published_as

    jobs = [
        partial(ask, index, package.manifest.name, package.settings.registry.value)
        for index, package in enumerate(packages)
        if package.manifest.name is not None and package.settings.registry is not None
    ]
    network.run_at_once(jobs, deadline)
    client.close()
    return [found[index] for index in range(len(packages))]


def _trusted(
    package: Package,
    root: str,
    answer: tuple[Existence, str | None, PublishedAs | None],
    publishings: tuple[tuple[Publishing, ...], bool],
) -> TrustedPackage:
    document = files.read_object(os.path.join(package.path or root, "package.json"), _LIMIT) or {}
    groups = (document.get(key) for key in ("dependencies", "peerDependencies", "optionalDependencies"))
    return TrustedPackage(
        package.manifest.name or "",
        _relative(package, root),
        package.manifest.version,
        package.settings.access,
        package.settings.registry.value if package.settings.registry else None,
        frozenset(name for group in groups if isinstance(group, dict) for name in group),
        *answer,
        *publishings,
    )
