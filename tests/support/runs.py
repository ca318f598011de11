"""A run that every cause lets pass, and the steps away from it that several causes share."""

from typing import Any

from packaging.version import Version

from safepublish.facts.finding import Location
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.run import (
    Credential,
    Exchange,
    ExchangeResult,
    Existence,
    Identity,
    IdToken,
    IdTokenRequest,
    Manifest,
    Npm,
    Options,
    Origin,
    Package,
    PackageSettings,
    Packument,
    Repository,
    Run,
    Setting,
    Workflow,
)
from safepublish.npm.tool_versions import parse

NPMJS = Setting("https://registry.npmjs.org/", Origin("default", "npm's default", "registry"))
PACKAGES = Setting("https://npm.pkg.github.com/", Origin("project", ".npmrc", "@octo:registry", 2))
YARN = Setting("https://registry.yarnpkg.com", Origin("env", "npm_config_registry", "registry"))

USER_NPMRC = Origin("user", "/home/runner/work/_temp/.npmrc", "//registry.npmjs.org/:_authToken", 1)
TOKEN = Credential(CredentialKind.SET, USER_NPMRC)
NEEDS_OIDC = Credential(CredentialKind.SET, USER_NPMRC, needs_oidc=True)
PLACEHOLDER = Credential(CredentialKind.PLACEHOLDER, USER_NPMRC, "NODE_AUTH_TOKEN")
UNRESOLVED = Credential(CredentialKind.UNRESOLVED, USER_NPMRC, "NODE_AUTH_TOKEN")
EMPTY = Credential(CredentialKind.EMPTY, USER_NPMRC, "NODE_AUTH_TOKEN")
MORE_SPECIFIC = Origin("project", ".npmrc", "//registry.npmjs.org/left:_authToken", 3)

CLI_PROVENANCE = Origin("cli", "--provenance", "provenance")

GITHUB_CLAIMS = {
    "repository": "octo/left",
    "repository_visibility": "public",
    "workflow_ref": "octo/left/.github/workflows/publish.yml@refs/tags/v1.2.0",
    "job_workflow_ref": "octo/left/.github/workflows/publish.yml@refs/tags/v1.2.0",
    "runner_environment": "github-hosted",
    "sub": "repo:octo/left:ref:refs/tags/v1.2.0",
    "iss": "https://token.actions.githubusercontent.com",
}
NOW = 1_800_000_000

GITHUB = Identity(
    ci=Ci.GITHUB,
    request_url=True,
    request_token=True,
    id_token=IdToken(
        IdTokenRequest.MINTED,
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        200,
        claims=GITHUB_CLAIMS,
        audiences=("npm:registry.npmjs.org",),
        expires=NOW + 300,
    ),
    event="push",
    repository="octo/left",
    repository_visibility="public",
    actor="octo",
    workflow_ref="octo/left/.github/workflows/publish.yml@refs/tags/v1.2.0",
    job="publish",
    runner_environment="github-hosted",
)
GITLAB = Identity(
    ci=Ci.GITLAB,
    npm_id_token=True,
    sigstore_id_token=True,
    id_token=IdToken(
        IdTokenRequest.PRESENT,
        "NPM_ID_TOKEN",
        claims={
            "project_path": "octo/left",
            "project_visibility": "public",
            "ci_config_ref_uri": "gitlab.com/octo/left//.gitlab-ci.yml@refs/tags/v1.2.0",
            "iss": "https://gitlab.com",
        },
        audiences=("npm:registry.npmjs.org",),
        expires=NOW + 300,
    ),
    repository="octo/left",
    repository_visibility="public",
    job="publish",
)
CIRCLECI = Identity(
    ci=Ci.CIRCLECI,
    npm_id_token=True,
    id_token=IdToken(IdTokenRequest.PRESENT, "NPM_ID_TOKEN", audiences=("npm:registry.npmjs.org",), expires=NOW + 300),
    repository="octo/left",
)
JENKINS = Identity(ci=Ci.OTHER, ci_name="Jenkins")
LAPTOP = Identity()

EXISTS = Packument(
    Existence.EXISTS,
    200,
    versions=frozenset({"1.0.0", "1.1.0", "1.3.0-rc.1"}),
    tags={"latest": "1.1.0"},
)
ABSENT = Packument(Existence.ABSENT, 404)
UNKNOWN = Packument(trouble="the registry answered 502", status=502)

NO_PUBLISHER = ExchangeResult(Exchange.REFUSED, 404, "OIDC token exchange error - package not found")
UNAUTHORIZED = ExchangeResult(Exchange.REFUSED, 401, "OIDC token exchange error - unauthorized")
FOREIGN = ExchangeResult(Exchange.REFUSED, 404, "(a web page)")
FAILED = ExchangeResult(Exchange.FAILED, 502, "Bad gateway", "the registry answered 502")
UNREACHABLE = ExchangeResult(Exchange.UNREACHABLE, why="no answer within 5 s")

READY = Run(
    npm=Npm(
        path="/opt/node/bin/npm",
        cli="/opt/node/lib/node_modules/npm/bin/npm-cli.js",
        version=Version("11.21.2"),
        node="/opt/node/bin/node",
        node_version=Version("24.14.0"),
    ),
    identity=GITHUB,
    package=Package(
        ".",
        path="/work/left",
        manifest=Manifest("package.json", "left", "1.2.0", repository="git+https://github.com/octo/left.git"),
        settings=PackageSettings(NPMJS),
        packument=EXISTS,
        exchange_result=ExchangeResult(Exchange.ACCEPTED, 201),
    ),
    repository=Repository("/work/left", "octo/left"),
    now=NOW,
)
ALLOWED = Options(allow_token=True)


def npm(version: str | None, run: Run = READY, **fields: Any) -> Run:
    """*run* with npm of *version*."""
    assert run.npm is not None
    return run._replace(npm=run.npm._replace(version=parse(version) if version else None, **fields))


def a_package(spec: str = ".", **fields: Any) -> Package:
    """A package with these fields, whether they are its own, its manifest's or its settings'."""
    return changed_package(Package(spec), **fields)


def changed_package(package: Package, **fields: Any) -> Package:
    """*package* with these fields, whether they are its own, its manifest's or its settings'."""
    own = {name: value for name, value in fields.items() if name in Package._fields}
    manifest = {name: value for name, value in fields.items() if name in Manifest._fields}
    settings = {name: value for name, value in fields.items() if name in PackageSettings._fields}
    assert len(own) + len(manifest) + len(settings) == len(fields), fields
    return package._replace(
        manifest=package.manifest._replace(**manifest), settings=package.settings._replace(**settings)
    )._replace(**own)


def package(run: Run = READY, **fields: Any) -> Run:
    """*run* with these fields of the package, of its manifest or of its settings."""
    return run._replace(package=changed_package(run.package, **fields))


def command(run: Run = READY, **fields: Any) -> Run:
    """*run* with these fields of the command."""
    return run._replace(command=run.command._replace(**fields))


def identity(run: Run = READY, **fields: Any) -> Run:
    """*run* with these fields of the identity."""
    return run._replace(identity=run.identity._replace(**fields))


def id_token(run: Run = READY, **fields: Any) -> Run:
    """*run* with these fields of the id token."""
    return identity(run, id_token=run.identity.id_token._replace(**fields))


def claims(run: Run = READY, **changed: str | None) -> Run:
    """*run* with these claims; None removes one."""
    merged = {**run.identity.id_token.claims, **changed}
    return id_token(run, claims={name: value for name, value in merged.items() if value is not None})


def probe(run: Run = READY, **fields: Any) -> Run:
    """*run* with these fields of the probe."""
    return package(run, exchange_result=run.package.exchange_result._replace(**fields))


def allowed(run: Run) -> Run:
    """*run* with a token in reach that `--allow-token` lets publish."""
    return package(run, credential=TOKEN)._replace(options=ALLOWED)


def laptop(run: Run = READY) -> Run:
    """*run* outside of CI."""
    return package(run._replace(identity=LAPTOP), exchange_result=ExchangeResult())


PUBLISHES = Workflow(
    ".github/workflows/publish.yml", node_version="24", publish_at=Location(".github/workflows/publish.yml", 20)
)


def predicting(run: Run = READY, workflow: Workflow | None = PUBLISHES) -> Run:
    """*run* as `safepublish check` judges it on a laptop, in a repository with this publishing *workflow*."""
    return laptop(run)._replace(is_forecast=True, repository=run.repository._replace(workflow=workflow))
