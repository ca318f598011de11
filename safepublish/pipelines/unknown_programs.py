"""A program of which only the name is known, in a step whose own words say that it publishes to npm."""

import re
from collections.abc import Iterable

from safepublish.facts.kinds import CredentialKind
from safepublish.pipelines.document import Map
from safepublish.pipelines.machine import Machine
from safepublish.pipelines.publish_names import OTHER_WORDS, name_words, says_npm
from safepublish.pipelines.publish_script import ScriptCommand, commands
from safepublish.pipelines.publish_steps import add_hidden_script
from safepublish.pipelines.scope import Scope
from safepublish.shell import interpreter, publish_commands
from safepublish.shell.options import names
from safepublish.shell.wrappers import program

_HARMLESS = names(
    "echo printf cd ls cat cp mv rm mkdir rmdir touch ln sed awk grep egrep jq yq git gh export set unset "
    "test [ [[ exit return source . true false : sleep date find head tail tr sort uniq wc cut tee env "
    "read local declare pwd which command type hash node npm pnpm pn yarn yarnpkg bun corepack nvm fnm "
    "volta mise asdf n curl wget tar zip unzip gzip chmod chown pip pip3 apt-get apt brew choco diff cmp "
    "basename dirname xargs shift trap wait eval pushd popd if then else fi for do done while case esac "
    "cosign gpg aws gcloud az glab docker podman readlink realpath mktemp seq expr whoami id uname let "
    "du df stat file tree strip lipo codesign patch rsync scp openssl sha256sum sha512sum shasum md5sum base64 "
    "paste comm split join fold rev tac nl od xxd bc timeout sync lsb_release uname hostname ps kill "
    "getopts tsc eslint jest vitest write-host write-output set-content get-content "
)
"""Programs that publish nothing to npm by themselves, or whose publishing commands are known."""

_SAYS_PUBLISH = re.compile(r"publish|release|deploy|ship|upload", re.IGNORECASE)
_PUBLISHING = frozenset({"publish", "release", "deploy", "ship", "upload"})


def read_unknown_programs(machine: Machine, text: str, scope: Scope) -> None:
    """Add the first program of the script *text* that may publish, where the step's words say that one does."""
    named = says_npm(scope.outer.text("name") or "")
    if not named and _SAYS_PUBLISH.search(text) is None:
        return
    about_npm = named or says_npm(machine.job.base.place.job) or _gets_npm_token(machine, scope)
    for read in commands(text, scope):
        if _may_publish(machine, read, scope, named=named, about_npm=about_npm):
            command = read.command
            inner = scope._replace(directory=command.directory)
            what = "a command that is not in these files" if 0 in command.opaque else _shown(command)
            add_hidden_script(machine, what, command, inner)
            return


def may_hide_publish(step: Map) -> bool:
    """Whether the words of a *step*, of GitHub's, say that it publishes to npm, whatever it runs."""
    if says_npm(step.text("name") or ""):
        return True
    env = step.map("env")
    if any(re.search(r"NPM\w*TOKEN|NODE_AUTH_TOKEN", f"{name} {env.text(name)}", re.IGNORECASE) for name in env):
        return True
    return _COMMAND_OF_EXPRESSION.search(step.text("run") or "") is not None


_COMMAND_OF_EXPRESSION = re.compile(r"(?:^|[;&|]|\b(?:exec|npx|run|eval|dlx))[ \t]*[\"']?\$\{\{", re.MULTILINE)


def _may_publish(machine: Machine, read: ScriptCommand, scope: Scope, *, named: bool, about_npm: bool) -> bool:
    command, doing = read.command, read.doing
    if command.captured or isinstance(doing, publish_commands.Publish | publish_commands.Upgrade):
        return False
    if isinstance(doing, publish_commands.RunsFile) and doing.text is not None:
        return False  # a program inside the script: its text shows what it starts
    if isinstance(doing, publish_commands.RunsScript) and machine.manifest(scope.directory) is not None:
        return False
    if isinstance(doing, publish_commands.RunsFile) and machine.job.files(doing.path.removeprefix("./")) is not None:
        return False
    if 0 in command.opaque:
        return named and "${{" in command.argv[0]
    name = program(command.argv[0])
    if doing is None and (name.lower() in _HARMLESS or name in machine.job.scripts):
        return False
    words = name_words(_words(command))
    if command.argv[:2] == ("cargo", "publish"):
        return False
    targets = (word for word in _words(command) if not word.startswith("-") and word != command.argv[0])
    elsewhere = name_words(targets) & OTHER_WORDS - {"upload"}
    says_publish = bool(words & _PUBLISHING) and not elsewhere - {"build", "make"}
    if named:
        return says_publish or not elsewhere
    return says_publish and (about_npm or bool(words & {"npm", "npmjs"}))


def _words(command: interpreter.Command) -> Iterable[str]:
    known = (word for index, word in enumerate(command.argv) if index not in command.opaque and len(word) < 200)
    return (word for word in known if not word.startswith("--no-") and not word.endswith("=false"))


def _shown(command: interpreter.Command) -> str:
    return f"the command {' '.join(command.argv[:4])}"


def _gets_npm_token(machine: Machine, scope: Scope) -> bool:
    """Whether the step gets an npm token: in its own environment, or in npm's configuration."""
    registry = machine.registry(scope, scope.directory)
    if registry is None:
        return False
    own = {name: var for name, var in scope.env.items() if var.source == "step env"}
    tokens = machine.configuration.tokens("hidden", own, registry, hidden=True)
    return any(token.kind is CredentialKind.SET for token in tokens)
