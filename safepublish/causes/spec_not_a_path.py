"""The cause spec-not-a-path."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log

_GIT = re.compile(
    r"(?:ls-remote|clone|fetch)\b[^\n]{0,200}?(?:github\.com)[/:]([\w.-]{1,100})/([\w.-]{1,200}?)(?:\.git)?(?:#\S*)?(?:\s|$)"
)
_DIRECTORIES = frozenset(
    {
        "artifacts",
        "build",
        "built",
        "bundle",
        "dist",
        "es",
        "esm",
        "lib",
        "libs",
        "npm",
        "out",
        "output",
        "pack",
        "packed",
        "packages",
        "pkg",
        "publish",
        "release",
        "releases",
        "target",
        "tmp",
        "temp",
    }
)
"""Directories in which a build writes a package, and which are hardly the owner of a repository."""


class SpecNotAPath(Cause):
    """The argument of `npm publish` was meant as a path, and npm does not treat it as one.

    What happens
        `npm publish dist/lib` or `npm publish packed/x.tgz`, where `./dist/lib` and `./packed/x.tgz` were meant.

    Why
        npm treats `a/b` as the repository `b` of the owner `a` on GitHub, unless it starts with `./`, `../` or `/`
        (npm-package-arg, lib/npa.js). It runs git to fetch it, and exits with the code 128 of git, or with EALLOWGIT
        where npm 12 does not allow git.

    Fix
        Start the path with `./`: `npm publish ./dist/lib`.

    If you want to ignore it
        It is found in logs only, and refuses nothing.
    """

    id = "spec-not-a-path"
    title = "the argument is not treated as a path"
    screen = (Screen("An unknown git error occurred"), Screen("EALLOWGIT: Refusing to fetch"))

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm fetched a repository for what is a path; warn where the log does not show the command."""
        if log.code not in {"128", "EALLOWGIT", "EALLOWREMOTE", "EALLOWFILE", "EALLOWDIRECTORY"}:
            return SKIPPED
        if log.command is not None and not log.publishing:
            return SKIPPED
        found = next((match for line in log.errors if (match := _GIT.search(line.text))), None)
        if found is None and log.code == "128":
            return SKIPPED
        path = f"{found[1]}/{found[2]}" if found else "PATH"
        known = log.publishing or (found is not None and (found[1] in _DIRECTORIES or found[2].endswith(".tgz")))
        return Judgement(
            Answer.FAIL if known else Answer.WARN,
            f"npm treats {path} as a repository on GitHub; a path has to start with ./"
            if found
            else "npm does not treat the argument as a path; a path has to start with ./",
            evidence=tuple(map(str, log.errors[:3])),
            remedy=Remedy("Start the path with ./", command=f"npm publish ./{path}"),
        )
