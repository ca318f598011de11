"""npm stops at its own arguments or settings.

What it is
    A flag, a setting or the number of arguments at which npm exits before it looks at the package.

Why npm behaves so
    npm 12 refuses what npm 11 let pass with a warning: unknown flags (`--no-git-checks`, a code of EUNKNOWNCONFIG),
    abbreviations (`--regi`) and words with one dash (`-ws`), for which it prints no `npm error` line at all
    (npm 12.2.0, lib/npm.js and @npmcli/config, lib/index.js). Every npm refuses two packages at once (EUSAGE) and flags
    that exclude each other, as `--provenance` and `--provenance-file`.

How to mend
    Remove the flag, or write it as `npm help publish` does. Flags of other publishers (pnpm, lerna, yarn) are none of
    npm's. Every word that is not safepublish's own goes to npm as it stands.

How to ignore
    `--waive arguments-refused=reason` lets npm start and stop there itself.
"""

from safepublish.facts.authority import npm_version
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.run import Problem, Run
from safepublish.facts.wording import location, where

ID = "arguments-refused"
TITLE = "npm stops at its own arguments or settings"

AUTH = frozenset({"invalid-auth", "misspelt-key"})
"""The kinds of problem that `auth_config_invalid` tells of."""


def in_run(run: Run) -> Judgement:
    """Fail where npm's own reading of its words and settings ends in an error."""
    stopping = [one for one in run.problems if one.stops_npm and one.kind not in AUTH]
    if not stopping:
        return PASSED
    first = stopping[0]
    version = npm_version(run)
    npm = f"npm {version}" if version else "npm"
    return Judgement(
        Answer.FAIL,
        f"{npm} stops before it publishes: {first.text}",
        evidence=tuple(f"also: {one.text}" for one in stopping[1:]),
        remedy=Remedy(_mend(first)),
        location=location(first.origin),
    )


def _mend(problem: Problem) -> str:
    if problem.kind == "usage":
        return "Give npm publish one package: a directory or a tarball, or none for the working directory."
    if problem.origin is None:
        return "Remove or correct it; `npm help publish` lists the flags that npm publish takes."
    return f"Remove or correct it in {where(problem.origin)}; `npm help publish` lists the flags that it takes."
