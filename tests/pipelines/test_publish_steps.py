"""The facts about what publishes."""

import pytest

from tests.support.steps import NODE, PUBLISH, SETUP, step, verdict

SPELLINGS = [
    ("npm publish --access public", "trusted"),
    ("npm ci && npm publish", "trusted"),
    ("cd dist; npm pub", "trusted"),
    ("for p in packages/*; do npm publish ./$p; done", "trusted"),
    ("npm publish --dry-run", ""),
    ("npm publish --dry-run=${{ inputs.dry }}", "trusted"),
    ("echo npm publish", ""),
    ("safepublish --tag next", "trusted"),
    ("pnpm publish -r --access public", "trusted"),
    ("yarn publish", "broken"),
    ("bun publish", "broken"),
    ("npx changeset publish", "trusted"),
    ("npx nx release publish", "trusted"),
    ("npx lerna@8 publish from-package --yes", "broken"),
    ("npx lerna@9 publish from-package --yes", "trusted"),
    ("npx semantic-release@24", "broken"),
    ("npx semantic-release@25", "trusted"),
    ("npx semantic-release", "unknown"),
    ("npx release-it --ci", "unknown"),
    ("npx release-it --ci --npm.skipChecks", "trusted"),
    ("npx jsr publish", ""),
    ("npx pkg-pr-new publish", ""),
    ("cargo publish", ""),
    ("npm run release", "unknown"),
    ("npm run release:notes", ""),
    ("npm run build", ""),
    ("node scripts/publish.js", "unknown"),
    ("npx -p publib publib-npm", "broken"),
    ("NPM_TRUSTED_PUBLISHER=true npx -p publib publib-npm", "trusted"),
]


@pytest.mark.parametrize(("command", "expected"), SPELLINGS)
def test_what_publishes_and_with_what(command: str, expected: str) -> None:
    assert verdict(("npm publish", command)) == expected


def test_a_heredoc_is_no_publish() -> None:
    assert verdict((PUBLISH, "      - run: |\n          cat > x <<EOF\n          npm publish\n          EOF\n")) == ""


def test_the_line_of_a_command_in_a_block() -> None:
    block = "      - run: |\n          npm ci\n\n          npm publish --provenance\n"
    one = step((PUBLISH, block))
    assert one.place.at.line == 16
    assert one.invocation.provenance_flag is not None
    assert one.invocation.provenance_flag.span is not None
    assert one.invocation.provenance_flag.span[1:] == (16, 23, 16, 35)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_place_of_a_flag_on_one_line(quote: str) -> None:
    one = step((PUBLISH, f"      - run: {quote}npm publish --provenance{quote}\n"))
    assert one.invocation.provenance_flag is not None
    assert one.invocation.provenance_flag.span is not None
    assert one.invocation.provenance_flag.span.column == 26 + len(quote)


def test_pnpm_hands_over_to_npm_up_to_version_10() -> None:
    def with_pnpm(version: str, node: str) -> str:
        setup = f"      - uses: pnpm/action-setup@v4\n        with:\n          version: {version}\n"
        return verdict((SETUP, setup + SETUP), (NODE, f"node-version: {node}"), ("npm publish", "pnpm publish"))

    assert with_pnpm("10", "22") == "broken"
    assert with_pnpm("10", "24") == "trusted"
    assert with_pnpm("11", "22") == "trusted"
    assert verdict((NODE, "node-version: 22"), ("npm publish", "pnpm publish")) == "unknown"


@pytest.mark.parametrize(
    ("manager", "expected"), [("yarn@4.9.1", "broken"), ("yarn@4.10.0", "trusted"), (None, "unknown")]
)
def test_the_version_of_yarn_stands_in_package_json(manager: str | None, expected: str) -> None:
    files = {"package.json": f'{{"packageManager": "{manager}"}}'} if manager else {}
    assert verdict(("npm publish", "yarn npm publish"), files=files) == expected
