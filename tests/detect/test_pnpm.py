"""Where pnpm publishes: the order in which the real pnpm 10, 11 and 12 take it (tests/test_with.py runs them)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish.detect import config, package, pnpm
from safepublish.detect.tool import FoundTool
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import PublishTool
from safepublish.npm.tool_versions import parse

DEFAULT = "registries:\n  default: https://yaml.example/\n"
SCOPE = "registries:\n  '@s': https://scope.example/\n"
ENV = {"pnpm_config_registry": "https://env.example/"}
NPM_ENV = {"npm_config_registry": "https://npm.example/"}
CLI = ("publish", "--registry", "https://cli.example/")

# version, pnpm-workspace.yaml, words, variables -> registry, @s:registry, as an environment that npm's rules read
ORDER: dict[str, tuple[str, str, tuple[str, ...], Mapping[str, str], str | None, str | None]] = {
    "nothing set": ("12.21.0", "packages: [a]\n", (), {}, None, None),
    "pnpm 12: the file": ("12.21.0", DEFAULT, (), {}, "yaml", None),
    "pnpm 12: the file's other key": ("12.21.0", "registry: https://yaml.example/\n", (), {}, "yaml", None),
    "pnpm 10 has no other key": ("10.34.9", "registry: https://yaml.example/\n", (), {}, None, None),
    "pnpm 12: its variable before the file": ("12.21.0", DEFAULT, (), ENV, "env", None),
    "pnpm 10 does not know the variable": ("10.34.9", DEFAULT, (), ENV, "yaml", None),
    "pnpm 12: the option before its variable": ("12.21.0", DEFAULT, CLI, ENV, "cli", None),
    "pnpm 10: the file before the option": ("10.34.9", DEFAULT, CLI, {}, "yaml", None),
    "pnpm 10: the option before npm's variable": ("10.34.9", "", CLI, NPM_ENV, "cli", None),
    "pnpm 10: npm's variable": ("10.34.9", "", (), NPM_ENV, "npm", None),
    "pnpm 11 has no use for npm's variable": ("11.0.0", "", (), NPM_ENV, None, None),
    "a scope's": ("12.21.0", SCOPE, (), {}, None, "scope"),
    "an option with =": ("12.21.0", "", ("--@s:registry=https://cli.example/",), {}, None, "cli"),
}


@pytest.mark.parametrize("name", ORDER)
def test_registries(name: str, tmp_path: Path) -> None:
    version, text, words, env, default, scope = ORDER[name]
    (tmp_path / "below").mkdir()
    if text:
        (tmp_path / "pnpm-workspace.yaml").write_text(text)
    found = pnpm.read(parse(version), words, env={"HOME": str(tmp_path), **env}, cwd=str(tmp_path / "below"))
    assert found.trouble is None
    for key, expected in (("registry", default), ("@s:registry", scope)):
        assert found.environment.get(f"npm_config_{key}") == (f"https://{expected}.example/" if expected else None)


@pytest.mark.parametrize(
    ("version", "npm", "kind"),
    [
        ("12.21.0", False, CredentialKind.SET),
        ("10.34.9", True, CredentialKind.UNRESOLVED),  # npm reads the same file
    ],
)
def test_pnpm_knows_a_fallback_and_npm_does_not(version: str, npm: bool, kind: CredentialKind, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "left", "version": "1.0.0"}')
    (tmp_path / ".npmrc").write_text("//registry.npmjs.org/left:_authToken=${NPM_TOKEN:-cAnArY}\n")
    env = {"HOME": str(tmp_path / "home")}
    tool = PublishTool("pnpm", "/usr/bin/pnpm", parse(version), npm=npm)
    configuration = config.read(["publish"], env=env, cwd=str(tmp_path), npm=None)
    found = FoundTool(tool, ("pnpm", "publish"), (str(tmp_path),))
    (left,) = package.of_tool(found, configuration, env=env, cwd=str(tmp_path))
    assert (left.credential.kind, left.credential.variable) == (kind, "NPM_TOKEN")
    assert left.credential.fallback is (kind is CredentialKind.UNRESOLVED)
    assert "cAnArY" not in repr(left)


UNKNOWN: dict[str, tuple[str, str, Mapping[str, str], str]] = {
    "a registry with a prefix": (
        "12.21.0",
        "registries:\n  default: {url: x}\n",
        {},
        "the registries in ",
    ),
    "a variable": ("12.21.0", "registries:\n  default: https://${HOST}/\n", {}, "a registry with a variable"),
    "no YAML": ("12.21.0", "registries: [", {}, "cannot be read"),
    "nested too deeply": ("12.21.0", "registries: " + "[" * 100_000, {}, "cannot be read"),
    "authorization as JSON": ("12.21.0", "", {"pnpm_config__auth": "{}"}, "pnpm_config__auth may name registries"),
    "a pnpm that was not run": (
        "11.28.9",
        "registry: https://yaml.example/\n",
        {},
        "this pnpm may or may not read `registry`",
    ),
    "an old pnpm": ("10.28.0", DEFAULT, {}, "how this pnpm uses the registries"),
    "pnpm's global file": ("12.21.0", "global", {}, "has settings for registries"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_told_is_said(name: str, tmp_path: Path) -> None:
    version, text, env, why = UNKNOWN[name]
    if text == "global":
        (tmp_path / "pnpm").mkdir()
        (tmp_path / "pnpm" / "config.yaml").write_text("registry: https://g.example/\n")
    else:
        (tmp_path / "pnpm-workspace.yaml").write_text(text)
    found = pnpm.read(parse(version), (), env={"XDG_CONFIG_HOME": str(tmp_path), **env}, cwd=str(tmp_path))
    assert why in str(found.trouble)
