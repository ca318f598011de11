"""The cause registry-without-slash."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.publish_rules import stopping_problems


class RegistryWithoutSlash(Cause):
    """The registry's URL has a path and does not end with a slash.

    What it is
        A `registry` setting such as `https://npm.example.com/repository/npm`: with a path, without a slash at its end.

    Why npm behaves so
        npm keeps the exchanged token under `//npm.example.com/repository/npm:_authToken` (npm 12.2.0,
        lib/utils/oidc.js), and then looks for credentials under `//npm.example.com/repository/` (@npmcli/config,
        lib/nerf-dart.js). It finds none and stops with ENEEDAUTH, although the exchange succeeded.

    How to mend
        Add the slash: `https://npm.example.com/repository/npm/`.

    How to ignore
        `--waive registry-without-slash=reason` lets npm start and stop there itself.
    """

    id = "registry-without-slash"
    title = "the registry's URL has a path and does not end with a slash"
    screen = (Screen("ENEEDAUTH: This command requires you to be logged in to", rank=13),)

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm loses the exchanged token for want of a slash."""
        found = next((problem for problem in stopping_problems(run) if problem.kind == "registry-without-slash"), None)
        if found is None:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"{found.text}, so it publishes with no token (ENEEDAUTH)",
            remedy=Remedy(f"Add the slash at the end of the URL in {where(found.origin)}."),
            location=location(found.origin),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm had its token through OIDC and then found no credential for the registry's URL."""
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
            "npm keeps the exchanged token under the registry's URL, and looked for it under another: the URL has a"
            " path without a slash at its end",
            evidence=log.quoted("oidc", "registry", "code"),
            remedy=Remedy("End the registry's URL with a slash, in .npmrc or publishConfig."),
        )
