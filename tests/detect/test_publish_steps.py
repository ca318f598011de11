"""Which of a repository's steps `safepublish check` is about: the one that publishes this package."""

import json
from pathlib import Path

import pytest

from safepublish.detect import Command, config, forecast, publish_steps
from safepublish.detect import package as packages_of
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Options, Origin, Package, PackageSettings, Setting
from tests.support import runs

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
    lay(root, workflows)
    settings = PackageSettings(
        registry=Setting(registry, Origin("project", ".npmrc", "registry")) if registry else None
    )
    path = str(root / directory)
    package = Package(directory, path=path, settings=settings, credential=Credential(CredentialKind.ABSENT))
    (run,) = forecast.with_repository((runs.READY._replace(package=package),), forecast.read(Options(), {}, str(root)))
    found = run.repository.workflow
    return None if found is None else found.path.rpartition("/")[2]


def lay(root: Path, workflows: dict[str, str]) -> None:
    (root / ".git").mkdir()
    place = root / ".github" / "workflows"
    place.mkdir(parents=True)
    for name, text in workflows.items():
        (place / name).write_text(text)


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


def test_the_directories_that_are_published(tmp_path: Path) -> None:
    for name in ("packages/a", "packages/b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "package.json").write_text(json.dumps({"name": name[-1]}))
    both = step("npm publish ./packages/b") + "      - run: npm publish ./dist\n"
    lay(tmp_path, {"a.yml": step(directory="packages/a"), "b.yml": both})
    found = publish_steps.directories(publish_steps.read(str(tmp_path), None, None), str(tmp_path))
    assert [Path(one).relative_to(tmp_path.resolve()).as_posix() for one in found] == ["packages/a", "packages/b"]


def test_a_private_root_stands_for_what_its_steps_publish(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "root", "private": true}')
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "package.json").write_text('{"name": "built", "version": "1.0.0"}')
    lay(tmp_path, {"a.yml": step("npm publish ./dist")})
    configuration = config.read(("publish",), env={"HOME": str(tmp_path)}, cwd=str(tmp_path), npm=None)
    (root,) = packages_of.read(configuration, cwd=str(tmp_path))
    steps = forecast.read(Options(), {}, str(tmp_path))
    command = Command(("publish",), {"HOME": str(tmp_path)}, str(tmp_path))
    names = [one.manifest.name for one in forecast.published((root,), steps, configuration, command, None)]
    assert names == ["built"]
    public = root._replace(manifest=root.manifest._replace(private=False))
    assert forecast.published((public,), steps, configuration, command, None) == (public,)


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
    lay(tmp_path, {"a.yml": step(run, directory=directory)})
    ((_, found),) = publish_steps.read(str(tmp_path), None, None)
    assert publish_steps.workspace_arguments(found, str(tmp_path), str(tmp_path)) == expected
