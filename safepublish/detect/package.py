"""Reads the packages that npm would publish: the directory, the tarball, or the workspaces."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from safepublish.detect.files import Unread, read_text
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Package
from safepublish.npm import manifest as manifests
from safepublish.npm import package_spec as specs
from safepublish.npm.config.package import package_settings
from safepublish.npm.manifest import Manifest
from safepublish.npm.secrets import redacted
from safepublish.npm.secrets import word as secret_word
from safepublish.npm.versions import parse

if TYPE_CHECKING:
    from safepublish.detect.config import Configuration
    from safepublish.detect.tool import Found as ToolFound

MANIFEST_LIMIT = 2 * 2**20
"""Bytes of a package.json; a hostile one of that size takes half a second."""

_FETCHED = {
    "registry": "a package of the registry",
    "git": "a git repository",
    "remote": "a tarball to download",
    "alias": "an alias of a package",
}


def read(configuration: "Configuration", *, cwd: str, checking: bool = False) -> tuple[Package, ...]:
    """The packages that npm would publish, in npm's order (npm 12.2.0, lib/commands/publish.js).

    Workspaces marked private are left out, because npm skips them; those stay at which npm stops before it skips.
    Where it would skip every one, all stay: nothing would be published. The packument and the probe are not asked here.
    When *checking* there may be several words, each for a publish of its own, and at the root of a monorepo of pnpm or
    lerna, where npm itself has nothing to publish, its packages are meant.
    """
    cwd = os.path.realpath(cwd)  # as process.cwd() tells it
    words = configuration.positionals
    workspaces = configuration.workspace_dirs()
    if workspaces:
        return _workspaces(workspaces, configuration, cwd)
    if checking and len(words) > 1:
        return tuple(_package(word, configuration, cwd) for word in words)
    if len(words) > 1:
        shown = " ".join(map(configuration.shown, words))
        return (Package(shown, source="other", unread=f"npm publishes one package, not {len(words)}"),)
    if "." in (words or (".",)) and (configuration.workspaces or configuration.workspace_filters):
        return (Package(".", source="other", unread="its workspaces were not found"),)
    package = _package(words[0] if words else ".", configuration, cwd)
    if checking and not words and (package.private or package.trouble is not None):
        return _of_monorepo(package, configuration, cwd)
    return (package,)


def of_tool(
    found: "ToolFound", configuration: "Configuration", *, env: Mapping[str, str], cwd: str
) -> tuple[Package, ...]:
    """The packages that a tool would publish in npm's place; one of which nothing is known where it cannot be told."""
    cwd = os.path.realpath(cwd)
    if found.trouble is not None or found.directories is None:
        why = found.trouble or "which packages that command publishes cannot be told"
        return (Package(redacted(" ".join(found.words[1:])) or "--with", source="other", unread=why),)
    if found.tool.name == "pnpm":
        packages = _of_pnpm(found, configuration, env, cwd)
    else:
        packages = [_directory(path, _shown(path, cwd), configuration, cwd) for path in found.directories]
    some = [one for one in packages if not one.private and (one.trouble is None or len(packages) == 1)]
    if found.tool.name == "yarn-berry":
        from safepublish.detect import yarn  # it has a configuration of its own

        some = [yarn.configured(one, _publish_config(one.path or ""), env=env, cwd=cwd) for one in some]
    return tuple(some) or tuple(packages[:1])


def _publish_config(path: str) -> Mapping[str, object]:
    return _in_directory(os.path.join(path, "package.json"), path)[1]


def _of_pnpm(found: "ToolFound", configuration: "Configuration", env: Mapping[str, str], cwd: str) -> list[Package]:
    """The packages of pnpm, which has a configuration of its own beside npm's."""
    from safepublish.detect import config, pnpm  # not where npm publishes

    version = found.tool.version
    settings = pnpm.read(version, found.words[1:], env=env, cwd=cwd)
    if settings.environment != env:
        configuration = config.read(configuration.command, env=settings.environment, cwd=cwd, npm=None)
    packages = []
    for path in found.directories or ():
        package = _directory(path, _shown(path, cwd), configuration, cwd)
        publish_config = _publish_config(path)
        value = publish_config.get("registry")
        if isinstance(value, str) and settings.publish_config_first(package):  # npm has a scope's registry before it
            bare = package._replace(name=(package.name or "").rpartition("/")[2])
            package = _configured(bare, publish_config, configuration)._replace(name=package.name)
        package = settings.named(package, value)
        if package.credential.fallback and not found.tool.npm:
            # pnpm itself takes the fallback of ${VAR:-…} and ${VAR-…} (@pnpm/config.env-replace 3.0.2, env-replace.js).
            package = package._replace(credential=package.credential._replace(kind=CredentialKind.SET, fallback=False))
        packages.append(package)
    return packages


def _of_monorepo(root: Package, configuration: "Configuration", cwd: str) -> tuple[Package, ...]:
    """The packages around *root*, which cannot be published itself, where pnpm or lerna knows some; else *root*."""
    from safepublish.detect import monorepo  # not where npm has a package

    found = monorepo.packages(cwd)
    if found is None:
        return (root,)
    if found.trouble is not None:
        return (Package(found.file, source="other", unread=f"{found.file}: {found.trouble}"),)
    packages = [_directory(path, _shown(path, cwd), configuration, cwd) for path in found.directories]
    return tuple(one for one in packages if not one.private) or (root,)


def _workspaces(directories: Sequence[str], configuration: "Configuration", cwd: str) -> tuple[Package, ...]:
    packages = tuple(
        _directory(directory, _shown(directory, cwd), configuration, cwd)._replace(workspace=True)
        for directory in directories
    )
    kept = tuple(one for one in packages if not one.private or _stops_npm(one))
    # Nothing is to be asked of a registry for a package that is not published.
    return tuple(one._replace(registry=None) if one.private else one for one in kept or packages)


def _stops_npm(package: Package) -> bool:
    """Whether npm 11 and newer stops at a workspace before it looks whether that is private."""
    if package.trouble or package.unread or package.name is None or package.version is None:
        return True
    version = parse(package.version)
    pre_release = version is not None and bool(version.prerelease)
    return manifests.name_trouble(package.name) is not None or (pre_release and not package.dist_tag_given)


def _package(word: str, configuration: "Configuration", cwd: str) -> Package:
    spec = specs.read(word, windows=sys.platform == "win32")
    shown = configuration.shown(word)
    if shown != word and (spec.path is None or not os.path.exists(_absolute(spec.path, cwd))):
        unread = _misplaced(configuration.misplaced.get(word), spec.kind)
        return _configured(Package(shown, source="other", unread=unread), {}, configuration)
    if spec.path is None:
        package = Package(word, source="other", name=spec.name, unread=_fetched(word, spec.kind, cwd))
        return _configured(package, {}, configuration)
    path = _absolute(spec.path, cwd)
    if spec.kind == "file":
        return _tarball(path, word, configuration, cwd)
    return _directory(path, word, configuration, cwd)


def _absolute(path: str, cwd: str) -> str:
    if path == "~" or path.startswith("~/"):
        path = os.path.expanduser(path)
    # Like npm's path.resolve: `..` goes up before any symlink is followed.
    return os.path.abspath(os.path.join(cwd, path))


def _shown(path: str, cwd: str) -> str:
    """*path* as people write it: relative where it lies below *cwd*."""
    if path == cwd:
        return "."
    below = os.path.join(cwd, "")
    return path.removeprefix(below)


def _misplaced(option: str | None, kind: str) -> str:
    """Why nothing is known of a word that is a secret: not the word itself, and no package to ask a registry about."""
    text = f"npm takes a word that may be a secret for {_FETCHED.get(kind, 'a package')}"
    return text if option is None else f"{text}: the value of `--{secret_word(option)}` has to follow an equals sign"


def _fetched(word: str, kind: str, cwd: str) -> str:
    """Why nothing is known of a package that npm fetches, and the word that would name what lies here."""
    text = f"npm takes {word!r} for {_FETCHED.get(kind, 'nothing that it can publish')}"
    return f"{text}; what lies here is './{word}'" if os.path.exists(os.path.join(cwd, word)) else text


def _directory(path: str, word: str, configuration: "Configuration", cwd: str) -> Package:
    file = os.path.join(path, "package.json")
    manifest, publish_config = _in_directory(file, path)
    package = Package(
        word,
        path=path,
        manifest=_shown(file, cwd),
        scripts_may_change_manifest=bool(manifest.scripts) and configuration.get("ignore-scripts") is not True,
        script_bumps_version=manifest.script_bumps_version,
    )
    return _configured(_with(package, manifest), publish_config, configuration)


def _in_directory(file: str, directory: str) -> tuple[Manifest, Mapping[str, object]]:
    """The manifest of a directory: package.json, or where that cannot be opened the comment in index.js."""
    try:
        return manifests.read(read_text(file, MANIFEST_LIMIT))
    except Unread as unread:
        return Manifest(unread=str(unread)), {}
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        trouble = Manifest(trouble=f"it cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        return manifests.from_index(read_text(os.path.join(directory, "index.js"), MANIFEST_LIMIT)) or (trouble, {})
    except (OSError, Unread, ValueError):
        return trouble, {}


def _tarball(path: str, word: str, configuration: "Configuration", cwd: str) -> Package:
    from safepublish.detect import tarball

    manifest, publish_config = tarball.read(path)
    package = Package(word, source="tarball", path=path, manifest=_shown(path, cwd))
    return _configured(_with(package, manifest), publish_config, configuration)


def _with(package: Package, manifest: Manifest) -> Package:
    return package._replace(
        name=manifest.name,
        version=manifest.version,
        private=manifest.private,
        repository=manifest.repository,
        trouble=manifest.trouble,
        unread=manifest.unread,
    )


def _configured(package: Package, publish_config: Mapping[str, object], configuration: "Configuration") -> Package:
    """*package* with what npm's configuration and its own publishConfig say about it."""
    settings = package_settings(configuration, package.name, publish_config)
    return package._replace(
        registry=settings.registry,
        dist_tag=settings.dist_tag,
        dist_tag_given=settings.dist_tag_given,
        access=settings.access,
        provenance=settings.provenance,
        provenance_origin=settings.provenance_origin,
        provenance_file=settings.provenance_file,
        credential=settings.credential,
        problems=settings.problems,
    )
