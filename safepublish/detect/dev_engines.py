"""Reads `devEngines` of the project's root, and what runs here that npm compares it with."""

import os
import platform
import sys
from typing import TYPE_CHECKING

from safepublish.detect import npm as detect_npm
from safepublish.detect.files import UnreadableError, read_object, read_text
from safepublish.facts.run import DevEngines, Npm
from safepublish.npm.floors import Floor

if TYPE_CHECKING:
    from safepublish.detect.config import Configuration
    from safepublish.npm.dev_engines import Current

_LIMIT = 2 * 2**20
_CPUS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_LDD = "/usr/bin/ldd"


def read(configuration: "Configuration", npm: Npm | None) -> DevEngines | None:
    """Return what npm makes of the project's `devEngines`; None where it has none, or npm does not look at it.

    npm passes over a package.json that it cannot read, and over all of it with `--global` (lib/npm.js).
    """
    if npm is None or npm.version is None or npm.version not in Floor.DEV_ENGINES:
        return None
    if configuration.get("global") is True or configuration.get("location") == "global":
        return None
    document = read_object(os.path.join(configuration.local_prefix, "package.json"), _LIMIT)
    if document is None or "devEngines" not in document:
        return None
    from safepublish.npm.dev_engines import check  # few projects have it

    wanted = document["devEngines"]
    found = check(wanted, _current(wanted, npm), force=configuration.get("force") is True)
    file = os.path.join(configuration.local_prefix, "package.json")
    return found._replace(file=os.path.relpath(file, configuration.places.cwd))


def _current(wanted: object, npm: Npm) -> "dict[str, Current]":
    """What runs here (npm-install-checks 8, lib/current-env.js); Node is asked for its version only if need be."""
    from safepublish.npm.dev_engines import Current

    compares_node = isinstance(wanted, dict) and "runtime" in wanted
    node_version = detect_npm.node_version(npm) if compares_node else None
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform)
    return {
        "packageManager": Current("npm", str(npm.version)),
        "runtime": Current("node", str(node_version) if node_version else None),
        "cpu": Current(_CPUS.get(platform.machine().lower()) if system == "linux" else None),
        "libc": Current(_libc() if system == "linux" else None),
        "os": Current(system),
    }


def _libc() -> str | None:
    try:
        text = read_text(_LDD, _LIMIT)
    except (OSError, UnreadableError):
        return None
    return "musl" if "musl" in text else "glibc" if "GNU C Library" in text else None
