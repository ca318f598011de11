"""Publish steps for tests, read from small workflows of their own by the product's reader."""

from collections.abc import Mapping

from safepublish.causes import judge
from safepublish.facts.step import File, Judged, Step
from safepublish.pipelines import reader

PATH = ".github/workflows/publish.yml"
WORKFLOW = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: "24"
      - run: npm publish
"""
"""A workflow whose one step will publish through OIDC."""
BROKEN = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm publish
"""
"""A workflow whose one step is broken: its Node ships npm 10."""
NODE = 'node-version: "24"'
"""What a test replaces in `WORKFLOW`: the version of Node."""
SETUP = '      - uses: actions/setup-node@v5\n        with:\n          node-version: "24"\n'
"""The step that sets up Node."""
PUBLISH = "      - run: npm publish\n"
"""The step that publishes."""
RUNNER = "runs-on: ubuntu-latest"
"""The runner."""
COMPOSITE = """\
inputs:
  node:
    default: "24"
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v5
      with:
        node-version: ${{ inputs.node }}
"""
"""A composite action that sets up the Node of its input."""
DISPATCHED = """\
on:
  release:
  workflow_dispatch:
    inputs:
      trial: {type: boolean, default: %s}
env:
  TRIAL: ${{ inputs.trial }}
"""
"""The beginning of a workflow with an input that a person may choose."""


def changed(*pairs: tuple[str, str], text: str = WORKFLOW) -> str:
    """*text* with the first of each pair replaced by the second; each has to be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def read(text: str, files: Mapping[str, str] | None = None, path: str = PATH) -> File:
    """The file as the reader gives it, in a repository of *files*."""
    return reader.read(text, path, (files or {}).get)


def judged(text: str, files: Mapping[str, str] | None = None) -> tuple[Judged, ...]:
    """The publish steps with what the causes say."""
    file = read(text, files)
    assert file.trouble is None
    return judge.judge_steps(file)


def step(*pairs: tuple[str, str], text: str = WORKFLOW, files: Mapping[str, str] | None = None) -> Step:
    """The one publish step of the workflow, changed by *pairs*."""
    (legs,) = read(changed(*pairs, text=text), files).steps
    return legs[0]


def verdict(*pairs: tuple[str, str], text: str = WORKFLOW, files: Mapping[str, str] | None = None) -> str:
    """The verdicts of the publish steps, in their order."""
    return " ".join(one.verdict.value for one in judged(changed(*pairs, text=text), files))


def ids(*pairs: tuple[str, str], text: str = WORKFLOW, files: Mapping[str, str] | None = None) -> set[str]:
    """The ids of the causes that are found, as ``id:answer``."""
    return {
        f"{finding.id}:{finding.answer.value}"
        for one in judged(changed(*pairs, text=text), files)
        for finding in one.findings
    }
