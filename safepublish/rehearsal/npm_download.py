"""Lays real npm versions: fetched once from npm's registry, by the machine's own npm and its configuration.

The one way in which a rehearsal, or a test, brings something onto this machine.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping

SECONDS = 120.0
"""How long fetching one package may take."""

_INSIDE = os.path.join("lib", "node_modules", "npm")


class LayingError(RuntimeError):
    """A package cannot be fetched or unpacked; the message says why."""


def cache(env: Mapping[str, str]) -> str:
    """Where npm versions are kept: SAFEPUBLISH_CACHE, else `safepublish/npm` in the user's cache directory."""
    chosen = env.get("SAFEPUBLISH_CACHE")
    if chosen:
        return os.path.abspath(chosen)
    caches = env.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(caches, "safepublish", "npm")


def npm(version: str, *, root: str, env: Mapping[str, str]) -> str:
    """The directory of the real npm *version*, which holds `bin/npm-cli.js`, below *root*; fetched where it is not."""
    prefix = os.path.join(root, f"npm-{version}")
    if not os.path.exists(prefix):
        lay(f"npm@{version}", prefix, inside=_INSIDE, env=env)
    return os.path.join(prefix, _INSIDE)


def lay(spec: str, home: str, *, inside: str, env: Mapping[str, str], only: str = "") -> None:
    """Unpack *spec*, or *only* this of it, to *home*/*inside* in one step; whoever is first wins.

    *env* is what the machine's own npm is started with.
    """
    root = os.path.dirname(home)
    try:
        os.makedirs(root, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix="laying-") as temporary:
            tarball = fetch(spec, temporary, env=env)
            unpacked = os.path.join(temporary, "unpacked")
            with tarfile.open(tarball) as archive:
                for member in archive:
                    if member.name.startswith(f"package/{only}"):
                        _unpack(archive, member, unpacked)
            prefix = os.path.join(temporary, "prefix")
            os.makedirs(os.path.dirname(os.path.join(prefix, inside)), exist_ok=True)
            os.rename(os.path.join(unpacked, "package"), os.path.join(prefix, inside))
            _settle(prefix, home)
    except (OSError, tarfile.TarError) as error:
        raise LayingError(f"{spec} cannot be unpacked to {home}: {error}") from error


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, root: str) -> None:
    """Write one file or directory of a package below *root*, and nothing else: npm packs no links and no devices.

    `TarFile.extractall` checks its members from Python 3.11.4 on only, so the check is made here.
    """
    path = os.path.join(root, *member.name.split("/"))
    if ".." in member.name.split("/") or not os.path.abspath(path).startswith(os.path.abspath(root) + os.sep):
        raise tarfile.ExtractError(f"{member.name!r} would be written outside the package")
    if member.isdir():
        os.makedirs(path, exist_ok=True)
        return
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise tarfile.ExtractError(f"{member.name!r} is not a file or a directory")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "xb") as file:
        shutil.copyfileobj(content, file)
    if member.mode & 0o100:
        os.chmod(path, 0o755)  # noqa: S103 - as npm itself unpacks a program


def _settle(prefix: str, home: str) -> None:
    try:
        os.rename(prefix, home)
    except OSError:
        if not os.path.exists(home):
            raise


def fetch(spec: str, destination: str, *, env: Mapping[str, str]) -> str:
    """The tarball of *spec*, as `npm pack` puts it into *destination*, its digest checked."""
    command = shutil.which("npm", path=env.get("PATH"))
    if command is None:
        raise LayingError(f"{spec} is fetched with `npm pack`, and no npm is on PATH")
    words = [command, "pack", spec, "--pack-destination", destination, "--json", "--loglevel=error"]
    try:
        packed = subprocess.run(  # noqa: S603 - the machine's own npm
            words,
            env={**env, "NODE_DISABLE_COMPILE_CACHE": "1"},  # which npm would leave in the temporary directory
            cwd=destination,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LayingError(f"npm pack {spec} has not ended within {SECONDS:.0f} seconds") from error
    if packed.returncode:
        raise LayingError(f"npm pack {spec} ended with {packed.returncode}:\n{packed.stderr.strip()}")
    try:
        document = json.loads(packed.stdout)
        record = document[0] if isinstance(document, list) else next(iter(document.values()))
        tarball, integrity = os.path.join(destination, os.path.basename(record["filename"])), record["integrity"]
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise LayingError(f"npm pack {spec} does not say what it packed") from error
    with open(tarball, "rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if integrity != f"sha512-{digest}":
        raise LayingError(f"{spec}: the tarball is not what npm pack says it is")
    return tarball
