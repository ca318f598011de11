"""The cause repository-url-missing."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Log
from safepublish.facts.run import Run
from safepublish.npm.provenance import generated, source


class RepositoryUrlMissing(Cause):
    """The manifest names no repository, and provenance needs one.

    What it is
        package.json has no `repository.url`, and a provenance statement will be attached.

    Why npm behaves so
        Trusted publishing from a public repository attaches provenance by itself. npmjs.com then compares
        `repository.url` with the repository that the statement names, and answers E422: 'package.json: "repository.url"
        is "", expected to match "https://github.com/OWNER/NAME" from provenance'. npm signs before it uploads, so each
        try leaves an entry in the public transparency log. Manifests that a build generates, as of per-platform
        packages, lack the field most often.

    How to mend
        In the package.json that is packed:

            "repository": { "type": "git", "url": "git+https://github.com/OWNER/NAME.git" }

        with the letter case that GitHub shows; in a monorepo add `"directory": "packages/x"`.

    How to ignore
        `--no-provenance`, or `NPM_CONFIG_PROVENANCE=false`, publishes without a statement; `provenance: false` in
        publishConfig does not keep npm from attaching one.
    """

    id = "repository-url-missing"
    title = "the manifest names no repository, and provenance needs one"
    screen = (Screen("E422: Failed to validate repository information", rank=2),)
    applies_with_provenance = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where provenance will be attached to a manifest without repository.url."""
        package = run.package
        attached = generated(run)
        if package.trouble or package.unread or attached is False or run.identity.ci in {Ci.CIRCLECI, Ci.OTHER}:
            return SKIPPED
        if package.repository:
            return PASSED
        shown = package.manifest or package.spec
        message = f"{shown} has no repository.url"
        own = source(run)
        remedy = Remedy(f"Name the repository in {shown}.", diff=_diff(own) if own else None)
        if attached is None:
            return Judgement(
                Answer.UNKNOWN, f"{message}, which npmjs.com refuses where provenance is attached", remedy=remedy
            )
        if package.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN, f"{message}; a script that runs before the upload may write it", remedy=remedy
            )
        if run.identity.ci is Ci.GITLAB:
            return Judgement(
                Answer.UNKNOWN, f"{message}, which npmjs.com refuses with GitHub's provenance", remedy=remedy
            )
        return Judgement(
            Answer.FAIL,
            f"{message}, and provenance will be attached: npmjs.com refuses that (E422)",
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
            "package.json names no repository, and the registry compares it with the provenance",
            evidence=(str(line), "Login worked: the registry looks at the provenance only after it."),
            remedy=Remedy(
                "Name the repository in the manifest that is packed, generated and per-platform ones too.",
                command="npm pkg set repository.type=git repository.url=git+https://github.com/OWNER/REPOSITORY.git",
            ),
        )


def _cut_off(log: Log) -> Judgement:
    """Unknown when the registry compared the repository with the provenance, and the log ends before what it found."""
    compared = log.says("Failed to validate repository information")
    if compared is None or log.says('"repository.url" is') is not None:
        return SKIPPED
    return Judgement(
        Answer.UNKNOWN,
        "the registry compared the manifest's repository with the provenance, and the log is cut before what it found:"
        " package.json names none, or another one",
        evidence=(str(compared),),
        remedy=Remedy("In the package that was published:", command="npm pkg get repository"),
    )


def _diff(own: str) -> str:
    return f'+   "repository": {{ "type": "git", "url": "git+https://github.com/{own}.git" }},'
