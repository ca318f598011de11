"""What a command of a script does to a publish: it is one, starts one, changes npm, or gives it a credential."""

from typing import NamedTuple

from safepublish.facts.shell import Command


class Credential(NamedTuple):
    """A credential that a command hands to npm. Of its value, only what it names is kept."""

    key: str  # _authToken, _auth, _password, npmAuthToken
    registry: str | None  # //registry.npmjs.org/, as written; None where the key names none; may hold ${…}
    names: tuple[str, ...] = ()  # what the value names: variables as NPM_TOKEN, expressions as secrets.NPM_TOKEN
    empty: bool = False  # it is known to be nothing
    later: bool = False  # npm itself expands it when it runs, not the shell when it writes
    file: str | None = (
        None  # the .npmrc or .yarnrc.yml it is written to; None: npm's user configuration, or this command
    )


class Publish(NamedTuple):
    """A command that uploads packages to an npm registry."""

    tool: str  # npm, safepublish, pnpm, yarn, yarn-berry, bun, lerna, nx, changesets, semantic-release, release-it, np…
    command: tuple[str, ...]  # the tool's command: ("publish",), ("stage", "publish"), ("release", "publish")
    arguments: tuple[str, ...] = ()  # what follows, options before the command included
    opaque: bool = False  # some argument is unknown
    dry_run: bool | None = False  # None: an expression decides; a command that is a dry run for sure is no Publish
    npm: str | None = None  # the npm that the command itself asks for: `npx npm@11` -> 11; "" is the newest
    version: str | None = None  # the version of the tool that the command asks for: `npx semantic-release@24` -> 24
    manager: str | None = None  # what chooses the npm instead of PATH: corepack, volta, mise, nvm
    node: str | None = None  # the Node that this manager is asked for
    spec: tuple[str, ...] = ()  # the positionals: directory, tarball
    directory: str | None = None  # -C, --prefix, --cwd, --dir: where it works
    workspaces: tuple[str, ...] = ()  # -w a; ("*",) for all
    provenance: bool | None = None  # asked for (True) or refused (False) on the command line
    registry: str | None = None
    tag: str | None = None
    access: str | None = None
    credential: Credential | None = None  # a --//host/:_authToken= on the command line, a token of the tool's own


class RunsScript(NamedTuple):
    """A command that runs scripts of package.json, in this order where they exist."""

    tool: str  # npm, pnpm, yarn, bun, node
    names: tuple[str, ...]  # prerelease, release, postrelease
    arguments: tuple[str, ...] = ()  # put behind the script's text
    directory: str | None = None
    workspaces: tuple[str, ...] = ()
    binary: bool = False  # a program of node_modules/.bin where there is no such script


class RunsFile(NamedTuple):
    """A command that runs a file of the repository."""

    path: str
    language: str  # shell: can be read as a script; node, python, make, …: what it does cannot be told
    arguments: tuple[str, ...] = ()


class Upgrade(NamedTuple):
    """A command that puts another npm, or another Node with its npm, in place."""

    tool: str  # npm, corepack, volta, mise, nvm, n, fnm, asdf, yarn, pnpm, bun, brew
    npm: str | None = None  # as asked: 11, ^11.5.1, latest; None where only Node changes or that is unknown
    node: str | None = None
    everywhere: bool = True  # False: only in this directory, or only in this step
    forced: bool = False  # --force: engines are not looked at
    opaque: bool = False  # the version is unknown


Doing = Publish | RunsScript | RunsFile | Upgrade | Credential


def classify(command: Command) -> Doing | None:
    """What *command* is of these; None for every other command, and for a publish that is a dry run."""
    words = command.words
    if words[0] == "npm" and words[1:2] == ("publish",) and "--dry-run" not in words:
        return Publish("npm", ("publish",), words[2:])
    return None
