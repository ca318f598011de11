"""The pure core answers in a browser's Python too: CPython 3.14 as WebAssembly, without a machine around it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import packaging
import pytest
import yaml

import safepublish
from safepublish.causes.explain import explain_transcript
from safepublish.causes.judge import judge_steps
from safepublish.logs import reader
from safepublish.pipelines import github
from safepublish.report import explanation, workflow
from tests.support import world

ROOT = Path(__file__).resolve().parent.parent
PATH = ".github/workflows/publish.yml"
LOG = """\
npm notice Publishing to https://registry.npmjs.org/ with tag latest and public access
npm notice publish Signed provenance statement with source and build information from GitHub Actions
npm notice Access token expired or revoked. Please try logging in again.
npm error code E404
npm error 404 Not Found - PUT https://registry.npmjs.org/hello-oidc - Not found
npm error 404
npm error 404  'hello-oidc@1.0.0' is not in this registry.
"""
"""What npm 10 prints in the story of this project."""

PROGRAM = """
before = set(sys.modules)  # Pyodide itself loads a few
from safepublish.causes.explain import explain_transcript
from safepublish.causes.judge import judge_steps
from safepublish.logs import reader
from safepublish.pipelines import github
from safepublish.report import explanation, workflow

print(explanation.render(explain_transcript(reader.read((log.encode(),)), "-")))
file = github.read(text, path, lambda _: None)
print(workflow.render([(file, judge_steps(file))]))
outside = {"http.client", "plumbum", "pydantic", "rich", "socket", "subprocess"} & (set(sys.modules) - before)
print(*sorted(outside), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with what the pure core may import: packaging, and PyYAML without its C part."""
    directory = tmp_path_factory.mktemp("site")
    for package in (safepublish, packaging, yaml):
        source = Path(package.__file__ or "").parent
        ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
        shutil.copytree(source, directory / source.name, ignore=ignored)
    return directory


@pytest.mark.real_process
def test_explain_and_workflow_answer_in_a_browser_as_they_do_here(site: Path) -> None:
    story = (ROOT / "examples" / "hello-oidc" / PATH).read_text(encoding="utf-8")
    command: list[str | Path] = [
        world.node(),
        ROOT / "tests" / "support" / "pyodide.cjs",
        world.pyodide(),
        site,
        PROGRAM,
    ]
    document = json.dumps({"log": LOG, "text": story, "path": PATH})
    ended = subprocess.run(command, input=document, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (0, ""), ended.stderr
    file = github.read(story, PATH, lambda _: None)
    here = explanation.render(explain_transcript(reader.read((LOG.encode(),)), "-"))
    assert ended.stdout == f"{here}\n{workflow.render([(file, judge_steps(file))])}\n"
    assert "npm-too-old" in here


def test_no_group_has_a_possessive_quantifier() -> None:
    # Python 3.11.0 to 3.11.4 matches one wrongly (python/cpython#106052), in silence.
    sources = Path(safepublish.__file__).parent.rglob("*.py")
    found = [path.name for path in sources if re.search(r"(?<!\()\)[*+?]\+|\(\?>", path.read_text(encoding="utf-8"))]
    assert found == []
