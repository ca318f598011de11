"""What the configuration of a publishing tool decides: release-it, np and auto."""

import json

import pytest

from tests.support.steps import NODE, PUBLISH, changed, ids, judged, verdict

NO_CHECKS = '{"npm": {"skipChecks": true}}'


def manifest(**entries: object) -> str:
    return json.dumps({"name": "hello-oidc", "version": "1.0.0", **entries})


def of(command: str, files: dict[str, str] | None = None, **entries: object) -> str:
    """The verdict of a step that runs *command*, "" where it publishes nothing."""
    return verdict((PUBLISH, f"      - run: {command}\n"), files={"package.json": manifest(**entries), **(files or {})})


@pytest.mark.parametrize(
    ("command", "configuration", "expected"),
    [
        ("npx release-it --ci", None, "broken"),
        ("npx release-it --ci", {}, "broken"),
        ("npx release-it --ci", {"npm": {"publish": True}}, "broken"),
        ("npx release-it --ci", {"npm": {"skipChecks": True}}, "trusted"),
        ("npx release-it --ci", {"npm": {"skipChecks": False}}, "broken"),
        ("npx release-it --ci", {"npm": {"publish": False}}, ""),
        ("npx release-it --ci", {"npm": False}, ""),
        ("npx release-it --ci", {"npm": False, "plugins": {"@release-it-plugins/workspaces": True}}, "unknown"),
        ("npx release-it --ci", {"extends": "./shared.json"}, "unknown"),
        ("npx release-it --npm.skipChecks", {}, "trusted"),
        ("npx release-it --npm.skipChecks=false", {"npm": {"skipChecks": True}}, "broken"),
        ("npx release-it --npm.publish=false", {}, ""),
        ("npx release-it --no-npm.publish", {"npm": {"skipChecks": True}}, ""),
        ("npx release-it --no-npm", {}, ""),
        ("npx release-it --dry-run", {}, ""),
        ("npx release-it --release-version", {}, ""),
    ],
)
def test_release_its_configuration_in_package_json(command: str, configuration: object, expected: str) -> None:
    entries = {} if configuration is None else {"release-it": configuration}
    assert of(command, None, **entries) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (".release-it.json", NO_CHECKS, "trusted"),
        (".release-it.yaml", "npm:\n  skipChecks: true\n", "trusted"),
        (".release-it.yml", "npm:\n  publish: false\n", ""),
        (".release-it.yml", "npm: false\n", ""),
        (".release-it.json", "{}", "broken"),
        (".release-it.json", "{", "unknown"),
        (".release-it.js", "module.exports = {}", "unknown"),
        (".release-it.ts", "export default {}", "unknown"),
        (".release-it.toml", "[npm]", "unknown"),
    ],
)
def test_release_its_own_file(name: str, text: str, expected: str) -> None:
    assert of("npx release-it", {name: text}) == expected


def test_release_it_takes_another_file() -> None:
    assert of("npx release-it --config ci.json", {"ci.json": NO_CHECKS}) == "trusted"
    assert of("npx release-it -c ci.json", {"ci.json": "{}", ".release-it.json": NO_CHECKS}) == "broken"
    assert of("npx release-it --config absent.json") == "unknown"


def test_release_it_in_a_package_takes_the_roots_file() -> None:
    files = {"packages/a/package.json": manifest(), ".release-it.json": NO_CHECKS}
    assert of("cd packages/a && npx release-it", files) == "trusted"
    files["packages/a/.release-it.json"] = "{}"
    assert of("cd packages/a && npx release-it", files) == "broken"


def test_a_private_package_is_not_published() -> None:
    assert of("npx release-it", private=True) == ""
    assert of("npx np --yolo", private=True) == ""


def test_without_the_repository_the_configuration_is_unknown() -> None:
    assert verdict((PUBLISH, "      - run: npx release-it\n")) == "unknown"
    assert verdict((PUBLISH, "      - run: npx release-it --npm.skipChecks\n")) == "trusted"


def test_release_it_with_a_token_publishes() -> None:
    step = "      - run: npx release-it\n        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    setup = NODE, f"{NODE}\n          registry-url: https://registry.npmjs.org"
    assert verdict((PUBLISH, step), setup, files={"package.json": manifest()}) == "token"


def test_a_configured_tool_needs_the_permission() -> None:
    changes = ("id-token: write", "packages: read"), (PUBLISH, "      - run: npx release-it\n")
    files = {"package.json": manifest(**{"release-it": {"npm": {"skipChecks": True}}})}
    assert "missing-id-token-permission:fail" in ids(*changes, files=files)
    assert "missing-id-token-permission:unknown" in ids(*changes)


@pytest.mark.parametrize(
    ("command", "entries", "expected"),
    [
        ("npx np@10 --yolo", {}, "broken"),
        ("npx np@11", {}, "trusted"),
        ("npx np", {"devDependencies": {"np": "^10.2.0"}}, "broken"),
        ("npx np", {"devDependencies": {"np": "^12.0.0"}}, "trusted"),
        ("npx np", {}, "unknown"),
        ("npx np", {"devDependencies": {"np": ">=10"}}, "unknown"),
        ("npx np", {"np": {"publish": False}}, ""),
        ("npx np --no-publish", {}, ""),
        ("npx auto shipit", {"auto": {"plugins": ["git-tag", "gem"]}}, ""),
        ("npx auto shipit", {"auto": {"plugins": ["npm", "released"]}}, "unknown"),
        ("npx auto shipit", {"auto": {"plugins": ["./mine.js"]}}, "unknown"),
        ("npx auto shipit", {}, "unknown"),
    ],
)
def test_np_and_auto(command: str, entries: dict[str, object], expected: str) -> None:
    assert of(command, None, **entries) == expected


def test_the_fix_names_the_setting() -> None:
    (one,) = judged(changed((PUBLISH, "      - run: npx release-it\n")), {"package.json": manifest()})
    (finding,) = [finding for finding in one.findings if finding.id == "publisher-tool-without-oidc"]
    assert finding.remedy is not None
    assert finding.remedy.text.startswith("Set `npm.skipChecks` to true")


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (None, "broken"),
        ({}, "broken"),
        ({"plugins": ["@semantic-release/commit-analyzer", "@semantic-release/npm"]}, "broken"),
        ({"plugins": [["@semantic-release/npm", {"npmPublish": True}]]}, "broken"),
        ({"plugins": [["@semantic-release/npm", {"npmPublish": False}]]}, ""),
        ({"plugins": ["@semantic-release/github"]}, ""),
        ({"plugins": ["@semantic-release/github", "semantic-release-slack-bot"]}, ""),
        ({"plugins": [["@semantic-release/exec", {"publishCmd": "pnpm publish -r"}]]}, "unknown"),
        ({"plugins": [["@semantic-release/exec", {"publishCmd": "make image"}]]}, ""),
        ({"plugins": ["semantic-release-yarn"]}, "unknown"),
        ({"plugins": ["./release/npm.js"]}, "unknown"),
        ({"extends": "@octo-org/release"}, "unknown"),
    ],
)
def test_semantic_releases_plugins_decide(configuration: object, expected: str) -> None:
    required = {"devDependencies": {"semantic-release": "^24.0.0"}}
    entries = {} if configuration is None else {"release": configuration}
    assert of("npx semantic-release", None, **required, **entries) == expected
    if configuration is not None:
        assert of("npx semantic-release", {".releaserc": json.dumps(configuration)}, **required) == expected
        assert of("npx semantic-release", {".releaserc.json": json.dumps(configuration)}, **required) == expected


def test_semantic_release_publishes_no_private_package() -> None:
    assert of("npx semantic-release@24", private=True) == ""
    assert of("npx semantic-release@24", private=True, release={"plugins": ["@semantic-release/npm"]}) == ""
    assert of("npx semantic-release@25") == "trusted"
    assert of("npx semantic-release@24", {"release.config.js": "module.exports = {}"}) == "unknown"
    assert of("npx semantic-release@25", {"release.config.js": "module.exports = {}"}) == "trusted"
