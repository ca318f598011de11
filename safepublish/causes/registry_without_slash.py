"""The cause registry-without-slash."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.publish_rules import stopping_problems


class RegistryWithoutSlash(Cause):
    """The registry's URL has a path and does not end with a slash.

    What happens
        npm fails with ENEEDAUTH, "This command requires you to be logged in to …", although the exchange succeeded. The
        `registry` setting has a path without a slash at its end, such as `https://npm.example.com/repository/npm`.

    Why
        npm stores the exchanged token under `//npm.example.com/repository/npm:_authToken` (npm 12.2.0,
        lib/utils/oidc.js). It then reads credentials under `//npm.example.com/repository/` (@npmcli/config,
        lib/nerf-dart.js), and finds none.

    Fix
        Add the slash: `https://npm.example.com/repository/npm/`.

    If you want to ignore it
        `--waive registry-without-slash=reason` runs npm, which then fails by itself.
    """

    id = "registry-without-slash"
    title = "the registry's URL has a path and does not end with a slash"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=13),)
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm does not find the exchanged token because the slash is missing."""
        found = next((problem for problem in stopping_problems(run) if problem.kind == "registry-without-slash"), None)
        if found is None:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"{found.text}, so it publishes without a token (ENEEDAUTH)",
            remedy=Remedy(f"Add a slash at the end of the URL in {where(found.origin)}."),
            location=location(found.origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm got its token through OIDC and then found no credential for the registry's URL."""
        url = (log.registry or "").partition("://")[2]
        slashless = "/" in url and not url.endswith("/")
        known = log.registry is not None and "/" in url
        if (
            log.code != "ENEEDAUTH"
            or (known and not slashless)
            or not (log.last.exchanged or (slashless and log.hides_exchange))
        ):
            return SKIPPED
        return Judgement(
            Answer.FAIL if log.last.exchanged and slashless else Answer.WARN,
            "npm did not find the token that it got through OIDC: the registry's URL has a path without a slash at its"
            " end",
            evidence=log.quoted("oidc", "registry", "code"),
            remedy=Remedy("Add a slash at the end of the registry's URL, in .npmrc or publishConfig."),
        )
