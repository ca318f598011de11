"""The legs of a step that differ for a rehearsal: the jobs of its matrix, and the commands of its script."""

from collections.abc import Sequence
from typing import NamedTuple

from safepublish.facts.step import Step, Upgrade
from safepublish.rehearsal.plan import CannotSimulateError, LocalRepository, Plan, make_plan

MOST_SIMULATED = 6
"""Legs that are simulated, at most: each takes seconds."""


class Leg(NamedTuple):
    """A leg of a step, which stands for all that are simulated alike."""

    step: Step
    name: str  # "node 22, os ubuntu-latest", perhaps with its command
    problem: str | None = None  # why it cannot be simulated


class _Group(NamedTuple):
    """Legs that are simulated alike."""

    steps: list[Step]
    plan: Plan | None
    problem: str | None
    failing: str | None  # the upgrade at which the job ends


def distinct(steps: Sequence[Step], local: LocalRepository) -> tuple[Leg, ...]:
    """Those of *steps* that differ in what is simulated, each with a name among them."""
    groups: list[_Group] = []
    for step in steps:
        failing = failing_upgrade(step)
        try:
            plan, problem = make_plan(step, local)._replace(step=steps[0], assumptions=(), npm_reason=""), None
        except CannotSimulateError as error:
            plan, problem = None, str(error)
        command = failing.command if failing else None
        same = next((one for one in groups if (one.plan, one.problem, one.failing) == (plan, problem, command)), None)
        if same is None:
            groups.append(_Group([step], plan, problem, command))
        else:
            same.steps.append(step)
    several = len({group.steps[0].invocation.command for group in groups}) > 1
    return tuple(Leg(group.steps[0], _name(group, several=several), group.problem) for group in groups)


def failing_upgrade(step: Step) -> Upgrade | None:
    """The upgrade of npm before *step* that fails and ends its job."""
    upgrades = step.toolchain.upgrades
    return next((upgrade for upgrade in upgrades if upgrade.works is False and not upgrade.swallowed), None)


def _name(group: _Group, *, several: bool) -> str:
    step = group.steps[0]
    parts = [f"{name} {value}" for name, value in step.context.leg.items()]
    parts += [step.invocation.command] if several or not parts else []
    more = len(group.steps) - 1
    return ", ".join(parts) + (f" and {more} like it" if more else "")
