"""Whether a job may request an ID token (docs.github.com, "Controlling permissions for GITHUB_TOKEN")."""

from safepublish.facts.step import Permission
from safepublish.pipelines.document import Map


def permission(job: Map, workflow: Map, *, caller: Permission | None, only_callable: bool) -> Permission:
    """The permission of *job*: its block replaces the workflow's, and without a block `id-token` is `none`.

    A called workflow has at most what its *caller* has; of one that is *only_callable* the caller may be unknown.
    """
    own = _block(job, "job") or _block(workflow, "workflow")
    if caller is not None:
        if own is None:
            return caller._replace(caller=caller)
        if caller.granted is False and caller.block is None and own.granted is not False:
            # A job without a block gives what the repository's or the organization's setting gives.
            caller = caller._replace(granted=None, why="it has no permissions block, so a repository setting decides")
        granted = own.granted if caller.granted is True else (False if own.granted is False else caller.granted)
        return own._replace(granted=granted, caller=caller)
    if only_callable and (own is None or own.granted is not False):
        why = "only the calling job can grant it, and the caller is unknown"
        return (own or Permission())._replace(granted=None, why=why)
    return own or Permission(granted=False)


def _block(holder: Map, scope: str) -> Permission | None:
    """What the `permissions` of a job or workflow say; None where it has none."""
    block = holder.entry("permissions")
    if block is None:
        return None
    id_token = None if block.text is not None else holder.map("permissions").entry("id-token")
    holding = block if block.text is not None else id_token
    text = (holding.text or "").strip().lower() if holding else "none"
    granted = None if "${{" in text else text == ("write-all" if holding is block else "write")
    return Permission(granted, block, scope, id_token, why="an expression decides" if granted is None else "")
