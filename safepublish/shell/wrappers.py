"""Programs that start the command in their arguments: `sudo npm publish`, `env A=b …`, `bash -c '…'`, xargs."""

import re
from functools import lru_cache
from typing import NamedTuple

from safepublish.shell.options import is_option, option_at


class Started(NamedTuple):
    """What a program starts: a command, or the text of a script."""

    argv: tuple[int, ...] = ()  # the places of the command's argv in the argv of the program
    script: int | None = None  # the place of the word that is a script
    assigned: tuple[tuple[str, str | None], ...] = ()  # the variables that the program sets; None: the caller's value
    directory: str | None = None  # where it changes to
    other_system: bool = False  # it has an npm of its own: in a container, on another host
    loop: bool = False
    placeholder: str | None = None  # what it replaces in each word
    input: bool = False  # it appends argv from its input


class _Options(NamedTuple):
    """The options of a program that come before the command which it starts."""

    valued: frozenset[str] = frozenset()  # those that take the next word
    skip: int = 0  # argv between the options and the command
    command: str = ""  # the program's own command before it, as in `op run`
    other_system: bool = False
    variables: tuple[str, ...] = ()  # the options that set NAME=value
    directory: tuple[str, ...] = ()


def _options(
    valued: str = "",
    skip: int = 0,
    command: str = "",
    variables: str = "",
    directory: str = "",
    *,
    other_system: bool = False,
) -> _Options:
    return _Options(
        frozenset(f"{valued} {variables} {directory}".split()),
        skip,
        command,
        other_system,
        tuple(variables.split()),
        tuple(directory.split()),
    )


_DOCKER = _options(
    "-v --volume --name -u --user -p --publish --network --net --entrypoint --env-file --mount --platform -l --label "
    "-h --hostname --add-host --cap-add --cpus -m --memory --pull --restart --shm-size --tmpfs --ulimit --volumes-from "
    "--gpus --device --security-opt --cidfile --dns --group-add --ipc --pid --userns --log-driver --log-opt -a",
    skip=1,
    variables="-e --env",
    directory="-w --workdir",
    other_system=True,
)

_PROGRAMS: dict[str, tuple[_Options, ...]] = {
    "env": (_options("-u --unset -S --split-string", directory="-C --chdir"),),
    "sudo": (_options("-u --user -g --group -h --host -p --prompt -C -D --chdir -r -t -T -U"),),
    "doas": (_options("-u -C"),),
    "time": (_options("-f --format -o --output"),),
    "gtime": (_options("-f --format -o --output"),),
    "nohup": (_options(),),
    "exec": (_options("-a"),),
    "command": (_options(),),
    "builtin": (_options(),),
    "nice": (_options("-n --adjustment"),),
    "ionice": (_options("-c -n --class --classdata"),),
    "stdbuf": (_options("-i -o -e --input --output --error"),),
    "setsid": (_options(),),
    "unbuffer": (_options(),),
    "chronic": (_options(),),
    "caffeinate": (_options("-t -w"),),
    "xvfb-run": (_options("-n -s --server-args --server-num -e -f -p -w"),),
    "timeout": (_options("-s --signal -k --kill-after", skip=1),),
    "gtimeout": (_options("-s --signal -k --kill-after", skip=1),),
    "retry": (
        _options("-t --times --tries -d --delay --max -m --min -s --sleep -n -c --attempts --backoff --timeout -r"),
    ),
    "dumb-init": (_options(),),
    "tini": (_options(),),
    "catchsegv": (_options(),),
    "cross-env": (_options(),),
    "dotenv": (_options("-e -f --file -c -p -v"),),
    "dotenvx": (_options("-f --env-file -e --env", command="run"),),
    "op": (_options("--env-file --account", command="run"),),
    "doppler": (_options("-p --project -c --config -t --token --scope", command="run"),),
    "infisical": (_options("--env --path --projectId --token --tag", command="run"),),
    "aws-vault": (_options("-d --duration", skip=1, command="exec"),),
    "chamber": (_options("-b", skip=1, command="exec"),),
    "sfw": (_options(),),
    "direnv": (_options(skip=1, command="exec"),),
    "sem": (_options("-j --id"),),
    "docker": (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")),
    "podman": (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")),
    "nerdctl": (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")),
    "docker-compose": (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")),
    "ssh": (_options("-i -p -o -l -F -J -L -R -b -c -D -E -e -I -m -O -Q -S -W -w", skip=1, other_system=True),),
    "kubectl": (_options("-n --namespace -c --container --context", skip=1, command="exec", other_system=True),),
    "chroot": (_options(skip=1, other_system=True),),
}
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_XARGS_VALUED = frozenset(
    {"-n", "-L", "-P", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--max-lines"}
)
_SHELL_VALUED = frozenset({"o", "O", "eo", "euo", "exo", "euxo", "-rcfile", "-init-file"})
_REPETITIONS = re.compile(r"\d+[smh]?")


@lru_cache(maxsize=1024)
def program(word: str) -> str:
    """The name of the program that *word* starts, without its directory and the ending that Windows gives it."""
    name = re.split(r"[/\\]", word)[-1]
    for ending in (".exe", ".cmd", ".ps1", ".bat"):
        name = name.removesuffix(ending)
    return name


def started(argv: tuple[str, ...]) -> tuple[Started, ...]:
    """The commands that *argv* starts, when the first names a program whose purpose that is; else nothing."""
    name = program(argv[0])
    if name in _SHELLS:
        return _shell(argv)
    if name == "xargs":
        return _xargs(argv)
    if name == "find":
        return _find(argv)
    if name == "parallel":
        return _parallel(argv)
    if name in {"nix", "nix-shell", "devbox", "flox"}:
        return _nix(argv, name)
    if name in {"docker", "podman"} and argv[1:2] == ("compose",):
        return tuple(found._replace(argv=tuple(at + 1 for at in found.argv)) for found in started(argv[1:]))
    if name == "compose":
        return _first(argv, (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")))
    if name == "eval":
        return (Started(script=1),) if len(argv) > 1 else ()
    if name == "command" and argv[1:2] in {("-v",), ("-V",)}:
        return ()
    return _first(argv, _PROGRAMS.get(name, ()))


def _first(argv: tuple[str, ...], ways: tuple[_Options, ...]) -> tuple[Started, ...]:
    for options in ways:
        found = _behind(argv, options)
        if found is not None:
            return (found,)
    return ()


def _behind(argv: tuple[str, ...], options: _Options) -> Started | None:
    """The command behind the program's own options."""
    at, skip, wanted = 1, options.skip, options.command
    assigned: list[tuple[str, str | None]] = []
    directory: str | None = None
    while at < len(argv):
        word = argv[at]
        if word == "--" and not wanted:
            at += 1
            break
        if is_option(word):
            key, value, at = option_at(argv, at, options.valued)
            assigned += _variables(key, value or "", options)
            directory = value or "" if key in options.directory else directory
            continue
        assignment = _ASSIGNMENT.fullmatch(word)
        if wanted:
            if word != wanted:
                return None
            wanted = ""
        elif assignment and not options.other_system:
            assigned.append((assignment.group(1), assignment.group(2)))
        elif skip:
            skip -= 1
        elif not _REPETITIONS.fullmatch(word):  # as in `retry 3 npm publish`
            break
        at += 1
    if at >= len(argv) or wanted:
        return None
    return Started(
        tuple(range(at, len(argv))), assigned=tuple(assigned), directory=directory, other_system=options.other_system
    )


def _variables(key: str, value: str, options: _Options) -> list[tuple[str, str | None]]:
    """The variables that the option *key* sets; one without a value has the caller's."""
    name, equals, text = value.partition("=")
    return [(name, text if equals else None)] if key in options.variables else []


def shell_options(argv: tuple[str, ...]) -> tuple[list[int], int]:
    """The places of a shell's own options in its argv, and the place behind them."""
    places = []
    at = 1
    while at < len(argv) and argv[at][:1] in {"-", "+"}:
        places.append(at)
        at += 2 if argv[at][1:] in _SHELL_VALUED else 1
    return places, at


def reads_script(argv: tuple[str, ...]) -> bool:
    """Whether a command runs the script that it gets on its input: `bash <<EOF`."""
    return program(argv[0]) in {"bash", "sh", "zsh", "dash"} and all(word.startswith("-") for word in argv[1:])


def _shell(argv: tuple[str, ...]) -> tuple[Started, ...]:
    for at in shell_options(argv)[0]:
        if argv[at].startswith("-") and not argv[at].startswith("--") and "c" in argv[at]:
            return (Started(script=at + 1),) if at + 1 < len(argv) else ()
    return ()


def _xargs(argv: tuple[str, ...]) -> tuple[Started, ...]:
    at, placeholder = 1, None
    while at < len(argv) and argv[at].startswith("-"):
        option = argv[at]
        if option in {"-I", "--replace", "-i"} and at + 1 < len(argv) and option == "-I":
            placeholder = argv[at + 1]
            at += 1
        elif option.startswith("-I"):
            placeholder = option[2:]
        elif option in _XARGS_VALUED:
            at += 1
        at += 1
    found = Started(tuple(range(at, len(argv))), loop=True, placeholder=placeholder, input=placeholder is None)
    return (found,) if found.argv else ()


def _find(argv: tuple[str, ...]) -> tuple[Started, ...]:
    found = []
    at = 1
    while at < len(argv):
        if argv[at] in {"-exec", "-execdir", "-ok"}:
            start = at + 1
            while at < len(argv) and argv[at] not in {";", "+"}:
                at += 1
            if at > start:
                found.append(Started(tuple(range(start, at)), loop=True, placeholder="{}"))
        at += 1
    return tuple(found)


def _parallel(argv: tuple[str, ...]) -> tuple[Started, ...]:
    stops = [at for at, word in enumerate(argv) if word in {":::", "::::"}]
    found = _behind(argv[: stops[0]] if stops else argv, _options("-j --jobs --retries --delay"))
    return () if found is None else (found._replace(loop=True, placeholder="{}", input=True),)


def _nix(argv: tuple[str, ...], name: str) -> tuple[Started, ...]:
    """`nix develop -c npm publish`, `nix-shell --run 'npm publish'`, `devbox run npm publish`."""
    for at, word in enumerate(argv[1:-1], 1):
        if word in {"--run", "--command"} and name == "nix-shell":
            return (Started(script=at + 1, other_system=True),)
        if word in {"-c", "--command", "--"}:
            return (Started(tuple(range(at + 1, len(argv))), other_system=True),)
    if name == "devbox" and argv[1:2] == ("run",) and len(argv) > 2:
        return (Started(tuple(range(2, len(argv))), other_system=True),)
    return ()
