"""What holds for every cause: its page, its id, its messages."""

import importlib
import re
from pathlib import Path

import pytest

from safepublish import causes
from safepublish.causes import judge
from safepublish.causes.cause import Cause
from safepublish.facts.finding import Answer, Finding, Judgement
from safepublish.facts.report import Verdict
from safepublish.facts.run import Identity, Options, Run
from tests.support import runs as s

SECTIONS = ("What happens", "Why", "Fix", "If you want to ignore it")
RECOGNISED = [cause for cause in causes.CAUSES if "in_run" in cause.recognisers]
LOG_ALONE = {"sigstore-unreachable"} | {
    "stage-only-publisher",
    "transparency-log-conflict",
    "two-factor-required",
}
AFTERWARDS_AND_BEFORE = {"command-without-oidc", "npm-upgrade-fails"}
NOT_CAUSES = {"--init--", "cause", "explain", "fix-workflow", "ignores", "judge", "wording"}
DIRECTORY = Path(causes.__file__).parent
EXAMPLES = [
    (cause.id, importlib.import_module(f"tests.causes.test_{cause.id.replace('-', '_')}").EXAMPLE)
    for cause in RECOGNISED
]
"""For each cause a run in which it is found: `EXAMPLE` of its test."""


def name(cause: Cause) -> str:
    return cause.id


def found(run: Run) -> dict[str, Finding]:
    return {finding.id: finding for finding in judge.judge_run(run)}


def test_a_run_that_is_ready_has_no_findings(ready: Run) -> None:
    assert judge.judge_run(ready) == ()


@pytest.mark.parametrize("identity", [s.GITLAB, s.CIRCLECI], ids=["gitlab", "circleci"])
def test_the_other_ci_systems_that_are_ready_have_no_findings(identity: Identity) -> None:
    assert judge.judge_run(s.READY._replace(identity=identity)) == ()


def test_a_laptop_that_asks_about_the_ci_has_no_findings() -> None:
    run = s.predicting(s.package(s.npm("10.9.4"), credential=s.PLACEHOLDER))
    assert judge.judge_run(s.command(run, unread_tokens=("NPM_TOKEN",))) == ()


def test_every_file_is_in_the_catalogue_under_its_name() -> None:
    files = {path.stem.replace("_", "-") for path in DIRECTORY.glob("*.py")} - NOT_CAUSES
    assert sorted(map(name, causes.CAUSES)) == sorted(files)


def test_ids_are_unique() -> None:
    assert len({name(cause) for cause in causes.CAUSES}) == len(causes.CAUSES)


def test_only_these_are_not_recognised_in_the_running_job() -> None:
    rest = [cause for cause in causes.CAUSES if "in_run" not in cause.recognisers]
    assert {name(cause) for cause in rest if "in_log" in cause.recognisers} == LOG_ALONE | AFTERWARDS_AND_BEFORE
    assert {name(cause) for cause in rest if "in_workflow" in cause.recognisers} == {
        "failure-swallowed",
        "workflow-invalid",
    } | AFTERWARDS_AND_BEFORE


def test_those_that_keep_npm_from_starting_stand_first() -> None:
    order = [name(cause) for cause in causes.CAUSES]
    expected = ["npm-missing", "arguments-refused", "manifest-unreadable", "not-in-ci", "npm-too-old"]
    expected += ["missing-id-token-permission", "publisher-mismatch", "version-published", "token-conflict"]
    expected += ["registry-unreachable", "provenance-redundant"]
    assert [one for one in order if one in expected] == [
        "npm-missing",
        "arguments-refused",
        "manifest-unreadable",
        "not-in-ci",
        "npm-too-old",
        "missing-id-token-permission",
        "publisher-mismatch",
        "version-published",
        "token-conflict",
        "registry-unreachable",
        "provenance-redundant",
    ]


@pytest.mark.parametrize("cause", causes.CAUSES, ids=name)
class TestPage:
    def test_its_first_line_is_one_sentence(self, cause: Cause) -> None:
        first = cause.page.partition("\n")[0]
        assert first.endswith(".")
        assert len(first) < 90

    def test_it_has_the_four_sections_in_order(self, cause: Cause) -> None:
        assert [line for line in cause.page.splitlines() if line in SECTIONS] == list(SECTIONS)

    def test_no_section_is_empty(self, cause: Cause) -> None:
        parts = re.split("|".join(f"^{section}$" for section in SECTIONS), cause.page, flags=re.MULTILINE)
        assert all(part.strip() for part in parts)

    def test_its_title_is_short_and_has_no_full_stop(self, cause: Cause) -> None:
        assert 10 < len(cause.title) < 80
        assert not cause.title.endswith(".")


def judged(cause: str, run: Run) -> Judgement:
    return causes.BY_ID[cause].in_run(run)


@pytest.mark.parametrize(("cause", "run"), EXAMPLES, ids=[cause for cause, _ in EXAMPLES])
class TestMessages:
    def test_it_is_found(self, cause: str, run: Run) -> None:
        assert found(run)[cause].message

    def test_what_refuses_has_a_mend(self, cause: str, run: Run) -> None:
        judgement = judged(cause, run)
        assert judgement.remedy is not None
        assert judgement.remedy.text.endswith((".", "?"))

    def test_the_message_is_one_line_without_a_full_stop(self, cause: str, run: Run) -> None:
        message = judged(cause, run).message
        assert "\n" not in message
        assert not message.endswith(".")
        assert len(message) < 260

    def test_the_words_are_plain(self, cause: str, run: Run) -> None:
        judgement = judged(cause, run)
        assert judgement.remedy is not None
        text = " ".join([judgement.message, *judgement.evidence, judgement.remedy.text])
        assert not re.search(r"\b(please|invalid|sorry|oops|wrong|simply)\b|\bNone\b", text)

    def test_no_value_is_left_open(self, cause: str, run: Run) -> None:
        assert "{" not in judged(cause, run).message.replace("${NODE_AUTH_TOKEN}", "")


class TestJudge:
    def test_a_waived_cause_keeps_its_answer_and_names_the_reason(self) -> None:
        run = s.package(version="1.1.0")._replace(options=Options(waive={"version-published": "again"}))
        finding = found(run)["version-published"]
        assert (finding.answer, finding.waived) == (Answer.FAIL, "again")
        assert not judge.refuses((finding,), strict=False)

    def test_a_private_workspace_is_judged_only_for_what_stops_npm_before_it_is_skipped(self) -> None:
        run = s.package(version="1.1.0", private=True, workspace=True)
        assert found(run) == {}
        assert set(found(s.package(run, version="2.0.0-beta.1"))) == {"prerelease-without-tag"}

    @pytest.mark.parametrize(
        ("answer", "strict", "expected"),
        [
            (Answer.FAIL, False, True),
            (Answer.UNKNOWN, False, False),
            (Answer.UNKNOWN, True, True),
            (Answer.WARN, True, False),
        ],
    )
    def test_refuses(self, answer: Answer, *, strict: bool, expected: bool) -> None:
        assert judge.refuses((Finding("x", answer, "seen"),), strict=strict) is expected


class TestReport:
    @pytest.mark.parametrize(
        ("runs", "verdict", "goes_on"),
        [
            ([s.READY], Verdict.PASS, True),
            ([s.READY, s.package(packument=s.UNKNOWN)], Verdict.UNKNOWN, True),
            ([s.package(packument=s.UNKNOWN), s.package(version="1.1.0"), s.READY], Verdict.REFUSE, False),
            ([s.package(packument=s.UNKNOWN)._replace(options=Options(strict=True))], Verdict.REFUSE, False),
            ([s.package(credential=s.TOKEN)], Verdict.PASS, True),
        ],
        ids=["ready", "one-unknown", "one-refused", "strict", "a-warning"],
    )
    def test_the_verdict_is_the_worst(self, runs: list[Run], verdict: Verdict, *, goes_on: bool) -> None:
        report = judge.report(runs, goes_on=True)
        assert (report.verdict, report.goes_on) == (verdict, goes_on)

    def test_a_waived_unknown_passes(self) -> None:
        run = s.package(packument=s.UNKNOWN)._replace(options=Options(waive={"registry-unreachable": ""}))
        assert judge.report([run], goes_on=False).verdict is Verdict.PASS

    def test_it_says_whether_this_is_ci(self) -> None:
        assert judge.report([s.READY], goes_on=True).in_ci
        assert not judge.report([s.laptop()], goes_on=True).in_ci


class TestNpmMayKnowBetter:
    @pytest.mark.parametrize(
        ("runs", "expected"),
        [
            ([s.READY], False),
            ([s.package(exchange_result=s.NO_PUBLISHER)], True),
            ([s.package(exchange_result=s.NO_PUBLISHER, credential=s.TOKEN)], True),
            ([s.package(s.npm("10.9.4"), exchange_result=s.NO_PUBLISHER)], False),
            ([s.package(exchange_result=s.NO_PUBLISHER), s.package(version="1.1.0")], False),
            ([s.package(exchange_result=s.NO_PUBLISHER), s.READY], True),
        ],
        ids=["ready", "mismatch", "with-a-token", "too-old-as-well", "another-package-as-well", "one-of-two"],
    )
    def test_only_when_nothing_else_refuses(self, runs: list[Run], *, expected: bool) -> None:
        assert judge.npm_may_know_better(judge.report(runs, goes_on=True)) is expected

    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            (s.package(exchange_result=s.UNREACHABLE), True),
            (s.package(exchange_result=s.FAILED), True),
            (s.package(packument=s.UNKNOWN), False),
            (s.predicting(s.package(packument=s.UNKNOWN)), False),
            (
                s.package(exchange_result=s.UNREACHABLE)._replace(options=Options(waive={"registry-unreachable": ""})),
                False,
            ),
        ],
        ids=["not-reached", "failed", "accepted-all-the-same", "a-laptop", "waived"],
    )
    def test_what_may_have_struck_us_alone_is_asked_again(self, run: Run, *, expected: bool) -> None:
        assert judge.npm_may_know_better(judge.report([run], goes_on=True)) is expected


@pytest.mark.parametrize(("cause", "run"), EXAMPLES, ids=[cause for cause, _ in EXAMPLES])
def test_no_secret_in_the_url_of_a_registry_is_said(cause: str, run: Run) -> None:
    registry = run.package.settings.registry or s.NPMJS
    host = registry.value.partition("//")[2]
    value = f"https://me:cAnArY@{host.rstrip('/')}/npm_cAnArYcAnArY/"
    said = judge.judge_run(s.package(run, registry=registry._replace(value=value)))
    assert "cAnArY" not in repr(said), cause
