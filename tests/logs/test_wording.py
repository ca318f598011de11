"""The tables of wordings: each sentence as it stands in a log, and the ones beside it that say something else."""

import re

import pytest

from safepublish.logs import wording

SENTENCES = [
    ("'left@1.0.0' is not in this registry.", None),
    ("'left@1.0.0' is not in the npm registry.", None),
    ("'left@1.0.0' could not be found or you do not have permission to access it.", None),
    ("The requested resource 'left@1.0.0' could", None),
    ("OIDC permission denied for this action", "E403"),
    ("Error verifying sigstore provenance bundle", "E422"),
    ('"repository.url" is "", expected to match "https://github.com/o/r"', None),
    ('Unsupported GitHub Actions runner environment: "self-hosted"', None),
    ('Unsupported GitLab CI source repository visibility: "private"', None),
    ('Provenance generation in GitHub Actions requires "write" access to the "id-token" permission', "EUSAGE"),
    ('Provenance generation in GitLab CI requires "SIGSTORE_ID_TOKEN" with "sigstore" audience', "EUSAGE"),
    ("Automatic provenance generation not supported for provider: null", "EUSAGE"),
    ("Provenance generation is not supported", None),
    ("Can't generate provenance for new or private package, you must set `access` to public.", "EUSAGE"),
    ("Can't restrict access to unscoped packages.", "EUNSCOPED"),
    ("You must specify a tag using --tag when publishing a prerelease version.", None),
    ('Cannot implicitly apply the "latest" tag because', None),
    ("You cannot publish over the previously published versions: 1.0.0.", None),
    ("Cannot publish over existing version.", None),
    ("Cannot publish over previously published version", None),
    ("a previously staged version", None),
    ("package.json already contains file", None),
    ("this package is already present", None),
    ("Repository does not allow updating assets", None),
    ("This operation requires a one-time password from your authenticator.", "EOTP"),
    ("a one-time pass is needed", None),
    ("Two-factor authentication is required", None),
    ("two-factor auth or a token", None),
    ("granular access token with bypass 2fa enabled is required", None),
    ("This package requires that publishers enable TFA", None),
    ("Cannot find module 'sigstore'", None),
    ("This package has been marked as private", "EPRIVATE"),
    ("The job is requesting 'id-token: write', but is only allowed 'id-token: none'.", None),
    ("Not compatible with your version of node/npm: npm@12.2.0", "EBADENGINE"),
    ("Not compatible with your version of node/npm: left@1.0.0", None),
    ('Required: {"node":"^20.17.0 || >=22.9.0"}', None),
    ('Actual:   {"npm":"10.8.2","node":"v20.9.0"}', None),
    ("This command requires you to be logged in to https://registry.npmjs.org/", "ENEEDAUTH"),
    ("You need to authorize this machine using `npm adduser`", None),
    ("No authentication configured for request", "ENEEDAUTH"),
    ("You need to be logged in", None),
    ("You must be logged in to publish packages.", None),
    ("You must be authenticated", None),
    ("missing authentication (run `bunx npm login`)", "ENEEDAUTH"),
    ("Invalid authentication (as an anonymous user)", None),
    ("Incorrect or missing password.", None),
    ("Unable to authenticate, your authentication token seems to be invalid.", None),
    ("You may not perform that action with these credentials.", None),
    ('You do not have permission to publish "left".', None),
    ("Package name too similar to existing packages", "E403"),
    ("Package name triggered spam detection", "E403"),
    ("Failed to save packument. A common cause is", "E409"),
    ("rate limited exceeded", "E429"),
    ("error refreshing TUF metadata", None),
    ("No npm token specified.", "ENONPMTOKEN"),
    ("Invalid npm token.", "EINVALIDNPMTOKEN"),
    ("You don't have a NPM_TOKEN", None),
    ("TLOG_CREATE_ENTRY_ERROR", None),
    ("an equivalent entry already exists in the transparency log", None),
    ("402 Payment Required", None),
    ("Invalid auth configuration found", None),
    ('Unknown command: "stage"', None),
    ("Invalid abbreviated flag --prov", None),
    ("-tag is not a valid single-hyphen cli flag", None),
    ("EACCES: permission denied, open '/root/.npmrc'", None),
    ('Run "npm help publish" for more info', "EUSAGE"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "code"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_a_sentence_tells_of_a_failure_and_under_which_code(sentence: str, code: str | None) -> None:
    assert wording.SENTENCE.search(f"error: {sentence}")
    assert next((known for pattern, known in wording.CODES if pattern.search(sentence)), None) == code


@pytest.mark.parametrize(
    "sentence",
    [
        "left is in this registry",
        "OIDC permission granted",
        "2 packages could not be found",
        "the password is correct",
        "published left@1.0.0",
        "provenance generation supported",
        "Signed provenance statement with source and build information from GitHub Actions",
        "the file is private",
        "you are logged in",
        "NPM_TOKEN is set",
        'Unknown command: "stag"',
        "permission denied",
    ],
)  # fmt: skip
def test_another_sentence_tells_of_none(sentence: str) -> None:
    assert not wording.SENTENCE.search(sentence)


@pytest.mark.parametrize(
    ("pattern", "lines", "others"),
    [
        (
            wording.NPM_MISSING,
            [
                "sh: 1: npm: not found",
                "bash: line 1: npm: command not found",
                "env: npm: No such file or directory",
                'exec: "npm": executable file not found in $PATH',
                "'npm' is not recognized as an internal or external command",
                "The term 'npm' is not recognized as the name of a cmdlet",
                "Error: spawn npm ENOENT",
                "Unable to locate executable file: npm. Please verify",
            ],
            ["sh: 1: pnpm: not found", "Error: spawn npx ENOENT", "Unable to locate executable file: npmx"],
        ),
        (
            wording.OTHER_COMMAND,
            [
                f"npm {name}"
                for name in (
                    "whoami",
                    "dist-tag add",
                    "deprecate x",
                    "owner ls",
                    "access list",
                    "unpublish x",
                    "team ls",
                    "token list",
                    "profile get",
                    "view x",
                    "info x",
                    "ci",
                    "install",
                    "i",
                )
            ],
            ["npm publish", "pnpm ci", "npm insta", "npm whoamix", "npm cit"],
        ),
        (
            wording.PUBLISHES,
            [
                "npm publish",
                "pnpm -r publish",
                "yarn npm publish",
                "bun publish",
                "lerna publish",
                "changeset publish",
                "nx release publish",
                "npm pub",
            ],
            ["gnpm publish", "npm run build", "npm republish", "npm publisher"],
        ),
        (
            wording.UPGRADE,
            [
                "npm i -g npm",
                "npm install npm@latest -g",
                "npm add --global npm@11",
                "npm i --location=global npm@11",
                "npm i --location global npm",
            ],
            ["npm i -g npmx", "npm i npm", "npm i -g pnpm", "npm ci -g npm", "npm i -gx npm"],
        ),
        (wording.ASKS_VERSION, ["npm -v", "npm --version"], ["npm -vx", "pnpm -v", "npm --versions"]),
        (
            wording.PULL_REQUEST,
            ["refs/pull/1/merge", "refs/remotes/pull/12/merge"],
            ["refs/heads/pull/1/merge", "refs/pull/1/head"],
        ),
        (
            wording.LOG_PATH,
            [" /root/.npm/_logs/x.log", r" C:\_logs\x", " /x/npm-debug.log", " /x/a-debug.log", " /x/a-debug-0.log"],
            ["/_logs/x", " a.log"],
        ),
        (
            wording.QUOTES_ITSELF,
            [
                "echo x",
                "printf x",
                "# x",
                "// x",
                "console.log(",
                "core.error(",
                "Write-Host x",
                "throw new",
                "- name: x",
                "run: x",
            ],
            ["x echo", "npm error", "throws", "name: x"],
        ),
    ],
    ids=["npm-missing", "other-command", "publishes", "upgrade", "asks-version", "pull-request", "log-path", "quotes"],
)
def test_a_pattern_takes_each_form_and_not_its_neighbour(pattern: object, lines: list[str], others: list[str]) -> None:
    search = getattr(pattern, "match" if pattern in {wording.QUOTES_ITSELF, wording.LOG_PATH} else "search")
    assert [line for line in lines if not search(line)] == []
    assert [line for line in others if search(line)] == []


def test_every_level_of_npm_begins_a_line() -> None:
    levels = ("silly", "verbose", "info", "timing", "http", "notice", "warn", "error")
    assert [wording.DEBUG_LOG.match(f"12 {level} x").groups() for level in levels] == [(level, "x") for level in levels]  # type: ignore[union-attr]
    screen = ("ERR!", "error", "WARN", "warn", "notice", "http", "verb", "verbose", "sill", "silly", "info", "timing")
    assert [wording.NPM.search(f"$ npm {level} x").groups() for level in screen] == [(level, "x") for level in screen]  # type: ignore[union-attr]
    others = ("x 12 error y", "12 errors", "npm errors", "pnpm-npm error x", "cnpm error x", "@npm error x")
    assert [line for line in others if wording.DEBUG_LOG.match(line) or wording.NPM.search(line)] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NODE_AUTH_TOKEN: ***", ("NODE_AUTH_TOKEN", "***")),
        ("NPM_TOKEN: x", ("NPM_TOKEN", "x")),
        ("NPM_AUTH_TOKEN:", ("NPM_AUTH_TOKEN", "")),
        ("YARN_NPM_AUTH_TOKEN: x", ("YARN_NPM_AUTH_TOKEN", "x")),
        ("NPM_ID_TOKEN: x", ("NPM_ID_TOKEN", "x")),
        ("CI: false", ("CI", "false")),
    ],
)
def test_the_variables_that_a_step_lists(line: str, expected: tuple[str, str]) -> None:
    found = wording.TOKEN.match(line)
    assert found
    assert found.groups() == expected


@pytest.mark.parametrize(
    "message",
    [
        "Skipped because incorrect permissions for id-token within GitHub workflow",
        "Skipped because no id_token available",
        "Failed token exchange request with body message: x",
        "Failed to fetch id_token from GitHub: received an invalid response",
        "Failed to fetch idToken from GitHub: x",
        "Failed because token exchange was missing the token in the response body",
        "Failure with message: x",
        "OIDC token exchange error - package not found",
        "Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable",
        "Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN env variable",
    ],
)
def test_what_oidc_says(message: str) -> None:
    found = wording.OIDC.search(f"oidc {message}")
    assert found
    assert found[1] == message
    assert not wording.OIDC.search("oidc Successfully retrieved and set token")


@pytest.mark.parametrize(
    ("pattern", "line", "code"),
    [
        (wording.CODE, "npm error code E404", "E404"),
        (wording.CODE, "npm ERR! code ENEEDAUTH", "ENEEDAUTH"),
        (wording.CODE, "error code EOTP", "EOTP"),
        (wording.CODE, "npm error code E404 and more", None),
        (wording.CODE, "npm error code E1", None),
        (wording.ERRNO, "npm error   code: 'ECONNREFUSED',", "ECONNREFUSED"),
        (wording.ERRNO, "npm error  code: 'ECONNREFUSED'", "ECONNREFUSED"),
        (wording.ERRNO, "npm error  code: 'ECONNREFUSED' }", None),
        (wording.JSON_CODE, '"code": "E404",', "E404"),
        (wording.JSON_CODE, '"code": "E404" }', None),
    ],
)
def test_a_code_ends_its_line(pattern: re.Pattern[str], line: str, code: str | None) -> None:
    found = pattern.search(line)
    assert (found and found[1]) == code


@pytest.mark.parametrize("step", ["major", "minor", "patch"])
def test_the_notice_of_a_newer_npm(step: str) -> None:
    assert wording.NEWER_NPM.search(f"New {step} version of npm available! 10.9.4 -> 11.6.2")
    assert not wording.NEWER_NPM.search("New version of npm available! 10.9.4")
