"""The options of a rehearsal."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish.cli import exit_codes
from safepublish.cli.arguments import Display, Invocation
from safepublish.npm import versions
from safepublish.rehearsal.packages import TrustedPublisher

SECONDS = 8.0
"""How long the request for a package to the real registry may take, and each of the checks before npm starts."""

DEFAULT_VERSION = "0.0.1"
"""The published version that is assumed where none is known."""

_PUBLISHER = re.compile(r"([^/:\s]+/[^/:\s]+):([^/:\s]+\.ya?ml)(?::(\S+))?")


class RehearsalError(Exception):
    """The options cannot be followed, or there is nothing to rehearse; the message says why."""

    def __init__(self, message: str, details: Sequence[str] = (), *, exit_code: int = exit_codes.USAGE_ERROR) -> None:
        """An error with *message*, and a line for each of *details*, that ends the command with *exit_code*."""
        super().__init__(message)
        self.details, self.exit_code = details, exit_code


class Request(NamedTuple):
    """What to rehearse."""

    arguments: tuple[str, ...] = ()  # npm's
    stage: bool = False  # rehearse `npm stage publish`
    workflow: str | None = None  # a file's name or path, and perhaps :LINE
    job: str | None = None
    publisher: TrustedPublisher | None = None
    assumed_version: str | None = None  # assume that it is published; None: the registry is queried
    fixed: bool = False  # fix the workflow, then rehearse again
    with_secrets: bool = True  # the repository's secrets are set
    waive: Mapping[str, str] = {}  # causes that the checks let pass, with the reasons
    seconds: float = SECONDS
    display: Display = Display()


def read_request(invocation: Invocation) -> Request:
    """The request in *invocation*: npm's arguments, perhaps after `stage`, and the options of `rehearse`.

    Raises `RehearsalError`.
    """
    arguments, chosen, options = invocation.arguments, invocation.own_options, invocation.options
    stage = arguments[:1] == ("stage",)
    publisher = chosen.get("--publisher")
    assumed = _parse_version(chosen["--assume-published"] or "") if "--assume-published" in chosen else None
    return Request(
        arguments=arguments[stage:],
        stage=stage,
        workflow=chosen.get("--workflow"),
        job=chosen.get("--job"),
        publisher=_parse_publisher(publisher) if publisher is not None else None,
        assumed_version=assumed,
        fixed="--fixed" in chosen,
        with_secrets="--no-secrets" not in chosen,
        waive=options.waive,
        seconds=SECONDS if options.deadline_grows else options.deadline,
        display=invocation.display,
    )


def _parse_publisher(value: str) -> TrustedPublisher:
    match = _PUBLISHER.fullmatch(value)
    if match is None:
        raise RehearsalError(
            f"--publisher is {value[:80]!r}; it takes OWNER/REPO:FILE[:ENVIRONMENT], such as octo/hi:publish.yml"
        )
    return TrustedPublisher(match[1], match[2], match[3])


def _parse_version(value: str) -> str:
    if value and versions.parse(value) is None:
        raise RehearsalError(f"--assume-published is {value[:40]!r}; it takes a version, such as 1.2.3")
    return value or DEFAULT_VERSION
