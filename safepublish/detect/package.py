"""Reads the packages that npm would publish: the directory, the tarball, or the workspaces."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from safepublish.detect.files import UnreadableError, read_text
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Manifest, Package, Problem
from safepublish.npm import manifest as manifests
from safepublish.npm import package_spec
from safepublish.npm.config.package import package_settings
from safepublish.npm.floors import Floor
from safepublish.npm.secrets import redacted
from safepublish.npm.secrets import word as secret_word
from safepublish.npm.versions import parse

if TYPE_CHECKING:
    from safepublish.detect.config import Configuration
    from safepublish.detect.tool import FoundTool

MANIFEST_LIMIT = 2 * 2**20
"""Bytes of a package.json; a hostile one of that size takes half a second."""

_FETCHED = {
    "registry": "a registry package",
    "git": "a git repository",
    "remote": "a tarball to download",
    "alias": "an alias of a package",
}


def read(configuration: "Configuration", *, cwd: str, checking: bool = False) -> tuple[Package, ...]:
    """Return the packages that npm would publish, in npm's order (npm 12.2.0, lib/commands/publish.js).

    Workspaces marked private are skipped, because npm skips them; those stay at which npm stops before it skips.
    Where it would skip every package, all stay: nothing would be published. The registry is not asked here.
    When *checking* there may be several specs, each for a publish of its own, and at the root of a monorepo of pnpm or
    lerna, where npm itself has nothing to publish, its packages are meant.
    """
    cwd = os.path.realpath(cwd)  # as process.cwd() tells it
    specs = configuration.positionals
    workspaces = configuration.workspace_dirs()
    if workspaces:
        return _workspaces(workspaces, configuration, cwd)
    if checking and len(specs) > 1:
        named = tuple(_package(spec, configuration, cwd) for spec in specs)
        return tuple(package for package in named if not package.manifest.private) or named
    if len(specs) > 1:
        shown = " ".join(map(configuration.shown, specs))
        return (_unknown(shown, f"npm publishes one package, but the command has {len(specs)}"),)
    if "." in (specs or (".",)) and (configuration.workspaces or configuration.workspace_filters):
        return (_unknown(".", "its workspaces could not be determined"),)
    package = _package(specs[0] if specs else ".", configuration, cwd)
    if checking and not specs and (package.manifest.private or package.manifest.trouble is not None):
        return _of_monorepo(package, configuration, cwd)
    return (package,)


def read_directory(path: str, configuration: "Configuration", cwd: str) -> Package:
    """Return the package in the directory *path*, as npm would publish it from *cwd*."""
    return _directory(path, _shown(path, cwd), configuration, cwd)


def version_in(directory: str) -> str | None:
    """Return the version of the package in *directory* as it is now; None where it cannot be read."""
    return _in_directory(os.path.join(directory, "package.json"))[0].version


def of_tool(
    found: "FoundTool", configuration: "Configuration", *, env: Mapping[str, str], cwd: str
) -> tuple[Package, ...]:
    """Return the packages that a tool would publish instead of npm; one without facts where they are unknown."""
    cwd = os.path.realpath(cwd)
    if found.trouble is not None or found.directories is None:
        why = found.trouble or "the packages that this command publishes could not be determined"
        return (_unknown(redacted(" ".join((found.tool.called, *found.arguments[1:]))), why),)
    if found.tool.name == "pnpm":
        packages = _of_pnpm(found, configuration, env, cwd)
    else:
        packages = [_directory(path, _shown(path, cwd), configuration, cwd) for path in found.directories]
    published = [
        package
        for package in packages
        if not package.manifest.private and (package.manifest.trouble is None or len(packages) == 1)
    ]
    if found.tool.name == "yarn-berry":
        from safepublish.detect import yarn  # it has a configuration of its own

        published = [
            yarn.configured(package, _publish_config(package.path or ""), env=env, cwd=cwd) for package in published
        ]
    return tuple(published) or tuple(packages[:1])


def _publish_config(path: str) -> Mapping[str, object]:
    return _in_directory(os.path.join(path, "package.json"))[1]


def _of_pnpm(found: "FoundTool", configuration: "Configuration", env: Mapping[str, str], cwd: str) -> list[Package]:
    """Return the packages of pnpm, which has a configuration of its own in addition to npm's."""
    from safepublish.detect import config, pnpm  # not where npm publishes

    version = found.tool.version
    settings = pnpm.read(version, found.arguments[1:], env=env, cwd=cwd)
    if settings.environment != env:
        configuration = config.read(configuration.command, env=settings.environment, cwd=cwd, npm=None)
    packages = []
    for path in found.directories or ():
        package = _directory(path, _shown(path, cwd), configuration, cwd)
        publish_config = _publish_config(path)
        value = publish_config.get("registry")
        if isinstance(value, str) and settings.publish_config_first(package):  # npm has a scope's registry before it
            bare_name = (package.manifest.name or "").rpartition("/")[2]
            own, credential = package_settings(configuration, bare_name, publish_config)
            package = package._replace(settings=own, credential=credential)
        package = settings.named(package, value)
        if package.credential.fallback and not found.tool.npm:
            # pnpm itself takes the fallback of ${VAR:-…} and ${VAR-…} (@pnpm/config.env-replace 3.0.2, env-replace.js).
            package = package._replace(credential=package.credential._replace(kind=CredentialKind.SET, fallback=False))
        packages.append(package)
    return packages


def of_directories(directories: Sequence[str], configuration: "Configuration", *, cwd: str) -> tuple[Package, ...]:
    """Return the packages in *directories*."""
    cwd = os.path.realpath(cwd)
    return tuple(_directory(path, _shown(path, cwd), configuration, cwd) for path in directories)


def _of_monorepo(root: Package, configuration: "Configuration", cwd: str) -> tuple[Package, ...]:
    """The packages around *root*, which cannot be published itself, where pnpm or lerna knows some; else *root*."""
    from safepublish.detect import monorepo  # not where npm has a package

    found = monorepo.packages(cwd) or monorepo.npms(cwd)
    if found is None:
        return (root,)
    if found.trouble is not None:
        return (_unknown(found.file, f"{found.file}: {found.trouble}"),)
    packages = [_directory(path, _shown(path, cwd), configuration, cwd) for path in found.directories]
    return tuple(package for package in packages if not package.manifest.private) or (root,)


def _workspaces(directories: Sequence[str], configuration: "Configuration", cwd: str) -> tuple[Package, ...]:
    packages = tuple(
        _directory(directory, _shown(directory, cwd), configuration, cwd)._replace(workspace=True)
        for directory in directories
    )
    kept = tuple(package for package in packages if not package.manifest.private or _stops_npm(package))
    # Nothing is to be asked of a registry for a package that is not published.
    return tuple(
        package._replace(settings=package.settings._replace(registry=None)) if package.manifest.private else package
        for package in kept or packages
    )


def _stops_npm(package: Package) -> bool:
    """Whether npm 11 and newer stops at a workspace before it looks whether that is private."""
    if (
        package.manifest.trouble
        or package.manifest.unread
        or package.manifest.name is None
        or package.manifest.version is None
    ):
        return True
    version = parse(package.manifest.version)
    pre_release = version is not None and bool(version.prerelease)
    return manifests.name_trouble(package.manifest.name) is not None or (
        pre_release and not package.settings.dist_tag_given
    )


def _package(word: str, configuration: "Configuration", cwd: str) -> Package:
    spec = package_spec.read(word, windows=sys.platform == "win32")
    shown = configuration.shown(word)
    if shown != word and (spec.path is None or not os.path.exists(_absolute(spec.path, cwd))):
        unread = _misplaced(configuration.misplaced.get(word), spec.kind)
        return _configured(_unknown(shown, unread), {}, configuration)
    if spec.path is None:
        package = _unknown(word, _fetched(word, spec.kind, cwd), name=spec.name)
        here = os.path.exists(os.path.join(cwd, word))
        return _configured(package._replace(fetched=spec.kind, lies_here=here), {}, configuration)
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
    text = f"npm treats an argument that may be a secret as {_FETCHED.get(kind, 'a package')}"
    return text if option is None else f"{text}: the value of `--{secret_word(option)}` must follow an equals sign"


def _fetched(word: str, kind: str, cwd: str) -> str:
    """Why nothing is known of a package that npm fetches, and the word that would name what lies here."""
    text = f"npm treats {word!r} as {_FETCHED.get(kind, 'something that it cannot publish')}"
    return f"{text}; the one in this directory is './{word}'" if os.path.exists(os.path.join(cwd, word)) else text


def _directory(path: str, word: str, configuration: "Configuration", cwd: str) -> Package:
    file = os.path.join(path, "package.json")
    manifest, publish_config = _in_directory(file)
    if configuration.get("ignore-scripts") is True:
        manifest = manifest._replace(scripts_may_change_manifest=False, runs_scripts=False, publishing_script=None)
    package = Package(word, path=path, manifest=manifest._replace(file=_shown(file, cwd)))
    if manifest.dual_use:
        package = package._replace(has_disclosure=_has_disclosure(path, manifest))
    configured = _configured(package, publish_config, configuration)
    shell = configuration.get("script-shell")
    if not manifest.runs_scripts or not isinstance(shell, str) or not os.path.isabs(shell) or os.path.exists(shell):
        return configured
    problem = Problem("usage", "`script-shell` names a program that is not there", stops_npm=True)
    problem = problem._replace(origin=configuration.origin("script-shell"))
    settings = configured.settings
    return configured._replace(settings=settings._replace(problems=(*settings.problems, problem)))


def _has_disclosure(path: str, manifest: Manifest) -> bool | None:
    """Whether npm will pack a file DISCLOSURE; None where a script or an ignore file decides."""
    try:
        names = os.listdir(path)
    except OSError:
        return None
    if not any(name.partition(".")[0] == "DISCLOSURE" for name in names):
        return None if manifest.scripts_may_change_manifest else False
    if not {".npmignore", ".gitignore"}.isdisjoint(names):
        return None
    return manifest.packs_disclosure


def _in_directory(file: str) -> tuple[Manifest, Mapping[str, object]]:
    """Return the manifest of a directory.

    Where package.json cannot be opened npm reads a comment of index.js in its place, but then fails to pack (npm 10.9.7
    and 12.2.0, ENOENT).
    """
    try:
        return manifests.read(read_text(file, MANIFEST_LIMIT))
    except UnreadableError as unread:
        return Manifest(unread=str(unread)), {}
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return Manifest(trouble=f"it cannot be read: {getattr(error, 'strerror', None) or error}"), {}


def _tarball(path: str, word: str, configuration: "Configuration", cwd: str) -> Package:
    from safepublish.detect import tarball

    limits_ratio = configuration.version in Floor.UNPACKING_RATIO
    manifest, publish_config = tarball.read(path, limits_ratio=limits_ratio)
    # Scripts of a tarball do not run.
    manifest = manifest._replace(
        file=_shown(path, cwd),
        runs_scripts=False,
        scripts_may_change_manifest=False,
        script_bumps_version=False,
        pack_trouble=None,
    )
    return _configured(Package(word, "tarball", path, manifest=manifest), publish_config, configuration)


def _unknown(shown: str, why: str, *, name: str | None = None) -> Package:
    """Return a package of which nothing is known but the argument as it is *shown*, and perhaps its *name*."""
    return Package(shown, source="other", manifest=Manifest(name=name, unread=why))


def _configured(package: Package, publish_config: Mapping[str, object], configuration: "Configuration") -> Package:
    """Return *package* with what npm's configuration and its own publishConfig say about it."""
    settings, credential = package_settings(configuration, package.manifest.name, publish_config)
    return package._replace(settings=settings, credential=credential)
