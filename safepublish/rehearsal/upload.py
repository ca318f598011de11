"""The body of a publish, as the registry reads it."""

import base64
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple


class Upload(NamedTuple):
    """The parts of a publish's body that decide about it (libnpmpublish, lib/publish.js, `buildMetadata`)."""

    name: str
    version: str
    tag: str
    access: str | None
    repository: str
    bundle: Mapping[str, Any] | None  # the sigstore bundle, where provenance is attached
    files: tuple[tuple[str, int], ...] = ()  # of its tarball


def read_upload(body: bytes) -> Upload | None:
    """The upload in *body*; None where it is not one."""
    try:
        document = json.loads(body)
        ((version, manifest),) = document["versions"].items()
        tag = next(iter(document["dist-tags"]))
        attachments = document["_attachments"].items()
        bundles = [attachment["data"] for name, attachment in attachments if name.endswith(".sigstore")]
        repository = manifest.get("repository") or {}
        url = str(repository if isinstance(repository, str) else repository.get("url", ""))
        bundle = json.loads(bundles[0]) if bundles else None
        tarballs = [attachment["data"] for name, attachment in attachments if name.endswith(".tgz")]
        files = _list_files(base64.b64decode(tarballs[0])) if tarballs else ()
        return Upload(document["name"], version, tag, document.get("access"), url, bundle, files)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError):
        return None


def _list_files(tarball: bytes) -> tuple[tuple[str, int], ...]:
    """The files of *tarball*, by their path below its top directory; none where it cannot be read."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tarball)) as archive:
            return tuple((member.name.partition("/")[2], member.size) for member in archive if member.isfile())
    except (tarfile.TarError, EOFError, OSError, zlib.error):
        return ()
