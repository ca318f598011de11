"""Commands that put another Node or npm in place: corepack, volta, mise, nvm, fnm, n, asdf, system packages, curl."""

import re
from collections.abc import Callable

from safepublish.shell.options import anywhere, leading
from safepublish.shell.publish_commands.effects import Call, Effect, Upgrade, name_and_version
from safepublish.shell.wrappers import program

_CURRENT = {"lts": "lts/*", "stable": "lts/*", "latest": "latest", "current": "latest"}

# Runners: a command that starts another one with the Node or npm that it chooses


def corepack_runner(call: Call) -> Call | None:
    """`corepack npm@11 publish`."""
    rest = leading(call.argv[1:], {"--cwd"}).rest
    name, version = name_and_version(rest[0]) if rest else ("", "")
    if name not in {"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"}:
        return None
    npm = version or call.npm if name == "npm" else None
    return call._replace(argv=(name, *rest[1:]), manager="corepack", npm=npm)


def volta_runner(call: Call) -> Call | None:
    """`volta run --node 24 npm publish`."""
    if call.argv[1:2] != ("run",):
        return None
    values, rest = leading(call.argv[2:], {"--node", "--npm", "--pnpm", "--yarn", "--env"})
    node, npm = (values.get(key, [""])[0] for key in ("--node", "--npm"))
    return call._replace(argv=rest, manager="volta", node=node or call.node, npm=npm or call.npm) if rest else None


def mise_runner(call: Call) -> Call | None:
    """`mise exec node@24 -- npm publish`."""
    argv = call.argv
    if argv[1:2] not in {("exec",), ("x",)}:
        return None
    tools: dict[str, str] = {}
    at = 2
    while at < len(argv) and argv[at] != "--" and (argv[at].startswith("-") or "@" in argv[at]):
        name, version = name_and_version(argv[at])
        tools[name] = version
        at += 1
    rest = argv[at + 1 :] if argv[at : at + 1] == ("--",) else argv[at:]
    node, npm = tools.get("node") or tools.get("nodejs"), tools.get("npm")
    return call._replace(argv=rest, manager="mise", node=node or call.node, npm=npm or call.npm) if rest else None


def node_runner(call: Call) -> Call | None:
    """`nvm exec 24 npm publish`, `fnm exec --using 24 npm publish`, `n exec 24 npm …`, `asdf exec npm …`."""
    name = program(call.argv[0])
    if call.argv[1:2] != ("exec",):
        return None
    values, rest = leading(call.argv[2:], {"--using"})
    node: str | None = values["--using"][0] if "--using" in values else None
    if name in {"nvm", "n"} and rest and re.match(r"v?\d|lts|node|latest", rest[0]):
        node, rest = rest[0], rest[1:]
    return call._replace(argv=rest, manager=name, node=node or call.node) if rest else None


# Upgrades


def _corepack(call: Call) -> Effect | None:
    verb, rest = (*call.argv[1:2], "")[0], call.argv[2:]
    packages = dict(name_and_version(word) for word in rest if not word.startswith("-"))
    if verb == "enable":
        return Upgrade("corepack", opaque=True) if "npm" in packages else None
    if verb in {"prepare", "install", "use", "up"} and "npm" in packages:
        everywhere = verb != "use" and (verb != "prepare" or "--activate" in rest)
        return Upgrade("corepack", packages["npm"] or "latest", everywhere=everywhere)
    return None


def _tools_manager(tool: str, verbs: frozenset[str]) -> Callable[[Call], Effect | None]:
    """`volta install node@24 npm@11`, `mise use -g node@24`: names with versions behind a verb."""

    def effect(call: Call) -> Effect | None:
        positionals = anywhere(call.argv[1:]).positionals
        if not positionals or positionals[0] not in verbs:
            return None
        packages = dict(name_and_version(word) for word in positionals[1:])
        node, npm = packages.get("node", packages.get("nodejs")), packages.get("npm")
        if node is None and npm is None:
            return None
        npm, node = "latest" if npm == "" else npm, "lts/*" if node == "" else node
        return Upgrade(tool, npm, node, opaque=bool(call.unknown))

    return effect


def _nvm(call: Call) -> Effect | None:
    values, positionals = anywhere(call.argv[1:])
    verb = (*positionals, "")[0]
    if verb == "install-latest-npm":
        return Upgrade("nvm", "latest", everywhere=False)
    if verb not in {"install", "use", "i"}:
        return None
    node = positionals[1] if len(positionals) > 1 else None
    if values.get("lts") is not None:
        node = "lts/*" if values["lts"] is True else f"lts/{values['lts']}"
    npm = "latest" if values.get("latest-npm") else None
    opaque = node is None or node in call.unknown
    return Upgrade(program(call.argv[0]), npm, None if opaque else node, everywhere=False, opaque=opaque)


def _n(call: Call) -> Effect | None:
    positionals = anywhere(call.argv[1:]).positionals
    has_verb = positionals[:1] in {("install",), ("i",)} and len(positionals) > 1
    version = positionals[1] if has_verb else (*positionals, "")[0]
    if not re.match(r"v?\d|lts|latest|stable|auto|current", version):
        return None
    node = None if version == "auto" else _CURRENT.get(version, version)
    return Upgrade("n", node=node, opaque=version == "auto" or version in call.unknown)


def _asdf(call: Call) -> Effect | None:
    argv = call.argv
    if argv[1:2] in {("install",), ("global",), ("local",), ("set",)} and "nodejs" in argv:
        node = next(iter(argv[argv.index("nodejs") + 1 :]), None)
        return Upgrade("asdf", node=node, opaque=node is None)
    return None


def _system_packages(call: Call) -> Effect | None:
    """The distribution's package manager, which itself chooses the npm."""
    argv = call.argv[1:]
    names_node = any(re.fullmatch(r"(?:nodejs|npm|node)(?:[@=-].*)?", word) for word in argv)
    installs = bool({"install", "add", "-S", "-Sy", "upgrade"} & set(argv))
    return Upgrade(program(call.argv[0]), opaque=True) if names_node and installs else None


def _download(call: Call) -> Effect | None:
    text = " ".join(call.argv)
    match = re.search(r"deb\.nodesource\.com/setup_(\d+|lts|current)", text)
    if match:
        return Upgrade("nodesource", node=_CURRENT.get(match.group(1), match.group(1)))
    return Upgrade("npm", "latest") if re.search(r"npmjs\.(?:com|org)/install\.sh", text) else None


TOOLS: dict[str, Callable[[Call], Effect | None]] = {
    "corepack": _corepack,
    "volta": _tools_manager("volta", frozenset({"install", "pin"})),
    **dict.fromkeys(("mise", "rtx"), _tools_manager("mise", frozenset({"use", "u", "install", "i"}))),
    **dict.fromkeys(("nvm", "fnm", "nodenv"), _nvm),
    "n": _n,
    "asdf": _asdf,
    **dict.fromkeys(
        ("apt", "apt-get", "apk", "yum", "dnf", "brew", "choco", "pacman", "zypper", "winget"), _system_packages
    ),
    **dict.fromkeys(("curl", "wget"), _download),
}
