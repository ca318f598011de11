"""The cause registry-ignored."""

from safepublish.causes.cause import Cause
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import all_problems
from safepublish.npm.secrets import shown_setting


class RegistryIgnored(Cause):
    """npm ignores a registry setting and publishes to its default registry.

    What happens
        npm prints `npm warn invalid config` and publishes to https://registry.npmjs.org/. A `registry` setting is not a
        valid URL.

    Why
        @npmcli/config drops settings of the wrong type with that warning and uses the next layer's value (npm 12.2.0,
        @npmcli/config, lib/index.js, `invalidHandler`). A registry without its scheme (`registry=npm.example.com`) is
        such a value.

    Fix
        Write the whole URL, with `https://` and a slash at its end, or remove the setting.

    If you want to ignore it
        It never refuses; `--waive registry-ignored=reason` also silences it under `--strict`.
    """

    id = "registry-ignored"
    title = "npm ignores a registry setting and publishes to its default registry"

    def in_run(self, run: Run) -> Judgement:
        """Warn of a registry that npm drops because it is not a valid URL."""
        found = next(
            (problem for problem in all_problems(run) if problem.kind == "invalid-registry" and not problem.stops_npm),
            None,
        )
        if found is None:
            return PASSED
        registry = run.package.settings.registry
        instead = f"; npm publishes to {shown_setting(registry)}" if registry else ""
        return Judgement(
            Answer.WARN,
            f"{found.text}{instead}",
            remedy=Remedy(
                f"Write the whole URL in {where(found.origin)}, such as https://registry.npmjs.org/, or remove it."
            ),
            location=location(found.origin),
        )
