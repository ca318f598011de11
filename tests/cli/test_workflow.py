"""`safepublish workflow` on files: what it reads, where it says it, how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from safepublish import cli
from safepublish.cli import exit_codes
from tests.support import steps

OLD = ('node-version: "24"', 'node-version: "22"')
BROKEN = steps.changed(OLD)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / "packages" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def write(repository: Path, name: str, text: str | bytes) -> Path:
    path = repository / ".github" / "workflows" / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def paths(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    found = json.loads(capsys.readouterr().out)
    return {one["path"]: [step["verdict"] for step in one["steps"]] for one in found["workflows"]}


@pytest.mark.parametrize("where", [".", "packages/a"])
def test_without_a_path_it_reads_the_repositorys_workflows_from_wherever_one_stands(
    repository: Path, where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, "b.yml", BROKEN)
    write(repository, "a.yaml", steps.WORKFLOW)
    write(repository, "c.txt", BROKEN)
    monkeypatch.chdir(repository / where)
    assert cli.main(["workflow", "--format", "json"]) == exit_codes.REFUSED
    assert paths(capsys) == {".github/workflows/a.yaml": ["trusted"], ".github/workflows/b.yml": ["broken"]}


def test_a_path_may_be_a_file_a_repository_or_a_directory_of_files(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(repository, "a.yml", steps.WORKFLOW)
    for given in (".github/workflows/a.yml", ".", ".github/workflows", str(file)):
        assert cli.main(["workflow", "--format=json", given]) == exit_codes.OK
        assert paths(capsys) == {".github/workflows/a.yml": ["trusted"]}


def test_it_reads_what_the_workflow_names_in_the_repository(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, "a.yml", steps.changed(('node-version: "24"', "node-version-file: .nvmrc")))
    (repository / ".nvmrc").write_text("v22.11.0\n")
    assert cli.main(["workflow", "--format", "json"]) == exit_codes.REFUSED
    assert paths(capsys) == {".github/workflows/a.yml": ["broken"]}


def test_it_reads_nothing_outside_of_the_repository(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "nvmrc"
    outside.write_text("v22.11.0\n")
    (repository / ".nvmrc").symlink_to(outside)
    write(repository, "a.yml", steps.changed(('node-version: "24"', "node-version-file: .nvmrc")))
    assert cli.main(["workflow", "--format", "json"]) == exit_codes.OK
    assert paths(capsys) == {".github/workflows/a.yml": ["unknown"]}


def test_a_broken_file_is_told_and_the_others_are_read(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "a.yml", "on: push\njobs: [\n")
    write(repository, "b.yml", BROKEN)
    write(repository, "c.yml", b"on: \xff\xfe\njobs: {}\n")
    assert cli.main(["workflow"]) == exit_codes.USAGE_ERROR
    said = capsys.readouterr().out
    assert "  --> .github/workflows/a.yml:" in said
    assert "error[npm-too-old]: " in said


@pytest.mark.parametrize("given", ["nowhere.yml", "packages/a/x.yml"])
def test_a_path_that_cannot_be_read(repository: Path, given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert repository.is_dir()
    assert cli.main(["workflow", given]) == exit_codes.USAGE_ERROR
    assert f"safepublish: {given} could not be read\n" in capsys.readouterr().err


def test_what_is_not_told_refuses_only_when_strict(repository: Path) -> None:
    write(repository, "a.yml", steps.changed(('node-version: "24"', "node-version: ${{ vars.X }}")))
    assert cli.main(["workflow"]) == exit_codes.OK
    assert cli.main(["workflow", "--strict"]) == exit_codes.REFUSED


def test_a_waived_cause_refuses_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "a.yml", BROKEN)
    assert cli.main(["workflow", "--waive", "npm-too-old=we know"]) == exit_codes.OK
    said = capsys.readouterr().out
    assert "waived[npm-too-old]: " in said
    assert "1 waived" in said
    assert "1 trusted" not in said


OPEN = ('node-version: "24"', "node-version: ${{ vars.X }}")


@pytest.mark.parametrize("command", ["workflow", "workflow --strict"])
@pytest.mark.parametrize(
    ("text", "waived", "verdict", "status"),
    [
        (BROKEN, "npm-too-old", "waived", exit_codes.OK),
        (BROKEN, "missing-id-token-permission", "broken", exit_codes.REFUSED),
        (steps.WORKFLOW, "npm-too-old", "trusted", exit_codes.OK),
        (steps.changed(OPEN), "npm-too-old", "waived", exit_codes.OK),
        (steps.changed(OLD, ("id-token: write", "id-token: none")), "npm-too-old", "broken", exit_codes.REFUSED),
    ],
)
def test_a_waiver_never_makes_a_step_trusted(
    command: str,
    text: str,
    waived: str,
    verdict: str,
    status: int,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(repository, "a.yml", text)
    assert cli.main([*command.split(), "--format=json", "--waive", waived]) == status
    assert paths(capsys) == {".github/workflows/a.yml": [verdict]}


def test_after_two_hyphens_nothing_is_an_option(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(repository, "a.yml", BROKEN)
    assert cli.main(["workflow", "--", "--fix"]) == exit_codes.USAGE_ERROR
    assert "--fix could not be read" in capsys.readouterr().err
    assert file.read_text() == BROKEN
    (repository / "-a.log").write_text("npm error code E404\n")
    assert cli.main(["explain", "--", "-a.log"]) in {exit_codes.OK, exit_codes.NO_CAUSE_FOUND}


def test_in_github_actions_it_annotates(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, "a.yml", BROKEN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cli.main(["workflow"]) == exit_codes.REFUSED
    assert "\n::error file=.github/workflows/a.yml,line=12,col=25,title=" in capsys.readouterr().out


def test_documents_and_reports_go_to_stdout(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "a.yml", BROKEN)
    for form in ("json", "sarif"):
        cli.main(["workflow", "--format", form])
        captured = capsys.readouterr()
        assert json.loads(captured.out)
        assert captured.err == ""
    cli.main(["workflow"])
    captured = capsys.readouterr()
    assert "npm-too-old" in captured.out
    assert captured.err == ""
    cli.main(["workflow", "--diff"])
    captured = capsys.readouterr()
    assert captured.out.startswith("--- a/.github/workflows/a.yml\n")
    assert "npm-too-old" in captured.err


def test_quiet_prints_errors_only_and_verbose_every_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "a.yml", BROKEN)
    write(repository, "b.yml", steps.WORKFLOW)
    write(repository, "c.yml", "on: push\njobs: {}\n")
    assert cli.main(["workflow", "--quiet"]) == exit_codes.REFUSED
    quiet = capsys.readouterr().out
    assert "npm-too-old" in quiet
    assert "b.yml" not in quiet
    assert cli.main(["workflow", "--quiet", ".github/workflows/b.yml"]) == exit_codes.OK
    assert capsys.readouterr() == ("", "")
    assert cli.main(["workflow", "--verbose"]) == exit_codes.REFUSED
    verbose = capsys.readouterr().out
    assert ".github/workflows/b.yml: checked, 1 publish step\n" in verbose
    assert ".github/workflows/c.yml: checked, 0 publish steps\n" in verbose


def test_quiet_prints_what_strict_refuses(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "a.yml", steps.changed(OPEN))
    assert cli.main(["workflow", "--quiet"]) == exit_codes.OK
    assert capsys.readouterr().out == ""
    assert cli.main(["workflow", "--quiet", "--strict"]) == exit_codes.REFUSED
    assert "a.yml" in capsys.readouterr().out


def test_an_option_that_is_not_there_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert repository.is_dir()
    assert cli.main(["workflow", "--fixx"]) == exit_codes.USAGE_ERROR
    assert "workflow has no option '--fixx'" in capsys.readouterr().err


@pytest.mark.real_process
def test_a_guard_that_lets_npm_run_imports_no_reader_of_workflows() -> None:
    program = (
        "import sys; from safepublish import cli, causes; from safepublish.detect import narrowing, network;"
        "from safepublish.report import after_publish, github, job_summary, step_outputs, text;"
        "print([name for name in ('pydantic', 'yaml', 'safepublish.pipelines.github', 'safepublish.pipelines.job',"
        " 'safepublish.facts.step', 'safepublish.shell.interpreter') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "[]"


ROOT = Path(__file__).resolve().parents[2]
TOKEN = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}\n"


@pytest.mark.parametrize(
    ("words", "more", "status"), [([], "", exit_codes.REFUSED), (["--fix", "--migrate"], TOKEN, exit_codes.OK)]
)
def test_the_page_shows_what_is_printed(
    words: list[str], more: str, status: int, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = ROOT / "examples" / "hello-oidc"
    write(repository, "publish.yml", (example / ".github" / "workflows" / "publish.yml").read_text() + more)
    (repository / "package.json").write_text((example / "package.json").read_text())
    (repository / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = https://github.com/octo-org/hello-oidc.git\n'
    )
    assert cli.main(["workflow", *words]) == status
    page = (ROOT / "docs" / "workflow.md").read_text(encoding="utf-8")
    shown = page.partition(f"```console\n$ {' '.join(['safepublish', 'workflow', *words])}\n")[2].partition("```")[0]
    assert shown == capsys.readouterr().out
