"""Finds the packages of a monorepo that npm's own `workspaces` does not name: pnpm's and lerna's."""

import os
from typing import NamedTuple

from safepublish.detect.files import UnreadableError, parse_object, read_object, read_text, yaml_document
from safepublish.detect.workspaces import BrokenWorkspacesError, find_workspaces

_LIMIT = 2**20  # bytes of a file that lists packages
_LERNA_DEFAULT = ["packages/*"]  # lerna 10.0.3, packages/core/src/lib/project/index.ts, PACKAGE_GLOB


class Monorepo(NamedTuple):
    """The packages that a file lists."""

    file: str
    directories: tuple[str, ...] = ()
    trouble: str | None = None  # why the list is unknown


def packages(root: str) -> Monorepo | None:
    """The packages below *root*, from pnpm-workspace.yaml, else lerna.json; None where neither lists any.

    Lerna hands over to pnpm's list, and to npm's, where it is told to (`npmClient`, `useWorkspaces`).
    """
    for file, read in (("pnpm-workspace.yaml", _pnpm), ("lerna.json", _lerna)):
        try:
            text = read_text(os.path.join(root, file), _LIMIT)
        except FileNotFoundError:
            continue
        except (OSError, UnreadableError) as error:
            return Monorepo(file, trouble=f"it cannot be read: {getattr(error, 'strerror', None) or error}")
        try:
            globs = read(text, root)
        except ValueError as error:
            return Monorepo(file, trouble=f"it cannot be read: {str(error).splitlines()[0][:200]}")
        if globs is None:
            continue
        try:
            found = find_workspaces(root, globs)
        except (BrokenWorkspacesError, UnreadableError) as error:
            return Monorepo(file, trouble=str(error))
        return Monorepo(file, tuple(found.values()))
    return None


def npms(root: str) -> Monorepo | None:
    """The packages that `workspaces` of the package.json in *root* names; None where it names none."""
    declared = (read_object(os.path.join(root, "package.json"), _LIMIT) or {}).get("workspaces")
    if not declared:
        return None
    try:
        return Monorepo("package.json", tuple(find_workspaces(root, declared).values()))
    except (BrokenWorkspacesError, UnreadableError) as error:
        return Monorepo("package.json", trouble=str(error))


def _pnpm(text: str, _root: str) -> list[str] | None:
    """`packages` of pnpm-workspace.yaml; a file without it is one of settings (pnpm.io/pnpm-workspace_yaml)."""
    return _globs(yaml_document(text))


def _lerna(text: str, root: str) -> list[str] | None:
    """`packages` of lerna.json, else the `workspaces` of package.json, else lerna's default."""
    globs = _globs(parse_object(text))
    if globs is not None:
        return globs
    declared = (read_object(os.path.join(root, "package.json"), _LIMIT) or {}).get("workspaces")
    return _globs({"packages": declared}) or _globs(declared) or _LERNA_DEFAULT


def _globs(document: object) -> list[str] | None:
    listed = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    return [glob for glob in listed if isinstance(glob, str)] or None
