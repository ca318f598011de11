"""`--hold`: of several packages some are not published, so that what they lack does not stop the others."""

from collections.abc import Collection, Sequence

from safepublish.facts.error import SafepublishError
from safepublish.facts.run import Package, PublishTool


class CannotHoldError(SafepublishError):
    """A package cannot be held back; the text says why."""


def marked(packages: Sequence[Package], names: Collection[str], tool: PublishTool | None) -> tuple[Package, ...]:
    """*packages*, with those that *names* names marked as skipped, so that nothing is asked about them.

    Raises `CannotHoldError`.
    """
    known = [package.manifest.name for package in packages]
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        listed = ", ".join(name for name in known[:20] if name is not None)
        raise CannotHoldError(f"--hold names {missing!r}, which is not among the packages to publish: {listed}")
    if tool is not None:
        raise CannotHoldError(
            f"--hold works with npm's workspaces; {tool.called} chooses its packages by its own options"
        )
    if len(set(known) - set(names)) == 0:
        raise CannotHoldError("--hold names every package, so that nothing is left to publish")
    return tuple(_held(package) if package.manifest.name in names else package for package in packages)


def check_narrowed(held: Sequence[Package]) -> None:
    """Raise `CannotHoldError` where no arguments make npm publish the others alone."""
    if any(not package.skip_published for package in held):
        raise CannotHoldError("--hold cannot be followed: no arguments make npm publish the other packages alone")


def _held(package: Package) -> Package:
    settings = package.settings._replace(registry=None)  # the registry is not asked about it
    return package._replace(skip_published=True, settings=settings)
