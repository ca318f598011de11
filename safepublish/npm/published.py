"""Whether the version that would be published is out already: what `--already-published` goes by."""

from collections.abc import Sequence

from safepublish.facts.run import Existence, Options, Package

SKIP, REFUSE = "skip", "refuse"
"""The values of ``--already-published``."""


def skips(options: Options, packages: Sequence[Package]) -> bool:
    """Whether what is out already is left out: as asked for, else where there are several packages."""
    return (options.already_published or (SKIP if len(packages) > 1 else REFUSE)) == SKIP


def listed(package: Package) -> bool | None:
    """Whether the registry lists the version in the manifest; None where it cannot be told."""
    if package.version is None or package.packument.existence is Existence.UNKNOWN:
        return None
    return package.version in package.packument.versions


def is_out(package: Package) -> bool:
    """Whether this very release is out, so that npm has nothing left to publish.

    A script that runs before the upload may raise the version, and then a version that is listed proves nothing. It
    does only where the tag stands at this version, as the release itself has left it, no script speaks of versions,
    and the version is no stand-in such as 0.0.0-development.
    """
    if not listed(package):
        return False
    if not package.packs_differently:
        return True
    stands_in = (package.version or "").startswith("0.0.0")
    return not stands_in and not package.raises_version and package.packument.tags.get(package.tag) == package.version
