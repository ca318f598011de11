"""What stands before each line of a log, and what does not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safepublish.causes.explain import explain_transcript
from safepublish.logs import prefix, reader


@pytest.mark.parametrize(
    ("lines", "before"),
    [
        pytest.param(["12: npm error code E404", "13: npm error 404"], "12: ", id="numbers"),
        pytest.param(["[a:1] one two", "[a:22] three", "[a:3] four"], "[a:1] ", id="step"),
        pytest.param(["7 | x", "18 | y y", "109 | z"], "109 | ", id="editor"),
        pytest.param(["It fails with:", "1 npm error a", "2 npm error b", "3 npm error c"], "3 ", id="most"),
    ],
)
def test_it_is_found(lines: list[str], before: str) -> None:
    found = prefix.find(lines)
    assert found is not None
    assert found.match(before + "x") is not None


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["npm error code E404", "npm error 404 Not Found", "npm error 404"], id="npm"),
        pytest.param(["0 verbose cli node", "1 info using npm@12", "2 info using node"], id="debug-log"),
        pytest.param(["1 silly x", "12 verbose y", "13 http fetch"], id="debug-log-end"),
        pytest.param(["lerna ERR! E404 a", "lerna ERR! errno b"], id="lerna"),
        pytest.param(["➤ YN0000: │ a", "➤ YN0035: │ b"], id="yarn"),
        pytest.param(["404 Not Found - PUT https://a", "404 Not Found - PUT https://b"], id="status"),
        pytest.param(["E404: a b", "E404: c d"], id="code"),
        pytest.param(["Error: one thing", "Error: another"], id="error"),
        pytest.param(["one", "two", "three"], id="nothing"),
        pytest.param(["12: only"], id="one-line"),
        pytest.param([], id="empty"),
    ],
)
def test_what_a_tool_prints_is_none(lines: list[str]) -> None:
    found = prefix.find(lines)
    assert found is None or all(found.match(line) is None for line in lines)


LOGS = {
    "self-hosted-runner": (
        "npm error code E422\nnpm error 422 Unprocessable Entity - PUT https://registry.npmjs.org/a - Error verifying"
        ' sigstore provenance bundle: Unsupported GitHub Actions runner environment: "self-hosted".'
    ),
    "package-private": "$ npm publish\nnpm error code EPRIVATE\nnpm error This package has been marked as private",
    "missing-id-token-permission": (
        "📦 a@1.0.0 → https://registry.npmjs.org/\n[WARN] Skipped OIDC:"
        " ERR_PNPM_ID_TOKEN_GITHUB_WORKFLOW_INCORRECT_PERMISSIONS: Incorrect permissions for idToken\n"
        "[E404] 404 Not Found - PUT https://registry.npmjs.org/a - Not found"
    ),
}
PARTS = st.sampled_from(
    ["12", "07:00:01", "[publish]", "a/b", "job:", "#", "|", ">", "2026-11-25", "stdout", "(1)", "T+3s"]
)


@example(["12", "(1)"], " ", "missing-id-token-permission")
@given(
    st.lists(PARTS, min_size=1, max_size=4), st.sampled_from([" ", "  ", " | ", ": "]), st.sampled_from(sorted(LOGS))
)
def test_any_words_before_each_line_change_nothing(parts: list[str], end: str, cause: str) -> None:
    before = " ".join(parts) + end
    text = "\n".join(before + line for line in LOGS[cause].split("\n"))
    explanation = explain_transcript(reader.read([text.encode()]), "-")
    assert [one.id for failed in explanation.failed for one in failed.findings][:1] == [cause]
