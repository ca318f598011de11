"""The cause spec-not-a-path."""

import re
from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
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


_TREATED = {
    "registry": "a package of the registry",
    "git": "a repository on GitHub",
    "remote": "a tarball to download",
    "alias": "an alias of a package",
}


class SpecNotAPath(Cause):
    """The argument of `npm publish` was meant as a path, and npm does not treat it as one.

    What happens
        `npm publish dist`, `npm publish dist/lib` or `npm publish packed/x.tgz`, where the path of that name here was
        meant.

    Why
        npm treats `dist` as the package `dist` of the registry, and `a/b` as the repository `b` of the owner `a` on
        GitHub, unless it starts with `./`, `../` or `/` (npm-package-arg, lib/npa.js). It fetches that: a package of
        somebody else, or a repository with git, whose exit code is 128. npm 12 does not allow git and exits with
        EALLOWGIT.

    Fix
        Start the path with `./`: `npm publish ./dist/lib`.

    If you want to ignore it
        `--waive spec-not-a-path=reason` runs npm, which fetches what it takes the argument for. Nothing is refused
        where no file or directory of that name lies here, unless npm 12 does not allow the fetch.
    """

    id = "spec-not-a-path"
    title = "the argument is not treated as a path"
    any_registry = True
    whatever_the_token = True
    screen = (Screen("An unknown git error occurred"), Screen("EALLOWGIT: Refusing to fetch"))

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm would fetch what lies here under that name, or may not fetch it."""
        package = run.package
        if package.fetched is None:
            return SKIPPED
        treated = _TREATED.get(package.fetched, "something to fetch")
        remedy = Remedy("Write `./` before the path.", command=f"safepublish ./{package.spec}")
        if package.lies_here:
            return Judgement(
                Answer.FAIL,
                f"npm treats {package.spec} as {treated}, not as what lies here; a path has to start with ./",
                evidence=("npm would publish what it fetches, or fail.",),
                remedy=remedy,
            )
        if package.fetched in {"git", "remote"} and package.fetched not in run.command.fetches:
            return Judgement(
                Answer.FAIL,
                f"npm treats {package.spec} as {treated}, and may not fetch it (EALLOW{package.fetched.upper()})",
                remedy=remedy if package.fetched == "git" else Remedy("Download it before, and publish the file."),
            )
        return PASSED

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
