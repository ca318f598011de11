"""What a rehearsal sets up for one publish step: pure, from the facts of the step."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import PLACEHOLDER
from safepublish.facts.step import Setup, Step
from safepublish.npm import arguments, options
from safepublish.npm.arguments import Places
from safepublish.npm.url import parse as parse_url
from safepublish.rehearsal.identity import GitHubJob
from safepublish.shell import own_options

NPMJS = "https://registry.npmjs.org/"
"""The registry whose answers the embedded one gives."""

TOOLS = ("npm", "safepublish")
"""The tools whose publish is npm's."""

_TAGGED = ("release",)
_BRANCH = ("push", "workflow_dispatch", "workflow_run", "schedule", "repository_dispatch", "workflow_call")
_PULL_REQUEST = ("pull_request_target", "pull_request")
_PLACEHOLDER_UNTIL = 6  # actions/setup-node v7 writes none (#1558)
_ALWAYS_AUTH_UNTIL = (6, 0)  # actions/setup-node v6.1.0 dropped the line
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]")
_GITHUBS = re.compile(r"(?:secrets\.|_|\b)github[._]token\b", re.IGNORECASE)
_ACTION_VERSION = re.compile(r"v?(\d{1,3})(?:\.(\d{1,4}))?(?:\.\d{1,4})?")


class NotPlayedError(Exception):
    """This step cannot be rehearsed; the text says why, and what can be done."""


class Around(NamedTuple):
    """What the machine tells about the repository."""

    repository: str | None = None  # owner/name
    head: str | None = None  # the ref that is checked out: refs/heads/main
    windows: bool = False


class Secret(NamedTuple):
    """A secret of the repository that the step uses: which, and through which variable."""

    name: str  # secrets.NPM_TOKEN
    variable: str
    known: bool = True  # to the registry, where it is set: GitHub's own token is none to npmjs.com


class Plan(NamedTuple):
    """One publish step, as it is to be played. Of secrets only the names: their values are made up when it is."""

    step: Step
    npm: Version | None  # None: that of this machine
    npm_why: str  # what brings it
    job: GitHubJob
    identity: bool  # the job may ask for an id token
    command: tuple[str, ...]  # publish; stage publish
    words: tuple[str, ...]  # behind it
    directory: str  # below the repository's root
    registry: str  # the url of the registry that the job configures
    env: Mapping[str, str]
    secrets: tuple[Secret, ...] = ()  # variables that hold one
    setup_npmrc: tuple[str, ...] | None = None  # the lines that setup-node writes
    npmrc: tuple[str, ...] = ()  # lines that a step writes to the user's .npmrc
    assumed: tuple[str, ...] = ()  # what could not be known


def plan(step: Step, around: Around, given: Sequence[str] = (), *, staged: bool = False, pinned: str = "") -> Plan:
    """How to play *step*; *given* are npm's arguments for this rehearsal, added to the step's own.

    *pinned* is the line of the workflow that names setup-node's version, where a comment may say what a commit is.
    Raises `NotPlayedError`.
    """
    context = step.context
    if step.invocation.tool not in TOOLS:
        raise NotPlayedError(_no_npm(step))
    assumed: list[str] = []
    command, own = _publish(step)
    if step.invocation.working_directory is None:
        raise NotPlayedError(f"the working directory of {_named(step)} is known only in the run")
    npm, why = _npm(step, assumed)
    job = _job(step, around, assumed)
    env, secrets, setup, written = _configuration(step, pinned, assumed)
    if context.never_runs:
        assumed.append("the step never runs: its `if` is false; it is played all the same")
    if context.legs > 1 and context.leg:
        leg = ", ".join(f"{name} {value}" for name, value in context.leg.items())
        assumed.append(f"of the {context.legs} legs of the job's matrix this is {leg}")
    return Plan(
        step=step,
        npm=npm,
        npm_why=why,
        job=job,
        identity=context.permission.granted is not False,
        command=("stage", "publish") if staged or command[0] == "stage" else ("publish",),
        words=_merged(own, given, npm, around),
        directory=step.invocation.working_directory,
        registry=_registry(step),
        env=env,
        secrets=secrets,
        setup_npmrc=setup,
        npmrc=written,
        assumed=tuple(assumed),
    )


def _named(step: Step) -> str:
    return f"{step.place.at.path}:{step.place.at.line} ({step.invocation.command})"


def _no_npm(step: Step) -> str:
    if step.invocation.hidden is not None:
        return f"{_named(step)} does not show which command publishes; a rehearsal plays `npm publish`"
    return f"{_named(step)} publishes with {step.invocation.tool}; a rehearsal plays `npm publish`"


def _publish(step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The npm command and its arguments."""
    words = _for_npm(step) if step.invocation.tool == "safepublish" else step.invocation.arguments
    return ("stage", "publish") if step.invocation.staged else ("publish",), words


def _for_npm(step: Step) -> tuple[str, ...]:
    """Of the arguments of safepublish those for npm."""
    try:
        return own_options.read(step.invocation.arguments).words
    except own_options.UsageError as error:
        raise NotPlayedError(f"{_named(step)} does not start npm: {error}") from error


def _merged(own: tuple[str, ...], given: Sequence[str], npm: Version | None, around: Around) -> tuple[str, ...]:
    """The step's words with those that are given: a package that is given takes the place of the step's."""
    version = npm or options.NEWEST
    places = Places("/", "/", windows=around.windows)

    def positionals(words: Sequence[str]) -> tuple[str, ...]:
        return arguments.parse(["publish", *words], version, places).remain[1:]

    kept = list(own)
    if positionals(given):
        while packages := positionals(kept):
            at = next(
                (
                    at
                    for at in reversed(range(len(kept)))
                    if kept[at] in packages and len(positionals(kept[:at] + kept[at + 1 :])) == len(packages) - 1
                ),
                None,
            )
            if at is None:
                break
            del kept[at]
    words = (*kept, *given)
    unknown = next((word for word in words if "${{" in word or re.search(r"\$[{(\w@*]", word)), None)
    if unknown is not None and "_authToken=" not in unknown:
        what = "name the package here: safepublish rehearse ./PATH" if unknown in positionals(words) else "give it here"
        raise NotPlayedError(f"the argument {unknown} is known only in the run; {what}")
    return words


def _npm(step: Step, assumed: list[str]) -> tuple[Version | None, str]:
    toolchain = step.toolchain
    npms = toolchain.npm.npms
    if npms is None:
        why = toolchain.npm.why or toolchain.node.why or "the workflow does not tell which npm runs"
        assumed.append(f"{why}; this machine's npm is played")
        return None, ""
    version = npms.highest or npms.lowest
    if npms.highest != npms.lowest:
        until = f" to {npms.highest}" if npms.highest else " or newer"
        assumed.append(f"npm may be {npms.lowest}{until}; {version} is played")
    at = toolchain.node.entry.value.at if toolchain.node.entry is not None and toolchain.npm.source == "node" else None
    place = f" ({at.path}:{at.line})" if at else ""
    return version, f"{npms.why or toolchain.npm.source}{place}"


def _job(step: Step, around: Around, assumed: list[str]) -> GitHubJob:
    place, context = step.place, step.context
    repository = around.repository
    if repository is None:
        repository = "octo-org/hello-oidc"
        assumed.append(f"this repository has no origin on GitHub: it is played as {repository}")
    event = next((one for one in (*_TAGGED, *_BRANCH, *_PULL_REQUEST) if one in context.triggers), "workflow_dispatch")
    head = around.head or "refs/heads/main"
    ref = "refs/pull/1/merge" if event in _PULL_REQUEST else head
    if not context.environment_known:
        assumed.append("the job's environment is known only in the run: it is played without one")
    if context.permission.granted is None:
        why = context.permission.why or "whether the job may ask for an id token is not in the file"
        assumed.append(f"{why}; it is played as if id-token: write were granted")
    if context.runner.hosted is None:
        assumed.append("the runner is taken for one of GitHub's")
    called = None if place.path == place.entry_path else f"{repository}/{place.path}@{ref}"
    return GitHubJob(
        repository=repository,
        workflow=place.entry_path.rpartition("/")[2],
        ref=ref,
        event=event,
        job=place.job,
        environment=context.environment,
        runner="self-hosted" if context.runner.hosted is False else "github-hosted",
        called=called,
    )


def _registry(step: Step) -> str:
    url = step.credentials.registry.url or NPMJS
    return url if url.endswith("/") else f"{url}/"


def _configuration(
    step: Step, pinned: str, assumed: list[str]
) -> tuple[dict[str, str], tuple[Secret, ...], tuple[str, ...] | None, tuple[str, ...]]:
    """The step's variables, its secrets, setup-node's .npmrc, and the lines that other steps write to the user's."""
    env = {name: value for name, value in step.invocation.env.items() if value is not None}
    secrets: dict[str, Secret] = {}
    written: list[str] = []
    setup, placeholder = _setup(step.toolchain.setup, pinned, assumed)
    if setup is not None and placeholder and not env.get("NODE_AUTH_TOKEN"):
        env.setdefault("NODE_AUTH_TOKEN", PLACEHOLDER)
    for token in step.credentials.tokens:
        variable = token.variable or "NPM_TOKEN"
        if token.source in {"npmrc", "npm config"}:
            written.append(f"{_key(step)}=${{{variable}}}")
        if token.kind is CredentialKind.SET and env.get(variable) in {None, PLACEHOLDER}:
            name = token.secret or f"secrets.{variable}"
            secrets[variable] = Secret(name, variable, known=not (_GITHUBS.search(name) and _is_npmjs(step)))
            env.pop(variable, None)
        elif token.kind is CredentialKind.EMPTY:
            env[variable] = ""
    hidden = sorted(name for name, value in step.invocation.env.items() if value is None and name not in secrets)
    if "NODE_AUTH_TOKEN" in hidden:
        hidden.remove("NODE_AUTH_TOKEN")
        env.pop("NODE_AUTH_TOKEN", None)
        secrets["NODE_AUTH_TOKEN"] = Secret("a value that only the run knows", "NODE_AUTH_TOKEN", known=False)
    if hidden:
        assumed.append(f"what the run alone knows is not set: {', '.join(hidden)}")
    return env, tuple(secrets.values()), setup, tuple(written)


def _is_npmjs(step: Step) -> bool:
    return parse_url(_registry(step)) == parse_url(NPMJS)


def _key(step: Step) -> str:
    url = parse_url(_registry(step))
    return f"//{url.host}{url.path}:_authToken" if url is not None else f"//{NPMJS.partition('//')[2]}:_authToken"


def _setup(setup: Setup | None, pinned: str, assumed: list[str]) -> tuple[tuple[str, ...] | None, bool]:
    """The .npmrc of setup-node's `registry-url`, and whether it exports the placeholder (src/authutil.ts)."""
    if setup is None or not setup.registry_url:
        return None, False
    version = _ACTION_VERSION.fullmatch(setup.version or "") or _ACTION_VERSION.search(pinned.partition("#")[2])
    if version is None:
        assumed.append(
            f"which actions/setup-node {(setup.version or 'this')[:12]} is, the file does not say: v7 is played"
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


def released(plan: Plan, version: str | None) -> Plan:
    """*plan* for the release of *version*, where a release or a tag starts it: its ref is the tag."""
    tagged = plan.job.event in _TAGGED or (plan.job.event == "push" and plan.step.context.for_tags)
    if not tagged or version is None:
        return plan
    return plan._replace(job=plan.job._replace(ref=f"refs/tags/v{version}"))


def hosts(urls: Sequence[str]) -> tuple[str, ...]:
    """The `host:port` of each registry, each once; npm's default first. One on the machine itself stays what it is."""
    found: dict[str, None] = {}
    for url in (NPMJS, *urls):
        parsed = parse_url(url)
        if parsed is None or not parsed.certain or parsed.scheme not in {"http", "https"}:
            continue
        if _LOOPBACK.fullmatch(parsed.hostname):
            continue
        port = "443" if parsed.scheme == "https" else "80"
        found[parsed.host if ":" in parsed.host else f"{parsed.hostname}:{port}"] = None
    return tuple(found)


def without_oidc(hosts: Sequence[str]) -> frozenset[str]:
    """Of *hosts* those that are no npmjs.com: none other is known to exchange identities."""
    npmjs = parse_url(NPMJS)
    assert npmjs is not None  # noqa: S101 - it is written above
    return frozenset(host.rpartition(":")[0] for host in hosts) - {npmjs.hostname}
