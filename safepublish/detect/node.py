"""Checks the Node that runs npm: whether there is one, whether it starts, and which version it is where that matters.

Node is started only where something speaks against it, since that costs a fifth of the whole check.
"""

import os
import re
from collections.abc import Mapping, Sequence

from packaging.version import Version

from safepublish.detect.files import UnreadableError, open_regular
from safepublish.facts.run import Npm
from safepublish.npm.floors import Floor
from safepublish.npm.tool_versions import parse

SECONDS = 10.0
"""Seconds that Node may take to start."""

_PROGRAMS = (b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
"""How a program of Linux, macOS or Windows begins."""
_SMALLEST_PROGRAM = 4096  # bytes
_HARMLESS = re.compile(
    r"--(?:max-old-space-size=\d+|max-http-header-size=\d+|enable-source-maps|no-warnings|no-deprecation|trace-warnings"
    r"|trace-deprecation|throw-deprecation|dns-result-order=(?:ipv4first|verbose)|unhandled-rejections=[a-z-]+)"
)
"""Options that every Node takes in NODE_OPTIONS and that load nothing."""


def check(npm: Npm, env: Mapping[str, str]) -> Npm:
    """Return *npm* with what keeps Node from running it, and with Node's version where it was asked for."""
    if npm.cli is None:  # what somebody's script starts is not known
        return npm
    if npm.node is None:
        return npm._replace(node_trouble="npm runs on Node, but there is no node on PATH")
    options = env.get("NODE_OPTIONS", "").split()
    is_program = _is_program(npm.node)
    doubtful = not is_program or any(_HARMLESS.fullmatch(option) is None for option in options)
    needs_version = npm.version in Floor.NEEDS_REQUIRE_ESM if npm.version is not None else False
    if doubtful or (needs_version and npm.node_version is None):
        arguments = ("-p", "process.version") if options else ("--version",)
        version, trouble = _start(npm.node, arguments, env)
        if trouble is not None and options and _start(npm.node, ("--version",), _without_options(env))[1] is None:
            trouble = f"{trouble} with the NODE_OPTIONS that are set, and starts without them"
        npm = npm._replace(node_version=npm.node_version or version, node_trouble=trouble)
    if npm.manager is None and not is_program and npm.node_trouble is None:
        npm = npm._replace(is_wrapper=True)
    if npm.node_version is None or any("require-module" in option for option in options):
        return npm
    return npm._replace(requires_esm=npm.node_version in Floor.REQUIRE_ESM)


def _without_options(env: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in env.items() if name != "NODE_OPTIONS"}


def _is_program(path: str) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(4).startswith(_PROGRAMS) and os.path.getsize(path) > _SMALLEST_PROGRAM
    except (OSError, UnreadableError):
        return False


def _start(node: str, arguments: Sequence[str], env: Mapping[str, str]) -> tuple[Version | None, str | None]:
    """Return the version that Node prints, or why it does not start; neither where that took too long."""
    from safepublish.detect.programs import NoOutputError, output

    env = {**env, "NODE_DISABLE_COMPILE_CACHE": "1"}
    try:
        printed, status = output([node, *arguments], env=env, seconds=SECONDS, name="node")
    except NoOutputError as error:
        return None, str(error) if isinstance(error.__cause__, OSError) else None
    if status:
        how = f"exits with code {status}" if status > 0 else f"ends with signal {-status}"
        return None, f"{node} {how}"
    lines = printed.decode(errors="replace").split()
    return (parse(lines[-1]) if lines else None), None
