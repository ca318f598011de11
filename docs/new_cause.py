"""Writes the skeleton of a new cause: `python -m docs.new_cause ID --after OTHER-ID`.

That is its file, its test, its place in the catalogue, two situations and its entry in the changelog. CONTRIBUTING,
"Adding a cause", says what to fill in; the tests fail until it is.
"""

import argparse
import re
import sys
from pathlib import Path

from safepublish.causes import BY_ID

ROOT = Path(__file__).resolve().parent.parent

CAUSE = '''"""The cause {id}."""

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log
from safepublish.facts.run import Run


class {name}(Cause):
    """ONE SENTENCE.

    What happens

    Why

    Fix

    If you want to ignore it
        `--waive {id}=reason`.
    """

    id = "{id}"
    title = ""
    screen = (Screen("E403: THE TEXT THAT PEOPLE SEE"),)

    def in_run(self, run: Run) -> Judgement:
        """Fail where …; unknown where …."""
        if run.package.manifest.version is None:
            return SKIPPED
        if run.package.manifest.version != "9.9.9":
            return PASSED
        return Judgement(Answer.FAIL, "WHAT IS WRONG; WHAT IS NEEDED", remedy=Remedy("WHAT TO DO."))

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm …."""
        line = log.says("THE TEXT THAT PEOPLE SEE")
        if line is None:
            return SKIPPED
        return Judgement(Answer.FAIL, "WHAT IS WRONG", evidence=(str(line),), remedy=Remedy("WHAT TO DO."))
'''

TEST = '''import pytest

from safepublish.causes.{module} import {name}
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from tests.support import runs as s

EXAMPLE = s.package(version="9.9.9")
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.FAIL, id="WHAT-IS-SPECIAL"),
        pytest.param(s.READY, Answer.PASS, id="ready"),
        pytest.param(s.package(version=None), Answer.SKIP, id="no-version"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert {name}().in_run(run).answer is answer
'''

SITUATIONS = """        "{id}": {{}},
        "{id}-not": {{}},
"""


def main() -> int:
    """Write the skeleton; exits with 2 where the id is none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id", help="in kebab-case; it names the problem and never changes")
    parser.add_argument("--after", metavar="ID", choices=BY_ID, required=True, help="the cause after which it ranks")
    options = parser.parse_args()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", options.id) or options.id in BY_ID:
        parser.error(f"{options.id} is not in kebab-case, or such a cause exists")
    for path, text in skeleton(options.id, options.after).items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


def skeleton(cause: str, after: str) -> dict[Path, str]:
    """Each file that is new or changes for *cause*, which ranks after the cause *after*, with its text."""
    module, name = cause.replace("-", "_"), _class_name(cause)
    words = {"id": cause, "module": module, "name": name}
    catalogue, changelog = ROOT / "safepublish" / "causes" / "__init__.py", ROOT / "CHANGELOG.md"
    situations = ROOT / "campaigns" / "situations.py"
    listed = _added(catalogue, f"    {_class_name(after)}(),\n", f"    {name}(),\n")
    return {
        ROOT / "safepublish" / "causes" / f"{module}.py": CAUSE.format_map(words),
        ROOT / "tests" / "causes" / f"test_{module}.py": TEST.format_map(words),
        catalogue: _imported(listed, f"from safepublish.causes.{module} import {name}"),
        situations: _added(
            situations, "    shapes: dict[str, dict[str, Any]] = {  # of single causes\n", SITUATIONS.format_map(words)
        ),
        changelog: _added(changelog, "### Added\n\n", f"- `{cause}` is a new cause: WHAT IT IS.\n"),
    }


def _class_name(cause: str) -> str:
    return "".join(part.capitalize() for part in cause.split("-"))


def _added(path: Path, mark: str, lines: str) -> str:
    """The text of the file at *path* with *lines* after the line *mark*."""
    text = path.read_text(encoding="utf-8")
    return text.replace(mark, f"{mark}{lines}", 1)


def _imported(text: str, line: str) -> str:
    """*text* with the import *line* among those of the causes, in the order of the alphabet."""
    imports = [row for row in text.splitlines() if row.startswith("from safepublish.causes.")]
    return text.replace("\n".join(imports), "\n".join(sorted([*imports, line])))


if __name__ == "__main__":
    sys.exit(main())
