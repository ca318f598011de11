"""package.json as npm reads it; tests/detect/test_package_against_npm.py holds the same against the real npm."""

import json
from typing import Any

import pytest

from safepublish.facts.run import Manifest
from safepublish.npm import manifest

PLAIN = Manifest(name="a", version="1.0.0")


def read(**fields: Any) -> Manifest:
    return manifest.read(json.dumps({"name": "a", "version": "1.0.0", **fields}))[0]


@pytest.mark.parametrize(
    ("version", "cleaned"),
    [
        ("v1.2.3", "1.2.3"),
        ("v=1.2.3", "1.2.3"),
        (" = 1.2.3 ", "1.2.3"),
        ("1.02.3", "1.2.3"),
        ("1.2.3beta", "1.2.3-beta"),
        ("1.2.3-beta.01", "1.2.3-beta.1"),
        ("1.2.3+build", "1.2.3"),
        ("1.2.3-", "1.2.3--"),
        ("9007199254740991.0.0", "9007199254740991.0.0"),
        ("\u00a01.0.0\ufeff", "1.0.0"),
    ],
)
def test_a_version_is_cleaned(version: str, cleaned: str) -> None:
    assert read(version=version) == Manifest(name="a", version=cleaned)


@pytest.mark.parametrize(
    "version",
    [
        "1.2",
        "latest",
        "9007199254740992.0.0",
        "1.0.0-a..b",
        "1.0.0-ü",
        "1.0.0+" + "x" * 251,
        1,
        True,
        ["1.0.0"],
    ],
)
def test_npm_stops_at_what_is_no_version(version: object) -> None:
    found = read(version=version)
    assert found.version is None
    assert (found.trouble or "").startswith("its version is not a valid semver version: ")


def test_the_longest_version_is_256_characters() -> None:
    assert read(version="1.0.0+" + "x" * 250).trouble is None


@pytest.mark.parametrize("version", ["", None, 0, False])
def test_a_missing_version_is_none(version: object) -> None:
    assert read(version=version) == Manifest(name="a")


def test_the_shown_version_is_short() -> None:
    assert len(read(version="x" * 10_000).trouble or "") < 150


@pytest.mark.parametrize(
    ("name", "told"), [(" a\n", "a"), ("@s/n", "@s/n"), ("", None), (None, None), (0, None), ("A", "A")]
)
def test_a_name_is_trimmed(name: object, told: str | None) -> None:
    assert read(name=name) == Manifest(name=told, version="1.0.0")


@pytest.mark.parametrize("name", [1, ["a"], {}])
def test_npm_stops_at_a_name_that_is_no_text(name: object) -> None:
    assert read(name=name).trouble == "its name is not a string"


@pytest.mark.parametrize("main", [1, True, ["a"], {}])
def test_npm_stops_at_a_main_that_is_no_text(main: object) -> None:
    assert read(main=main).trouble == "its main is not a string"


@pytest.mark.parametrize("main", ["", None, 0, "index.js"])
def test_an_empty_main_is_none(main: object) -> None:
    assert read(main=main) == PLAIN


@pytest.mark.parametrize(("told", "values"), [(True, (True, "false", 1, [], {})), (False, (False, "", 0, None))])
def test_private_is_what_javascript_takes_for_true(told: bool, values: tuple[object, ...]) -> None:
    assert {read(private=value).private for value in values} == {told}


@pytest.mark.parametrize(
    ("repository", "sent"),
    [
        ("o/r", "git+https://github.com/o/r.git"),
        ({"url": "https://github.com/O/R", "directory": "p"}, "git+https://github.com/O/R.git"),
        ({"url": "https://example.com/o/r"}, "https://example.com/o/r"),
        (["o/r"], None),
        ({}, None),
        ({"url": 5}, None),
        ("", None),
        (None, None),
    ],
)
def test_the_repository_is_rewritten(repository: object, sent: str | None) -> None:
    assert read(repository=repository) == PLAIN._replace(repository=sent)


@pytest.mark.parametrize(
    ("repositories", "sent"),
    [
        (["a/b"], "git+https://github.com/a/b.git"),
        ([], None),
        (None, "git+https://github.com/o/r.git"),
        (True, None),
    ],
)
def test_the_first_of_repositories_goes_before_repository(repositories: object, sent: str | None) -> None:
    assert read(repositories=repositories, repository="o/r").repository == sent


def test_no_credential_of_the_repository_is_kept() -> None:
    assert "canary" not in repr(read(repository="https://canary:canary@example.com/o/r"))


def test_only_the_scripts_that_run_before_npm_reads_again_are_told() -> None:
    scripts = {
        "prepare": "node x.js",
        "prepack": "",
        "prepublishOnly": 1,
        "postpack": "sed y",
        "prepublish": "z",
        "publish": "w",
    }
    for event, text in scripts.items():
        assert read(scripts={event: text}).scripts_may_change_manifest is (event in {"prepare", "postpack"})
    assert not read(scripts="prepare").scripts_may_change_manifest


def test_publish_config_stands_apart_from_the_fact() -> None:
    text = json.dumps({"name": "a", "version": "1.0.0", "publishConfig": {"//r/:_authToken": "canary"}})
    found, publish_config = manifest.read(text)
    assert publish_config == {"//r/:_authToken": "canary"}
    assert "canary" not in repr(found)


@pytest.mark.parametrize("publish_config", ["text", ["a"], None, 5])
def test_a_publish_config_that_is_no_object_is_empty(publish_config: object) -> None:
    assert manifest.read(json.dumps({"publishConfig": publish_config}))[1] == {}


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff{"name": "a", "version": "1.0.0"}',
        '{"name": "b", "name": "a", "version": "1.0.0"}',
        '{"name": "a", "version": "1.0.0", "x": ' + "9" * 6000 + "}",
        '{"name": "a", "version": "1.0.0", "x": 1e999, "y": "\\ud800"}',
        '{"name": "a", "version": "1.0.0", "__proto__": {"private": true}}',
    ],
    ids=["bom", "duplicate", "huge number", "infinite number and half a character", "__proto__"],
)
def test_what_json_parse_takes(text: str) -> None:
    assert manifest.read(text) == (PLAIN, {})


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "[]", '"a"', "5", "{", '{"a": 1,}', "{} x", '{"a": NaN}', '{"a": -Infinity}',
     "\ufeff\ufeff{}", "// c\n{}", '{"a": "\t"}'],
)  # fmt: skip
def test_what_npm_cannot_read_is_trouble(text: str) -> None:
    found, publish_config = manifest.read(text)
    assert (bool(found.trouble), found.unread, publish_config) == (True, None, {})


def test_the_trouble_names_the_place() -> None:
    assert manifest.read('{\n "a": 1\n "b": 2}')[0].trouble == "line 3 column 2: Expecting ',' delimiter"


def test_what_only_npm_can_read_is_unread_and_no_trouble() -> None:
    found = manifest.read('{"a": ' + "[" * 3_000 + "]" * 3_000 + "}")[0]
    assert found in {Manifest(unread="it is nested too deeply"), Manifest()}  # the latter by Python 3.13


@pytest.mark.parametrize("depth", [4_000, 200_000])
def test_what_no_registry_reads_is_trouble(depth: int) -> None:
    text = '{"a": "]]]", "b": ' + "[" * depth + "]" * depth + "}"
    assert manifest.read(text)[0] == Manifest(trouble="it is nested too deeply")


@pytest.mark.parametrize("name", ["a", "A", "a.b", "-a", "@s/n", "@s/_n", "a~'!()*", "x" * 300, "http"])
def test_names_that_npm_takes(name: str) -> None:
    assert manifest.name_trouble(name) is None


@pytest.mark.parametrize(
    "name",
    ["", " a", ".a", "_a", "node_modules", "Favicon.ico", "a b", "a/b", "@s", "@s/", "@/a", "@s/.n", "@s/n/m", "é",
     "a%20b", "\ud800"],
)  # fmt: skip
def test_names_that_npm_does_not_take(name: str) -> None:
    assert manifest.name_trouble(name)


@pytest.mark.parametrize(
    ("scripts", "may"),
    [
        pytest.param({"prepack": "tsc -p ."}, False, id="a-compiler"),
        pytest.param({"prepack": "rimraf dist && npx tsc"}, False, id="two-commands"),
        pytest.param({"prepack": "npm run build", "build": "tsup"}, False, id="a-script-that-only-builds"),
        pytest.param({"prepare": "yarn test", "test": "vitest run"}, False, id="tests"),
        pytest.param(
            {"prepack": "npm run build", "build": "tsc", "postbuild": "node x.js"}, True, id="what-follows-it"
        ),
        pytest.param({"prepack": "npm install", "install": "true"}, True, id="a-command-of-npm-s"),
        pytest.param({"prepack": "yarn build", "build": "tsc"}, False, id="a-script-by-yarn"),
        pytest.param({"prepack": "yarn version", "version": "true"}, True, id="a-command-of-yarn-s"),
        pytest.param({"prepack": "npm run build"}, True, id="a-script-that-is-not-there"),
        pytest.param({"prepack": "npm run prepack"}, True, id="a-script-that-calls-itself"),
        pytest.param({"prepack": "tsc && node scripts/name.js"}, True, id="any-other-program"),
        pytest.param({"prepack": "npm pkg set name=left"}, True, id="npm-pkg"),
        pytest.param({"prepack": "echo $X > out"}, True, id="redirected"),
        pytest.param({"prepack": "echo x; rimraf package.json"}, True, id="package-json-is-named"),
    ],
)
def test_a_script_may_change_the_manifest_unless_it_is_known_not_to(scripts: dict[str, str], may: bool) -> None:
    assert read(scripts=scripts).scripts_may_change_manifest is may
