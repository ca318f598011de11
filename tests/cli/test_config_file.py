"""The configuration file: options, waived causes with a reason and an end, and comments in workflow files."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish import cli
from safepublish.cli import config_file, config_model
from safepublish.cli.arguments import parse
from safepublish.cli.config_file import Settings
from safepublish.facts.run import Options
from safepublish.facts.waiver import Waiver
from safepublish.rehearsal import Grant, PublishedPackage, Registry
from safepublish.shell.own_options import UsageError
from tests.support import steps
from tests.test_guard import guard
from tests.test_wait import Make

TOKEN = "npm_configconfigconfigconfigconfigconfig1"
EVERYTHING = """\
allow-token = true
strict = true
probe = false
already-published = "skip"
deadline = 30
wait = 600
color = "never"

[[waive]]
cause = "Token-Conflict"
reason = "until the migration"
expires = 2099-12-31
"""
WAIVER = '[[waive]]\ncause = "npm-too-old"\nreason = "r"\n'

WORKFLOW = steps.BROKEN
IGNORED = WORKFLOW.replace("22\n", "22 # safepublish: ignore[npm-too-old] the image has npm 11\n")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(repository: Path, workflow: str = WORKFLOW, toml: str = "") -> Path:
    (repository / ".github" / "workflows" / "publish.yml").write_text(workflow)
    if toml:
        (repository / "safepublish.toml").write_text(toml)
    return repository


def workflow(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["workflow", *arguments])
    captured = capsys.readouterr()
    return status, " ".join((captured.out + captured.err).split())


@pytest.mark.parametrize("in_package", [False, True])
def test_everything_that_it_may_say(repository: Path, *, in_package: bool) -> None:
    if in_package:
        import tomllib

        document = tomllib.loads(EVERYTHING)
        document["waive"][0]["expires"] = "2099-12-31"
        (repository / "package.json").write_text(json.dumps({"name": "a", "safepublish": document}))
    else:
        (repository / "safepublish.toml").write_text(EVERYTHING)
    place = "package.json#safepublish" if in_package else "safepublish.toml"
    found = config_file.read(str(repository))
    assert found.waivers == (Waiver("token-conflict", "until the migration", place),)
    options = parse([], {}, settings=lambda: found).options
    assert options == Options(
        allow_token=True,
        strict=True,
        probe=False,
        already_published="skip",
        deadline=30.0,
        deadline_grows=False,
        wait=600.0,
        waive={"token-conflict": "until the migration"},
        waivers=found.waivers,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("stritc = true", "unknown key 'stritc'; did you mean strict?"),
        ("allow_token = true", "unknown key 'allow_token'; did you mean allow-token?"),
        ("with = 'rm -rf /'", "unknown key 'with'; did you mean wait?"),
        ("nonsense = 1", "unknown key 'nonsense'; there are allow-token, strict, probe, already-published, "),
        ("strict = 'yes'", "strict: input should be a valid boolean"),
        ("strict = 1", "strict: input should be a valid boolean"),
        ("deadline = 0", "deadline: input should be greater than 0"),
        ("deadline = 1e9", "deadline: input should be less than or equal to 600"),
        ("wait = 1.5", "wait: input should be a valid integer"),
        ("wait = 100000", "wait: input should be less than or equal to 7200"),
        ("already-published = 'maybe'", "already-published: input should be 'skip' or 'refuse'"),
        ("waive = 'npm-too-old'", "waive: input should be a valid list"),
        ("[[waive]]\ncause = 'npm-too-old'", "waive.1.reason is required"),
        ("[[waive]]\ncause = 'npm-too-old'\nreason = ''", "waive.1.reason: string should have at least 1 character"),
        ("[[waive]]\ncause = 'npm-to-old'\nreason = 'r'", "waive names 'npm-to-old', which is not the id of a cause; did you mean npm-too-old?"),  # noqa: E501
        ("[[waive]]\ncause = 'x'\nreason = 'r'", "which is not the id of a cause; `safepublish explain --list` lists the ids"),  # noqa: E501
        (f"{WAIVER}until = 2099-01-01", "unknown key 'waive.1.until'; there are cause, reason, expires"),
        (f"{WAIVER}expire = 2099-01-01", "unknown key 'waive.1.expire'; did you mean expires?"),
        (f"{WAIVER}expires = 'soon'", "waive.1.expires: input should be a valid date"),
        ("stritc = true\nnonsense = 1", "(and 1 more)"),
        ("strict = ", "safepublish.toml is not valid TOML: Invalid value (at end of document)"),
        ("strict = true\nstrict = true", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_starts_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    status, said = workflow(capsys, str(written(repository, toml=text) / ".github" / "workflows" / "publish.yml"))
    assert (status, problem in said) == (2, True), said
    assert said.startswith("safepublish: safepublish.toml")


def test_a_file_that_is_no_text(repository: Path) -> None:
    (repository / "safepublish.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8"):
        config_file.read(str(repository))
    (repository / "safepublish.toml").unlink()
    (repository / "safepublish.toml").mkdir()
    with pytest.raises(UsageError, match="could not be read: Is a directory"):
        config_file.read(str(repository))


@pytest.mark.parametrize(
    ("package", "problem"),
    [
        ('{"safepublish": true}', "package.json#safepublish: it is not a table of settings"),
        ('{"safepublish": []}', "package.json#safepublish: it is not a table of settings"),
        ('{"safepublish": {"strict": "x"}}', "package.json#safepublish: strict: input should be a valid boolean"),
        ('{"devDependencies": {"safepublish": "1"}}', None),
        ('{"safepublish": null}', None),
        ('{"safepublish": {"strict": true}', None),  # the checks say that it cannot be read
        ('["safepublish"]', None),
    ],
)
def test_the_key_of_package_json(repository: Path, package: str, problem: str | None) -> None:
    (repository / "package.json").write_text(package)
    if problem is None:
        assert config_file.read(str(repository)) == Settings()
        return
    with pytest.raises(UsageError) as raised:
        config_file.read(str(repository))
    assert str(raised.value) == problem


def test_both_at_one_place_are_an_error_and_the_nearest_counts(repository: Path) -> None:
    (repository / "safepublish.toml").write_text("strict = true")
    inner = repository / "packages" / "a"
    inner.mkdir(parents=True)
    assert config_file.read(str(inner)).options == {"--strict": ""}
    assert config_file.read(str(inner)).path == "../../safepublish.toml"
    (inner / "package.json").write_text('{"safepublish": {"strict": false}}')
    assert config_file.read(str(inner)).options == {}
    (inner / "safepublish.toml").write_text("")
    with pytest.raises(UsageError, match="are both there; use one"):
        config_file.read(str(inner))


def test_outside_of_a_repository_only_the_directory_itself_counts(tmp_path: Path) -> None:
    (tmp_path / "safepublish.toml").write_text("strict = true")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert config_file.read(str(inner)) == Settings()
    assert config_file.read(str(tmp_path)).options == {"--strict": ""}


@pytest.mark.parametrize(
    ("arguments", "env", "strict", "waive"),
    [
        ([], {}, True, {"npm-too-old": "r"}),
        ([], {"SAFEPUBLISH_STRICT": "0"}, False, {"npm-too-old": "r"}),
        (["--waive", "npm-too-old=other"], {}, True, {"npm-too-old": "other"}),
        ([], {"SAFEPUBLISH_WAIVE": "not-in-ci=x"}, True, {"npm-too-old": "r", "not-in-ci": "x"}),
        (["workflow"], {}, True, {"npm-too-old": "r"}),
        (["explain", "x"], {}, False, {}),
        (["completion", "bash"], {}, False, {}),
    ],
)
def test_variables_and_the_command_line_come_before_it(
    repository: Path, arguments: list[str], env: Mapping[str, str], strict: bool, waive: Mapping[str, str]
) -> None:
    (repository / "safepublish.toml").write_text(f"strict = true\n{WAIVER}")
    options = parse(arguments, env, settings=lambda: config_file.read(str(repository))).options
    assert (options.strict, options.waive) == (strict, waive)


def test_help_works_beside_a_broken_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "safepublish.toml").write_text("strict = ")
    assert cli.main(["--help"]) == 0
    assert cli.main(["explain", "npm-too-old"]) == 0
    assert capsys.readouterr().err == ""


def test_a_waiver_expires(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(repository, toml=f"{WAIVER}expires = 2026-12-31\n")
    monkeypatch.setattr(config_model, "today", lambda: dt.date(2026, 12, 31))
    status, said = workflow(capsys)
    assert (status, "waived[npm-too-old]" in said, "expired" in said) == (0, True, False)
    monkeypatch.setattr(config_model, "today", lambda: dt.date(2027, 1, 1))
    status, said = workflow(capsys)
    assert (status, "error[npm-too-old]" in said) == (3, True)
    assert "warning: the waiver of npm-too-old in safepublish.toml expired on 2026-12-31 (reason: r)" in said


def test_a_waiver_that_lets_nothing_pass_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(repository, WORKFLOW.replace("22", "24"), WAIVER)
    unused = "warning: the waiver of npm-too-old in safepublish.toml lets nothing pass here; remove it (reason: r)"
    status, said = workflow(capsys)
    assert (status, unused in said) == (0, True)
    status, said = workflow(capsys, ".github/workflows/publish.yml")  # the others may need it
    assert (status, unused in said) == (0, False)
    status, said = workflow(capsys, "--quiet")
    assert (status, said) == (0, "")


def test_a_publish_says_it_too(make_loopback: Make) -> None:
    loopback = make_loopback(Registry({"hello-oidc": PublishedPackage(("0.9.0",))}, tokens={TOKEN: Grant.PUBLISH}))
    project = loopback.project()
    (project / "safepublish.toml").write_text('[[waive]]\ncause = "not-in-ci"\nreason = "never"\n')
    refused = guard(loopback, cwd=project)
    assert refused.returncode == 3
    said = " ".join(refused.stderr.split())
    assert "the waiver of not-in-ci in safepublish.toml lets nothing pass here" in said
    (project / "safepublish.toml").write_text("allow-token = true\n")
    outcome = guard(loopback, cwd=project, more=loopback.setup_node(token=TOKEN))
    assert (outcome.returncode, outcome.credential) == (0, "token")
    (project / "safepublish.toml").write_text("allow-tokens = true\n")
    wrong = guard(loopback, cwd=project)
    assert (wrong.returncode, wrong.received) == (2, ())
    assert wrong.stderr == "safepublish: safepublish.toml: unknown key 'allow-tokens'; did you mean allow-token?\n"


@pytest.mark.real_process
@pytest.mark.parametrize("there", [False, True])
def test_pydantic_is_imported_only_where_there_is_a_file(repository: Path, *, there: bool) -> None:
    written(repository, toml="strict = false" if there else "")
    script = "import sys; from safepublish import cli; cli.main(['workflow']); print('pydantic' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == str(there)


@pytest.mark.parametrize(
    "text",
    [
        IGNORED,
        WORKFLOW.replace(
            "          node-version", "          # safepublish: ignore[npm-too-old] why\n          node-version"
        ),
        WORKFLOW.replace(
            "          node-version",
            "          # safepublish: ignore[npm-too-old] why\n\n          # another comment\n          node-version",
        ),
        WORKFLOW.replace("npm publish\n", "npm publish # safepublish: ignore[npm-too-old]\n"),
        WORKFLOW.replace("npm publish\n", "|\n          npm publish # safepublish: ignore[NPM-too-old] why\n"),
        WORKFLOW.replace("22\n", "22  #safepublish:ignore[ token-conflict , npm-too-old ]: why\n"),
    ],
)
def test_a_comment_lets_a_cause_pass_on_its_line(
    repository: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    written(repository, text)
    status, said = workflow(capsys)
    assert (status, "waived[npm-too-old]" in said) == (0, True), said
    assert "1 waived (1 finding waived)" in said
    status, said = workflow(capsys, "--fix")
    assert (repository / ".github" / "workflows" / "publish.yml").read_text() == text


def test_its_reason_is_shown(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(repository, IGNORED)
    _, said = workflow(capsys)
    assert "waived because: the image has npm 11" in said
    cli.main(["workflow", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    (step,) = document["workflows"][0]["steps"]
    assert step["verdict"] == "waived"


@pytest.mark.parametrize(
    "text",
    [
        WORKFLOW.replace("on: push\n", "on: push # safepublish: ignore[npm-too-old] at another line\n"),
        WORKFLOW.replace("22\n", "22 # safepublish: ignore[not-in-ci] another cause\n"),
        WORKFLOW.replace("22\n", '22\n          x: "a#safepublish: ignore[npm-too-old]"\n'),
        WORKFLOW.replace("22\n", "22 # safepublish: ignore npm-too-old\n"),
    ],
)
def test_what_lets_nothing_pass(repository: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    written(repository, text)
    status, said = workflow(capsys)
    assert (status, "error[npm-too-old]" in said) == (3, True)
    if "ignore[" in text and '"a#' not in text:
        assert "lets nothing pass here; remove it" in said
        line = next(number for number, line in enumerate(text.splitlines(), 1) if "safepublish:" in line)
        assert f".github/workflows/publish.yml:{line} lets nothing" in said


def test_a_comment_of_an_unknown_cause(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(repository, WORKFLOW.replace("22\n", "24 # safepublish: ignore[npm-to-old] why\n"))
    status, said = workflow(capsys)
    assert status == 2
    assert "publish.yml:9 ignores 'npm-to-old', which is not the id of a cause; did you mean npm-too-old?" in said
