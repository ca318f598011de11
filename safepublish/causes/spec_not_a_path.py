"""The cause spec-not-a-path."""

import re
from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log
from safepublish.npm import package_spec

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


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
        `--waive spec-not-a-path=reason`.
    """

    id = "spec-not-a-path"
    title = "the argument is not treated as a path"
    any_registry = True
    whatever_the_token = True
    screen = (Screen("An unknown git error occurred"), Screen("EALLOWGIT: Refusing to fetch"))

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where npm does not treat as a path what is one; unknown where only its form says that."""
        spec = step.invocation.spec
        if spec is None:
            return SKIPPED
        read = _read(spec.text, windows=step.context.runner.os == "windows")
        if read is None:
            return PASSED
        message, is_path = read
        return Judgement(
            Answer.FAIL if is_path or spec.exists else Answer.UNKNOWN,
            message,
            remedy=Remedy("Start the path with ./", command=f"npm publish ./{spec.text}"),
            location=spec.span.at if spec.span else step.place.at,
        )

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix":
        """Write `./` before the path."""
        from safepublish.pipelines.fix.publish_command import start_path

        return start_path(sheet, step)

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


def _read(text: str, *, windows: bool) -> tuple[str, bool] | None:
    """What npm takes *text* for instead of a path, and whether it certainly is a path; None where that is right."""
    first, slash, rest = text.partition("/")
    if "$" in first or "`" in first or not text:
        return None
    kind = package_spec.read(re.sub(r"\$\{\{.*?\}\}|\$\{\w*\}|\$\w+|\*+", "x", text), windows=windows).kind
    if kind == "registry" and not slash:
        known = first in _DIRECTORIES
        return (f"npm treats {text!r} as a registry package; a directory must start with ./ or end with /", known)
    if kind == "git" and slash and re.fullmatch(r"[\w.-]+/[^/:#]+", text):
        known = first in _DIRECTORIES or text.endswith((".tgz", ".tar.gz", "*"))
        return (f"npm treats {text} as a repository on GitHub; a path has to start with ./", known and "$" not in rest)
    return None
