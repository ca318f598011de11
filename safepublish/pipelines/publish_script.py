"""The commands of a script that matter to a publish; a script that has no word of one is not taken apart."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from safepublish.pipelines.scope import Var
from safepublish.shell import config_commands, interpreter, publish_commands

_PUBLISHING = ("publish", "publib", "release", "canary", "nightly", "lerna", "changeset", "jsii")
_NAMES = (
    *_PUBLISHING,
    *("npm@", "--global", "--location", "corepack", "nvm", "volta", "mise", "asdf", "fnm", "npmrc", "_auth", "brew"),
    *("GITHUB_ENV", "BASH_ENV", "choco", "runtime", "nodesource", "whoami", "dist-tag", "deprecate"),
)
_SIGNS_OF_A_PUBLISH = re.compile(
    r"\b(?:publ?\b|np\b|auto\b|ship)|publi(?!c\b)|\.(?:/|(?:sh|ps1|cmd|bat|[cm]?[jt]s)\b)"
    r"|npm\s+(?:dist-tag|deprecate|owner|access)"
)
_SIGNS = re.compile(
    r"\b(?:pub(?!li)|np\b|auto\b|ship|n\s+[\dls]|set\s+(?!-)|apt|(?:owner|access|team|token)\b)|\s-g\b"
    r"|(?<!git )(?<![a-z-])config|\.(?:(?<!require\(['\"]\.)/|(?:sh|ps1|cmd|bat|[cm]?[jt]s)\b)|npm\s+install\s+npm"
)
"""With the names, what a script has in it that publishes, changes the npm in place, or gives it a credential."""

_SAID = re.compile(r"^[ \t]*(?:#|(?:echo|gh) (?:[^|&;`(<>\\\n\"']|\"[^\"`(\\\n]*\"|'[^'\n]*')*$).*", re.MULTILINE)
"""A comment, an `echo` that goes nowhere else, and `gh`, which publishes nothing to npm."""


@lru_cache(maxsize=4096)
def is_worth_a_look(script: str) -> bool:
    """Whether a script has in it what every one that publishes has: the name of a tool or of another script."""
    text = script.lower()
    return any(name in text for name in _PUBLISHING) or _SIGNS_OF_A_PUBLISH.search(text) is not None


@lru_cache(maxsize=2048)
def is_worth_reading(script: str) -> bool:
    """Whether a script has in it what a publish, an upgrade or a credential has."""
    return _has_signs(script) and _has_signs(_SAID.sub("", script))


def _has_signs(script: str) -> bool:
    return any(name in script for name in _NAMES) or _SIGNS.search(script) is not None


class Read(NamedTuple):
    """A command of a script, what it does to a publish, and what it writes."""

    command: interpreter.Command
    doing: publish_commands.Effect | None
    written: Sequence[config_commands.ConfigChange]
    needs_token: str | None = None


@lru_cache(maxsize=2048)
def commands(
    text: str,
    language: str | None,
    directory: str | None,
    variables: tuple[tuple[str, str | None], ...],
    expressions: tuple[tuple[str, str | None], ...],
) -> tuple[Read, ...]:
    """The commands of a script: `npm ci` stands in every job, and a script on every leg of its matrix."""
    told = {inner.strip(): value for inner, value in expressions}
    found = interpreter.parse(text, shell=language, variables=dict(variables), expression=told.get, directory=directory)
    return tuple(
        Read(one, publish_commands.classify(one), config_commands.config_changes(one), _needs_token(one))
        for one in found
    )


_WITH_TOKEN: Mapping[str, frozenset[str] | None] = {
    "whoami": None,
    "unpublish": None,
    "deprecate": None,
    "dist-tag": frozenset({"add", "rm", "set"}),
    "owner": frozenset({"add", "rm"}),
    "access": frozenset({"set", "grant", "revoke"}),
    "team": frozenset({"create", "destroy", "add", "rm"}),
    "token": frozenset({"create", "revoke"}),
}
"""npm's commands that log in and never through OIDC (npm 12.2.0, lib/commands: only publish, stage and dist-tag call
lib/utils/oidc.js), and of which only these subcommands do."""


def _needs_token(command: interpreter.Command) -> str | None:
    """The command of npm that needs a token beside the publish, as it is shown."""
    if command.argv[0] != "npm" or command.other_system:
        return None
    plain = [word for word in command.argv[1:] if not word.startswith("-")]
    if not plain or plain[0] not in _WITH_TOKEN:
        return None
    subcommands = _WITH_TOKEN[plain[0]]
    if subcommands is None:
        return f"npm {plain[0]}"
    return f"npm {plain[0]} {plain[1]}" if plain[1:2] and plain[1] in subcommands else None


SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?|sh|py|rb)$")

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_PUBLISHING_WORDS = frozenset({"publish", "npmpublish", "release", "releases", "canary", "nightly"})

_OTHER_PLACES = frozenset({
    "cargo", "crates", "docker", "docs", "electron", "extension", "gh", "github", "image", "jsr", "ovsx", "pages",
    "pypi", "site", "storybook", "vsce", "vscode", "website",
})  # fmt: skip
"""What a script's name says where what it publishes goes elsewhere than to npm."""

_OTHER_WORDS = _OTHER_PLACES | frozenset({
    "after", "announce", "assets", "before", "body", "branch", "build", "bump", "changelog", "channel", "check",
    "checks", "clean", "commit", "compare", "compatibility", "config", "create", "date", "debug", "description",
    "discord", "doc", "download", "draft", "dry", "e2e", "find", "gate", "generate", "get", "info", "install",
    "integrity", "lint", "local", "make", "manifest", "message", "metadata", "name", "notes", "number", "pack",
    "plan", "post", "pr", "prepare", "preview", "rc", "rehearse", "report", "setup", "sign", "signature",
    "signatures", "slack", "smoke", "state", "status", "summary", "tag", "tags", "test", "tests", "tweet", "type",
    "upload", "validate", "validation", "validator", "verification", "verify", "version", "versioning", "versions",
})  # fmt: skip
"""What a script's name says beside `release` where it does not publish."""


_BEFORE = re.compile(r"\bpre[-_:.]?publish", re.IGNORECASE)
"""What goes before a publish is none."""


@lru_cache(maxsize=1024)
def may_publish(name: str) -> bool:
    """Whether the name of a script or file says that it publishes: ``ci-publish``, ``scripts/publish.js``."""
    words = {word.lower() for word in _WORDS.findall(_BEFORE.sub("", name))}
    if "publisher" in words and SCRIPT.search(name):  # packages/publisher/run.js
        words.add("publish")
    return bool(words & _PUBLISHING_WORDS) and not (words & _OTHER_WORDS)


_TO_PUBLISH = re.compile(r"--(?:npm-?)?publish(?:-?(?:only|npm|packages))?(?:=true)?", re.IGNORECASE)


def is_told_to_publish(name: str, arguments: Sequence[str]) -> bool:
    """Whether a script is asked for a publish: ``build.ts --publish-only``, ``registry.mjs publish dist``."""
    words = {word.lower() for word in _WORDS.findall(" ".join((name, *arguments)))}
    if words & _OTHER_PLACES or {"--dry-run", "--help"} & set(arguments):
        return False
    for at, word in enumerate(arguments):
        if _TO_PUBLISH.fullmatch(word):
            return not {"false", "never", "no"} & set(arguments[at + 1 : at + 2])
    return list(arguments[:1]) == ["publish"]


def is_trial(words: Sequence[str], env: Mapping[str, Var], name: str | None) -> bool:
    """Whether a command that cannot be read is called for a trial."""
    if any(word in {"--dry-run", "--dryRun", "--dry", "--help", "--dry-run=true"} for word in words):
        return True
    if re.search(r"dry[- _]?run", name or "", re.IGNORECASE):
        return True
    return any(
        "DRY_RUN" in key.upper()
        and one.value in {"true", "1"}
        and "inputs." not in (one.raw or "")  # a person's choice
        for key, one in env.items()
    )


def is_alone(script: str) -> bool:
    """Whether a script is one command."""
    lines = [line for line in script.split("\n") if line.strip() and not line.strip().startswith("#")]
    return len(lines) == 1 and not re.search(r"&&|\|\||;", lines[0])
