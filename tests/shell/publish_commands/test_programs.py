"""Programs that a package manager starts."""

import pytest

from tests.support.effects import first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npx npm@11 publish", "npm publish npm=11"),
        ("npx -y npm@latest publish --access public", "npm publish npm=latest access=public"),
        ("npx --yes npm@^11.5.1 stage publish", "npm stage publish npm=^11.5.1"),
        ("npx npm publish", "npm publish"),
        ("npx -p npm@11 npm publish", "npm publish npm=11"),
        ("npx --package=npm@11 -c 'npm publish'", "npm publish npm=11"),
        ("pnpm dlx npm@11 publish", "npm publish npm=11"),
        ("pnpx npm@11 publish", "npm publish npm=11"),
        ("bunx npm@11 publish", "npm publish npm=11"),
        ("bun x npm@11 publish", "npm publish npm=11"),
        ("yarn dlx npm@11 publish", "npm publish npm=11"),
        ("npm exec --yes -- npm@11 publish", "npm publish npm=11"),
        ("corepack npm publish", "npm publish manager=corepack"),
        ("corepack npm@11.6.0 publish", "npm publish npm=11.6.0 manager=corepack"),
        ("volta run --node 24 npm publish", "npm publish manager=volta node=24"),
        ("volta run --npm 11 npm publish", "npm publish npm=11 manager=volta"),
        ("mise exec node@24 -- npm publish", "npm publish manager=mise node=24"),
        ("mise x -- npm publish", "npm publish manager=mise"),
        ("nvm exec 24 npm publish", "npm publish manager=nvm node=24"),
        ("fnm exec --using=24 npm publish", "npm publish manager=fnm node=24"),
        ("n exec 24 npm publish", "npm publish manager=n node=24"),
        ("n exec lts npm publish", "npm publish manager=n node=lts"),
        ("n exec latest npm publish", "npm publish manager=n node=latest"),
        ("nvm exec node npm publish", "npm publish manager=nvm node=node"),
        ("nvm exec v24.1.0 npm publish", "npm publish manager=nvm node=v24.1.0"),
        ("nvm exec npm publish", "npm publish manager=nvm"),
        ("nodenv exec npm publish", "npm publish manager=nodenv"),
        ("asdf exec npm publish", "npm publish manager=asdf"),
    ],
)  # fmt: skip
def test_another_npm(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npx jsr publish", "-"),
        ("pnpm dlx jsr publish", "-"),
        ("npx vsce publish", "-"),
        ("npx ovsx publish", "-"),
        ("npx pkg-pr-new publish", "-"),
        ("deno publish", "-"),
        ("cargo publish", "-"),
        ("gh release create", "-"),
        ("echo npm publish", "-"),
        ("git commit -m 'npm publish'", "-"),
        ("npm view x", "-"),
        ("npm dist-tag add x", "-"),
        ("$TOOL publish", "-"),
    ],
)  # fmt: skip
def test_no_publish_to_npm(command: str, expected: str) -> None:
    assert first(command) == expected
