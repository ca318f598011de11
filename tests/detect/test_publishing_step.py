"""Which of a repository's steps `safepublish check` is about: the one that publishes this package."""

import json
from pathlib import Path

import pytest

from safepublish.detect import publishing_step, repository
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Origin, Package, PackageSettings, Setting

STEP = """\
on: {on}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-node@v4
      - run: {run}
        working-directory: {directory}
"""


def step(run: str = "npm publish", on: str = "[push]", directory: str = ".") -> str:
    return STEP.format(run=run, on=on, directory=directory)


def chosen(root: Path, workflows: dict[str, str], directory: str = ".", registry: str | None = None) -> str | None:
    place = root / ".github" / "workflows"
    place.mkdir(parents=True)
    for name, text in workflows.items():
        (place / name).write_text(text)
    settings = PackageSettings(
        registry=Setting(registry, Origin("project", ".npmrc", "registry")) if registry else None
    )
    path = str(root / directory)
    package = Package(directory, path=path, settings=settings, credential=Credential(CredentialKind.ABSENT))
    found = publishing_step.choose(repository.publishing_workflows(str(root)), package, str(root))
    return None if found is None else found.path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("workflows", "directory", "expected"),
    [
        pytest.param(
            {"a-canary.yml": step("npm publish --tag canary"), "release.yml": step()}, ".", "release.yml", id="tag"
        ),
        pytest.param({"canary.yml": step(), "release.yml": step()}, ".", "release.yml", id="canary-by-name"),
        pytest.param({"a.yml": step(on="[schedule]"), "b.yml": step(on="[release]")}, ".", "b.yml", id="trigger"),
        pytest.param({"a.yml": step(on="[push]"), "b.yml": step(on="[release]")}, ".", "b.yml", id="release"),
        pytest.param(
            {"a.yml": step(directory="packages/a"), "b.yml": step(directory="packages/b")},
            "packages/b",
            "b.yml",
            id="directory",
        ),
        pytest.param(
            {"a.yml": step("npm publish ./packages/a"), "b.yml": step("npm publish ./packages/b")},
            "packages/b",
            "b.yml",
            id="spec",
        ),
        pytest.param(
            {"a.yml": step(directory="packages/a"), "z.yml": step("npm publish --workspaces")},
            "packages/b",
            "z.yml",
            id="workspaces",
        ),
        pytest.param(
            {"a.yml": step("npm publish ./other"), "z.yml": step("npm publish ./dist")}, ".", "a.yml", id="both-below"
        ),
        pytest.param(
            {"a.yml": step("npm publish --registry https://npm.pkg.github.com"), "b.yml": step()},
            ".",
            "b.yml",
            id="registry",
        ),
        pytest.param({"a.yml": step(), "b.yml": step()}, ".", "a.yml", id="equal"),
        pytest.param({}, ".", None, id="none"),
    ],
)
def test_the_step_of_this_package_is_taken(
    workflows: dict[str, str], directory: str, expected: str | None, tmp_path: Path
) -> None:
    assert chosen(tmp_path, workflows, directory, "https://registry.npmjs.org/") == expected


def test_a_file_has_all_its_steps(tmp_path: Path) -> None:
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "publish.yml").write_text(step() + "      - run: npm publish ./packages/b\n")
    found = repository.publishing_workflows(str(tmp_path))
    assert [one.publish_at.line for one in found if one.publish_at] == [7, 9]


def test_the_directories_that_are_published(tmp_path: Path) -> None:
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    for name in ("packages/a", "packages/b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "package.json").write_text(json.dumps({"name": name[-1]}))
    (place / "a.yml").write_text(step(directory="packages/a"))
    (place / "b.yml").write_text(step("npm publish ./packages/b") + "      - run: npm publish ./dist\n")
    found = publishing_step.directories(repository.publishing_workflows(str(tmp_path)), str(tmp_path))
    assert [Path(one).relative_to(tmp_path.resolve()).as_posix() for one in found] == ["packages/a", "packages/b"]


@pytest.mark.parametrize(
    ("run", "directory", "expected"),
    [
        ("npm publish --workspaces --access public", ".", ("--workspaces",)),
        ("npm publish -ws", ".", ("-ws",)),
        ("npm publish -w packages/a --workspace=packages/b", ".", ("-w", "packages/a", "--workspace=packages/b")),
        ("npm publish --workspaces", "packages/a", ()),
        ("pnpm publish -r", ".", ()),
        ("npm publish", ".", ()),
    ],
)
def test_the_workspaces_that_a_step_publishes(
    run: str, directory: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "a.yml").write_text(step(run, directory=directory))
    (found,) = repository.publishing_workflows(str(tmp_path))
    assert found.step is not None
    assert publishing_step.workspace_arguments(found.step, str(tmp_path), str(tmp_path)) == expected
