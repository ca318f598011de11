"""The cause tag-mismatch."""

import re

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Package, Run
from safepublish.npm.versions import PackageVersion, parse

_TAG = re.compile(r"(?:(?P<name>.+?)(?:@|[-/](?=v)))?v?(?P<version>\d.*)", re.DOTALL)
"""A tag that names a version: `v1.2.3`, or with a package `name@1.2.3`, `@scope/name@1.2.3`, `name-v1.2.3`."""


class TagMismatch(Cause):
    """The tag that started the job names another version than package.json.

    What happens
        A tag or a release such as `v1.2.3` started this job, and package.json has another version. The package is
        published under a version that nobody meant, or the publish fails because that version is already published.

    Why
        npm publishes the version in package.json and reads no tag (npm 12.2.0, lib/commands/publish.js). `npm version`
        writes both. They differ where the tag was made by hand, or on a commit before the one that raised the version.
        A version that was published once can never be used again. A tag is not checked if it names another package, no
        version, or, in a workspace, no package. It is not checked either if a script of the package raises the version
        while npm publishes.

    Fix
        Set the version, commit it, and create the tag again on that commit:

            npm version 1.2.3

    If you want to ignore it
        It never refuses; `--waive tag-mismatch=reason` marks it as known.
    """

    id = "tag-mismatch"
    title = "the tag that started the job names another version than package.json"

    def in_run(self, run: Run) -> Judgement:
        """Warn where the tag that started the job names this package with another version than its manifest."""
        package, tag = run.package, run.identity.git_tag
        version = parse(package.manifest.version) if package.manifest.version else None
        if tag is None or version is None or package.manifest.script_bumps_version:
            return SKIPPED
        tagged = _version_in(tag, package)
        if tagged is None:
            return SKIPPED
        if tagged == version:
            return PASSED
        shown = package.manifest.file or package.spec
        return Judgement(
            Answer.WARN,
            f"the tag {tag} started this job, but the version in {shown} is {package.manifest.version}; npm publishes"
            " the version in the file",
            remedy=Remedy(
                f"Set the version in {shown} to {tagged}, commit it, and create the tag again on that commit.",
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
    own = package.manifest.name or ""
    return parse(match["version"]) if name in {own, own.rpartition("/")[2]} else None
