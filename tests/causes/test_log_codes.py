"""Every code with which npm, pnpm, np and npm trust end a publish: its cause, or none.

npm's codes are those of npm 12.2.0 and of the packages inside it.
"""

import pytest

from safepublish.causes.explain import explain_transcript
from safepublish.facts.finding import Answer
from safepublish.logs import reader

HEAD = (
    "npm notice 📦  pkg@1.0.0\nnpm notice Publishing to https://registry.npmjs.org/ with tag latest and public access\n"
)


def causes(text: str) -> list[str]:
    explanation = explain_transcript(reader.read([text.encode()]), "-")
    return [one.id for failed in explanation.failed for one in failed.findings if one.answer is not Answer.UNKNOWN]


CODES = {
    "EBADSEMVER": ("invalid semver: ", "version-missing"),
    "EBADDEVENGINES": ('Invalid name "pnpm" does not match "npm" for "packageManager"', "dev-engines-unsatisfied"),
    "EPACKAGEEXTENSIONS": (
        "packageExtensions is only honored at the project root and must not be published.",
        "manifest-unreadable",
    ),
    "EOVERRIDE": ("Override for x@1 conflicts with direct dependency", "manifest-unreadable"),
    "EINVALIDTAGNAME": ('Invalid tag name ">=x" of package "a@>=x": Tags may not have any', "manifest-unreadable"),
    "EDUPLICATEWORKSPACE": ("must not have multiple workspaces with the same name", "manifest-unreadable"),
    "EWORKSPACESCONFIG": ("workspaces config expects an Array", "manifest-unreadable"),
    "ESCRIPTSINVALID": ("scripts must be an object", "manifest-unreadable"),
    "EJSONPARSE": ("Failed to parse package.json data.", "manifest-unreadable"),
    "EALLOWGIT": ('Refusing to fetch "dist/lib"', "spec-not-a-path"),
    "EALLOWREMOTE": ('Refusing to fetch "https://x.example/a.tgz"', "spec-not-a-path"),
    "ENOTCACHED": ("request to https://r.example/a failed: cache mode is 'only-if-cached'", "registry-unreachable"),
    "E413": ("413 Payload Too Large - PUT https://registry.npmjs.org/pkg", "registry-unreachable"),
    "E500": ("500 Internal Server Error - PUT https://registry.npmjs.org/pkg", "registry-unreachable"),
    "E402": ("402 Payment Required - PUT https://registry.npmjs.org/pkg", "access-not-public"),
    "IDENTITY_TOKEN_READ_ERROR": ("error retrieving identity token", "id-token-request-failed"),
    "IDENTITY_TOKEN_PARSE_ERROR": ("invalid identity token: x", "sigstore-unreachable"),
    "CA_CREATE_SIGNING_CERTIFICATE_ERROR": ("error creating signing certificate - (503)", "sigstore-unreachable"),
    "TSA_CREATE_TIMESTAMP_ERROR": ("error creating timestamp", "sigstore-unreachable"),
    "TUF_REFRESH_METADATA_ERROR": ("error refreshing TUF metadata", "sigstore-unreachable"),
    "TUF_INIT_CACHE_ERROR": ("error initializing TUF cache", "sigstore-unreachable"),
    "TLOG_CREATE_ENTRY_ERROR": ("error creating tlog entry", "transparency-log-conflict"),
    "EOTP": ("This operation requires a one-time password.", "two-factor-required"),
    "EPRIVATE": ("This package has been marked as private", "package-private"),
    "EUNSCOPED": ("Can't restrict access to unscoped packages.", "access-not-public"),
    "ERR_INVALID_AUTH": ("Invalid auth configuration found", "auth-config-invalid"),
    "ERR_INVALID_CHAR": ('Invalid character in header content ["npm-otp"]', "auth-config-invalid"),
}


@pytest.mark.parametrize("code", CODES)
def test_a_known_code_has_its_cause(code: str) -> None:
    text, cause = CODES[code]
    assert causes(f"{HEAD}npm error code {code}\nnpm error {text}\n")[0] == cause


NONE = [
    "ELIFECYCLE",
    "ENOGIT",
    "ENOSPC",
    "EMFILE",
    "ENOMEM",
    "EISDIR",
    "ENOTDIR",
    "ELOOP",
    "EROFS",
    "EPERM",
    "EINTEGRITY",
    "EBADSIZE",
    "EMAXREDIRECT",
    "ENOREDIRECT",
    "EINVALIDREDIRECT",
    "EUNSUPPORTEDPROTOCOL",
    "EINVALIDPURLTYPE",
    "EATTESTATIONSUBJECT",
    "EUSAGE",
    "ETARGET",
    "ENOVERSIONS",
    "EMISSINGTARGET",
    "EINCOMPLETEMANIFEST",
    "ZLIB_ERROR",
    "TAR_SYMLINK_ERROR",
    "ERR_REQUIRE_ESM",
    "E400",
    "E422",
    "E507",
    "ERESOLVE",
    "EBADPLATFORM",
    "EGLOBAL",
    "ERR_PNPM_GIT_UNCLEAN",
    "ERR_PNPM_GIT_NOT_CORRECT_BRANCH",
    "ERR_PNPM_GIT_UNKNOWN_BRANCH",
    "ERR_PNPM_GIT_NOT_LATEST",
]


@pytest.mark.parametrize("code", NONE)
def test_a_code_that_says_nothing_of_the_reason_has_none(code: str) -> None:
    assert causes(f"{HEAD}npm error code {code}\nnpm error something went wrong\n") == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "npm error 400 Bad Request - POST https://r.example/-/stage/package/a - cannot be staged", id="400"
        ),
        pytest.param('npm warn invalid config auth-type="oidc" set in command line options', id="auth-type"),
        pytest.param("npm error code 128\nnpm error command git --no-replace-objects status", id="git-at-home"),
        pytest.param("$ npm ci\nnpm error code EBADDEVENGINES\nnpm error Invalid devEngines.runtime", id="install"),
        pytest.param("$ npm ci\nnpm error code EALLOWGIT\nnpm error Refusing to fetch x", id="install-git"),
    ],
)
def test_what_is_no_reason_of_a_publish_has_no_cause(text: str) -> None:
    assert causes(text) == []


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        pytest.param(
            "npm error code 128\nnpm error command git --no-replace-objects ls-remote"
            " ssh://git@github.com/out/a-1.0.0.tgz.git\nnpm error fatal: Could not read from remote repository.",
            "spec-not-a-path",
            id="tarball",
        ),
        pytest.param(
            "npm error code 128\nnpm error command git clone https://github.com/packages/a.git\n",
            "spec-not-a-path",
            id="directory",
        ),
        pytest.param('npm error Invalid non-object value for "runtime"\n', "dev-engines-unsatisfied", id="shape"),
        pytest.param('npm error Invalid property "devEngines.node"\n', "dev-engines-unsatisfied", id="unknown-key"),
        pytest.param(
            "[ERR_PNPM_OTP_NON_INTERACTIVE] The registry requires more\n", "two-factor-required", id="pnpm-otp"
        ),
        pytest.param("[ERR_PNPM_WHOAMI_FAILED] Failed to find the user: 401\n", "token-rejected", id="pnpm-whoami"),
        pytest.param("ERR_PNPM_NO_PKG_MANIFEST  No package.json found\n", "manifest-unreadable", id="pnpm-manifest"),
        pytest.param(
            "✖ Error: Authentication error. Use `npm whoami` to troubleshoot.", "command-without-oidc", id="np"
        ),
        pytest.param("npm error ID of the trusted relationship to revoke must", "arguments-refused", id="trust-revoke"),
        pytest.param("npm error workflow must end in .yml or .yaml\n", "arguments-refused", id="trust-file"),
        pytest.param(
            "$ npm trust list pkg\nnpm error code ENEEDAUTH\nnpm error need auth", "command-without-oidc", id="trust"
        ),
    ],
)
def test_other_wordings_have_their_cause(text: str, cause: str) -> None:
    assert causes(text)[0] == cause


def test_a_credential_that_no_header_carries_is_not_shown() -> None:
    canary = "not-a-real-token-canary"
    text = f"{HEAD}npm error Bearer {canary} is not a legal HTTP header value\n"
    explanation = explain_transcript(reader.read([text.encode()]), "-")
    assert causes(text) == ["auth-config-invalid"]
    assert canary not in repr(explanation)


DEBUG = """\
1 info using npm@12.2.0
7 verbose title npm publish
12 verbose publish [ '.' ]
15 notice 📦  pkg@1.0.0
30 verbose oidc Skipped because incorrect permissions for id-token within GitHub workflow
31 http fetch PUT {0} https://registry.npmjs.org/pkg 4ms
33 error code E{0}
34 error {0} Some Thing - PUT https://registry.npmjs.org/pkg - x
35 verbose exit 1
"""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (402, ["access-not-public"]),
        (413, ["registry-unreachable"]),
        (500, ["registry-unreachable"]),
        (503, ["registry-unreachable"]),
        (422, []),
        (404, ["missing-id-token-permission"]),
        (401, ["missing-id-token-permission"]),
    ],
)
def test_after_a_token_the_answer_to_the_upload_is_the_cause(status: int, expected: list[str]) -> None:
    assert causes(DEBUG.format(status)) == expected


def test_a_dry_run_that_worked_has_no_cause() -> None:
    text = (
        "npm notice 📦  pkg@1.0.0\nnpm notice Publishing to https://registry.npmjs.org/ with tag latest"
        " and default access (dry-run)\n+ pkg@1.0.0\n"
    )
    assert causes(text) == []
