"""What a command of a script can do to a publish."""

from typing import NamedTuple

from safepublish.shell.config_commands import Credential


class Publish(NamedTuple):
    """A command that uploads packages to an npm registry."""

    tool: str  # npm, safepublish, pnpm, yarn (classic), yarn-berry, bun, lerna, nx, changesets, semantic-release, …
    command: tuple[str, ...]  # the tool's command: ("publish",), ("stage", "publish"), ("release", "publish")
    arguments: tuple[str, ...] = ()  # all words behind the tool except the command
    opaque: bool = False  # some argument is unknown
    dry_run: bool | None = False  # True: it uploads nothing; None: an expression or a variable decides
    npm: str | None = None  # the npm that the command asks for: `npx npm@11` -> 11; None: that on PATH
    npm_directory: str | None = None  # in whose node_modules its npm may be: `npx npm` -> .
    version: str | None = None  # the version of the tool that the command asks for: `npx semantic-release@24` -> 24
    packages: tuple[tuple[str, str], ...] = ()  # further packages that npx installs: (@semantic-release/npm, 13)
    manager: str | None = None  # what chooses the npm instead of PATH: corepack, volta, mise, nvm, fnm, asdf, n
    node: str | None = None  # the Node that this manager is asked for
    spec: tuple[str, ...] = ()  # the positional arguments: directory, tarball
    directory: str | None = None  # -C, --prefix, --cwd, --dir: where it works
    workspaces: tuple[str, ...] = ()  # -w a; ("*",) for all
    provenance: bool | None = None  # requested (True) or refused (False) on the command line
    registry: str | None = None
    tag: str | None = None
    access: str | None = None
    credential: Credential | None = None  # a --//host/:_authToken= on the command line
    staged: bool = False  # it stages a version for a later approval


class RunsScript(NamedTuple):
    """A command that runs scripts of package.json, in this order where they exist."""

    tool: str  # npm, pnpm, yarn, bun, node, lerna, turbo, nx
    names: tuple[str, ...]  # prerelease, release, postrelease
    arguments: tuple[str, ...] = ()  # appended to the text of the named script
    directory: str | None = None
    workspaces: tuple[str, ...] = ()  # the packages whose scripts they are; ("*",) for all
    binary: bool = False  # a program of node_modules/.bin where there is no such script


class RunsFile(NamedTuple):
    """A command that runs a file of the repository."""

    path: str
    language: str  # shell, make: can be read; pwsh, node, python, just, …: what it does is unknown
    arguments: tuple[str, ...] = ()
    text: str | None = None  # the program, where the command itself holds it: a here-document, `node -e …`


class Upgrade(NamedTuple):
    """A command that puts another npm, or another Node with its npm, in place."""

    tool: str  # npm, corepack, volta, mise, nvm, n, fnm, asdf, yarn, pnpm, bun, apt-get, brew, …
    npm: str | None = None  # as requested: 11, ^11.5.1, latest; None where only Node changes or that is unknown
    node: str | None = None  # as requested: 24, lts/*
    everywhere: bool = True  # False: only in this directory (npm install npm), or only in this step (nvm use)
    directory: str | None = None  # in whose node_modules it is installed, where not everywhere
    forced: bool = False  # --force: engines are ignored
    opaque: bool = False  # the version is unknown


Effect = Publish | RunsScript | RunsFile | Upgrade


class Call(NamedTuple):
    """A program with its arguments, and what the runners before it have requested."""

    argv: tuple[str, ...]  # the program itself first
    unknown: frozenset[str] = frozenset()  # the words that hold something unknown
    npm: str | None = None
    npm_directory: str | None = None
    version: str | None = None
    packages: tuple[tuple[str, str], ...] = ()
    manager: str | None = None
    node: str | None = None
    directory: str | None = None
    workspaces: tuple[str, ...] = ()


def with_hooks(name: str) -> tuple[str, ...]:
    """A script of package.json with those that run before and after it."""
    return (f"pre{name}", name, f"post{name}")


def name_and_version(spec: str) -> tuple[str, str]:
    """A package's name and the requested version: ``@a/b@1`` is ("@a/b", "1")."""
    at = spec.find("@", 1)
    return (spec, "") if at < 0 else (spec[:at], spec[at + 1 :])
