"""A command beside the publish needs a token.

What it is
    The job that publishes through OIDC also runs `npm whoami`, `npm dist-tag`, `npm deprecate`, `npm owner` or another
    command that logs in.

Why npm behaves so
    The exchanged token is for one publish: only `npm publish` and `npm stage publish`, and `npm dist-tag` from npm
    11.21.0 and 12.2.0 on, make the exchange (lib/utils/oidc.js is called from lib/commands/publish.js, stage/publish.js
    and dist-tag.js). Every other command that logs in ends with ENEEDAUTH or E401 where no token is there: before the
    publish it ends the job, after it the job fails although the package is out.

How to mend
    Leave `npm whoami` out: it says nothing about OIDC. Give the tag with the publish:

        - run: npm publish --tag next

    What remains, such as `npm deprecate`, needs a token, on its own step.

How to ignore
    It refuses nothing; `--waive command-without-oidc=reason` marks it as known.
"""

from typing import TYPE_CHECKING

from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Kind
from safepublish.facts.versions import Version

if TYPE_CHECKING:
    from safepublish.facts.step import Step

ID = "command-without-oidc"
TITLE = "a command beside the publish needs a token"

FIRST_DIST_TAG = Version(11, 21, 0)
"""The first npm 11 whose `npm dist-tag` makes the exchange; of npm 12 it is 12.2.0."""


def in_workflow(step: "Step") -> Judgement:
    """Warn of a command that needs a token in a job where none reaches the publish."""
    if any(one.kind is Kind.SET for one in step.tokens) or step.hidden is not None:
        return SKIPPED
    newer = step.npm.npms is not None and step.npm.npms.meets(FIRST_DIST_TAG)
    needing = [one for one in step.others if not (newer and one.words.startswith("npm dist-tag"))]
    if not needing:
        return PASSED
    first = needing[0]
    return Judgement(
        Answer.WARN,
        f"{first.words} needs a token, and none is here: OIDC is for npm publish alone",
        evidence=tuple(f"{one.words} in line {one.at.line}" for one in needing[1:]),
        remedy=Remedy("Leave it out, or give that step a token of its own; a tag goes with the publish, as --tag."),
        location=first.at,
    )
