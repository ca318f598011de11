"""What a command of a script writes into the configuration of npm, pnpm or yarn, or the environment of later steps.

Of a credential's value only the names in it are kept: of a variable, of a secret.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from packaging.version import Version

from safepublish.npm import arguments
from safepublish.shell.command import Command
from safepublish.shell.wrappers import program


class Credential(NamedTuple):
    """A credential for a registry."""

    key: str  # _authToken, _auth, _password, username, npmAuthToken
    registry: str | None  # //registry.npmjs.org/ as written, also with ${…}; None where the key names none
    names: tuple[str, ...] = ()  # in the value: variables as NPM_TOKEN, expressions as secrets.NPM_TOKEN
    empty: bool = False  # it is known to be empty, or it is removed
    later: bool = False  # npm itself replaces the variables when it runs, not the shell when it writes
    file: str | None = None  # the .npmrc or .yarnrc.yml; None: the user's configuration, or this command alone
    unscoped: bool = False  # npm reads it, and its key names no registry
    manager: str = "npm"  # whose configuration it is: npm, pnpm or yarn


class Registry(NamedTuple):
    """The registry that packages go to."""

    url: str
    scope: str | None = None  # @scope, for its packages alone
    opaque: bool = False  # the URL is unknown, or holds something unknown
    file: str | None = None
    manager: str = "npm"  # whose configuration it is: npm, pnpm or yarn


class Setting(NamedTuple):
    """Another key of the configuration, such as provenance."""

    key: str
    value: str
    opaque: bool = False
    file: str | None = None


class EnvironmentVariable(NamedTuple):
    """A variable for later steps, through $GITHUB_ENV or CircleCI's $BASH_ENV."""

    name: str
    value: str  # as written where it is opaque
    opaque: bool = False


class StepOutput(NamedTuple):
    """An output of the step, through $GITHUB_OUTPUT or `::set-output`."""

    name: str
    value: str  # as written where it is opaque
    opaque: bool = False


ConfigChange = Credential | Registry | Setting | EnvironmentVariable

_FILE = re.compile(
    r"(?:^|[/\\\"'}])(\.npmrc|\.yarnrc\.yml|\.yarnrc|npmrc)[\"']?$|NPM_CONFIG_USERCONFIG\}?$", re.IGNORECASE
)
_ENVIRONMENT = re.compile(r"(?:(?:GITHUB|BASH)_ENV|GITHUB_PATH)\}?[\"']?$")
_OUTPUT = re.compile(r"GITHUB_OUTPUT\}?[\"']?$")
_SET_OUTPUT = re.compile(r"::set-output name=([\w-]+)::(.*)")
_NERFED = re.compile(r"(//.*?):(_authToken|_auth|_password|username|certfile|keyfile)")
_SCOPED_REGISTRY = re.compile(r"(@[^:=\s]+):registry")
_OF_ONE_REGISTRY = re.compile(
    r"npm(?:Registries|Scopes)(?:\.|\[)[\"']?(?P<registry>(?:https?:)?//.*?)?[\"']?\]?\.?(?=npm(?:Auth|Reg|Publish|Always))"
    r"|npm(?:Registries|Scopes)(?:\.|\[).*?(?=npm(?:Auth|Reg|Publish|Always))"
)
_NAMED = re.compile(r"\$\{\{(.*?)\}\}|\$\{?(?:env:)?([A-Za-z_][A-Za-z0-9_]*)|%([A-Za-z_][A-Za-z0-9_]*)%", re.DOTALL)
_CONTEXT = re.compile(r"\b(?:secrets|vars|env|inputs|steps|needs|github|matrix)(?:\.[\w-]+|\[\s*'[^']*'\s*\])+")
_YAML_TOKEN = re.compile(r"^\s*[\"']?(npmAuthToken|npmAuthIdent)[\"']?\s*:\s*(.*)$")
_CONFIG = frozenset({"config", "c", "conf"})
_READS_AS = Version("11.0.0")  # the options of `npm config` are the same in all
_NOWHERE = arguments.Places("/", "~")
_MOST_WORDS = 300
_MOST_LINES = 200
_LONGEST_VALUE = 5_000


def config_changes(command: Command) -> tuple[ConfigChange, ...]:
    """What *command* writes, line by line; a removed credential is an empty one."""
    name = program(command.argv[0])
    if name in {"npm", "pnpm", "pn", "yarn", "corepack"}:
        return tuple(_configured(command, name))
    if name in {"rm", "del", "unlink", "Remove-Item"}:
        return tuple(_removed(command))
    if name in {"aws", "gcloud"} and {"codeartifact", "artifacts"} & set(command.argv[1:3]) and "npm" in command.argv:
        return (Credential("_authToken", None), Registry("", opaque=True))
    return tuple(_into_files(command, name))


def names(value: str) -> tuple[str, ...]:
    """The names in *value*: of variables, and of what expressions look up (``secrets.NPM_TOKEN``)."""
    found: list[str] = []
    for match in _NAMED.finditer(value[:_LONGEST_VALUE]):
        inner = match.group(1)
        if inner is None:
            found.append(match.group(2) or match.group(3))
        else:
            found += [re.sub(r"\[\s*'([^']*)'\s*\]", r".\1", name) for name in _CONTEXT.findall(inner)] or [
                inner.strip()
            ]
    return tuple(dict.fromkeys(found))


def credential(key: str, value: str, *, opaque: bool, file: str | None = None) -> Credential | None:
    """The credential that ``key=value`` is; None for every other key."""
    match = _NERFED.fullmatch(key)
    registry, name = match.groups() if match else (None, key)
    if match is None and name not in {"_authToken", "_auth", "_password", "npmAuthToken", "npmAuthIdent"}:
        return None
    value = value.strip().strip("\"'")
    named = names(value)
    unscoped = match is None and name.startswith("_")
    return Credential(name, registry, named, not value, bool(named) and not opaque, file, unscoped)


def change_of(key: str, value: str, *, opaque: bool, file: str | None = None) -> ConfigChange | None:
    """What ``key=value`` of a configuration is; None where it has no key."""
    key = key.strip().strip("\"'")
    value = value.strip().strip("\"'")
    if not key:
        return None
    found = credential(key, value, opaque=opaque, file=file)
    if found is not None:
        return found
    scoped = _SCOPED_REGISTRY.fullmatch(key)
    unknown = opaque and "$" in value
    if scoped or key in {"registry", "npmRegistryServer", "npmPublishRegistry"}:
        return Registry(value, scoped.group(1) if scoped else None, unknown or "${" in value, file)
    return Setting(key, value, unknown, file)


def _configured(command: Command, name: str) -> Iterator[ConfigChange]:
    """`npm config set key value`, `npm set key=value`, `npm config delete key`, `yarn config set npmAuthToken …`."""
    argv = command.argv[1:_MOST_WORDS]
    if name == "corepack" and argv:
        name, argv = program(argv[0].partition("@")[0]), argv[1:]
    if not {"set", "s", "delete", "rm", "del", "unset"} & set(argv):
        return
    parsed = arguments.parse(argv, _READS_AS, _NOWHERE)
    positionals = list(parsed.remain)
    if positionals[:1] and positionals[0] in _CONFIG:
        positionals = positionals[1:]
    elif positionals[:1] != ["set"] or name == "yarn":
        return
    location = "global" if parsed.values.get("global") is True else parsed.values.get("location")
    file = {"project": ".npmrc", "global": "(global)"}.get(str(location))
    if name == "yarn":
        file = None if {"-H", "--home"} & set(argv) else ".yarnrc.yml"
    unknown = {command.argv[place] for place in command.opaque}
    rest = [(word, word in unknown) for word in positionals[1:]]
    if positionals[:1] and positionals[0] in {"set", "s"}:
        yield from _pairs(rest, file, name)
    elif positionals[:1]:
        for key, _ in rest:
            if removed := credential(key, "", opaque=False, file=file):
                yield removed


def _pairs(rest: list[tuple[str, bool]], file: str | None, manager: str) -> Iterator[ConfigChange]:
    at = 0
    while at < len(rest):
        word, opaque = rest[at]
        key, equals, value = word.partition("=")
        if not equals and at + 1 < len(rest):
            value, unknown = rest[at + 1]
            opaque = opaque or unknown
            at += 1
        own = _OF_ONE_REGISTRY.match(key)
        key = key[own.end() :] if own else key
        change = change_of(key, value, opaque=opaque, file=file)
        if isinstance(change, Credential) and manager != "npm":
            registry = re.sub(r"^https?:", "", own["registry"]) if own and own["registry"] else change.registry
            yield change._replace(unscoped=False, registry=registry, manager=manager)
        elif isinstance(change, Registry):
            yield change._replace(manager=manager)
        elif change is not None:
            yield change
        at += 1


def _removed(command: Command) -> Iterator[ConfigChange]:
    for word in command.argv[1:]:
        if _FILE.search(word):
            yield Credential("_authToken", None, empty=True, file=word)


def step_outputs(command: Command) -> Iterator[StepOutput]:
    """The outputs that *command* gives its step, through $GITHUB_OUTPUT or `::set-output`."""
    name = program(command.argv[0])
    match = _SET_OUTPUT.fullmatch(command.argv[1]) if name == "echo" and len(command.argv) > 1 else None
    if match is not None:
        yield StepOutput(match[1], match[2], bool(command.opaque))
    targets = [redirect.target for redirect in command.redirects if redirect.operator in {">", ">>"}]
    if any(_OUTPUT.search(target) for target in (*targets, *(command.argv[1:] if name == "tee" else ()))):
        text, opaque = _output(command, name)
        for line in text.split("\n")[:_MOST_LINES]:
            if (variable := _set(line, opaque=opaque)) is not None:
                yield StepOutput(*variable)


def _into_files(command: Command, name: str) -> Iterator[ConfigChange]:
    targets = [redirect.target for redirect in command.redirects if redirect.operator in {">", ">>", ">|", "&>"}]
    if name == "tee":
        targets += [word for word in command.argv[1:] if not word.startswith("-")]
    if name in {"Out-File", "Set-Content", "Add-Content", "New-Item"}:
        targets += [word for word in command.argv[1:] if _FILE.search(word) or _ENVIRONMENT.search(word)][:1]
    for target in targets:
        to_environment = _ENVIRONMENT.search(target) is not None
        if not to_environment and not _FILE.search(target):
            continue
        text, opaque = _output(command, name)
        for line in text.split("\n")[:_MOST_LINES]:
            if to_environment and "GITHUB_PATH" in target:
                line = f"PATH={line}"  # noqa: PLW2901 - a line of this file is a directory
            change = _set(line, opaque=opaque) if to_environment else of_line(line, opaque=opaque, file=target)
            if change is not None:
                yield change


def _set(line: str, *, opaque: bool) -> EnvironmentVariable | None:
    name, equals, value = line.strip().removeprefix("export ").partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name.strip()):
        return None
    return EnvironmentVariable(name.strip(), value, opaque and ("$" in value or "`" in value))


def of_line(line: str, *, opaque: bool, file: str) -> ConfigChange | None:
    """What a line of an .npmrc or .yarnrc.yml sets; None for a comment, and what is no setting."""
    line = line.strip()
    yaml = _YAML_TOKEN.match(line)
    if yaml:
        return credential(yaml.group(1), yaml.group(2), opaque=opaque, file=file)
    if line.startswith(("#", ";")) or "=" not in line:
        return None
    key, _, value = line.partition("=")
    return change_of(key, value, opaque=opaque, file=file)


def _output(command: Command, name: str) -> tuple[str, bool]:
    """What *command* writes to its output, and whether that holds something unknown."""
    document = command.here_document()
    if document is not None and name in {"cat", "tee", "envsubst"}:
        return document.target, document.opaque
    argv, opaque = command.argv, bool(command.opaque)
    if name in {"tee", "Out-File", "Set-Content", "Add-Content"} and command.piped_from:
        argv, opaque = command.piped_from, any("$" in word for word in command.piped_from)
    elif name in {"Set-Content", "Add-Content", "New-Item", "Out-File"}:
        return "\n".join(word for word in argv[1:] if "=" in word), opaque
    writer = program(argv[0]) if argv else ""
    if writer in {"echo", "Write-Output"}:
        rest = argv[1:]
        at = next((at for at, word in enumerate(rest) if not re.fullmatch(r"-[neE]+", word)), len(rest))
        text = " ".join(rest[at:])
        return (text.replace("\\n", "\n") if any("e" in word for word in rest[:at]) else text), opaque
    if writer == "printf":
        return _printed(argv[1:]), opaque
    if len(argv) == 1 and ("=" in argv[0] or ":_" in argv[0]):  # PowerShell: "…" >> file
        return argv[0], opaque
    return "", opaque


def _printed(argv: tuple[str, ...]) -> str:
    """What printf writes; of its conversions only ``%s`` is replaced."""
    if argv[:1] == ("--",):
        argv = argv[1:]
    if not argv:
        return ""
    texts = argv[0].replace("\\n", "\n")[:_LONGEST_VALUE].split("%s")
    values = argv[1 : _MOST_WORDS + 1]
    count = len(texts) - 1
    if not count:
        return texts[0].replace("%%", "%")
    written = []
    for at in range(0, max(len(values), 1), count):
        row = (*values[at : at + count], *[""] * count)
        written += [piece for text, value in zip(texts, row, strict=False) for piece in (text, value)][: 2 * count]
        written.append(texts[-1])
    return "".join(written).replace("%%", "%")
