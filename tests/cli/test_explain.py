"""`safepublish explain`: words in, a document or an explanation out, and the exit status."""

import io
import json
import sys
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from safepublish import cli
from safepublish.cli import exit_codes
from safepublish.report.documents import explain as explanation_json

OLD = """\
Run npm publish --provenance
  npm publish --provenance
  shell: /usr/bin/bash -e {0}
  env:
    NODE_AUTH_TOKEN: XXXXX-XXXXX-XXXXX-XXXXX
npm notice 📦  @octo/hello@1.0.0
npm notice Publishing to https://registry.npmjs.org/ with tag latest and public access
npm notice publish Signed provenance statement with source and build information from GitHub Actions
npm notice Access token expired or revoked. Please try logging in again.
npm error code E404
npm error 404 Not Found - PUT https://registry.npmjs.org/@octo%2fhello - Not found
npm error 404  '@octo/hello@1.0.0' is not in this registry.
"""
OPEN = OLD.replace("is not in this registry.", "could not be found or you do not have permission to access it.")
CANARY = "npm_CANARYcanaryCANARYcanaryCANARY123456"
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "explain.schema.json"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "ci.log"
    path.write_text(OLD)
    return path


def test_a_log_is_explained(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.OK
    out, err = capsys.readouterr()
    assert err == ""
    lines = " ".join(out.split())
    assert out.startswith("error[npm-too-old]: npm older than 11.5.1 was used")
    assert "log:12 | npm error 404 '@octo/hello@1.0.0' is not in this registry." in lines
    assert "npm up to 11.4.2 prints `is not in this registry`" in lines
    assert "Signed provenance does not prove a login" in lines
    assert "npm install --global npm@11" in lines
    assert out.endswith("\nerror: @octo/hello@1.0.0 was not published: 1 error (npm-too-old)\n")


def test_what_the_log_does_not_show_is_no_cause(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(OPEN)
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.NO_CAUSE_FOUND
    err = capsys.readouterr().out
    assert err.startswith("unknown: this log does not show why @octo/hello@1.0.0 was not published")
    assert "could also be: publisher-mismatch, " in err
    assert "setup-node's placeholder in NODE_AUTH_TOKEN does not prevent the exchange" in " ".join(err.split())
    assert err.count("npm publish --dry-run --loglevel=silly") == 1


def test_a_log_that_shows_github_actions_does_not_name_the_causes_of_other_cis(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def causes(text: str) -> set[str]:
        log.write_text(text)
        cli.main(["explain", "--format=json", str(log)])
        return {one["id"] for one in json.loads(capsys.readouterr().out)["causes"]}

    npms = OLD[OLD.index("npm notice") :]  # without the header, which is GitHub's too
    signed = "npm notice publish Signed provenance statement with source and build information from GitHub Actions\n"
    assert signed in npms
    assert not causes(npms) & {"not-in-ci", "unsupported-ci"}
    assert causes(npms.replace(signed, "")) >= {"not-in-ci", "unsupported-ci"}


def test_people_are_shown_the_five_likeliest_causes_and_programs_all(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(
        "npm error code ENEEDAUTH\nnpm error need auth This command requires you to be logged in to https://registry.npmjs.org/\n"
    )
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.NO_CAUSE_FOUND
    err = " ".join(capsys.readouterr().out.split())
    assert len(err.partition("could also be: ")[2].partition(" and ")[0].split(", ")) == 5
    assert "less likely" in err
    assert "NPM_ID_TOKEN" not in err
    cli.main(["explain", "--format=json", str(log)])
    assert len(json.loads(capsys.readouterr().out)["causes"]) > 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no failed publish in 0 lines"),
        ("npm error code ERESOLVE\nnpm error could not resolve\n", "no failed publish in 2 lines"),
        ("npm notice Publishing to https://r/ with tag x\n+ a@1.0.0\n", "published: a@1.0.0"),
    ],
)
def test_a_log_without_a_failed_publish(text: str, said: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(text)
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.NO_CAUSE_FOUND
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("words", [["explain", "-"], ["explain", "--", "-"]])
def test_standard_input(words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD.encode()), encoding="utf-8"))
    assert cli.main([*words, "--format=text"] if "--" not in words else words) == exit_codes.OK
    assert "npm-too-old" in capsys.readouterr().out


def test_npms_newest_log_of_a_publish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setenv("npm_config_logs_dir", str(logs))
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["explain"]) == exit_codes.USAGE_ERROR
    assert f"no debug log of npm was found in {logs}" in capsys.readouterr().err
    ended = (
        "1 error code E404\n2 error 404 Not Found - PUT https://r/a\n3 error 404  'a@1.0.0' is not in this registry.\n"
    )
    (logs / "2026-01-01T00_00_00_000Z-debug-0.log").write_text(f"0 verbose title npm publish\n{ended}")
    (logs / "2026-01-02T00_00_00_000Z-debug-0.log").write_text("0 verbose title npm view\n1 verbose exit 0\n")
    assert cli.main(["explain", "--format=text"]) == exit_codes.OK
    out, err = capsys.readouterr()
    assert "2026-01-01T00_00_00_000Z-debug-0.log" in err
    assert "npm-too-old" in out


@pytest.mark.parametrize("words", [["nowhere.log"], ["a", "b"], ["--verbos"], ["."], ["--list", "a"]])
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", *words]) == exit_codes.USAGE_ERROR
    err = capsys.readouterr().err
    assert err.startswith("safepublish: ")
    assert err.count("\n") == 1


def test_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--format=json", str(log)]) == exit_codes.OK
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["causes"][0]["id"] == "npm-too-old"
    assert document["causes"][0]["answer"] == "fail"
    assert document["facts"]["failed"][0]["name"] == "@octo/hello"
    assert document["facts"]["failed"][0]["npm"] == {"version": None, "since": None, "before": "11.5.0", "hint": None}


def test_the_schema_file_is_current() -> None:
    assert json.loads(SCHEMA.read_text()) == explanation_json.schema(), "run: make docs"


def test_sarif(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--format=sarif", str(log)]) == exit_codes.OK
    document = json.loads(capsys.readouterr().out)
    result = document["runs"][0]["results"][0]
    assert result["ruleId"] == "npm-too-old"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}


def test_github(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "--format=github", str(log)]) == exit_codes.OK
    out = capsys.readouterr().out
    assert out.count("::error title=safepublish%3A npm-too-old::") == 1


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_no_secret_of_the_log_is_repeated(form: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(
        f"Run npm publish --//registry.npmjs.org/:_authToken={CANARY}\n  env:\n    NODE_AUTH_TOKEN: {CANARY}\n"
        + OLD.replace("Not found\n", f"Not found {CANARY} Authorization: Bearer {CANARY}\n")
        + f"+ {CANARY}@1.0.0\n"
    )
    assert cli.main(["explain", f"--format={form}", str(log)]) == exit_codes.OK
    assert "CANARY" not in "".join(capsys.readouterr())


def test_what_stands_in_a_log_is_no_command_for_the_runner(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(OLD.replace("Not found\n", "Not found ::set-output name=x::y \x1b[31m##[error]z\n"))
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.OK
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not any(line.lstrip().startswith(("::", "##[")) for line in out.splitlines())


def test_packages_that_fail_alike_are_told_once(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(OLD + OLD.replace("@octo/hello", "@octo/two"))
    assert cli.main(["explain", "--format=text", str(log)]) == exit_codes.OK
    err = capsys.readouterr().out
    assert err.count("error[npm-too-old]") == 1
    assert "affects @octo/hello@1.0.0, @octo/two@1.0.0" in err
    assert err.endswith("\nerror: 2 publishes failed: 1 error (npm-too-old)\n")
