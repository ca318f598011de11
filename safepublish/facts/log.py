"""What a line of a log says, and what published: the vocabulary of `logs`.

A `logs.log.Log` is made of these.
"""

import enum
from collections.abc import Mapping
from typing import NamedTuple


class Line(NamedTuple):
    """A line of the log, as it is quoted: without its CI log format, and without any secret."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.text}"


class Tool(enum.Enum):
    """What published, by the names of `facts.tools`."""

    NPM = "npm"
    PNPM = "pnpm"
    YARN_CLASSIC = "yarn"
    YARN = "yarn-berry"
    LERNA = "lerna"
    CHANGESETS = "changesets"
    SEMANTIC_RELEASE = "semantic-release"
    BUN = "bun"
    AUTO = "auto"
    RELEASE_IT = "release-it"
    NPM_PUBLISH = "JS-DevTools/npm-publish"


class Oidc(enum.Enum):
    """What became of the exchange of the CI's identity for a token."""

    EXCHANGED = "the exchange succeeded"
    REFUSED = "the registry found no package or no publisher"
    REJECTED = "the registry did not accept the ID token"
    NOT_OFFERED = "the registry has no exchange"
    FAILED = "the exchange failed"
    ENDPOINT_FAILED = "the CI's identity endpoint returned no token"
    NO_PERMISSION = "the job cannot request an ID token"
    NO_ID_TOKEN = "there was no NPM_ID_TOKEN"  # noqa: S105 - a sentence, not a password
    NOT_TRIED = "npm did not detect a CI that supports trusted publishing"
    UNKNOWN = "the log does not show it"


class Attempt(NamedTuple):
    """One package in the log, from its packing to its end."""

    name: str | None = None
    version: str | None = None
    oidc: str | None = None  # the last sentence about the exchange for this package
    exchanged: bool = False  # "Successfully retrieved and set token"
    exchange_status: int | None = None
    minted: bool = False  # an id token was had from GitHub
    packument_status: int | None = None
    put_status: int | None = None  # of the PUT, or of the POST that stages
    signed: bool = False  # a provenance statement was signed
    published: bool = False
    quotes: Mapping[str, Line] = {}  # the line behind a fact, by the fact's name
