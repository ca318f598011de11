"""Which command lines of publishing tools stage a version for a later approval, instead of publishing it."""

from collections.abc import Mapping

_FLAGS = {"yarn-berry": "staged", "lerna": "stage", "lerna-lite": "stage", "np": "stage", "release-it": "npm.stage"}
"""The option with which a tool stages: yarn 4.18.1, `yarn npm publish --staged`; @lerna-lite/cli 5.6.0; np 12.1.1;
release-it 21.1.2."""


def stages(tool: str, command: tuple[str, ...], values: Mapping[str, object]) -> bool:
    """Whether *tool* stages with this *command* (npm and pnpm: `stage publish`) and the *values* of its options."""
    flag = _FLAGS.get(tool)
    return command[:1] == ("stage",) or (flag is not None and values.get(flag) is True)
