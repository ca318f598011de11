"""A rehearsal in lines."""

from collections.abc import Mapping

import pytest
from packaging.version import Version

from safepublish.facts.finding import Answer, Finding, Location
from safepublish.facts.rehearsal import Outcome, Receipt, Rehearsed
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Identity, Npm, Package, Run
from safepublish.report.rehearsal import after, before, legs

READY = Run(Npm("/npm", None, Version("10.9.4"), None, None), Identity(), Package("."))
TOO_OLD = Finding(
    "npm-too-old",
    Answer.FAIL,
    "npm 10.9.4 is older than 11.5.1",
    location=Location(".github/workflows/publish.yml", 14, 11),
)
SENT = Receipt(
    name="left-pad",
    version="1.2.3",
    tag="latest",
    access="public",
    provenance=True,
    repository="git+https://github.com/acme/left-pad.git",
    files=(("package.json", 295), ("dist/index.js", 123_456)),
    credential="oidc",
    status=201,
)
PASSES = Report((Judged(READY, (), Verdict.PASS),), Verdict.PASS, goes_on=True)
REFUSES = Report((Judged(READY, (TOO_OLD,), Verdict.REFUSE),), Verdict.REFUSE, goes_on=False)
UNKNOWN = Report((Judged(READY, (), Verdict.UNKNOWN),), Verdict.UNKNOWN, goes_on=True)
WAIVED = Report((Judged(READY, (TOO_OLD._replace(waived=""),), Verdict.PASS),), Verdict.PASS, goes_on=True)
WORKED = Rehearsed(0, (SENT,), (), PASSES, "acme/left-pad", (True,))
DEAD = SENT._replace(credential="placeholder", status=404, said="Not found")
FAILED = Rehearsed(1, (DEAD,), (TOO_OLD._replace(location=None),), REFUSES, "acme/left-pad", (True,))


@pytest.mark.parametrize(
    ("rehearsed", "outcome"),
    [
        (WORKED, Outcome.OIDC),
        (WORKED._replace(receipts=(SENT, SENT)), Outcome.OIDC),
        (WORKED._replace(receipts=(SENT, SENT._replace(credential="token"))), Outcome.TOKEN),
        (WORKED._replace(receipts=(DEAD, SENT)), Outcome.OIDC),
        (WORKED._replace(receipts=(DEAD,)), Outcome.NOTHING),
        (WORKED._replace(receipts=()), Outcome.NOTHING),
        (WORKED._replace(status=1), Outcome.NOTHING),
        (WORKED._replace(status=-9), Outcome.NOTHING),
    ],
)
def test_it_worked_only_where_all_went_through_oidc(rehearsed: Rehearsed, outcome: Outcome) -> None:
    assert rehearsed.outcome is outcome


def test_what_worked_is_said_with_what_was_sent() -> None:
    assert after(WORKED) == (
        "\n"
        "    received    left-pad@1.2.3, tag latest, access public, with provenance (nothing was sent to\n"
        "                Sigstore), sent with the token from the exchange; accepted\n"
        "                  295 B   package.json\n"
        "                123.5 kB  dist/index.js\n"
        "                2 files, 123.8 kB unpacked\n"
        "    source      repository.url is https://github.com/acme/left-pad, as provenance requires\n"
        "    prediction  safepublish had predicted this: it would have run npm\n"
        "safepublish: left-pad@1.2.3 would be published through OIDC (trusted publishing)\n"
    )


def test_what_failed_is_said_with_its_cause_at_its_place() -> None:
    said = after(FAILED)
    assert said.startswith("\nerror[npm-too-old]: npm 10.9.4 is older than 11.5.1")
    assert said.endswith("\nerror: nothing would be published: npm exited with code 1\n")
    assert "  --> .github/workflows/publish.yml:14:11\n" in said  # the guard's, which the log does not know
    assert 'sent with setup-node\'s placeholder; refused with 404: "Not found"' in " ".join(said.split())
    assert "safepublish had predicted this: it would have refused this publish (npm-too-old)" in " ".join(said.split())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": 1, "receipts": (), "matches": ()}, "    received    nothing: npm sent no package\n"),
        ({"status": -15, "receipts": (), "matches": ()}, "error: nothing would be published: signal 15 ended npm\n"),
        ({"status": 3}, "error: left-pad@1.2.3 would be published, but npm exited with code 3\n"),
        ({"predicted": UNKNOWN}, "    prediction  safepublish could not have predicted this\n"),
        ({"predicted": REFUSES}, "safepublish had not predicted this: it would have refused"),
        ({"status": 1, "receipts": (DEAD,)}, "safepublish had not predicted this: it would have run npm\n"),
        (
            {"predicted": WAIVED, "status": 1, "receipts": (DEAD,)},
            "would have run npm, because npm-too-old is waived\n",
        ),
        ({"matches": (False,)}, "repository.url is git+https://github.com/acme/left-pad.git; provenance"),
        (
            {"receipts": (SENT._replace(repository=None),), "matches": (False,)},
            "repository.url is missing; provenance requires https://github.com/acme/left-pad\n",
        ),
        ({"receipts": (SENT._replace(staged=True),)}, "left-pad@1.2.3 would be staged through OIDC"),
        ({"receipts": (SENT._replace(access=None, provenance=False),)}, "access not set, without provenance"),
        (
            {"receipts": (SENT._replace(credential="token"),)},
            "warning: left-pad@1.2.3 would be published with a long-lived token, not through OIDC\n",
        ),
        (
            {"receipts": (SENT._replace(files=tuple((f"{at}.js", 1_500_000) for at in range(20))),)},
            "… and 8 more, 20 files, 30.0 MB unpacked\n",
        ),
        ({"receipts": (SENT._replace(files=(("a.js", 1),)),)}, "                1 file, 1 B unpacked\n"),
        (
            {"receipts": (SENT, SENT), "matches": (True, True)},
            "left-pad@1.2.3, left-pad@1.2.3 would be published through",
        ),
        (
            {"status": 7, "receipts": (), "matches": (), "script_failed": True},
            "exited with code 7 because a script of the package",
        ),
        (
            {"status": 7, "receipts": (), "matches": (), "script_failed": True},
            "safepublish would have run npm; it does not predict what a package's scripts do\n",
        ),
    ],
)
def test_each_way_to_end_is_said(fields: Mapping[str, object], said: str) -> None:
    assert said in after(WORKED._replace(**fields))  # type: ignore[arg-type]  # the table names fields


TOKEN = {"receipts": (SENT._replace(credential="token"),)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "safepublish would have run npm\n"),
        ({"token_allowed": True}, "safepublish would have run npm, because the step allows a token\n"),
        (
            {"predicted": REFUSES},
            "safepublish would have refused this publish (npm-too-old), because it would use a token\n",
        ),
        (
            {"predicted": REFUSES, "works_with_token": True},
            "because it would use a token; with --allow-token it would have run npm\n",
        ),
    ],
)
def test_a_token_by_design_is_no_prediction(fields: Mapping[str, object], said: str) -> None:
    text = " ".join(after(WORKED._replace(**TOKEN, **fields)).split(" ")).replace("\n                ", " ")  # type: ignore[arg-type]
    assert said in text
    assert "predicted this" not in text
    assert "error" not in text


def test_each_leg_is_named_with_its_result() -> None:
    assert legs([("node 22", FAILED), ("node 24", WORKED)], [("npm publish $X", "not simulated")]) == (
        "\n"
        "each was simulated as if no other had published:\n"
        "    node 22: nothing would be published: npm exited with code 1\n"
        "    node 24: left-pad@1.2.3 would be published through OIDC (trusted publishing)\n"
        "    npm publish $X: not simulated\n"
        "error: 1 of 2 would publish through OIDC (trusted publishing)\n"
    )


def test_what_comes_from_outside_is_escaped() -> None:
    nasty = "\x1b[31m::error::x\n##[error]"
    receipt = SENT._replace(name=nasty, said=nasty, repository=nasty, files=((nasty, 1),), status=500)
    said = after(WORKED._replace(receipts=(receipt,), matches=(False,), status=1))
    said += before(at=nasty, job=nasty, facts=[("npm", nasty)], command=nasty)
    assert "\x1b" not in said
    assert "##[" not in said
    assert not any(line.startswith("::") for line in said.splitlines())


def test_what_is_set_up_is_said_before_npm_speaks() -> None:
    assert before(
        at=".github/workflows/publish.yml:9",
        job="publish",
        facts=[("npm", "11"), ("registry", "x")],
        command="npm publish",
    ) == (
        "safepublish rehearses .github/workflows/publish.yml:9, job publish\n"
        "    npm         11\n"
        "    registry    x\n"
        "\n"
        "$ npm publish\n"
    )
