"""What a command of a script does to a publish: it is one, starts one, or changes the npm that a later one finds."""

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple

from safepublish.npm import arguments
from safepublish.npm.versions import Version
from safepublish.shell import own_options
from safepublish.shell.config_commands import Credential, credential
from safepublish.shell.interpreter import Command
from safepublish.shell.wrappers import program


class Publish(NamedTuple):
    """A command that uploads packages to an npm registry."""

    tool: str  # npm, safepublish, pnpm, yarn (classic), yarn-berry, bun, lerna, nx, changesets, semantic-release, …
    command: tuple[str, ...]  # the tool's command: ("publish",), ("stage", "publish"), ("release", "publish")
    arguments: tuple[str, ...] = ()  # all words behind the tool but the command
    opaque: bool = False  # some argument is unknown
    dry_run: bool | None = False  # True: it uploads nothing; None: an expression or a variable decides
    npm: str | None = None  # the npm that the command asks for: `npx npm@11` -> 11; None: that on PATH
    version: str | None = None  # the version of the tool that the command asks for: `npx semantic-release@24` -> 24
    packages: tuple[tuple[str, str], ...] = ()  # what npx is to bring besides: (@semantic-release/npm, 13)
    manager: str | None = None  # what chooses the npm instead of PATH: corepack, volta, mise, nvm, fnm, asdf, n
    node: str | None = None  # the Node that this manager is asked for
    spec: tuple[str, ...] = ()  # the positionals: directory, tarball
    directory: str | None = None  # -C, --prefix, --cwd, --dir: where it works
    workspaces: tuple[str, ...] = ()  # -w a; ("*",) for all
    provenance: bool | None = None  # asked for (True) or refused (False) on the command line
    registry: str | None = None
    tag: str | None = None
    access: str | None = None
    credential: Credential | None = None  # a --//host/:_authToken= on the command line


class RunsScript(NamedTuple):
    """A command that runs scripts of package.json, in this order where they exist."""

    tool: str  # npm, pnpm, yarn, bun, node, lerna, turbo, nx
    names: tuple[str, ...]  # prerelease, release, postrelease
    arguments: tuple[str, ...] = ()  # put behind the text of the one named
    directory: str | None = None
    workspaces: tuple[str, ...] = ()  # the packages whose scripts they are; ("*",) for all
    binary: bool = False  # a program of node_modules/.bin where there is no such script


class RunsFile(NamedTuple):
    """A command that runs a file of the repository."""

    path: str
    language: str  # shell, make: can be read; pwsh; node, python, just, …: what it does cannot be told
    arguments: tuple[str, ...] = ()
    text: str | None = None  # the program, where the command itself holds it: a here-document, `node -e …`


class Upgrade(NamedTuple):
    """A command that puts another npm, or another Node with its npm, in place."""

    tool: str  # npm, corepack, volta, mise, nvm, n, fnm, asdf, yarn, pnpm, bun, apt-get, brew, …
    npm: str | None = None  # as asked: 11, ^11.5.1, latest; None where only Node changes or that is unknown
    node: str | None = None  # as asked: 24, lts/*
    everywhere: bool = True  # False: only in this directory (npm install npm), or only in this step (nvm use)
    forced: bool = False  # --force: engines are not looked at
    opaque: bool = False  # the version is unknown


Doing = Publish | RunsScript | RunsFile | Upgrade


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Call(NamedTuple):
    """A program with its words, the program itself first, and what the runners before it have asked for."""

    words: tuple[str, ...]
    unknown: frozenset[str] = frozenset()  # the words that hold something unknown
    npm: str | None = None
    version: str | None = None
    packages: tuple[tuple[str, str], ...] = ()
    manager: str | None = None
    node: str | None = None
    directory: str | None = None
    workspaces: tuple[str, ...] = ()


def classify(command: Command) -> Doing | None:
    """What *command* is of these; None for every other command."""
    if 0 in command.opaque:
        return _by_variable(command)
    words = command.words[:_MOST_WORDS]
    unknown = frozenset(words[place] for place in command.opaque if place < len(words))
    return _given(command) or _classified(Call(words, unknown))


def _by_variable(command: Command) -> Publish | None:
    """`$NPM publish`: which npm a variable holds that branches set is not known, but that it is one."""
    if re.fullmatch(r"\$\{?NPM(?:_\w+)?\}?", command.words[0]) is None:
        return None
    unknown = frozenset(command.words[place] for place in command.opaque if place)
    found = _classified(Call(("npm", *command.words[1:_MOST_WORDS]), unknown, manager=command.words[0]))
    return found if isinstance(found, Publish) else None


def _given(command: Command) -> RunsFile | None:
    """The program that node or Python is given on the spot: by a here-document, or by `-e` or `-c`."""
    name = program(command.words[0])
    if name not in {"node", "python", "python3", "deno", "bun"}:
        return None
    text = None
    if all(word.startswith("-") for word in command.words[1:]):
        text = next((one.target for one in command.redirects if one.operator in {"<<", "<<-", "<<<"}), None)
    if text is None:
        at = next((at for at, word in enumerate(command.words) if word in {"-e", "--eval", "-c"}), len(command.words))
        text = next(iter(command.words[at + 1 : at + 2]), None)
    return (
        RunsFile("-", "python" if name.startswith("py") else "node", text=text) if text and "publish" in text else None
    )


_MOST_WORDS = 300
_MOST_RUNNERS = 6
_READS_AS = Version(11, 21, 2)
"""The npm whose reading of a command line is taken; they differ in abbreviations alone (npm 12 refuses those)."""
_NOWHERE = arguments.Places("/", "~")


def _classified(call: Call) -> Doing | None:
    for _ in range(_MOST_RUNNERS):
        if not call.words:
            return None
        name = program(call.words[0])
        runner = _RUNNERS.get(name)
        reached = runner(call) if runner is not None else None
        if reached is None:
            return _tool(name, call)
        call = reached
    return None


def _tool(name: str, call: Call) -> Doing | None:
    if name in _OTHER_PUBLISHERS:
        return None
    tool = _TOOLS.get(name)
    if tool is not None:
        return tool(call) or (_behind_unknown(tool, call) if name in _PACKAGE_MANAGERS else None)
    word = call.words[0]
    local = "/" in word and not word.startswith(("/usr/", "/bin/", "/opt/", "http:", "https:", "node_modules/"))
    if local and not word.startswith("./node_modules/") and name not in {"gradlew", "mvnw"}:
        return RunsFile(word, language(word), call.words[1:])
    return RunsFile(word, language(word), call.words[1:]) if language(word) else None


def _behind_unknown(tool: Callable[[Call], Doing | None], call: Call) -> Publish | None:
    """The publish whose verb stands behind words that only the run tells: `pnpm -r $FILTER publish`."""
    at = call.words.index("publish") if "publish" in call.words else 0
    first = at
    while first and call.words[first - 1] in call.unknown:
        first -= 1
    for places in (range(at - 1, at), range(first, at), range(at)):  # `--filter $A $B publish`: $A is a value
        left = tuple(word for place, word in enumerate(call.words) if place not in places or word not in call.unknown)
        found = tool(call._replace(words=left)) if left != call.words else None
        if isinstance(found, Publish):
            dropped = tuple(word for word in call.words[:at] if word in call.unknown and word not in left)
            return found._replace(arguments=(*dropped, *found.arguments), opaque=True)
    return None


_OTHER_PUBLISHERS = frozenset({"mcp-publisher"})
"""Programs that publish, and nothing to npm, whatever their names say: the MCP registry's."""

_ENDINGS = {
    "shell": ("sh", "bash", "zsh"),
    "node": ("js", "mjs", "cjs", "ts", "mts", "cts", "tsx"),
    "pwsh": ("ps1",),
    "cmd": ("cmd", "bat"),
    "python": ("py",),
}
_LANGUAGES = {ending: name for name, endings in _ENDINGS.items() for ending in endings}


def language(path: str) -> str:
    """The language of a script, by the ending of its *path*: shell, node, pwsh, cmd, python; "" where it has none."""
    return _LANGUAGES.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path else ""


# Runners: programs that start another one


def _spec(word: str) -> tuple[str, str]:
    """A package's name and the version asked for: ``@a/b@1`` is ("@a/b", "1")."""
    at = word.find("@", 1)
    return (word, "") if at < 0 else (word[:at], word[at + 1 :])


_BINARIES = {
    "@changesets/cli": "changeset",
    "@lerna-lite/cli": "lerna",
    "@lerna-lite/publish": "lerna",
    "@jsdevtools/npm-publish": "npm-publish",
    "@auto-it/core": "auto",
    "@cdklabs/publib": "publib",
}


_BY_NAME = " binary"
"""What stands before a program of which nothing is known but its name; no program is called so."""

_PUBLISHES_BY_NAME = re.compile(r"^(?!.*(?:\bcan\b|should|docs|gh-|\bpr\b|expo|pact))(?:.*[-_])?publish(?:[-_].*)?$")
"""The name of a program that npx starts, where it says that it publishes: changeset-publish."""


def _by_name(call: Call) -> Doing:
    return RunsFile(call.words[1], "program", call.words[2:])


def _options(words: tuple[str, ...], valued: str) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The options that *words* begin with, and the words behind them; those of *valued* take the next word."""
    takes = frozenset(valued.split())
    found: dict[str, list[str]] = {}
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if not word.startswith("-") or len(word) < 2:
            break
        key, equals, value = word.partition("=")
        if key in takes and not equals:
            at += 1
            value = words[at] if at < len(words) else ""
        found.setdefault(key, []).append(value)
        at += 1
    return found, words[at:]


def _fetched(call: Call, rest: tuple[str, ...], packages: list[str]) -> Call | None:
    """Go on with what npx and its like start: the program of a package, or one that the *packages* bring."""
    brought = tuple(_spec(package) for package in packages)
    npm = next((version for name, version in brought if name == "npm"), None)
    call = call._replace(packages=call.packages + tuple(one for one in brought if one[0] != "npm"))
    if npm is not None:
        call = call._replace(npm=npm or call.npm)
    if not rest:
        return None
    name, version = _spec(rest[0])
    binary = _BINARIES.get(name, name.rpartition("/")[2])
    if binary == "npm":
        return call._replace(words=("npm", *rest[1:]), npm=version or call.npm)
    if binary not in _TOOLS and _PUBLISHES_BY_NAME.search(binary):
        return call._replace(words=(_BY_NAME, binary, *rest[1:]))
    version = version or dict(brought).get(name, "")
    return call._replace(words=(binary, *rest[1:]), version=version or None)


def _npx(call: Call) -> Call | None:
    options, rest = _options(call.words[1:], "-p --package -w --workspace --registry -c --call --prefix -C --loglevel")
    script = (options.get("-c") or options.get("--call") or [""])[0]
    if script:
        rest = tuple(script.split())
    return _fetched(call, rest, [*options.get("-p", []), *options.get("--package", [])])


def _corepack(call: Call) -> Call | None:
    _, rest = _options(call.words[1:], "--cwd")
    if not rest or _spec(rest[0])[0] not in {"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"}:
        return None
    name, version = _spec(rest[0])
    return call._replace(
        words=(name, *rest[1:]), manager="corepack", npm=version or call.npm if name == "npm" else None
    )


def _volta(call: Call) -> Call | None:
    if call.words[1:2] != ("run",):
        return None
    options, rest = _options(call.words[2:], "--node --npm --pnpm --yarn --env")
    node, npm = (options.get(key, [""])[0] for key in ("--node", "--npm"))
    return call._replace(words=rest, manager="volta", node=node or call.node, npm=npm or call.npm) if rest else None


def _mise(call: Call) -> Call | None:
    if not {"exec", "x"} & set(call.words[1:2]):
        return None
    tools: dict[str, str] = {}
    at = 2
    while at < len(call.words) and call.words[at] != "--" and (call.words[at].startswith("-") or "@" in call.words[at]):
        name, version = _spec(call.words[at])
        tools[name] = version
        at += 1
    rest = call.words[at + 1 :] if call.words[at : at + 1] == ("--",) else call.words[at:]
    node, npm = tools.get("node") or tools.get("nodejs"), tools.get("npm")
    return call._replace(words=rest, manager="mise", node=node or call.node, npm=npm or call.npm) if rest else None


def _version_manager(call: Call) -> Call | None:
    """`nvm exec 24 npm publish`, `fnm exec --using 24 npm publish`, `n exec 24 npm …`, `asdf exec npm …`."""
    name = program(call.words[0])
    if call.words[1:2] != ("exec",):
        return None
    options, rest = _options(call.words[2:], "--using")
    node: str | None = options["--using"][0] if "--using" in options else None
    if name in {"nvm", "n"} and rest and re.match(r"v?\d|lts|node|latest", rest[0]):
        node, rest = rest[0], rest[1:]
    return call._replace(words=rest, manager=name, node=node or call.node) if rest else None


def _python_runner(call: Call) -> Call | None:
    """`uvx safepublish`, `pipx run safepublish`, `uv run safepublish`, `python -m safepublish`."""
    name = program(call.words[0])
    words = call.words[1:]
    if name in {"python", "python3", "py"}:
        at = words.index("-m") if "-m" in words else len(words)
        return call._replace(words=words[at + 1 :]) if words[at + 1 : at + 2] == ("safepublish",) else None
    if name != "uvx":
        if words[:1] not in {("run",), ("tool",)}:
            return None
        words = words[2:] if words[0] == "tool" else words[1:]
    _, rest = _options(words, "--from --with --python --index-url --spec -p")
    return call._replace(words=(re.split(r"[=@<>~]", rest[0])[0], *rest[1:])) if rest else None


_PNPM_VALUED = (
    "--filter -F --filter-prod -C --dir --reporter --loglevel --workspace-concurrency --resume-from --changed-files-"
    "ignore-pattern --test-pattern --config --package --allow-build --store-dir"
)


def _pnpm_runner(call: Call) -> Call | None:
    """`pnpm dlx pkg`, `pnpm exec program`, also for all packages; everything else is pnpm's own."""
    options, rest = _options(call.words[1:], _PNPM_VALUED)
    call = _placed(call, options)
    if program(call.words[0]) == "pnpx":
        return _fetched(call, rest, options.get("--package", []))
    if rest[:1] == ("dlx",):
        inner, rest = _options(rest[1:], _PNPM_VALUED)
        return _fetched(call, rest, [*options.get("--package", []), *inner.get("--package", [])])
    if rest[:1] == ("exec",):
        inner, rest = _options(rest[1:], _PNPM_VALUED)
        return _placed(call, inner)._replace(words=rest) if rest else None
    if rest and rest[0] in _TOOLS and rest[0] not in {"publish", "node", *_PACKAGE_MANAGERS}:
        return call._replace(words=rest)
    return None


def _placed(call: Call, options: dict[str, list[str]]) -> Call:
    """*call* with the directory and the packages that a package manager's options choose."""
    directory = next((options[key][-1] for key in ("-C", "--dir", "--cwd", "--prefix") if key in options), None)
    named = tuple(one for key in ("--filter", "-F", "--filter-prod", "--scope") for one in options.get(key, []))
    every = bool({"-r", "--recursive", "-ws", "--workspaces", "-W", "--workspaces-all", "-A", "--all"} & options.keys())
    return call._replace(
        directory=directory or call.directory, workspaces=named or (("*",) if every else call.workspaces)
    )


def _vite_plus(call: Call) -> Call | None:
    """`vp pm publish -r`, `vp exec program`, `vpx pkg`, `vpr script`: Vite+ hands them to the package manager.

    That of package.json, else pnpm (vite-plus, docs/guide/install.md); pnpm's words are the ones it takes.
    """
    name, rest = program(call.words[0]), call.words[1:]
    if name in {"vpx", "vpr"}:
        return call._replace(words=("pnpm", "dlx" if name == "vpx" else "run", *rest))
    if rest[:1] == ("pm",):
        return call._replace(words=("pnpm", *rest[1:]))
    return call._replace(words=("pnpm", *rest)) if rest and rest[0] in {"exec", "dlx", "run"} else None


_YARN_VALUED = "--cwd -p --package --from --include --exclude -j --jobs --mutex --use-yarnrc --registry"


def _yarn_runner(call: Call) -> Call | None:
    options, rest = _options(call.words[1:], _YARN_VALUED)
    call = _placed(call, options)
    if rest[:1] == ("workspace",) and len(rest) > 2:
        return call._replace(words=("yarn", *rest[2:]), workspaces=(rest[1],))
    if rest[:1] == ("workspaces",) and rest[2:3] == ("foreach",):  # a plugin's own choice: `workspaces changed foreach`
        rest = (rest[0], *rest[2:])
    if rest[:1] == ("workspaces",) and len(rest) > 2 and rest[1] in {"foreach", "run"}:
        inner, behind = _options(rest[2:], _YARN_VALUED)
        chosen = tuple(one for one in inner.get("--include", []) if one)
        words = ("yarn", "run", *behind) if rest[1] == "run" else ("yarn", *behind)
        return call._replace(words=words, workspaces=chosen or ("*",)) if behind else None
    if rest[:1] == ("dlx",):
        inner, behind = _options(rest[1:], _YARN_VALUED)
        return _fetched(call, behind, [*inner.get("-p", []), *inner.get("--package", [])])
    if rest[:1] == ("exec",):
        _, behind = _options(rest[1:], "")
        return call._replace(words=behind) if behind else None
    if rest[:1] == ("run",):
        _, rest = _options(rest[1:], "")
    if rest and rest[0] in _TOOLS and rest[0] not in {"publish", "n", *_PACKAGE_MANAGERS}:
        return call._replace(words=rest)
    return None


def _bun_runner(call: Call) -> Call | None:
    if program(call.words[0]) == "bunx":
        options, rest = _options(call.words[1:], "-p --package")
        return _fetched(call, rest, [*options.get("-p", []), *options.get("--package", [])])
    options, rest = _options(call.words[1:], "--cwd --filter -F --env-file")
    call = _placed(call, options)
    if rest[:1] == ("x",):
        _, rest = _options(rest[1:], "-p --package")
        return _fetched(call, rest, [])
    if rest[:1] == ("run",):
        inner, rest = _options(rest[1:], "--cwd --filter -F --env-file")
        call = _placed(call, inner)
    if rest and rest[0] in _TOOLS and rest[0] not in {"publish", "n", *_PACKAGE_MANAGERS}:
        return call._replace(words=rest)
    return None


def _npm_runner(call: Call) -> Call | None:
    """`npm exec -- program`, `npm x pkg@1`."""
    words = call.words[1:]
    verb = next((index for index, word in enumerate(words) if not word.startswith("-")), None)
    if verb is None or words[verb] not in {"exec", "x"}:
        return None
    return _npx(call._replace(words=("npx", *words[:verb], *words[verb + 1 :])))


def _lerna_runner(call: Call) -> Call | None:
    _, rest = _options(call.words[1:], "--scope --ignore --concurrency --loglevel")
    if rest[:1] != ("exec",):
        return None
    _, behind = _options(rest[1:], "--scope --ignore --concurrency --loglevel")
    return call._replace(words=behind, workspaces=("*",)) if behind else None


_RUNNERS: dict[str, Callable[[Call], Call | None]] = {
    "npx": _npx,
    "corepack": _corepack,
    "volta": _volta,
    "mise": _mise,
    "rtx": _mise,
    **dict.fromkeys(("nvm", "fnm", "n", "asdf", "nodenv"), _version_manager),
    **dict.fromkeys(("uvx", "pipx", "uv", "poetry", "pdm", "hatch", "python", "python3", "py"), _python_runner),
    **dict.fromkeys(("pnpm", "pn", "pnpx"), _pnpm_runner),
    **dict.fromkeys(("vp", "vpx", "vpr"), _vite_plus),
    **dict.fromkeys(("yarn", "yarnpkg"), _yarn_runner),
    **dict.fromkeys(("bun", "bunx"), _bun_runner),
    "npm": _npm_runner,
    "lerna": _lerna_runner,
}
_PACKAGE_MANAGERS = frozenset({"npm", "pnpm", "pn", "yarn", "yarnpkg", "bun", "corepack"})


# npm and safepublish

_RUN = frozenset({"run", "run-script", "rum", "urn"})
_LIFECYCLE = {"test": "test", "t": "test", "tst": "test", "start": "start", "stop": "stop", "restart": "restart"}
_INSTALL = _words("install i in ins inst insta instal isnt isnta isntal isntall add update up upgrade udpate")


def _npm(call: Call) -> Doing | None:
    words = call.words[1:]
    read = arguments.parse([word for word in words if not _decides_later(word, call)], _READS_AS, _NOWHERE)
    values, remain = read.values, read.remain
    if not remain or values.get("usage") is True or values.get("version") is True:  # it only prints
        return None
    call = call._replace(directory=_text(values.get("prefix"), "/") or call.directory, workspaces=_chosen(values, call))
    verb = remain[0]
    command = arguments.command(remain, _READS_AS)
    if command:
        return _published(call, "npm", command, values, remain[len(command) :])
    if verb in _RUN and len(remain) > 1:
        return RunsScript("npm", _with_hooks(remain[1]), remain[2:], call.directory, call.workspaces)
    if verb in _LIFECYCLE:
        return RunsScript("npm", _with_hooks(_LIFECYCLE[verb]), remain[1:], call.directory, call.workspaces)
    if verb in {"version", "verison"} and len(remain) > 1:
        return RunsScript("npm", _with_hooks("version"), (), call.directory, call.workspaces)
    if verb in _INSTALL:
        everywhere = values.get("global") is True or values.get("location") == "global"
        if verb[:2] in {"up", "ud"} and everywhere and len(remain) == 1:
            return Upgrade("npm", "latest")
        return _installed(call, "npm", remain[1:], everywhere=everywhere, forced=values.get("force") is True)
    return None


def _with_hooks(name: str) -> tuple[str, ...]:
    return (f"pre{name}", name, f"post{name}")


def _text(value: object, drop: str = "") -> str | None:
    """A path that npm has resolved, back as it was written."""
    return value.removeprefix(drop) if isinstance(value, str) and value else None


def _chosen(values: dict[str, object], call: Call) -> tuple[str, ...]:
    named = values.get("workspace")
    if isinstance(named, list) and named:
        return tuple(str(one) for one in named)
    return ("*",) if values.get("workspaces") is True else call.workspaces


_MAY_DECIDE = re.compile(r"dry[-_]?run|\bdry\b|preview", re.IGNORECASE)


def _decides_later(word: str, call: Call) -> bool:
    """Whether an unknown *word* may be, or may turn off, an option such as --dry-run."""
    return word in call.unknown and (
        word.startswith("--dry-run") or (not word.startswith("-") and bool(_MAY_DECIDE.search(word)))
    )


def _dry_run(call: Call, *, known: bool) -> bool | None:
    if known:
        return True
    return None if any(_decides_later(word, call) for word in call.words) else False


def _published(
    call: Call, tool: str, command: tuple[str, ...], values: dict[str, object], spec: tuple[str, ...]
) -> Publish:
    dry_run = _dry_run(call, known=values.get("dry-run") is True)
    token = next((one for key, value in values.items() if (one := credential(key, str(value), opaque=True))), None)
    provenance = values.get("provenance")
    asked = call.words[1:]
    at = next((at for at, word in enumerate(asked) if word in command[:1] or (word and "publish".startswith(word))), 0)
    return Publish(
        tool=tool,
        command=command,
        arguments=asked[:at] + asked[at + len(command) :],
        opaque=bool(call.unknown & set(asked)),
        dry_run=dry_run,
        npm=call.npm,
        version=call.version,
        packages=call.packages,
        manager=call.manager,
        node=call.node,
        spec=tuple(spec),
        directory=call.directory,
        workspaces=call.workspaces,
        provenance=provenance if isinstance(provenance, bool) else (True if values.get("provenance-file") else None),
        registry=_registry(call, values),
        tag=_text(values.get("tag")),
        access=_text(values.get("access")),
        credential=token,
    )


def _safepublish(call: Call) -> Doing | None:
    try:
        reading = own_options.read(call.words[1:])
    except own_options.UsageError:  # it publishes nothing as it is, and yet the step is there to publish
        reading = own_options.Reading("publish", words=call.words[1:])
    if reading.command not in {"publish", "stage"}:
        return None
    read = arguments.parse(reading.words, _READS_AS, _NOWHERE)
    command, spec = ("stage", "publish") if reading.command == "stage" else ("publish",), read.remain
    values = read.values
    call = call._replace(directory=_text(values.get("prefix"), "/") or call.directory, workspaces=_chosen(values, call))
    return _published(call, "safepublish", command, values, spec)._replace(arguments=call.words[1:])


def _registry(call: Call, values: dict[str, object]) -> str | None:
    """The --registry; one that holds something unknown stays as written."""
    for before, word in zip(call.words, call.words[1:], strict=False):
        written = word if before == "--registry" else word.removeprefix("--registry=")
        if word in call.unknown and (before == "--registry" or written != word):
            return written
    return _text(values.get("registry"))


_NPM_PACKAGE = re.compile(r"npm(?:@(?:npm:npm@)?(.*))?|.*/npm-(\d[^/]*)\.tgz", re.DOTALL)


def _installed(
    call: Call, tool: str, specs: tuple[str, ...], *, everywhere: bool, forced: bool = False
) -> Upgrade | None:
    """The upgrade that installing *specs* is: that of npm."""
    for spec in specs:
        match = _NPM_PACKAGE.fullmatch(spec)
        if match is not None:
            asked = (match.group(1) or match.group(2) or "latest").strip()
            opaque = spec in call.unknown
            return Upgrade(tool, None if opaque else asked, everywhere=everywhere, forced=forced, opaque=opaque)
    return None


# The other package managers


class _Flags(NamedTuple):
    """The options of a tool whose own grammar is not known to the letter."""

    values: dict[str, object]
    plain: tuple[str, ...]


def _flags(words: tuple[str, ...], valued: str) -> _Flags:
    takes = frozenset(valued.split())
    values: dict[str, object] = {}
    plain: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word.startswith("-") and len(word) > 1 and word != "--":
            key, equals, value = word.lstrip("-").partition("=")
            name = word.partition("=")[0]
            if name in takes and not equals:
                at += 1
                values[key] = words[at] if at < len(words) else ""
            elif equals:
                values[key] = {"true": True, "false": False}.get(value, value)
            elif key.startswith("no-"):
                values[key[3:]] = False
            elif words[at + 1 : at + 2] == ("false",):
                at += 1
                values[key] = False
            else:
                values[key] = True
        elif word != "--":
            plain.append(word)
        at += 1
    return _Flags(values, tuple(plain))


_PUBLISH_VALUED = (
    "--tag --access --otp --registry --publish-branch --new-version --dist-tag --filter -F -C --dir --cwd --loglevel "
    "--auth-type --tolerate-republish-timeout -m --message --contents --preid --ref-type -s --scope"
)


def _other(call: Call, tool: str, command: tuple[str, ...], words: tuple[str, ...], *dry: str) -> Publish:
    """The publish of a tool that is not npm; *dry* are its options for a trial besides --dry-run."""
    flags = _flags(tuple(word for word in words if not _decides_later(word, call)), _PUBLISH_VALUED)
    tried = any(flags.values.get(key) is True for key in ("dry-run", "dryRun", *dry))
    values: dict[str, object] = {**flags.values, "dry-run": tried}
    if isinstance(flags.values.get("dry-run"), str) and not tried:
        call = call._replace(unknown=call.unknown | {f"--dry-run={flags.values['dry-run']}"}, words=call.words)
    published = _published(call, tool, command, values, flags.plain)
    tag = published.tag or _text(values.get("dist-tag"))
    return published._replace(arguments=words, tag=tag, opaque=bool(call.unknown & set(words)))


_PNPM_OWN = _words(
    "install i add update up upgrade remove rm un uninstall link ln unlink import rebuild rb prune fetch "
    "install-test it patch patch-commit patch-remove audit list ls outdated why pack server store root "
    "bin init deploy doctor config c get setup licenses cat-file cat-index find-hash approve-builds "
    "self-update cache create help ci clean dedupe login logout whoami view info search access deprecate "
    "owner ping team token unpublish"
)


def _pnpm(call: Call) -> Doing | None:
    options, rest = _options(call.words[1:], _PNPM_VALUED)
    if not rest:
        return None
    verb, behind = rest[0], rest[1:]
    if verb == "publish" or rest[:2] == ("stage", "publish"):
        inner, _ = _options(tuple(word for word in behind if word.startswith("-")), "")
        call = _placed(_placed(call, options), inner)
        named = _flags(behind, _PUBLISH_VALUED).values
        chosen = named.get("filter") or named.get("F")
        call = call._replace(workspaces=(str(chosen),)) if chosen else call
        command = ("publish",) if verb == "publish" else ("stage", "publish")
        return _other(call, "pnpm", command, behind[len(command) - 1 :])
    if verb in {"env", "runtime"}:
        node = next((word for word in reversed(behind) if not word.startswith("-")), None)
        changes = behind[:1] in {("use",), ("add",), ("set",)}
        return Upgrade("pnpm", node=node) if changes and node not in {"use", "add", "set", None} else None
    if verb in {"add", "install", "i", "update", "up"}:
        everywhere = bool({"-g", "--global"} & {*behind, *options})
        return _installed(call, "pnpm", behind, everywhere=everywhere)
    if verb == "version" and behind:
        return RunsScript("pnpm", _with_hooks("version"), (), call.directory, call.workspaces)
    return _script("pnpm", _placed(call, options), rest, _PNPM_OWN, _PNPM_VALUED)


def _script(tool: str, call: Call, rest: tuple[str, ...], own: frozenset[str], valued: str) -> Doing | None:
    """A script of package.json: `pnpm run release`, and `pnpm release` where that is no command of the tool's own."""
    if rest[0] in {"run", "run-script"}:
        options, rest = _options(rest[1:], valued)
        call = _placed(call, options)
        own = frozenset()
    if not rest or rest[0] in own or rest[0] in call.unknown:
        return None
    if language(rest[0]) and tool == "bun":
        return RunsFile(rest[0], language(rest[0]), rest[1:])
    name = "test" if rest[0] == "t" and tool != "bun" else rest[0]
    return RunsScript(tool, _with_hooks(name), rest[1:], call.directory, call.workspaces, binary=True)


_YARN_OWN = _words(
    "install add remove upgrade up upgrade-interactive init link unlink cache config why audit check "
    "create dedupe explain info licenses list login logout outdated owner pack patch patch-commit plugin "
    "policies rebuild search set stage tag team unplug version versions global autoclean bin help import "
    "generate-lock-entry workspaces constraints npm"
)


def _yarn(call: Call) -> Doing | None:
    options, rest = _options(call.words[1:], _YARN_VALUED)
    if not rest:
        return None
    if rest[:2] == ("npm", "publish"):
        return _other(call, "yarn-berry", ("npm", "publish"), rest[2:], "n")
    if rest[0] == "publish":
        return _other(call, "yarn", ("publish",), rest[1:])
    if rest[:1] == ("global",):
        return _installed(call, "yarn", rest[2:], everywhere=True)
    if rest[0] == "add":
        return _installed(call, "yarn", rest[1:], everywhere=False)
    if rest[0] == "node":
        return _node(call._replace(words=rest))
    if rest[0] == "version" and len(rest) > 1 and "--new-version" in rest:
        return RunsScript("yarn", _with_hooks("version"), (), call.directory, call.workspaces)
    return _script("yarn", _placed(call, options), rest, _YARN_OWN, "--cwd")


_BUN_OWN = _words("install i add a remove rm update link unlink pm build init create c upgrade test repl exec")


def _bun(call: Call) -> Doing | None:
    options, rest = _options(call.words[1:], "--cwd --filter -F --env-file")
    if not rest:
        return None
    if rest[0] == "publish":
        return _other(_placed(call, options), "bun", ("publish",), rest[1:])
    if rest[0] in {"add", "a", "install", "i"}:
        return _installed(call, "bun", rest[1:], everywhere=bool({"-g", "--global"} & set(rest)))
    return _script("bun", _placed(call, options), rest, _BUN_OWN, "--cwd --filter -F --env-file")


# Release tools


def _lerna(call: Call) -> Doing | None:
    _, rest = _options(call.words[1:], "--scope --ignore --concurrency --loglevel")
    if rest[:1] == ("publish",):
        return None if "--skip-npm" in rest else _other(call, "lerna", ("publish",), rest[1:])
    if rest[:1] == ("run",) and len(rest) > 1:
        return RunsScript("lerna", _with_hooks(rest[1]), rest[2:], call.directory, ("*",))
    return None


def _nx(call: Call) -> Doing | None:
    _, rest = _options(call.words[1:], "")
    flags = _flags(rest, "-t --target --targets -p --projects --groups -g --tag --registry --otp --specifier")
    if flags.plain[:1] == ("release",):
        verb = flags.plain[1] if len(flags.plain) > 1 else ""
        if verb == "publish":
            return _other(call, "nx", ("release", "publish"), _without(rest, "release", "publish"), "d")
        if verb in {"version", "changelog", "plan", "plan:check"} or flags.values.get("skip-publish") is True:
            return None
        return _other(call, "nx", ("release",), _without(rest, "release"), "d")
    targets = flags.values.get("target") or flags.values.get("targets") or flags.values.get("t") or ""
    if flags.plain[:1] in {("run-many",), ("affected",)}:
        names = tuple(name for name in str(targets).split(",") if name)
        return RunsScript("nx", names, (), None, ("*",)) if names else None
    if flags.plain[:1] == ("run",) and len(flags.plain) > 1 and ":" in flags.plain[1]:
        project, _, target = flags.plain[1].partition(":")
        return RunsScript("nx", (target.partition(":")[0],), flags.plain[2:], None, (project,))
    if len(flags.plain) == 2:  # nx publish my-package
        return RunsScript("nx", (flags.plain[0],), (), None, (flags.plain[1],))
    return None


def _without(words: tuple[str, ...], *drop: str) -> tuple[str, ...]:
    left = list(words)
    for one in drop:
        if one in left:
            left.remove(one)
    return tuple(left)


def _turbo(call: Call) -> Doing | None:
    flags = _flags(call.words[1:], "--filter -F --concurrency --cwd --token --team")
    names = flags.plain[1:] if flags.plain[:1] == ("run",) else flags.plain
    return RunsScript("turbo", tuple(names), (), None, ("*",)) if names else None


def _several(call: Call) -> Doing | None:
    """`run-s build release`, `npm-run-all a b`, `concurrently "npm:a" "npm:b"`."""
    names = tuple(word.removeprefix("npm:") for word in call.words[1:] if not word.startswith("-"))
    return RunsScript("npm", names, (), call.directory, call.workspaces) if names else None


def _with_verb(tool: str, *verbs: str, dry: tuple[str, ...] = ()) -> Callable[[Call], Doing | None]:
    """A tool that publishes by one of *verbs*, its first word."""

    def classified(call: Call) -> Doing | None:
        rest = _flags(call.words[1:], _PUBLISH_VALUED).plain
        if rest[:1] and rest[0] in verbs:
            return _other(call, tool, (rest[0],), _without(call.words[1:], rest[0]), *dry)
        return None

    return classified


def _always(tool: str, *dry: str) -> Callable[[Call], Doing | None]:
    """A tool that publishes when it is started, unless *dry* or --dry-run says otherwise."""

    def classified(call: Call) -> Doing | None:
        if {"--version", "-v", "--help", "-h"} & set(call.words[1:]):
            return None
        return _other(call, tool, (), call.words[1:], *dry)

    return classified


def _release_it(call: Call) -> Doing | None:
    found = _always("release-it", "d", "release-version", "changelog")(call)
    flags = _flags(call.words[1:], "").values
    silent = flags.get("npm") is False or flags.get("npm.publish") is False
    return None if silent else found


def _np(call: Call) -> Doing | None:
    found = _always("np", "preview")(call)
    return None if _flags(call.words[1:], "").values.get("publish") is False else found


def _rush(call: Call) -> Doing | None:
    if call.words[1:2] != ("publish",) or not {"-p", "--publish"} & set(call.words):
        return None
    return _other(call, "rush", ("publish",), call.words[2:])


# Files, and other ways to another npm


def _shell_file(call: Call) -> Doing | None:
    at = 1
    while at < len(call.words) and call.words[at][:1] in {"-", "+"}:
        at += 2 if call.words[at] in {"-o", "+o", "-O", "-eo", "-euo", "-exo", "-euxo"} else 1
    return RunsFile(call.words[at], "shell", call.words[at + 1 :]) if at < len(call.words) else None


def _node(call: Call) -> Doing | None:
    options, rest = _options(
        call.words[1:],
        "-r --require --import --loader --experimental-loader -e --eval -p --print --env-file --run",
    )
    if "--run" in options:
        return RunsScript("node", (options["--run"][0],), rest)
    if not rest or {"-e", "--eval", "-p", "--print", "-pe"} & options.keys():
        return None
    return RunsFile(rest[0], "node", rest[1:])


def _interpreted(name: str) -> Callable[[Call], Doing | None]:
    def classified(call: Call) -> Doing | None:
        _, rest = _options(call.words[1:], "-File -file -f -c -m --project -P --tsconfig -r --require -ExecutionPolicy")
        found = next((word for word in call.words[1:] if language(word)), None)
        if found is None and rest and program(call.words[0]) != "deno":
            found = rest[0]
        if found is None or (name == "python" and "-m" in call.words) or "-c" in call.words[1:2]:
            return None
        return RunsFile(found, name, call.words[call.words.index(found) + 1 :])

    return classified


def _make(call: Call) -> Doing | None:
    valued = "-C --directory -f --file --makefile -o -W -I"
    options, _ = _options(call.words[1:], valued)
    targets = tuple(word for word in _flags(call.words[1:], valued).plain if "=" not in word)
    file = next((options[name][0] for name in ("-f", "--file", "--makefile") if name in options), "")
    directory = next((options[name][0] for name in ("-C", "--directory") if name in options), ".")
    return RunsFile(posixpath.join(directory, file), program(call.words[0]), targets)


def _corepack_upgrade(call: Call) -> Doing | None:
    verb, rest = (*call.words[1:2], "")[0], call.words[2:]
    packages = dict(_spec(word) for word in rest if not word.startswith("-"))
    if verb == "enable":
        return Upgrade("corepack", opaque=True) if "npm" in packages else None
    if verb in {"prepare", "install", "use", "up"} and "npm" in packages:
        everywhere = verb != "use" and (verb != "prepare" or "--activate" in rest)
        return Upgrade("corepack", packages["npm"] or "latest", everywhere=everywhere)
    return None


def _tools_upgrade(tool: str, verbs: frozenset[str]) -> Callable[[Call], Doing | None]:
    """`volta install node@24 npm@11`, `mise use -g node@24`: names with versions behind a verb."""

    def classified(call: Call) -> Doing | None:
        flags = _flags(call.words[1:], "")
        if not flags.plain[:1] or flags.plain[0] not in verbs:
            return None
        packages = dict(_spec(word) for word in flags.plain[1:])
        node = packages.get("node", packages.get("nodejs"))
        npm = packages.get("npm")
        if node is None and npm is None:
            return None
        opaque = bool(call.unknown)
        return Upgrade(
            tool, npm or ("latest" if npm == "" else None), node or ("lts/*" if node == "" else None), opaque=opaque
        )

    return classified


def _nvm(call: Call) -> Doing | None:
    flags = _flags(call.words[1:], "")
    verb = (*flags.plain, "")[0]
    if verb == "install-latest-npm":
        return Upgrade("nvm", "latest", everywhere=False)
    if verb not in {"install", "use", "i"}:
        return None
    asked = flags.plain[1] if len(flags.plain) > 1 else None
    if flags.values.get("lts") is not None:
        asked = "lts/*" if flags.values["lts"] is True else f"lts/{flags.values['lts']}"
    npm = "latest" if flags.values.get("latest-npm") else None
    opaque = asked is None or asked in call.unknown
    return Upgrade(program(call.words[0]), npm, None if opaque else asked, everywhere=False, opaque=opaque)


def _n(call: Call) -> Doing | None:
    plain = _flags(call.words[1:], "").plain
    asked = plain[1] if plain[:1] in {("install",), ("i",)} and len(plain) > 1 else (*plain, "")[0]
    if not re.match(r"v?\d|lts|latest|stable|auto|current", asked):
        return None
    node = {"lts": "lts/*", "stable": "lts/*", "latest": "latest", "current": "latest"}.get(asked, asked)
    return Upgrade("n", node=None if asked == "auto" else node, opaque=asked == "auto" or asked in call.unknown)


def _asdf(call: Call) -> Doing | None:
    words = call.words
    if words[1:2] in {("install",), ("global",), ("local",), ("set",)} and "nodejs" in words:
        asked = words[words.index("nodejs") + 1 : words.index("nodejs") + 2]
        return Upgrade("asdf", node=asked[0] if asked else None, opaque=not asked)
    return None


def _system(call: Call) -> Doing | None:
    """The distribution's package manager: which npm it brings is its own affair."""
    if any(re.fullmatch(r"(?:nodejs|npm|node)(?:[@=-].*)?", word) for word in call.words[1:]) and (
        {"install", "add", "-S", "-Sy", "upgrade"} & set(call.words[1:])
    ):
        return Upgrade(program(call.words[0]), opaque=True)
    return None


def _curl(call: Call) -> Doing | None:
    text = " ".join(call.words)
    match = re.search(r"deb\.nodesource\.com/setup_(\d+|lts|current)", text)
    if match:
        return Upgrade("nodesource", node={"lts": "lts/*", "current": "latest"}.get(match.group(1), match.group(1)))
    return Upgrade("npm", "latest") if re.search(r"npmjs\.(?:com|org)/install\.sh", text) else None


_TOOLS: dict[str, Callable[[Call], Doing | None]] = {
    "npm": _npm,
    "safepublish": _safepublish,
    _BY_NAME: _by_name,
    **dict.fromkeys(("pnpm", "pn"), _pnpm),
    **dict.fromkeys(("yarn", "yarnpkg"), _yarn),
    "bun": _bun,
    **dict.fromkeys(("lerna", "lerna-lite"), _lerna),
    "nx": _nx,
    **dict.fromkeys(("changeset", "changesets"), _with_verb("changesets", "publish")),
    **dict.fromkeys(("semantic-release", "multi-semantic-release"), _always("semantic-release", "d", "dry")),
    "release-it": _release_it,
    "np": _np,
    "auto": _with_verb("auto", "shipit", "canary", "latest", "next", "publish", dry=("d",)),
    **dict.fromkeys(("publib", "publib-npm", "jsii-release", "jsii-release-npm"), _always("publib")),
    "npm-publish": _always("npm-publish"),
    "clean-publish": _always("clean-publish", "without-publish"),
    "release-plan": _with_verb("release-plan", "publish"),
    "beachball": _with_verb("beachball", "publish"),
    "rush": _rush,
    "turbo": _turbo,
    **dict.fromkeys(("run-s", "run-p", "npm-run-all", "npm-run-all2", "concurrently"), _several),
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "source", "."), _shell_file),
    "node": _node,
    **dict.fromkeys(("tsx", "ts-node", "ts-node-esm", "esno", "jiti", "zx", "vite-node", "deno"), _interpreted("node")),
    **dict.fromkeys(("python", "python3"), _interpreted("python")),
    **dict.fromkeys(("pwsh", "powershell"), _interpreted("pwsh")),
    "ruby": _interpreted("ruby"),
    **dict.fromkeys(("make", "gmake", "just", "task"), _make),
    "corepack": _corepack_upgrade,
    "volta": _tools_upgrade("volta", frozenset({"install", "pin"})),
    **dict.fromkeys(("mise", "rtx"), _tools_upgrade("mise", frozenset({"use", "u", "install", "i"}))),
    **dict.fromkeys(("nvm", "fnm", "nodenv"), _nvm),
    "n": _n,
    "asdf": _asdf,
    **dict.fromkeys(("apt", "apt-get", "apk", "yum", "dnf", "brew", "choco", "pacman", "zypper", "winget"), _system),
    "curl": _curl,
    "wget": _curl,
}
