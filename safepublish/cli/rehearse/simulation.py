"""Runs npm as the job of a publish step would, in a copy of the repository, against the embedded registry."""

import glob
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish import run_npm
from safepublish.causes import BY_ID, judge
from safepublish.causes.explain import explain_log
from safepublish.cli import exit_codes, terminal
from safepublish.cli.rehearse import text
from safepublish.cli.rehearse.legs import MOST_SIMULATED, Leg, distinct, failing_upgrade
from safepublish.cli.rehearse.registry_contents import RegistryContents
from safepublish.cli.rehearse.request import RehearsalError, Request
from safepublish.detect import Command, config, detect, package, repository, workflows
from safepublish.detect import npm as npms
from safepublish.detect.details import add_details
from safepublish.facts.finding import Finding
from safepublish.facts.rehearsal import Receipt, Rehearsed
from safepublish.facts.report import Report, Verdict
from safepublish.facts.run import Npm, Options, Package
from safepublish.facts.step import File, Step, Upgrade
from safepublish.facts.step import Verdict as StepVerdict
from safepublish.rehearsal import job_setup, npm_download, working_tree
from safepublish.rehearsal.cleanup import DIRECTORY_VARIABLE
from safepublish.rehearsal.directory import RehearsalDirectory
from safepublish.rehearsal.packages import Grant
from safepublish.rehearsal.plan import (
    TOOLS,
    CannotSimulateError,
    LocalRepository,
    Plan,
    hosts_without_oidc,
    make_plan,
    registry_hosts,
    with_release_ref,
)
from safepublish.rehearsal.provenance import same_repository
from safepublish.rehearsal.registry import Registry
from safepublish.rehearsal.server import Server

_PATH = re.compile(r"^[^-].*[/\\]|^\.{1,2}$|^[^-].*\.(?:tgz|tar|tar\.gz)$")


class _Job(NamedTuple):
    """The job of a plan, set up: everything that npm needs but the registry."""

    plan: Plan
    arguments: list[str]  # npm's
    cwd: str
    env: Mapping[str, str]
    npm: Npm
    npm_problem: str | None  # why it is this machine's npm
    node: job_setup.Node
    packages: Sequence[Package]
    tokens: Sequence[str]  # that the registry knows
    hosts: Sequence[str]  # of the registries


class Simulation:
    """The simulations of one step in one directory: as the step is, and after its workflow is fixed."""

    def __init__(
        self,
        request: Request,
        directory: RehearsalDirectory,
        root: str,
        *,
        remote: str | None,
        env: Mapping[str, str],
        cwd: str,
    ) -> None:
        """Simulations of *request* in *directory*; *root* is the repository's and *remote* its name on GitHub."""
        self.request, self.directory, self.env, self.cwd = request, directory, env, os.path.realpath(cwd)
        self.root = os.path.realpath(root)
        self.local = LocalRepository(remote, repository.head(self.root), windows=sys.platform == "win32")
        self.contents = RegistryContents(request, env, self.root)
        self._output = terminal.Output(sys.stdout, request.display)
        self._checkouts = 0

    def run_legs(self, file: File, steps: Sequence[Step]) -> list[tuple[Step, Rehearsed]]:
        """Simulate each of *steps*, the legs of one step of *file*, that differs from the others, and report it.

        Raises `RehearsalError`, and `CannotSimulateError` where none of them can be simulated.
        """
        legs = distinct(steps, self.local)
        if len(legs) == 1:
            return [(legs[0].step, self.run(file, legs[0].step))]
        possible = [leg for leg in legs if leg.problem is None]
        if not possible:
            raise CannotSimulateError(legs[0].problem)
        done: list[tuple[Leg, Rehearsed]] = []
        for leg in possible[:MOST_SIMULATED]:
            if done and not self.request.display.quiet:
                self._output.write("\n")
            done.append((leg, self.run(file, leg.step)))
        others = [(leg.name, leg.problem or "not simulated") for leg in legs if all(leg is not one for one, _ in done)]
        if not self.request.display.quiet or not all(rehearsed.works for _, rehearsed in done):
            text.print_legs(self._output, [(leg.name, rehearsed) for leg, rehearsed in done], others)
        return [(leg.step, rehearsed) for leg, rehearsed in done]

    def run(self, file: File, step: Step, changed: Mapping[str, str] | None = None) -> Rehearsed:
        """Simulate *step* of *file* in a new checkout, in which the files *changed* have another text, and report it.

        Raises `RehearsalError`.
        """
        failing = failing_upgrade(step)
        if failing is not None:
            return self._job_ends_before(file, step, failing)
        checkout = self._check_out(changed or {})
        job = self._set_up(file, step, checkout)
        names = [found.manifest.name for found in job.packages]
        registry = Registry(
            self.contents.packages(names, job.plan.job),
            tokens=dict.fromkeys(job.tokens, Grant.PUBLISH),
            job=job.plan.job,
            hosts_without_oidc=hosts_without_oidc(job.hosts),
        )
        with Server(registry, tls=job.node.tls) as server:
            env = job_setup.runner_environment(
                self.directory, job.plan, server, job.env, node=job.node, hosts=job.hosts
            )
            if not self.request.display.quiet:
                self._print_setup(job)
            predicted = self._predict(job, env, checkout, dict.fromkeys(job.hosts, server.port))
            logs_dir = config.logs_dir(config.read(job.arguments, env=env, cwd=job.cwd, npm=job.npm))
            before = working_tree.snapshot(self.root)
            result = run_npm.run_in_rehearsal(
                job.npm, job.arguments, env=env, cwd=job.cwd, group=self.directory.group, logs_dir=logs_dir
            )
        text.print_changed_files(working_tree.changed_files(self.root, before))
        if result.exit_code:
            text.print_names_not_utf8(working_tree.names_not_utf8(before))
        rehearsed = _rehearsed(result, registry, predicted, job.plan)
        if not self.request.display.quiet or not rehearsed.works:
            text.print_result(self._output, rehearsed, verbose=self.request.display.verbose)
        return rehearsed

    def _print_setup(self, job: _Job) -> None:
        text.print_setup(
            self._output,
            job.plan,
            job.npm,
            job.npm_problem,
            job.node,
            self.contents,
            secrets_set=self.request.with_secrets,
        )

    def run_fixed(self, file: File, step: Step) -> Rehearsed | None:
        """Fix *file* as `safepublish workflow --fix` does, and simulate the step again.

        A step that is meant to publish with a token is migrated to OIDC, as `--migrate` does. None where nothing in the
        file can be fixed.
        """
        from safepublish.causes.fix_workflow import fix_workflow  # only for --fixed

        files = workflows.Checkout(self.root)
        migrate = any(judged.step == step and judged.verdict is StepVerdict.TOKEN for judged in judge.judge_steps(file))
        waive = self.request.waive
        fix = fix_workflow(file.text, file.path, files.text, migrate=migrate, callers=files.callers, waive=waive)
        if not self.request.display.quiet:
            text.print_fix(self._output, fix)
        candidates = [
            judged.step
            for judged in fix.steps
            if judged.step.place.job == step.place.job and judged.step.invocation.tool in TOOLS
        ]
        if fix.text == fix.before or not candidates:
            return None
        nearest = min(
            candidates,
            key=lambda other: (
                other.place.name != step.place.name,
                abs((other.place.position or 0) - (step.place.position or 0)),
            ),
        )
        return self.run(fix.file, nearest, {fix.path: fix.text})

    def _job_ends_before(self, file: File, step: Step, failing: Upgrade) -> Rehearsed:
        """Report that the job of *step* ends before it, at an upgrade of npm that fails there."""
        judged = next((judged for judged in judge.judge_steps(file) if judged.step.place.at == step.place.at), None)
        findings = [finding for finding in judged.findings if BY_ID[finding.id].ends_the_job_before] if judged else []
        text.print_job_ends_before(self._output, step, failing.command, findings)
        no_prediction = Report((), Verdict.UNKNOWN, goes_on=False)
        return Rehearsed(1, (), tuple(findings), no_prediction, self.local.name or "")

    # Setting up

    def _check_out(self, changed: Mapping[str, str]) -> str:
        """Create a new checkout, in which the files *changed* have another text; returns its path."""
        self._checkouts += 1
        name = os.path.basename(self.root) or "repository"
        checkout = self.directory.path("work", str(self._checkouts), name)
        job_setup.create_checkout(self.directory, self.root, checkout, remote=self.local.name, head=self.local.head)
        for path, content in changed.items():
            with open(os.path.join(checkout, *path.split("/")), "w", encoding="utf-8", newline="") as file:
                file.write(content)
        return checkout

    def _set_up(self, file: File, step: Step, checkout: str) -> _Job:
        """The job of *step* in *checkout*, with its programs, its environment and its packages."""
        plan = make_plan(
            step,
            self.local,
            tuple(self._relative_to_step(argument, step) for argument in self.request.arguments),
            stage=self.request.stage,
            setup_node_line=_setup_node_line(file, step),
        )
        cwd = os.path.normpath(os.path.join(checkout, plan.directory))
        if not os.path.isdir(cwd):
            raise RehearsalError(f"the step's working directory {plan.directory} does not exist in this repository")
        arguments = [*plan.command, *(path for argument in plan.arguments for path in expand_pattern(argument, cwd))]
        env, tokens = job_setup.job_environment(
            self.directory, plan, self.env, checkout=checkout, with_secrets=self.request.with_secrets
        )
        expected_npm = Npm("npm", None, plan.npm, None, None) if plan.npm is not None else npms.find(env)
        packages = package.read(config.read(arguments, env=env, cwd=cwd, npm=expected_npm), cwd=cwd)
        self._check_packages_exist(packages)
        npm_cli, npm_problem = self._install_npm(plan)
        hosts = registry_hosts(
            [
                plan.registry,
                *(found.settings.registry.value for found in packages if found.settings.registry is not None),
            ]
        )
        node = job_setup.prepare_node(self.directory, hosts, env)
        programs = job_setup.link_programs(self.directory, node.path, npm_cli)
        env["PATH"] = programs + os.pathsep + env.get("PATH", os.defpath)
        npm = npms.find(env)
        if npm is None:
            raise RehearsalError(f"npm was not found on PATH, and {npm_problem}", exit_code=exit_codes.NO_NPM)
        plan = with_release_ref(plan, packages[0].manifest.version if packages else None)
        return _Job(plan, arguments, cwd, env, npm, npm_problem, node, packages, tokens, hosts)

    def _relative_to_step(self, argument: str, step: Step) -> str:
        """*argument*; a path from the working directory becomes one from the directory in which *step* runs."""
        path = os.path.normpath(os.path.join(self.cwd, argument))
        if not _PATH.search(argument) or not os.path.exists(path):
            return argument
        if os.path.join(path, "").startswith(os.path.join(self.root, "")):
            relative = os.path.relpath(path, os.path.join(self.root, step.invocation.working_directory or "."))
            return relative if relative.startswith(os.curdir) else os.path.join(os.curdir, relative)
        return path

    def _check_packages_exist(self, packages: Sequence[Package]) -> None:
        """Raise `RehearsalError` where the step publishes what is not in the checkout."""
        missing = next((one for one in packages if one.path is not None and not os.path.lexists(one.path)), None)
        if missing is not None and missing.spec not in self.request.arguments:
            raise RehearsalError(
                f"the step publishes {missing.spec}, which does not exist here: an earlier step or job creates it. "
                "Name a package to publish instead: `safepublish rehearse .` for this directory, or a tarball"
            )

    def _install_npm(self, plan: Plan) -> tuple[str | None, str | None]:
        """The npm-cli.js of the plan's npm, and why there is none."""
        if plan.npm is None:
            return None, "the workflow does not determine the version of npm"
        env = {**self.env, DIRECTORY_VARIABLE: self.directory.root}
        try:
            directory = npm_download.install_npm(str(plan.npm), root=npm_download.cache_directory(self.env), env=env)
        except npm_download.DownloadError as error:
            return None, " ".join(str(error).splitlines()[:2])
        return os.path.join(directory, "bin", "npm-cli.js"), None

    # Predicting

    def _predict(self, job: _Job, env: Mapping[str, str], checkout: str, routes: Mapping[str, int]) -> Report:
        """The report of the checks in the environment in which npm runs next, without the rehearsal's own paths."""
        options = Options(deadline=self.request.seconds, waive=self.request.waive, allow_token=job.plan.token_allowed)
        detected = detect(Command(tuple(job.arguments), env, job.cwd), options, routes=routes)
        report = judge.report(detected.runs, goes_on=True)
        if report.verdict is Verdict.REFUSE:
            report = judge.report(add_details(detected).runs, goes_on=True)
        names = {
            os.path.join(self.directory.path("runner", "_temp"), ""): "$RUNNER_TEMP/",
            os.path.join(self.directory.path("home"), ""): "~/",
            os.path.join(checkout, ""): "",
            **{link: os.path.realpath(link) for link in (self.directory.path("bin", name) for name in ("npm", "node"))},
        }
        packages = tuple(
            judged._replace(findings=tuple(_rename_paths(finding, names) for finding in judged.findings))
            for judged in report.packages
        )
        return report._replace(packages=packages)


def expand_pattern(argument: str, cwd: str) -> list[str]:
    """The files that a pattern matches in *cwd*, as the step's shell expands it; another argument unchanged."""
    paths = glob.glob(argument, root_dir=cwd) if re.match(r"(?!-).*[*?\[]", argument) else []
    return sorted(paths) or [argument]


def _setup_node_line(file: File, step: Step) -> str:
    """The line with setup-node's version, where a comment may name the version of a commit."""
    if step.toolchain.setup is None or step.toolchain.setup.span is None:
        return ""
    lines = file.text.splitlines()[step.toolchain.setup.span.line - 1 : step.toolchain.setup.span.end_line]
    return next((line for line in lines if "setup-node@" in line), "")


def _rename_paths(finding: Finding, names: Mapping[str, str]) -> Finding:
    """*finding* with each path in *names* replaced by its name."""

    def rename(message: str) -> str:
        for path, name in names.items():
            message = message.replace(path, name)
        return message

    return finding._replace(message=rename(finding.message), evidence=tuple(map(rename, finding.evidence)))


def _rehearsed(result: run_npm.NpmResult, registry: Registry, predicted: Report, plan: Plan) -> Rehearsed:
    """What a simulation showed: how npm ended, and what the registry received."""
    log, repository_name = result.log, plan.job.repository
    begun = [attempt for attempt in log.attempts if attempt.name is not None] if log is not None else []
    receipts = tuple(
        Receipt(
            name=received.name or "",
            version=received.version,
            tag=received.tag,
            access=received.access,
            provenance=received.provenance,
            repository=received.repository,
            files=received.files,
            credential=received.credential,
            status=received.status,
            said=received.error,
            staged=received.endpoint == "stage",
        )
        for received in registry.received
        if received.endpoint in {"publish", "stage"}
    )
    return Rehearsed(
        status=result.exit_code,
        receipts=receipts,
        findings=explain_log(log) if log is not None and result.exit_code else (),
        predicted=predicted,
        repository=repository_name,
        matches=tuple(same_repository(receipt.repository, repository_name) for receipt in receipts),
        script_failed=log is not None and log.says("command failed") is not None,
        dry_run=any(judged.run.command.dry_run for judged in predicted.packages),
        logged_in=bool(begun) and all(attempt.exchanged for attempt in begun),
        log_removed=log is not None and result.exit_code > 0,
        token_allowed=plan.token_allowed,
        works_with_token=_works_with_token(predicted),
    )


def _works_with_token(predicted: Report) -> bool:
    """Whether the checks would not refuse the publish with `--allow-token`."""
    runs = [judged.run for judged in predicted.packages]
    allowed = [run._replace(options=run.options._replace(allow_token=True)) for run in runs]
    return judge.report(allowed, goes_on=True).verdict is not Verdict.REFUSE
