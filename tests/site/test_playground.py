"""The playground in a real browser: its answers are those of the command line, and nothing leaves the browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from safepublish import cli
from safepublish.causes.explain import explain_transcript
from safepublish.causes.judge import judge_steps
from safepublish.logs import reader as logs
from safepublish.pipelines import reader as pipelines
from safepublish.report.documents import explain, workflow
from tests.site.visitor import Visitor
from tests.support import steps

pytestmark = pytest.mark.real_process

ROOT = Path(__file__).resolve().parents[2]
STORY_LOG = (ROOT / "docs" / "site" / "playground" / "examples" / "npm-too-old.log").read_text(encoding="utf-8")
STORY = (ROOT / "examples" / "hello-oidc" / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
ENGINE = re.compile(r"/assets/playground/(?:worker\.js|engine)")
SECRET = "npm_" + "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3f4g"
MARKUP = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script><a href='javascript:window.ran=1'>x</a>"
SELECTED = """
(() => {
  const root = document.querySelector(".sp-editor").shadowRoot;
  return (root.getSelection ? root.getSelection() : document.getSelection()).toString();
})()
"""


def test_nothing_of_python_is_loaded_before_the_first_use(visitor: Visitor) -> None:
    page = visitor.goes_to("playground/log/")
    page.wait_for_load_state("networkidle")
    assert [url for url in visitor.requests if ENGINE.search(url)] == []
    page.select_option("#example", "npm-too-old.log")
    assert "npm-too-old" in visitor.waits().inner_text("#answer")
    assert [url for url in visitor.requests if ENGINE.search(url)] != []

    # What follows needs no network any more, and is quick.
    visitor.context.set_offline(True)
    page.click("#run")
    visitor.waits()
    assert "npm-too-old" in visitor.answer()
    visitor.context.set_offline(False)


def test_the_storys_log(reader: Visitor) -> None:
    page = reader.stays_at("playground/log/")
    reader.puts(STORY_LOG)
    assert page.inner_text(".sp-diagnostic__title").startswith("error[npm-too-old]: ")
    (number,) = [n for n, line in enumerate(STORY_LOG.split("\n"), 1) if "Access token expired" in line]
    page.get_by_role("button", name=f"log:{number} npm notice Access token expired").click()
    page.wait_for_timeout(50)
    assert page.evaluate(SELECTED).strip() == STORY_LOG.split("\n")[number - 1]
    link = page.locator(".sp-more a")
    assert link.get_attribute("href") == f"{reader.server.url}causes/npm-too-old/"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".sp-help .sp-copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "npm install --global npm@11"
    reader.check()


def test_a_log_of_twenty_megabytes(reader: Visitor) -> None:
    page = reader.stays_at("playground/log/")
    line = "npm verbose pkg-utils validate something of no interest for the answer, as a long build prints it\n"
    noise = line * (20 * 2**20 // len(line))
    reader.puts(noise + STORY_LOG, name="long.log")
    assert "error[npm-too-old]" in reader.answer()
    number = noise.count("\n") + 1 + STORY_LOG[: STORY_LOG.index("npm notice Access token")].count("\n")
    page.get_by_role("button", name=f"log:{number} ").click()
    page.wait_for_timeout(50)
    assert "Access token expired" in page.evaluate(SELECTED)
    reader.check()


def test_a_hostile_log(reader: Visitor) -> None:
    page = reader.stays_at("playground/log/")
    hostile = STORY_LOG.replace("hello-oidc", f"{MARKUP}\x1b]8;;https://evil.test\x07\x1b[31mx\u202e").replace(
        "try logging in again.", f"try {MARKUP} `{SECRET}` {SECRET} again."
    )
    reader.puts(hostile + f"npm error //registry.npmjs.org/:_authToken={SECRET}\n")
    answer = page.inner_html("#answer")
    assert SECRET not in answer
    assert "<img" not in answer
    assert "<script" not in answer
    assert "javascript:" not in [link.get_attribute("href") for link in page.locator("#answer a").all()]
    assert not re.search("[\x00-\x08\x1b\u202e]", reader.answer())
    assert "evil.test" not in page.evaluate("[...document.links].map((link) => link.href).join()")
    assert page.evaluate("window.ran") is None
    reader.check()


@pytest.mark.parametrize(
    "text",
    ["", "\n", "\x00\xff\ud7ff", "a" * 100_000, "\r\r\r\n\r"],
    ids=["empty", "blank", "binary", "long", "returns"],
)
def test_a_log_that_is_none(reader: Visitor, text: str) -> None:
    page = reader.stays_at("playground/log/")
    reader.puts(text)
    assert ("no failed publish" if text else "Paste a log first.") in page.inner_text("#playground")
    reader.check()


def test_the_storys_workflow_is_broken_and_its_fix_is_trusted(reader: Visitor) -> None:
    page = reader.stays_at("playground/workflow/")
    page.select_option("#example", "story.yml")
    reader.waits()
    assert page.inner_text(".sp-badge") == "broken"
    assert page.locator("css=.sp-verdict--broken").inner_text() == "✗"
    assert "1 broken" in page.inner_text("#status")
    page.get_by_role("button", name="Apply the fix").click()
    page.wait_for_selector(".sp-badge--trusted")
    assert "1 trusted" in page.inner_text("#status")
    assert 'node-version: "24"' in page.inner_text(".cm-content")
    assert page.locator("css=.sp-verdict--trusted").inner_text() == "✓"
    reader.check()


def test_a_token_is_moved_on_request_only(reader: Visitor) -> None:
    page = reader.stays_at("playground/workflow/")
    page.evaluate("document.querySelector('.sp-files').open = true")
    page.fill("#package-json", json.dumps({"name": "@o/x", "version": "1.0.0", "repository": "github:o/x"}))
    page.select_option("#example", "token.yml")
    reader.waits()
    assert page.inner_text(".sp-badge") == "token"
    assert page.locator(".sp-fix").count() == 0
    page.check("#migrate")
    page.wait_for_selector(".sp-entries")
    entries = page.inner_text(".sp-entries")
    assert "https://www.npmjs.com/package/@o/x/access" in entries
    assert re.search(r"repository +o/x\n", entries)
    assert re.search(r"workflow filename +publish\.yml\n", entries)
    reader.check()


def test_what_is_typed_is_checked_again(reader: Visitor) -> None:
    page = reader.stays_at("playground/workflow/")
    reader.puts(steps.WORKFLOW)
    assert page.inner_text(".sp-badge") == "trusted"
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("env: {CI: 'false'}\n")
    page.wait_for_selector(".sp-badge--broken")
    reader.check()


def test_the_files_that_a_workflow_names_are_read(reader: Visitor) -> None:
    page = reader.stays_at("playground/workflow/")
    reader.puts(steps.changed((steps.NODE, "node-version-file: .nvmrc")))
    assert page.inner_text(".sp-badge") == "unknown"
    page.evaluate("document.querySelector('.sp-files').open = true")
    page.fill("#nvmrc", "22\n")
    page.locator("#nvmrc").blur()
    page.wait_for_selector(".sp-badge--broken")
    reader.check()


@pytest.mark.parametrize(
    "text",
    [
        "{" * 5000,
        "a: &a [x]\nb: [" + "*a, " * 50,
        "on: push\njobs: [\n",
        STORY.replace("name: Publish", f"name: {MARKUP!r}").replace("publish:", f'"{MARKUP[:9]}":').replace(
            "npm publish", f"npm publish --//registry.npmjs.org/:_authToken={SECRET} '{MARKUP[:28]}' \\x1b[31m"
        ),
    ],
    ids=["deep", "aliases", "broken", "markup"],
)  # fmt: skip
def test_a_hostile_workflow(reader: Visitor, text: str) -> None:
    page = reader.stays_at("playground/workflow/")
    reader.puts(text)
    answer = page.inner_html("#answer")
    assert answer != ""
    assert SECRET not in answer
    assert "<img" not in answer
    assert page.evaluate("window.ran") is None
    assert "internal error" not in answer
    reader.check()


def test_a_link_carries_the_input_in_its_fragment_only(visitor: Visitor) -> None:
    page = visitor.goes_to("playground/workflow/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.fill("#path", ".github/workflows/<b>.yml")
    page.evaluate("document.querySelector('.sp-editor').scrollIntoView()")
    page.click(".cm-content")
    page.keyboard.insert_text(STORY)
    page.click("#link")
    page.get_by_text("The link contains what you pasted.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{visitor.server.url}playground/workflow/#input=")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(".sp-badge--broken")
    assert page.input_value("#path") == ".github/workflows/<b>.yml"
    assert "node-version" in page.inner_text(".cm-content")
    assert [path for path in visitor.server.requests if "input=" in path] == []
    for broken in ("#input=AAAA", "#input=%3Cb", "#input=", "#<img src=x onerror=alert(1)>"):
        page.goto("about:blank")
        page.goto(f"{visitor.server.url}playground/workflow/{broken}")
        page.wait_for_selector("#playground[data-state=idle]")


def test_with_the_keyboard_alone(reader: Visitor) -> None:
    page = reader.stays_at("playground/log/")
    page.focus("#clear")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "log"
    page.keyboard.insert_text(STORY_LOG)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "run"
    page.keyboard.press("Enter")
    reader.waits()
    assert "npm-too-old" in reader.answer()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.sp-quote')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_timeout(50)
    assert "Access token expired" in page.evaluate(SELECTED)
    assert page.inner_text(".cm-content").count("Access token expired") == 1  # the key typed nothing over it
    reader.check()


ASK = """
async ([worker, questions]) => {
  const python = new Worker(worker, { type: "module" });
  const answers = [];
  for (const [id, question] of questions.entries()) {
    if (question.log !== undefined)
      question.log = new Blob([Uint8Array.from(atob(question.log), (letter) => letter.charCodeAt(0))]);
    answers.push(await new Promise((resolve) => {
      python.onmessage = ({ data }) => {
        if (data.id === id && (data.answer !== undefined || data.error !== undefined)) resolve(data);
      };
      python.postMessage({ id, ...question });
    }));
  }
  python.terminate();
  return answers.map(({ answer, error }) => answer ?? error);
}
"""


def asked(reader: Visitor, questions: list[dict[str, Any]]) -> list[Any]:
    page = reader.stays_at("playground/log/")
    worker = f"{reader.server.url}assets/playground/worker.js"
    answers: list[Any] = page.evaluate(ASK, [worker, questions])
    return answers


def test_the_answers_about_logs_are_those_of_the_command_line(
    reader: Visitor, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64

    found = sorted(path for path in (ROOT / "tests" / "logs").rglob("*") if path.suffix in {".log", ".txt"})
    contents = [path.read_bytes() for path in found]
    assert len(contents) > 50
    questions = [{"kind": "explain_document", "log": base64.b64encode(one).decode()} for one in contents]
    for path, content, answer in zip(found, contents, asked(reader, questions), strict=True):
        assert answer == json.loads(explain.render(explain_transcript(logs.read([content]), "-"))), path

    (tmp_path / "log").write_bytes(contents[0])
    with (tmp_path / "log").open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        cli.main(["explain", "--format", "json", "-"])
    (first,) = asked(reader, questions[:1])
    assert json.loads(capsysbinary.readouterr().out) == first
    reader.check()


def test_the_answers_about_workflows_are_those_of_the_command_line(reader: Visitor) -> None:
    from docs import messages

    texts = list(dict.fromkeys((STORY, *messages.workflow_texts())))
    assert len(texts) > 50
    questions = [{"kind": "workflow_document", "text": text, "path": steps.PATH, "files": {}} for text in texts]
    for text, answer in zip(texts, asked(reader, questions), strict=True):
        file = pipelines.read(text, steps.PATH, lambda _: None)
        expected = json.loads(workflow.render([(file, judge_steps(file))]))
        for one in (answer, expected):
            # PyYAML's C part, which a machine has, words an error of the syntax differently.
            one["workflows"][0]["trouble"] = one["workflows"][0]["trouble"] is not None
        assert answer == expected, text
    reader.check()
