"""The Node that asdf, mise and proto install from the files of the repository."""

import re
import tomllib
from typing import Any

from safepublish.pipelines.scope import Files

_FILES = {
    "asdf": (".tool-versions",),
    "mise": ("mise.toml", ".mise.toml", "mise/config.toml", ".config/mise.toml", ".config/mise/config.toml"),
    "proto": (".prototools",),
}
GIVEN = {"tool_versions": ".tool-versions", "mise_toml": "mise.toml"}
"""By input of an action the file that it writes in place of the repository's."""

_IDIOMATIC = (".nvmrc", ".node-version")
_ACTIONS = {
    "asdf-vm/actions": "asdf",
    "asdf-vm/actions/install": "asdf",
    "jdx/mise-action": "mise",
    "jdx/rtx-action": "mise",
    "moonrepo/setup-toolchain": "proto",
}
_LINE = re.compile(r"^(?:nodejs|node)[ \t]+(?P<version>[^\s#]+)", re.MULTILINE)


def manager_of(action: str) -> str | None:
    """The version manager that an action, by its name in lower case, lets install what the repository's files name."""
    return _ACTIONS.get(action)


def installs_node(files: Files, manager: str) -> tuple[bool | None, str | None]:
    """Whether *manager* installs a Node, and the version that its file names; None where that is unknown."""
    paths = [*_FILES[manager], *([".tool-versions"] if manager == "mise" else [])]
    texts = [(path, text) for path in paths if (text := files(path)) is not None]
    for path, text in texts:
        found = _in_lines(text) if path == ".tool-versions" else _in_toml(text)
        if found is None:
            return None, None
        if found:
            return True, found
    if manager != "asdf" and any(files(path) is not None for path in _IDIOMATIC):
        return None, None  # a setting of the user's decides
    return False, None


def _in_lines(text: str) -> str:
    match = _LINE.search(text)
    return match["version"] if match else ""


def _in_toml(text: str) -> str | None:
    """The version of node in a configuration of mise or proto, "" where it has none; None where it cannot be read."""
    try:
        root: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    tools = root.get("tools")
    blocks = [block for block in (tools, root) if isinstance(block, dict)]
    for block in blocks:
        for name in ("node", "nodejs", "core:node"):
            value = block.get(name)
            value = value[0] if isinstance(value, list) and value else value
            value = value.get("version") if isinstance(value, dict) else value
            if isinstance(value, str):
                return value
            if value is not None:
                return None
    return ""
