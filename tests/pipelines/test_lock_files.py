"""The versions of publishing tools: from package.json, from what it forces, and from lock files."""

import json

import pytest

from safepublish.pipelines.lock_files import forced_version, locked_versions, version_of
from tests.support.steps import NODE, PUBLISH, step, verdict

PART = "@semantic-release/npm"
PART_OF_LITE = "@lerna-lite/publish"
LOCKS = {
    "package-lock.json": '{"packages": {"node_modules/lerna": {"version": "9.0.1"}}}',
    "npm-shrinkwrap.json": '{"lockfileVersion": 1, "dependencies": {"lerna": {"version": "9.0.1"}}}',
    "pnpm-lock.yaml": "importers:\n  .:\n    devDependencies:\n      lerna:\n        specifier: ^8 || ^9\n"
    "        version: 9.0.1(encoding@0.1.13)\npackages:\n  lerna@9.0.1:\n    resolution: {}\n  lerna@8.0.0:\n",
    "yarn.lock": '# yarn lockfile v1\n\n"lerna@^8 || ^9":\n  version "9.0.1"\n  resolved "https://x"\n',
    "bun.lock": '{\n  "packages": {\n    "lerna": ["lerna@9.0.1", "", {}, "sha512-x"],\n  }\n}\n',
}
BERRY = '__metadata:\n  version: 8\n\n"lerna@npm:^8 || ^9":\n  version: 9.0.1\n  resolution: "lerna@npm:9.0.1"\n'


@pytest.mark.parametrize("path", LOCKS)
def test_every_kind_of_lock_file_is_read(path: str) -> None:
    assert locked_versions({path: LOCKS[path]}.get, "lerna") == {"9.0.1"}
    assert locked_versions({path: LOCKS[path]}.get, "erna") == set()


def test_yarn_berrys_lock_file_is_read() -> None:
    assert locked_versions({"yarn.lock": BERRY}.get, "lerna") == {"9.0.1"}


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"packages": []}', '{"packages": {"node_modules/lerna": 1}}'])
def test_a_broken_lock_file_says_nothing(text: str) -> None:
    assert locked_versions({"package-lock.json": text}.get, "lerna") == set()


@pytest.mark.parametrize(
    "manifest",
    [
        {"overrides": {PART: "13.1.5"}},
        {"overrides": {"semantic-release": {PART: "13.1.5"}}},
        {"overrides": {f"{PART}@^12": "13.1.5"}},
        {"overrides": {PART: {".": "13.1.5", "npm": "11.6.0"}}},
        {"overrides": {PART: f"${PART}"}, "devDependencies": {PART: "13.1.5"}},
        {"resolutions": {f"**/{PART}": "13.1.5"}},
        {"resolutions": {f"semantic-release/{PART}": f"npm:{PART}@13.1.5"}},
        {"pnpm": {"overrides": {f"semantic-release>{PART}": "13.1.5"}}},
    ],
)
def test_what_package_json_forces(manifest: dict[str, object]) -> None:
    assert forced_version(manifest, PART) == "13.1.5"
    assert forced_version(manifest, "semantic-release") is None
    whole = {"devDependencies": {"semantic-release": "^24.0.0"}, **manifest}
    files = {"package.json": json.dumps(whole)}
    found = step((PUBLISH, "      - run: npx semantic-release\n"), files=files).invocation
    assert (found.tool, found.tool_version) == (PART, "13.1.5")
    assert verdict((PUBLISH, "      - run: npx semantic-release\n"), files=files) == "trusted"


def test_a_plugin_that_is_forced_to_an_old_version_cannot_log_in() -> None:
    manifest = {"devDependencies": {"semantic-release": "^25.0.0"}, "resolutions": {PART: "^12.0.0"}}
    publish = (PUBLISH, "      - run: npx semantic-release\n")
    assert verdict(publish, files={"package.json": json.dumps(manifest)}) == "broken"


def test_the_lock_file_says_which_plugin_semantic_release_gets() -> None:
    packages = {
        f"node_modules/{PART}": {"version": "13.0.0"},
        f"node_modules/semantic-release/node_modules/{PART}": {"version": "12.0.2"},
    }
    manifest = {"devDependencies": {"semantic-release": ">=24", PART: "^13.0.0"}}
    files = {"package.json": json.dumps(manifest), "package-lock.json": json.dumps({"packages": packages})}
    publish = (PUBLISH, "      - run: npx semantic-release\n")
    assert verdict(publish, files=files) == "broken"
    assert (
        verdict(
            (PUBLISH, "      - run: npx -p @semantic-release/npm@13 -p semantic-release semantic-release\n"),
            files=files,
        )
        == "trusted"
    )


@pytest.mark.parametrize("spec", ["file:tools/lerna", "link:tools/lerna"])
def test_a_tool_of_the_same_repository_has_the_version_of_its_package_json(spec: str) -> None:
    files = {
        "package.json": json.dumps({"devDependencies": {"lerna": spec}}),
        "tools/lerna/package.json": '{"name": "lerna", "version": "9.1.0"}',
    }
    assert verdict((PUBLISH, "      - run: npx lerna publish\n"), files=files) == "trusted"


@pytest.mark.parametrize(
    "command", ["pnpm dlx semantic-release", "yarn dlx semantic-release", "npx semantic-release@latest"]
)
def test_the_newest_is_taken_where_nothing_else_is_named(command: str) -> None:
    files = {"package.json": '{"devDependencies": {"semantic-release": "^20.0.0"}}'}
    assert verdict((PUBLISH, f"      - run: {command}\n"), files=files) == "trusted"
    assert verdict((PUBLISH, "      - run: npx semantic-release\n"), files=files) == "broken"


def test_a_locked_version_goes_before_a_range() -> None:
    manifest = {"devDependencies": {"lerna": "^8 || ^9"}}
    assert version_of({"bun.lock": LOCKS["bun.lock"]}.get, manifest, "lerna") == "9.0.1"
    assert version_of(lambda _: None, manifest, "lerna") == "^8 || ^9"


@pytest.mark.parametrize(
    ("command", "required", "expected"),
    [
        ("npx lerna-lite publish from-package --yes", {PART_OF_LITE: "^5.0.0"}, "trusted"),
        ("npx lerna-lite publish from-package --yes", {PART_OF_LITE: "4.7.3"}, "broken"),
        ("npx lerna publish from-package --yes", {PART_OF_LITE: "^5.0.0"}, "trusted"),
        ("npx lerna publish from-package --yes", {PART_OF_LITE: "^3.0.0"}, "broken"),
        ("npx @lerna-lite/cli@5 publish from-package", {}, "trusted"),
        ("npx lerna publish from-package --yes", {"lerna": "^8.0.0"}, "broken"),
    ],
)
def test_lerna_lite_publishes_with_a_part_of_its_own(command: str, required: dict[str, str], expected: str) -> None:
    files = {"package.json": json.dumps({"name": "hello-oidc", "devDependencies": required})}
    assert verdict((PUBLISH, f"      - run: {command}\n"), files=files) == expected


def test_corepacks_npm_is_that_of_package_manager() -> None:
    changes = (PUBLISH, f"      - run: corepack enable npm\n{PUBLISH}"), (NODE, "node-version: 22")
    assert verdict(*changes, files={"package.json": '{"packageManager": "npm@11.6.0"}'}) == "trusted"
    assert verdict(*changes, files={"package.json": '{"packageManager": "npm@10.9.0"}'}) == "broken"
    assert verdict(*changes, files={"package.json": '{"packageManager": "pnpm@11.0.0"}'}) == "unknown"
    assert verdict(*changes) == "unknown"
