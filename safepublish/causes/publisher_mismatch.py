"""The cause publisher-mismatch."""

from typing import TYPE_CHECKING

from safepublish.causes.cause import NO_CLAIM, Cause, Screen
from safepublish.causes.wording import TRY_AGAIN, quoted
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.kinds import Ci
from safepublish.facts.log import Oidc
from safepublish.facts.run import Existence, Publisher, Run
from safepublish.logs.log import Log
from safepublish.npm.exchange import (
    NPMJS,
    Outcome,
    disagreement,
    hostname,
    npm_exchange_succeeded,
    outcome,
    registry_answer,
)
from safepublish.npm.oidc import failure_answer

if TYPE_CHECKING:
    from safepublish.facts.step import Step

EXPIRY = (
    "If you added the publisher more than two days ago and nothing was published with it since, it may have expired"
    " (users report that): delete it and create it again."
)
"""Another reason for a refusal (npm/documentation#2041, a proposed change)."""


class PublisherMismatch(Cause):
    """No trusted publisher of the package matches this run.

    What happens
        npm fails with E404, "Not Found - PUT https://registry.npmjs.org/NAME", with "Access token expired or revoked.",
        or with ENEEDAUTH. The package exists, but the registry did not exchange this job's ID token for an npm token.
        The package has no trusted publisher, or none whose fields equal the claims of the ID token.

    Why
        npmjs.com compares the repository, the name of the workflow file and, where the publisher names one, the
        environment, letter by letter (docs.npmjs.com, "Trusted publishing for npm packages"; npm 12.2.0,
        lib/commands/trust/github.js, for the fields). It does not say which field differs. Every mismatch is 404, "OIDC
        token exchange error - package not found", which npm logs only at level verbose (lib/utils/oidc.js). The usual
        reasons:

        - No publisher was saved. npmjs.com does not check a publisher when it is saved.
        - The file differs: `.yml` or `.yaml`, renamed, a path instead of a name. For a reusable workflow the *caller's*
          file counts.
        - The environment differs: it is set on another job than the one that publishes, or on the publisher only.
        - The letter case of owner or repository differs, or the repository was renamed, moved or forked.
        - The publisher expired. A proposed change to npm's documentation (npm/documentation#2041) reports that a new
          publisher expires when no publish succeeds within two days of its creation. An expired publisher cannot be
          used or edited.
        - A CircleCI job was rerun with SSH, which is refused (npm/cli#9923).
        - The ID token's `sub` has the immutable form (`repo:OWNER@ID/NAME@ID`). Such repositories are reported to be
          refused although every field matches (npm/cli#9969).

        A package can have up to ten trusted publishers, and a run that matches any of them may publish. A publisher
        cannot be edited.

    Fix
        Compare the table with https://www.npmjs.com/package/NAME/access. If the publisher is wrong or has expired,
        delete it and create it again, there or with npm 11.15 or newer on a laptop:

            npm trust github NAME --repo OWNER/REPOSITORY --file publish.yml --allow-publish

        Then publish within two days. The values shown are those of this run; check that they are the ones you want. A
        publisher for a workflow that anyone may change lets anyone publish.

    If you want to ignore it
        Add `--allow-token` if a token is meant to publish.
    """

    id = "publisher-mismatch"
    title = "no trusted publisher of the package matches this run"
    screen = (
        Screen("ENONPMTOKEN: No npm token specified", rank=2),
        Screen("Access token expired or revoked.", rank=3),
        Screen("E404", rank=2),
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=2),
        Screen("E401: Unable to authenticate", rank=2),
        Screen("YN0033: No authentication configured for request", rank=2),
        Screen("package not found", hidden=True),
    )
    applies_to_tools = True
    rests_on_network = True
    likelihood = 70
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the exchange finds no publisher for this run, unless the package itself is missing."""
        if outcome(run) is not Outcome.NO_PUBLISHER:
            return _of_other_repository(run)
        existence = run.package.packument.existence
        if existence is Existence.ABSENT:
            return SKIPPED
        if npm_exchange_succeeded(run):
            return disagreement(run)
        name = run.package.manifest.name or run.package.spec
        message = f"no trusted publisher of {name} matches this run"
        if existence is Existence.UNKNOWN:
            message = f"{name} does not exist, or none of its trusted publishers matches this run"
        return Judgement(
            failure_answer(run),
            message,
            evidence=tuple(_evidence(run)),
            remedy=_remedy(run, name),
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when the exchange found no publisher of an existing package; unknown when the log hides the exchange."""
        if not log.unauthenticated or log.oidc not in {Oidc.REFUSED, Oidc.UNKNOWN}:
            return SKIPPED
        name = log.name
        if log.oidc is Oidc.UNKNOWN:
            return _in_quiet_log(log)
        evidence = log.quoted("exchange", "oidc", "packument")
        if log.last.packument_status == 200:
            return Judgement(
                Answer.FAIL,
                f"{name} exists, but no trusted publisher of it matches this run",
                evidence=evidence,
                remedy=_compare(log),
            )
        if log.last.packument_status == 404:
            if not name.startswith("@"):
                return SKIPPED
            return Judgement(
                Answer.UNKNOWN,
                f"if {name} exists and is private, none of its trusted publishers matches this run",
                evidence=evidence,
                remedy=_compare(log),
            )
        return Judgement(
            Answer.WARN,
            f"no trusted publisher of {name} matches this run, or {name} does not exist yet; the registry answers"
            " both with `package not found`",
            evidence=evidence,
            remedy=_compare(log),
        )

    def claims(self, run: Run) -> tuple[tuple[str, str, str], ...]:
        """The claims of this run that npmjs.com compares with those of a trusted publisher."""
        return _claims(run)


def _in_quiet_log(log: Log) -> Judgement:
    """The log does not show the exchange; it may have been refused, where the publishing tool does one."""
    if not log.hides_exchange or (log.last.packument_status == 404 and not log.name.startswith("@")):
        return SKIPPED
    if log.last.minted:
        return Judgement(
            Answer.WARN,
            f"probably no trusted publisher of {log.name} matches this run: npm got an ID token, but no npm token in"
            " exchange",
            evidence=log.quoted("minted", "code"),
            remedy=TRY_AGAIN,
        )
    return Judgement(
        Answer.UNKNOWN,
        f"it could be that no trusted publisher of {log.name} matches this run; npm logs nothing about the exchange at"
        " this log level",
        evidence=log.quoted("npm_since", "notice", "code"),
        remedy=TRY_AGAIN,
    )


def _compare(log: Log) -> Remedy:
    where = f"https://www.npmjs.com/package/{log.last.name}/access" if log.last.name else "the package's settings"
    return Remedy(
        "Compare repository, workflow file (the caller's) and environment, letter by letter, with the publisher at"
        f" {where}. `safepublish check` in the same job shows this run's values. {EXPIRY}"
    )


def _claims(run: Run) -> tuple[tuple[str, str, str], ...]:
    """The fields of a trusted publisher: name, this run's value, the last publisher's value; "-" for none."""
    last = run.package.packument.publisher or Publisher("")
    claims = run.identity.id_token.claims
    if run.identity.ci is Ci.GITHUB:
        rows = [
            ("repository", repository(run), last.repository),
            ("workflow file", workflow_file(run), last.workflow),
            ("environment", claims.get("environment"), None),
        ]
        if _is_called(run):
            rows.append(("called workflow (not compared)", claims.get("job_workflow_ref"), None))
    elif run.identity.ci is Ci.GITLAB:
        rows = [
            ("project", claims.get("project_path") or run.identity.repository, last.repository),
            ("CI file", _file(claims.get("ci_config_ref_uri")), last.workflow),
            ("environment", claims.get("environment"), None),
        ]
    else:
        rows = [("project", run.identity.repository, last.repository)]
    return tuple((field, ours or NO_CLAIM, theirs or NO_CLAIM) for field, ours, theirs in rows)


def _of_other_repository(run: Run) -> Judgement:
    """Unknown on a laptop where the registry has a package of this name that names another repository."""
    last, here = run.package.packument.publisher, run.repository.remote
    there = (last.repository or last.named_repository) if last is not None else None
    if not run.is_forecast or last is None or here is None or there is None or here.lower() == there.lower():
        return PASSED
    name = run.package.manifest.name or run.package.spec
    return Judgement(
        Answer.UNKNOWN,
        f"{name} on {hostname(run)} is from the repository {there}, and this one is {here}; the name may belong to"
        " somebody else",
        evidence=(f"{name} {last.version} names that repository.",),
        remedy=Remedy(
            "If it is not your package, choose another name. If the repository was renamed or moved, save it in the"
            " package's trusted publisher."
        ),
    )


def repository(run: Run) -> str | None:
    """The owner/name that npmjs.com compares: the claim, else GITHUB_REPOSITORY; on a laptop the remote `origin`."""
    known = run.identity.id_token.claims.get("repository") or run.identity.repository
    return known or (run.repository.remote if run.is_forecast else None)


def workflow_file(run: Run) -> str | None:
    """The file name that npmjs.com compares: of workflow_ref, which names the caller of a reusable workflow."""
    reference = run.identity.id_token.claims.get("workflow_ref") or run.identity.workflow_ref
    if reference is None and run.is_forecast and run.repository.workflow is not None:
        step = run.repository.workflow.step
        reference = step.place.entry_path if step is not None else run.repository.workflow.path
    return _file(reference)


def publisher_fields(run: Run) -> tuple[tuple[str, str], ...]:
    """The values to enter at npmjs.com for this run, by the names in its form; empty where too little is known."""
    where, file = repository(run), workflow_file(run)
    if where is None or file is None:
        return ()
    owner, _, name = where.partition("/")
    return (
        ("Organization or user", owner),
        ("Repository", name),
        ("Workflow filename", file),
        ("Environment name", _environment(run) or "empty, unless the job sets one"),
    )


def trust_command(run: Run) -> str | None:
    """The npm command that makes this run a trusted publisher; None where too little is known of it.

    (npm 12.2.0, lib/commands/trust/github.js and gitlab.js; `--allow-publish` from npm 11.15.0 on.)
    """
    claims = run.identity.id_token.claims
    environment, step = _environment(run), _forecast_step(run)
    if run.identity.ci is Ci.GITHUB or run.is_forecast:
        provider, flag, where, file = "github", "--repo", repository(run), workflow_file(run)
    elif run.identity.ci is Ci.GITLAB:
        where = claims.get("project_path") or run.identity.repository
        provider, flag, file = "gitlab", "--project", _file(claims.get("ci_config_ref_uri"))
    else:
        return None
    if run.package.manifest.name is None or where is None or file is None:
        return None
    return trusting(
        run.package.manifest.name,
        (provider, flag, where),
        file,
        environment,
        staged=run.command.name == "stage publish" or (step is not None and step.invocation.staged),
    )


def _environment(run: Run) -> str | None:
    """The environment of the job, which npmjs.com may compare; on a laptop that of the workflow's step."""
    step = _forecast_step(run)
    known = run.identity.id_token.claims.get("environment")
    return known or (step.context.environment if step is not None else None)


def _forecast_step(run: Run) -> "Step | None":
    """On a laptop the step that will publish in CI."""
    return run.repository.workflow.step if run.is_forecast and run.repository.workflow is not None else None


def trusting(name: str, where: tuple[str, str, str], file: str, environment: str | None, *, staged: bool) -> str:
    """The npm command that makes *file* a trusted publisher of *name*; *where*: provider, its option, repository."""
    return " ".join(map(quoted, trust_arguments(name, where, file, environment, staged=staged)))


def trust_arguments(
    name: str, where: tuple[str, str, str], file: str, environment: str | None, *, staged: bool
) -> list[str]:
    """The words of that command."""
    provider, flag, repository = where
    arguments = ["npm", "trust", provider, name, flag, repository, "--file", file]
    if environment:
        arguments += ["--env", environment]
    return [*arguments, "--allow-stage-publish" if staged else "--allow-publish"]


def _file(reference: str | None) -> str | None:
    return reference.partition("@")[0].rpartition("/")[2] or None if reference else None


def _is_called(run: Run) -> bool:
    """Whether the job is in a reusable workflow: its file is not the one that was started."""
    claims = run.identity.id_token.claims
    called, caller = claims.get("job_workflow_ref"), claims.get("workflow_ref")
    return bool(called and caller and called.partition("@")[0] != caller.partition("@")[0])


def _evidence(run: Run) -> list[str]:
    lines = [_row(*row) for row in _claims(run)]
    lines += [_case(*row) for row in _claims(run) if _differs_in_case(row[1], row[2])]
    last = run.package.packument.publisher
    if last is not None:
        lines += _compared_with_publisher(run, last)
    lines += _pitfalls(run)
    if last is None or last.trusted is not True:
        lines.append(EXPIRY)
    answer = registry_answer(run)
    if "package not found" not in answer:  # which it says of every mismatch
        lines.append(f"{hostname(run)} answered the token exchange with {answer}.")
    if run.package.exchange_result.confirmed_by_npm:
        lines.append("The registry also refused npm's own exchange.")
    return lines


def _row(field: str, ours: str, theirs: str) -> str:
    line = f"{field}: {ours}"
    return line if theirs == NO_CLAIM else f"{line} (last version: {theirs})"


def _differs_in_case(ours: str, theirs: str) -> bool:
    return ours != theirs and ours.lower() == theirs.lower()


def _case(field: str, ours: str, theirs: str) -> str:
    return f"The {field} differs only in letter case: {ours} and {theirs}. npmjs.com compares the case."


def _compared_with_publisher(run: Run, last: Publisher) -> list[str]:
    """How the last version's publisher differs from this run."""
    lines = []
    if last.trusted is False:
        lines.append(f"{last.version} was not published by a trusted publisher. No publisher may have been saved yet.")
    if last.trusted:
        lines.append(f"{last.version} was published by a trusted publisher, so one exists or existed.")
    ours = workflow_file(run)
    if ours and last.workflow and ours != last.workflow and _stem(ours) == _stem(last.workflow):
        lines.append(f"The file extension differs: {ours} and {last.workflow}. npmjs.com compares it.")
    here = repository(run)
    if here and last.repository and here.lower() != last.repository.lower():
        lines.append(f"{last.version} was published from {last.repository}. Was it renamed, moved or forked?")
    return lines


def _stem(file: str) -> str:
    return file.removesuffix(".yaml").removesuffix(".yml")


def _pitfalls(run: Run) -> list[str]:
    """Properties of this run that are known to cause a mismatch."""
    claims = run.identity.id_token.claims
    lines = []
    if _is_called(run):
        lines.append(
            f"A reusable workflow publishes. npmjs.com compares the caller's file, {workflow_file(run)},"
            f" not {_file(claims.get('job_workflow_ref'))}."
        )
    if run.identity.ci is Ci.GITHUB and claims:
        lines.append(
            f"This job has the environment {claims['environment']}. The publisher's environment must be that, or empty."
            if claims.get("environment")
            else "This job has no environment. A publisher that names one does not match."
        )
    owner = claims.get("sub", "").partition("/")[0]
    if owner.startswith("repo:") and "@" in owner:
        lines.append(
            "The ID token's sub has the immutable form (repo:OWNER@ID/…). Such repositories are reported to be refused"
            " although every field matches, see https://github.com/npm/cli/issues/9969."
        )
    if run.identity.ci is Ci.CIRCLECI:
        lines.append("npmjs.com refuses a CircleCI job that was rerun with SSH. Rerun it without SSH.")
    return lines


def _remedy(run: Run, name: str) -> Remedy:
    command = trust_command(run)
    where = f"https://www.npmjs.com/package/{name}/access" if hostname(run) == NPMJS else "the package's settings"
    text = f"Compare each line with the trusted publishers at {where}. Correct the publisher, or the workflow."
    if command is not None:
        text += " To add this run as a publisher, use npm 11.15 or newer on your own machine."
    return Remedy(text, command=command)
