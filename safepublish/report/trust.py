"""What `safepublish trust` shows: a table of packages, the commands that are missing, and a script of them."""

import shlex
from collections.abc import Callable, Sequence

from safepublish.causes.publisher_mismatch import trust_arguments
from safepublish.facts.run import Existence
from safepublish.facts.trust import Match, Publishing, TrustedPackage
from safepublish.report import block, escape
from safepublish.report.lines import INDENT, Page

TWO_DAYS = (
    "a new trusted publisher is reported to expire when no publish uses it within two days; then it has to be deleted "
    "and created again. Run the publish workflow soon after this."
)
_NPMJS = "https://registry.npmjs.org"
_FLAGS = {"github": "--repo", "gitlab": "--project"}


def render(packages: Sequence[TrustedPackage], *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The table, then the commands that are missing."""
    page = Page(colour=colour, unicode=unicode, width=width)
    rows: list[tuple[str, ...]] = [("package", "last version", "published by", "provenance", "this workflow")]
    rows += [tuple(escape.plain(cell, 100) for cell in _row(package)) for package in packages]
    page.table(rows, "")
    page.say("")
    for package in packages:
        for sentence in _notes(package):
            page.paragraph("note: ", sentence, hang=INDENT)
    missing = [package for package in packages if _is_missing(package)]
    if missing:
        page.say("")
        page.paragraph("help: ", "on a laptop, with npm 11.15 or newer, after `npm login`:", hang=INDENT)
        for package in ordered(missing):
            for arguments in _commands(package):
                page.say(f"{INDENT}{escape.plain(shlex.join(arguments), 500)}")
        page.paragraph("note: ", TWO_DAYS, hang=INDENT)
        page.paragraph("note: ", "`--script sh` or `--script powershell` prints these as a script.", hang=INDENT)
    else:
        block.summary(page, None, _all_fine(packages))
    return page.text()


def script(packages: Sequence[TrustedPackage], shell: str) -> str:
    """A script for *shell* (sh, powershell) that runs the commands that are missing; what exists comes last."""
    write = _SHELLS[shell]
    missing = ordered([package for package in packages if _is_missing(package)])
    new = [package for package in missing if package.existence is Existence.ABSENT]
    return write(new, missing, packages)


def ordered(packages: Sequence[TrustedPackage]) -> list[TrustedPackage]:
    """*packages* with each behind those of them that it depends on; in a circle the order is that of *packages*."""
    left = sorted(packages, key=lambda package: package.existence is not Existence.ABSENT)
    found: list[TrustedPackage] = []
    while left:
        names = {package.name for package in left}
        ready = next((package for package in left if not (package.dependencies - {package.name}) & names), left[0])
        left.remove(ready)
        found.append(ready)
    return found


def _row(package: TrustedPackage) -> tuple[str, ...]:
    found = package.published_as
    if package.existence is Existence.ABSENT:
        return package.name, "none", "not published", "", "no"
    if found is None:
        return package.name, "unknown", package.trouble or "unknown", "", "unknown"
    source = " ".join(filter(None, (found.repository, found.workflow)))
    who = "staged, approved by a maintainer" if found.staged else found.by or "unknown"
    by = f"{who} ({source})" if source else who
    return package.name, found.version, by, "yes" if found.provenance else "no", package.match.value


def _notes(package: TrustedPackage) -> list[str]:
    notes = []
    if not package.publishings:
        notes.append(f"no workflow step that publishes {package.name} was found")
    elif package.uncertain:
        steps = "; ".join(one.place for one in package.publishings)
        notes.append(f"whether a step publishes {package.name} could not be determined; these may: {steps}")
    if package.match is Match.UNKNOWN and package.published_as is not None and package.published_as.trusted:
        notes.append(
            f"{package.name} was published by a trusted publisher without provenance, so that its workflow is unknown"
        )
    if package.existence is Existence.ABSENT and package.name.startswith("@"):
        notes.append(f"{package.name} does not exist, or it is private")
    return notes


def _is_missing(package: TrustedPackage) -> bool:
    return package.match is Match.NO and bool(package.publishings)


def _commands(package: TrustedPackage) -> list[list[str]]:
    """The commands for one package: its first publish, where it does not exist, and its trusted publishers."""
    first = [_first_publish(package)] if package.existence is Existence.ABSENT else []
    return [*first, *(_trust(package, one) for one in package.publishings)]


def _first_publish(package: TrustedPackage) -> list[str]:
    spec = [] if package.directory == "." else [f"./{package.directory}"]
    access = ["--access", "public"] if package.name.startswith("@") and package.access != "restricted" else []
    return ["npm", "publish", *spec, *access]


def _trust(package: TrustedPackage, one: Publishing) -> list[str]:
    where = (one.provider, _FLAGS[one.provider], one.repository)
    arguments = trust_arguments(package.name, where, one.file, one.environment, staged=one.staged)
    other = package.registry is not None and package.registry.rstrip("/") != _NPMJS
    return [*arguments, f"--registry={package.registry}"] if other else arguments


def _all_fine(packages: Sequence[TrustedPackage]) -> str:
    unknown = sum(package.match is Match.UNKNOWN or not package.publishings for package in packages)
    if unknown:
        return f"no command is known to be missing; {unknown} of {len(packages)} packages could not be checked"
    return f"the last version of each of {len(packages)} packages was published by this repository's workflow"


def _header(packages: Sequence[TrustedPackage]) -> list[str]:
    repositories = sorted({one.repository for package in packages for one in package.publishings})
    return [
        f"Trusted publishers for {', '.join(repositories) or 'this repository'}, written by safepublish trust.",
        "Run it on a laptop, anywhere in the repository, with npm 11.15 or newer and after npm login.",
        "npm asks for two-factor authentication, and whether to proceed, which npm_config_yes=true answers.",
        f"Note: {TWO_DAYS}",
    ]


_FIRST = "Packages that do not exist yet: their first version, dependencies first."
_PUBLISHERS = "Trusted publishers. A package may have several; one cannot be edited, only deleted and created again."


def _sh(new: Sequence[TrustedPackage], missing: Sequence[TrustedPackage], packages: Sequence[TrustedPackage]) -> str:
    lines = ["#!/bin/sh", *_comments(packages), "set -eu", 'cd "$(git rev-parse --show-toplevel)"']
    return _body(lines, new, missing, shlex.join)


def _powershell(
    new: Sequence[TrustedPackage], missing: Sequence[TrustedPackage], packages: Sequence[TrustedPackage]
) -> str:
    lines = [*_comments(packages), "$ErrorActionPreference = 'Stop'", "Set-Location (git rev-parse --show-toplevel)"]

    def command(arguments: Sequence[str]) -> str:
        words = " ".join(_powershell_word(word) for word in arguments)
        return f"{words}\nif ($LASTEXITCODE) {{ exit $LASTEXITCODE }}"

    return _body(lines, new, missing, command)


def _body(
    lines: list[str],
    new: Sequence[TrustedPackage],
    missing: Sequence[TrustedPackage],
    command: Callable[[Sequence[str]], str],
) -> str:
    if new:
        lines += ["", f"# {_FIRST}", *(command(_first_publish(package)) for package in new)]
    if missing:
        lines += ["", f"# {_PUBLISHERS}"]
        lines += [command(_trust(package, one)) for package in missing for one in package.publishings]
    if not missing:
        lines += ["", "# Nothing is missing."]
    return "\n".join(lines) + "\n"


def _comments(packages: Sequence[TrustedPackage]) -> list[str]:
    return [f"# {escape.plain(line)}" for line in _header(packages)]


def _powershell_word(word: str) -> str:
    plain = word.isascii() and all(character.isalnum() or character in "-_./:=" for character in word)
    return word if plain else "'" + word.replace("'", "''") + "'"


_SHELLS = {"sh": _sh, "powershell": _powershell}
