"""What is absent from the files is not absent from the job: no step is broken where a part of it is hidden."""

from collections.abc import Callable

import pytest

from safepublish.causes import judge
from safepublish.pipelines import reader
from safepublish.pipelines.publish_names import may_publish
from tests.support.steps import NODE, PUBLISH, ids, verdict

GITLAB, CIRCLECI, GITHUB = ".gitlab-ci.yml", ".circleci/config.yml", ".github/workflows/publish.yml"
MANIFEST = '{"name": "hello-oidc", "version": "1.0.0"}'
BERRY = '{"name": "hello-oidc", "version": "1.0.0", "packageManager": "yarn@4.12.0"}'
RELEASE = '{"name": "hello-oidc", "devDependencies": {"semantic-release": "^24.0.0"}}'
Read = Callable[..., list[str]]
NPMJS_TOKEN = "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"
CALLER = """\
on: push
jobs:
  call:
    uses: ./.github/workflows/called.yml
"""
CALLED = """\
on: workflow_call
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      id-token: write
    steps:
      - uses: actions/setup-node@v6
        with:
          node-version: 24
      - run: npm publish
"""


def verdicts(path: str, text: str, files: dict[str, str]) -> list[str]:
    file = reader.read(text, path, {path: text, **files}.get)
    assert file.trouble is None
    return [found.verdict.value for found in judge.judge_steps(file)]


def gitlab(script: str, **files: str) -> list[str]:
    return verdicts(GITLAB, f"job:\n  image: node:24\n  script:\n    - {script}\n", _paths(files))


def circleci(script: str, **files: str) -> list[str]:
    text = f"jobs:\n  job:\n    docker: [{{image: cimg/node:24.18}}]\n    steps:\n      - run: {script}\n"
    return verdicts(CIRCLECI, text, _paths(files))


def _paths(files: dict[str, str]) -> dict[str, str]:
    names = {"npmrc": ".npmrc", "yarnrc": ".yarnrc.yml", "manifest": "package.json", "program": "ci/publish"}
    return {names[name]: text for name, text in files.items()}


@pytest.mark.parametrize("read", [gitlab, circleci])
def test_a_token_may_be_a_variable_of_the_project(read: Read) -> None:
    assert read("npx semantic-release", manifest=RELEASE) == ["unknown"]
    assert read("yarn npm publish", manifest='{"packageManager": "yarn@4.9.0"}') == ["unknown"]
    assert read("npm publish", manifest=MANIFEST) == ["broken"]  # npm reads no such variable by itself


@pytest.mark.parametrize("read", [gitlab, circleci])
def test_a_checked_in_configuration_names_a_variable_of_the_project(read: Read) -> None:
    assert read("npm publish", manifest=MANIFEST, npmrc=NPMJS_TOKEN) == ["token"]
    assert read("yarn npm publish", manifest=BERRY, yarnrc="npmAuthToken: ${NPM_TOKEN:-}\n") == ["token"]
    own = 'npmRegistries:\n  "https://registry.npmjs.org":\n    npmAuthToken: ${PUBLISH_TOKEN}\n'
    assert read("yarn npm publish", manifest=BERRY, yarnrc=own) == ["token"]


@pytest.mark.parametrize("read", [gitlab, circleci])
def test_a_checked_in_token_for_another_registry_or_tool_is_none(read: Read) -> None:
    other = "//npm.pkg.github.com/:_authToken=${NPM_TOKEN}\n"
    assert read("npm publish", manifest=MANIFEST, npmrc=other) == ["broken"]
    assert read("npm publish", manifest=MANIFEST, yarnrc="npmAuthToken: ${NPM_TOKEN}\n") == ["broken"]
    id_token = "//registry.npmjs.org/:_authToken=${NPM_ID_TOKEN}\n"
    assert read("npm publish", manifest=MANIFEST, npmrc=id_token) == ["broken"]


def test_on_github_a_variable_that_no_file_sets_is_empty() -> None:
    text = CALLED.replace("workflow_call", "push")
    assert verdicts(GITHUB, text, {".npmrc": NPMJS_TOKEN, "package.json": MANIFEST}) == ["trusted"]


@pytest.mark.parametrize("read", [gitlab, circleci])
def test_a_script_that_is_not_among_the_files_may_set_everything(read: Read) -> None:
    assert read("./ci/publish") == ["unknown"]
    assert read("npm run publish-packages") == ["unknown"]


@pytest.mark.parametrize(
    "first", ["#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env -S bash -e", "#!/bin/sh -e", "#! /usr/bin/zsh"]
)
def test_a_script_without_an_ending_is_read_by_its_first_line(first: str) -> None:
    script = f'{first}\nyarn config set npmAuthToken "${{DEPLOY_TOKEN}}"\nyarn npm publish\n'
    assert circleci("./ci/publish", manifest=BERRY, program=script) == ["token"]


def test_a_script_in_another_language_stays_hidden() -> None:
    script = "#!/usr/bin/env python3.12\nrun('npm publish')\n"
    assert circleci("./ci/publish", manifest=BERRY, program=script) == ["unknown"]


def test_a_caller_without_a_permissions_block_gives_what_a_setting_of_the_repository_gives() -> None:
    files = {".github/workflows/called.yml": CALLED}
    assert verdicts(GITHUB, CALLER, files) == ["unknown"]
    assert verdicts(GITHUB, CALLER.replace("on: push", "on: push\npermissions: {contents: read}"), files) == ["broken"]
    granted = CALLER.replace("on: push", "on: push\npermissions: {id-token: write}")
    assert verdicts(GITHUB, granted, files) == ["trusted"]
    without = {".github/workflows/called.yml": CALLED.replace("    permissions:\n      id-token: write\n", "")}
    assert verdicts(GITHUB, CALLER, without) == ["broken"]  # no block anywhere asks for an ID token


@pytest.mark.parametrize("path", [".github/scripts/npm-publish.sh", ".github/publish", "ci/publish.sh"])
def test_a_directory_of_the_ci_does_not_name_the_place_that_is_published_to(path: str) -> None:
    assert may_publish(path)


@pytest.mark.parametrize("path", ["scripts/github-release.sh", "docs/publish.sh", ".github/scripts/docker-publish.sh"])
def test_the_rest_of_the_path_does(path: str) -> None:
    assert not may_publish(path)


def test_what_keeps_oidc_from_working_is_said_where_a_token_and_a_hidden_script_publish() -> None:
    step = "      - uses: changesets/action@v1\n        with: {publish: yarn release}\n"
    token = f"{step}        env: {{NPM_TOKEN: '${{{{ secrets.NPM_TOKEN }}}}'}}\n"
    changes = (NODE, "node-version: 16"), ("      id-token: write\n", "")
    found = ids((PUBLISH, token), *changes)
    assert {"npm-too-old:warn", "missing-id-token-permission:warn"} <= found
    assert verdict((PUBLISH, token), *changes) == "token"
    assert verdict((PUBLISH, step), *changes) == "unknown"
    assert not {"npm-too-old:warn", "npm-too-old:fail"} & ids((PUBLISH, token))
