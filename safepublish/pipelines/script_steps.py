"""Scripts of GitLab's and CircleCI's files, in the form of GitHub's steps that `safepublish.pipelines.job` reads."""

import re
from collections.abc import Iterable
from typing import Any

from safepublish.pipelines.document import YamlNode
from safepublish.pipelines.scope import Variable

SHELL = "bash -eo pipefail {0}"
"""How GitLab and CircleCI start a script, in the form of GitHub's `shell`."""

_NAMES_A_TOKEN = re.compile(r"\$\{?(\w*(?:TOKEN|AUTH)\w*)")


def script_step(nodes: Iterable[YamlNode], *, shell: str | None = None) -> YamlNode | None:
    """A step that runs the scripts of *nodes* in one shell, each on its own line of the file; None without scripts."""
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
    keywords = {"run": "\n".join(lines), "shell": shell}
    pairs = [
        (
            yaml.ScalarNode("str", key, first.start_mark, first.end_mark),
            yaml.ScalarNode("str", value, mark if key == "run" else first.start_mark, first.end_mark, style="|"),
        )
        for key, value in keywords.items()
        if value is not None
    ]
    step: Any = yaml.MappingNode("map", pairs, first.start_mark, first.end_mark)
    return step  # type: ignore[no-any-return]


def project_variables(text: str, env: dict[str, Variable]) -> dict[str, Variable]:
    """The token variables that *text* names and the file does not set: they are the project's, which hold secrets."""
    found = {}
    for name in _NAMES_A_TOKEN.findall(text):
        if name not in env and name not in {"NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN"} and "OIDC" not in name:
            found[name] = Variable(f"${{{name}}}", None, None, "the project's variables")
    return found
