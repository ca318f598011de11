"""The cause publish-in-script."""

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run


class PublishInScript(Cause):
    """A lifecycle script of the package runs `npm publish` itself.

    What happens
        `npm publish` runs the script, which publishes, and then publishes the same version again. That ends with "You
        cannot publish over the previously published versions", although the version is published. Or the script ends
        in a circle: it runs `npm publish`, which runs the script.

    Why
        npm runs prepublishOnly, prepack, prepare and postpack before it uploads the package (npm 12.2.0,
        lib/commands/publish.js). What these publish goes past safepublish.

    Fix
        Remove `npm publish` from the script. The name `publish` is also a lifecycle script, which npm runs after each
        publish: give a script that publishes another name, such as `release`.

    If you want to ignore it
        It refuses nothing. `--ignore-scripts` makes npm run none of them.
    """

    id = "publish-in-script"
    title = "a lifecycle script runs `npm publish` itself"

    def in_run(self, run: Run) -> Judgement:
        """Warn where a script that npm runs during the publish publishes too."""
        manifest = run.package.manifest
        if manifest.trouble or manifest.unread or run.package.source != "directory":
            return SKIPPED
        if manifest.publishing_script is None:
            return PASSED
        return Judgement(
            Answer.WARN,
            f"the script {manifest.publishing_script} in {manifest.file or 'package.json'} runs `npm publish` itself;"
            " npm would publish twice",
            remedy=Remedy("Remove it from that script, or give the script a name that npm does not run by itself."),
        )
