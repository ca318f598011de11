"""What npm's configuration names on this machine, and npm stops at: files, directories, an address."""

import errno
import os
import stat
from typing import TYPE_CHECKING

from safepublish.detect.files import UnreadableError, read_bytes
from safepublish.npm.arguments import text, truthy
from safepublish.npm.floors import Floor

if TYPE_CHECKING:
    from safepublish.detect.config import Configuration

_LARGEST_BUNDLE = 4 * 2**20
"""Bytes of a `provenance-file` that are read; npm has no limit."""


def check_places(found: "Configuration") -> None:
    """Find what npm stops at, once every layer of *found* is loaded."""
    _check_authorities(found)
    _check_cache(found)
    _check_local_address(found)
    _check_provenance_file(found)


def _check_authorities(found: "Configuration") -> None:
    """A `cafile`, in any layer, that is there and no file: npm stops at it (@npmcli/config, definitions.js)."""
    for name, layer in found.layers.items():
        path = layer.values.get("cafile")
        if not isinstance(path, str) or not path:
            continue
        try:
            readable = not stat.S_ISDIR(os.stat(path).st_mode)
        except (FileNotFoundError, ValueError):
            continue
        except OSError:
            readable = False
        if not readable:
            found.stop("usage", "`cafile` names a file that cannot be read", found.as_origin(name, "cafile"))


def _check_cache(found: "Configuration") -> None:
    """A `cache` that npm cannot make, at which it stops, and places in /proc, where it tries without an end.

    Run with npm 10.9.4, 11.5.1 and 12.2.0 on Node 20, 24 and 26: the `mkdir` of Node repeats itself where the system
    answers ENOENT below a directory that is there. A `logs-dir` that is not writable otherwise is passed over.
    """
    if found.version not in Floor.KNOWN_PLACES or found.places.windows:
        return
    cache = found.get("cache")
    if truthy(cache):
        trouble = _cannot_be_made(text(cache))
        if trouble is not None:
            found.stop("usage", f"npm's `cache` cannot be created: {trouble}", found.origin("cache"))
    for key, path in (("cache", cache), ("logs-dir", found.get("logs-dir"))):
        if truthy(path) and _never_ends(text(path)):
            found.stop("usage", f"npm never exits where `{key}` names a directory in /proc", found.origin(key))


def _check_local_address(found: "Configuration") -> None:
    """A `local-address` that this machine has not: no request of npm leaves it."""
    address = found.get("local-address")
    if not isinstance(address, str) or not address:
        return
    import ipaddress  # few set it
    import socket

    try:
        family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
        with socket.socket(family) as bound:
            bound.bind((address, 0))
    except ValueError:
        found.stop("usage", "the value of `local-address` is not an IP address", found.origin("local-address"))
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            found.stop("usage", "`local-address` is an address of another machine", found.origin("local-address"))


def _check_provenance_file(found: "Configuration") -> None:
    """A `provenance-file` that npm cannot use (libnpmpublish 12.0.1, lib/provenance.js, `verifyProvenance`)."""
    path = found.get("provenance-file")
    if not isinstance(path, str) or not path or found.version not in Floor.PROVENANCE:
        return
    try:
        from safepublish.npm.provenance import statement_trouble  # few have such a file

        trouble = statement_trouble(read_bytes(path, _LARGEST_BUNDLE))
    except UnreadableError:
        return
    except (OSError, ValueError) as error:
        trouble = str(getattr(error, "strerror", None) or error)
    if trouble is not None:
        found.stop(
            "provenance-file", f"npm cannot use the `provenance-file`: {trouble}", found.origin("provenance-file")
        )


def _nearest(path: str) -> str:
    """The nearest place above *path*, or itself, that is there."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _cannot_be_made(path: str) -> str | None:
    """Why the directory *path* cannot be made; None where it is there, or nothing is known to be in the way."""
    near = _nearest(path)
    try:
        directory = stat.S_ISDIR(os.stat(near).st_mode)
    except (OSError, ValueError):
        return None
    if not directory:
        return f"{near} is not a directory"
    if near != path and not os.access(near, os.W_OK | os.X_OK):
        return f"{near} is not writable"
    return None


def _never_ends(path: str) -> bool:
    near = _nearest(path)
    real = os.path.realpath(near)
    return near != path and os.path.isdir(real) and os.path.join(real, "").startswith("/proc/")
