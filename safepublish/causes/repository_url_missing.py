"""The cause repository-url-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.repository_url_mismatch import setting
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.provenance import generated, source, statement_is_certain


class RepositoryUrlMissing(Cause):
    """package.json has no repository.url, and provenance needs one.

    What happens
        npm fails with E422, 'package.json: "repository.url" is "", expected to match "https://github.com/OWNER/NAME"
        from provenance'. package.json has no `repository.url`, and npm attaches provenance.

    Why
        Trusted publishing from a public repository attaches provenance by itself. npmjs.com then compares
        `repository.url` with the repository in the statement. npm signs before it uploads, so each attempt leaves an
        entry in the public transparency log. Manifests that a build generates, such as those of per-platform packages,
        lack the field most often.

    Fix
        Add it to the package.json that is packed, with the letter case that GitHub shows:

            "repository": { "type": "git", "url": "git+https://github.com/OWNER/NAME.git" }

        In a monorepo add `"directory": "packages/x"`.

    If you want to ignore it
        `--no-provenance`, or `NPM_CONFIG_PROVENANCE=false`, publishes without a statement. `provenance: false` in
        publishConfig does not keep npm from attaching one.
    """

    id = "repository-url-missing"
    title = "package.json has no repository.url, and provenance needs one"
    screen = (Screen("E422: Failed to validate repository information", rank=2),)
    applies_with_provenance = True
    rests_on_visibility = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance will be attached to a manifest without repository.url."""
        package = run.package
        attached = generated(run)
        if (
            package.manifest.trouble
            or package.manifest.unread
            or attached is False
            or run.identity.ci in {Ci.CIRCLECI, Ci.OTHER}
        ):
            return SKIPPED
        if package.manifest.repository:
            return PASSED
        shown = package.manifest.file or package.spec
        message = f"{shown} has no repository.url"
        own = source(run)
        remedy = Remedy(f"Add repository.url to {shown}.", diff=_diff(own) if own else None)
        if attached is None:
            return Judgement(
                Answer.UNKNOWN, f"{message}; npmjs.com requires it where provenance is attached", remedy=remedy
            )
        if package.manifest.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN, f"{message}; a script that runs before the upload may add it", remedy=remedy
            )
        if run.identity.ci is Ci.GITLAB or not statement_is_certain(run):
            return Judgement(
                Answer.UNKNOWN, f"{message}; npmjs.com requires it with GitHub's provenance", remedy=remedy
            )
        return Judgement(
            Answer.FAIL,
            f"{message}; npmjs.com requires it because npm will attach provenance (E422)",
            remedy=remedy,
            location=Location(shown) if package.source == "directory" else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry found no repository in the manifest."""
        line = log.says('"repository.url" is ""')
        if line is None:
            return _cut_off(log)
        return Judgement(
            Answer.FAIL,
            "package.json has no repository.url, or an empty one; the registry compares it with the provenance",
            evidence=(str(line),),
            remedy=setting(line.text),
        )


def _cut_off(log: Log) -> Judgement:
    """Unknown when the registry compared the repository with the provenance, and the log ends before the result."""
    compared = log.says("Failed to validate repository information")
    if compared is None or log.says('"repository.url" is') is not None:
        return SKIPPED
    return Judgement(
        Answer.UNKNOWN,
        "repository.url in package.json is missing or differs from the provenance; the log is cut off before it shows"
        " which",
        evidence=(str(compared),),
        remedy=Remedy(
            "To see the value, run this in the package that was published:", command="npm pkg get repository"
        ),
    )


def _diff(own: str) -> str:
    return f'+   "repository": {{ "type": "git", "url": "git+https://github.com/{own}.git" }},'
