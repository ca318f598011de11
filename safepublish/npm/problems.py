"""What is wrong with npm's words and settings, of the run and of the package under judgement."""

from safepublish.facts.run import Problem, Run

AUTH = frozenset({"invalid-auth", "misspelt-key"})
"""The kinds that are about the keys of credentials."""


def stopping(run: Run) -> tuple[Problem, ...]:
    """The problems at which npm stops."""
    return tuple(one for one in problems(run) if one.stops_npm)


def problems(run: Run) -> tuple[Problem, ...]:
    """All problems; those of the package's own registry and credentials stand last."""
    return (*run.problems, *run.package.problems)
