"""The command that `safepublish --with` starts is what publishes."""

import pytest

from tests.support.steps import step


@pytest.mark.parametrize(
    ("command", "tool", "staged"),
    [
        ("safepublish --with 'pnpm publish -r --access public'", "pnpm", False),
        ("pipx run safepublish==0.1.0 --with 'yarn workspaces foreach -A npm publish --staged'", "yarn-berry", True),
        ("npx safepublish --strict --with 'pnpm stage publish -r'", "pnpm", True),
        ("safepublish --with='npx lerna publish from-package --yes'", "lerna", False),
        ("safepublish --with 'changeset publish'", "changesets", False),
        ('safepublish --with "$COMMAND"', "safepublish", False),
        ("safepublish --tag next", "safepublish", False),
    ],
)
def test_the_tool(command: str, tool: str, *, staged: bool) -> None:
    found = step(("npm publish", command)).invocation
    assert (found.tool, found.staged) == (tool, staged)
