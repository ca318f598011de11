"""Scripts of GitLab's and CircleCI's files as the steps that `safepublish.pipelines.job` runs."""

import re
from collections.abc import Iterable
from typing import Any

from safepublish.pipelines.document import YamlNode
from safepublish.pipelines.scope import Var

_NAMES_A_TOKEN = re.compile(r"\$\{?(\w*(?:TOKEN|AUTH)\w*)")


def step(nodes: Iterable[YamlNode], *, name: str | None = None, shell: str | None = None) -> YamlNode | None:
    """A step that runs the scripts of *nodes* in one shell, each on the line on which it stands in the file."""
    import yaml

    lines: list[str] = []
    first: Any = None
    base = 0
    for node in nodes:
        block = node.style in {"|", ">"}
        start = node.start_mark.line + block
        if first is None:
            first, base = node, start
        if start - base > len(lines):
            lines += [""] * (start - base - len(lines))
        lines += node.value.rstrip("\n").split("\n")
    if first is None:
        return None
    # A literal block's text begins on the line after its mark.
    mark: Any = first.start_mark
    mark = type(mark)(mark.name, mark.index, base - 1, 0, None, None)
    given = {"run": "\n".join(lines), "name": name, "shell": shell}
    pairs = [
        (
            yaml.ScalarNode("str", key, first.start_mark, first.end_mark),
            yaml.ScalarNode("str", value, mark if key == "run" else first.start_mark, first.end_mark, style="|"),
        )
        for key, value in given.items()
        if value is not None
    ]
    made: Any = yaml.MappingNode("map", pairs, first.start_mark, first.end_mark)
    return made  # type: ignore[no-any-return]


def outside(text: str, env: dict[str, Var]) -> dict[str, Var]:
    """The tokens that *text* names and the file does not set: the project's own variables, which hold secrets."""
    found = {}
    for name in _NAMES_A_TOKEN.findall(text):
        if name not in env and name not in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"} and "OIDC" not in name:
            found[name] = Var(f"${{{name}}}", None, None, "the project's variables")
    return found
