"""The facts about one run: the npm that will run, who the CI says we are, the package, the registry.

Filled by `safepublish.detect`, judged by `safepublish.causes`.
No value here holds a secret: of a token there is only where it comes from and its kind.
"""

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci, CredentialKind

if TYPE_CHECKING:
    from packaging.version import Version

    from safepublish.facts.step import Step
    from safepublish.facts.waiver import Waiver

PLACEHOLDER = "XXXXX-XXXXX-XXXXX-XXXXX"
"""What actions/setup-node v3 to v6 exports as NODE_AUTH_TOKEN (src/authutil.ts); it is no token."""


class Npm(NamedTuple):
    """The npm on PATH, as found without starting it."""

    path: str  # of the executable on PATH, absolute
    cli: str | None  # the npm-cli.js that will run; None when a shim hides it
    version: "Version | None"
    node: str | None  # the node that will run it, absolute
    node_version: "Version | None"
    manager: str | None = None  # "volta", "corepack", "nvm", … when the path shows one
    trouble: str | None = None  # why the version is unknown
    node_trouble: str | None = None  # why Node does not start
    requires_esm: bool | None = None  # whether Node loads ES modules with `require`
    is_wrapper: bool = False  # npm or node on PATH is a script of somebody, which may change everything for npm
    broken_sigstore: bool = False  # npm 12.0.0 ships without the sigstore package it requires


class IdTokenRequest(enum.Enum):
    """The outcome of requesting the CI's id token."""

    NOT_ASKED = "not asked"
    PRESENT = "present"  # NPM_ID_TOKEN held it
    MINTED = "minted"
    REFUSED = "refused"  # the endpoint answered, but with no token
    UNREACHABLE = "unreachable"


class IdToken(NamedTuple):
    """The CI's id token for npm: where it comes from and what it says, never the token."""

    request: IdTokenRequest = IdTokenRequest.NOT_ASKED
    variable: str | None = None  # NPM_ID_TOKEN or ACTIONS_ID_TOKEN_REQUEST_URL
    status: int | None = None  # HTTP status of the endpoint
    trouble: str | None = None  # the endpoint's message, or why the token cannot be decoded
    malformed: bool = False
    claims: Mapping[str, str] = {}  # those of `ci.id_token.CLAIMS`, as text
    audiences: tuple[str, ...] = ()
    expires: int | None = None  # seconds since 1970


class Identity(NamedTuple):
    """The job's identity, as the CI states it."""

    ci: Ci = Ci.NONE
    ci_name: str | None = None  # as people call it, for `Ci.OTHER`
    also: frozenset[Ci] = frozenset()  # of npm's three, those whose variables are set beside those of `ci`
    ci_disabled: bool = False  # CI=false: ci-info then sees no CI at all
    request_url: bool = False  # ACTIONS_ID_TOKEN_REQUEST_URL is set
    request_token: bool = False  # ACTIONS_ID_TOKEN_REQUEST_TOKEN is set
    npm_id_token: bool = False  # NPM_ID_TOKEN is set and not empty
    sigstore_id_token: bool = False  # SIGSTORE_ID_TOKEN is set and not empty
    id_token: IdToken = IdToken()
    event: str | None = None  # GITHUB_EVENT_NAME
    git_tag: str | None = None  # the tag, or the tag of the release, that started the job
    head_repository: str | None = None  # of a pull request, from GITHUB_EVENT_PATH
    server_url: str | None = "https://github.com"  # GITHUB_SERVER_URL, None where it is not set
    repository: str | None = None  # GITHUB_REPOSITORY, CI_PROJECT_PATH, …
    repository_visibility: str | None = None  # from the event: public, private, internal
    actor: str | None = None
    workflow_ref: str | None = None  # GITHUB_WORKFLOW_REF: owner/repo/.github/workflows/x.yml@ref
    job: str | None = None  # GITHUB_JOB
    runner_environment: str | None = None  # RUNNER_ENVIRONMENT: github-hosted, self-hosted


class Origin(NamedTuple):
    """Which layer of npm's configuration holds a value, and where."""

    layer: str  # cli, env, project, user, global, builtin, default, publishConfig
    source: str  # a path, a variable's name, a flag
    key: str
    line: int | None = None


class Credential(NamedTuple):
    """A credential npm could use for the package's registry."""

    kind: CredentialKind
    origin: Origin | None = None
    variable: str | None = None  # the variable that ${VAR} names
    beats_oidc: bool = False  # a more specific //host/path key, which npm prefers over the exchanged token
    fallback: bool = False  # it is written ${VAR:-…}, which is no syntax of npm's
    needs_oidc: bool = False  # npm sends it only after an exchange: by itself it is ENEEDAUTH


class Setting(NamedTuple):
    """A configured value and where it comes from."""

    value: str
    origin: Origin


class Problem(NamedTuple):
    """Something npm's configuration loading stops at, or ignores to the user's surprise."""

    kind: str  # invalid-auth, misspelt-key, unknown-flag, unread-variable, invalid-registry, usage
    text: str  # names the key or flag, never a value
    origin: Origin | None = None
    stops_npm: bool = False


class Exchange(enum.Enum):
    """The outcome of exchanging the id token for an npm token."""

    NOT_ASKED = "not asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # 4xx: the registry decided
    FAILED = "failed"  # 5xx, a body without a token
    UNREACHABLE = "unreachable"


class ExchangeResult(NamedTuple):
    """The answer of the registry's exchange endpoint for one package."""

    exchange: Exchange = Exchange.NOT_ASKED
    status: int | None = None
    message: str | None = None  # the registry's own message
    why: str | None = None  # why it was not asked or not reached
    unusable_token: bool = False  # the token is no string, or has a character that no header carries
    confirmed_by_npm: bool | None = None  # the second opinion: whether npm's own exchange failed too


class Existence(enum.Enum):
    """Whether the registry shows the package to a request without a credential."""

    UNKNOWN = "unknown"
    ABSENT = "absent"  # 404; a private package answers the same
    EXISTS = "exists"


class Visibility(enum.Enum):
    """Whether the registry calls the package public, which npm asks before it attaches provenance."""

    NOT_ASKED = "not asked"
    UNKNOWN = "unknown"  # no answer, or one that npm may get otherwise with its own credential
    PUBLIC = "public"
    NOT_PUBLIC = "not public"  # asked with the credential that npm would have


class Publisher(NamedTuple):
    """Who published the last version, as far as the registry's documents name it."""

    version: str
    trusted: bool | None = None  # None where it is unknown
    repository: str | None = None  # owner/name, from the provenance
    workflow: str | None = None  # the file name, from the provenance
    named_repository: str | None = None  # owner/name on GitHub that the manifest names


class Evidence(enum.IntEnum):
    """How much the registry's documents prove about who published a version, in pnpm's order (pnpm 12.21.0)."""

    NONE = 0
    PROVENANCE = 1
    TRUSTED_PUBLISHER = 2
    STAGED = 3


class PublishedAs(NamedTuple):
    """How one version was published, as far as the registry's documents say it."""

    version: str
    trusted: bool | None = None  # by a trusted publisher; None where it is unknown
    staged: bool = False  # approved by a human after it was staged
    provenance: bool = False
    repository: str | None = None  # owner/name, from the provenance
    workflow: str | None = None  # the file name, from the provenance

    @property
    def by(self) -> str | None:
        """By what it was published: `staged`, `trusted publisher` or `token`; None where that is unknown."""
        if self.staged:
            return "staged"
        return {True: "trusted publisher", False: "token", None: None}[self.trusted]

    @property
    def evidence(self) -> "Evidence":
        """The strongest evidence for who published it."""
        if self.staged:
            return Evidence.STAGED
        if self.trusted:
            return Evidence.TRUSTED_PUBLISHER
        return Evidence.PROVENANCE if self.provenance else Evidence.NONE


class Packument(NamedTuple):
    """What the registry says about the package."""

    existence: Existence = Existence.UNKNOWN
    status: int | None = None
    trouble: str | None = None  # why nothing is known
    versions: frozenset[str] = frozenset()
    deprecated: frozenset[str] = frozenset()
    tags: Mapping[str, str] = {}
    confirmed_by_npm: bool | None = None  # the second opinion: whether npm's own check of the versions fails too
    publisher: Publisher | None = None
    behind: bool = False  # the list lacks this version, and the version's own document is there
    has_provenance: bool = False  # of any version
    latest: PublishedAs | None = None  # how the version with the tag `latest` was published


class Manifest(NamedTuple):
    """What npm makes of a package's package.json."""

    file: str | None = None  # its path, as shown
    name: str | None = None  # trimmed; None when the field is missing
    version: str | None = None  # cleaned: "v1.02.0" is "1.2.0"; None when the field is missing
    private: bool = False
    repository: str | None = None  # repository.url as npm sends it, without credentials; None when it is missing
    runs_scripts: bool = False  # npm starts a shell before the upload
    scripts_may_change_manifest: bool = False  # by prepack, prepare, prepublishOnly or postpack, before npm reads again
    script_bumps_version: bool = False  # one of them names a version or a release
    publishing_script: str | None = None  # the script that npm runs during a publish, and that publishes too
    trouble: str | None = None  # why npm cannot read it, or not publish what the argument names
    pack_trouble: str | None = None  # why npm cannot pack it, which it does after the scripts
    package_extensions: bool = False  # it has `packageExtensions`, and is not private
    unread: str | None = None  # why it was not read here, though npm may: then nothing is known of it
    dual_use: bool = False  # contentPolicy.class is "dual-use"
    packs_disclosure: bool | None = True  # whether `files` lets npm pack a file DISCLOSURE; None where that is unknown


class PackageSettings(NamedTuple):
    """What npm's configuration and publishConfig say about publishing one package."""

    registry: Setting | None = None
    dist_tag: str = "latest"
    dist_tag_given: bool = False
    access: str | None = None  # public, restricted, None
    provenance: bool | None = None  # True requested, False switched off, None npm decides
    provenance_origin: Origin | None = None
    provenance_file: bool = False
    offline: bool = False  # npm answers its own GET requests from its cache only
    problems: tuple[Problem, ...] = ()  # of this package's registry and credential, in addition to those of the run


class Package(NamedTuple):
    """One package that would be published."""

    spec: str  # as given: ".", "./dist", "x.tgz"
    source: str = "directory"  # directory, tarball, other
    path: str | None = None  # of the directory or tarball
    workspace: bool = False  # chosen by -w, -ws, or by the working directory
    fetched: str | None = None  # registry, git, remote, alias: what npm takes the argument for, and fetches
    lies_here: bool = False  # such an argument is also the path of something here
    skip_published: bool = False  # its version is already published, and npm publishes the others
    has_disclosure: bool | None = None  # of a dual-use package: whether DISCLOSURE is packed; None: unknown
    manifest: Manifest = Manifest()
    settings: PackageSettings = PackageSettings()
    credential: Credential = Credential(CredentialKind.ABSENT)
    packument: Packument = Packument()
    visibility: Visibility = Visibility.NOT_ASKED
    exchange_result: ExchangeResult = ExchangeResult()


class DevEngines(NamedTuple):
    """What npm makes of the project's `devEngines`: nothing where all fields have their defaults."""

    engine: str | None = None  # the first that npm stops at: packageManager, runtime, …
    wanted: str = ""  # what it allows, as written
    undecided: bool = False  # whether it stops there is unknown
    by_version: bool = False  # the name fits, so that the version decides
    shape: str | None = None  # what is wrong with the field itself, so that npm stops
    file: str | None = None  # the package.json, as shown


class PublishCommand(NamedTuple):
    """What npm is asked to do, whichever the package."""

    name: str = "publish"  # publish, stage publish
    dry_run: bool = False
    force: bool = False
    problems: tuple[Problem, ...] = ()
    unread_tokens: tuple[str, ...] = ()  # NPM_TOKEN, NODE_AUTH_TOKEN: set, and nothing reads them
    fetches: frozenset[str] = frozenset({"git", "remote"})  # of these, what npm may fetch (`allow-git`, `allow-remote`)
    dev_engines: DevEngines | None = None  # of the project's root; None where npm looks at none


class Workflow(NamedTuple):
    """What of the running workflow's file bears on this run; places are for the fixes."""

    path: str  # relative to the repository's root
    node_version: str | None = None  # as written at setup-node
    node_version_at: Location | None = None
    node_version_line: str | None = None
    permissions_at: Location | None = None  # of the block in force: the job's, else the workflow's
    permissions_line: str | None = None
    publish_at: Location | None = None
    job_at: Location | None = None
    job_line: str | None = None
    reusable_caller: bool = False
    step: "Step | None" = None  # the publish step itself, with all that bears on it


class PublishTool(NamedTuple):
    """The tool that publishes instead of npm (``--with``)."""

    name: str  # as `safepublish.npm.publish_tools` calls it
    path: str  # of the executable, absolute
    version: "Version | None" = None
    npm: bool = False  # it starts the npm on PATH for each package, so that npm's own rules hold
    blind_to_ci: bool = False  # it ignores CI=false
    provenance: bool = False  # it attaches provenance by itself where npm does
    skips: bool = False  # it skips what is already published
    trouble: str | None = None  # why its version is unknown

    @property
    def called(self) -> str:
        """The name that people know: both yarns are yarn."""
        return self.name.removesuffix("-berry")


class Repository(NamedTuple):
    """The git repository around the working directory."""

    root: str | None = None
    remote: str | None = None  # owner/name of origin on GitHub
    workflow: Workflow | None = None


class Options(NamedTuple):
    """Our own options."""

    allow_token: bool = False
    probe: bool = True
    strict: bool = False
    waive: Mapping[str, str] = {}
    format: str = "text"
    deadline: float = 15.0
    deadline_grows: bool = True  # with the number of packages: it was not given
    publish_with: str | None = None  # the command that publishes instead of npm
    already_published: str | None = None  # skip, refuse; None: skip where there are several packages
    hold: tuple[str, ...] = ()  # the packages that are not to be published, though the others are
    workflow: str | None = None  # FILE or FILE:LINE: on a laptop the step whose publish is checked
    job: str | None = None  # the job of that step
    waivers: "tuple[Waiver, ...]" = ()  # those of the configuration file
    wait: float | None = None  # seconds to wait, after the publish, until the version can be installed


class Run(NamedTuple):
    """All facts that a cause may judge: those of the run, and those of one package."""

    npm: Npm | None
    identity: Identity
    package: Package
    command: PublishCommand = PublishCommand()
    is_forecast: bool = False  # on a laptop: will the CI's publish work? its identity, tokens and npm are not here
    repository: Repository = Repository()
    options: Options = Options()
    tool: PublishTool | None = None  # what publishes, where it is not npm
    now: int = 0  # seconds since 1970
