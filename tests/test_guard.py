"""The whole command, end to end: what it says, its exit status, and what the registry got from the real npm."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import (
    Fault,
    GitHubJob,
    Grant,
    PublishedPackage,
    PublishedVersion,
    Registry,
    TrustedPublisher,
)
from tests.support import world

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs" / "schema" / "check.schema.json").read_text())
GUARD = [sys.executable, "-m", "safepublish"]
TOO_OLD = "10.9.4"
TOKEN = "npm_guardguardguardguardguardguardguard12"
UNTRUSTED = PublishedPackage(("0.9.0",))
THROUGH_OIDC = "safepublish: published hello-oidc@1.0.0 through OIDC (trusted publishing).\n"
NOT_TRUSTED = Fault(404, b'{"message":"OIDC token exchange error - package not found"}')


Make = Callable[..., world.Loopback]


def guard(
    loopback: world.Loopback,
    *words: str,
    version: str | None = world.NEWEST,
    cwd: Path | None = None,
    more: Mapping[str, str | None] | None = None,
    ci: bool = True,
) -> world.Outcome:
    """Run the guard as text, save where *words* or *more* say otherwise."""
    env = loopback.environment(version, {"SAFEPUBLISH_FORMAT": "text", **(more or {})}, ci=ci)
    return loopback.run([*GUARD, *words], cwd=cwd or loopback.project(), env=env)


def example(loopback: world.Loopback) -> tuple[Path, dict[str, str | None]]:
    """The example's repository as CI checks it out, with what setup-node leaves there."""
    repository = loopback.directory / "hello-oidc"
    shutil.copytree(ROOT / "examples" / "hello-oidc", repository)
    return repository, {**loopback.setup_node(), "GITHUB_WORKSPACE": str(repository)}


def one_line(text: str) -> str:
    """*text* without the breaks that fit it to the page."""
    return " ".join(text.split())


def uploads(outcome: world.Outcome) -> list[str]:
    """The uploads that were tried, whatever became of them."""
    return [one.endpoint for one in outcome.received if one.endpoint in {"publish", "stage"}]


def neutral(text: str) -> str:
    """What npm says, without the ports, the paths and the times that no two worlds share."""
    return re.sub(r"127\.0\.0\.1:\d+|/\S*/_logs/\S+", "…", text)


def test_node_22s_npm_is_refused_and_no_token_is_blamed(loopback: world.Loopback) -> None:
    repository, more = example(loopback)
    outcome = guard(loopback, "--provenance", version=TOO_OLD, cwd=repository, more=more)
    assert outcome.returncode == 3
    assert outcome.stdout == ""
    assert one_line(outcome.stderr).startswith(
        "error[npm-too-old]: npm 10.9.4 does not support trusted publishing; 11.5.1 or newer is required -->"
    )
    assert 'it fails: "Access token expired or revoked. Please try logging in again."' in one_line(outcome.stderr)
    assert "That error does not mean that you need a new token; trusted publishing needs none." in one_line(
        outcome.stderr
    )
    assert (
        "  --> .github/workflows/publish.yml:18:25\n"
        "   |\n"
        '18 |           node-version: "22"\n'
        "   |                         ^^^^\n"
        "   |\n"
    ) in outcome.stderr
    assert (
        '           -          node-version: "22"\n'
        '           +          node-version: "24"\n'
        "   = help: for details, run `safepublish explain npm-too-old`\n"
    ) in outcome.stderr
    assert one_line(outcome.stderr).endswith(
        "error: hello-oidc@1.0.0 was not published: 1 error (npm-too-old), 1 warning (token-rejected)"
    )
    assert not outcome.debug_log
    assert uploads(outcome) == []
    assert all(one.agent.startswith("safepublish/") for one in outcome.received if one.endpoint != "id-token")


def test_a_refusal_in_github_actions(loopback: world.Loopback) -> None:
    repository, more = example(loopback)
    summary, outputs = loopback.directory / "summary.md", loopback.directory / "outputs"
    outputs.write_text("earlier=1\n")
    more |= {"SAFEPUBLISH_FORMAT": None, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    outcome = guard(loopback, "--provenance", version=TOO_OLD, cwd=repository, more=more)
    assert (outcome.returncode, outcome.stdout, uploads(outcome)) == (3, "", [])
    lines = outcome.stderr.splitlines()
    masks = [index for index, line in enumerate(lines) if line.startswith("::add-mask::")]
    assert masks == [0, 1]  # the id token, and what it was exchanged for
    assert lines[2].startswith("error[npm-too-old]: npm 10.9.4 does not support trusted publishing")
    error = next(line for line in lines if line.startswith("::error "))
    assert error.startswith(
        "::error file=.github/workflows/publish.yml,line=18,col=25,title=safepublish%3A npm-too-old::"
        "npm 10.9.4 does not support trusted publishing; 11.5.1 or newer is required"
    )
    assert error.endswith('%0A-          node-version: "22"%0A+          node-version: "24"')
    markdown = summary.read_text()
    assert markdown.startswith("## error: `hello-oidc@1.0.0` was not published: 1 error (npm-too-old)")
    assert '```diff\n-          node-version: "22"\n+          node-version: "24"\n```' in markdown
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    report = json.loads(Path(told.pop("report")).read_text())
    jsonschema.validate(report, SCHEMA)
    assert report["verdict"] == "refuse"
    assert json.loads(told.pop("packages")) == [
        {
            "name": "hello-oidc",
            "version": "1.0.0",
            "verdict": "refuse",
            "causes": ["npm-too-old"],
            "published": False,
            "via": None,
            "left_out": False,
        }
    ]
    assert told == {
        "earlier": "1",
        "verdict": "refuse",
        "causes": "npm-too-old",
        "name": "hello-oidc",
        "version": "1.0.0",
        "published": "false",
        "via": "",
    }


def test_a_mismatch_shows_the_claims_beside_the_last_publishers(make_loopback: Make) -> None:
    source = ("octo-org/hello-oidc", ".github/workflows/release.yml", "refs/tags/v0.9.0")
    latest = PublishedPackage(
        (PublishedVersion("0.9.0", trusted=True, source=source),),
        publishers=(TrustedPublisher("octo-org/hello-oidc", "release.yml"),),
    )
    loopback = make_loopback(Registry({"hello-oidc": latest}))
    summary = loopback.directory / "summary.md"
    outcome = guard(loopback, more={"GITHUB_STEP_SUMMARY": str(summary)})
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert "error[publisher-mismatch]: no trusted publisher of hello-oidc matches this run" in outcome.stderr
    assert re.search(r"^ {11}workflow file +publish\.yml +release\.yml +differs$", outcome.stderr, re.MULTILINE)
    assert "The registry also refused npm's own exchange." in outcome.stderr
    assert "| workflow file | `publish.yml` | `release.yml` | differs |" in summary.read_text()


def test_a_publish_through_oidc_is_npms_own(make_loopback: Make) -> None:
    alone, guarded = make_loopback(), make_loopback()
    summary, outputs = guarded.directory / "summary.md", guarded.directory / "outputs"
    plain = alone.run_npm()
    outcome = guard(guarded, more={"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)})
    assert (plain.returncode, outcome.returncode) == (0, 0)
    assert outcome.stdout == plain.stdout == "+ hello-oidc@1.0.0\n"
    assert neutral(outcome.stderr) == neutral(plain.stderr) + THROUGH_OIDC
    ours, npms = (
        [(one.tag, one.access, one.provenance, one.credential) for one in run.published] for run in (outcome, plain)
    )
    assert ours == npms == [("latest", None, True, "oidc")]
    assert summary.read_text().startswith("## safepublish: starting npm publish for `hello-oidc@1.0.0`\n")
    assert outputs.read_text().splitlines()[:2] == ["verdict=pass", "causes="]


def test_only_github_is_told_what_to_mask(loopback: world.Loopback) -> None:
    assert "::" not in guard(loopback, version=TOO_OLD).stderr
    assert "::add-mask::" in guard(loopback, "--format=github", version=TOO_OLD).stderr


def test_a_token_publishes_where_it_is_allowed_to(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": UNTRUSTED}, tokens={TOKEN: Grant.PUBLISH}))
    more = loopback.setup_node(token=TOKEN)
    outcome = guard(loopback, "--allow-token", "--no-probe", more=more)
    assert (outcome.returncode, outcome.stdout, outcome.credential) == (0, "+ hello-oidc@1.0.0\n", "token")
    assert outcome.stderr.splitlines()[-1] == (
        f"safepublish: published hello-oidc@1.0.0 with a token (from {loopback.runner_temp}/.npmrc:1),"
        " not through OIDC:"
        " Failed token exchange request with body message: OIDC token exchange error - package not found."
    )
    assert TOKEN not in outcome.stdout + outcome.stderr


def test_a_token_without_allow_token_is_refused(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": UNTRUSTED}, tokens={TOKEN: Grant.PUBLISH}))
    outcome = guard(loopback, version=TOO_OLD, more=loopback.setup_node(token=TOKEN))
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert "token-conflict" in outcome.stderr


def test_a_stage(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "stage")
    assert outcome.returncode == 0
    assert uploads(outcome) == ["stage"]
    assert outcome.credential == "oidc"
    assert outcome.stdout.startswith("+ hello-oidc@1.0.0 (staged with id ")
    assert (
        "safepublish: staged hello-oidc@1.0.0 through OIDC (trusted publishing); it waits for approval.\n"
    ) in outcome.stderr


def test_a_stage_needs_a_newer_npm_than_a_publish(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "stage", version="11.11.0")
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert one_line(outcome.stderr).startswith(
        "error[npm-too-old]: npm 11.11.0 does not support npm stage; 11.15.0 or newer is required"
    )
    assert outcome.stderr.endswith("error: hello-oidc@1.0.0 was not staged: 1 error (npm-too-old)\n")


def test_a_failure_that_nobody_could_foresee_is_explained_afterwards(make_loopback: Make) -> None:
    packages = {"hello-oidc": world.HELLO._replace(stage_only=True)}
    alone, guarded = make_loopback(Registry(packages)), make_loopback(Registry(packages))
    plain, outcome = alone.run_npm(), guard(guarded)
    assert outcome.returncode == plain.returncode == 1
    assert uploads(outcome) == ["publish"]
    npms, ours = outcome.stderr.split("error[", 1)
    assert neutral(npms) == neutral(plain.stderr)
    assert one_line(ours).startswith(
        "stage-only-publisher]: the trusted publisher matches, but it may only stage a version, not publish it"
    )
    assert "\n           safepublish stage\n" in ours


def test_a_failing_script_is_npms_own_affair(loopback: world.Loopback) -> None:
    project = loopback.project(scripts={"prepublishOnly": "exit 7"})
    outcome = guard(loopback, cwd=project)
    assert (outcome.returncode, uploads(outcome)) == (7, [])
    assert "npm error code 7" in outcome.stderr
    assert "safepublish" not in outcome.stderr.replace(str(loopback.directory), "")


def test_a_dry_run_is_refused_where_the_publish_is(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--dry-run", version=TOO_OLD)
    assert outcome.returncode == 3
    assert outcome.stderr.endswith("error: hello-oidc@1.0.0 cannot be published: 1 error (npm-too-old)\n")


def test_a_dry_run_that_passes_publishes_nothing_and_claims_nothing(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--dry-run")
    assert (outcome.returncode, outcome.stdout, uploads(outcome)) == (0, "+ hello-oidc@1.0.0\n", [])
    assert "(dry-run)" in outcome.stderr
    assert "safepublish:" not in outcome.stderr


@pytest.mark.parametrize(("words", "npmrc"), [(("--silent",), None), ((), "loglevel=silent\n")])
def test_silence_is_kept_but_a_refusal_is_said(
    loopback: world.Loopback, words: tuple[str, ...], npmrc: str | None
) -> None:
    project = loopback.project(npmrc=npmrc)
    refused = guard(loopback, *words, version=TOO_OLD, cwd=project)
    assert refused.returncode == 3
    assert "error[npm-too-old]" in refused.stderr
    passed = guard(loopback, *words, cwd=project)
    assert (passed.returncode, passed.stdout, passed.stderr) == (0, "", "")
    assert passed.credential == "oidc"


def test_npms_json_stays_alone_on_stdout(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--json", more={"SAFEPUBLISH_FORMAT": "github"})
    assert outcome.returncode == 0
    assert json.loads(outcome.stdout)["hello-oidc"]["id"] == "hello-oidc@1.0.0"
    assert outcome.credential == "oidc"


@pytest.mark.parametrize(("version", "status", "verdict"), [(world.NEWEST, 0, "pass"), (TOO_OLD, 3, "refuse")])
def test_a_check_prints_one_document_and_publishes_nothing(
    loopback: world.Loopback, version: str, status: int, verdict: str
) -> None:
    outcome = guard(loopback, "check", "--format", "json", version=version)
    assert (outcome.returncode, outcome.stderr) == (status, "")
    document = json.loads(outcome.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["verdict"] == verdict
    assert [(one["name"], one["verdict"]) for one in document["packages"]] == [("hello-oidc", verdict)]
    assert (uploads(outcome), outcome.debug_log) == ([], "")


def test_a_check_that_finds_nothing_is_one_line(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "check")
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == "safepublish: hello-oidc@1.0.0 can be published through OIDC (trusted publishing)\n"


def test_how_much_is_printed_is_set_by_variables_where_npm_has_the_options(loopback: world.Loopback) -> None:
    quiet = guard(loopback, more={"SAFEPUBLISH_QUIET": "1"})
    assert (quiet.returncode, quiet.stdout, uploads(quiet)) == (0, "+ hello-oidc@1.0.0\n", ["publish"])
    assert "safepublish" not in quiet.stderr.replace(str(loopback.directory), "")
    refused = guard(loopback, version=TOO_OLD, more={"SAFEPUBLISH_QUIET": "1", "SAFEPUBLISH_COLOR": "always"})
    assert refused.returncode == 3
    assert "error[npm-too-old]" in refused.stderr
    assert "provenance-redundant" not in refused.stderr
    verbose = guard(loopback, version=TOO_OLD, more={"SAFEPUBLISH_VERBOSE": "1"})
    assert re.search(r"^    npm +10\.9\.4", verbose.stderr, re.MULTILINE)


def test_a_check_as_sarif(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "check", "--format=sarif", version=TOO_OLD)
    assert (outcome.returncode, outcome.stderr) == (3, "")
    (run,) = json.loads(outcome.stdout)["runs"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [("npm-too-old", "error")]


def test_a_check_as_sarif_leaves_that_document_for_the_steps_that_follow(loopback: world.Loopback) -> None:
    outputs = loopback.directory / "outputs"
    more = {"GITHUB_OUTPUT": str(outputs)}
    outcome = guard(loopback, "check", "--format=sarif", version=TOO_OLD, more=more)
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert told["report"].endswith(".sarif")
    assert Path(told["report"]).read_text() == outcome.stdout


def test_a_runner_without_a_place_for_the_report(loopback: world.Loopback) -> None:
    outputs = loopback.directory / "outputs"
    outputs.touch()
    more = {"GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(outputs)}  # a file, and no directory
    outcome = guard(loopback, more=more)
    assert (outcome.returncode, uploads(outcome)) == (0, ["publish"])
    assert re.search(r"^safepublish: \S+\.json could not be written: Not a directory", outcome.stderr, re.MULTILINE)
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert (told["report"], told["published"], told["via"]) == ("", "true", "oidc")


def test_no_npm_on_path(loopback: world.Loopback) -> None:
    outcome = guard(loopback, version=None)
    assert outcome.returncode == 127
    assert "error[npm-missing]: npm was not found in PATH\n" in outcome.stderr


def test_wrong_usage_asks_nobody(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "--deadline", "soon")
    assert (outcome.returncode, outcome.received) == (2, ())
    assert outcome.stderr == "safepublish: --deadline is 'soon'; it takes a number of seconds above 0, at most 600\n"


def test_a_waived_cause_is_said_with_its_reason_and_lets_npm_run(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO}, tokens={TOKEN: Grant.PUBLISH}))
    more = loopback.setup_node(token=TOKEN)
    outcome = guard(loopback, "--waive", "npm-too-old=a mirror", "--waive=token-conflict", version=TOO_OLD, more=more)
    assert (outcome.returncode, outcome.stdout, outcome.credential) == (0, "+ hello-oidc@1.0.0\n", "token")
    assert "waived[npm-too-old]: npm 10.9.4 does not support" in outcome.stderr
    assert "= note: waived because: a mirror\n" in outcome.stderr
    assert outcome.stderr.splitlines()[-1].startswith("safepublish: published hello-oidc@1.0.0 with a token (from ")


@pytest.mark.parametrize(("words", "status"), [((), 0), (("--strict",), 3)])
def test_what_cannot_be_told_refuses_only_when_strict(make_loopback: Make, words: tuple[str, ...], status: int) -> None:
    loopback = make_loopback(faults={"packument": Fault(500, b"{}")})
    outcome = guard(loopback, "check", "--no-probe", *words)
    assert outcome.returncode == status
    severity = "error" if status else "unknown"
    message = f"{severity}[registry-unreachable]: the versions of hello-oidc on 127.0.0.1 could not be checked"
    assert message in one_line(outcome.stdout)


def test_strict_refuses_a_publish_to_an_unreachable_registry(loopback: world.Loopback) -> None:
    more = {"npm_config_registry": "http://127.0.0.1:9/"}
    outcome = guard(loopback, "--strict", "--no-probe", more=more)
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert "error: hello-oidc@1.0.0 was not published: 1 error (registry-unreachable)" in outcome.stderr


def test_a_tarball_that_npm_packed(loopback: world.Loopback) -> None:
    project = loopback.project("a directory")
    packed = loopback.run_npm(words=["pack", "--silent"], cwd=project)
    assert packed.stdout == "hello-oidc-1.0.0.tgz\n"
    (project / "package.json").unlink()
    outcome = guard(loopback, "./a directory/hello-oidc-1.0.0.tgz", "--tag", "next", cwd=loopback.directory)
    assert (outcome.returncode, outcome.stdout) == (0, "+ hello-oidc@1.0.0\n")
    assert [(one.tag, one.credential) for one in outcome.published] == [("next", "oidc")]
    assert outcome.stderr.endswith(THROUGH_OIDC)


def test_a_directory_with_a_blank_in_its_name(loopback: world.Loopback) -> None:
    loopback.project("a directory")
    outcome = guard(loopback, "./a directory", cwd=loopback.directory)
    assert (outcome.returncode, outcome.stdout) == (0, "+ hello-oidc@1.0.0\n")
    again = guard(loopback, "./a directory", cwd=loopback.directory)
    assert (again.returncode, uploads(again)) == (3, [])
    assert "error[version-published]: hello-oidc@1.0.0 is already published\n" in again.stderr
    assert "  --> a directory/package.json" in again.stderr


def monorepo(make_loopback: Make) -> tuple[world.Loopback, Path]:
    """Three workspaces: hello-oidc, which may be published, untrusted, which may not, and a private one."""
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO, "untrusted": UNTRUSTED}))
    root = loopback.project("mono", name="root", private=True, workspaces=["a", "b", "c"])
    loopback.project("mono/a")
    loopback.project("mono/b", name="untrusted")
    loopback.project("mono/c", name="hidden", private=True)
    return loopback, root


def test_one_workspace(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback)
    outcome = guard(loopback, "-w", "a", cwd=root)
    assert (outcome.returncode, outcome.stdout) == (0, "+ hello-oidc@1.0.0\n")
    assert outcome.stderr.endswith(THROUGH_OIDC)


def test_one_refused_workspace_refuses_all(make_loopback: Make) -> None:
    loopback, root = monorepo(make_loopback)
    outcome = guard(loopback, "--workspaces", cwd=root)
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert outcome.stderr.endswith(
        "    package     version  published  verdict  cause\n"
        "    untrusted   1.0.0    no         refuse   publisher-mismatch\n"
        "    hello-oidc  1.0.0    no         pass\n"
        "\n"
        "error: nothing was published: 1 of 2 packages has errors (1 is ready)\n"
    )
    assert "   = note: affects untrusted@1.0.0\n" in outcome.stderr


def test_npms_own_exchange_counts_where_ours_was_refused(make_loopback: Make) -> None:
    loopback = make_loopback(faults={"exchange": NOT_TRUSTED._replace(times=1)})
    outcome = guard(loopback)
    assert (outcome.returncode, outcome.stdout) == (0, "+ hello-oidc@1.0.0\n")
    assert (
        "info[publisher-mismatch]: 127.0.0.1 refused safepublish's exchange"
        " (404: OIDC token exchange error - package not found)"
    ) in one_line(outcome.stderr)
    assert [one.status for one in outcome.received if one.endpoint == "exchange"] == [404, 201, 201]
    assert outcome.stderr.endswith(THROUGH_OIDC)


def test_a_laptop_is_refused_and_told_of_check(loopback: world.Loopback) -> None:
    outcome = guard(loopback, ci=False)
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert "error[not-in-ci]: this is not a CI job; npm can log in" in one_line(outcome.stderr)
    assert "`safepublish check` predicts whether the publish in CI will work." in one_line(outcome.stderr)


def test_a_check_on_a_laptop_predicts_the_cis_publish(loopback: world.Loopback) -> None:
    repository, _ = example(loopback)
    (repository / ".git").mkdir()
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:octo-org/hello-oidc.git\n')
    refused = guard(loopback, "check", cwd=repository, ci=False)
    assert refused.returncode == 3
    assert "error[npm-too-old]: Node 22 ships npm 10." in refused.stdout
    workflow = repository / ".github" / "workflows" / "publish.yml"
    workflow.write_text(workflow.read_text().replace('"22"', '"24"'))
    fine = guard(loopback, "check", cwd=repository, ci=False)
    assert fine.returncode == 0
    assert "no error was found with npm publish in CI for hello-oidc@1.0.0: 1 warning" in one_line(fine.stdout)
    publisher = (
        "info: hello-oidc needs this trusted publisher on npmjs.com:\n"
        "    Organization or user  octo-org\n"
        "    Repository            hello-oidc\n"
        "    Workflow filename     publish.yml\n"
    )
    command = "npm trust github hello-oidc --repo octo-org/hello-oidc --file publish.yml --allow-publish\n"
    for outcome in (refused, fine):
        assert publisher in outcome.stdout
        assert command in outcome.stdout


def test_a_check_on_a_laptop_without_a_workflow_cannot_tell(loopback: world.Loopback) -> None:
    outcome = guard(loopback, "check", "--format=json", ci=False)
    assert (outcome.returncode, json.loads(outcome.stdout)["verdict"]) == (0, "unknown")


def start(loopback: world.Loopback, project: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        GUARD,
        cwd=project,
        env=loopback.environment(more={"SAFEPUBLISH_FORMAT": "text"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], Any], process: "subprocess.Popen[str]") -> None:
    ends = time.monotonic() + 60
    while not condition():
        if time.monotonic() > ends or process.poll() is not None:
            process.kill()
            pytest.fail(f"what was waited for did not come: {process.communicate()}")
        time.sleep(0.02)


def assert_all_gone(loopback: world.Loopback) -> None:
    """Nothing lives on that was started with the world's home: its environment tells, whatever its group."""
    home = f"HOME={loopback.home}\0".encode()
    for _ in range(250):  # who was orphaned may take a moment
        left = [pid for pid in Path("/proc").glob("[0-9]*") if home in environment_of(pid)]
        if not left:
            return
        time.sleep(0.02)
    for pid in left:
        os.kill(int(pid.name), signal.SIGKILL)
    pytest.fail(f"{len(left)} processes are left")


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_npm_and_its_scripts_too(loopback: world.Loopback, number: signal.Signals) -> None:
    up = loopback.directory / "up"
    project = loopback.project(scripts={"prepublishOnly": f"echo $$ > '{up}' && exec sleep 60"})
    process = start(loopback, project)
    wait_until(lambda: up.exists() and up.read_text().endswith("\n"), process)
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == -number
    with pytest.raises(ProcessLookupError):
        os.kill(int(up.read_text()), 0)
    assert_all_gone(loopback)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("hung", ["exchange", "visibility"])
def test_a_signal_before_npm_runs_ends_everything_without_a_word(
    make_loopback: Make, number: signal.Signals, hung: str
) -> None:
    """While the registry is asked, or (at `visibility`) npm for its second opinion."""
    packages = {"hello-oidc": UNTRUSTED}
    loopback = make_loopback(Registry(packages, job=GitHubJob()), faults={hung: Fault(delay=60)})
    if hung == "visibility":
        loopback.server.faults["exchange"] = NOT_TRUSTED._replace(times=1)
        loopback.registry.packages["hello-oidc"] = world.HELLO
    process = start(loopback, loopback.project())
    reached = {"exchange": "packument", "visibility": "exchange"}[hung]
    needed = {"exchange": 1, "visibility": 2}[hung]
    wait_until(lambda: sum(one.endpoint == reached for one in loopback.received) >= needed, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (-number, "", "")
    assert_all_gone(loopback)


def test_setup_nodes_placeholder_is_no_obstacle(loopback: world.Loopback) -> None:
    more = loopback.setup_node(token=PLACEHOLDER)
    outcome = guard(loopback, more=more)
    assert (outcome.returncode, outcome.credential) == (0, "oidc")
    assert outcome.stderr.endswith(THROUGH_OIDC)
