"""The facts about one publish step of a workflow file, on one leg of its job's matrix.

Filled by `safepublish.pipelines`, judged by the causes' `in_workflow`, fixed by their `fix`.
Of a token there is only where it comes from and its kind; a secret's value is in no workflow file.
"""

import enum
from collections.abc import Mapping
from typing import NamedTuple

from safepublish.facts.finding import Finding, Location
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.npms import Npms


class Verdict(enum.Enum):
    """What will happen at a publish step."""

    BROKEN = "broken"  # it cannot work
    UNKNOWN = "unknown"  # the files do not decide
    WAIVED = "waived"  # what is wrong, or unknown, was waived: nothing is said about it
    TOKEN = "token"  # noqa: S105 - a long-lived token reaches it, by design
    TRUSTED = "trusted"  # it will publish through OIDC


class Span(NamedTuple):
    """A stretch of a file: from its first character up to, not including, its end. Lines and columns count from 1.

    Of a block collection the end is that of its last scalar; of a block scalar the line after its last, column 1.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def at(self) -> Location:
        """Where it begins."""
        return Location(self.path, self.line, self.column)


class Entry(NamedTuple):
    """One entry of a YAML mapping: where its key and its value stand."""

    name: str
    key: Span
    value: Span
    text: str | None = None  # the scalar as written, without its quotes; None where the value is a collection
    style: str = "plain"  # plain, single, double, literal, folded, flow, block, alias
    line: str = ""  # the file's line on which the value begins


class Node(NamedTuple):
    """The Node that the step runs on."""

    source: str = "unknown"  # setup-node, container, image, or what else put it there (volta, mise, an action's name)
    version: str | None = None  # the requested version, resolved: "22", "lts/*", "v22.14.0"
    entry: Entry | None = None  # where that text stands: node-version, or the matrix, env or input value it names
    setup: int | None = None  # the index of the step that sets it up, in the job's steps
    setup_entry: Entry | None = None  # that step's node-version or node-version-file
    file: str | None = None  # the version file it comes from
    why: str = ""  # why the version is unknown


class Upgrade(NamedTuple):
    """One command before the publish, in the same job, that puts another npm in place."""

    step: int  # its index in the job's steps
    span: Span  # the command's line or lines; of the step when the command stands in an action
    command: str
    spec: str  # latest, 11, ^11.5.1, …
    works: bool | None = None  # whether it can, on that Node; None: unknown
    brings: Npms | None = None  # the npm that is there afterwards, where it works
    why: str = ""  # why it fails, or why that is unknown
    swallowed: bool = False  # its failure does not end the job
    alone: bool = False  # its step does nothing else


class Npm(NamedTuple):
    """The npm that will publish."""

    npms: Npms | None = None  # None: unknown
    source: str = "unknown"  # node, upgrade, npx, tool (the tool brings its own), image, unknown
    why: str = ""  # why it is unknown


class Permission(NamedTuple):
    """Whether the job may request an id token, and which block of the file says so."""

    granted: bool | None = None  # None where a caller, or an expression, decides
    block: Entry | None = None  # the `permissions` in force: the job's, else the workflow's
    scope: str = "none"  # job, workflow, none
    id_token: Entry | None = None  # its `id-token` entry
    caller: "Permission | None" = None  # of the calling job, where the step stands in a called workflow
    why: str = ""


class Token(NamedTuple):
    """A token that reaches the publish step."""

    kind: CredentialKind
    source: str  # step env, job env, workflow env, setup-node env, npmrc, npm config, input, with, GITHUB_ENV
    variable: str | None = None  # NODE_AUTH_TOKEN, NPM_TOKEN, the input's name
    secret: str | None = None  # secrets.NPM_TOKEN, as written
    entry: Entry | None = None  # the entry of the file that gives it
    span: Span | None = None  # the command that writes it, where a command does
    shared: bool = False  # other steps may need it: it stands on the job or workflow, or on a step that does more
    read: bool | None = None  # whether something reads it; None where that is outside the file


class Key(NamedTuple):
    """The key of a credential that npm cannot use: it stops at it, or never looks it up."""

    name: str  # as written: _authToken, //registry.npmjs.org:_authToken
    stops: bool
    at: Location
    span: Span | None = None  # the command that writes it; None where it stands in a file of the repository


class Registry(NamedTuple):
    """The registry that the step publishes to."""

    url: str | None = "https://registry.npmjs.org/"  # None: unknown
    source: str = "default"  # default, read (npm's own, package.json is at hand), setup-node, flag, env, npmrc, …
    scope: str | None = None
    entry: Entry | None = None


class Runner(NamedTuple):
    """The machine that the job asks for."""

    labels: tuple[str, ...] | None = None  # None where an expression hides them
    hosted: bool | None = None  # by GitHub; None: unknown
    entry: Entry | None = None
    os: str | None = None  # linux, windows, macos
    provider: str | None = None  # the company whose runners are self-hosted to GitHub


class Setup(NamedTuple):
    """What the setup-node step in force says."""

    position: int
    version: str | None = None  # the action's ref: v4, a commit
    registry_url: str | None = None
    registry_entry: Entry | None = None
    scope: str | None = None
    node_version: Entry | None = None
    with_: Entry | None = None  # its `with` block
    span: Span | None = None


class Flag(NamedTuple):
    """An argument of the publish command, and where it stands in the file."""

    text: str
    span: Span | None = None


class Spec(NamedTuple):
    """The argument of npm that names what is published."""

    text: str  # as the script has it: dist, packed/*.tgz, packages/$NAME
    span: Span | None = None  # where it stands in the file
    exists: bool = False  # the repository has a package in the directory of that name


class Refusal(NamedTuple):
    """Why the CI does not run a file that it can read."""

    text: str
    at: Location


class TokenCommand(NamedTuple):
    """A command of npm that needs a token and publishes nothing."""

    command: str  # npm whoami, npm dist-tag add
    at: Location
    ends: bool = False  # it runs before the publish, finds no token, and its failure ends the job


class Place(NamedTuple):
    """Where a publish step stands."""

    path: str  # of the file where it stands
    entry_path: str  # of the workflow that GitHub starts, and npm matches: the caller's for a called workflow
    job: str
    position: int | None  # in the job's steps; None for a job that calls a workflow which cannot be read
    name: str | None
    span: Span  # the whole step
    at: Location  # the publish command's line, else the step's
    job_key: Span | None = None  # the job's key: where a permissions block may be put
    job_span: Span | None = None
    steps_key: Span | None = None  # the key `steps` of the job
    reusable: str | None = None  # "callee": only callable, no caller is known; "called": read with its caller
    composite: bool = False  # the file is an action, not a workflow

    @property
    def job_at(self) -> Location:
        """Where the job begins, else where the step does."""
        return self.job_key.at if self.job_key else self.at


class Invocation(NamedTuple):
    """The command or action that publishes."""

    command: str = ""  # as it is shown: one line
    tool: str = ""  # npm, pnpm, yarn, changesets, semantic-release, …
    argv: tuple[str, ...] = ()  # the program and its arguments, variables resolved where the file resolves them
    arguments: tuple[str, ...] = ()  # those behind the tool and its command
    opaque: bool = False  # one of them is unknown
    spec: Spec | None = None  # of npm and safepublish alone
    publishes: bool | None = None  # the tool's configuration says that it publishes to npm; None: unknown
    settings_unread: bool = False  # its configuration is a program, or in another package
    checks_login: bool | None = None  # the tool runs `npm whoami` first, which fails without a token; None: unknown
    tool_version: str | None = None  # as far as the files say: "10", "9.0.0"
    hidden: str | None = None  # the script or action that hides the command: then no tool is known
    hidden_in: str | None = None  # the file of the repository that starts it, where that can be read
    staged: bool = False  # npm stage publish
    shell: str = "bash"
    working_directory: str | None = None
    env: Mapping[str, str | None] = {}  # by name; None where a secret or an expression hides the value
    provenance: bool | None = None  # requested, switched off, or None: npm decides
    provenance_flag: Flag | None = None  # `--provenance` in the command
    swallowed: str | None = None  # what hides its failure: "|| true", "continue-on-error: true"


class JobContext(NamedTuple):
    """What the job gives the step, on one leg of its matrix."""

    ci: Ci = Ci.GITHUB
    triggers: frozenset[str] = frozenset()
    for_tags: bool = False  # of pushes only those of tags start it
    conditions: tuple[str, ...] = ()  # the `if` of the job and of the step
    never_runs: bool = False  # `if: false`
    refused: Refusal | None = None  # the CI refuses the workflow, or an action that the job uses
    leg: Mapping[str, str] = {}  # the matrix values of this leg
    legs: int = 1  # how many the job has
    alike: int = 1  # how many jobs of the matrix this leg stands for
    repeats: int = 1  # how many jobs of the matrix publish the same, as far as the file says
    environment: str | None = None
    environment_known: bool = True  # False where an expression names it
    permission: Permission = Permission()
    runner: Runner = Runner()
    lost_variable: str | None = None  # one of GitHub's that npm needs for OIDC, which the command gets empty
    drops_environment: bool = False  # sudo starts it, which hands few variables on
    ci_disabled: Location | None = None  # where `CI: false` is set
    token_commands: tuple[TokenCommand, ...] = ()  # of the same job: commands that need a token and publish nothing
    missing: tuple[str, ...] = ()  # what the file includes or uses and cannot be read, so that things may hide there


class Toolchain(NamedTuple):
    """The Node and npm of the step, and what installed them."""

    node: Node = Node()
    npm: Npm = Npm()
    setup: Setup | None = None
    upgrades: tuple[Upgrade, ...] = ()


class Credentials(NamedTuple):
    """The registry that the step publishes to, and what it can log in with."""

    registry: Registry = Registry()
    tokens: tuple[Token, ...] = ()
    keys: tuple[Key, ...] = ()  # of credentials that the publishing npm cannot use
    id_tokens: Mapping[str, tuple[str, ...]] | None = None  # of GitLab and CircleCI: by variable their audiences, ()
    # where those are unknown; None where a template may bring one, and in GitHub's files
    id_tokens_entry: Entry | None = None  # the job's own block of them
    hidden_token: str | None = None  # why a token may be there that no file shows


class Step(NamedTuple):
    """One publish step, on one leg of its job's matrix."""

    place: Place
    invocation: Invocation = Invocation()
    context: JobContext = JobContext()
    toolchain: Toolchain = Toolchain()
    credentials: Credentials = Credentials()


class File(NamedTuple):
    """One workflow or action file with its publish steps.

    Each step has its facts once for every leg of its job's matrix, and for every command of its script that publishes.
    """

    path: str
    text: str
    steps: tuple[tuple[Step, ...], ...] = ()
    trouble: str | None = None  # why GitHub cannot read the file
    line: int | None = None  # where


class Judged(NamedTuple):
    """A publish step with what the causes say: of its legs the worst."""

    step: Step
    findings: tuple[Finding, ...]
    verdict: Verdict
