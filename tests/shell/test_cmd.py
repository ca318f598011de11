"""The commands of batch scripts."""

import pytest

from tests.support.scripts import words


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm publish", ["npm publish"]),
        ("@npm publish", ["npm publish"]),
        ("rem npm publish\n:: npm publish\n:label\nREM npm publish", []),
        ("npm publish ^\n  --access public", ["npm publish --access public"]),
        ("call npm publish", ["npm publish"]),
        ("npm ci && npm publish & npm x", ["npm ci", "npm publish", "npm x"]),
        ('npm publish "a b" --tag %TAG%', ["npm publish a b --tag ¿%TAG%"]),
        ("npm publish --tag %KNOWN%", ["npm publish --tag v"]),
        ("set T=next\nnpm publish --tag %T%", ["set T=next", "npm publish --tag next"]),
        ('set "T=next"\nnpm publish --tag %T%', ["set T=next", "npm publish --tag next"]),
        ('if "%T%"=="x" npm publish', ["npm publish"]),
        ("if exist a (\n npm publish\n) else (\n npm ci\n)", ["npm publish", "npm ci"]),
        ("for %%i in (*.tgz) do npm publish %%i", ["npm publish ¿%%i"]),
        ("echo npm publish", ["echo npm publish"]),
        ("npm publish ${{ a }}", ["npm publish ¿${{ a }}"]),
    ],
)
def test_commands(script: str, expected: list[str]) -> None:
    assert words(script, shell="cmd", variables={"KNOWN": "v"}) == expected
