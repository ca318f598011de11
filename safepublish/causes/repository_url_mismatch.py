"""The cause repository-url-mismatch."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.git_hosts import github_repository
from safepublish.npm.provenance import generated, source


class RepositoryUrlMismatch(Cause):
    """The manifest names another repository than the one that publishes.

    What it is
        `repository.url` in package.json differs from the repository whose job publishes, and a provenance statement
        will be attached.

    Why npm behaves so
        npmjs.com compares the two and answers E422: 'package.json: "repository.url" is "…", expected to match
        "https://github.com/OWNER/NAME" from provenance'. Letter case counts (npm/cli#8036). `git+`, `.git` and the ssh
        form do not. What differs most often: a fork that names its upstream, a repository that was renamed or moved, a
        template's url left as it was, the letter case of the owner. Who sees E422 after E404 has come further: the
        identity was accepted.

    How to mend
        Write the repository that publishes, with the letter case that GitHub shows:

            "repository": { "type": "git", "url": "git+https://github.com/OWNER/NAME.git" }

    How to ignore
        `--no-provenance`, or `NPM_CONFIG_PROVENANCE=false`, publishes without a statement; `provenance: false` in
        publishConfig does not keep npm from attaching one.
    """

    id = "repository-url-mismatch"
    title = "the manifest names another repository than the one that publishes"
    screen = (Screen("E422: Failed to validate repository information"),)
    applies_with_provenance = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance will be attached and repository.url names another repository."""
        package = run.package
        own = source(run)
        attached = generated(run)
        if attached is False or own is None or not package.repository or run.identity.ci not in {Ci.GITHUB, Ci.NONE}:
            return SKIPPED
        named = github_repository(package.repository)
        if named == own:
            return PASSED
        shown = package.manifest or package.spec
        message = f"repository.url in {shown} is {package.repository}, and {own} publishes"
        remedy = Remedy(
            f"Name the repository that publishes in {shown}.",
            diff=f'-     "url": "{package.repository}"\n+     "url": "git+https://github.com/{own}.git"',
        )
        doubt = _doubt(run, attached=attached)
        if doubt is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {doubt}", remedy=remedy)
        return Judgement(
            Answer.FAIL,
            f"{message}: npmjs.com refuses that where provenance is attached (E422)",
            evidence=_evidence(named, own),
            remedy=remedy,
            location=Location(shown) if package.source == "directory" else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry found another repository in the provenance."""
        line = log.says('"repository.url" is')
        if line is None or '"repository.url" is ""' in line.text:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "package.json names another repository than the provenance",
            evidence=(str(line),),
            remedy=Remedy(
                "Write the repository that publishes into package.json, letter by letter.", command="npm pkg fix"
            ),
        )


def _doubt(run: Run, *, attached: bool | None) -> str | None:
    """Why it stays open whether the registry will refuse."""
    if run.is_forecast:
        return "npmjs.com refuses that if this is the repository whose workflow publishes with provenance"
    if attached is None:
        return "npmjs.com refuses that where provenance is attached"
    if run.package.scripts_may_change_manifest:
        return "a script that runs before the upload may correct it"
    return None


def _evidence(named: str | None, own: str) -> tuple[str, ...]:
    if named is not None and named.lower() == own.lower():
        return (f"They differ in letter case only, {named} and {own}; npmjs.com compares it.",)
    return ()
