"""Plans the rehearsal of one publish step, from what its workflow file says. It reads nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import PLACEHOLDER
from safepublish.facts.step import Setup, Step
from safepublish.npm import arguments as npm_arguments
from safepublish.npm import options
from safepublish.npm.arguments import Places
from safepublish.npm.url import parse as parse_url
from safepublish.rehearsal.identity import GitHubJob
from safepublish.shell import own_options

NPMJS = "https://registry.npmjs.org/"
"""The registry that the embedded one simulates."""

TOOLS = ("npm", "safepublish")
"""The tools that run `npm publish`."""

_TAG_EVENTS = ("release",)
_BRANCH_EVENTS = ("push", "workflow_dispatch", "workflow_run", "schedule", "repository_dispatch", "workflow_call")
_PULL_REQUEST_EVENTS = ("pull_request_target", "pull_request")
_PLACEHOLDER_UNTIL = 6  # actions/setup-node v7 exports none (#1558)
_ALWAYS_AUTH_UNTIL = (6, 0)  # actions/setup-node v6.1.0 dropped the line
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]")
_GITHUB_TOKEN = re.compile(r"(?:secrets\.|_|\b)github[._]token\b", re.IGNORECASE)
_ACTION_VERSION = re.compile(r"v?(\d{1,3})(?:\.(\d{1,4}))?(?:\.\d{1,4})?")


class CannotSimulateError(Exception):
    """This step cannot be rehearsed; the message says why, and what to do."""


class LocalRepository(NamedTuple):
    """What this machine knows about the repository."""

    name: str | None = None  # owner/name on GitHub
    head: str | None = None  # the ref that is checked out: refs/heads/main
    windows: bool = False


class Secret(NamedTuple):
    """A secret of the repository that the step uses, and the variable that contains it."""

    name: str  # secrets.NPM_TOKEN
    variable: str
    known: bool = True  # whether the registry accepts it, where it is set: npmjs.com does not accept GitHub's own token


class Plan(NamedTuple):
    """The simulation of one publish step. It contains the names of secrets only, no values."""

    step: Step
    npm: Version | None  # None: this machine's
    npm_reason: str  # why it is this version
    job: GitHubJob
    has_id_token: bool  # the job can request an ID token
    command: tuple[str, ...]  # publish; stage publish
    arguments: tuple[str, ...]  # after the command
    directory: str  # below the repository's root
    registry: str  # the URL of the registry that the job configures
    env: Mapping[str, str]
    secrets: tuple[Secret, ...] = ()  # that are in a variable
    setup_node_npmrc: tuple[str, ...] | None = None  # the lines that setup-node writes
    user_npmrc: tuple[str, ...] = ()  # lines that a step writes to the user's .npmrc
    assumptions: tuple[str, ...] = ()  # where the file does not say it
    token_allowed: bool = False  # the step passes --allow-token to safepublish


def make_plan(
    step: Step, local: LocalRepository, arguments: Sequence[str] = (), *, stage: bool = False, setup_node_line: str = ""
) -> Plan:
    """The plan for *step*, with npm's *arguments* of this rehearsal added to the step's own.

    *stage* stages instead of publishing. *setup_node_line* is the workflow's line with setup-node's version, where a
    comment may name the version of a commit. Raises `CannotSimulateError`.
    """
    if step.invocation.tool not in TOOLS:
        raise CannotSimulateError(_other_tool(step))
    own_arguments = _npm_arguments(step) if step.invocation.tool == "safepublish" else step.invocation.arguments
    if step.invocation.working_directory is None:
        raise CannotSimulateError(f"the working directory of {_position(step)} is known only when the workflow runs")
    assumptions: list[str] = []
    npm, npm_reason = _npm(step, assumptions)
    job = _job(step, local, assumptions)
    configuration = _configuration(step, setup_node_line, assumptions)
    if step.context.never_runs:
        assumptions.append("the step never runs, because its `if` is false; it is simulated anyway")
    if step.context.legs > 1 and step.context.leg:
        leg = ", ".join(f"{name} {value}" for name, value in step.context.leg.items())
        assumptions.append(f"the job's matrix has {step.context.legs} jobs; this is {leg}")
    return Plan(
        step=step,
        npm=npm,
        npm_reason=npm_reason,
        job=job,
        has_id_token=step.context.permission.granted is not False,
        command=("stage", "publish") if stage or step.invocation.staged else ("publish",),
        arguments=_merge(own_arguments, arguments, npm, local),
        directory=step.invocation.working_directory,
        registry=_registry(step),
        env=configuration.env,
        secrets=configuration.secrets,
        setup_node_npmrc=configuration.setup_node_npmrc,
        user_npmrc=configuration.user_npmrc,
        assumptions=tuple(assumptions),
        token_allowed=step.invocation.tool == "safepublish" and _allows_token(step),
    )


def _position(step: Step) -> str:
    return f"{step.place.at.path}:{step.place.at.line} ({step.invocation.command})"


def _other_tool(step: Step) -> str:
    if step.invocation.hidden is not None:
        return f"{_position(step)} does not show which command publishes; a rehearsal simulates `npm publish`"
    return f"{_position(step)} publishes with {step.invocation.tool}; a rehearsal simulates `npm publish`"


def _npm_arguments(step: Step) -> tuple[str, ...]:
    """Those arguments of safepublish that it passes to npm."""
    try:
        return own_options.parse(step.invocation.arguments).arguments
    except own_options.UsageError as error:
        raise CannotSimulateError(f"{_position(step)} does not start npm: {error}") from error


def _allows_token(step: Step) -> bool:
    """Whether safepublish lets a token publish in *step*: the option, or its variable."""
    options = own_options.parse(step.invocation.arguments).options
    variable = own_options.BY_NAME["--allow-token"].variable
    given = any(option.name == "--allow-token" for option, _ in options)
    return given or (step.invocation.env.get(variable or "") or "").lower() in {"1", "true", "yes", "on"}


def _merge(own: tuple[str, ...], added: Sequence[str], npm: Version | None, local: LocalRepository) -> tuple[str, ...]:
    """The step's *own* arguments and those *added*; a package among these replaces the step's."""
    version = npm or options.NEWEST
    places = Places("/", "/", windows=local.windows)

    def positionals(arguments: Sequence[str]) -> tuple[str, ...]:
        return npm_arguments.parse(["publish", *arguments], version, places).remain[1:]

    kept = list(own)
    if positionals(added):
        while packages := positionals(kept):
            index = next(
                (
                    index
                    for index in reversed(range(len(kept)))
                    if kept[index] in packages
                    and len(positionals(kept[:index] + kept[index + 1 :])) == len(packages) - 1
                ),
                None,
            )
            if index is None:
                break
            del kept[index]
    merged = (*kept, *added)
    unknown = next((word for word in merged if "${{" in word or re.search(r"\$[{(\w@*]", word)), None)
    if unknown is not None and "_authToken=" not in unknown:
        is_package = unknown in positionals(merged)
        remedy = "pass the package to rehearse: safepublish rehearse ./PATH" if is_package else "pass it to rehearse"
        raise CannotSimulateError(f"the argument {unknown} is known only when the workflow runs; {remedy}")
    return merged


def _npm(step: Step, assumptions: list[str]) -> tuple[Version | None, str]:
    npms = step.toolchain.npm.npms
    if npms is None:
        reason = step.toolchain.npm.why or step.toolchain.node.why or "the workflow does not show the npm version"
        assumptions.append(f"{reason}; this machine's npm is used")
        return None, ""
    version = npms.highest or npms.lowest
    if npms.highest != npms.lowest:
        until = f" to {npms.highest}" if npms.highest else " or newer"
        assumptions.append(f"npm may be {npms.lowest}{until}; {version} is used")
    location = (
        step.toolchain.node.entry.value.at
        if step.toolchain.node.entry is not None and step.toolchain.npm.source == "node"
        else None
    )
    place = f" ({location.path}:{location.line})" if location else ""
    return version, f"{npms.why or step.toolchain.npm.source}{place}"


def _job(step: Step, local: LocalRepository, assumptions: list[str]) -> GitHubJob:
    repository = local.name
    if repository is None:
        repository = "octo-org/hello-oidc"
        assumptions.append(f"this repository has no origin on GitHub; it is simulated as {repository}")
    known = (*_TAG_EVENTS, *_BRANCH_EVENTS, *_PULL_REQUEST_EVENTS)
    event = next((event for event in known if event in step.context.triggers), "workflow_dispatch")
    head = local.head or "refs/heads/main"
    ref = "refs/pull/1/merge" if event in _PULL_REQUEST_EVENTS else head
    if not step.context.environment_known:
        assumptions.append("the job's environment is known only when the workflow runs: it is simulated without one")
    if step.context.permission.granted is None:
        reason = step.context.permission.why or "the file does not show whether the job can request an ID token"
        assumptions.append(f"{reason}; it is simulated as if id-token: write were granted")
    if step.context.runner.hosted is None:
        assumptions.append("the runner is assumed to be GitHub-hosted")
    called = None if step.place.path == step.place.entry_path else f"{repository}/{step.place.path}@{ref}"
    return GitHubJob(
        repository=repository,
        workflow=step.place.entry_path.rpartition("/")[2],
        ref=ref,
        event=event,
        job=step.place.job,
        environment=step.context.environment,
        runner="self-hosted" if step.context.runner.hosted is False else "github-hosted",
        called=called,
    )


def _registry(step: Step) -> str:
    url = step.credentials.registry.url or NPMJS
    return url if url.endswith("/") else f"{url}/"


class _Configuration(NamedTuple):
    """The variables, secrets and .npmrc files of a step."""

    env: Mapping[str, str]
    secrets: tuple[Secret, ...]
    setup_node_npmrc: tuple[str, ...] | None
    user_npmrc: tuple[str, ...]


def _configuration(step: Step, setup_node_line: str, assumptions: list[str]) -> _Configuration:
    env = {name: value for name, value in step.invocation.env.items() if value is not None}
    secrets: dict[str, Secret] = {}
    user_npmrc: list[str] = []
    setup_node_npmrc, placeholder = _setup_node(step.toolchain.setup, setup_node_line, assumptions)
    if setup_node_npmrc is not None and placeholder and not env.get("NODE_AUTH_TOKEN"):
        env.setdefault("NODE_AUTH_TOKEN", PLACEHOLDER)
    for token in step.credentials.tokens:
        variable = token.variable or "NPM_TOKEN"
        if token.source in {"npmrc", "npm config"}:
            user_npmrc.append(f"{_token_key(step)}=${{{variable}}}")
        if token.kind is CredentialKind.SET and env.get(variable) in {None, PLACEHOLDER}:
            name = token.secret or f"secrets.{variable}"
            secrets[variable] = Secret(name, variable, known=not (_GITHUB_TOKEN.search(name) and _is_npmjs(step)))
            env.pop(variable, None)
        elif token.kind is CredentialKind.EMPTY:
            env[variable] = ""
    hidden = sorted(name for name, value in step.invocation.env.items() if value is None and name not in secrets)
    if "NODE_AUTH_TOKEN" in hidden:
        hidden.remove("NODE_AUTH_TOKEN")
        env.pop("NODE_AUTH_TOKEN", None)
        secrets["NODE_AUTH_TOKEN"] = Secret("a value that only the real run knows", "NODE_AUTH_TOKEN", known=False)
    if hidden:
        assumptions.append(f"values that only the real run knows are not set: {', '.join(hidden)}")
    return _Configuration(env, tuple(secrets.values()), setup_node_npmrc, tuple(user_npmrc))


def _is_npmjs(step: Step) -> bool:
    return parse_url(_registry(step)) == parse_url(NPMJS)


def _token_key(step: Step) -> str:
    url = parse_url(_registry(step))
    return f"//{url.host}{url.path}:_authToken" if url is not None else f"//{NPMJS.partition('//')[2]}:_authToken"


def _setup_node(
    setup: Setup | None, setup_node_line: str, assumptions: list[str]
) -> tuple[tuple[str, ...] | None, bool]:
    """The .npmrc of setup-node's `registry-url`, and whether it exports the placeholder (src/authutil.ts)."""
    if setup is None or not setup.registry_url:
        return None, False
    version = _ACTION_VERSION.fullmatch(setup.version or "") or _ACTION_VERSION.search(
        setup_node_line.partition("#")[2]
    )
    if version is None:
        assumptions.append(
            f"the version of actions/setup-node {(setup.version or 'this')[:12]} is unknown; v7 is simulated"
        )
        major, minor = 7, 0
    else:
        major, minor = int(version[1]), int(version[2] or (0 if version[1] != "6" else 99))
    url = setup.registry_url if setup.registry_url.endswith("/") else f"{setup.registry_url}/"
    scope = setup.scope
    if scope and not scope.startswith("@"):
        scope = f"@{scope}"
    lines = [f"//{url.partition('//')[2]}:_authToken=${{NODE_AUTH_TOKEN}}"]
    lines.append(f"{scope.lower()}:registry={url}" if scope else f"registry={url}")
    if (major, minor) <= _ALWAYS_AUTH_UNTIL:
        lines.append("always-auth=false")
    return tuple(lines), major <= _PLACEHOLDER_UNTIL


def with_release_ref(plan: Plan, version: str | None) -> Plan:
    """*plan* with the tag of *version* as its ref, where a release or a tag starts the workflow."""
    starts_from_tag = plan.job.event in _TAG_EVENTS or (plan.job.event == "push" and plan.step.context.for_tags)
    if not starts_from_tag or version is None:
        return plan
    return plan._replace(job=plan.job._replace(ref=f"refs/tags/v{version}"))


def registry_hosts(urls: Sequence[str]) -> tuple[str, ...]:
    """The `host:port` of each registry that is simulated, npm's default first; without those on this machine."""
    hosts: dict[str, None] = {}
    for url in (NPMJS, *urls):
        parsed = parse_url(url)
        if parsed is None or not parsed.certain or parsed.scheme not in {"http", "https"}:
            continue
        if _LOOPBACK.fullmatch(parsed.hostname):
            continue
        port = "443" if parsed.scheme == "https" else "80"
        hosts[parsed.host if ":" in parsed.host else f"{parsed.hostname}:{port}"] = None
    return tuple(hosts)


def hosts_without_oidc(hosts: Sequence[str]) -> frozenset[str]:
    """Those of *hosts* that are not npmjs.com's: no other registry is known to exchange ID tokens."""
    npmjs = parse_url(NPMJS)
    assert npmjs is not None  # noqa: S101 - it is a constant
    return frozenset(host.rpartition(":")[0] for host in hosts) - {npmjs.hostname}
