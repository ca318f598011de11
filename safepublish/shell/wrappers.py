"""Programs that start the command which their arguments hold: `sudo npm publish`, `env A=b …`, `bash -c '…'`, xargs."""

import re
from typing import NamedTuple


class Started(NamedTuple):
    """What a program starts: a command, or the text of a script."""

    words: tuple[int, ...] = ()  # the places of the command's words among those of the program
    script: int | None = None  # the place of the word that is a script
    assigned: tuple[tuple[str, str | None], ...] = ()  # the variables that the program sets; None: the caller's value
    directory: str | None = None  # where it changes to
    elsewhere: bool = False  # it has an npm of its own: in a container, on another host
    loop: bool = False
    placeholder: str | None = None  # what it replaces in each word
    input: bool = False  # it puts words from its input behind


class _Options(NamedTuple):
    """How a program's own options are passed over."""

    valued: frozenset[str] = frozenset()  # those that take the next word
    skip: int = 0  # words between the options and the command
    command: str = ""  # the program's own command before it, as in `op run`
    elsewhere: bool = False
    variables: tuple[str, ...] = ()  # the options that set NAME=value
    directory: tuple[str, ...] = ()


def _options(
    valued: str = "",
    skip: int = 0,
    command: str = "",
    variables: str = "",
    directory: str = "",
    *,
    elsewhere: bool = False,
) -> _Options:
    return _Options(
        frozenset(f"{valued} {variables} {directory}".split()),
        skip,
        command,
        elsewhere,
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
    elsewhere=True,
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
    "ssh": (_options("-i -p -o -l -F -J -L -R -b -c -D -E -e -I -m -O -Q -S -W -w", skip=1, elsewhere=True),),
    "kubectl": (_options("-n --namespace -c --container --context", skip=1, command="exec", elsewhere=True),),
    "chroot": (_options(skip=1, elsewhere=True),),
}
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_XARGS_VALUED = frozenset(
    {"-n", "-L", "-P", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--max-lines"}
)
_REPETITIONS = re.compile(r"\d+[smh]?")


def program(word: str) -> str:
    """The name of the program that *word* starts: without its directory, and without Windows' ending."""
    name = re.split(r"[/\\]", word)[-1]
    for ending in (".exe", ".cmd", ".ps1", ".bat"):
        name = name.removesuffix(ending)
    return name


def started(words: tuple[str, ...]) -> tuple[Started, ...]:
    """The commands that *words* starts, when the first names a program whose purpose that is; else nothing."""
    name = program(words[0])
    if name in _SHELLS:
        return _shell(words)
    if name == "xargs":
        return _xargs(words)
    if name == "find":
        return _find(words)
    if name == "parallel":
        return _parallel(words)
    if name in {"nix", "nix-shell", "devbox", "flox"}:
        return _nix(words, name)
    if name in {"docker", "podman"} and words[1:2] == ("compose",):
        return tuple(one._replace(words=tuple(at + 1 for at in one.words)) for one in started(words[1:]))
    if name == "compose":
        return _first(words, (_DOCKER._replace(command="run"), _DOCKER._replace(command="exec")))
    if name == "eval":
        return (Started(script=1),) if len(words) > 1 else ()
    if name == "command" and words[1:2] in {("-v",), ("-V",)}:
        return ()
    return _first(words, _PROGRAMS.get(name, ()))


def _first(words: tuple[str, ...], ways: tuple[_Options, ...]) -> tuple[Started, ...]:
    for options in ways:
        found = _behind(words, options)
        if found is not None:
            return (found,)
    return ()


def _behind(words: tuple[str, ...], options: _Options) -> Started | None:
    """The command behind the program's own options."""
    at, skip, wanted = 1, options.skip, options.command
    found = Started(elsewhere=options.elsewhere)
    while at < len(words):
        word = words[at]
        if word == "--" and not wanted:
            at += 1
            break
        if word.startswith("-") and len(word) > 1:
            key, given, taken = _option(words, at, options)
            found = _noted(found, key, given, options)
            at += taken
            continue
        assignment = _ASSIGNMENT.fullmatch(word)
        if wanted:
            if word != wanted:
                return None
            wanted = ""
        elif assignment and not options.elsewhere:
            found = found._replace(assigned=(*found.assigned, (assignment.group(1), assignment.group(2))))
        elif skip:
            skip -= 1
        elif not _REPETITIONS.fullmatch(word):  # as in `retry 3 npm publish`
            break
        at += 1
    return None if at >= len(words) or wanted else found._replace(words=tuple(range(at, len(words))))


def _noted(found: Started, key: str, given: str, options: _Options) -> Started:
    """*found*, with what the program's option *key* says."""
    if key in options.variables:
        name, known, text = given.partition("=")
        return found._replace(assigned=(*found.assigned, (name, text if known else None)))
    return found._replace(directory=given) if key in options.directory else found


def _option(words: tuple[str, ...], at: int, options: _Options) -> tuple[str, str, int]:
    """An option's name, its value, and how many words both take."""
    key, equals, value = words[at].partition("=")
    if key not in options.valued or equals:
        return key, value, 1
    return key, words[at + 1] if at + 1 < len(words) else "", 2


def _shell(words: tuple[str, ...]) -> tuple[Started, ...]:
    at = 1
    while at < len(words) and words[at][:1] in {"-", "+"}:
        option = words[at]
        if option.startswith("-") and not option.startswith("--") and "c" in option:
            return (Started(script=at + 1),) if at + 1 < len(words) else ()
        at += 2 if option[1:] in {"o", "O", "eo", "euo", "exo", "euxo", "-rcfile", "-init-file"} else 1
    return ()


def _xargs(words: tuple[str, ...]) -> tuple[Started, ...]:
    at, placeholder = 1, None
    while at < len(words) and words[at].startswith("-"):
        option = words[at]
        if option in {"-I", "--replace", "-i"} and at + 1 < len(words) and option == "-I":
            placeholder = words[at + 1]
            at += 1
        elif option.startswith("-I"):
            placeholder = option[2:]
        elif option in _XARGS_VALUED:
            at += 1
        at += 1
    found = Started(tuple(range(at, len(words))), loop=True, placeholder=placeholder, input=placeholder is None)
    return (found,) if found.words else ()


def _find(words: tuple[str, ...]) -> tuple[Started, ...]:
    found = []
    at = 1
    while at < len(words):
        if words[at] in {"-exec", "-execdir", "-ok"}:
            start = at + 1
            while at < len(words) and words[at] not in {";", "+"}:
                at += 1
            if at > start:
                found.append(Started(tuple(range(start, at)), loop=True, placeholder="{}"))
        at += 1
    return tuple(found)


def _parallel(words: tuple[str, ...]) -> tuple[Started, ...]:
    stops = [at for at, word in enumerate(words) if word in {":::", "::::"}]
    found = _behind(words[: stops[0]] if stops else words, _options("-j --jobs --retries --delay"))
    return () if found is None else (found._replace(loop=True, placeholder="{}", input=True),)


def _nix(words: tuple[str, ...], name: str) -> tuple[Started, ...]:
    """`nix develop -c npm publish`, `nix-shell --run 'npm publish'`, `devbox run npm publish`."""
    for at, word in enumerate(words[1:], 1):
        behind = tuple(range(at + 1, len(words)))
        if word in {"--run", "--command"} and name == "nix-shell" and behind:
            return (Started(script=at + 1, elsewhere=True),)
        if (word in {"-c", "--command"} or word == "--") and behind:
            return (Started(behind, elsewhere=True),)
    if name == "devbox" and words[1:2] == ("run",) and len(words) > 2:
        return (Started(tuple(range(2, len(words))), elsewhere=True),)
    return ()
