"""The cause repository-url-mismatch."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.git_hosts import github_repository
from safepublish.npm.provenance import generated, source, statement_is_certain


class RepositoryUrlMismatch(Cause):
    """package.json names another repository than the one that publishes.

    What happens
        npm fails with E422, 'package.json: "repository.url" is "…", expected to match "https://github.com/OWNER/NAME"
        from provenance'. `repository.url` in package.json differs from the repository whose job publishes, and npm
        attaches provenance.

    Why
        npmjs.com compares the two. Letter case counts (npm/cli#8036); `git+`, `.git` and the ssh form do not. The usual
        reasons: a fork that names its upstream, a repository that was renamed or moved, the URL of a template, the
        letter case of the owner. E422 after an earlier E404 is progress: the registry accepted the identity.

    Fix
        Write the repository that publishes, with the letter case that GitHub shows:

            "repository": { "type": "git", "url": "git+https://github.com/OWNER/NAME.git" }

    If you want to ignore it
        `--no-provenance`, or `NPM_CONFIG_PROVENANCE=false`, publishes without a statement. `provenance: false` in
        publishConfig does not keep npm from attaching one.
    """

    id = "repository-url-mismatch"
    title = "package.json names another repository than the one that publishes"
    screen = (Screen("E422: Failed to validate repository information"),)
    applies_with_provenance = True
    rests_on_visibility = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance will be attached and repository.url names another repository."""
        package = run.package
        own = source(run)
        attached = generated(run)
        if (
            attached is False
            or own is None
            or not package.manifest.repository
            or run.identity.ci not in {Ci.GITHUB, Ci.NONE}
        ):
            return SKIPPED
        named = github_repository(package.manifest.repository)
        if named == own:
            return PASSED
        shown = package.manifest.file or package.spec
        message = f"repository.url in {shown} is {package.manifest.repository}, but {own} publishes"
        remedy = Remedy(
            f"Set repository.url in {shown} to the repository that publishes.",
            diff=f'-     "url": "{package.manifest.repository}"\n+     "url": "git+https://github.com/{own}.git"',
        )
        doubt = _doubt(run, attached=attached)
        if doubt is not None:
            return Judgement(Answer.UNKNOWN, f"{message}; {doubt}", remedy=remedy)
        return Judgement(
            Answer.FAIL,
            f"{message}; npmjs.com requires them to match where provenance is attached (E422)",
            evidence=_evidence(named, own),
            remedy=remedy,
            location=Location(shown) if package.source == "directory" else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the registry found another repository in the provenance."""
        line = log.says('"repository.url" is')
        if line is None or '"repository.url" is ""' in line.text or "undefined" in line.text.partition("match")[2]:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "repository.url in package.json differs from the repository in the provenance; they must match",
            evidence=(str(line),),
            remedy=setting(line.text),
        )


_EXPECTED = re.compile(r'expected to match "([^"\s]{1,200})"')
"""What the provenance names, in the registry's answer."""


def setting(answer: str) -> Remedy:
    """How to make repository.url what the registry's *answer* expects.

    `npm pkg fix` only changes the form of a URL. Where the provenance names `undefined`, npm had no variables to build
    it from (libnpmpublish 12.0.1, lib/provenance.js), and package.json is not at fault.
    """
    match = _EXPECTED.search(answer)
    if match and "undefined" in match[1]:
        return Remedy(
            "Pass GITHUB_SERVER_URL and GITHUB_REPOSITORY on to npm, as with `docker run -e`. npm builds the provenance"
            " from them; package.json may be right."
        )
    named = (github_repository(match[1]) if match else None) or "OWNER/REPOSITORY"
    return Remedy(
        "Set repository.url, letter by letter, in the package.json that is published. If a script writes that file,"
        " change the script.",
        command=f"npm pkg set repository.type=git repository.url=git+https://github.com/{named}.git",
    )


def _doubt(run: Run, *, attached: bool | None) -> str | None:
    """Why it is unknown whether the registry will refuse."""
    if run.is_forecast:
        return "npmjs.com refuses that if this is the repository whose workflow publishes with provenance"
    if attached is None:
        return "npmjs.com refuses that where provenance is attached"
    if not statement_is_certain(run):
        return "GitLab's and GitHub's variables are both set, and the statement may name either"
    if run.package.manifest.scripts_may_change_manifest:
        return "a script that runs before the upload may correct it"
    return None


def _evidence(named: str | None, own: str) -> tuple[str, ...]:
    if named is not None and named.lower() == own.lower():
        return (f"They differ only in letter case: {named} and {own}. npmjs.com compares the case.",)
    return ()
