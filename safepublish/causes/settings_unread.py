"""The cause settings-unread."""

from safepublish.causes.cause import Cause
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import all_problems


class SettingsUnread(Cause):
    """A file with npm's settings could not be read.

    What happens
        npm may read a .npmrc, or a package.json with workspaces, that safepublish could not read: it is too large, not
        a regular file, or slow to answer. So the registry, the credentials or the packages may differ from those that
        were checked.

    Why
        npm reads such files whatever their size, and skips those that it has no permission to read (@npmcli/config,
        lib/index.js, `loadFile`).

    Fix
        Replace it with a regular file of usual size, or set NPM_CONFIG_USERCONFIG or NPM_CONFIG_GLOBALCONFIG to one.

    If you want to ignore it
        An inconclusive check does not refuse, except with `--strict`.
    """

    id = "settings-unread"
    title = "a file with npm's settings could not be read"

    def in_run(self, run: Run) -> Judgement:
        """Unknown where settings that npm may follow were not read."""
        found = [problem for problem in all_problems(run) if problem.kind == "not-read"]
        if not found:
            return PASSED
        return Judgement(
            Answer.UNKNOWN,
            found[0].text,
            evidence=tuple(f"also: {problem.text}" for problem in found[1:]),
            remedy=Remedy(f"Replace {where(found[0].origin)} with a regular file of usual size."),
            location=location(found[0].origin),
        )
