"""What was checked, with the result for each subject: npm, identity, registry, credential, exchange."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from safepublish.causes.wording import where
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Report
from safepublish.facts.run import Credential, Exchange, Run
from safepublish.npm.secrets import shown_setting
from safepublish.report import verdicts
from safepublish.report.lines import INDENT, Page

if TYPE_CHECKING:
    from safepublish.facts.step import Step


def checked(report: Report) -> tuple[tuple[str, str], ...]:
    """What was checked, as (subject, result); where the packages differ, each result once."""
    if not report.packages:
        return ()
    runs = verdicts.to_publish(report) or [judged.run for judged in report.packages]
    return (
        ("npm", npm(runs[0])),
        ("identity", identity(runs[0])),
        ("registry", _each(registry(run) for run in runs)),
        ("credential", _each(credential(run.package.credential) for run in runs)),
        ("exchange", _each(exchange(run) for run in runs)),
    )


def render(report: Report, *, unicode: bool = True, width: int = 100) -> str:
    """What was checked, in lines."""
    page = Page(unicode=unicode, width=width)
    for name, result in checked(report):
        page.paragraph(f"{INDENT}{name.ljust(12)}", result, hang=f"{INDENT}{' ' * 12}")
    return page.text()


def _each(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def npm(run: Run) -> str:
    """The npm that will run, and on which Node; on a laptop the one that CI's Node brings; the tool in its place."""
    if run.tool is not None and not run.tool.npm:
        return f"not used: {run.tool.called} {run.tool.version or 'of unknown version'}, {run.tool.path}"
    if run.is_forecast:
        step = run.repository.workflow.step if run.repository.workflow else None
        return "unknown: the npm of CI" if step is None else npm_in_ci(step)
    if run.npm is None:
        return "none on PATH"
    version = run.npm.version or "of unknown version"
    node = f" on node {run.npm.node_version}" if run.npm.node_version else ""
    return f"{version}{node}, {run.npm.path}"


def npm_in_ci(step: "Step") -> str:
    """The npm that a publish step of a workflow will run, and what brings it."""
    npms = step.toolchain.npm.npms
    if npms is None:
        return f"unknown: the npm of CI{f' ({step.toolchain.npm.why})' if step.toolchain.npm.why else ''}"
    if npms.highest is None:
        version = f"{npms.lowest} or newer"
    else:
        version = str(npms.lowest) if npms.lowest == npms.highest else f"{npms.lowest} to {npms.highest}"
    return f"{version} in CI (from {npms.why})" if npms.why else f"{version} in CI"


def identity(run: Run) -> str:
    """Who the CI says this job is."""
    who = run.identity
    if who.ci is Ci.NONE:
        workflow = run.repository.workflow
        return f"not in CI; checked for {workflow.path}" if workflow else "none: not in CI"
    environment = who.id_token.claims.get("environment")
    known = [
        who.ci_name or who.ci.value,
        who.workflow_ref or who.repository,
        f"event {who.event}" if who.event else None,
        f"environment {environment}" if environment else None,
        who.runner_environment,
    ]
    return ", ".join(filter(None, known))


def registry_url(run: Run) -> str | None:
    """The registry's URL, without a user and password written into it."""
    return shown_setting(run.package.settings.registry) if run.package.settings.registry else None


def registry(run: Run) -> str:
    """The registry and which layer of npm's configuration chose it."""
    setting = run.package.settings.registry
    return f"{registry_url(run)} from {where(setting.origin, compact=True)}" if setting else "unknown"


def credential(found: Credential) -> str:
    """A credential by its kind and the place where it is set, never by its value."""
    if found.kind is CredentialKind.ABSENT:
        return "none"
    kind = {
        CredentialKind.EMPTY: "empty",
        CredentialKind.PLACEHOLDER: "setup-node's placeholder",
        CredentialKind.UNRESOLVED: "a fallback value, which npm does not support"
        if found.fallback
        else f"the unset variable ${{{found.variable}}}"
        if found.variable
        else "an unset variable",
        CredentialKind.SET: "a token",
    }[found.kind]
    return f"{kind}, in {where(found.origin, compact=True)}" if found.origin else kind


def exchange(run: Run) -> str:
    """The result of the exchange that safepublish tried."""
    probe = run.package.exchange_result
    status = f" with {probe.status}" if probe.status else ""
    result = {
        Exchange.ACCEPTED: "accepted: the registry trusts this workflow",
        Exchange.REFUSED: f"refused{status}",
        Exchange.FAILED: f"failed{status}",
        Exchange.UNREACHABLE: "the registry was not reached",
        Exchange.NOT_ASKED: "not tried",
    }[probe.exchange]
    why = probe.why or probe.message
    return f"{result}: {why}" if why and probe.exchange is not Exchange.ACCEPTED else result
