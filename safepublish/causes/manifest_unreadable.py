"""The cause manifest-unreadable."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log
from safepublish.npm.floors import Floor
from safepublish.npm.oidc import is_from

_FIELDS = {
    "EPACKAGEEXTENSIONS": "only the project's root may have `packageExtensions`, and it must not be published",
    "EOVERRIDE": "`overrides` conflicts with a direct dependency",
    "EOVERRIDEVALUE": "`overrides` has a value that is not a valid version",
    "EBUNDLEOVERRIDE": "`overrides` changes a bundled dependency",
    "EINVALIDTAGNAME": "a dependency or an override is not a valid version, tag or URL",
    "ESCRIPTSINVALID": "`scripts` is not an object of strings",
    "EWORKSPACESCONFIG": "`workspaces` is not a list of paths",
    "EDUPLICATEWORKSPACE": "two workspaces have the same name",
    "ERR_PNPM_NO_PKG_MANIFEST": "there is none where pnpm was started",
    "ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND": "there is none where pnpm was started",
    "ERR_PNPM_BAD_PACKAGE_JSON": "it is not valid JSON",
    "ERR_PNPM_JSON_PARSE": "it is not valid JSON",
    "ERR_PNPM_PACKAGE_NAME_NOT_FOUND": "it has no `name`",
    "ERR_PNPM_MISSING_REQUIRED_FIELD": "it has no `name` or no `version`",
    "ERR_PNPM_INVALID_PACKAGE_JSON": "it is not valid JSON",
    "ERR_PNPM_PUBLISH_ARCHIVE_MISSING_MANIFEST": "the tarball has none",
    "ERR_PNPM_STAGE_TARBALL_MANIFEST_NOT_FOUND": "the tarball has none",
    "ENOPKGNAME": "it has no `name`",
    "ENOPKG": "there is none in the directory of the package, or it has no `name`",
}
"""The codes with which npm, pnpm, lerna and semantic-release stop at package.json, and what each means."""


class ManifestUnreadable(Cause):
    """npm fails with EJSONPARSE, ENOENT or "Invalid version": it cannot use package.json.

    What happens
        The package.json to publish is missing, is not valid JSON, or has a name, version or main that npm does not
        accept.

    Why
        npm reads and normalizes package.json before anything else (@npmcli/package-json 8.0.0, `fix` and `prepare`).
        Where that fails, it exits with EJSONPARSE, ENOENT, `Invalid version: "1.0"` or `Invalid name`. No script runs
        before that, so no script can fix it.

    Fix
        Correct package.json, or name the directory or tarball to publish: `safepublish ./dist`. Without the `./`, npm
        treats `dist` as a registry package.

    If you want to ignore it
        `--waive manifest-unreadable=reason` runs npm, which then reads the file itself.
    """

    id = "manifest-unreadable"
    title = "npm cannot use the package's package.json"
    screen = (
        Screen("EJSONPARSE"),
        Screen("ENOENT"),
    )
    applies_to_tools = True
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm cannot use package.json; unknown where only safepublish cannot read it."""
        package = run.package
        shown = package.manifest.file or package.spec
        if run.tool is not None and package.manifest.unread == run.tool.trouble is not None:
            return SKIPPED  # publisher-tool-without-oidc says it
        if package.manifest.unread is not None:
            return Judgement(
                Answer.UNKNOWN,
                f"{package.spec} could not be checked: {package.manifest.unread}",
                remedy=Remedy("Name a directory or a tarball, starting with `./`."),
            )
        trouble = package.manifest.trouble or _of_npm(run)
        if trouble is None:
            return PASSED
        if trouble == package.manifest.pack_trouble and package.manifest.scripts_may_change_manifest:
            return Judgement(
                Answer.UNKNOWN,
                f"npm cannot pack {shown}: {trouble}; a script that runs before may correct it",
                remedy=Remedy(f"Correct {shown}.", command="npm pack --dry-run"),
            )
        return Judgement(
            Answer.FAIL,
            f"npm cannot use {shown}: {trouble}",
            remedy=Remedy(
                f"Correct {shown}. `npm pack` reads it in the same way as `npm publish`.", command="npm pack --dry-run"
            ),
            location=Location(shown) if package.source == "directory" and package.manifest.file else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not read package.json, or stopped at a field of it."""
        field = _FIELDS.get(log.code or "")
        if log.says('Invalid tag name "@') is not None:
            return SKIPPED  # npm built that of a name which is missing: name-invalid
        if field is not None and (log.command is None or log.publishing):
            return Judgement(
                Answer.FAIL,
                f"npm does not publish this package.json: {field}",
                evidence=tuple(map(str, log.errors[:2])) or log.quoted("code"),
                remedy=Remedy("Correct that field in package.json, then run the job again."),
            )
        line = log.says("Could not read package.json") or (
            log.says("package.json") if log.code == "EJSONPARSE" else None
        )
        line = line or log.says("Workspaces must have valid names and versions")
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm could not read package.json in its working directory",
            evidence=(str(line),),
            remedy=Remedy(
                "Run npm in the directory of package.json (`working-directory`), or name it: `npm publish ./dir`."
            ),
        )


def _of_npm(run: Run) -> str | None:
    """Why npm does not publish this package.json, though it can read it; other tools pack in their own way."""
    if run.tool is not None and not run.tool.npm:
        return None
    manifest = run.package.manifest
    if manifest.package_extensions and not run.is_forecast and is_from(run, Floor.PACKAGE_EXTENSIONS):
        return "`packageExtensions` must not be published (EPACKAGEEXTENSIONS)"
    return manifest.pack_trouble
