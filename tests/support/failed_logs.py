"""One run for each cause in which it has something to say, for the tests of the catalogue."""

from safepublish.facts.kinds import Kind
from safepublish.facts.run import Credential, IdToken, Mint, Origin, Problem, Run, StandIn
from safepublish.npm.versions import Version
from tests.support import runs as s

FAILURES: list[tuple[str, Run]] = [
    ("no-publishing-workflow", s.predicting(workflow=None)),
    ("npm-missing", s.READY._replace(npm=None)),
    ("npm-release-broken", s.npm("12.0.0", broken_sigstore=True)),
    (
        "arguments-refused",
        s.READY._replace(
            problems=(Problem("unknown-flag", "`--foo` is no option of npm 12.2.0", s.CLI_PROVENANCE, stops_npm=True),)
        ),
    ),
    (
        "auth-config-invalid",
        s.READY._replace(
            problems=(Problem("invalid-auth", "`_auth` belongs to no registry", s.USER_NPMRC, stops_npm=True),)
        ),
    ),
    ("manifest-unreadable", s.package(trouble="it is no JSON", name=None, version=None)),
    ("name-invalid", s.package(name="a b")),
    ("version-missing", s.package(version=None)),
    ("package-private", s.package(private=True)),
    ("not-in-ci", s.laptop()),
    ("unsupported-ci", s.READY._replace(identity=s.JENKINS)),
    ("npm-too-old", s.npm("10.9.4", s.package(provenance=True, credential=s.PLACEHOLDER))),
    ("oidc-disabled", s.identity(ci_disabled=True)),
    ("fork-pull-request", s.identity(event="pull_request", head_repository="fork/left", request_url=False)),
    ("missing-id-token-permission", s.identity(request_url=False, request_token=False)),
    ("id-token-missing", s.READY._replace(identity=s.GITLAB._replace(npm_id_token=False))),
    (
        "id-token-malformed",
        s.id_token(s.package(probe=s.UNAUTHORIZED), malformed=True, trouble="it is not three parts joined by dots"),
    ),
    ("id-token-expired", s.id_token(s.package(probe=s.UNAUTHORIZED), expires=s.NOW - 1)),
    ("id-token-wrong-audience", s.id_token(s.package(probe=s.UNAUTHORIZED), audiences=("sigstore",))),
    (
        "registry-without-slash",
        s.package(problems=(Problem("registry-without-slash", "the URL ends so", s.USER_NPMRC, stops_npm=True),)),
    ),
    ("registry-without-oidc", s.package(registry=s.PACKAGES, probe=s.FOREIGN)),
    ("package-missing", s.package(packument=s.ABSENT, probe=s.NO_PUBLISHER)),
    ("publisher-mismatch", s.package(probe=s.NO_PUBLISHER)),
    ("id-token-rejected", s.package(probe=s.UNAUTHORIZED)),
    ("id-token-request-failed", s.identity(id_token=IdToken(Mint.REFUSED, "ACTIONS_ID_TOKEN_REQUEST_URL", 403))),
    ("version-published", s.package(version="1.1.0")),
    ("version-not-latest", s.package(version="1.0.1")),
    ("prerelease-without-tag", s.package(version="2.0.0-beta.1")),
    ("repository-url-missing", s.package(repository=None)),
    ("repository-url-mismatch", s.package(repository="git+https://github.com/Octo/left.git")),
    ("self-hosted-runner", s.claims(runner_environment="self-hosted")),
    (
        "provenance-private-repository",
        s.claims(s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE), repository_visibility="private"),
    ),
    (
        "provenance-without-sigstore-token",
        s.package(s.READY._replace(identity=s.GITLAB._replace(sigstore_id_token=False)), provenance=True),
    ),
    (
        "provenance-unsupported",
        s.package(s.READY._replace(identity=s.CIRCLECI), provenance=True, provenance_origin=s.CLI_PROVENANCE),
    ),
    ("access-not-public", s.package(access="restricted")),
    (
        "token-beats-oidc",
        s.package(credential=Credential(Kind.PLACEHOLDER, s.MORE_SPECIFIC, beats_oidc=True)),
    ),
    (
        "publisher-tool-without-oidc",
        s.READY._replace(tool=StandIn("yarn", "/usr/bin/yarn", Version(1, 22, 22))),
    ),
    ("token-conflict", s.package(probe=s.NO_PUBLISHER, credential=s.TOKEN)),
    ("token-rejected", s.package(probe=s.NO_PUBLISHER, credential=s.UNRESOLVED)),
    ("registry-unreachable", s.package(packument=s.UNKNOWN)),
    (
        "settings-unread",
        s.READY._replace(problems=(Problem("not-read", ".npmrc was not read: it is too large", s.USER_NPMRC),)),
    ),
    (
        "registry-ignored",
        s.READY._replace(
            problems=(
                Problem(
                    "invalid-registry",
                    "the value of `--registry` is no URL; npm ignores it",
                    Origin("cli", "--registry", "registry"),
                ),
            )
        ),
    ),
    ("provenance-redundant", s.package(provenance=True, provenance_origin=s.CLI_PROVENANCE)),
]
