"""Every code and message with which npm and the other tools end a publish: its cause, or none.

Read in the sources of npm 12.2.2, 11.21.2 and 10.9.9 with the packages inside them, pnpm 11.28.11, yarn 4.18.1,
lerna 10.1.1, changesets 3.0.3, semantic-release 24.2.9 with its npm plugin 12.0.2, release-it 21.1.2 and np 12.1.1.
"""

import re
from pathlib import Path

import pytest

from safepublish.causes.explain import explain_transcript
from safepublish.facts.finding import Answer
from safepublish.logs import reader
from safepublish.logs.explanation import Explanation
from tests.support import world

HEAD = (
    "npm notice 📦  pkg@1.0.0\nnpm notice Publishing to https://registry.npmjs.org/ with tag latest and public access\n"
)


def explained(text: str) -> Explanation:
    return explain_transcript(reader.read([text.encode()]), "-")


def causes(text: str) -> list[str]:
    explanation = explained(text)
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
    "EUNKNOWNCONFIG": ("Unknown cli flag: --provenanse", "arguments-refused"),
    "EUNKNOWNCOMMAND": ("Unknown command pubish", "arguments-refused"),
    "ENOWORKSPACES": ("This command does not support workspaces.", "arguments-refused"),
    "ENPMEXTENSIONCONFIG": ("`extension-file` may only be set in project config", "arguments-refused"),
    "EOVERRIDEVALUE": ("Invalid override", "manifest-unreadable"),
    "EINVALIDPACKAGENAME": ('Invalid package name "A" of package', "name-invalid"),
    "EALLOWFILE": ("Refusing to fetch a file", "spec-not-a-path"),
    "EALLOWDIRECTORY": ("Refusing to fetch a directory", "spec-not-a-path"),
    "E429": ("something", "registry-unreachable"),
    "E409": ("Failed to save packument", "registry-unreachable"),
    **dict.fromkeys(("E502", "E503", "E504", "E520", "E522", "E524", "E530"), ("x", "registry-unreachable")),
    **dict.fromkeys(
        (
            *("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"),
            *("ECONNECTIONTIMEOUT", "EIDLETIMEOUT", "ERESPONSETIMEOUT", "ETRANSFERTIMEOUT", "EINVALIDPROXY"),
            *("ESOCKETTIMEDOUT", "ERR_SOCKET_TIMEOUT", "ECONNABORTED", "EADDRNOTAVAIL", "EPIPE", "EPROTO"),
            *("SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"),
            *("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "ERR_TLS_CERT_ALTNAME_INVALID"),
            *("ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "HPE_INVALID_CONSTANT"),
            *("HPE_HEADER_OVERFLOW", "HPE_INVALID_CHUNK_SIZE"),
        ),
        ("request to https://registry.npmjs.org/pkg failed", "registry-unreachable"),
    ),
    **dict.fromkeys(
        ("TUF_FIND_TARGET_ERROR", "TUF_DOWNLOAD_TARGET_ERROR", "TUF_READ_TARGET_ERROR"), ("x", "sigstore-unreachable")
    ),
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
    "E405",
    "E410",
    "E451",
    "E501",
    "FETCH_ERROR",
    "FETCH_ABORTED",
    "EPROMISERETRY",
    "EAUTHIP",
    "EGITCHECKOUT",
    "ELOCKFILEVERSION",
    "EMAPWORKSPACESPKG",
    "EMAPWORKSPACESLOCKFILE",
    "EWORKSPACESINVALID",
    "EEXIST",
    "ENODATA",
    "ENOENT",
    "EOF",
    "ERR_STREAM_DESTROYED",
    "ERR_INVALID_ARG_TYPE",
    "ERR_INVALID_URL",
]


@pytest.mark.parametrize("code", NONE)
def test_a_code_that_says_nothing_of_the_reason_has_none(code: str) -> None:
    assert causes(f"{HEAD}npm error code {code}\nnpm error something went wrong\n") == []


ANOTHER_COMMAND = [
    "EALLOWSCRIPTS", "EAUDITGLOBAL", "ECIGLOBAL", "ECIPATCHFLAG", "EDEDUPEGLOBAL", "EDIFFARGS", "EDIFFUNTAR",
    "ELINKGLOBAL", "ELSPROBLEMS", "ENOADDPROP", "ENOAPPEND", "ENOMATCH", "ENOQUERYABLEOBJ", "EFORBIDDENKEY",
    "EINVALIDSYNTAX", "EINVALIDCIDR", "EOWNERMUTATE", "EOWNERRM", "EPATCHAMBIGUOUS", "EPATCHFAILED",
    "EPATCHINTEGRITY", "EPATCHNOEDITDIR", "EPATCHNONREGISTRY", "EPATCHNOTFOUND", "EPATCHNOTINSTALLED",
    "EPATCHUNSAFE", "EPKGGLOBAL", "EQUERYATTR", "EQUERYINVALIDOPERATOR", "EQUERYINVALIDSEMVER", "EQUERYNODEPTYPE",
    "EQUERYNOPSEUDO", "EQUERYNOSELECTOR", "ERMARGS", "ESBOMPROBLEMS", "ESEMVERFUNC", "ESEMVERVALUE",
    "ESHRINKWRAPGLOBAL", "ESTRICTALLOWSCRIPTS", "EUNSUPPORTED", "EUPDATEARGS", "ENOLOCK", "ENOAUDITDATA",
    "ENOTASHIM", "ENOTSUP", "EINVALIDCOMMAND", "EINVALIDLOCATION", "ENYI", "EMANIFESTMISMATCH", "EBADMAN",
    "EATTESTATIONVERIFY", "EEXPIREDSIGNATUREKEY", "EINTEGRITYSIGNATURE", "EMISSINGSIGNATUREKEY", "EBADENGINE",
    "EBUNDLEOVERRIDE", "CERTIFICATE_ERROR", "PUBLIC_KEY_ERROR", "SIGNATURE_ERROR", "TIMESTAMP_ERROR",
    "UNTRUSTED_SIGNER_ERROR", "TLOG_BODY_ERROR", "TLOG_ERROR", "TLOG_INCLUSION_PROMISE_ERROR",
    "TLOG_INCLUSION_PROOF_ERROR", "TLOG_MISSING_INCLUSION_ERROR", "EXDEV", "ENOSYS", "EBADF", "EBADFD", "EISDIR",
    "EAGAIN", "EBUSY", "EMFILE", "ENFILE", "ENOMEM", "ENEEDAUTH", "E404", "ERR_INVALID_ARG_VALUE",
    "ERR_INVALID_THIS", "LRU_CACHE_UNBOUNDED", "EIO",
]  # fmt: skip
"""Codes that other commands than a publish end with, that npm handles itself, and those with a table of their own."""

_CODE = re.compile(r"""code(?::| =) ?['"](E[A-Z]{3,}|[A-Z]+(?:_[A-Z0-9]+)+)['"]""")


@pytest.mark.real_process
@pytest.mark.parametrize("version", [world.NEWEST, "11.21.2"])
def test_every_code_in_the_source_of_npm_is_in_a_table(version: str) -> None:
    root = Path(world.npm(version)).resolve()
    while not (root / "lib" / "npm.js").exists():
        root = root / "lib" / "node_modules" / "npm" if (root / "lib" / "node_modules").exists() else root.parent
    packages = [
        *("libnpmpublish", "npm-registry-fetch", "pacote", "@sigstore", "sigstore", "@npmcli", "make-fetch-happen"),
        *("minipass-fetch", "npm-package-arg", "npm-packlist", "npm-pick-manifest", "npm-install-checks", "ssri"),
    ]
    sources = [root / "lib", *(root / "node_modules" / name for name in packages)]
    files = [path for source in sources for path in source.rglob("*.js") if not path.name.endswith(".min.js")]
    found = {match[1] for path in files for match in _CODE.finditer(path.read_text(encoding="utf-8", errors="replace"))}
    assert len(found) > 80
    assert sorted(found - {*CODES, *NONE, *ANOTHER_COMMAND}) == []


PNPM = {
    **dict.fromkeys(
        (
            *("BAD_PACKAGE_JSON", "INVALID_PACKAGE_JSON", "JSON_PARSE", "MISSING_REQUIRED_FIELD", "NO_PKG_MANIFEST"),
            *("NO_IMPORTER_MANIFEST_FOUND", "PACKAGE_NAME_NOT_FOUND", "PUBLISH_ARCHIVE_MISSING_MANIFEST"),
            "STAGE_TARBALL_MANIFEST_NOT_FOUND",
        ),
        "manifest-unreadable",
    ),
    **dict.fromkeys(("BAD_SEMVER", "INVALID_PACKAGE_VERSION", "PACKAGE_VERSION_NOT_FOUND"), "version-missing"),
    **dict.fromkeys(("INVALID_PACKAGE_NAME", "INVALID_SCOPED_PACKAGE_NAME"), "name-invalid"),
    **dict.fromkeys(
        (
            *("BATCH_PUBLISH_NO_STAGE", "BATCH_PUBLISH_NO_PROVENANCE", "BATCH_PUBLISH_REQUIRES_RECURSIVE"),
            *("BATCH_PUBLISH_CONFLICTING_CREDENTIALS", "INVALID_OPTION", "INVALID_PACKAGE_SPEC"),
        ),
        "arguments-refused",
    ),
    **dict.fromkeys(("WHOAMI_FAILED", "WHOAMI_UNAUTHORIZED"), "token-rejected"),
    **dict.fromkeys(("META_FETCH_FAIL", "TLS_HANDSHAKE_TIMEOUT", "NO_OFFLINE_META"), "registry-unreachable"),
    "OTP_NON_INTERACTIVE": "two-factor-required",
    **dict.fromkeys(
        (
            *("GIT_UNCLEAN", "GIT_NOT_CORRECT_BRANCH", "GIT_UNKNOWN_BRANCH", "GIT_NOT_LATEST", "BIN_CRLF"),
            *("CANNOT_RESOLVE_WORKSPACE_PROTOCOL", "BUNDLED_DEPENDENCIES_WITHOUT_HOISTED", "INVALID_TARBALL_FILENAME"),
            *("PUBLISH_EXTRACT_MANIFEST_READ", "PUBLISH_UNSUPPORTED_REGISTRY_PROTOCOL", "BATCH_PUBLISH_UNSUPPORTED"),
            *("CHANGELOG_TARBALL_FETCH_FAILED", "STAGE_REGISTRY_ERROR", "TOKEN_HELPER_TIMEOUT", "OTHER_PM_EXPECTED"),
            *("BAD_PM_VERSION", "TOKEN_HELPER_EMPTY_TOKEN", "TOKEN_HELPER_ERROR_STATUS", "UNSUPPORTED_ENGINE"),
        ),
        None,
    ),
}
"""pnpm's codes without `ERR_PNPM_`: those of its publish, pack and stage commands."""


@pytest.mark.parametrize("form", ["[ERR_PNPM_{}] some text", " ERR_PNPM_{}  some text", "Error: ERR_PNPM_{} some text"])
@pytest.mark.parametrize("code", PNPM)
def test_pnpm_is_understood_by_its_codes(code: str, form: str) -> None:
    cause = PNPM[code]
    assert causes(f"{form.format(code)}\n")[:1] == ([cause] if cause else [])


OTHER_TOOLS = {
    "lerna ERR! EWHOAMI Authentication error. Use `npm whoami` to troubleshoot.": "command-without-oidc",
    "lerna ERR! ETWOFACTOR Unable to obtain two-factor auth mode": "command-without-oidc",
    "lerna ERR! ENOPKG No package name specified in package.json": "manifest-unreadable",
    **dict.fromkeys(
        (
            *(
                "lerna ERR! EUNCOMMIT Working tree has uncommitted changes",
                "lerna ERR! EGIT Do not use git dependencies",
            ),
            *("lerna ERR! ECYCLE Dependency cycles detected", "lerna ERR! EFILTER No packages remain after filtering"),
            *("lerna ERR! EGITHEAD --git-head is only allowed", "lerna ERR! ENOLERNA `lerna.json` does not exist"),
            *("lerna ERR! ENOVERSION Required property version", "lerna ERR! EBUILDMETADATA Build metadata does not"),
            *("lerna ERR! ERELEASE Invalid release client type", "lerna ERR! ECHANGES Local repository has changes"),
        ),
        None,
    ),
    "[semantic-release] ✘  ENOPKG Missing `package.json` file.": "manifest-unreadable",
    "[semantic-release] ✘  ENOPKGNAME Missing `name` property in `package.json`.": "manifest-unreadable",
    **dict.fromkeys(
        (
            *("[semantic-release] ✘  EGITNOPERMISSION Cannot push to the Git repository.",),
            *("[semantic-release] ✘  ENOREPOURL The `repositoryUrl` option is required.",),
            *("[semantic-release] ✘  EINVALIDNEXTVERSION The release `1.0.0` on branch `main` cannot be published",),
            *("[semantic-release] ✘  EINVALIDNPMPUBLISH Invalid `npmPublish` option.",),
            *("[semantic-release] ✘  ENOGHTOKEN No GitHub token specified.",),
        ),
        None,
    ),
    "ERROR Unable to reach npm registry (timed out after 10000ms).": "registry-unreachable",
    "ERROR Not authenticated with npm. Please `npm login` and try again.": "publisher-tool-without-oidc",
    "ERROR User octo is not a collaborator for hello.": None,
    "✖ Error: Connection to npm registry failed": "registry-unreachable",
    "✖ Error: You must be logged in. Use `npm login` and try again.": "command-without-oidc",
    "✖ Error: You cannot publish a scoped package privately without a paid plan. Did you mean": "access-not-public",
    "✖ Error: Staged publishing requires the package to already exist on the registry. Publish": "package-missing",
    "✖ You must specify a dist-tag using --tag when publishing a pre-release version. This": "prerelease-without-tag",
    "✖ Unclean working tree. Commit or stash changes first.": None,
    "✖ Remote history differs. Please run `git fetch` and pull changes.": None,
    "✖ You do not have write permissions required to publish this package.": None,
    "Usage Error: Private workspaces cannot be published": "package-private",
    "Usage Error: Workspaces must have valid names and versions to be published": "manifest-unreadable",
    "error Package marked as private, not publishing.": "package-private",
    "error Incorrect one-time password.": None,
    "🦋  error Releasing under custom tag is not allowed in pre mode": None,
}


@pytest.mark.parametrize("text", OTHER_TOOLS)
def test_other_tools_are_understood_by_their_messages(text: str) -> None:
    cause = OTHER_TOOLS[text]
    assert causes(f"{text}\n")[:1] == ([cause] if cause else [])


@pytest.mark.parametrize("command", ["", "$ npm trust github pkg --file publish.yml --allow-publish\n"])
@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("404 Not Found - POST https://registry.npmjs.org/-/package/pkg/trust - Not found", "command-without-oidc"),
        ("404 Not Found - GET https://registry.npmjs.org/-/package/@a/pkg/trust", "command-without-oidc"),
        ("403 Forbidden - POST https://registry.npmjs.org/-/package/@a%2fpkg/trust - No", "command-without-oidc"),
        ("401 Unauthorized - DELETE https://registry.npmjs.org/-/package/pkg/trust/7f", "command-without-oidc"),
        ("409 Conflict - POST https://registry.npmjs.org/-/package/pkg/trust - It exists already", None),
        ("400 Bad Request - POST https://registry.npmjs.org/-/package/pkg/trust - At most 10", None),
    ],
)
def test_npm_trust_is_never_told_as_a_publish(command: str, answer: str, cause: str | None) -> None:
    text = f"{command}npm error code E{answer[:3]}\nnpm error {answer}\n"
    assert causes(text) == ([cause] if cause else [])
    findings = [one for failed in explained(text).failed for one in failed.findings]
    assert [one.id for one in findings] == ([cause] if cause else [])  # nor is anything else held possible


def test_a_password_for_npm_trust_is_none_for_a_publish() -> None:
    text = (
        "$ npm trust github pkg --file publish.yml\nnpm error code EOTP\nnpm error This operation requires a one-time"
    )
    assert causes(text) == ["command-without-oidc"]


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
        pytest.param(
            'npm error code EINVALIDTAGNAME\nnpm error Invalid tag name "@latest" of package "@latest": Tags may not',
            "name-invalid",
            id="no-name",
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


DRY_RUN = """\
0 verbose cli node npm
1 info using npm@12.2.0
7 verbose title npm publish
12 verbose publish [ '.' ]
15 notice 📦  pkg@1.0.0
28 notice Publishing to https://registry.npmjs.org/ with tag latest and default access (dry-run)
30 {}
35 verbose exit 0
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("verbose oidc Successfully retrieved and set token", []),
        (
            "silly oidc Skipped because incorrect permissions for id-token within GitHub workflow",
            ["missing-id-token-permission"],
        ),
    ],
)
def test_of_a_dry_run_only_a_login_that_failed_is_explained(line: str, expected: list[str]) -> None:
    assert causes(DRY_RUN.format(line)) == expected
