"""What GitHub Actions is handed: annotations, the job summary and the outputs, word for word."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding, Remedy
from safepublish.facts.log import Attempt, Line, Log
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.report import github, text

# ruff: noqa: E501 - an annotation is one line, whatever it holds

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))

ANNOTATIONS: Mapping[str, str] = {
    "npm too old": """\
::error file=.github/workflows/publish.yml,line=14,col=11,title=safepublish%3A npm-too-old::npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing%0ASeen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm%0AMend: Use Node 24, which brings npm 11.%0A-  node-version: "22"%0A+  node-version: "24"
""",
    "several packages": """\
::error file=.github/workflows/publish.yml,line=14,col=11,title=safepublish%3A npm-too-old::npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing%0AFor: @acme/core@2.0.0, @acme/cli@2.0.0%0ASeen: /opt/hostedtoolcache/node/22.20.0/x64/bin/npm%0AMend: Use Node 24, which brings npm 11.%0A-  node-version: "22"%0A+  node-version: "24"
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0AFor: @acme/core@2.0.0%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
::notice title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds%0AFor: @acme/net@0.9.0
""",
    "publisher mismatch": """\
::error title=safepublish%3A publisher-mismatch::registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found%0ASeen: repository: acme/left-pad (last publisher: acme/left-pad)%0ASeen: workflow file: publish.yml (last publisher: release.yml)%0ASeen: environment: npm%0AMend: Enter this workflow as the trusted publisher of left-pad.%0Anpm trust github left-pad --repo acme/left-pad --file publish.yml
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
::notice title=safepublish%3A provenance-redundant::--provenance is automatic with trusted publishing
""",
    "not told": """\
::notice title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds
""",
    "not told, strict": """\
::error title=safepublish%3A registry-unreachable::registry.npmjs.org did not answer within 15 seconds
""",
    "warned": """\
::warning title=safepublish%3A token-conflict::a token is in reach and would publish without a word if OIDC failed%0ASeen: //registry.npmjs.org/:_authToken in /home/runner/work/_temp/.npmrc:1%0AMend: Remove the secret from the step.
""",
    "laptop": """\
::error title=safepublish%3A publisher-mismatch::registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found%0ASeen: repository: acme/left-pad (last publisher: acme/left-pad)%0ASeen: workflow file: publish.yml (last publisher: release.yml)%0ASeen: environment: npm%0AMend: Enter this workflow as the trusted publisher of left-pad.%0Anpm trust github left-pad --repo acme/left-pad --file publish.yml
""",
    "checked and fine": "",
    "silent": "",
    "with a token": "",
    "no package": "",
}

SUMMARIES: Mapping[str, str] = {
    "npm too old": """\
## safepublish refuses to start npm publish for `left-pad@1.2.3`

### ❌ Refused: npm is too old for trusted publishing

`npm-too-old`: npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing

- /opt/hostedtoolcache/node/22.20.0/x64/bin/npm

In `.github/workflows/publish.yml:14:11`

**Mend:** Use Node 24, which brings npm 11.

```diff
-  node-version: "22"
+  node-version: "24"
```

[What `npm-too-old` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/npm-too-old.md)
""",
    "several packages": """\
## safepublish refuses to start npm publish for 4 packages, because of 2 of them

| package | version | published | verdict | cause |
| --- | --- | --- | --- | --- |
| `@acme/core` | `2.0.0` | ? | ❌ refuse | `npm-too-old` |
| `@acme/cli` | `2.0.0` | ? | ❌ refuse | `npm-too-old` |
| `@acme/net` | `0.9.0` | ? | ❔ unknown | `registry-unreachable` |
| `@acme/docs` | `0.1.0` | ? | ✅ pass |  |

### ❌ Refused: npm is too old for trusted publishing

`npm-too-old`: npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing

For `@acme/core@2.0.0`, `@acme/cli@2.0.0`

- /opt/hostedtoolcache/node/22.20.0/x64/bin/npm

In `.github/workflows/publish.yml:14:11`

**Mend:** Use Node 24, which brings npm 11.

```diff
-  node-version: "22"
+  node-version: "24"
```

[What `npm-too-old` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/npm-too-old.md)

### ❔ Not told: registry-unreachable

`registry-unreachable`: registry.npmjs.org did not answer within 15 seconds

For `@acme/net@0.9.0`

[What `registry-unreachable` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/registry-unreachable.md)

### ⚠️ Warning: token-conflict

`token-conflict`: a token is in reach and would publish without a word if OIDC failed

For `@acme/core@2.0.0`

- //registry.npmjs.org/:&#95;authToken in /home/runner/work/&#95;temp/.npmrc:1

**Mend:** Remove the secret from the step.

[What `token-conflict` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/token-conflict.md)

### Waived: self-hosted-runner

`self-hosted-runner`: the runner is self-hosted

Waived: provenance is off
""",
    "publisher mismatch": """\
## safepublish refuses to start npm publish for `left-pad@1.2.3`

### ❌ Refused: publisher-mismatch

`publisher-mismatch`: registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found

| claim | this run | last publisher |  |
| --- | --- | --- | --- |
| repository | `acme/left-pad` | `acme/left-pad` |  |
| workflow file | `publish.yml` | `release.yml` | differs |
| environment | `npm` | `-` |  |

These are this run's claims, not necessarily the ones that a trusted publisher should have.

- This job runs in the environment npm: the publisher must name that one, or none.

**Mend:** Enter this workflow as the trusted publisher of left-pad.

```sh
npm trust github left-pad --repo acme/left-pad --file publish.yml
```

[What `publisher-mismatch` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/publisher-mismatch.md)

### ⚠️ Warning: token-conflict

`token-conflict`: a token is in reach and would publish without a word if OIDC failed

- //registry.npmjs.org/:&#95;authToken in /home/runner/work/&#95;temp/.npmrc:1

**Mend:** Remove the secret from the step.

[What `token-conflict` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/token-conflict.md)

### ⚠️ Warning: provenance-redundant

`provenance-redundant`: --provenance is automatic with trusted publishing

[What `provenance-redundant` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/provenance-redundant.md)
""",
    "checked and fine": """\
## safepublish: `left-pad@1.2.3` can be published through OIDC (trusted publishing)

| checked | seen |
| --- | --- |
| npm | 11.6.2 on node 24.11.1, /usr/local/bin/npm |
| identity | GitHub Actions, acme/left-pad/.github/workflows/publish.yml@&#8203;refs/tags/v1.2.3, event push, environment npm, github-hosted |
| registry | `https://registry.npmjs.org/` from npm's default |
| credential | none in reach |
| exchange | accepted: the registry trusts this workflow |
""",
    "warned": """\
## safepublish lets npm publish start for `left-pad@1.2.3`

| checked | seen |
| --- | --- |
| npm | 11.6.2 on node 24.11.1, /usr/local/bin/npm |
| identity | GitHub Actions, acme/left-pad/.github/workflows/publish.yml@&#8203;refs/tags/v1.2.3, event push, environment npm, github-hosted |
| registry | `https://registry.npmjs.org/` from npm's default |
| credential | none in reach |
| exchange | accepted: the registry trusts this workflow |

### ⚠️ Warning: token-conflict

`token-conflict`: a token is in reach and would publish without a word if OIDC failed

- //registry.npmjs.org/:&#95;authToken in /home/runner/work/&#95;temp/.npmrc:1

**Mend:** Remove the secret from the step.

[What `token-conflict` means](https://github.com/safepublish/safepublish/blob/main/docs/causes/token-conflict.md)

### Waived: self-hosted-runner

`self-hosted-runner`: the runner is self-hosted

Waived: provenance is off
""",
}

OUTPUTS: Mapping[str, str] = {
    "several packages": """\
verdict=refuse
causes=npm-too-old,registry-unreachable
name=
version=
report=/tmp/report.json
published=false
via=
packages=[{"name":"@acme/core","version":"2.0.0","verdict":"refuse","causes":["npm-too-old"],"published":false,"via":null,"left_out":false},{"name":"@acme/cli","version":"2.0.0","verdict":"refuse","causes":["npm-too-old"],"published":false,"via":null,"left_out":false},{"name":"@acme/net","version":"0.9.0","verdict":"unknown","causes":["registry-unreachable"],"published":false,"via":null,"left_out":false},{"name":"@acme/docs","version":"0.1.0","verdict":"pass","causes":[],"published":false,"via":null,"left_out":false}]
""",
    "not told, strict": """\
verdict=refuse
causes=registry-unreachable
name=left-pad
version=1.2.3
report=/tmp/report.json
published=false
via=
packages=[{"name":"left-pad","version":"1.2.3","verdict":"refuse","causes":["registry-unreachable"],"published":false,"via":null,"left_out":false}]
""",
    "checked and fine": """\
verdict=pass
causes=
name=left-pad
version=1.2.3
report=/tmp/report.json
published=false
via=
packages=[{"name":"left-pad","version":"1.2.3","verdict":"pass","causes":[],"published":false,"via":null,"left_out":false}]
""",
    "no package": """\
verdict=pass
causes=
name=
version=
report=/tmp/report.json
published=false
via=
packages=[]
""",
}


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations(name: str, situations: Mapping[str, Report]) -> None:
    assert github.annotations(situations[name]) == ANNOTATIONS[name]


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_whole_summary(name: str, situations: Mapping[str, Report]) -> None:
    assert github.summary(situations[name]) == SUMMARIES[name]


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs(name: str, situations: Mapping[str, Report]) -> None:
    assert github.outputs(situations[name], "/tmp/report.json") == OUTPUTS[name]


def test_the_log_holds_the_text_and_then_the_annotations(situations: Mapping[str, Report]) -> None:
    report = situations["npm too old"]
    assert github.render(report) == text.render(report) + ANNOTATIONS["npm too old"]


def test_after_a_failure_the_likely_cause_is_an_annotation_too(situations: Mapping[str, Report]) -> None:
    findings = situations["publisher mismatch"].packages[0].findings
    assert github.after_failure(findings) == (
        text.after_failure(findings) + ANNOTATIONS["publisher mismatch"].splitlines()[0] + "\n"
    )
    assert github.after_failure(()) == ""


def test_without_a_package_there_is_no_summary(situations: Mapping[str, Report]) -> None:
    assert github.summary(situations["no package"]) == ""


def _many(count: int, judged: Judged, message: str = "does not exist") -> Report:
    found = (Finding("package-missing", Answer.FAIL, f"p{number} {message}") for number in range(count))
    return Report(tuple(Judged(judged.run, (finding,), Verdict.REFUSE) for finding in found), Verdict.REFUSE, False)


@pytest.mark.parametrize(("count", "shown"), [(9, 9), (10, 10), (11, 10)])
def test_no_more_annotations_than_github_shows(count: int, shown: int, situations: Mapping[str, Report]) -> None:
    assert github.annotations(_many(count, situations["silent"].packages[0])).count("::error ") == shown


def test_a_summary_too_long_for_github_says_where_the_rest_is(situations: Mapping[str, Report]) -> None:
    summary = github.summary(_many(4000, situations["silent"].packages[0], "ü" * 400))
    assert len(summary.encode()) < 1024 * 1024
    assert summary.endswith("The rest does not fit here: `safepublish check --format json` has it all.\n")
    assert "\nand 3700 more\n" in summary


def test_a_long_diff_is_cut_in_an_annotation(situations: Mapping[str, Report]) -> None:
    diff = "\n".join(f"+ line {number}" for number in range(20))
    finding = Finding("npm-too-old", Answer.FAIL, "x", remedy=Remedy("y", diff=diff))
    judged = situations["silent"].packages[0]._replace(findings=(finding,))
    (line,) = github.annotations(Report((judged,), Verdict.REFUSE, False)).splitlines()
    assert line.endswith("%0A+ line 11%0A…")


_COMMAND = re.compile(r"::(error|warning|notice) ((?:(?:file|line|col|title)=[^,:]*,?)+)::([^\r\n]*)")


@given(outside=HOSTILE)
def test_only_our_own_commands_reach_the_runner(hostile: Callable[[str], Report], outside: str) -> None:
    report = hostile(outside)
    commands = github.annotations(report).split("\n")
    assert commands.pop() == ""
    assert [match[1] for match in map(_COMMAND.fullmatch, commands) if match] == ["error", "warning"]
    rendered = github.render(report).split("\n")
    assert [line for line in rendered if line.lstrip().startswith("::")] == commands
    assert not any("##[" in line for line in rendered)


@given(outside=HOSTILE)
def test_no_text_from_outside_is_markup_in_the_summary(hostile: Callable[[str], Report], outside: str) -> None:
    summary = github.summary(hostile(outside))
    assert summary.encode()
    open_fence = ""
    for line in summary.split("\n"):
        assert line.isprintable()
        fence = re.fullmatch(r"(`{3,})\w*", line)
        if open_fence:
            open_fence = "" if line == open_fence else open_fence
        elif fence:
            open_fence = fence[1]
        else:
            assert line == "" or line.startswith(
                ("## safepublish", "### ", "| ", "`", "For ", "- ", "In ", "**Mend", "[What", "These are", "Waived")
            )
            assert "<" not in re.sub(r"`[^`]*`|</?code>", "", line)
            assert not re.search(r"@(?!&#8203;)", re.sub(r"`[^`]*`|<code>.*?</code>|https?://\S*", "", line))
            assert not line.startswith("| ") or line.count("|") in {3, 4, 5, 6}
    assert not open_fence


@given(outside=HOSTILE)
def test_outputs_are_a_line_each_whatever_the_names(hostile: Callable[[str], Report], outside: str) -> None:
    report = hostile(outside)
    only = report._replace(packages=report.packages[:1])
    for shown in (github.outputs(report, outside), github.outputs(only, outside)):
        *lines, end = shown.split("\n")
        assert end == ""
        assert [line.partition("=")[0] for line in lines] == [
            "verdict", "causes", "name", "version", "report", "published", "via", "packages",
        ]  # fmt: skip
        assert lines[:2] == ["verdict=refuse", "causes=publisher-mismatch"]
        assert all(line.isprintable() for line in lines)
        assert lines[-1].isascii()
    packages = json.loads(github.outputs(report).split("packages=")[1])
    assert [package["verdict"] for package in packages] == ["refuse", "pass"]


PUBLISHED = Attempt("left-pad", "1.2.3", exchanged=True, put_status=200)
BY_TOKEN = PUBLISHED._replace(exchanged=False)
FAILED = PUBLISHED._replace(put_status=403)


@pytest.mark.parametrize(
    ("attempts", "status", "told"),
    [
        ((PUBLISHED,), 0, ("true", "oidc")),
        ((PUBLISHED._replace(put_status=299),), 0, ("true", "oidc")),
        ((PUBLISHED._replace(put_status=300),), 1, ("false", "")),
        ((PUBLISHED._replace(name=None),), 0, ("true", "oidc")),  # --json
        ((PUBLISHED,), 1, ("true", "oidc")),  # a postpublish script failed
        ((BY_TOKEN,), 0, ("true", "token")),
        ((FAILED,), 1, ("false", "")),
        ((PUBLISHED._replace(put_status=None),), 1, ("false", "")),
        ((BY_TOKEN._replace(put_status=None),), 0, ("true", "token")),  # a log that was cut
        ((), 1, ("false", "")),
        (None, 0, ("true", "")),  # no log was found
        (None, 1, ("false", "")),
    ],
)
def test_the_outputs_say_what_went_out(
    attempts: tuple[Attempt, ...] | None, status: int, told: tuple[str, str], situations: Mapping[str, Report]
) -> None:
    log = None if attempts is None else Log(attempts=attempts)
    published, via, packages, _ = github.outputs_afterwards(situations["warned"], status, log).split("\n")
    assert (published, via) == (f"published={told[0]}", f"via={told[1]}")
    (package,) = json.loads(packages.removeprefix("packages="))
    assert (package["published"], package["via"]) == (told[0] == "true", told[1] or None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dry_run": True}, ("false", "")),
        ({"command": "stage publish"}, ("false", "oidc")),
    ],
)
def test_what_is_tried_or_staged_is_not_published(
    change: dict[str, Any], told: tuple[str, str], situations: Mapping[str, Report]
) -> None:
    (judged,) = situations["warned"].packages
    report = situations["warned"]._replace(packages=(judged._replace(run=judged.run._replace(**change)),))
    published, via, *_ = github.outputs_afterwards(report, 0, Log(attempts=(PUBLISHED,))).split("\n")
    assert (published, via) == (f"published={told[0]}", f"via={told[1]}")


def test_half_a_release_is_told_package_by_package(situations: Mapping[str, Report]) -> None:
    report = situations["several packages"]
    names = [judged.run.package.name for judged in report.packages]
    attempts = [PUBLISHED._replace(name=name) for name in names]
    whole = github.outputs_afterwards(report, 0, Log(attempts=tuple(attempts)))
    assert whole.startswith("published=true\nvia=oidc\n")
    mixed = github.outputs_afterwards(report, 0, Log(attempts=(attempts[0]._replace(exchanged=False), *attempts[1:])))
    assert mixed.startswith("published=true\nvia=token\n")
    half = github.outputs_afterwards(report, 1, Log(attempts=(attempts[0], attempts[1]._replace(put_status=422))))
    published, via, packages, _ = half.split("\n")
    assert (published, via) == ("published=false", "via=oidc")
    assert {one["name"]: one["published"] for one in json.loads(packages.removeprefix("packages="))} == {
        name: name == names[0] for name in names
    }


def test_the_summary_of_a_failure_holds_the_likely_cause_in_full(situations: Mapping[str, Report]) -> None:
    report = situations["publisher mismatch"]
    findings = report.packages[0].findings
    summary = github.summary_after_failure(findings, Log(), report, 1)
    assert summary.startswith(
        "\n### ❌ npm publish ended with exit status 1: publisher-mismatch\n\n`publisher-mismatch`: "
    )
    assert "\n```sh\nnpm trust github left-pad --repo acme/left-pad --file publish.yml\n```\n" in summary
    assert summary.endswith("\nAlso: `token-conflict`, `provenance-redundant`\n")


def test_the_summary_of_a_failure_without_a_cause_holds_npms_words(situations: Mapping[str, Report]) -> None:
    summary = github.summary_after_failure(
        (), Log(errors=(Line(1, "code 7"), Line(2, "```<b>"))), situations["warned"], 7
    )
    assert summary == "\n### ❌ npm publish ended with exit status 7\n\n````\ncode 7\n```<b>\n````\n"
    assert github.summary_after_failure((), Log(), situations["warned"], 7).endswith("exit status 7\n\n")


def test_the_summary_of_a_publish_says_through_what(situations: Mapping[str, Report]) -> None:
    report = situations["warned"]
    assert github.summary_after_success((PUBLISHED, Attempt()), report) == (
        "\n- published `left-pad@1.2.3` through OIDC (trusted publishing).\n"
    )
    assert "` not through OIDC: npm did not try it." in github.summary_after_success((BY_TOKEN,), report)
    (judged,) = report.packages
    tried = report._replace(packages=(judged._replace(run=judged.run._replace(dry_run=True)),))
    assert github.summary_after_success((PUBLISHED,), tried) == ""
