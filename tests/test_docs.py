"""What is generated is current; `make docs` makes it so."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from docs import generate, new_cause, record
from safepublish.causes import CAUSES
from safepublish.causes.explain import explain_transcript
from safepublish.cli import help as command_help
from safepublish.facts.finding import Answer
from safepublish.logs import reader
from safepublish.rehearsal import provenance, registry
from tests.support import world

ROOT = Path(__file__).resolve().parent.parent


def test_the_generated_documents_are_current() -> None:
    stale = [path.name for path, text in generate.documents().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run make docs"


def test_no_page_is_left_over() -> None:
    assert set(generate.PAGES.glob("*.md")) <= set(generate.documents())


def test_the_page_of_the_command_line_holds_the_help() -> None:
    assert command_help.text() in (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


NOT_NPMS = {
    "ERR_REQUIRE_ESM",  # Node's
    "ENONPMTOKEN",  # semantic-release's
    "No npm token specified",
    "npm: command not found",  # a shell's
    "an equivalent entry already exists",  # Sigstore's
    "CA_CREATE_SIGNING_CERTIFICATE_ERROR",
    "TSA_CREATE_TIMESTAMP_ERROR",
    "Cannot find module 'sigstore'",  # Node's, with a name
    "Cannot find module 'promise-retry'",
    "YN0033",  # yarn's
    "No authentication configured for request",
    "error: missing authentication (run `bunx npm login`)",  # bun's
    "Failed to save packument",  # npmjs.com's, in reports; the embedded registry is never busy and takes every name
    "error refreshing TUF metadata",
    "Package name too similar to existing packages",
    "Package name triggered spam detection",
    "This package requires that publishers enable TFA",
}


@pytest.mark.real_process  # npm is fetched where it is not in the cache
def test_the_words_on_the_screen_are_npms_or_the_registrys() -> None:
    files = [path for npm in ("12.2.0", "10.9.4") for path in world.npm(npm).rglob("*.js") if "lib" in path.parts[-4:]]
    sources = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    sources += [inspect.getsource(module) for module in (provenance, registry)]
    held = "\n".join(sources)
    held = held.replace("\\'", "'").replace("\\`", "`")
    words = {word for row in generate.screen() for word in row.words if not re.fullmatch(r"E\d{3}", word)}
    assert {word for word in words if word not in held} - NOT_NPMS == set()


def test_explain_reads_the_same_causes_out_of_the_same_words() -> None:
    rows, agrees = generate.screen(), {}
    for row in rows:
        code = re.compile(r"E[A-Z0-9_]+")
        lines = [f"npm error {'code ' if code.fullmatch(word) else ''}{word}" for word in row.words]
        lines = [": ".join(row.words)] if NOT_NPMS.issuperset(row.words) else ["$ npm publish", *lines]
        log = reader.read(("\n".join([*lines, ""]).encode(),))
        found = [finding for one in explain_transcript(log, "-").failed for finding in one.findings]
        if found and found[0].answer is Answer.FAIL:
            agrees[row.words] = found[0].id in row.causes
    assert {words for words, named in agrees.items() if not named} == set()
    assert len(agrees) > len(rows) / 2  # a code alone does not tell, nor what the debug log has


def test_every_cause_that_the_log_shows_is_found_by_its_words() -> None:
    assert {cause.id for cause in CAUSES if "in_log" in cause.recognisers and not cause.screen} == set()


def test_causes_with_the_same_words_agree_on_where_they_are_seen() -> None:
    places = {(shown.text, shown.hidden) for cause in CAUSES for shown in cause.screen}
    assert len(places) == len({text for text, _ in places})


def test_the_index_is_in_order() -> None:
    words = [" ".join(row.words).casefold() for row in generate.screen()]
    assert words == sorted(words)


# The skeleton of a cause


def test_a_skeleton_is_a_cause_and_stands_in_the_catalogue() -> None:
    files = new_cause.skeleton("left-pad-gone", "npm-too-old")
    changed = {path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text}
    assert changed == set(files)
    (module,) = (text for path, text in files.items() if path.name == "left_pad_gone.py")
    names: dict[str, Any] = {}
    exec(module, names)
    cause = names["LeftPadGone"]()
    assert (cause.id, cause.recognisers) == ("left-pad-gone", ("in_run", "in_log"))
    (catalogue,) = (text for path, text in files.items() if path.name == "__init__.py")
    assert "    NpmTooOld(),\n    LeftPadGone(),\n" in catalogue
    imports = [line for line in catalogue.splitlines() if line.startswith("from safepublish.causes.")]
    assert "from safepublish.causes.left_pad_gone import LeftPadGone" in imports
    assert imports == sorted(imports)


# The picture of `make demo`, which `make record` takes again


def test_the_picture_is_drawn_from_the_recording() -> None:
    assert record.draw(record.CAST.read_text(encoding="utf-8")) == record.PICTURE.read_text(encoding="utf-8")


def test_the_recording_is_of_the_demo_as_it_is() -> None:
    lines = [record.plain(line.text) for line in record.lines(record.CAST.read_text(encoding="utf-8"))]
    assert lines[0] == "$ safepublish rehearse --fixed --assume-published"
    workflow = (ROOT / "examples" / "hello-oidc" / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    (publishes,) = (line.strip().removeprefix("- run: ") for line in workflow.splitlines() if "npm publish" in line)
    assert f"$ {publishes}" in lines
    story = [
        "npm notice Access token expired or revoked. Please try logging in again.",
        "error: nothing would be published: npm exited with code 1",
    ]
    story += ["safepublish: hello-oidc@1.0.0 would be published through OIDC (trusted publishing)"]
    assert _in_order(story, lines)


def test_the_page_of_the_rehearsal_quotes_the_recording() -> None:
    readme = (ROOT / "docs" / "rehearse.md").read_text(encoding="utf-8")
    quoted = readme.partition("Then it says what became of it:\n\n```console\n")[2].partition("```")[0].splitlines()
    lines = [record.plain(line.text) for line in record.lines(record.CAST.read_text(encoding="utf-8"))]
    assert quoted
    assert _in_order(quoted, lines)


def test_the_site_runs_the_python_that_the_tests_do_and_names_no_registry() -> None:
    playground = ROOT / "docs" / "site" / "playground"
    package = json.loads((playground / "package.json").read_text(encoding="utf-8"))
    assert package["dependencies"]["pyodide"] == world.PYODIDE
    versions = {**package["dependencies"], **package["devDependencies"]}.values()
    assert [version for version in versions if not version[0].isdigit()] == []
    lock = json.loads((playground / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [path for path, one in lock.items() if path and ("resolved" in one or "integrity" not in one)] == []


def test_the_readme_is_a_screen_and_a_half() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def _in_order(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(one in rest for one in wanted)
