"""The cause settings-unread."""

from safepublish.causes.cause import Cause
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import all_problems


class SettingsUnread(Cause):
    """A file with npm's settings was not read.

    What it is
        A .npmrc, or a package.json with workspaces, that npm may read and safepublish did not: too large, no plain
        file, or slow to answer. So the registry, the credentials or the packages may be others than judged.

    Why npm behaves so
        npm reads such files whatever their size (@npmcli/config, lib/index.js, `loadFile`), and passes over those that
        it may not read.

    How to mend
        Make it a plain file of usual size, or point NPM_CONFIG_USERCONFIG or NPM_CONFIG_GLOBALCONFIG at one.

    How to ignore
        What cannot be told does not refuse, except with `--strict`.
    """

    id = "settings-unread"
    title = "a file with npm's settings was not read"

    def in_run(self, run: Run) -> Judgement:
        """Unknown where settings that npm may follow were not read."""
        found = [problem for problem in all_problems(run) if problem.kind == "not-read"]
        if not found:
            return PASSED
        return Judgement(
            Answer.UNKNOWN,
            found[0].text,
            evidence=tuple(f"also: {problem.text}" for problem in found[1:]),
            remedy=Remedy(f"Make {where(found[0].origin)} a plain file of usual size."),
            location=location(found[0].origin),
        )
