"""The action in whole workflows: act runs them, the real npm publishes, and a later step tells the outputs."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safepublish.rehearsal import Grant, PublishedPackage, Registry
from tests.support import act, world

Make = Callable[..., world.Loopback]

TOO_OLD = "10.9.4"
SETUP_NODE = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0"
TOKEN = "npm_actionactionactionactionactionaction12"

JOB = """\
on: push

permissions: {}

jobs:
  publish:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
"""
CHECKED_OUT = f"""\
{JOB}\
      - uses: {act.CHECKOUT}
        with:
          persist-credentials: false
"""


def step(uses: str = "./", /, *, id: str = "guard", keys: str = "", **inputs: str) -> str:  # noqa: A002 - the key's name
    """A step that uses the action."""
    given = "".join(f"          {name.replace('_', '-')}: {json.dumps(value)}\n" for name, value in inputs.items())
    return f"      - id: {id}\n        uses: {uses}\n{keys}" + (f"        with:\n{given}" if given else "")


def shell(script: str) -> str:
    """A step that runs one line of shell."""
    return f"      - run: {json.dumps(script)}\n"


def lay(loopback: world.Loopback, package: str = "package", **manifest: Any) -> Path:
    """A repository whose `./` is the action, with a package in a directory of its own."""
    repository = act.lay(loopback.directory / "repository")
    shutil.copytree(loopback.project(**manifest), repository / package)
    return repository


def uploads(ended: act.Ended) -> list[tuple[str, str, bool]]:
    """The uploads that were tried: to where, with what, and whether they were accepted."""
    tried = (one for one in ended.received if one.endpoint in {"publish", "stage"})
    return [(one.endpoint, one.credential, one.status < 300) for one in tried]


def test_a_publish_through_oidc_and_its_outputs_in_a_later_step(loopback: world.Loopback) -> None:
    repository, kept = lay(loopback), loopback.directory / "report.json"
    keep = shell('cp "${{ steps.guard.outputs.report }}" "$KEPT"')
    workflow = CHECKED_OUT + step(working_directory="package") + keep
    ended = act.run(loopback, repository, workflow, more={"KEPT": str(kept)})
    assert ended.returncode == 0, ended.said
    assert uploads(ended) == [("publish", "oidc", True)]
    outputs = ended.outputs("guard")
    assert Path(outputs.pop("report")).suffix == ".json"
    assert json.loads(outputs.pop("packages")) == [
        {
            "name": "hello-oidc",
            "version": "1.0.0",
            "verdict": "pass",
            "causes": [],
            "published": True,
            "via": "oidc",
            "left_out": False,
        }
    ]
    assert outputs == {
        "verdict": "pass",
        "causes": "",
        "name": "hello-oidc",
        "version": "1.0.0",
        "published": "true",
        "via": "oidc",
        **dict.fromkeys(("stage-id", "approve-command", "held", "available"), ""),
    }
    report = json.loads(kept.read_text())
    assert (report["schema"], report["verdict"], report["packages"][0]["name"]) == (1, "pass", "hello-oidc")
    assert "npm notice 📦  hello-oidc@1.0.0\n" in ended.log
    assert "+ hello-oidc@1.0.0\n" in ended.log
    assert "safepublish: published hello-oidc@1.0.0 through OIDC (trusted publishing).\n" in ended.log
    assert ended.summary.startswith("## safepublish: starting npm publish for `hello-oidc@1.0.0`\n")
    assert ended.summary.endswith("\n- published `hello-oidc@1.0.0` through OIDC (trusted publishing).\n")


def test_a_refusal_fails_the_job_and_says_why_in_every_place(loopback: world.Loopback) -> None:
    setup = f'      - uses: {SETUP_NODE}\n        with:\n          node-version: "22"\n'
    repository = loopback.project("repository")
    skipped = "      - id: later\n        run: echo later\n"
    workflow = CHECKED_OUT + setup + step(act.PINNED, args="--provenance") + skipped
    line = workflow.splitlines().index('          node-version: "22"') + 1
    ended = act.run(loopback, repository, workflow, version=TOO_OLD)
    assert (ended.returncode, uploads(ended)) == (1, [])
    assert (ended.outcome("guard"), ended.outcome("later")) == ("failure", "skipped")
    outputs = ended.outputs("guard")
    assert {name: outputs[name] for name in ("verdict", "causes", "published", "via")} == {
        "verdict": "refuse",
        "causes": "npm-too-old",
        "published": "false",
        "via": "",
    }
    assert "error[npm-too-old]: npm 10.9.4 does not support trusted publishing" in ended.log
    (error,) = (line for line in ended.annotations if line.startswith("::error "))
    assert error.startswith(f"::error file=.github/workflows/publish.yml,line={line},col=25,title=")
    assert "title=safepublish%3A npm-too-old::npm 10.9.4 does not support trusted publishing" in error
    assert ended.summary.startswith("## error: `hello-oidc@1.0.0` was not published: 1 error (npm-too-old)")
    assert '```diff\n-          node-version: "22"\n+          node-version: "24"\n```\n' in ended.summary


def test_a_check_then_a_publish_in_one_job_from_a_directory_with_a_space(loopback: world.Loopback) -> None:
    before, after = loopback.directory / "before", loopback.directory / "after"
    around = 'env | sort | grep -E "^(PATH|PYTHON|VIRTUAL_ENV|SAFEPUBLISH|INPUT)" > "{}"; type -P python3 >> "{}"'
    unreachable = "        env:\n          PIP_FIND_LINKS: /nonexistent\n"  # a second installation would fail
    workflow = (
        CHECKED_OUT
        + shell(around.format(before, before))
        + step(id="check", command="check", working_directory="my packages/a b")
        + step(id="publish", keys=unreachable, working_directory="my packages/a b")
        + shell(around.format(after, after))
        + shell('ls -d "$RUNNER_TEMP"/safepublish-*/ > "$KEPT"')
    )
    kept = loopback.directory / "kept"
    ended = act.run(loopback, lay(loopback, "my packages/a b"), workflow, more={"KEPT": str(kept)})
    assert ended.returncode == 0, ended.said
    assert uploads(ended) == [("publish", "oidc", True)]
    assert [ended.outputs(one)["verdict"] for one in ("check", "publish")] == ["pass", "pass"]
    assert [ended.outputs(one)["published"] for one in ("check", "publish")] == ["false", "true"]
    assert ended.outputs("check")["report"] != ended.outputs("publish")["report"]
    assert "safepublish: hello-oidc@1.0.0 can be published through OIDC (trusted publishing)\n" in ended.log
    assert before.read_text() == after.read_text()
    assert len(kept.read_text().splitlines()) == 1


def test_a_stage(loopback: world.Loopback) -> None:
    ended = act.run(loopback, lay(loopback), CHECKED_OUT + step(command="stage", working_directory="package"))
    assert ended.returncode == 0, ended.said
    assert uploads(ended) == [("stage", "oidc", True)]
    outputs = ended.outputs("guard")
    assert (outputs["verdict"], outputs["published"], outputs["via"]) == ("pass", "false", "oidc")
    assert "\n- staged `hello-oidc@1.0.0` through OIDC" in ended.summary


def test_a_tarball_without_a_checkout(loopback: world.Loopback) -> None:
    packed = loopback.run_npm(words=["pack", "--pack-destination", str(loopback.directory)])
    repository = loopback.directory / "repository"
    repository.mkdir()
    workflow = JOB.replace("      contents: read\n", "")
    workflow += shell(f"cp {loopback.directory}/{packed.stdout.strip()} package.tgz; ls")
    ended = act.run(loopback, repository, workflow + step(act.PINNED, args="./package.tgz --tag next"))
    assert ended.returncode == 0, ended.said
    assert uploads(ended) == [("publish", "oidc", True)]
    assert "hello-oidc-1.0.0.tgz" not in ended.log.split("npm notice")[0]
    assert [one.tag for one in ended.received if one.endpoint == "publish"] == ["next"]
    assert ended.outputs("guard")["published"] == "true"


def test_args_are_split_as_a_shell_splits_and_never_evaluated(loopback: world.Loopback) -> None:
    name = """a $(touch "$EVIL") `touch "$EVIL"` "b" 'c' $HOME ; touch "$EVIL" #"""
    evil = loopback.directory / "evil"
    args = f"--tag 'next'\n  {shlex.quote(f'./{name}')} --ignore-scripts"
    ended = act.run(loopback, lay(loopback, name), CHECKED_OUT + step(args=args), more={"EVIL": str(evil)})
    assert ended.returncode == 0, ended.said
    assert [(one.tag, one.version) for one in ended.received if one.endpoint == "publish"] == [("next", "1.0.0")]
    assert not evil.exists()


def test_what_nobody_could_foresee_is_explained_in_the_same_places(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO._replace(stage_only=True)}))
    ended = act.run(loopback, lay(loopback), CHECKED_OUT + step(working_directory="package"))
    assert (ended.returncode, uploads(ended)) == (1, [("publish", "oidc", False)])
    outputs = ended.outputs("guard")
    assert (outputs["verdict"], outputs["published"], outputs["via"]) == ("pass", "false", "")
    said = "the trusted publisher matches, but it may only stage a version, not publish it"
    assert f"error[stage-only-publisher]: {said}" in " ".join(ended.log.split())
    assert [line for line in ended.annotations if line.startswith("::error ")] == [
        line for line in ended.annotations if f"title=safepublish%3A stage-only-publisher::{said}" in line
    ]
    before, after = ended.summary.split("\n### ❌ npm publish exited with code 1: ")
    assert before.startswith("## safepublish: starting npm publish for `hello-oidc@1.0.0`\n")
    assert f"`stage-only-publisher`: {said}\n" in after
    assert "```sh\nsafepublish stage\n```\n" in after


def test_a_token_publishes_where_it_may_and_via_says_so(make_loopback: Make) -> None:
    untrusted = Registry({"hello-oidc": PublishedPackage(("0.9.0",))}, tokens={TOKEN: Grant.PUBLISH})
    loopback = make_loopback(untrusted)
    (loopback.home / ".npmrc").write_text(f"registry={loopback.url}\n//{loopback.host}/:_authToken={TOKEN}\n")
    inputs = {"allow_token": "true", "probe": "false", "waive": "publisher-mismatch=the first\n npm-too-old"}
    ended = act.run(loopback, lay(loopback), CHECKED_OUT + step(working_directory="package", **inputs))
    assert ended.returncode == 0, ended.said
    assert uploads(ended) == [("publish", "token", True)]
    outputs = ended.outputs("guard")
    assert (outputs["published"], outputs["via"]) == ("true", "token")
    assert TOKEN not in ended.said


def test_the_workflow_command_leaves_its_report_and_a_mend(loopback: world.Loopback) -> None:
    repository, kept = lay(loopback), loopback.directory / "report.sarif"
    keep = '- if: always()\n        run: cp "${{ steps.guard.outputs.report }}" "$KEPT"'
    old = step("actions/setup-node@v5", id="node", node_version="22") + "      - run: npm publish\n"
    (repository / ".github" / "workflows").mkdir(parents=True)
    (repository / ".github" / "workflows" / "old.yml").write_text(JOB + old)
    args = {"command": "workflow", "args": ".github/workflows/old.yml", "format": "sarif"}
    workflow = f"{CHECKED_OUT}{step(**args)}      {keep}\n"
    ended = act.run(loopback, repository, workflow, more={"KEPT": str(kept)})
    assert (ended.returncode, ended.received) == (1, ()), ended.said
    outputs = ended.outputs("guard")
    assert (outputs["verdict"], outputs["causes"], outputs["published"]) == ("refuse", "npm-too-old", "false")
    (run,) = json.loads(kept.read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["npm-too-old"]
    assert '+          node-version: "24"\n' in ended.summary
