"""What decides about a publish before OIDC: problems that stop npm, a version already published, the tag latest."""

from collections.abc import Sequence

from safepublish.facts.run import Existence, Options, Package, Problem, Run
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_before, npm_version

AUTH_KINDS = frozenset({"invalid-auth", "misspelt-key"})
"""The kinds that are about the keys of credentials."""


def stopping_problems(run: Run) -> tuple[Problem, ...]:
    """The problems at which npm stops."""
    return tuple(one for one in all_problems(run) if one.stops_npm)


def all_problems(run: Run) -> tuple[Problem, ...]:
    """All problems; those of the package's own registry and credentials stand last."""
    return (*run.command.problems, *run.package.settings.problems)


SKIP, REFUSE = "skip", "refuse"
"""The values of ``--already-published``."""


def skips_published(options: Options, packages: Sequence[Package]) -> bool:
    """Whether packages that are published already are skipped: as chosen, else where there are several packages."""
    return (options.already_published or (SKIP if len(packages) > 1 else REFUSE)) == SKIP


def is_listed(package: Package) -> bool | None:
    """Whether the registry lists the version in the manifest; None where that is unknown."""
    if package.manifest.version is None or package.packument.existence is Existence.UNKNOWN:
        return None
    return package.manifest.version in package.packument.versions


def is_published(package: Package) -> bool:
    """Whether this very release is published already, so that npm has nothing left to publish.

    A script that runs before the upload may bump the version, and then a version that is listed proves nothing. It
    does only where the tag stands at this version, as the release itself has left it, no script speaks of versions,
    and the version is no placeholder such as 0.0.0-development.
    """
    if not is_listed(package):
        return False
    if not package.manifest.scripts_may_change_manifest:
        return True
    is_placeholder = (package.manifest.version or "").startswith("0.0.0")
    return (
        not is_placeholder
        and not package.manifest.script_bumps_version
        and package.packument.tags.get(package.settings.dist_tag) == package.manifest.version
    )


def latest_is_guarded(run: Run) -> bool:
    """Whether npm checks the tag; on a laptop the CI's npm counts, which OIDC needs to be 11 or newer."""
    if run.package.settings.dist_tag_given or run.command.force:
        return False
    return run.is_forecast or not is_before(run, Floor.LATEST_GUARDED)


def why_undecided(run: Run) -> str | None:
    """Why it stays open whether npm will refuse; None where it will."""
    if run.is_forecast:
        return "the workflow may set one"
    if npm_version(run) is None:
        return "npm 11 requires one, but the npm version could not be determined"
    if run.package.packument.confirmed_by_npm is False:
        return "strangers see that version, and npm's own dry run does not"
    if run.package.manifest.scripts_may_change_manifest:
        return "a script that runs before the upload may change the version"
    return None


def command_with_tag(run: Run, tag: str) -> str:
    """The command that sets *tag*."""
    return f"safepublish{' stage' if run.command.name == 'stage publish' else ''} --tag {tag}"
