"""Programs that a package manager starts from node_modules or from the registry: `npx`, `pnpm exec`, `yarn lerna`."""

import re

from safepublish.shell.options import leading, names
from safepublish.shell.publish_commands import files, release_tools, version_managers
from safepublish.shell.publish_commands.effects import Call, name_and_version
from safepublish.shell.wrappers import program

KNOWN = frozenset({"safepublish", *release_tools.TOOLS, *files.TOOLS, *version_managers.TOOLS}) - {"corepack"}
"""The programs whose effect is known, except for the package managers."""

_BINARIES = {
    "@changesets/cli": "changeset",
    "@lerna-lite/cli": "lerna-lite",
    "@lerna-lite/publish": "lerna-lite",
    "@jsdevtools/npm-publish": "npm-publish",
    "@auto-it/core": "auto",
    "@cdklabs/publib": "publib",
}
"""The program of a package, where its name differs from the package's."""

_PUBLISHES_BY_NAME = re.compile(r"^(?!.*(?:\bcan\b|should|docs|gh-|\bpr\b|expo|pact))(?:.*[-_])?publish(?:[-_].*)?$")
"""The name of a program that npx starts, where it says that it publishes: changeset-publish."""

_NPX_VALUED = names("-p --package -w --workspace --registry -c --call --prefix -C --loglevel")
_PYTHON_VALUED = frozenset({"--from", "--with", "--python", "--index-url", "--spec", "-p"})


def downloaded(call: Call, rest: tuple[str, ...], packages: list[str]) -> Call | None:
    """What npx and its like start: the program of the package *rest* begins with, or one of *packages*."""
    versions = [name_and_version(package) for package in packages]
    npm = next((version for name, version in versions if name == "npm"), None)
    call = call._replace(packages=call.packages + tuple(found for found in versions if found[0] != "npm"))
    if npm is not None:
        call = call._replace(npm=npm or call.npm)
    call = call._replace(npm_directory=call.directory or ".")
    if not rest:
        return None
    name, version = name_and_version(rest[0])
    binary = _BINARIES.get(name, name.rpartition("/")[2])
    if binary == "npm":
        return call._replace(argv=("npm", *rest[1:]), npm=version or call.npm)
    if binary not in KNOWN and _PUBLISHES_BY_NAME.search(binary):
        return call._replace(argv=(files.BY_NAME, binary, *rest[1:]))
    version = version or dict(versions).get(name, "")
    return call._replace(argv=(binary, *rest[1:]), version=version or None)


def newest(call: Call | None) -> Call | None:
    """*call* of `dlx`, which installs the newest version where none is named, whatever package.json requires."""
    if call is None or call.version or call.packages:
        return call
    if call.argv[0] == "npm":
        return call._replace(npm=call.npm or "latest")
    return call._replace(version="latest")


def npx(call: Call) -> Call | None:
    """`npx -p npm@11 npm publish`."""
    values, rest = leading(call.argv[1:], _NPX_VALUED)
    script = (values.get("-c") or values.get("--call") or [""])[0]
    return downloaded(call, tuple(script.split()) or rest, [*values.get("-p", []), *values.get("--package", [])])


def python_runner(call: Call) -> Call | None:
    """`uvx safepublish`, `pipx run safepublish`, `uv run safepublish`, `python -m safepublish`."""
    name, argv = program(call.argv[0]), call.argv[1:]
    if name in {"python", "python3", "py"}:
        at = argv.index("-m") if "-m" in argv else len(argv)
        return call._replace(argv=argv[at + 1 :]) if argv[at + 1 : at + 2] == ("safepublish",) else None
    if name != "uvx":
        if argv[:1] not in {("run",), ("tool",)}:
            return None
        argv = argv[2:] if argv[0] == "tool" else argv[1:]
    rest = leading(argv, _PYTHON_VALUED).rest
    return call._replace(argv=(re.split(r"[=@<>~]", rest[0])[0], *rest[1:])) if rest else None


def vite_plus(call: Call) -> Call | None:
    """`vp pm publish -r`, `vp exec program`, `vpx pkg`, `vpr script`: Vite+ starts the package manager.

    It is that of package.json, else pnpm (vite-plus, docs/guide/install.md), whose command line it takes.
    """
    name, rest = program(call.argv[0]), call.argv[1:]
    if name in {"vpx", "vpr"}:
        return call._replace(argv=("npx", *rest) if name == "vpx" else ("pnpm", "run", *rest))
    if rest[:1] == ("pm",):
        return call._replace(argv=("pnpm", *rest[1:]))
    return call._replace(argv=("pnpm", *rest)) if rest and rest[0] in {"exec", "dlx", "run"} else None
