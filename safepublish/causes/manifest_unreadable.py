"""The cause manifest-unreadable."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run
from safepublish.logs.log import Log


class ManifestUnreadable(Cause):
    """npm cannot read the package's manifest.

    What happens
        The package.json that would be published is missing, no JSON, or holds a name, version or main that npm refuses.

    Why
        npm reads and repairs the manifest before anything else (@npmcli/package-json 8.0.0, `fix` and `prepare`), and
        exits with EJSONPARSE, ENOENT, `Invalid version: "1.0"` or `Invalid name` where that cannot be done. No script
        runs before that, so no script can mend it.

    Fix
        Correct package.json, or name the directory or tarball that is to be published: `safepublish ./dist`. Without
        the `./` npm takes `dist` for the name of a package in the registry.

    If you want to ignore it
        `--waive manifest-unreadable=reason` lets npm start and read it itself.
    """

    id = "manifest-unreadable"
    title = "npm cannot read the package's manifest"
    screen = (
        Screen("EJSONPARSE"),
        Screen("ENOENT"),
    )
    applies_to_tools = True
    stops_before_private = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where npm cannot read the manifest; unknown where only safepublish cannot."""
        package = run.package
        shown = package.manifest.file or package.spec
        if package.manifest.unread is not None:
            return Judgement(
                Answer.UNKNOWN,
                f"{package.spec} was not looked at: {package.manifest.unread}",
                remedy=Remedy("Name a directory or a tarball, with ./ before it."),
            )
        if package.manifest.trouble is None:
            return PASSED
        return Judgement(
            Answer.FAIL,
            f"npm cannot use {shown}: {package.manifest.trouble}",
            remedy=Remedy(f"Correct {shown}. `npm pack` reads it as npm publish does.", command="npm pack --dry-run"),
            location=Location(shown) if package.source == "directory" and package.manifest.file else None,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm could not read package.json."""
        line = log.says("Could not read package.json") or (
            log.says("package.json") if log.code == "EJSONPARSE" else None
        )
        if line is None:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            "npm could not read package.json where it was started",
            evidence=(str(line),),
            remedy=Remedy(
                "Start npm where package.json is (working-directory), or name the directory: npm publish ./dir"
            ),
        )
