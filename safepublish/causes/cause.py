"""The base class of the causes: what a cause says about itself, each with the default of most causes."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from safepublish.facts.finding import SKIPPED, Judgement
from safepublish.facts.run import Run
from safepublish.logs.log import Log

if TYPE_CHECKING:
    from safepublish.facts.step import Step
    from safepublish.pipelines.fix.edits import Fix
    from safepublish.pipelines.fix.sheet import Sheet


NO_CLAIM = "-"
"""What stands for a claim that is not known or not there."""


class Screen(NamedTuple):
    """Text that people see when a publish fails from a cause, as npm, the registry or another tool writes it."""

    text: str  # with the code before it: `E403: …`; empty where nothing is seen, because a token published
    rank: int = 1  # among the causes with the same text; 1 is the likeliest, ties fall in the catalogue's order
    hidden: bool = False  # npm writes it to its debug log only


class Cause:
    """One reason why trusted publishing cannot work, or will not for long.

    A subclass's docstring is its manual page, so Python must not run with -OO where pages are shown.
    """

    id: ClassVar[str]
    """In kebab-case; never changed and never reused after a release."""
    title: ClassVar[str]
    """What is wrong, in a few words."""
    screen: ClassVar[tuple[Screen, ...]] = ()
    """The text that people see."""
    likelihood: ClassVar[int] = 0
    """How often people have it where a log leaves the cause open: the higher, the earlier it is named."""

    # Where it applies in a run

    applies_to_tools: ClassVar[bool] = False
    """It holds for a tool with an exchange of its own (pnpm, lerna, yarn) as it holds for npm."""
    applies_with_provenance: ClassVar[bool] = False
    """It holds for such a tool where that attaches provenance as npm does: a rule of the registry."""
    stops_before_private: ClassVar[bool] = False
    """npm stops here before it skips a private workspace (npm 12.2.0, lib/commands/publish.js)."""
    holds_behind_wrapper: ClassVar[bool] = False
    """It holds also where npm on PATH is somebody's script, which may change all that it starts npm with."""
    rests_on_manifest: ClassVar[bool] = False
    """It rests on fields that npm reads again after the scripts (npm 12.2.0, lib/commands/publish.js)."""
    rests_on_visibility: ClassVar[bool] = False
    """It rests on whether npm attaches provenance by itself, for which npm asks whether the package is public."""
    rests_on_network: ClassVar[bool] = False
    """It rests on what the network answered safepublish; npm may get another answer."""
    rests_on_versions: ClassVar[bool] = False
    """It rests on the versions that the registry shows a stranger; npm compares those that it shows npm."""
    follows_from_oidc: ClassVar[bool] = False
    """It refuses only where another cause keeps OIDC from working, and is no ground of its own."""

    # Where it applies in a workflow file and in a log

    any_registry: ClassVar[bool] = False
    """It also matters at a registry that has no trusted publishing."""
    only_tokens_publish: ClassVar[bool] = False
    """Where it fails, the registry has no trusted publishing: then only the causes with `any_registry` matter."""
    whatever_the_token: ClassVar[bool] = False
    """npm stops here also where a token is available to the step."""
    ends_the_job_before: ClassVar[bool] = False
    """The job ends here before the publish step starts."""

    # How its fix is used

    fixes_what_it_warns_of: ClassVar[bool] = False
    """Its edit is shown also with a warning: that will fail once the token is gone."""
    moves_to_oidc: ClassVar[bool] = False
    """Its fix moves a step that publishes with a token to OIDC."""

    def in_run(self, run: Run) -> Judgement:  # noqa: ARG002 - the default of those that read no run
        """Judge the running job, before npm starts."""
        return SKIPPED

    def in_workflow(self, step: "Step") -> Judgement:  # noqa: ARG002 - the same for workflow files
        """Judge a publish step of a workflow file."""
        return SKIPPED

    def in_log(self, log: Log) -> Judgement:  # noqa: ARG002 - the same for logs
        """Judge what npm printed: FAIL is proven, WARN is pointed to, UNKNOWN is not excluded."""
        return SKIPPED

    @property
    def is_fixed_in_file(self) -> bool:
        """Whether an edit of the workflow file fixes it."""
        return type(self).fix is not Cause.fix

    def fix(self, sheet: "Sheet", step: "Step") -> "Fix | None":  # noqa: ARG002 - most are not fixed by an edit
        """Return the edits of the workflow file that fix *step*; None where no edit of it can."""
        return None

    def file_to_change(self, step: "Step") -> str:
        """The file in which `fix` makes its edits."""
        return step.place.at.path

    def stops_npm(self, step: "Step") -> bool:  # noqa: ARG002 - for those that depend on the step
        """Whether npm stops here also where a token is available to *step*."""
        return self.whatever_the_token

    def claims(self, run: Run) -> tuple[tuple[str, str, str], ...]:  # noqa: ARG002 - for the one that compares them
        """The claims that the registry compares: name, this run's value, the last publisher's; `NO_CLAIM` for none."""
        return ()

    @property
    def page(self) -> str:
        """The manual page: the class's docstring without its indentation."""
        import textwrap  # only where a page is shown

        first, _, rest = (type(self).__doc__ or "").strip().partition("\n")
        return f"{first}\n{textwrap.dedent(rest)}".strip()

    @property
    def recognisers(self) -> tuple[str, ...]:
        """The names of the recognisers that this cause has of its own."""
        names = ("in_run", "in_workflow", "in_log")
        return tuple(name for name in names if getattr(type(self), name) is not getattr(Cause, name))
