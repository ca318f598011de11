"""The command line and its environment variables, as what is asked for: which words are ours and which are npm's."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish.facts.run import Options

HELP = """\
usage: safepublish [OPTIONS] [npm publish arguments]        check, then npm publish
       safepublish stage [OPTIONS] [npm publish arguments]  check, then npm stage publish
       safepublish check [OPTIONS] [npm publish arguments]  everything but running npm
       safepublish workflow [OPTIONS] [PATH ...]            what will happen at each publish step of workflow files
       safepublish explain [LOG | -]                        why did that publish fail? (no LOG: npm's newest debug log)
       safepublish explain CAUSE-ID                         the manual page of a cause
       safepublish rehearse [OPTIONS] [stage] [npm publish arguments]
                                                            the CI's publish, here, against an embedded registry

Every word that is not listed here goes to npm, untouched and in order.

options (before the first --):
  --allow-token         a token may publish where OIDC cannot; without it that is a refusal
  --no-probe            do not ask the registry for an OIDC token beforehand
  --strict              what cannot be told refuses too
  --waive ID[=reason]   let this cause pass; repeatable; the reason is printed
  --format FORMAT       text, github, json or sarif; default: github in GitHub Actions, else text
  --deadline SECONDS    all looking around together takes no longer (15, and 0.1 more for each further package)
  --with 'COMMAND'      publish with this instead of npm: pnpm publish -r, lerna publish from-package,
                        changeset publish, yarn npm publish
  --already-published skip|refuse
                        whether a version that is out is left out or refused (skip where there are several packages)
  --help, --version
of workflow:
  --diff                print the smallest edits that make broken steps trusted, as a patch
  --fix                 make them
  --migrate             with either: also move the steps that publish with a token

Each of the first has an environment variable: SAFEPUBLISH_ALLOW_TOKEN=1, SAFEPUBLISH_NO_PROBE=1, SAFEPUBLISH_STRICT=1,
SAFEPUBLISH_WAIVE="ID=reason, ID", SAFEPUBLISH_FORMAT, SAFEPUBLISH_DEADLINE, SAFEPUBLISH_ALREADY_PUBLISHED.

options of rehearse:
  --workflow FILE[:LINE], --job JOB     which publish step, where there are several
  --fixed                               then mend the workflow as `workflow --fix` does, in a copy, and play it again
  --publisher OWNER/REPO:FILE[:ENV]     the trusted publisher; default: that of the last published version, else this
                                        workflow
  --assume-published [VERSION]          ask no registry what is published; take VERSION (0.0.1) for it
  --no-secrets                          the repository's secrets are empty

exit status: npm's own once npm has run; else 0 fine, 1 a bug of ours, 2 wrong usage or unreadable input, 3 refused,
4 explain found no cause, 127 no npm.
"""

_COMMANDS = ("stage", "check", "workflow", "explain", "rehearse")
_INSTEAD = {"--help": "help", "-h": "help", "--version": "version"}
_FLAGS = {"--allow-token": {"allow_token": True}, "--no-probe": {"probe": False}, "--strict": {"strict": True}}
_VALUED = ("--waive", "--format", "--deadline", "--already-published", "--with")
_FORMATS = ("text", "github", "json", "sarif")
_LOUDEST_DEADLINE = 600.0


class UsageError(Exception):
    """The words or variables given to safepublish cannot be followed; the text says which and what is allowed."""


class Asked(NamedTuple):
    """What the command line asks for."""

    command: str  # publish, stage, check, explain, help, version
    options: Options
    words: tuple[str, ...]  # for npm, without its command


def parse(words: Sequence[str], env: Mapping[str, str]) -> Asked:
    """Tell our own words from npm's. Ours are read only before the first ``--``."""
    rest = list(words)
    command = rest.pop(0) if rest and rest[0] in _COMMANDS else "publish"
    options = _from_environment(env)
    if command == "rehearse":
        before = rest[: rest.index("--")] if "--" in rest else rest
        instead = next((_INSTEAD[word] for word in before if word in _INSTEAD), command)
        return Asked(instead, options, tuple(rest))
    for_npm: list[str] = []
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            for_npm += [word, *rest]
            break
        if word in _INSTEAD:
            return Asked(_INSTEAD[word], options, ())
        if word in _FLAGS:
            options = options._replace(**_FLAGS[word])  # type: ignore[arg-type]  # the names are those of Options
        elif name in _VALUED:
            if not equals:
                if not rest:
                    raise UsageError(f"{name} needs a value")
                value = rest.pop(0)
            options = _with_value(options, name, value)
        else:
            for_npm.append(word)
    _hold_together(command, options, for_npm)
    return Asked(command, options, tuple(for_npm))


def _hold_together(command: str, options: Options, for_npm: Sequence[str]) -> None:
    """Refuse options that do not go with the command."""
    if command in {"publish", "stage"} and options.format in {"json", "sarif"}:
        raise UsageError(f"--format {options.format} goes with safepublish check: the stdout of a publish is npm's")
    if options.publish_with is None or command not in {"publish", "stage", "check"}:
        return
    if for_npm or command == "stage":
        # Only the names of options: anything else may be a secret, as the value of --otp.
        named = [word.partition("=")[0][:60] for word in for_npm if word.startswith("-")]
        given = repr("stage" if command == "stage" else named[0]) if command == "stage" or named else "another word"
        raise UsageError(f"--with takes the whole command that publishes, and {given} is left over")


def _with_value(options: Options, name: str, value: str) -> Options:
    if name == "--waive":
        return options._replace(waive={**options.waive, **_waive(value, name)})
    if name == "--format":
        return options._replace(format=_format(value, name))
    if name == "--with":
        return options._replace(publish_with=_command(value, name))
    if name == "--already-published":
        return options._replace(already_published=_already_published(value, name))
    return options._replace(deadline=_deadline(value, name), deadline_grows=False)


def _from_environment(env: Mapping[str, str]) -> Options:
    given, already = env.get("SAFEPUBLISH_FORMAT"), env.get("SAFEPUBLISH_ALREADY_PUBLISHED")
    waived: dict[str, str] = {}
    for item in env.get("SAFEPUBLISH_WAIVE", "").replace("\n", ",").split(","):
        if item.strip():
            waived.update(_waive(item.strip(), "SAFEPUBLISH_WAIVE"))
    return Options(
        allow_token=_flag(env, "SAFEPUBLISH_ALLOW_TOKEN"),
        probe=not _flag(env, "SAFEPUBLISH_NO_PROBE"),
        strict=_flag(env, "SAFEPUBLISH_STRICT"),
        waive=waived,
        format=_format(given, "SAFEPUBLISH_FORMAT") if given else _default_format(env),
        deadline=_deadline(env.get("SAFEPUBLISH_DEADLINE") or "15", "SAFEPUBLISH_DEADLINE"),
        deadline_grows=not env.get("SAFEPUBLISH_DEADLINE"),
        already_published=_already_published(already, "SAFEPUBLISH_ALREADY_PUBLISHED") if already else None,
    )


def _default_format(env: Mapping[str, str]) -> str:
    return "github" if env.get("GITHUB_ACTIONS") == "true" else "text"


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in {"", "0", "false", "no", "off"}:
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    raise _refused(name, value, "1 or 0")


def _refused(name: str, value: str, allowed: str) -> UsageError:
    """The error for a value that is not allowed; that of a variable is never shown, as it may be a secret."""
    if not name.startswith("--"):
        return UsageError(f"the value of {name} is not allowed; it takes {allowed}")
    from safepublish.facts.secret import word  # only on the way to an error

    return UsageError(f"{name} is {word(value)[:40]!r}; it takes {allowed}")


def _format(value: str, name: str) -> str:
    if value not in _FORMATS:
        raise _refused(name, value, ", ".join(_FORMATS))
    return value


def _already_published(value: str, name: str) -> str:
    if value not in {"skip", "refuse"}:
        raise _refused(name, value, "skip or refuse")
    return value


def _command(value: str, name: str) -> str:
    import shlex  # only where something else publishes

    try:
        words = shlex.split(value)
    except ValueError as error:
        raise UsageError(f"{name} cannot be split into words: {error}") from error
    if not words:
        raise UsageError(f"{name} names no command")
    return value


def _deadline(value: str, name: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _LOUDEST_DEADLINE:  # also false for nan
        raise _refused(name, value, f"seconds, more than 0 and at most {_LOUDEST_DEADLINE:.0f}")
    return seconds


def _waive(value: str, name: str) -> dict[str, str]:
    from safepublish.causes import CAUSES  # only where something is waived

    cause, _, reason = value.partition("=")
    known = [module.ID for module in CAUSES]
    if cause not in known:
        import difflib  # only on the way to an error

        near = difflib.get_close_matches(cause, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; the causes are {', '.join(known)}"
        from safepublish.facts.secret import word

        named = repr(word(cause)[:60]) if name.startswith("--") else "something"
        raise UsageError(f"{name} names {named}, which is no cause{hint}")
    return {cause: reason}
