"""Installs real npm versions, which this machine's own npm downloads once with its own configuration.

A rehearsal, and a test, download nothing else.
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
"""How long the download of one package may take."""

_NPM_DIRECTORY = os.path.join("lib", "node_modules", "npm")


class DownloadError(RuntimeError):
    """A package cannot be downloaded or unpacked; the message says why."""


def cache_directory(env: Mapping[str, str]) -> str:
    """Where npm versions are installed: SAFEPUBLISH_CACHE, else `safepublish/npm` in the user's cache directory."""
    chosen = env.get("SAFEPUBLISH_CACHE")
    if chosen:
        return os.path.abspath(chosen)
    caches = env.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(caches, "safepublish", "npm")


def install_npm(version: str, *, root: str, env: Mapping[str, str]) -> str:
    """The directory of npm *version* below *root*, which contains `bin/npm-cli.js`; downloaded where it is missing."""
    prefix = os.path.join(root, f"npm-{version}")
    if not os.path.exists(prefix):
        install(f"npm@{version}", prefix, subdirectory=_NPM_DIRECTORY, env=env)
    return os.path.join(prefix, _NPM_DIRECTORY)


def install(spec: str, target: str, *, subdirectory: str, env: Mapping[str, str], only: str = "") -> None:
    """Download *spec* and unpack it, or the part below *only*, to *subdirectory* of *target*.

    *target* appears in one step; of two processes that install at once, the first wins. *env* is for this machine's
    npm. Raises `DownloadError`.
    """
    root = os.path.dirname(target)
    try:
        os.makedirs(root, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix="download-") as temporary:
            tarball = download(spec, temporary, env=env)
            unpacked = os.path.join(temporary, "unpacked")
            with tarfile.open(tarball) as archive:
                for member in archive:
                    if member.name.startswith(f"package/{only}"):
                        _unpack(archive, member, unpacked)
            prefix = os.path.join(temporary, "prefix")
            os.makedirs(os.path.dirname(os.path.join(prefix, subdirectory)), exist_ok=True)
            os.rename(os.path.join(unpacked, "package"), os.path.join(prefix, subdirectory))
            _move(prefix, target)
    except (OSError, tarfile.TarError) as error:
        raise DownloadError(f"{spec} cannot be unpacked to {target}: {error}") from error


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


def _move(source: str, target: str) -> None:
    """Rename *source* to *target*, unless another process has created *target* meanwhile."""
    try:
        os.rename(source, target)
    except OSError:
        if not os.path.exists(target):
            raise


def download(spec: str, destination: str, *, env: Mapping[str, str]) -> str:
    """The path of the tarball of *spec*, which `npm pack` writes to *destination*; its digest is checked."""
    command = shutil.which("npm", path=env.get("PATH"))
    if command is None:
        raise DownloadError(f"{spec} is fetched with `npm pack`, but npm is not on PATH")
    arguments = [command, "pack", spec, "--pack-destination", destination, "--json", "--loglevel=error"]
    try:
        packed = subprocess.run(  # noqa: S603 - the machine's own npm
            arguments,
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
        raise DownloadError(f"npm pack {spec} did not finish within {SECONDS:.0f} seconds") from error
    if packed.returncode:
        raise DownloadError(f"npm pack {spec} exited with code {packed.returncode}:\n{packed.stderr.strip()}")
    try:
        document = json.loads(packed.stdout)
        record = document[0] if isinstance(document, list) else next(iter(document.values()))
        tarball, integrity = os.path.join(destination, os.path.basename(record["filename"])), record["integrity"]
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise DownloadError(f"npm pack {spec} does not show which file it packed") from error
    with open(tarball, "rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if integrity != f"sha512-{digest}":
        raise DownloadError(f"{spec}: the tarball does not match the output of npm pack")
    return tarball
