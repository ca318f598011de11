"""The words that people see when a publish fails, and the causes that may stand behind them, the likeliest first."""

from typing import NamedTuple


class Seen(NamedTuple):
    """Words on the screen, as npm, the registry or another tool has them, with their code."""

    words: tuple[str, ...]
    causes: tuple[str, ...]
    hidden: bool = False  # npm writes them to its debug log only


SCREEN = (
    Seen(("EBADENGINE",), ("npm-upgrade-fails",)),
    Seen(("Cannot find module 'promise-retry'",), ("npm-upgrade-fails",)),
    Seen(("This command requires you to be logged in.",), ("command-without-oidc",)),
    Seen(("ENONPMTOKEN", "No npm token specified"), ("publisher-tool-without-oidc", "publisher-mismatch")),
    Seen(("Access token expired or revoked.",), ("npm-too-old", "token-rejected", "publisher-mismatch")),
    Seen(("E404",), ("npm-too-old", "publisher-mismatch", "package-missing", "token-rejected")),
    Seen(
        ("ENEEDAUTH", "This command requires you to be logged in to"),
        (
            "missing-id-token-permission",
            "publisher-mismatch",
            "npm-too-old",
            "package-missing",
            "id-token-missing",
            "id-token-expired",
            "id-token-wrong-audience",
            "id-token-malformed",
            "id-token-rejected",
            "id-token-request-failed",
            "fork-pull-request",
            "oidc-disabled",
            "registry-without-slash",
            "registry-without-oidc",
            "unsupported-ci",
            "not-in-ci",
            "command-without-oidc",
            "publisher-tool-without-oidc",
        ),
    ),
    Seen(
        ("E401", "Unable to authenticate"),
        ("token-rejected", "publisher-mismatch", "npm-too-old", "registry-without-oidc", "command-without-oidc"),
    ),
    Seen(("E402", "You must sign up for private packages"), ("access-not-public",)),
    Seen(("E403", "OIDC permission denied for this action"), ("stage-only-publisher",)),
    Seen(("E403", "You cannot publish over the previously published versions"), ("version-published",)),
    Seen(("E403", "Package name too similar to existing packages"), ("name-invalid",)),
    Seen(("E403", "Package name triggered spam detection"), ("name-invalid",)),
    Seen(("E403", "This package requires that publishers enable TFA"), ("two-factor-required",)),
    Seen(("E409",), ("version-published", "registry-unreachable", "transparency-log-conflict")),
    Seen(("E409", "Failed to save packument"), ("registry-unreachable", "version-published")),
    Seen(("E422", "error refreshing TUF metadata"), ("registry-unreachable",)),
    Seen(("E429",), ("registry-unreachable",)),
    Seen(("E422", "Failed to validate repository information"), ("repository-url-mismatch", "repository-url-missing")),
    Seen(("E422", "Unsupported GitHub Actions runner environment"), ("self-hosted-runner",)),
    Seen(("E422", "Unsupported GitHub Actions source repository visibility"), ("provenance-private-repository",)),
    Seen(
        ("EUSAGE", 'Provenance generation in GitHub Actions requires "write" access to the "id-token" permission'),
        ("missing-id-token-permission", "fork-pull-request"),
    ),
    Seen(
        ("EUSAGE", 'Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience'),
        ("provenance-without-sigstore-token",),
    ),
    Seen(
        ("EUSAGE", "Automatic provenance generation not supported for provider"),
        ("provenance-unsupported", "oidc-disabled"),
    ),
    Seen(
        ("EUSAGE", "Can't generate provenance for new or private package, you must set `access` to public."),
        ("access-not-public", "package-missing"),
    ),
    Seen(("EUNSCOPED", "Can't restrict access to unscoped packages."), ("access-not-public",)),
    Seen(("EUNKNOWNCONFIG", "Invalid abbreviated flag"), ("arguments-refused",)),
    Seen(("EOTP", "This operation requires a one-time password"), ("two-factor-required",)),
    Seen(("EPRIVATE", "This package has been marked as private"), ("package-private",)),
    Seen(("ERR_INVALID_AUTH", "Invalid auth configuration found"), ("auth-config-invalid",)),
    Seen(("EJSONPARSE",), ("manifest-unreadable",)),
    Seen(("ENOENT",), ("manifest-unreadable",)),
    Seen(("EBADSEMVER",), ("version-missing",)),
    Seen(("EINVALIDPACKAGENAME",), ("name-invalid",)),
    Seen(("EBADENGINE",), ("npm-upgrade-fails",)),
    Seen(("You must specify a tag using --tag when publishing a prerelease version.",), ("prerelease-without-tag",)),
    Seen(('Cannot implicitly apply the "latest" tag',), ("version-not-latest",)),
    Seen(("Cannot find module 'sigstore'",), ("npm-release-broken",)),
    Seen(("Cannot find module 'promise-retry'",), ("npm-upgrade-fails",)),
    Seen(("Unknown command:",), ("npm-too-old",)),
    Seen(("npm: command not found",), ("npm-missing",)),
    Seen(
        ("ENONPMTOKEN", "No npm token specified"),  # semantic-release
        ("publisher-mismatch", "missing-id-token-permission", "publisher-tool-without-oidc"),
    ),
    Seen(
        ("YN0033", "No authentication configured for request"),  # yarn
        ("publisher-tool-without-oidc", "publisher-mismatch", "missing-id-token-permission"),
    ),
    Seen(("error: missing authentication (run `bunx npm login`)",), ("publisher-tool-without-oidc",)),  # bun
    Seen(("an equivalent entry already exists",), ("transparency-log-conflict",)),
    Seen(("ECONNREFUSED",), ("registry-unreachable",)),
    Seen(("ENOTFOUND",), ("registry-unreachable",)),
    Seen(("ETIMEDOUT",), ("registry-unreachable",)),
    Seen(("E500",), ("registry-unreachable", "id-token-request-failed")),
    Seen(("package not found",), ("publisher-mismatch", "package-missing"), hidden=True),
    Seen(
        ("unauthorized",),
        ("id-token-expired", "id-token-wrong-audience", "id-token-malformed", "id-token-rejected"),
        hidden=True,
    ),
    Seen(
        ("Skipped because incorrect permissions for id-token within GitHub workflow",),
        ("missing-id-token-permission", "fork-pull-request"),
        hidden=True,
    ),
    Seen(("Skipped because no id_token available",), ("id-token-missing",), hidden=True),
)

SILENT = ("token-conflict", "token-beats-oidc")
"""The causes behind which nothing is seen: it was published, but with a token."""
