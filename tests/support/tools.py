"""The real publishing tools beside npm, fetched once by the machine's own npm and run in the loopback world."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support import world

RELEASES = {
    "pnpm@10": "pnpm@10.29.2",
    "pnpm@11": "pnpm@11.1.2",
    "pnpm@12": "pnpm@12.21.0",
    "yarn@1": "yarn@1.22.22",
    "yarn@4.9": "@yarnpkg/cli-dist@4.9.1",
    "yarn@4.18": "@yarnpkg/cli-dist@4.18.1",
    "lerna@8": "lerna@8.2.4",
    "lerna@9": "lerna@9.0.7",
    "changesets@2": "@changesets/cli@2.29.7",
    "changesets@3": "@changesets/cli@3.0.3",
    "semantic-release@24": "semantic-release@24.2.9",
    "semantic-release@25": "semantic-release@25.0.9",
    "release-it@19": "release-it@19.2.4",
    "release-it@20": "release-it@20.2.1",
    "npm-publish@3": "@jsdevtools/npm-publish@3.1.1",
    "npm-publish@4": "@jsdevtools/npm-publish@4.1.5",
    "nx@22": "@nx/js@22.7.12",
    "bun@1": "@oven/bun-linux-x64-baseline@1.4.5",
}
"""By the name used here: what npm installs."""

WITHOUT_OIDC = {
    "pnpm@10": False, "pnpm@11": False, "pnpm@12": False, "yarn@1": True, "yarn@4.9": True, "yarn@4.18": False,
    "lerna@8": True, "lerna@9": False, "changesets@2": False, "changesets@3": False, "semantic-release@24": True,
    "release-it@19": True, "release-it@20": False, "npm-publish@3": True, "npm-publish@4": False, "nx@22": False,
    "bun@1": True,
}  # fmt: skip
"""Whether the tool cannot log in. semantic-release 25 exchanges with registry.npmjs.org alone, never on loopback; of
release-it, 19 runs as it comes, which asks npm whoami first, and 20 skips that.
"""

WITH_NPM = ("pnpm@10", "changesets@2", "release-it@20", "npm-publish@4", "nx@22")
"""Those that let the npm on PATH publish, and print what it says."""

COMMANDS = {
    "pnpm": "pnpm publish --no-git-checks",
    "yarn": "yarn publish",
    "lerna": "lerna publish from-package --yes",
    "changesets": "changeset publish",
    "semantic-release": "semantic-release",
    "release-it": "release-it --ci --no-increment --no-git --npm.skipChecks",
    "npm-publish": "npm-publish",
    "nx": "nx release publish",
    "bun": "bun publish",
}
PACKAGES = ("hello-oidc", "hello-a")


def laid(tool: str) -> Path:
    """The directory whose node_modules/.bin holds the tool."""
    return world.tool(RELEASES[tool]).parent.parent


def run(tool: str, npm: str, loopback: world.Loopback, more: Mapping[str, str | None]) -> world.Outcome:
    """Publish with *tool*, and this npm on PATH, from a repository on the branch main."""
    branch = {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}
    registry = {"npm_config_registry": loopback.url} if tool.startswith("changesets") else {}
    # What a tool leaves running for a moment would write the compile cache into a directory that is being removed.
    env = loopback.environment(npm, {**branch, **registry, "NODE_DISABLE_COMPILE_CACHE": "1", **more})
    family = tool.partition("@")[0]
    home = laid(tool)
    binary = home / "node_modules" / ".bin"
    if family in {"lerna", "changesets", "nx"}:
        project = _monorepo(loopback)
    elif family == "semantic-release":
        plugins = [f"@semantic-release/{name}" for name in ("commit-analyzer", "npm")]
        project = loopback.project(version="0.0.0-development", release={"branches": ["main"], "plugins": plugins})
    else:
        project = loopback.project()
    if family == "pnpm":
        words = [str(binary / "pnpm"), "publish", "--no-git-checks", "--no-provenance"]
    elif tool == "yarn@1":
        words = [str(binary / "yarn"), "publish", "--non-interactive"]
    elif family == "release-it":
        skip = [] if tool == "release-it@19" else ["--npm.skipChecks"]  # one asks npm whoami first, as is its default
        words = [str(binary / "release-it"), "--ci", "--no-increment", "--no-git", *skip]
    elif family == "npm-publish":
        words = [str(binary / "npm-publish"), "--registry", loopback.url]
    elif family == "bun":
        words = [str(home / "node_modules" / "@oven" / "bun-linux-x64-baseline" / "bin" / "bun"), "publish"]
    elif family == "nx":
        alone = {"NX_DAEMON": "false", "NX_ISOLATE_PLUGINS": "false", "NX_NO_CLOUD": "true"}
        env |= {**alone, "npm_config_registry": loopback.url}
        (project / "nx.json").write_text(json.dumps({"release": {"projects": ["packages/*"]}}))
        (project / "node_modules").symlink_to(home / "node_modules")
        (project / "package-lock.json").write_text('{"name": "root", "lockfileVersion": 3, "packages": {"": {}}}')
        (project / ".gitignore").write_text("node_modules\n.nx\n")
        _commit(project, loopback, env)
        words = [str(binary / "nx"), "release", "publish"]
    elif family == "yarn":
        words = _berry(home, project, loopback, env)
    else:
        _commit(project, loopback, env)
        words = {
            "lerna": [str(binary / "lerna"), "publish", "from-package", "--yes", "--no-git-reset"],
            "changesets": [str(binary / "changeset"), "publish"],
            "semantic-release": [
                str(binary / "semantic-release"), "--repository-url", str(loopback.directory / "bare.git"),
            ],
        }[family]  # fmt: skip
    return loopback.run(words, cwd=project, env=env)


def _monorepo(loopback: world.Loopback) -> Path:
    project = loopback.directory / "mono"
    package = project / "packages" / "a"
    package.mkdir(parents=True)
    url = "git+https://github.com/octo-org/hello-oidc.git"
    manifest = {"name": "hello-a", "version": "1.0.0", "repository": {"type": "git", "url": url}}
    (package / "package.json").write_text(json.dumps(manifest))
    (package / "index.js").write_text("1\n")
    (project / "package.json").write_text(json.dumps({"name": "root", "private": True, "workspaces": ["packages/*"]}))
    (project / "package-lock.json").write_text("{}")
    lerna = {"version": "independent", "npmClient": "npm", "packages": ["packages/*"]}
    (project / "lerna.json").write_text(json.dumps(lerna))
    (project / ".changeset").mkdir()
    (project / ".changeset" / "config.json").write_text(json.dumps({"access": "public", "baseBranch": "main"}))
    return project


def _berry(home: Path, project: Path, loopback: world.Loopback, env: Mapping[str, str]) -> list[str]:
    yarn = [str(world.node()), str(home / "node_modules" / "@yarnpkg" / "cli-dist" / "bin" / "yarn.js")]
    (project / ".yarnrc.yml").write_text(
        f'npmRegistryServer: "{loopback.url.rstrip("/")}"\nunsafeHttpWhitelist: ["127.0.0.1"]\nenableTelemetry: false\n'
    )
    (project / "yarn.lock").write_text("")
    inside = {**env, "YARN_ENABLE_IMMUTABLE_INSTALLS": "false", "CI": "", "GITHUB_ACTIONS": ""}
    loopback.run([*yarn, "install"], cwd=project, env=inside)
    return [*yarn, "npm", "publish"]


def _commit(project: Path, loopback: world.Loopback, env: Mapping[str, str]) -> None:
    bare = loopback.directory / "bare.git"
    for words in (
        ("init", "--bare", "-q", "-b", "main", str(bare)),
        ("init", "-q", "-b", "main"),
        ("config", "user.email", "octo@example.org"),
        ("config", "user.name", "octo"),
        ("remote", "add", "origin", str(bare)),
        ("add", "."),
        ("commit", "-q", "-m", "feat: first"),
        ("push", "-q", "-u", "origin", "main"),
    ):
        subprocess.run(["git", *words], cwd=project, env=dict(env), check=True, capture_output=True)


if __name__ == "__main__":
    for name in RELEASES:
        print(laid(name), flush=True)
    os.sync()
