"""Writes the workflow that we recommend for a repository: `safepublish init`.

A single package is built and packed in one job and published in another, which has the identity and runs nothing but
npm. A monorepo is published by its own tool in one job.
"""

import textwrap
from typing import NamedTuple

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
SETUP_NODE = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0"
UPLOAD = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1"
DOWNLOAD = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"


class Plan(NamedTuple):
    """What the workflow has to do."""

    manager: str  # npm, pnpm, yarn (berry), yarn-classic
    install: tuple[str, ...]  # commands
    build: str | None  # the command that builds
    pack: str  # the command that packs a single package as package.tgz
    publish: str  # the arguments of safepublish
    monorepo: bool
    node_version: str = "24"
    node_version_file: str | None = None  # takes the place of the version
    trigger: str = "release"  # release, tag
    environment: str | None = None
    stage: bool = False


def render(plan: Plan, safepublish: str) -> str:
    """The workflow file; *safepublish* is the version that it runs."""
    jobs = _publish_together(plan, safepublish) if plan.monorepo else _build_then_publish(plan, safepublish)
    return f"{_HEAD.format(trigger=_TRIGGERS[plan.trigger])}{jobs}"


_HEAD = """\
name: Publish

on:
{trigger}
  workflow_dispatch: # by hand: everything is checked, nothing is published

permissions: {{}}

concurrency:
  group: publish-${{{{ github.ref }}}}
  cancel-in-progress: false

jobs:
"""
_TRIGGERS = {
    "release": "  release:\n    types: [published]",
    "tag": "  push:\n    tags: ['v*']",
}
_EVENTS = {"release": "release", "tag": "push"}


def _build_then_publish(plan: Plan, safepublish: str) -> str:
    steps = [_checkout(), _node(plan), _script("Build and pack", [*plan.install, plan.build, plan.pack])]
    upload = f"""\
- uses: {UPLOAD}
  with:
    name: package
    path: package.tgz
    if-no-files-found: error
"""
    download = f"- uses: {DOWNLOAD}\n  with:\n    name: package\n"
    no_file = plan._replace(node_version_file=None)  # the job has no checkout
    publish = [download, _node(no_file), *_publish(plan, safepublish)]
    return (
        _job("build", "Build", plan._replace(environment=None), [*steps, upload], ["contents: read # checkout"])
        + "\n"
        + _job("publish", "Publish", plan, publish, [_IDENTITY], needs="build")
    )


_IDENTITY = "id-token: write # npm exchanges this identity for a publish token"


def _publish_together(plan: Plan, safepublish: str) -> str:
    steps = [_checkout(), _node(plan), _script("Build", [*plan.install, plan.build]), *_publish(plan, safepublish)]
    return _job("publish", "Publish", plan, steps, ["contents: read # checkout", _IDENTITY])


def _job(key: str, name: str, plan: Plan, steps: list[str], permissions: list[str], *, needs: str | None = None) -> str:
    lines = [f"{key}:", f"  name: {name}"]
    lines += [f"  needs: {needs}"] if needs else []
    lines += ["  runs-on: ubuntu-latest"]
    lines += [f"  environment: {_quoted(plan.environment)}"] if plan.environment else []
    lines += ["  permissions:", *(f"    {permission}" for permission in permissions), "  steps:"]
    return textwrap.indent("\n".join(lines) + "\n" + textwrap.indent("".join(steps), "    "), "  ")


def _checkout() -> str:
    return f"- uses: {CHECKOUT}\n  with:\n    persist-credentials: false\n"


def _node(plan: Plan) -> str:
    version = (
        f"node-version-file: {_quoted(plan.node_version_file)}"
        if plan.node_version_file
        else f'node-version: "{plan.node_version}"'
    )
    return f"- uses: {SETUP_NODE}\n  with:\n    {version}\n    package-manager-cache: false\n"


def _script(name: str, commands: list[str | None]) -> str:
    lines = [command for command in commands if command]
    if len(lines) == 1:
        return f"- name: {name}\n  run: {lines[0]}\n"
    return f"- name: {name}\n  run: |\n{textwrap.indent(chr(10).join(lines), '    ')}\n" if lines else ""


def _publish(plan: Plan, safepublish: str) -> list[str]:
    event = _EVENTS[plan.trigger]
    run = f"pipx run safepublish=={safepublish}"
    command = "stage" if plan.stage and not plan.monorepo else "publish"
    return [
        f"- name: Check, then publish\n  if: github.event_name == '{event}'\n  run: {run} {command} {plan.publish}\n",
        f"- name: Check only\n  if: github.event_name != '{event}'\n  run: {run} check {plan.publish}\n",
    ]


def _quoted(text: str) -> str:
    """*text* as a YAML scalar."""
    plain = text.isascii() and all(character.isalnum() or character in "-_./" for character in text)
    return text if (plain and text[0].isalpha()) or text.startswith(".n") else "'" + text.replace("'", "''") + "'"
