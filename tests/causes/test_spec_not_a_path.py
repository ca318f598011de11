"""What npm does not treat as a path: in the running job, and in the publish steps of workflow files."""

import pytest

from safepublish.causes.spec_not_a_path import SpecNotAPath
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s
from tests.support.steps import PUBLISH, RUNNER, changed, ids, judged, verdict

EXAMPLE = s.package(spec="dist", fetched="registry", lies_here=True)
"""A run in which the cause is found."""

GIT = s.package(spec="dist/lib", fetched="git")
NOTHING_ALLOWED = frozenset[str]()


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="a-directory-here-is-a-package-there"),
        pytest.param(s.package(GIT, lies_here=True), Answer.FAIL, id="a-directory-here-is-a-repository-there"),
        pytest.param(s.package(fetched="registry"), Answer.PASS, id="nothing-here"),
        pytest.param(GIT, Answer.PASS, id="a-repository"),
        pytest.param(s.command(GIT, fetches=NOTHING_ALLOWED), Answer.FAIL, id="a-repository-that-npm-may-not-fetch"),
        pytest.param(s.command(GIT, fetches=frozenset({"git"})), Answer.PASS, id="a-repository-that-npm-may-fetch"),
        pytest.param(
            s.command(s.package(fetched="remote"), fetches=frozenset({"git"})), Answer.FAIL, id="a-tarball-elsewhere"
        ),
        pytest.param(s.command(s.package(fetched="registry"), fetches=NOTHING_ALLOWED), Answer.PASS, id="a-package"),
        pytest.param(s.READY, Answer.SKIP, id="a-path"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert SpecNotAPath().in_run(run).answer is answer


HERE = {"packages/core/package.json": '{"name": "core"}', "core/package.json": '{"name": "core"}'}


def script(*lines: str) -> tuple[str, str]:
    return PUBLISH, "      - run: |\n" + "".join(f"          {line}\n" for line in lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["npm publish dist"],
        ["npm publish --access public dist"],
        ["safepublish dist"],
        ["npm stage publish build"],
        ["npm publish dist/lib"],
        ["npm publish 'packages/core'"],
        ["npm publish packed/hello-1.0.0.tgz"],
        ["npm publish packed/*.tgz"],
        ['for file in packed/*.tgz; do npm publish "$file"; done'],
        ["for name in core ui; do npm publish packages/$name --tag next; done"],
        ["for name in packages/*; do npm publish $name; done"],
        ["ls packed/*.tgz | xargs -I{} npm publish packed/{}"],
        ["npm publish core"],
    ],
)
def test_what_is_no_path_for_npm_is_broken(lines: list[str]) -> None:
    assert verdict(script(*lines), files=HERE) == "broken"
    assert "spec-not-a-path:fail" in ids(script(*lines), files=HERE)


@pytest.mark.parametrize(
    "line",
    [
        "npm publish",
        "npm publish .",
        "npm publish ./dist",
        "npm publish ../dist",
        "npm publish dist/",
        "npm publish /tmp/dist",
        "npm publish ~/dist",
        "npm publish file:dist",
        "npm publish hello-1.0.0.tgz",
        "npm publish *.tgz",
        "npm publish packages/core/dist",
        "npm publish github:octo-org/hello-oidc",
        'npm publish "$DIRECTORY"',
        'npm publish "$DIRECTORY/x.tgz"',
        "npm publish $(ls *.tgz)",
        'npm publish "${{ github.workspace }}/x.tgz"',
        "npm publish ${{ steps.pack.outputs.file }}",
        "for name in packages/*/; do npm publish $name; done",
        "for name in packages/*; do (cd $name && npm publish); done",
        "pnpm publish dist",
    ],
)
def test_paths_publish(line: str) -> None:
    assert verdict(script(line)) == "trusted"


def test_what_only_looks_like_a_path_is_unknown() -> None:
    for line in ("npm publish some/where", "npm publish hello", "npm publish packages/$NAME"):
        assert verdict(script(line)) == "unknown"


def test_a_backslash_is_a_path_on_windows() -> None:
    windows = (RUNNER, "runs-on: windows-latest")
    assert verdict(windows, script("npm publish dist\\hello.tgz")) == "trusted"
    assert verdict(windows, script("npm publish dist/hello.tgz")) == "broken"


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ("npm publish dist --tag next", "npm publish ./dist --tag next"),
        ("npm publish 'packed/x.tgz'", "npm publish './packed/x.tgz'"),
        ('for p in packages/*; do npm publish "$p"; done', 'for p in packages/*; do npm publish "./$p"; done'),
    ],
)
def test_the_fix_starts_the_path(line: str, edited: str) -> None:
    (one,) = judged(changed(script(line)))
    (remedy,) = [finding.remedy for finding in one.findings if finding.id == "spec-not-a-path"]
    assert remedy is not None
    assert (remedy.diff or "").splitlines() == [f"-          {line}", f"+          {edited}"]
