"""What a command runs of the repository: scripts of package.json, targets of a Makefile, and files."""

import posixpath
import re

from safepublish.pipelines.machine import DEEPEST, Reader
from safepublish.pipelines.publish_names import SCRIPT_FILE, arguments_say_publish, goes_elsewhere, may_publish
from safepublish.pipelines.publish_script import ScriptCommand, commands
from safepublish.pipelines.publish_steps import add_hidden_script
from safepublish.pipelines.scope import Scope, joined_path
from safepublish.shell import interpreter, publish_commands
from safepublish.shell.wrappers import program

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""The files that make reads, in the order of its search (GNU make manual, 3.2)."""

_NO_PUBLISHERS = frozenset({"echo", "printf", "git", "gh"})
"""Commands that publish nothing to npm, whatever their arguments."""

_STARTS_A_PUBLISH = re.compile(r"(?:exec|spawn|run|system|call|\$`)[^\n;]*?\b(?:npm|pnpm|yarn|bun)['\"`, \[]+publish\b")
"""A program that starts the publish of a package manager: `execSync('npm publish')`, `subprocess.run(["npm", …`."""

_NAMES_A_PUBLISH = re.compile(r"npm['\"`, \[]+publish\b")
_PROSE = re.compile(r"/\*.*?\*/|^\s*(?://|#).*?$", re.MULTILINE | re.DOTALL)
"""The comments of a program."""


def read_package_scripts(
    reader: Reader, doing: publish_commands.RunsScript, command: interpreter.Command, scope: Scope
) -> None:
    """Read the scripts of package.json that *command* runs."""
    directory = joined_path(scope.directory, doing.directory)
    manifest = reader.machine.manifest(directory) if not doing.workspaces else None
    if manifest is None:
        _unreadable_package_script(reader, doing, command, scope)
        return
    scripts = manifest.get("scripts")
    texts = _existing(scripts if isinstance(scripts, dict) else {}, doing.names)
    if not texts and doing.binary and doing.names:
        program = command._replace(argv=(doing.names[-1], *doing.arguments), opaque=frozenset(), spans=())
        inner = scope._replace(depth=scope.depth + 1)
        reader.read_command(ScriptCommand(program, publish_commands.classify(program), ()), inner)
    for index, text in enumerate(texts):
        is_last = index == len(texts) - 1
        inner = scope.deeper(directory, "sh")._replace(package_directory=directory)
        reader.read_script(" ".join([text, *doing.arguments]) if is_last else text, inner)


def _unreadable_package_script(
    reader: Reader, doing: publish_commands.RunsScript, command: interpreter.Command, scope: Scope
) -> None:
    if _is_captured(command, " ".join(doing.names)):
        return
    name = doing.names[len(doing.names) // 2]  # prerelease, release, postrelease
    if may_publish(name):
        add_hidden_script(reader.machine, f"the package script {name}", command, scope)
        return
    file = next((word for word in doing.arguments if SCRIPT_FILE.search(word) and may_publish(word)), None)
    if file is not None:
        add_hidden_script(reader.machine, f"the script {file}", command, scope)


def _existing(scripts: dict[str, object], names: tuple[str, ...]) -> list[str]:
    return [text for name in names if isinstance(text := scripts.get(name), str)]


def read_file(reader: Reader, doing: publish_commands.RunsFile, command: interpreter.Command, scope: Scope) -> None:
    """Read the file that *command* runs: a shell script is followed, another program may publish by its name."""
    if doing.language in {"make", "gmake", "just", "task"}:
        _read_makefile(reader, doing, command, scope)
        return
    machine = reader.machine
    if doing.text is not None:
        if _STARTS_A_PUBLISH.search(doing.text):
            add_hidden_script(machine, f"the {doing.language} program in this step", command, scope)
        return
    path = joined_path(scope.directory, doing.path)
    text = machine.job.files(path) if path is not None else None
    language = doing.language if doing.language or text is None else _language_of_shebang(text)
    if text is not None and language == "shell":
        reader.read_script(text, scope.deeper(None, "bash"))
        return
    if text is not None and "publish" not in text:
        return
    publishes = (
        text is not None
        and _NAMES_A_PUBLISH.search(_PROSE.sub("", text)) is not None
        and not goes_elsewhere(doing.arguments[:1])
    )
    requested = arguments_say_publish(doing.path, doing.arguments) and (
        language in {"node", "program"}
        or bool(language and machine.configuration.setup is not None)  # a Python program publishes to PyPI
    )
    if publishes or ((requested or may_publish(doing.path)) and not _is_captured(command, doing.path)):
        add_hidden_script(machine, f"the script {doing.path}", command, scope, path if publishes else None)


def _language_of_shebang(text: str) -> str:
    """The language of a script whose name has no ending, by its first line; "" where that names none."""
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        return ""
    words = [word for word in first[2:].split() if not word.startswith("-") and "=" not in word]
    name = program(words[-1] if len(words) > 1 and program(words[0]) == "env" else (words or [""])[0])
    return _SHEBANGS.get(re.sub(r"[\d.]+$", "", name), name)


_SHEBANGS = {
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), "shell"),
    **dict.fromkeys(("node", "deno", "bun", "tsx", "zx"), "node"),
}


def _read_makefile(
    reader: Reader, doing: publish_commands.RunsFile, command: interpreter.Command, scope: Scope
) -> None:
    """Read what the targets of a Makefile run."""
    from safepublish.shell import makefile  # few use it

    path = joined_path(scope.directory, doing.path)
    names = [""] if path is None or not doing.path.endswith(("/", ".")) else MAKEFILES
    paths = [posixpath.normpath(posixpath.join(path, name)) for name in names] if path is not None else []
    text = next((text for path in paths if (text := reader.machine.job.files(path)) is not None), None)
    script = makefile.script(text, doing.arguments) if text is not None and doing.language != "just" else None
    if script is not None:
        reader.read_script(script, scope.deeper(posixpath.dirname(paths[0]) or ".", "sh"))
        return
    target = next((word for word in doing.arguments if may_publish(word)), None)
    if target is not None:
        add_hidden_script(reader.machine, f"the target {target} of {doing.language}", command, scope)


def may_start_publish(reader: Reader, text: str, scope: Scope) -> bool:
    """Whether a script without a publish of its own may start one, in something that cannot be read."""
    return any(_may_start_publish(reader, command, scope) for command in commands(text, scope))


def _may_start_publish(reader: Reader, read: ScriptCommand, scope: Scope) -> bool:
    command, doing = read.command, read.doing
    deeper = scope.deeper(None, "sh")
    says_publish = any("publish" in word for word in command.argv)
    if isinstance(doing, publish_commands.RunsScript):
        directory = joined_path(command.directory, doing.directory)
        manifest = reader.machine.manifest(directory) if not doing.workspaces else None
        scripts = manifest.get("scripts") if manifest is not None else None
        if not isinstance(scripts, dict) or scope.depth >= DEEPEST:
            return True
        texts = _existing(scripts, doing.names)
        return (not texts and says_publish) or any(may_start_publish(reader, text, deeper) for text in texts)
    if isinstance(doing, publish_commands.RunsFile):
        path = joined_path(command.directory, doing.path)
        file = reader.machine.job.files(path) if path is not None else None
        if file is None or scope.depth >= DEEPEST:
            return True
        return may_start_publish(reader, file, deeper) if doing.language == "shell" else "publish" in file
    if doing is not None:
        return False
    return 0 in command.opaque or (command.argv[0] not in _NO_PUBLISHERS and says_publish)


def _is_captured(command: interpreter.Command, name: str) -> bool:
    """Whether a script is run for its output: `release-channel.js` prints a channel, and publishes nothing."""
    return command.captured and "publish" not in name.lower()
