"""Secrets in foreign text."""

import pytest

from safepublish.facts.run import Origin, Setting
from safepublish.npm.secrets import redacted, shown_setting

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
