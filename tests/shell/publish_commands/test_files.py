"""Commands that run a file."""

import pytest

from safepublish.shell.publish_commands import RunsFile
from tests.support.effects import effects, first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("./scripts/publish.sh", "shell ./scripts/publish.sh"),
        ("scripts/publish", "file scripts/publish"),
        ("bash scripts/publish.sh a", "shell scripts/publish.sh"),
        ("bash -e scripts/publish", "shell scripts/publish"),
        ("bash -eo pipefail x.sh", "shell x.sh"),
        ("source x.sh", "shell x.sh"),
        (". ./x.sh", "shell ./x.sh"),
        ("node scripts/release.js", "node scripts/release.js"),
        ("node --import tsx scripts/release.ts", "node scripts/release.ts"),
        ("node -e 'x'", "-"),
        ("npx tsx scripts/release.ts", "node scripts/release.ts"),
        ("bun scripts/release.ts", "node scripts/release.ts"),
        ("python scripts/release.py", "python scripts/release.py"),
        ("python -c x", "-"),
        ("pwsh -File x.ps1", "pwsh x.ps1"),
        ("make publish", "make ./"),
        ("make -C lib -f build.mk -j4 publish", "make lib/build.mk"),
        ("./gradlew publish", "-"),
        ("node --run release", "script release"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize(
    "script",
    [
        "node <<'E'\nexecSync('npm publish')\nE",
        "node -e \"execSync('npm publish')\"",
        "python3 -c 'publish()'",
        "node - <<< publish",
    ],
)
def test_the_program_inside_a_command_is_kept(script: str) -> None:
    (found,) = effects(script)
    assert isinstance(found, RunsFile)
    assert found.path == "-"
    assert found.text in {"execSync('npm publish')\n", "execSync('npm publish')", "publish()", "publish", "publish\n"}


def test_the_input_of_a_script_is_no_program() -> None:
    assert effects("node a.js <<< publish") == [RunsFile("a.js", "node")]
