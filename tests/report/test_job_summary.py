"""The job summary of GitHub Actions, word for word."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.finding import Answer, Finding
from safepublish.facts.log import Attempt, Line, Log
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.report import job_summary

# ruff: noqa: E501 - a paragraph is one line, whatever it holds
HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))
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


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_whole_summary(name: str, situations: Mapping[str, Report]) -> None:
    assert job_summary.render(situations[name]) == SUMMARIES[name]


def test_without_a_package_there_is_no_summary(situations: Mapping[str, Report]) -> None:
    assert job_summary.render(situations["no package"]) == ""


def _many(count: int, judged: Judged, message: str = "does not exist") -> Report:
    found = (Finding("package-missing", Answer.FAIL, f"p{number} {message}") for number in range(count))
    return Report(tuple(Judged(judged.run, (finding,), Verdict.REFUSE) for finding in found), Verdict.REFUSE, False)


def test_a_summary_too_long_for_github_says_where_the_rest_is(situations: Mapping[str, Report]) -> None:
    summary = job_summary.render(_many(4000, situations["silent"].packages[0], "ü" * 400))
    assert len(summary.encode()) < 1024 * 1024
    assert summary.endswith("The rest does not fit here: `safepublish check --format json` has it all.\n")
    assert "\nand 3700 more\n" in summary


@given(outside=HOSTILE)
def test_no_text_from_outside_is_markup_in_the_summary(hostile: Callable[[str], Report], outside: str) -> None:
    summary = job_summary.render(hostile(outside))
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


PUBLISHED = Attempt("left-pad", "1.2.3", exchanged=True, put_status=200)
BY_TOKEN = PUBLISHED._replace(exchanged=False)


def test_the_summary_of_a_failure_holds_the_likely_cause_in_full(situations: Mapping[str, Report]) -> None:
    report = situations["publisher mismatch"]
    findings = report.packages[0].findings
    summary = job_summary.after_failure(findings, Log(), report, 1)
    assert summary.startswith(
        "\n### ❌ npm publish ended with exit status 1: publisher-mismatch\n\n`publisher-mismatch`: "
    )
    assert "\n```sh\nnpm trust github left-pad --repo acme/left-pad --file publish.yml\n```\n" in summary
    assert summary.endswith("\nAlso: `token-conflict`, `provenance-redundant`\n")


def test_the_summary_of_a_failure_without_a_cause_holds_npms_words(situations: Mapping[str, Report]) -> None:
    summary = job_summary.after_failure((), Log(errors=(Line(1, "code 7"), Line(2, "```<b>"))), situations["warned"], 7)
    assert summary == "\n### ❌ npm publish ended with exit status 7\n\n````\ncode 7\n```<b>\n````\n"
    assert job_summary.after_failure((), Log(), situations["warned"], 7).endswith("exit status 7\n\n")


def test_the_summary_of_a_publish_says_through_what(situations: Mapping[str, Report]) -> None:
    report = situations["warned"]
    assert job_summary.after_success((PUBLISHED, Attempt()), report) == (
        "\n- published `left-pad@1.2.3` through OIDC (trusted publishing).\n"
    )
    assert "` not through OIDC: npm did not try it." in job_summary.after_success((BY_TOKEN,), report)
    (judged,) = report.packages
    tried = report._replace(packages=(judged._replace(run=judged.run._replace(dry_run=True)),))
    assert job_summary.after_success((PUBLISHED,), tried) == ""
