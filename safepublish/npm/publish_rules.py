"""How npm 11 and newer guard the tag `latest` (lib/commands/publish.js): what both of its causes share."""

from safepublish.facts.run import Run
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_before, npm_version


def guarded(run: Run) -> bool:
    """Whether npm will look at the tag; on a laptop the CI's npm counts, which OIDC needs to be 11 or newer."""
    if run.package.tag_given or run.force:
        return False
    return run.predict or not is_before(run, Floor.LATEST_GUARDED)


def doubt(run: Run) -> str | None:
    """Why it stays open whether npm will refuse; None where it will."""
    if run.predict:
        return "the workflow may give one"
    if npm_version(run) is None:
        return "npm 11 refuses that, and which npm runs cannot be told"
    if run.package.packs_differently:
        return "a script that runs before the upload may change the version"
    return None


def with_tag(run: Run, tag: str) -> str:
    """The command that gives *tag*."""
    return f"safepublish{' stage' if run.command == 'stage publish' else ''} --tag {tag}"
