"""Command lines that nobody writes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.shell import interpreter
from safepublish.shell.publish_commands import classify

ARGUMENTS = ["npm", "npx", "pnpm", "yarn", "bun", "publish", "stage", "run", "exec", "dlx", "-p", "--", "-w", "workspaces", "foreach",
         "--dry-run", "nx", "release", "lerna", "corepack", "volta", "node", "-e", "npm@11", "install", "-g", "--tag", "", "-", "@", "a@b@c",
         "mise", "x", "nvm", "config", "set", "bash", "-c", "$X", "--provenance", "=", "--=", "python", "-m", "safepublish", "make"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ARGUMENTS) | st.text(max_size=6), min_size=1, max_size=12))
def test_no_arguments_crash_the_classification(words: list[str]) -> None:
    classify(interpreter.Command(tuple(words), 0, opaque=frozenset({len(words) - 1})))


def test_a_long_command_is_read_in_no_time() -> None:
    classify(interpreter.Command(("npm", "publish", *["--tag=x"] * 200_000), 0))
    classify(interpreter.Command(("npx",) * 200_000, 0))
