"""The fix that moves a job to a runner of GitHub's."""

import re

from safepublish.facts.step import Step
from safepublish.pipelines.fix.edits import Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import replace_scalar

_DROP_IN = re.compile(
    r"(?:blacksmith|depot|namespace-profile|nscloud|ubicloud|warp|buildjet|runs-on)\S*?-(?P<os>ubuntu|windows|macos)-?"
    r"(?P<version>latest|\d{2}\.?\d{2}|\d{2}|\d{4})?(?P<arm>-arm(?:64)?)?\S*",
    re.IGNORECASE,
)


def use_hosted_runner(sheet: Sheet, step: Step) -> Fix:
    """Request the runner of GitHub's that the label of a drop-in replacement names."""
    entry = step.context.runner.entry
    if (
        entry is None
        or entry.text is None
        or entry.style == "alias"
        or step.context.runner.provider in {None, "self-hosted"}
    ):
        return Fix(not_made="a GitHub-hosted replacement could not be determined")
    match = _DROP_IN.fullmatch(entry.text)
    if match is None:
        return Fix(not_made=f"a GitHub-hosted replacement for {entry.text} could not be determined")
    system, version = match.group("os").lower(), match.group("version") or "latest"
    if system == "ubuntu" and version.isdigit() and len(version) == 4:
        version = f"{version[:2]}.{version[2:]}"
    label = f"{system}-{version}{'-arm' if match.group('arm') and system == 'ubuntu' else ''}"
    edit, changes = replace_scalar(sheet, entry.value, label)
    return Fix((edit,), f"the job runs on {label} instead of {entry.text}", changes=changes)
