"""`safepublish workflow --diff`, `--fix` and `--migrate` on files."""

import os
import stat
from pathlib import Path

import pytest

from safepublish import cli
from safepublish.causes.fix_workflow import fix_workflow
from safepublish.cli.write_file import NotWrittenError, rewrite
from safepublish.report import fixes
from tests.support import steps

WORKFLOW = steps.BROKEN + "        working-directory: pkg\n"
TOKEN = WORKFLOW.replace("22", "24") + "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.CANARY_4711 }}\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n\turl = https://github.com/o/r.git\n')
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "package.json").write_text('{"name": "@o/pkg", "version": "1.0.0"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def laid(repository: Path, text: str, name: str = "publish.yml") -> Path:
    path = repository / ".github" / "workflows" / name
    path.write_bytes(text.encode())
    return path


def test_diff_prints_a_patch_and_changes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = laid(repository, WORKFLOW)
    assert cli.main(["workflow", "--diff"]) == 3
    said = capsys.readouterr()
    assert said.out == (
        "--- a/.github/workflows/publish.yml\n+++ b/.github/workflows/publish.yml\n@@ -6,6 +6,6 @@\n     steps:\n"
        "       - uses: actions/setup-node@v4\n         with:\n"
        "-          node-version: 22\n+          node-version: 24\n"
        "       - run: npm publish\n         working-directory: pkg\n"
    )
    assert "can be fixed:\n    publish: Node 22 becomes 24\n" in said.err
    assert path.read_text() == WORKFLOW


def test_fix_writes_the_file_whole_and_keeps_its_mode(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = laid(repository, WORKFLOW)
    path.chmod(0o640)
    assert cli.main(["workflow", "--fix"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "publish.yml fixed:" in said.out
    assert "1 trusted" in said.out
    assert path.read_text() == WORKFLOW.replace("22", "24")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(path.parent) == ["publish.yml"]


def test_a_second_fix_writes_nothing(repository: Path) -> None:
    path = laid(repository, WORKFLOW)
    assert cli.main(["workflow", "--fix"]) == 0
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert cli.main(["workflow", "--fix"]) == 0
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_link_stays_one(repository: Path) -> None:
    real = repository / "real.yml"
    real.write_text(WORKFLOW)
    link = repository / ".github" / "workflows" / "publish.yml"
    link.symlink_to(real)
    assert cli.main(["workflow", "--fix"]) == 0
    assert link.is_symlink()
    assert real.read_text() == WORKFLOW.replace("22", "24")


def test_a_token_stays_without_migrate(repository: Path) -> None:
    path = laid(repository, TOKEN)
    assert cli.main(["workflow", "--fix"]) == 0
    assert path.read_text() == TOKEN


def test_migrate_tells_what_to_enter(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = laid(repository, TOKEN)
    assert cli.main(["workflow", "--fix", "--migrate"]) == 0
    said = capsys.readouterr().out
    for line in (
        "https://www.npmjs.com/package/@o/pkg/access, GitHub Actions:",
        "repository         o/r",
        "workflow filename  publish.yml",
        "environment name   (leave empty)",
        "npm trust github @o/pkg --repo o/r --file publish.yml --allow-publish",
    ):
        assert line in said
    assert path.read_text() == WORKFLOW.replace("22", "24")


def test_what_is_left_is_said_with_its_reason(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid(repository, WORKFLOW.replace("ubuntu-latest", "self-hosted"))
    assert cli.main(["workflow", "--fix"]) == 3
    assert "publish was not changed: a GitHub-hosted replacement could not be determined" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--migrate"], "--migrate needs --diff, which prints the change, or --fix, which writes it"),
        (["--diff", "--format", "json"], "--diff prints a patch and --format json prints a document; use one of them"),
        (["--fixx"], "workflow has no option '--fixx'"),
    ],
)
def test_words_that_cannot_be_followed(
    repository: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    laid(repository, WORKFLOW)
    assert cli.main(["workflow", *words]) == 2
    assert said in capsys.readouterr().err


def test_json_shows_the_file_as_it_is_after_the_fix(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid(repository, WORKFLOW)
    assert cli.main(["workflow", "--fix", "--format", "json"]) == 0
    assert '"trusted"' in capsys.readouterr().out


def test_one_unreadable_file_keeps_no_other_from_being_mended(repository: Path) -> None:
    laid(repository, "a: [", "bad.yml")
    path = laid(repository, WORKFLOW)
    assert cli.main(["workflow", "--fix"]) == 2
    assert path.read_text() == WORKFLOW.replace("22", "24")


def test_a_file_that_is_no_utf_8_is_not_written(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = laid(repository, "")
    content = b"# \xff\n" + WORKFLOW.encode()
    path.write_bytes(content)
    assert cli.main(["workflow", "--fix"]) == 2
    said = capsys.readouterr().err
    assert "publish.yml was not changed: the file is not UTF-8" in said
    assert "fixed" not in said
    assert path.read_bytes() == content


def test_a_file_that_another_program_wrote_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("theirs")
    with pytest.raises(NotWrittenError, match="the file changed after it was read"):
        rewrite(str(path), "ours", "mended")
    assert path.read_text() == "theirs"


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWrittenError, match="No space left on device"):
        rewrite(str(path), "old", "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x"]


def test_a_patch_of_a_file_without_a_last_line_end() -> None:
    text = WORKFLOW.replace("        working-directory: pkg\n", "").rstrip("\n") + " dist"
    said = fixes.patch(fix_workflow(text, "x.yml", lambda _: None))
    ending = "\\ No newline at end of file\n"
    assert f"-      - run: npm publish dist\n{ending}" in said
    assert said.endswith(f"+      - run: npm publish ./dist\n{ending}")


def test_a_file_that_could_not_be_written_is_not_reported_as_mended_and_the_others_are(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = laid(repository, TOKEN, "a.yml"), laid(repository, WORKFLOW, "b.yml")
    replace = os.replace

    def full(new: str, target: str) -> None:
        if target.endswith("a.yml"):
            raise OSError(28, "No space left on device", new)
        replace(new, target)

    monkeypatch.setattr(os, "replace", full)
    assert cli.main(["workflow", "--fix", "--migrate"]) == 2
    said = "".join(reversed(capsys.readouterr()))
    assert "safepublish: .github/workflows/a.yml was not changed: No space left on device\n" in said
    assert "a.yml fixed" not in said
    assert "npmjs.com/package" not in said  # no token was taken away, so there is nothing to enter
    assert "b.yml fixed:" in said
    assert first.read_text() == TOKEN
    assert second.read_text() == WORKFLOW.replace("22", "24")
    assert sorted(os.listdir(first.parent)) == ["a.yml", "b.yml"]


def test_a_read_only_file_is_left(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = laid(repository, WORKFLOW)
    path.chmod(0o444)
    assert cli.main(["workflow", "--fix"]) == 2
    assert "publish.yml was not changed: the file is read-only" in capsys.readouterr().err
    assert path.read_text() == WORKFLOW


def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(NotWrittenError, match="No such file"):
        rewrite(str(tmp_path / "x"), "old", "new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("mode", ["--fix", "--diff"])
def test_a_file_under_several_names_is_edited_once(
    repository: Path, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    path = laid(repository, WORKFLOW)
    (repository / "link.yml").symlink_to(path)
    (repository / "linked").symlink_to(path.parent)
    name = ".github/workflows/publish.yml"
    assert cli.main(["workflow", mode, name, f"./{name}", str(path), "link.yml", "linked/publish.yml"]) == (
        0 if mode == "--fix" else 3
    )
    said = capsys.readouterr()
    report = said.out if mode == "--fix" else said.err
    assert report.count("Node 22 becomes 24") == 1
    assert said.out.count("+++") == (mode == "--diff")
    assert "was not changed" not in said.err
    assert path.read_text() == (WORKFLOW.replace("22", "24") if mode == "--fix" else WORKFLOW)
    assert "broken" not in report or mode == "--diff"


def test_a_patch_of_a_long_file_has_the_changed_lines_only() -> None:
    filler = "".join("      - run: echo\n\n" for _ in range(400))
    text = WORKFLOW.replace("    steps:\n", f"    steps:\n{filler}").replace(
        "      - run: npm", f"{filler}      - run: npm"
    )
    text = text.replace("    permissions: {id-token: write}\n", "") + filler
    said = fixes.patch(fix_workflow(text, "x.yml", lambda _: None)).splitlines()
    assert [line for line in said if line[:1] in {"+", "-"}] == [
        "--- a/x.yml",
        "+++ b/x.yml",
        "+    permissions:",
        "+      contents: read",
        "+      id-token: write",
        "-          node-version: 22",
        "+          node-version: 24",
    ]
