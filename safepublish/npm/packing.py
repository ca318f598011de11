"""What in a package.json keeps npm from packing the directory: it loads the tree of dependencies to list its files.

npm 10.9.7 to 12.2.0: pacote, lib/dir.js, with @npmcli/arborist (lib/node.js, lib/edge.js, lib/override-set.js),
@npmcli/map-workspaces and npm-packlist. A tarball is not packed again.
"""

from collections.abc import Iterator, Mapping

from safepublish.npm import package_spec

_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_DEEPEST = 50  # overrides in each other


def trouble(document: Mapping[str, object]) -> str | None:
    """Why npm cannot pack the package of *document*, or None; what is not certain is left to npm."""
    for field, name, spec in _edges(document):
        if not isinstance(spec, str):
            return f"{field}[{name!r:.60}] is not a string"
    overrides = document.get("overrides")
    if isinstance(overrides, dict):
        found = _in_overrides(overrides) or _conflict(document, overrides)
        if found is not None:
            return found
    workspaces = document.get("workspaces")
    if workspaces and not _is_workspaces(workspaces):
        return "workspaces is not a list (EWORKSPACESCONFIG)"
    files = document.get("files")
    if isinstance(files, list) and any(isinstance(entry, int | float | bool) for entry in files):
        return "files has an entry that is not a string"
    return None


def _edges(document: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    """Each direct dependency: its field, name and spec; one that is optional too is no dependency for npm."""
    optional = document.get("optionalDependencies")
    for field in _DEPENDENCIES:
        listed = document.get(field)
        for name, spec in listed.items() if isinstance(listed, dict) else ():
            if field == "dependencies" and isinstance(optional, dict) and name in optional:
                continue
            yield field, name, spec


def _in_overrides(overrides: Mapping[str, object], depth: int = 0) -> str | None:
    """Why npm stops at a key or value of *overrides* (lib/override-set.js)."""
    if depth > _DEEPEST:
        return None
    for key, value in overrides.items():
        if key == "." and depth:
            continue
        if key != ".":
            spec = package_spec.read(key)
            if spec.name is None:
                return f"overrides has the key {key!r:.60}, which names no package"
        if value is None:
            return f"overrides[{key!r:.60}] is null"
        inside = _in_overrides(value, depth + 1) if isinstance(value, dict) else None
        if inside is not None:
            return inside
    return None


def _conflict(document: Mapping[str, object], overrides: Mapping[str, object]) -> str | None:
    """Why npm stops with EOVERRIDE (lib/node.js, `assertRootOverrides`): only for rules without a version of their own.

    Of a package that is several kinds of dependency one alone counts, so that all of them must conflict.
    """
    rules = {key.removesuffix("@*"): value for key, value in overrides.items()}
    edges = tuple(_edges(document))
    for field, name, spec in edges:
        value = rules.get(name)
        if isinstance(value, dict):
            value = value.get(".")
        if not isinstance(value, str) or value in {"", "*"}:
            continue
        if value.startswith("$"):
            value = _referenced(document, value[1:])
            if value is None:
                continue
        if any(value == other for _, same, other in edges if same == name):
            continue
        return f"overrides[{name!r:.60}] is {value:.60}, but {field} has {spec:.60} (EOVERRIDE)"
    return None


def _referenced(document: Mapping[str, object], name: str) -> str | None:
    """The spec that ``$name`` stands for (lib/edge.js, `spec`)."""
    for field in ("devDependencies", "optionalDependencies", "dependencies", "peerDependencies"):
        listed = document.get(field)
        if isinstance(listed, dict) and listed.get(name):
            found = listed[name]
            return found if isinstance(found, str) else None
    return None


def _is_workspaces(workspaces: object) -> bool:
    return isinstance(workspaces, list) or (
        isinstance(workspaces, dict) and isinstance(workspaces.get("packages"), list)
    )
