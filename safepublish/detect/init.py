"""What `safepublish init` reads of a repository: its package manager, its packages, its build, its Node."""

import os
import re
from typing import NamedTuple

from packaging.version import Version

from safepublish.detect import monorepo
from safepublish.detect.files import UnreadableError, read_object, read_text
from safepublish.facts.error import SafepublishError
from safepublish.npm.floors import Floor
from safepublish.npm.tool_versions import parse
from safepublish.pipelines.new_workflow import Plan

_LIMIT = 2**20
_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
)
_LAST_WITH_COREPACK = 24
_NODE_FILES = (".nvmrc", ".node-version")
_DEFAULT = {"pnpm": "11.28.10", "yarn": "4.18.1"}
"""The version of a package manager where the repository names none."""
_MANAGER = re.compile(r"(npm|pnpm|yarn|bun)@(\d[\w.-]{0,40})(?:\+.*)?")


class CannotInitError(SafepublishError):
    """No workflow can be written for this repository; the text says why."""


class _Manager(NamedTuple):
    name: str  # npm, pnpm, yarn, yarn-classic
    version: str | None  # as the repository pins it
    locked: bool


def read(root: str) -> Plan:
    """The plan for the repository at *root*; raises `CannotInitError`."""
    manifest = read_object(os.path.join(root, "package.json"), _LIMIT)
    if manifest is None:
        raise CannotInitError("there is no package.json that can be read at the root of this repository")
    found = monorepo.packages(root) or monorepo.npms(root)
    if found is not None and found.trouble is not None:
        raise CannotInitError(f"{found.file}: {found.trouble}")
    has_packages = found is not None and any(directory != root for directory in found.directories)
    if manifest.get("private") and not has_packages:
        raise CannotInitError("package.json is private, and this repository has no other package")
    manager = _manager(root, manifest)
    scripts = manifest.get("scripts")
    build = _run(manager.name, "build") if isinstance(scripts, dict) and scripts.get("build") else None
    lerna = has_packages and os.path.exists(os.path.join(root, "lerna.json"))
    return Plan(
        manager.name,
        _install(manager),
        build,
        _pack(manager.name),
        _publish(manager, lerna=lerna, root_too=not manifest.get("private")) if has_packages else "./package.tgz",
        has_packages,
        node_version_file=_node_version_file(root, manager),
    )


def _node_version_file(root: str, manager: _Manager) -> str | None:
    """The file that names the Node of the repository; None where corepack is needed, which Node 25 has no more."""
    name = next((name for name in _NODE_FILES if os.path.isfile(os.path.join(root, name))), None)
    if name is None or not any("corepack" in command for command in _install(manager)):
        return name
    try:
        major = re.match(r"v?(\d+)", read_text(os.path.join(root, name), _LIMIT).strip())
    except (OSError, UnreadableError):
        return None
    return name if major is not None and int(major[1]) <= _LAST_WITH_COREPACK else None


def _manager(root: str, manifest: dict[str, object]) -> _Manager:
    named = _MANAGER.fullmatch(str(manifest.get("packageManager") or ""))
    lock = next((manager for file, manager in _LOCKS if os.path.exists(os.path.join(root, file))), None)
    name = named[1] if named else lock or "npm"
    version = named[2] if named else None
    if name == "bun":
        raise CannotInitError("bun cannot publish with trusted publishing, and its setup is not known here")
    if name == "yarn":
        berry = os.path.exists(os.path.join(root, ".yarnrc.yml"))
        parsed = parse(version) if version else None
        if (parsed is not None and parsed not in Floor.YARN_BERRY) or (parsed is None and not berry):
            return _Manager("yarn-classic", version, locked=lock == "yarn")
        if version is None and _has_yarn_path(root):
            version = ""
    return _Manager(name, version, locked=lock == name)


def _has_yarn_path(root: str) -> bool:
    """Whether .yarnrc.yml names a yarn of the repository, which the yarn of the image then starts."""
    try:
        return "yarnPath:" in read_text(os.path.join(root, ".yarnrc.yml"), _LIMIT)
    except (OSError, UnreadableError):
        return False


def _install(manager: _Manager) -> tuple[str, ...]:
    """The commands that install the package manager and the dependencies."""
    if manager.name == "npm":
        return ("npm ci" if manager.locked else "npm install",)
    if manager.name == "yarn-classic":
        return ("yarn install --frozen-lockfile" if manager.locked else "yarn install",)
    first = ["corepack enable"] if manager.version != "" else []  # a yarn of the repository needs none
    if manager.version is None:
        first.append(f"corepack install --global {manager.name}@{_DEFAULT[manager.name]}")
    flag = "--immutable" if manager.name == "yarn" else "--frozen-lockfile"
    return (*first, f"{manager.name} install {flag}" if manager.locked else f"{manager.name} install")


def _run(manager: str, script: str) -> str:
    return f"{manager.removesuffix('-classic')} run {script}"


def _pack(manager: str) -> str:
    if manager == "yarn":
        return "yarn pack --out package.tgz"
    tool = "pnpm" if manager == "pnpm" else "npm"
    return f"mkdir packed && {tool} pack --pack-destination packed && mv packed/*.tgz package.tgz"


def _publish(manager: _Manager, *, lerna: bool, root_too: bool) -> str:
    """The arguments of safepublish that publish the packages of a monorepo."""
    if lerna:
        runner = {"pnpm": "pnpm exec", "yarn": "yarn", "yarn-classic": "npx"}.get(manager.name, "npx")
        return f"--with '{runner} lerna publish from-package --yes'"
    if manager.name == "pnpm":
        return "--with 'pnpm publish -r --access public --no-git-checks'"
    if manager.name == "yarn":
        version = parse(manager.version or _DEFAULT["yarn"]) or Version("0")
        if version not in Floor.YARN_EXCHANGE:
            raise CannotInitError(
                f"yarn {manager.version} does not support trusted publishing; "
                f"{Floor.YARN_EXCHANGE.oldest} or newer is required"
            )
        foreach = "yarn workspaces foreach -A --no-private npm publish --tolerate-republish --access public"
        return f"--with '{foreach}'"
    return f"--workspaces{' --include-workspace-root' if root_too else ''} --access public"
