"""The action, once a Python is found: what the guard imports is installed, and the guard runs in this process.

Runs with `-I -S`: nothing of the caller's Python but its standard library is seen, nor its PYTHON* variables.
The guard itself comes from the action's own checkout, so that the action's ref is its version.
"""

import hashlib
import os
import shlex
import site
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = os.path.join(HERE, "requirements.txt")
USAGE = 2

INPUTS = (
    "ARGS", "COMMAND", "PUBLISH_WITH", "WORKING_DIRECTORY", "ALLOW_TOKEN", "STRICT", "PROBE", "WAIVE",
    "ALREADY_PUBLISHED", "HOLD", "WAIT", "FORMAT", "DEADLINE", "PYTHON",
)  # fmt: skip
"""The action's inputs, as action.yml hands them over after `INPUT_`."""

COMMANDS = ("publish", "stage", "check", "workflow")
VALUES = ("WAIVE", "ALREADY_PUBLISHED", "HOLD", "WAIT", "FORMAT", "DEADLINE")
FLAGS = ("ALLOW_TOKEN", "STRICT")

PIP_SOURCES = (
    "CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS", "INDEX_URL",
    "KEYRING_PROVIDER", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST",
)  # fmt: skip
"""Of pip's variables, those that say where packages come from; the others may change what is done with them."""


class StartError(Exception):
    """The guard cannot be started; the text says why, and what to do."""


def main() -> int:
    """Install, and run the guard; returns its exit status."""
    inputs = {name: os.environ.pop(f"INPUT_{name}", "").strip() for name in INPUTS}
    try:
        words = command_line(inputs)
        os.environ |= options(inputs)
        site.addsitedir(environment())
        enter(inputs["WORKING_DIRECTORY"])
    except StartError as error:
        told = str(error).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::error title=safepublish%3A not started::{told}", flush=True)
        return USAGE
    sys.path.append(os.path.dirname(HERE))
    from safepublish import cli

    return cli.main(words)


def command_line(inputs: dict[str, str]) -> list[str]:
    """The guard's arguments: its command, always, and those of `args` as a POSIX shell splits them.

    With the command in front, no word of `args` is one. What `args` holds may be a token: no error shows it.
    """
    command = inputs["COMMAND"] or "publish"
    if command not in COMMANDS:
        raise StartError(f"The input command is {command!r}; it takes {', '.join(COMMANDS)}.")
    try:
        words = shlex.split(inputs["ARGS"])
    except ValueError:  # its own text is not shown with the arguments
        raise StartError("The input args has a quote that is not closed, or ends with a backslash.") from None
    check_words(words)
    tool = [f"--with={inputs['PUBLISH_WITH']}"] if inputs["PUBLISH_WITH"] else []
    return [command, *tool, *words]


def check_words(words: list[str]) -> None:
    """Refuse in `args` what would run another program than npm, or publish nothing and be green."""
    for word in words:
        if word.startswith("--") and not word.strip("-"):
            return
        name = word.partition("=")[0]
        if name == "--with":
            raise StartError("The input args takes no --with, as it is never evaluated; use the input publish-with.")
        if name in {"--help", "-h", "--version"}:
            raise StartError(f"The input args takes no {name}: nothing would be published.")


def options(inputs: dict[str, str]) -> dict[str, str]:
    """The guard's own variables for the inputs that were given; the others stay as the job has them."""
    chosen = {f"SAFEPUBLISH_{name}": inputs[name] for name in VALUES if inputs[name]}
    chosen |= {f"SAFEPUBLISH_{name}": str(int(flag(inputs, name))) for name in FLAGS if inputs[name]}
    if inputs["PROBE"]:
        chosen["SAFEPUBLISH_NO_PROBE"] = str(int(not flag(inputs, "PROBE")))
    return chosen


def flag(inputs: dict[str, str], name: str) -> bool:
    """An input that is true or false."""
    value = inputs[name].lower()
    if value not in {"true", "false"}:
        raise StartError(f"The input {name.lower().replace('_', '-')} is {inputs[name]!r}; it takes true or false.")
    return value == "true"


def enter(directory: str) -> None:
    """Go to the working directory."""
    try:
        os.chdir(directory or ".")
    except OSError as error:
        raise StartError(f"The input working-directory is {directory!r}: {error.strerror}.") from error


def environment() -> str:
    """The directory with what the guard imports, below RUNNER_TEMP; a second use of the action finds it there."""
    temporary = os.environ.get("RUNNER_TEMP")
    if not temporary:
        raise StartError("RUNNER_TEMP is not set: this runs in GitHub Actions; elsewhere it is pipx run safepublish.")
    with open(REQUIREMENTS, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:12]
    directory = os.path.join(temporary, f"safepublish-{sys.implementation.cache_tag}-{digest}")
    if not os.path.isdir(directory):
        install(directory, temporary)
    return directory


def install(directory: str, temporary: str) -> None:
    """Install requirements.txt into *directory*: wheels only, each with a hash that stands in the action's checkout."""
    import subprocess  # not on a second use
    import tempfile  # not on a second use

    with tempfile.TemporaryDirectory(prefix="safepublish-", dir=temporary) as private:
        target = os.path.join(private, "packages")
        command = [
            sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
            "--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile", "--no-user",
            f"--target={target}", f"--requirement={REQUIREMENTS}",
        ]  # fmt: skip
        ended = subprocess.run(
            command,
            env=without_identity(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if ended.returncode:
            said = ended.stdout.decode(errors="replace").strip()
            raise StartError(f"pip could not install action/requirements.txt with {sys.executable}:\n{said}")
        try:
            os.rename(target, directory)
        except OSError:
            if not os.path.isdir(directory):  # another step was first
                raise


def without_identity() -> dict[str, str]:
    """The variables for pip: none of the job's identity and tokens, and of pip's own only where packages come from."""
    kept = {f"PIP_{name}" for name in PIP_SOURCES}
    hidden = ("ACTIONS_", "NPM_", "npm_", "NODE_AUTH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "SIGSTORE_")
    return {name: value for name, value in os.environ.items() if name in kept or not name.startswith(("PIP_", *hidden))}


if __name__ == "__main__":
    sys.exit(main())
