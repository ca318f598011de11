"""Reads the manifest inside a tarball; imported only when a tarball is published."""

import contextlib
import gzip
import tarfile
import time
import zlib
from collections.abc import Iterator, Mapping
from io import BufferedReader

from safepublish.detect import budget
from safepublish.detect.files import UnreadableError, open_regular
from safepublish.facts.run import Manifest
from safepublish.npm import manifest as manifests

LIMIT = 256 * 2**20
"""Bytes of the unpacked tarball that are looked at."""
SECONDS = 3.0
MEMBERS = 100_000
MANIFEST_LIMIT = 8 * 2**20
LARGEST_RATIO = 1000
"""How many times larger what npm unpacks may be (tar 7.5, dist/commonjs/parse.js, MAX_DECOMPRESSION_RATIO)."""
_CHUNK = 64 * 1024
_BLOCK = 512  # bytes of a header in a tar
_GZIP = b"\x1f\x8b"
_UNREADABLE = (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError, RecursionError)


class _Budgeted:
    """A tarball's bytes, until there are too many or the time is up."""

    def __init__(self, file: BufferedReader | gzip.GzipFile) -> None:
        self.file, self.left, self.until = file, LIMIT, time.monotonic() + budget.left(SECONDS)

    def read(self, size: int) -> bytes:
        self.left -= size
        if self.left < 0 or time.monotonic() > self.until:
            raise UnreadableError("it is too large to read")
        return self.file.read(size)


def read(path: str, *, limits_ratio: bool = False) -> tuple[Manifest, Mapping[str, object]]:
    """The manifest of the tarball *path*, and its publishConfig.

    npm unpacks everything, without the top directory whatever that is called, so the last package.json counts
    (pacote 22.0.0, lib/fetcher.js, `strip: 1`). *limits_ratio* says that this npm has `LARGEST_RATIO`.
    """
    text, why = None, None
    try:
        with open_regular(path) as file:
            for found in _manifests(file):
                text = found
    except UnreadableError as unread:
        why = str(unread)
    except gzip.BadGzipFile as error:
        why = f"it is not a tarball that can be read: {error}"
    except OSError as error:
        return Manifest(trouble=f"it cannot be read: {error.strerror or error}"), {}
    except _UNREADABLE as error:
        why = f"it is not a tarball that can be read: {type(error).__name__}"
    trouble = _packing_trouble(path, limits_ratio=limits_ratio)
    if trouble is not None:
        return Manifest(trouble=trouble), {}
    if text is not None:
        return manifests.read(text)
    if why is not None:
        return Manifest(unread=why), {}
    return Manifest(trouble="it has no package.json below a top directory"), {}


def _manifests(file: BufferedReader) -> Iterator[str]:
    zipped = file.peek(2)[:2] == _GZIP
    source = _Budgeted(gzip.GzipFile(fileobj=file) if zipped else file)
    with tarfile.open(fileobj=source, mode="r|", errorlevel=0) as archive:  # type: ignore[call-overload]  # it only reads
        for count, member in enumerate(archive):
            archive.members = []  # or each would be kept
            if count >= MEMBERS:
                raise UnreadableError(f"it has more than {MEMBERS} files")
            if not member.isreg() or not _is_manifest(member.name):
                continue
            if member.size > MANIFEST_LIMIT:
                raise UnreadableError(f"its package.json is larger than {MANIFEST_LIMIT} bytes")
            content = archive.extractfile(member)
            if content is not None:
                yield content.read().decode(errors="replace")


def _packing_trouble(path: str, *, limits_ratio: bool) -> str | None:
    """Why npm cannot unpack the whole of the file; None also where that is not certain.

    Node takes a file for gzip by its first bytes, unpacks one member after the other, and ignores what follows a zero
    byte (node, src/node_zlib.cc). What is not packed must be a tar.
    """
    try:
        with open_regular(path) as file:
            first = file.peek(_BLOCK)[:_BLOCK]
            if not first:
                return "it is empty"
            if first[:2] == _GZIP:
                return _gzip_trouble(_Budgeted(file), limits_ratio=limits_ratio)
            with contextlib.suppress(tarfile.TarError):
                tarfile.TarInfo.frombuf(first, "utf-8", "surrogateescape")
                return None
            return "it is no tarball" if first.isascii() else None  # newer npm also unpacks zstd and brotli
    except (OSError, ValueError, UnreadableError):
        return None


def _gzip_trouble(source: _Budgeted, *, limits_ratio: bool) -> str | None:
    packed = unpacked = 0
    unzip = zlib.decompressobj(wbits=31)
    while piece := source.read(_CHUNK):
        packed += len(piece)
        while piece:
            try:
                out = unzip.decompress(piece)
            except zlib.error:
                return "it cannot be unpacked: its content is damaged, or something else follows it"
            unpacked += len(out)
            source.left -= len(out)
            piece = unzip.unused_data
            if unzip.eof and piece:
                if piece[:1] == b"\0":
                    return None
                unzip = zlib.decompressobj(wbits=31)
    if not unzip.eof:
        return "it cannot be unpacked: its end is missing"
    if limits_ratio and unpacked > LARGEST_RATIO * packed:
        return f"it unpacks to more than {LARGEST_RATIO} times its size, which npm does not allow"
    return None


def _is_manifest(name: str) -> bool:
    """Whether *name*, without its first directory, is package.json."""
    below = name.replace("\\", "/").split("/")[1:]
    return [part for part in below if part not in {"", "."}] == ["package.json"]
