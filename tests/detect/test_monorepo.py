"""The packages that pnpm and lerna know of, and files that name none."""

from pathlib import Path

import pytest

from safepublish.detect import monorepo


def lay(root: Path, *places: str) -> None:
    for place in places:
        (root / place).mkdir(parents=True)
        (root / place / "package.json").write_text(f'{{"name": "{place.rpartition("/")[2]}"}}')


def found(root: Path) -> list[str]:
    seen = monorepo.packages(str(root))
    assert seen is not None
    assert seen.trouble is None
    return [str(Path(place).relative_to(root)) for place in seen.directories]


@pytest.mark.parametrize(
    ("content", "places"),
    [
        ("packages: [packages/*]", ["packages/a", "packages/b"]),
        ("packages:\n  - packages/**\n", ["packages/a", "packages/b", "packages/b/deep/c"]),
        ("packages:\n  - packages/**\n  - '!**/deep/**'\n", ["packages/a", "packages/b"]),
        ("packages: [tools, packages/a]", ["tools", "packages/a"]),
        ("packages: [packages/a, 7, null]", ["packages/a"]),
    ],
)
def test_pnpm(tmp_path: Path, content: str, places: list[str]) -> None:
    lay(tmp_path, "packages/a", "packages/b", "packages/b/deep/c", "packages/node_modules/x", "tools")
    (tmp_path / "pnpm-workspace.yaml").write_text(content)
    assert found(tmp_path) == places


@pytest.mark.parametrize(
    ("content", "manifest", "places"),
    [
        ('{"packages": ["modules/*"]}', "{}", ["modules/a"]),
        ('{"version": "1.0.0"}', "{}", ["packages/b"]),
        ('{"version": "1.0.0"}', '{"workspaces": ["modules/*"]}', ["modules/a"]),
        ('{"version": "1.0.0"}', '{"workspaces": {"packages": ["modules/*"]}}', ["modules/a"]),
        ('{"version": "1.0.0"}', "broken", ["packages/b"]),
    ],
)
def test_lerna(tmp_path: Path, content: str, manifest: str, places: list[str]) -> None:
    lay(tmp_path, "modules/a", "packages/b")
    (tmp_path / "package.json").write_text(manifest)
    (tmp_path / "lerna.json").write_text(content)
    assert found(tmp_path) == places


@pytest.mark.parametrize("content", ["", "nodeLinker: hoisted\n", "packages: all\n", "packages: []\n", "[]", "- a\n"])
def test_a_file_that_lists_nothing(tmp_path: Path, content: str) -> None:
    lay(tmp_path, "packages/a")
    (tmp_path / "pnpm-workspace.yaml").write_text(content)
    assert monorepo.packages(str(tmp_path)) is None
    (tmp_path / "lerna.json").write_text("{}")
    assert found(tmp_path) == ["packages/a"]


@pytest.mark.parametrize(
    ("file", "content", "trouble"),
    [
        ("pnpm-workspace.yaml", b"packages: [", "it cannot be read: "),
        ("pnpm-workspace.yaml", b"packages: " + b"[" * 5000, "it cannot be read: "),
        ("pnpm-workspace.yaml", b"packages:\n" + b"".join(b" " * n + b"-\n" for n in range(60)), "nested too deeply"),
        ("pnpm-workspace.yaml", b"a: !!python/object/apply:os.system ['true']", "it cannot be read: "),
        ("pnpm-workspace.yaml", b"#" * (2**20 + 1), "it is larger than 1048576 bytes"),
        ("lerna.json", b"{", "it cannot be read: "),
        ("lerna.json", b"[" * 100_000, "it cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, file: str, content: bytes, trouble: str) -> None:
    (tmp_path / file).write_bytes(content)
    seen = monorepo.packages(str(tmp_path))
    assert seen is not None
    assert trouble in (seen.trouble or "")


def test_no_such_file(tmp_path: Path) -> None:
    assert monorepo.packages(str(tmp_path)) is None


def test_two_packages_of_one_name_are_told(tmp_path: Path) -> None:
    lay(tmp_path, "packages/a", "modules/a")
    (tmp_path / "pnpm-workspace.yaml").write_text("packages: [packages/*, modules/*]")
    seen = monorepo.packages(str(tmp_path))
    assert seen is not None
    assert seen.trouble == "two workspaces are both named a"
