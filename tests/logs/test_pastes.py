"""Every pasted log, pasted in other ways: what it shows stays the same."""

import html
import json
import re
import textwrap
from collections.abc import Callable

import pytest

from safepublish.causes.explain import explain_transcript
from safepublish.facts.finding import Answer
from safepublish.logs import pastes, reader
from tests.logs.test_pasted_logs import FILES, PASTED


def wrap(text: str, width: int) -> str:
    """The lines broken between words."""
    broken = (textwrap.wrap(line, width, break_on_hyphens=False, replace_whitespace=False) for line in text.split("\n"))
    return "\n".join("\n".join(parts) for parts in broken)


def cut(text: str, width: int) -> str:
    """The lines broken at the width of a terminal."""
    return "\n".join(line[at : at + width] for line in text.split("\n") for at in range(0, max(len(line), 1), width))


def each(form: str) -> Callable[[str], str]:
    return lambda text: "\n".join(form.format(line) if line.strip() else line for line in text.split("\n"))


def numbered(form: str) -> Callable[[str], str]:
    """Each line behind its number."""
    return lambda text: "\n".join(form.format(number, line) for number, line in enumerate(text.split("\n"), 101))


def coloured(escape: str) -> Callable[[str], str]:
    """npm's colours, with what is left of their escape character."""
    levels = re.compile(r"\b(npm) (error|ERR!|notice|warn)\b")
    return lambda text: levels.sub(rf"{escape}[1m\1{escape}[22m {escape}[31m\2{escape}[39m", text)


BEFORE_EACH = {
    "tab": "\t",
    "tabs": "\t\t",
    "no-break-spaces": "\xa0\xa0",
    "checkbox": "- [ ] ",
    "list": "- ",
    "slack-quote": "&gt; ",
    "teamcity": "[07:00:00]W:\t [Step 1/2] ",
    "appveyor": "[00:01:02] ",
    "buildkite": "\x1b_bk;t=1700000000000\x07",
    "buildkite-copied": "_bk;t=1700000000000",
    "drone": "[publish:12] ",
    "cloud-build": 'Step #2 - "publish": ',
    "codebuild": "[Container] 2026/11/25 07:00:00.123456 ",
    "heroku": "remote:        ",
    "netlify": "7:00:00 AM: ",
    "vercel": "07:00:00.123  ",
    "cloudflare": "2026-11-25T07:00:00.123456Z\t",
    "render": "Nov 25 07:00:00 AM  ",
    "syslog": "Nov 25 07:00:00 host app[12]: ",
    "kubernetes": "2026-11-25T07:00:00.123456789Z ",
    "containerd": "2026-11-25T07:00:00.123456789+00:00 stderr F ",
    "act": "[Publish/publish]   | ",
    "turbo": "hello-oidc:publish: ",
    "yarn-foreach": "[@octo/a]: ",
    "pnpm-recursive": "packages/a publish: ",
    "concurrently": "[0] ",
    "bamboo": "error\t25-Nov-2026 07:00:00\t",
    "jenkins": "[2026-11-25T07:00:00.123Z] ",
    "harness": "2026-11-25 07:00:00.123 UTC ",
    "epoch": "1764054002123 ",
    "level": "2026-11-25 07:00:00,123 INFO ",
    "maven": "[ERROR] ",
    "american": "11/25/2026 7:00:00 AM ",
    "duration": "[+12.3s] ",
    "travis": "[0K",
}
"""What CIs, tools and editors write before each line."""


FORMS: dict[str, Callable[[str], str]] = {
    **{name: each(f"{prefix}{{}}") for name, prefix in BEFORE_EACH.items()},
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "double-spaced": lambda text: text.replace("\n", "\n\n"),
    "cat-n": numbered("{:6d}\t{}"),
    "github-ui": numbered("{} {}"),
    "github-ui-own-line": numbered("{}\n{}"),
    "editor": numbered("{:4d} | {}"),
    "github-code": numbered("L{}: {}"),
    "numbered-list": numbered("{}. {}"),
    "slack": lambda text: f"```{text}```",
    "jira": lambda text: f"{{code:bash}}{text}{{code}}",
    "noformat": lambda text: f"{{noformat}}{text}{{noformat}}",
    "forum": lambda text: f"[code]{text}[/code]",
    "jira-escaped": lambda text: text.replace("[", "\\[").replace("]", "\\]").replace("_", "\\_"),
    "html-one-line": lambda text: "<pre>" + html.escape(text).replace("\n", "<br>") + "</pre>",
    "html-lines": lambda text: "".join(f"<p>{html.escape(line)}</p>\n" for line in text.split("\n")),
    "html-decimal": lambda text: text.replace("'", "&#39;").replace('"', "&#34;").replace("/", "&#x2F;"),
    "colours-without-escape": coloured(""),
    "colours-caret": coloured("^["),
    "colours-as-text": coloured(r"\\x1b"),
    "colours-octal": coloured(r"\\033"),
    "colours-replaced": coloured("\ufffd"),
    "smart-quotes": lambda text: re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text),
    "smart-hyphens": lambda text: text.replace(" - ", " \u2013 "),
    "cut-hanging": lambda text: cut(text, 90).replace("\n", "\n    "),
    "mail": each("> {}"),
    "answered": each(">> {}"),
    "mail-wrapped": lambda text: each("> {}")(wrap(text, 72)),
    "fence": lambda text: f"It fails:\n\n```\n{text}\n```\nWhat now?\n",
    "code": each("`{}`"),
    "table": each("| {} |"),
    "break": each("{}<br>"),
    "escaped-break": each("{}\\"),
    "html": lambda text: f"<pre>{html.escape(text)}</pre>",
    "json": lambda text: json.dumps({"level": "error", "message": text}),
    "json-indented": lambda text: json.dumps({"title": "It fails", "body": text}, indent=2),
    "json-lines": lambda text: "\n".join(
        json.dumps({"log": f"{line}\n", "stream": "stderr"}) for line in text.split("\n")
    ),
    "json-array": lambda text: json.dumps(text.split("\n"), indent=1),
    "json-in-json": lambda text: json.dumps({"body": json.dumps({"message": text})}),
    "cut-json": lambda text: json.dumps({"message": text})[:-2],
    "javascript": lambda text: (
        "  stderr: '" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "',"
    ),
    "annotation": lambda text: "::error::" + text.replace("%", "%25").replace("\n", "%0A"),
    "wrapped-80": lambda text: wrap(text, 80),
    "wrapped-100": lambda text: wrap(text, 100),
    "wrapped-120": lambda text: wrap(text, 120),
    "cut-80": lambda text: cut(text, 80),
    "cut-100": lambda text: cut(text, 100),
    "cut-120": lambda text: cut(text, 120),
}


def first(text: str) -> tuple[str | None, Answer | None]:
    explanation = explain_transcript(reader.read([text.encode()]), "-")
    findings = [finding for failed in explanation.failed for finding in failed.findings]
    return (findings[0].id, findings[0].answer) if findings else (None, None)


UNREAD = {
    "registry-without-oidc/yarnpkg.log",  # a URL at the end of the last line
    "registry-without-oidc/artifactory-npm-8.log",  # time stamps whose second one is that of a tool
    "publisher-mismatch/semantic-release-cut.log",  # cut inside a line of the tool's own
    "publisher-tool-without-oidc/yarn-foreach.log",  # pairs of quoted names, which look like JSON
    "token-rejected/cut-after-notice.log",  # one line, which is not the end of anything
    "repository-url-missing/changesets.log",
    "repository-url-missing/wrapped.log",
    "missing-id-token-permission/pnpm.log",
    "none/notice-went-out.log",
}
"""Logs that some paste makes unreadable."""


@pytest.mark.parametrize("form", FORMS)
def test_a_paste_shows_what_the_log_shows(form: str) -> None:
    changed = set()
    for name in FILES:
        text = (PASTED / name).read_text(encoding="utf-8", errors="replace").rstrip("\n")
        if first(FORMS[form](text)) != first(text):
            changed.add(name)
    assert changed <= UNREAD


@pytest.mark.parametrize("name", sorted({*FILES} - {"publisher-mismatch/semantic-release-cut.log"}))  # npm whoami's
@pytest.mark.parametrize("lines", [2, 3, 5])
def test_the_last_lines_prove_nothing_that_the_whole_log_does_not(name: str, lines: int) -> None:
    text = (PASTED / name).read_text(encoding="utf-8", errors="replace").rstrip("\n")
    whole, last = (
        [one for failed in explain_transcript(reader.read([part.encode()]), "-").failed for one in failed.findings]
        for part in (text, "\n".join(text.split("\n")[-lines:]))
    )
    proven = {one.id for one in last if one.answer is Answer.FAIL}
    assert proven <= {one.id for one in whole}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param('{"error":"Not found"}', ['{"error":"Not found"}'], id="answer"),
        pytest.param('npm notice {"a": 1}', ['npm notice {"a": 1}'], id="line-with-json"),
        pytest.param('  "detail": "one\\ntwo npm",', ['  "detail": "one\\ntwo npm",'], id="npm-json"),
        pytest.param(r"npm error path C:\new\npm", [r"npm error path C:\new\npm"], id="windows-path"),
        pytest.param('{"log":"npm error code E404\\n"}', ["npm error code E404"], id="one-line"),
        pytest.param('{"log":"npm error \\"x\\"', ['npm error "x"'], id="cut"),
    ],
)
def test_only_a_log_is_unpacked(text: str, lines: list[str]) -> None:
    assert list(pastes.unpacked(text)) == lines


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["npm error code E404", "Error: Process completed with exit code 1."], id="step-end"),
        pytest.param(
            ["npm error code E1", "npm error 404 Not Found - PUT https://r.example/a - Not", "", "found"], id="gap"
        ),
        pytest.param(["npm notice total files: 3", "and now for something else"], id="prose"),
        pytest.param(["npm error 404 is not in this", "2026-01-01T01:01:01.0000000Z registry."], id="stamp"),
    ],
)
def test_what_is_no_wrapped_line_is_left_alone(lines: list[str]) -> None:
    numbered = list(enumerate(lines, 1))
    assert list(pastes.unwrapped(numbered, str.strip)) == numbered


def test_a_joined_line_keeps_the_number_of_its_first() -> None:
    lines = enumerate(["npm error 404  'a@1.0.0' is not in this", "registry.", "npm error last"], 1)
    assert list(pastes.unwrapped(lines, str.strip)) == [
        (1, "npm error 404  'a@1.0.0' is not in this registry."),
        (3, "npm error last"),
    ]


def test_deep_quotation_ends() -> None:
    text = "npm error code E404\nnpm error 404"
    for _ in range(12):
        text = json.dumps({"message": text})
    assert len(list(pastes.unpacked(text))) == 1


def test_a_log_of_megabytes_in_one_string_of_json_is_read() -> None:
    noise = "".join(f"asset {number} of the build\n" for number in range(150_000))
    text = json.dumps({"log": f"{noise}{(PASTED / 'self-hosted-runner' / 'lerna.log').read_text()}"})
    assert len(text) > 3_000_000
    explanation = explain_transcript(reader.read([text.encode()]), "-")
    assert [one.id for failed in explanation.failed for one in failed.findings][:1] == ["self-hosted-runner"]
