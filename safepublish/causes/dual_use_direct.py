"""The cause dual-use-direct."""

from safepublish.causes.cause import Cause
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Location, Remedy
from safepublish.facts.run import Run


class DualUseDirect(Cause):
    """A package declared as dual-use is published directly, or without a DISCLOSURE file.

    What happens
        npm uploads the version, and the registry may accept it, but nobody can install it. npm enforces the policy
        progressively, so that it may also work today.

    Why
        package.json declares `"contentPolicy": {"class": "dual-use"}`: the package has a legitimate use, but could also
        do harm, as a tool for penetration tests. Such a version may be published directly only by a person with
        two-factor authentication. From CI, through OIDC or with a token, it has to be staged, and a maintainer
        approves it. A file `DISCLOSURE` at the root of the tarball has to describe the intended use, and later versions
        have to keep the declaration (npm documentation, policies/dual-use, 2026-07-28). npm itself does not read the
        field (npm 12.2.2).

    Fix
        Stage the version, and let a maintainer approve it:

            safepublish stage

        Add a file `DISCLOSURE` beside package.json, and to `files` where package.json has it.

    If you want to ignore it
        It never refuses; `--waive dual-use-direct=reason` marks it as known.
    """

    id = "dual-use-direct"
    title = "a dual-use package is published directly or without DISCLOSURE"
    applies_to_tools = True

    def in_run(self, run: Run) -> Judgement:
        """Warn where a dual-use package is not staged, or has no DISCLOSURE."""
        package = run.package
        if not package.manifest.dual_use:
            return SKIPPED
        direct = run.command.name != "stage publish"
        missing = package.has_disclosure is False
        if run.is_forecast:
            workflow = run.repository.workflow
            direct = workflow is not None and workflow.step is not None and not workflow.step.invocation.staged
        if not (direct or missing):
            return PASSED
        shown = package.manifest.file or package.spec
        file = f"{shown} declares the package as dual-use"
        if direct and missing:
            message = f"{file}, but it is published directly and has no file DISCLOSURE"
        elif direct:
            message = f"{file}, but it is published directly; from CI such a package has to be staged"
        else:
            message = f"{file}, but no file DISCLOSURE is packed"
        disclosure = "Add a file DISCLOSURE that describes the intended use, and list it in `files` where there is one."
        stage = "Stage the version; a maintainer approves it." if direct else ""
        return Judgement(
            Answer.WARN,
            message,
            evidence=("npm enforces its dual-use policy progressively: the version may not become installable.",),
            remedy=Remedy(
                " ".join(filter(None, (stage, disclosure if missing else ""))),
                command="safepublish stage" if direct else None,
            ),
            location=Location(shown) if package.source == "directory" else None,
        )
