"""What a job gives the workflow that it calls (docs.github.com, "Reuse workflows")."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.step import Entry, Permission, Refusal, Step, Token
from safepublish.pipelines.document import Map
from safepublish.pipelines.expressions import Contexts, fixed, names, resolved


class Caller(NamedTuple):
    """The job that calls a workflow, and what it gives it."""

    path: str  # of the file that GitHub starts
    triggers: frozenset[str]
    for_tags: bool
    permission: Permission
    inputs: Mapping[str, Any]
    fixed_inputs: Mapping[str, Any]  # those that nobody chooses when the run starts
    secrets: frozenset[str] | None  # in lower case; None: all, by `secrets: inherit`
    places: Mapping[str, Entry] = {}  # where the inputs stand that it passes, by `inputs.name`
    refused: Refusal | None = None  # why GitHub does not run the caller's file

    def without_missing_secrets(self, step: Step) -> Step:
        """A *step* of the called workflow: a secret that the job does not pass is empty there."""
        secrets = self.secrets
        if secrets is None:
            return step
        tokens = tuple(
            token._replace(kind=CredentialKind.EMPTY)
            if token.secret and token.secret.partition(".")[2].lower() not in secrets
            else token
            for token in step.credentials.tokens
        )
        return step._replace(credentials=step.credentials._replace(tokens=tokens))


def local_target(job: Map) -> str | None:
    """The path of the workflow in the same repository that *job* calls; None where it calls none."""
    target = (job.text("uses") or "").strip()
    return target[2:] if target.startswith(("./", "$/")) else None


def passed_inputs(job: Map, contexts: Contexts) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The inputs that *job* passes, and their values where nobody chooses them when the run starts."""
    passed = job.map("with")
    every, certain = (
        {name: resolved(passed.text(name) or "", known) for name in passed} for known in (contexts, fixed(contexts))
    )
    return every, certain


def passed_secrets(job: Map) -> frozenset[str] | None:
    """The secrets that *job* passes, in lower case; None where it passes all."""
    if job.text("secrets") == "inherit":
        return None
    return frozenset(["github_token", *(name.lower() for name in job.map("secrets"))])


def passed_tokens(job: Map) -> Iterator[Token]:
    """The npm tokens among the secrets that *job* passes."""
    secrets = job.map("secrets")
    for name in secrets:
        mentioned = [found for found in names(secrets.text(name) or "") if found.lower().startswith("secrets.")]
        if mentioned and re.search(r"npm|node_auth", name + " ".join(mentioned), re.IGNORECASE):
            yield Token(CredentialKind.SET, "secrets", name, mentioned[0], secrets.entry(name), read=True)
