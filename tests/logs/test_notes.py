"""What is often blamed after a publish that failed, and is not at fault."""

import pytest

from safepublish.logs import notes, reader

FAILED = """\
npm notice 📦  pkg@1.0.0
npm notice Publishing to {} with tag latest and public access
npm notice Access token expired or revoked. Please try logging in again.
npm error code E404
npm error 404 Not Found - PUT {}pkg - Not found
npm error 404  The requested resource 'pkg@1.0.0' could not be found or you do not have permission to access it.
"""
NPMJS = "https://registry.npmjs.org/"
SETUP = "##[group]Run actions/setup-node@v4\nwith:\n  node-version: 24\n"
PNPM = """\
📦 hello@1.0.0 → https://registry.npmjs.org/
[WARN] Skipped OIDC: ERR_PNPM_AUTH_TOKEN_EXCHANGE: Failed token exchange request with body message: x (status code 404)
[E404] 404 Not Found - PUT https://registry.npmjs.org/hello - Not found
"""


def blamed(text: str) -> str:
    (log,) = reader.read([text.encode()]).logs
    return "\n".join(notes.not_at_fault(log))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        pytest.param(SETUP + FAILED.format(NPMJS, NPMJS), "actions/setup-node takes no part", id="setup-node"),
        pytest.param(
            "##[group]Run npm publish --provenance\n" + FAILED.format(NPMJS, NPMJS), "`--provenance` changes", id="flag"
        ),
        pytest.param(FAILED.format(NPMJS, NPMJS), "so do not renew one", id="token"),
        pytest.param(FAILED.format(NPMJS, NPMJS), "it seldom means that the package is missing", id="404"),
        pytest.param(PNPM, "another version does not help", id="pnpm"),
    ],
)
def test_a_belief_is_answered_where_it_stands(text: str, note: str) -> None:
    assert note in blamed(text)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        pytest.param(FAILED.format(NPMJS, NPMJS), "setup-node", id="no-setup-node"),
        pytest.param(FAILED.format(NPMJS, NPMJS), "--provenance", id="no-flag"),
        pytest.param(SETUP + FAILED.format("https://r.example/", "https://r.example/"), "setup-node", id="registry"),
        pytest.param(
            SETUP + FAILED.format(NPMJS, NPMJS).replace("npm error", "npm ERR!"), "setup-node", id="npm-is-too-old"
        ),
        pytest.param(
            "\n".join(line for line in PNPM.split("\n") if "WARN" not in line), "another version", id="pnpm-did-not-try"
        ),
    ],
)
def test_what_may_be_at_fault_is_not_excused(text: str, note: str) -> None:
    assert note not in blamed(text)
