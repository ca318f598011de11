"""The Node that actions of version managers put in place, and actions that put none in place."""

import pytest

from safepublish.pipelines.actions import may_install_node, uses
from tests.support.steps import PUBLISH, step, verdict


def after(action: str, files: dict[str, str] | None = None, more: str = "") -> str:
    """The verdict of the publish behind a step that uses *action*, after Node 24 was set up."""
    return verdict((PUBLISH, f"      - uses: {action}\n{more}{PUBLISH}"), files=files)


@pytest.mark.parametrize(
    ("action", "files", "expected"),
    [
        ("asdf-vm/actions/install@v4", {}, "trusted"),
        ("asdf-vm/actions/install@v4", {".tool-versions": "python 3.12\n"}, "trusted"),
        ("asdf-vm/actions/install@v4", {".tool-versions": "python 3.12\nnodejs 20.11.0\n"}, "broken"),
        ("asdf-vm/actions/install@v4", {".tool-versions": "nodejs 24.14.1 # lts\n"}, "trusted"),
        ("jdx/mise-action@v3", {}, "trusted"),
        ("jdx/mise-action@v3", {"mise.toml": '[tools]\nnode = "20"\n'}, "broken"),
        ("jdx/mise-action@v3", {".mise.toml": '[tools]\nnode = ["24", "20"]\n'}, "trusted"),
        ("jdx/mise-action@v3", {"mise.toml": '[tools]\nnode = {version = "20"}\n'}, "broken"),
        ("jdx/mise-action@v3", {"mise.toml": '[tools]\npython = "3.12"\n'}, "trusted"),
        ("jdx/mise-action@v3", {"mise.toml": "[tools"}, "unknown"),
        ("jdx/mise-action@v3", {".nvmrc": "20"}, "unknown"),
        ("jdx/mise-action@v3", {".tool-versions": "nodejs 20.11.0"}, "broken"),
        ("moonrepo/setup-toolchain@v0", {".prototools": 'node = "20"\n'}, "broken"),
        ("moonrepo/setup-toolchain@v0", {".prototools": 'moon = "1.30"\n'}, "trusted"),
    ],
)
def test_the_files_name_the_node(action: str, files: dict[str, str], expected: str) -> None:
    assert after(action, files) == expected


def test_the_inputs_go_before_the_files() -> None:
    files = {"mise.toml": '[tools]\nnode = "20"\n'}
    assert after("jdx/mise-action@v3", files, "        with: {tool_versions: 'node 24'}\n") == "trusted"
    assert after("jdx/mise-action@v3", files, "        with: {install: false}\n") == "trusted"
    found = step((PUBLISH, f"      - uses: jdx/mise-action@v3\n{PUBLISH}"), files=files)
    assert (found.toolchain.node.source, found.toolchain.node.version) == ("jdx/mise-action", "20")


@pytest.mark.parametrize(
    "name",
    [
        "Raku/setup-raku",
        "sigstore/cosign-installer",
        "foundry-rs/foundry-toolchain",
        "KyleMayes/install-llvm-action",
        "superfly/flyctl-actions/setup-flyctl",
        "anchore/syft-installer",
        "hashicorp/setup-terraform",
        "1password/install-cli-action",
        "supabase/setup-cli",
        "ilammy/msvc-dev-cmd",
    ],
)
def test_an_action_that_names_another_tool_puts_no_node_in_place(name: str) -> None:
    assert not may_install_node(uses(f"{name}@v1"))


@pytest.mark.parametrize(
    "name",
    [
        "octo-org/setup",
        "octo-org/setup-node-and-pnpm",
        "octo-org/install-dependencies",
        "octo-org/prepare-environment",
        "wyvox/action-setup-pnpm",
        "prefix-dev/setup-pixi",
        "./.github/actions/setup-everything",
        "./setup-octo",
    ],
)
def test_an_action_that_names_none_may_put_one_in_place(name: str) -> None:
    assert may_install_node(uses(f"{name}@v1"))
