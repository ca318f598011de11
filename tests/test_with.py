"""`--with`: other tools publish in npm's place, after the same looks, judged by what the real tools do."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path

import pytest

from safepublish.rehearsal import GitHubJob, Grant, PublishedPackage, Registry
from tests.support import world

GUARD = [sys.executable, "-m", "safepublish"]
OURS = world.HELLO.publishers
OPEN = PublishedPackage(("0.9.0",), publishers=OURS)
OUT = PublishedPackage(("0.9.0", "1.0.0"), publishers=OURS)
UNTRUSTED = PublishedPackage(("0.9.0",))
TOKEN = "npm_withwithwithwithwithwithwithwith12"
YARN = 'npmRegistryServer: "{url}"\nunsafeHttpWhitelist: [127.0.0.1]\nenableTelemetry: false\n'

Make = Callable[..., world.Loopback]

PNPM = "pnpm publish -r --access public --no-git-checks"
LERNA = "lerna publish from-package --yes"
CHANGESET = "changeset publish"
FOREACH = "yarn workspaces foreach -A --no-private npm publish --tolerate-republish --access public"

TOOLS: dict[str, tuple[str, str]] = {
    "pnpm 10": ("pnpm@10.34.9", PNPM),
    "pnpm 11": ("pnpm@11.28.10", PNPM),
    "pnpm 12": ("pnpm@12.21.0", PNPM),
    "lerna 10": ("lerna@10.1.1", LERNA),
    "changesets 3": ("@changesets/cli@3.0.3", CHANGESET),
    "yarn 4": ("@yarnpkg/cli-dist@4.18.1", FOREACH),
}


def monorepo(make_loopback: Make, held: Mapping[str, PublishedPackage], tool: str) -> tuple[world.Loopback, Path]:
    """A repository with a package for each name, which the tool knows by its own files."""
    job = GitHubJob(visibility="private")  # no provenance: Sigstore is not here
    loopback = make_loopback(Registry(held, tokens={TOKEN: Grant.PUBLISH}, job=job))
    root = loopback.project("mono", name="root", private=True, workspaces=["packages/*"])
    for name in held:
        loopback.project(f"mono/packages/{name}", name=name)
    loopback.project("mono/packages/hidden", name="hidden", private=True)
    if tool.startswith("pnpm"):
        (root / "pnpm-workspace.yaml").write_text("packages:\n  - packages/*\n")
    if tool.startswith("lerna"):
        (root / "lerna.json").write_text('{"packages": ["packages/*"], "version": "1.0.0"}')
    if tool.startswith("changesets"):
        (root / "package-lock.json").write_text("{}")
        (root / ".changeset").mkdir()
        (root / ".changeset" / "config.json").write_text('{"access": "public", "baseBranch": "main"}')
    if tool.startswith("yarn"):
        (root / ".yarnrc.yml").write_text(YARN.replace("{url}", loopback.url.rstrip("/")))
        (root / "yarn.lock").write_text("")
    return loopback, root


def play(
    loopback: world.Loopback, root: Path, tool: str, *words: str, more: Mapping[str, str | None] | None = None
) -> world.Outcome:
    """Run the guard (with *words*), or with none the tool alone."""
    spec, command = TOOLS[tool]
    git = {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = loopback.environment(more={**git, "SAFEPUBLISH_FORMAT": "text", "SAFEPUBLISH_DEADLINE": "60", **(more or {})})
    if tool.startswith("changesets"):
        env["npm_config_registry"] = loopback.url  # it reads no .npmrc
    env["PATH"] = f"{world.tool(spec)}{os.pathsep}{env['PATH']}"
    if not (root / ".git").exists():
        if tool.startswith("yarn"):
            loopback.run(
                ["yarn", "install"],
                cwd=root,
                env={**env, "CI": "", "GITHUB_ACTIONS": "", "YARN_ENABLE_IMMUTABLE_INSTALLS": "0"},
            )
        for line in ("git init -q -b main", "git add -A", "git commit -qm one"):
            subprocess.run(line.split(), cwd=root, env=env, check=True)
    return loopback.run([*GUARD, *words, "--with", command] if words else command.split(), cwd=root, env=env)


def published(outcome: world.Outcome) -> list[str | None]:
    return sorted((one.name for one in outcome.published), key=str)


def has_shared_log(loopback: world.Loopback) -> bool:
    """Whether two npm that started in the same millisecond wrote to one debug log, which then tells of neither."""
    logs = (loopback.home / ".npm" / "_logs").glob("*-debug-0.log")
    return any(path.read_bytes().count(b" verbose cli ") > 1 for path in logs)


@pytest.mark.parametrize("tool", world.some(TOOLS, "pnpm 12"))
def test_a_tool_publishes_through_oidc_what_is_not_out(make_loopback: Make, tool: str) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": OUT, "c": OPEN}, tool)
    outcome = play(loopback, root, tool, "--strict")
    assert (outcome.returncode, published(outcome), outcome.credential) == (0, ["a", "c"], "oidc")
    assert "2 of 3 packages (1 is already published)" in " ".join(outcome.stderr.split())


@pytest.mark.parametrize("tool", world.some(TOOLS, "lerna 10"))
def test_what_the_tool_alone_fails_at_is_refused_before_it_starts(make_loopback: Make, tool: str) -> None:
    held = {"a": OPEN, "b": UNTRUSTED, "c": OPEN}
    loopback, root = monorepo(make_loopback, held, tool)
    alone = play(loopback, root, tool)
    assert alone.returncode != 0
    loopback.registry.packages |= held
    outcome = play(loopback, root, tool, "--strict")
    assert (outcome.returncode, published(outcome), outcome.credential) == (3, [], None)
    assert "error[publisher-mismatch]: no trusted publisher of b matches this run" in outcome.stderr
    assert "nothing was published: 1 of 3 packages has errors (2 are ready)" in " ".join(outcome.stderr.split())


@pytest.mark.parametrize("tool", world.some(TOOLS, "changesets 3", "pnpm 12"))
def test_why_a_tool_failed_is_read_from_the_npm_that_it_started(make_loopback: Make, tool: str) -> None:
    held = {"a": OPEN, "b": OPEN._replace(stage_only=True), "c": OPEN}
    for _ in range(3):
        loopback, root = monorepo(make_loopback, held, tool)
        outcome = play(loopback, root, tool, "--strict", more={"GITHUB_RUN_ID": "29"})
        if not has_shared_log(loopback):
            break
    assert outcome.returncode == 1
    said = " ".join(outcome.stderr.split())
    assert "b" not in published(outcome)
    if tool in {"pnpm 10", "changesets 3"}:
        assert "error[stage-only-publisher]: the trusted publisher matches" in said
        out = published(outcome)
        assert f"{len(out)} of 3 packages {'was' if len(out) == 1 else 'were'} published" in said
    else:
        assert f"exited with code {outcome.returncode}. To explain its output, run:" in said
        assert "gh run view 29 --log-failed | safepublish explain" in said


OF_THEIR_OWN = ("pnpm 11", "pnpm 12", "lerna 10", "yarn 4")


@pytest.mark.parametrize("tool", world.some(OF_THEIR_OWN, "yarn 4"))
def test_a_token_is_each_tools_own_affair(make_loopback: Make, tool: str) -> None:
    """pnpm and lerna fall back to it, as npm does; yarn takes it first, and makes no exchange."""
    loopback, root = monorepo(make_loopback, {"a": OPEN}, tool)
    more = {"YARN_NPM_AUTH_TOKEN": TOKEN} if tool == "yarn 4" else {}
    (loopback.home / ".npmrc").write_text(f"registry={loopback.url}\n//{loopback.host}/:_authToken={TOKEN}\n")
    alone = play(loopback, root, tool, more=more)
    assert (alone.returncode, alone.credential) == (0, "token" if tool == "yarn 4" else "oidc")
    loopback.registry.packages["a"] = OPEN
    outcome = play(loopback, root, tool, "--strict", more=more)
    if tool == "yarn 4":
        assert (outcome.returncode, outcome.credential) == (3, None)
        assert "error[token-beats-oidc]: yarn prefers YARN_NPM_AUTH_TOKEN" in outcome.stderr
        outcome = play(loopback, root, tool, "--allow-token", more=more)
    assert (outcome.returncode, outcome.credential) == (0, alone.credential)
    assert TOKEN not in outcome.stdout + outcome.stderr


@pytest.mark.parametrize("tool", world.some(OF_THEIR_OWN, "pnpm 12"))
def test_ci_false_blinds_some_of_them(make_loopback: Make, tool: str) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN}, tool)
    alone = play(loopback, root, tool, more={"CI": "false"})
    loopback.registry.packages["a"] = OPEN
    outcome = play(loopback, root, tool, "--strict", more={"CI": "false"})
    assert (outcome.returncode == 0) is (alone.returncode == 0)
    assert ("error[oidc-disabled]" in outcome.stderr) is (tool in {"pnpm 11", "lerna 10"})


def test_pnpm_10_leaves_it_to_npm_whose_age_then_counts(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN}, "pnpm")
    spec, command = TOOLS["pnpm 10"]
    env = loopback.environment("10.9.4", {"SAFEPUBLISH_FORMAT": "text"})
    env["PATH"] = f"{world.tool(spec)}{os.pathsep}{env['PATH']}"
    outcome = loopback.run([*GUARD, "--with", command], cwd=root, env=env)
    assert (outcome.returncode, published(outcome)) == (3, [])
    assert "error[npm-too-old]: npm 10.9.4 does not support trusted publishing" in outcome.stderr


def test_a_filter_is_answered_by_pnpm_itself(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN, "b": UNTRUSTED}, "pnpm 12")
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text"})
    env["PATH"] = f"{world.tool('pnpm@12.21.0')}{os.pathsep}{env['PATH']}"
    for chosen, status in (("a", 0), ("b", 3)):
        command = f"pnpm --filter {chosen} publish --no-git-checks"
        outcome = loopback.run([*GUARD, "--strict", "--with", command], cwd=root, env=env)
        assert (outcome.returncode, published(outcome)) == (status, [chosen] if status == 0 else [])


NOWHERE = "http://127.0.0.1:9/"

# what is in the user's .npmrc, in pnpm-workspace.yaml, in variables, in publishConfig, and the options; {url} works
REGISTRIES: dict[str, tuple[str, str, str, str | None, str]] = {
    "the file": ("", "registries: {default: '{url}'}", "", None, ""),
    "the file's other key": ("", "registry: '{url}'", "", None, ""),
    "pnpm's variable": ("", "registries: {default: '{bad}'}", "pnpm_config_registry={url}", None, ""),
    "npm's variable": ("", "", "npm_config_registry={url}", None, ""),
    "npm's variable and the file": ("", "registries: {default: '{bad}'}", "npm_config_registry={url}", None, ""),
    "an option": ("", "", "", None, "--registry {url}"),
    "an option and the file": ("", "registries: {default: '{bad}'}", "", None, "--registry {url}"),
    "publishConfig": ("@s:registry={bad}", "registries: {default: '{bad}'}", "", "{url}", ""),
    "a scope in the file": ("", "registries: {'@s': '{url}'}", "", None, ""),
    "a scope in the file, and publishConfig": ("", "registries: {'@s': '{url}'}", "", "{bad}", ""),
    "a scope in .npmrc": ("@s:registry={url}", "registries: {default: '{bad}'}", "", None, "--registry {bad}"),
}
PNPMS = ("pnpm 10", "pnpm 11", "pnpm 12")


@pytest.mark.parametrize(("tool", "name"), world.some(product(PNPMS, REGISTRIES), ("pnpm 12", "the file's other key")))
def test_pnpm_is_looked_at_where_it_publishes(make_loopback: Make, tool: str, name: str) -> None:
    """The guard asks the registry that pnpm would: it passes where pnpm alone publishes, and only there."""
    loopback, root = monorepo(make_loopback, {"@s/a": OPEN}, "pnpm")

    def filled(text: str) -> str:
        return text.replace("{url}", loopback.url).replace("{bad}", NOWHERE)

    npmrc, yaml, variable, publish_config, options = (filled(one or "") for one in REGISTRIES[name])
    (loopback.home / ".npmrc").write_text(f"registry={NOWHERE}\n{npmrc}\n")
    (root / "pnpm-workspace.yaml").write_text(f"packages: [packages/@s/*]\n{yaml}\n")
    if publish_config:
        loopback.project("mono/packages/@s/a", name="@s/a", publishConfig={"registry": publish_config})
    spec, command = TOOLS[tool]
    key, _, value = variable.partition("=")
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text", key or "UNUSED": value})
    env["PATH"] = f"{world.tool(spec)}{os.pathsep}{env['PATH']}"
    words = [*command.split(), *options.split()]
    alone = loopback.run(["timeout", "20", *words], cwd=root, env=env)
    loopback.registry.packages["@s/a"] = OPEN
    judged = loopback.run([*GUARD, "check", "--strict", "--with", " ".join(words)], cwd=root, env=env)
    assert (judged.returncode == 0) is bool(alone.published)


# .yarnrc.yml of the root, of the home, publishConfig, a variable; {url} works, {token} is one that the registry takes
YARNS: dict[str, tuple[str, str, str | None, str]] = {
    "npmPublishRegistry": ("npmRegistryServer: '{bad}'\nnpmPublishRegistry: '{url}'", "", None, ""),
    "a scope's npmPublishRegistry": (
        "npmPublishRegistry: '{bad}'\nnpmScopes: {s: {npmPublishRegistry: '{url}'}}",
        "",
        None,
        "",
    ),
    "a scope's npmRegistryServer": (
        "npmRegistryServer: '{bad}'\nnpmScopes: {s: {npmRegistryServer: '{url}'}}",
        "",
        None,
        "",
    ),
    "publishConfig before a scope": ("npmScopes: {s: {npmPublishRegistry: '{bad}'}}", "", "{url}", ""),
    "its variable": ("npmPublishRegistry: '{bad}'", "", None, "YARN_NPM_PUBLISH_REGISTRY={url}"),
    "the home's file": ("", "npmPublishRegistry: '{url}'", None, ""),
    "both files": ("npmScopes: {s: {npmAlwaysAuth: false}}", "npmScopes: {s: {npmPublishRegistry: '{url}'}}", None, ""),
    "a variable in the file": ("npmPublishRegistry: '${WHERE}'", "", None, "WHERE={url}"),
    "one with something else": ("npmPublishRegistry: '${WHERE:-{url}}'", "", None, ""),
    "a scope's token": ("npmPublishRegistry: '{url}'\nnpmScopes: {s: {npmAuthToken: '{token}'}}", "", None, ""),
    "a registry's token": (
        "npmPublishRegistry: '{url}'\nnpmRegistries: {'{url}': {npmAuthToken: '{token}'}}",
        "",
        None,
        "",
    ),
    "its token without the scheme": (
        "npmPublishRegistry: '{url}'\nnpmRegistries: {'{host}': {npmAuthToken: '{token}'}}",
        "",
        None,
        "",
    ),
    "a listed registry hides the token": (
        "npmPublishRegistry: '{url}'\nnpmAuthToken: '{token}'\nnpmRegistries: {'{url}': {npmAlwaysAuth: true}}",
        "",
        None,
        "",
    ),
    "a scope, and a listed registry": (
        "npmScopes: {s: {npmPublishRegistry: '{url}'}}\nnpmAuthToken: '{token}'\nnpmRegistries: {'{host}': {}}",
        "npmPublishRegistry: '{bad}'",
        None,
        "",
    ),
    "the general token": ("npmPublishRegistry: '{url}'\nnpmAuthToken: '{token}'", "", None, ""),
}


@pytest.mark.parametrize("name", world.some(YARNS, "a scope, and a listed registry"))
def test_yarn_is_looked_at_where_it_publishes(make_loopback: Make, name: str) -> None:
    loopback, root = monorepo(make_loopback, {"@s/a": OPEN}, "yarn 4")
    bare = loopback.url.rstrip("/")

    def filled(text: str | None) -> str:
        known = {"{url}": bare, "{host}": bare.removeprefix("http:"), "{bad}": NOWHERE.rstrip("/"), "{token}": TOKEN}
        for key, value in known.items():
            text = (text or "").replace(key, value)
        return text or ""

    project, home, publish_config, variable = (filled(one) for one in YARNS[name])
    common = "unsafeHttpWhitelist: [127.0.0.1]\nenableTelemetry: false\n"
    (root / ".yarnrc.yml").write_text(f"{common}{project}\n")
    (loopback.home / ".yarnrc.yml").write_text(f"{common}{home}\n")
    if publish_config:
        loopback.project("mono/packages/@s/a", name="@s/a", publishConfig={"registry": publish_config})
    (root / "package.json").write_text('{"name": "root", "private": true, "workspaces": ["packages/@s/*"]}')
    key, _, value = variable.partition("=")
    more = {key or "UNUSED": value}
    alone = play(loopback, root, "yarn 4", more=more)
    loopback.registry.packages["@s/a"] = OPEN
    judged = play(loopback, root, "yarn 4", "check", "--strict", more=more)
    assert (judged.returncode == 0) is (bool(alone.published) and alone.credential == "oidc")
    assert ("token-beats-oidc" in judged.stdout) is (alone.credential == "token")
    assert TOKEN not in judged.stdout + judged.stderr


NOT_TOLD = {"nothing here": "nowhere publish", "a script": "sh release.sh"}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_what_cannot_be_told_is_said_and_refuses_nothing(make_loopback: Make, name: str) -> None:
    loopback, root = monorepo(make_loopback, {"a": OPEN}, "")
    (root / "release.sh").write_text("exit 7\n")
    env = loopback.environment(more={"SAFEPUBLISH_FORMAT": "text"})
    outcome = loopback.run([*GUARD, "--with", NOT_TOLD[name]], cwd=root, env=env)
    assert outcome.returncode == (7 if name == "a script" else 127)
    assert not world.crashed(outcome.stderr)
    told_by = "manifest-unreadable" if name == "a script" else "publisher-tool-without-oidc"
    assert f"unknown[{told_by}]" in outcome.stderr
    strict = loopback.run([*GUARD, "check", "--strict", "--with", NOT_TOLD[name]], cwd=root, env=env)
    assert strict.returncode == 3
