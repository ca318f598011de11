"""The versions that package.json and the lock files of the repository give a package.

Read are package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock (1 and berry) and bun.lock, each as far as
it names the package; and what `overrides` and `resolutions` force.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from safepublish.npm import versions
from safepublish.pipelines.scope import Files

_BLOCKS = ("devDependencies", "dependencies", "optionalDependencies")
_LONGEST = 20_000_000


def version_of(files: Files, manifest: Mapping[str, Any], name: str) -> str | None:
    """The version or range of the package *name* that is installed; None where the files do not say it."""
    requested = requested_version(manifest, name)
    found = locked_versions(files, name)
    if len(found) == 1:
        return found.pop()
    forced = forced_version(manifest, name)
    return forced or requested


def requested_version(manifest: Mapping[str, Any], name: str) -> str | None:
    """The version or range of *name* that package.json requires."""
    for block in _BLOCKS:
        dependencies = manifest.get(block)
        version = dependencies.get(name) if isinstance(dependencies, dict) else None
        if isinstance(version, str):
            alias = version.removeprefix(f"npm:{name}@")
            if alias[:1].isdigit() or alias[:1] in {"^", "~"}:
                return alias
    return None


def forced_version(manifest: Mapping[str, Any], name: str) -> str | None:
    """The version of *name* that package.json forces on every dependent: npm's, yarn's, pnpm's and bun's form."""
    pnpm = manifest.get("pnpm")
    blocks = (
        manifest.get("overrides"),
        manifest.get("resolutions"),
        pnpm.get("overrides") if isinstance(pnpm, dict) else None,
    )
    for block in blocks:
        for version in _forced(block, name, 5):
            if version.startswith("$"):
                return requested_version(manifest, version[1:])
            alias = version.removeprefix("npm:").removeprefix(f"{name}@")
            if alias[:1].isdigit() or alias[:1] in {"^", "~", ">", "v", "="}:
                return alias
    return None


def _forced(block: object, name: str, depth: int) -> Iterator[str]:
    """The values of *name* in a block of overrides, also of those for one dependent alone."""
    if not isinstance(block, dict) or depth <= 0:
        return
    for key, value in block.items():
        # `name`, `name@1`, `**/name`, `parent/name`, `parent>name`
        is_name = re.search(rf"(?:^|[/>]){re.escape(name)}(?:@[^/]*)?$", str(key)) is not None
        if is_name and isinstance(value, str):
            yield value
        elif is_name and isinstance(value, dict) and isinstance(value.get("."), str):
            yield value["."]
        elif isinstance(value, dict):
            yield from _forced(value, name, depth - 1)


def locked_versions(files: Files, name: str, *, dependent: str | None = None) -> set[str]:
    """The versions of *name* that the first lock file at hand has: those that the root, or *dependent*, gets."""
    for path in ("npm-shrinkwrap.json", "package-lock.json"):
        if (text := files(path)) and (found := _in_package_lock(text, name, dependent)):
            return {found}
    for path in ("pnpm-lock.yaml", "yarn.lock", "bun.lock"):
        text = files(path)
        if text and len(text) <= _LONGEST and name in text:
            return {
                version
                for version in _in_text(text, path, name, direct=dependent is None)
                if versions.parse(version) is not None
            }
    return set()


@lru_cache(maxsize=64)
def _in_package_lock(text: str, name: str, dependent: str | None) -> str | None:
    try:
        lock = json.loads(text)
        packages, dependencies = lock.get("packages"), lock.get("dependencies")
        entry = None
        for directory in (f"node_modules/{dependent}/node_modules", "node_modules"):
            entry = entry or (packages.get(f"{directory}/{name}") if isinstance(packages, dict) else None)
        if entry is None and isinstance(dependencies, dict):
            entry = dependencies.get(name)
        version = entry.get("version") if isinstance(entry, dict) else None
    except (ValueError, RecursionError, AttributeError):
        return None
    return version if isinstance(version, str) and versions.parse(version) is not None else None


def _in_text(text: str, path: str, name: str, *, direct: bool) -> set[str]:
    quoted = re.escape(name)
    if path == "pnpm-lock.yaml":  # of the importers first: what package.json itself requires
        required = rf"^\s+['\"]?{quoted}['\"]?:\n\s+specifier: [^\n]*\n\s+version: ([\w.+-]+)"
        found = re.findall(required, text, re.MULTILINE) if direct else []
        return set(found or re.findall(rf"^  ['\"]?/?{quoted}[@/](\d[\w.+-]*)", text, re.MULTILINE))
    if path == "bun.lock":
        return set(re.findall(rf"^\s+\"{quoted}\": \[\"{quoted}@(\d[\w.+-]*)\"", text, re.MULTILINE))
    entry = rf"^\"?(?:[^\n]*, \"?)?{quoted}@[^\n]*:\n(?:  [^\n]*\n)*?  version:? \"?(\d[\w.+-]*)"
    return set(re.findall(entry, text, re.MULTILINE))
