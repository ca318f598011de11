"""The command line and its environment variables, as what is asked for: which words are ours and which are npm's."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from safepublish.facts.run import Options
from safepublish.shell import own_options
from safepublish.shell.own_options import UsageError

HELP = """\
usage: safepublish [OPTIONS] [npm publish arguments]        check, then npm publish
       safepublish stage [OPTIONS] [npm publish arguments]  check, then npm stage publish
       safepublish check [OPTIONS] [npm publish arguments]  everything but running npm
       safepublish workflow [OPTIONS] [PATH ...]            what will happen at each publish step of workflow files
       safepublish explain [LOG | -]                        why did that publish fail? (no LOG: npm's newest debug log)
       safepublish explain CAUSE-ID                         the manual page of a cause
       safepublish rehearse [OPTIONS] [stage] [npm publish arguments]
                                                            the CI's publish, here, against an embedded registry
       safepublish help [COMMAND]

Arguments that are not listed here are passed to npm, unchanged and in order. Options may also be written before the
command. After -- nothing is an option of safepublish.

options of safepublish, stage and check; those marked * also of workflow, those marked + also of rehearse:
  --allow-token         a token may publish where OIDC cannot; without it that is a refusal
  --no-probe            do not ask the registry for an OIDC token beforehand
  --strict            * also refuse when a check is inconclusive
  --waive ID[=reason] *+  let this cause pass; repeatable; the reason is printed
  --format FORMAT     * text, github, json or sarif; default: github in GitHub Actions, else text; also of explain
  --deadline SECONDS  + time limit for all checks (15, and 0.1 more for each further package; 8 in rehearse)
  --with 'COMMAND'      publish with this instead of npm: pnpm publish -r, lerna publish from-package,
                        changeset publish, yarn npm publish; not with stage
  --already-published skip|refuse
                        whether a version that is out is left out or refused (skip where there are several packages)
  --help, --version     of every command
options of workflow:
  --diff                print the smallest edits that make broken steps trusted, as a patch
  --fix                 make them
  --migrate             with either: also move the steps that publish with a token

options of rehearse:
  --workflow FILE[:LINE], --job JOB     which publish step, where there are several
  --fixed                               then mend the workflow as `workflow --fix` does, in a copy, and play it again
  --publisher OWNER/REPO:FILE[:ENV]     the trusted publisher; default: that of the last published version, else this
                                        workflow
  --assume-published [VERSION]          ask no registry what is published; take VERSION (0.0.1) for it
  --no-secrets                          the repository's secrets are empty

Environment variables set options for the commands that have them: SAFEPUBLISH_ALLOW_TOKEN=1, SAFEPUBLISH_NO_PROBE=1,
SAFEPUBLISH_STRICT=1, SAFEPUBLISH_WAIVE="ID=reason, ID" (or one a line), SAFEPUBLISH_FORMAT, SAFEPUBLISH_DEADLINE,
SAFEPUBLISH_ALREADY_PUBLISHED.

exit status: npm's own once npm has run; else 0 fine, 1 a bug of ours, 2 wrong usage or unreadable input, 3 refused,
4 explain found no cause, 127 no npm.
"""

_FORMATS = ("text", "github", "json", "sarif")
_LOUDEST_DEADLINE = 600.0


class Asked(NamedTuple):
    """What the command line asks for."""

    command: str  # one of own_options.COMMANDS, or help, version
    options: Options
    words: tuple[str, ...] = ()  # for npm, without its command; or the command's own operands
    chosen: Mapping[str, str | None] = {}  # the options that are the command's alone, with their values


def parse(words: Sequence[str], env: Mapping[str, str], exists: Callable[[str], bool] = lambda _: False) -> Asked:
    """What *words* and the variables of *env* ask for; *exists* says whether a path is there.

    Raises `UsageError`. Ours are read only before the first ``--``.
    """
    reading = own_options.read(words, exists)
    if reading.command in {"help", "version"}:  # whatever the variables hold
        return Asked(reading.command, Options(), reading.words)
    options, form = _from_environment(env, reading.command)
    chosen: dict[str, str | None] = {}
    for option, value in reading.options:
        if option.name not in _SETTERS:
            chosen[option.name] = value
            continue
        try:
            options = _SETTERS[option.name](options, value or "")
        except _InvalidError as error:
            raise UsageError(error.of_option(option.name, value or "")) from None
        form = f"--format {options.format}" if option.name == "--format" else form
    asked = Asked(reading.command, options, reading.words, chosen)
    _check_together(asked, form)
    return asked


class _InvalidError(Exception):
    """A value that an option or a variable does not take: what is allowed, and what is wrong with the value."""

    def __init__(self, allowed: str, problem: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.problem = allowed, problem

    def of_option(self, name: str, value: str) -> str:
        """The text for an option."""
        return f"{name} {self.problem or f'is {own_options.shown(value)}'}; {self.allowed}"

    def of_variable(self, name: str) -> str:
        """The text for a variable, without its value: it may be a secret that was put into the wrong variable."""
        return f"the environment variable {name} is not valid; {self.allowed}"


def _check_together(asked: Asked, form: str) -> None:
    """Refuse options that do not go with each other; *form* says where the format comes from."""
    document = asked.options.format in {"json", "sarif"}
    if asked.command in {"publish", "stage"} and document:
        raise UsageError(f"{form} goes with safepublish check: the stdout of a publish is npm's")
    if asked.command == "workflow":
        if "--migrate" in asked.chosen and not {"--diff", "--fix"} & set(asked.chosen):
            raise UsageError("--migrate goes with --diff, to see it, or --fix, to do it")
        if "--diff" in asked.chosen and document:
            raise UsageError(f"--diff prints a patch, and {form} a document: one of them")
    if asked.options.publish_with is not None and asked.words:
        # Only the name of an option: anything else may be a secret, as the value of --otp.
        names = [word.partition("=")[0] for word in asked.words if word.startswith("-")]
        left = own_options.shown(names[0]) if names else "another argument"
        raise UsageError(f"--with takes the whole command that publishes, and {left} is left over")


def _from_environment(env: Mapping[str, str], command: str) -> tuple[Options, str]:
    """The options that the variables of *command* set, and where its format comes from."""
    options = Options(format="github" if env.get("GITHUB_ACTIONS") == "true" else "text")
    form = ""
    for option in own_options.OPTIONS:
        variable = option.variable
        if variable is None or command not in option.commands or not env.get(variable, "").strip():
            continue
        try:
            if option.name == "--waive":
                options = options._replace(waive=_waivers(env[variable]))
            elif option.value is not None:
                options = _SETTERS[option.name](options, env[variable])
            elif _switch(env[variable]):
                options = _SETTERS[option.name](options, "")
        except _InvalidError as error:
            raise UsageError(error.of_variable(variable)) from None
        form = f"the format of {variable}" if option.name == "--format" else form
    return options, form


def _switch(value: str) -> bool:
    value = value.strip().lower()
    if value in {"0", "false", "no", "off"}:
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    raise _InvalidError("it takes 1 or 0")


def _format(value: str) -> str:
    if value not in _FORMATS:
        raise _InvalidError(f"it takes {', '.join(_FORMATS)}")
    return value


def _already_published(value: str) -> str:
    if value not in {"skip", "refuse"}:
        raise _InvalidError("it takes skip or refuse")
    return value


def _command(value: str) -> str:
    import shlex  # only where something else publishes

    allowed = "it takes a command, as 'pnpm publish -r'"
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise _InvalidError(allowed, f"cannot be split into words: {error}") from error
    if not words:
        raise _InvalidError(allowed, "names no command")
    return value


def _deadline(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _LOUDEST_DEADLINE:  # also false for nan
        raise _InvalidError(f"it takes seconds, more than 0 and at most {_LOUDEST_DEADLINE:.0f}")
    return seconds


def _waive(value: str) -> dict[str, str]:
    cause, _, reason = value.partition("=")
    known = _causes()
    if cause not in known:
        import difflib  # only on the way to an error

        near = difflib.get_close_matches(cause, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the causes are {', '.join(known)}"
        raise _InvalidError(hint, f"names {own_options.shown(cause)}, which is no cause")
    return {cause: reason}


def _waivers(value: str) -> dict[str, str]:
    """The causes of a variable, one a line or separated by commas; a comma within a reason is a comma."""
    waived: dict[str, str] = {}
    for item in _items(value):
        waived.update(_waive(item))
    return waived


def _items(value: str) -> Iterator[str]:
    known = _causes()
    for line in value.splitlines():
        item = ""
        for part in line.split(","):
            name = part.partition("=")[0].strip()
            starts = name in known or ("=" in part and re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", name))
            if item and "=" in item and not starts:
                item += f",{part}"
                continue
            if item.strip():
                yield item.strip()
            item = part
        if item.strip():
            yield item.strip()


def _causes() -> list[str]:
    from safepublish.causes import BY_ID  # only where something is waived

    return list(BY_ID)


_SETTERS: Mapping[str, Callable[[Options, str], Options]] = {
    "--allow-token": lambda options, _: options._replace(allow_token=True),
    "--no-probe": lambda options, _: options._replace(probe=False),
    "--strict": lambda options, _: options._replace(strict=True),
    "--waive": lambda options, value: options._replace(waive={**options.waive, **_waive(value)}),
    "--format": lambda options, value: options._replace(format=_format(value)),
    "--deadline": lambda options, value: options._replace(deadline=_deadline(value), deadline_grows=False),
    "--with": lambda options, value: options._replace(publish_with=_command(value)),
    "--already-published": lambda options, value: options._replace(already_published=_already_published(value)),
}
"""The options of which `Options` tells; the others are one command's own."""
