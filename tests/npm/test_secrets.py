"""Secrets in foreign text."""

import pytest

from safepublish.facts.run import Origin, Setting
from safepublish.npm.secrets import names_secret, redacted, shown_setting, word

NPM = "npm_abcdefghijABCDEFGHIJ0123456789abcdef"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOm8vciJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"token {NPM} here", NPM),
        (f"//registry.npmjs.org/:_authToken={NPM}", NPM),
        ("//registry.npmjs.org/:_authToken=0123456789", "0123456789"),
        ("//registry.npmjs.org/:_authToken = short", "short"),
        ("//r/:_auth=dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("//r/:_password=cGFzcw==", "cGFzcw=="),
        ("ghp_0123456789abcdefABCDEF0123456789abcd", "ghp_"),
        ("ghs_0123456789abcdefABCDEF0123456789abcd", "ghs_"),
        ("github_pat_11AAAAAAA0123456789_abc", "11AAAA"),
        ("glpat-abcdefghij0123456789", "abcdefghij"),
        (f"id token {JWT}", JWT[:20]),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("curl -H 'Authorization: token abc123def'", "abc123def"),
        ("NPM_TOKEN=hunter2hunter2", "hunter2"),
        ('  "npmToken": "hunter2hunter2",', "hunter2"),
        ("MY_API_KEY: hunter2", "hunter2"),
        ("npm publish --otp=123456", "123456"),
        ("PUT https://user:hunter2@registry.example/a", "hunter2"),
        ("GET https://r/a?token=hunter2&x=1", "hunter2"),
        ("063bdee0-66dc-4a7f-8fbe-9e957d61c223", "063bdee0"),
    ],
)
def test_what_is_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert "***" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "npm error 404 Not Found - PUT https://registry.npmjs.org/@octo%2fhello - Not found",
        "  id-token: write",
        "NODE_AUTH_TOKEN: XXXXX-XXXXX-XXXXX-XXXXX",
        "NODE_AUTH_TOKEN: ***",
        "NODE_AUTH_TOKEN: ${NODE_AUTH_TOKEN}",
        "npm notice Access token expired or revoked. Please try logging in again.",
        "npm verbose oidc Successfully retrieved and set token",
        "npm error This operation requires a one-time password from your authenticator.",
        "http fetch POST 404 https://registry.npmjs.org/-/npm/v1/oidc/token/exchange/package/hello 5ms",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://registry.npmjs.org/", "https://registry.npmjs.org/"),
        ("https://me:cAnArY@npm.acme.example/a/", "https://npm.acme.example/a/"),
        ("https://npm.acme.example/npm_cAnArYcAnArY/", "https://npm.acme.example/***/"),
        ("https://npm.acme.example/@me/", "https://npm.acme.example/@me/"),
    ],
)
def test_a_setting_is_shown_without_its_secret(value: str, shown: str) -> None:
    assert shown_setting(Setting(value, Origin("project", ".npmrc", "registry"))) == shown


BARE = [
    NPM,
    "npm_aB3_efgh_ijkl",  # too short a run for the first form, but no variable of npm's
    *(f"gh{letter}_0123456789abcdef" for letter in "opsur"),
    "github_pat_0123456789",
    *(
        f"gl{kind}-0123456789abcdef"
        for kind in ("pat", "cbt", "ptt", "rt", "ft", "soat", "imt", "agent", "oas", "dt", "ffct")
    ),
    "CCIPAT_0123456789abcdef",
    "CCIPRJ_0123456789abcdef",
    JWT,
    "eyJhbGciOi.eyJzdWIiOi",
    "eyJhbGciOiJSUzI1NiJ9",
    "AKIAABCDEFGHIJKL",
    "ASIAABCDEFGHIJKL",
    *(f"xox{letter}-0123456789" for letter in "abeoprs"),
    "sk-0123456789abcdef",
    "063bdee0-66dc-1a7f-8fbe-9e957d61c223",
    "063BDEE0-66DC-5A7F-BFBE-9E957D61C223",
    "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk",
    "-----BEGIN PRIVATE KEY----- b3BlbnNzaC1rZXk",
]


@pytest.mark.parametrize("secret", BARE)
def test_a_secret_is_known_by_its_form_alone(secret: str) -> None:
    assert redacted(f"has ({secret}") == "has (***"


@pytest.mark.parametrize(
    "text",
    [
        "npm_config_REGISTRY_URL",
        "npm_package_NAME_LONG",
        "npm_lifecycle_EVENT",
        "npm_node_EXECPATH_X",
        "npm_execpath_and_more",
        "gha_0123456789abcdef",
        "glxx-0123456789abcdef",
        "063bdee0-66dc-6a7f-8fbe-9e957d61c223",  # no such version of a UUID
        "063bdee0-66dc-4a7f-cfbe-9e957d61c223",
        "-----BEGIN PUBLIC KEY-----",
        "sk-short",
        "xoxz-0123456789",
    ],
)
def test_a_form_beside_it_stays(text: str) -> None:
    assert redacted(text) == text


PLACES = [
    *(
        f"{key}={{}}"
        for key in (
            "_authToken",
            "_auth",
            "_password",
            "npmAuthToken",
            "npmAuthIdent",
            "npm-otp",
            "otp",
            "//r.example/:_authToken",
            "//r.example/:_auth",
            "//r.example/:_password",
            "MY_TOKEN",
            "my_secret",
            "DB_PASSWORD",
            "DB_PASSWD",
            "KEY_PASSPHRASE",
            "API_KEY",
            "APIKEY",
            "PRIVATE_KEY",
            "NPM_CONFIG_OTP",
            "NPM_CONFIG__AUTH",
            "YARN_NPM_AUTH_IDENT",
            "NPM_TOKEN_OLD",
        )
    ),
    "x-npm-token: {}",
    "Authorization: {}",
    "proxy-authorization: {}",
    "bearer {}",
    "Basic {}",
    "npm publish --otp {}",
    "npm publish -otp {}",
    "tool --npm-token {}",
    "npm config set //r.example/:_authToken {}",
    "npm config set npmAuthIdent {}",
    "npm config set my-password {}",
    'argv "--otp" "{}"',
    '["--api-key", "{}"]',
    "'_authToken', '{}'",
    "${{NPM_TOKEN:-{}}}",
    "${{MY_AUTH-{}}}",
    "${{THE_OTP:={}}}",
    "https://{}@r.example/",
    *(
        f"https://r.example/?a=b&{name}={{}}"
        for name in (
            "token",
            "access_token",
            "auth",
            "auth_token",
            "authtoken",
            "_authtoken",
            "otp",
            "sig",
            "signature",
            "code",
            "key",
            "password",
            "secret",
        )
    ),
]
"""Where nothing but a secret stands, or hardly anything."""


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_known_by_its_place(place: str) -> None:
    text = place.format("hUnt-7er2")
    assert "hUnt" not in redacted(text)
    assert "***" in redacted(text)


@pytest.mark.parametrize(
    "value", ["write", "read", "none", "true", "false", "null", "***", "$TOKEN", "%TOKEN%", "${{ x }}"]
)
def test_a_value_that_is_plainly_no_secret_stays(value: str) -> None:
    assert redacted(f"id-token: {value}") == f"id-token: {value}"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("123456", True),
        ("12345678", True),
        ("12345", False),
        ("123456789", False),
        ("0123456789abcdefABCD", True),
        ("0123456789abcdefABC", False),
        ("aB1_efghijklmnopqrst", True),
        ("ab1_efghijklmnopqrst", False),
        ("dXNlcjpwYXNz==", True),
        ("--123456", True),
        ("left-pad", False),
    ],
)
def test_a_word_that_may_be_a_secret_is_not_repeated(text: str, *, hidden: bool) -> None:
    assert word(text) == ("***" if hidden else text)


@pytest.mark.parametrize(
    ("option", "expected"),
    [("otp", True), ("_auth", True), ("npmAuthIdent", True), ("api-key", True), ("MY_SECRET", True), ("tag", False)],
)
def test_an_option_is_known_to_hold_a_secret_by_its_name(option: str, *, expected: bool) -> None:
    assert names_secret(option) is expected
