"""The cause tag-mismatch."""

import re

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Package, Run
from safepublish.npm.versions import PackageVersion, parse

_TAG = re.compile(r"(?:(?P<name>.+?)(?:@|[-/](?=v)))?v?(?P<version>\d.*)", re.DOTALL)
"""A tag that names a version: `v1.2.3`, or with a package `name@1.2.3`, `@scope/name@1.2.3`, `name-v1.2.3`."""


class TagMismatch(Cause):
    """The tag that started the job names another version.

    What it is
        A tag or a release such as `v1.2.3` started this job, and the manifest has another version.

    Why npm behaves so
        npm publishes the manifest's version and reads no tag (npm 12.2.0, lib/commands/publish.js). `npm version`
        writes both, so they differ where the tag was made by hand, or on a commit before the one that raised the
        version. The package is then published under a version that nobody meant, or fails because that version is
        published already. A version that was published once can never be used again.
        Nothing is said of a tag that names another package, no version, or, in a workspace, no package; nor where a
        script of the package raises the version while npm publishes.

    How to mend
        Set the version, commit it, and make the tag again on that commit:

            npm version 1.2.3

    How to ignore
        It refuses nothing; `--waive tag-mismatch=reason` marks it as known.
    """

    id = "tag-mismatch"
    title = "the tag that started the job names another version"

    def in_run(self, run: Run) -> Judgement:
        """Warn where the tag that started the job names this package with another version than its manifest."""
        package, tag = run.package, run.identity.git_tag
        version = parse(package.version) if package.version else None
        if tag is None or version is None or package.script_bumps_version:
            return SKIPPED
        tagged = _version_in(tag, package)
        if tagged is None:
            return SKIPPED
        if tagged == version:
            return PASSED
        shown = package.manifest or package.spec
        return Judgement(
            Answer.WARN,
            f"the tag {tag} started this job, but the version in {shown} is {package.version}; npm publishes that",
            remedy=Remedy(
                f"Set the version in {shown} to {tagged}, commit it, and make the tag again on that commit.",
                command=f"npm version {tagged} --no-git-tag-version",
            ),
            location=Location(shown) if package.source == "directory" else None,
        )


def _version_in(tag: str, package: Package) -> PackageVersion | None:
    """The version that *tag* names for *package*; None where it names none, or another package."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    name = match["name"]
    if name is None:
        return None if package.workspace else parse(match["version"])
    own = package.name or ""
    return parse(match["version"]) if name in {own, own.rpartition("/")[2]} else None
