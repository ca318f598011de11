"""One workflow file of GitHub Actions, read for the places that bear on a publish.

Read as nodes, not as values: every value has its line, and the key ``on`` stays text.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from safepublish.facts.finding import Location
from safepublish.facts.run import Workflow

if TYPE_CHECKING:
    import yaml

_DEEPEST = 40
"""No workflow is nested deeper; libyaml's composer overflows the stack long after that."""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SEPARATORS = frozenset({";", "&", "|", "(", ")", "&&", "||", "{", "}", "!", ";;", "|&"})
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "time", "exec", "command", "env", "sudo"})
_RUNNERS = frozenset({"npx", "pnpx", "bunx", "uvx", "pnpm", "dlx", "x", "pipx", "run", "python", "python3"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_TAKES_A_VALUE = frozenset(
    {"-w", "--workspace", "-C", "--prefix", "--registry", "--tag", "--access", "--userconfig", "--loglevel", "--otp"}
)
_ANOTHER_NPM = re.compile(r"npm@|corepack|volta|\b(?:mise|nvm|fnm|asdf)\b|(?:-g|--global)\b.*\bnpm\b")
_PUBLISH = frozenset({"publish", "publ", "publi", "pub"})
_OWN_OTHER_COMMANDS = frozenset({"check", "workflow", "explain", "rehearse"})


def read(text: str, path: str, job: str | None) -> Workflow | None:
    """What the workflow *text* says about *job*; without one, about the first job that publishes.

    *path* is relative to the repository's root. None where the text is no workflow or holds no such job. A job inside
    a called workflow is not in its caller's text, so there the calling job is told, where there is but one.
    """
    root = _compose(text)
    jobs = _pairs(_value(root, "jobs"))
    chosen = [(key, body) for key, body in jobs if (key.value == job if job else _publish_line(body) is not None)]
    if root is None or not (chosen or job):
        return None
    callers = [(key, body) for key, body in jobs if _value(body, "uses") is not None]
    if not chosen and len(callers) != 1:
        return Workflow(path, reusable_caller=True) if callers else None
    key, body = (chosen or callers)[0]
    node_version = _node_version(body)
    line = _publish_line(body)
    permissions = _key(body, "permissions") or _key(root, "permissions")
    return Workflow(
        path=path,
        node_version=None if node_version is None else str(node_version.value),
        node_version_at=None if node_version is None else _at(path, node_version),
        node_version_line=None if node_version is None else _line(text, node_version),
        permissions_at=None if permissions is None else _at(path, permissions),
        permissions_line=None if permissions is None else _line(text, permissions),
        publish_at=None if line is None else Location(path, line),
        job_at=_at(path, key),
        job_line=_line(text, key),
        reusable_caller=_value(body, "uses") is not None,
        another_npm=_another_npm(body),
    )


def publishes(script: str) -> int | None:
    """The first line of a shell *script*, from 0, that runs ``npm publish``, ``npm stage publish`` or safepublish."""
    continued: list[str] = []
    for number, line in enumerate(script.split("\n")):
        continued.append(line.rstrip("\r"))
        if line.rstrip("\r").endswith("\\"):
            continue
        joined = " ".join(one.rstrip("\\") for one in continued)
        first = number - len(continued) + 1
        continued = []
        # Taking shell apart word by word is slow, and few lines are worth it.
        if "pub" in joined and any(_is_publish(command) for command in _commands(joined)):
            return first
    return None


def _compose(text: str) -> "yaml.Node | None":
    """The document's root, or None where *text* is no YAML that a workflow could be."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return None
        return yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, ValueError):  # ValueError: text that has no UTF-8
        return None


def _pairs(node: "yaml.Node | None") -> Sequence[tuple["yaml.ScalarNode", "yaml.Node"]]:
    """The scalar keys of a mapping, with their values; of anything else, nothing."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return ()
    return [(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _key(node: "yaml.Node | None", name: str) -> "yaml.ScalarNode | None":
    return next((key for key, _ in _pairs(node) if key.value == name), None)


def _value(node: "yaml.Node | None", name: str) -> "yaml.Node | None":
    return next((value for key, value in _pairs(node) if key.value == name), None)


def _scalar(node: "yaml.Node | None", name: str) -> "yaml.ScalarNode | None":
    import yaml

    value = _value(node, name)
    return value if isinstance(value, yaml.ScalarNode) else None


def _steps(job: "yaml.Node") -> Sequence["yaml.Node"]:
    import yaml

    steps = _value(job, "steps")
    return steps.value if isinstance(steps, yaml.SequenceNode) else ()


def _publish_line(job: "yaml.Node") -> int | None:
    """The line, from 1, on which a step of *job* publishes."""
    return next((line for _, line in _publishing(job)), None)


def _publishing(job: "yaml.Node") -> Iterator[tuple[int, int]]:
    """Every step of *job* that publishes: its index, and the line, from 1, on which it does."""
    for index, step in enumerate(_steps(job)):
        script = _scalar(step, "run")
        number = None if script is None else publishes(script.value)
        if script is None or number is None:
            continue
        # Only a literal block holds one line for each line of the file.
        yield index, script.start_mark.line + (2 + number if script.style == "|" else 1)


def _node_version(job: "yaml.Node") -> "yaml.ScalarNode | None":
    """The node-version of the setup-node step that counts: the last one before the publish."""
    publishing = next((index for index, _ in _publishing(job)), None)
    found = None
    for step in _steps(job)[:publishing]:
        action = _scalar(step, "uses")
        if action is not None and action.value.lower().startswith("actions/setup-node@"):
            found = _scalar(_value(step, "with"), "node-version")
    return found


def _another_npm(job: "yaml.Node") -> bool:
    """Whether a step up to the publish may put another npm in place: by script or by another's action."""
    publishing = next((index for index, _ in _publishing(job)), len(_steps(job)))
    for step in _steps(job)[: publishing + 1]:
        script, action = _scalar(step, "run"), _scalar(step, "uses")
        if script is not None and _ANOTHER_NPM.search(script.value):
            return True
        if action is not None and not action.value.lower().startswith("actions/"):
            return True
    return False


def _at(path: str, node: "yaml.Node") -> Location:
    return Location(path, node.start_mark.line + 1, node.start_mark.column + 1)


def _line(text: str, node: "yaml.Node") -> str:
    """The line of *text* on which *node* begins; YAML has more line breaks than Python's universal newlines."""
    return _LINE_BREAK.split(text.removeprefix("\ufeff"))[node.start_mark.line]


def _commands(line: str) -> Iterator[list[str]]:
    """The simple commands of one shell line, word by word."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # a quote that another line closes
        words = line.split()
    command: list[str] = []
    for word in words:
        if word in _SEPARATORS:
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _is_publish(command: Sequence[str]) -> bool:
    """Whether the words of one simple command publish, and not for a trial."""
    words = list(command)
    while words and (words[0] in _KEYWORDS | _RUNNERS or words[0].startswith("-") or _ASSIGNMENT.match(words[0])):
        del words[: 2 if words[0] in {"-p", "--package", "--from"} else 1]
    if not words or "--dry-run" in words:
        return False
    program = re.split(r"[@=]", words[0].rpartition("/")[2])[0]
    plain = _without_options(words[1:])
    if program == "safepublish":
        return plain[:1] == [] or plain[0] not in _OWN_OTHER_COMMANDS
    if program != "npm":
        return False
    return (plain[:1] != [] and plain[0] in _PUBLISH) or plain[:2] == ["stage", "publish"]


def _without_options(words: Sequence[str]) -> list[str]:
    plain, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _TAKES_A_VALUE
        else:
            plain.append(word)
    return plain
