"""What the name of a script says: whether it publishes to npm."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from safepublish.pipelines.scope import Variable

SCRIPT_FILE = re.compile(r"\.(?:[cm]?[jt]sx?|sh|py|rb)$")
"""The ending of a file that is a script."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_PUBLISHING_WORDS = frozenset({"publish", "npmpublish", "release", "releases", "canary", "nightly"})

_OTHER_PLACES = frozenset({
    "cargo", "crates", "gem", "gems", "homebrew", "maven", "nuget", "rubygems", "winget",
    "docker", "docs", "electron", "extension", "gh", "github", "image", "jsr", "ovsx", "pages",
    "pypi", "site", "storybook", "vsce", "vscode", "website",
})  # fmt: skip
"""Words in the name of a script that publishes to another place than npm."""

OTHER_WORDS = _OTHER_PLACES | frozenset({
    "after", "announce", "assets", "before", "body", "branch", "build", "bump", "changelog", "channel", "check",
    "checks", "clean", "commit", "compare", "compatibility", "config", "create", "date", "debug", "description",
    "discord", "doc", "download", "draft", "dry", "e2e", "find", "gate", "generate", "get", "info", "install",
    "integrity", "lint", "local", "make", "manifest", "message", "metadata", "name", "notes", "number", "pack",
    "plan", "post", "pr", "prepare", "preview", "rc", "rehearse", "report", "setup", "sign", "signature",
    "signatures", "slack", "smoke", "state", "status", "summary", "tag", "tags", "test", "tests", "tweet", "type",
    "upload", "validate", "validation", "validator", "verification", "verify", "version", "versioning", "versions",
})  # fmt: skip
"""Words next to `release` in the name of a script that does not publish."""


_TO_NPM = frozenset({"publish", "publishes", "release", "deploy", "push", "upload"})


def name_words(texts: Iterable[str]) -> set[str]:
    """The words of *texts*, in lower case: those of ``npmPublish`` are npm and publish."""
    return {word.lower() for text in texts for word in _WORDS.findall(text)}


def says_npm(name: str) -> bool:
    """Whether the *name* of a step or job says that it publishes to npm: "Publish to npm", "npm-release"."""
    name = _PREPUBLISH.sub("", name).replace("NPMjs", "npm")
    purpose = _PURPOSE.search(name)
    if purpose is not None and not name_words([name[: purpose.start()]]) & _TO_NPM:
        name = name[: purpose.start()]  # "Restore binaries for npm publish"
    words = name_words([name])
    return bool(words & {"npm", "npmjs"}) and bool(words & _TO_NPM) and not words & OTHER_WORDS


_PURPOSE = re.compile(r"\b(?:for|before|after|of|from|in|as|until|if)\b", re.IGNORECASE)
"""Behind which the name of a step says what it serves."""


def goes_elsewhere(arguments: Sequence[str]) -> bool:
    """Whether the arguments of a program ask it for something else than a publish to npm: `publish_gem`, `prepare`."""
    words = name_words(word for word in arguments if not word.startswith("-"))
    return bool(words & OTHER_WORDS) and not words & {"npm", "npmjs"}


_PREPUBLISH = re.compile(r"\bpre[-_:.]?publish", re.IGNORECASE)
"""A script that runs before a publish is none itself."""


_DIRECTORIES = re.compile(r"(?:^|(?<=[/\\]))\.?(?:github|gitlab|circleci|ci|build|tools)[/\\]", re.IGNORECASE)
"""Directories that hold scripts for every purpose: `.github/scripts/publish.sh` publishes no GitHub release."""


@lru_cache(maxsize=1024)
def may_publish(name: str) -> bool:
    """Whether the name of a script or file says that it publishes: ``ci-publish``, ``scripts/publish.js``."""
    named = _DIRECTORIES.sub("", _PREPUBLISH.sub("", name))
    words = {word.lower() for word in _WORDS.findall(named)}
    if "publisher" in words and SCRIPT_FILE.search(name):  # packages/publisher/run.js
        words.add("publish")
    return bool(words & _PUBLISHING_WORDS) and not (words & OTHER_WORDS)


_PUBLISH_FLAG = re.compile(r"--(?:npm-?)?publish(?:-?(?:only|npm|packages))?(?:=true)?", re.IGNORECASE)


def arguments_say_publish(name: str, arguments: Sequence[str]) -> bool:
    """Whether the arguments of the script *name* request a publish: ``build.ts --publish-only``, ``tool publish``."""
    words = {word.lower() for word in _WORDS.findall(" ".join((name, *arguments)))}
    if words & _OTHER_PLACES or {"--dry-run", "--help"} & set(arguments):
        return False
    for index, argument in enumerate(arguments):
        if _PUBLISH_FLAG.fullmatch(argument):
            return not {"false", "never", "no"} & set(arguments[index + 1 : index + 2])
    return list(arguments[:1]) == ["publish"]


def is_dry_run(arguments: Sequence[str], env: Mapping[str, Variable], name: str | None) -> bool:
    """Whether a command that cannot be read is a dry run, by its arguments, its variables or the *name* of its step."""
    if any(argument in {"--dry-run", "--dryRun", "--dry", "--help", "--dry-run=true"} for argument in arguments):
        return True
    if re.search(r"dry[- _]?run", name or "", re.IGNORECASE):
        return True
    return any(
        "DRY_RUN" in key.upper()
        and var.value in {"true", "1"}
        and "inputs." not in (var.raw or "")  # a person chooses it
        for key, var in env.items()
    )
