"""What the tests of the forms share: snapshots, and a report full of hostile text."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Credential, Exchange, ExchangeResult, IdToken, Npm, Origin, Publisher, Setting
from tests.support import runs
from tests.support.reports import READY, SITUATIONS

SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITES = os.environ.get("SAFEPUBLISH_SNAPSHOTS") == "write"  # no test sees the variable


@pytest.fixture(scope="session")
def matches_snapshot() -> Callable[[str, str], None]:
    """Compare a text with the file of that name in snapshots/, which SAFEPUBLISH_SNAPSHOTS=write writes anew."""

    def compare(name: str, shown: str) -> None:
        path = SNAPSHOTS / name.replace(" ", "-").replace(",", "")
        if WRITES:
            path.write_text(shown, encoding="utf-8", newline="")
        assert path.read_bytes().decode() == shown

    return compare


@pytest.fixture(scope="session")
def situations() -> Mapping[str, Report]:
    return SITUATIONS


@pytest.fixture(scope="session")
def hostile() -> Callable[[str], Report]:
    """A report in which everything that comes from outside is the given text."""

    def build(text: str) -> Report:
        finding = Finding(
            "publisher-mismatch",
            Answer.FAIL,
            text,
            (text, f"x {text}"),
            Remedy(text, text, text),
            Location(text, 1, 2),
        )
        package = runs.changed_package(
            READY.package,
            spec=text,
            name=text,
            version=text,
            file=text,
            registry=Setting(text, Origin("user", text, text, 3)),
            exchange_result=ExchangeResult(Exchange.REFUSED, 404, text),
            packument=runs.EXISTS._replace(publisher=Publisher(text, repository=text, workflow=text)),
            credential=Credential(CredentialKind.SET, Origin("user", text, text)),
        )
        who = READY.identity._replace(
            repository=text, workflow_ref=text, event=text, id_token=IdToken(claims={"environment": text})
        )
        npm = Npm(text, None, Version("10.9.4"), "/opt/node/bin/node", Version("22.20.0"))
        run = READY._replace(npm=npm, identity=who, package=package)
        unnamed = run._replace(package=runs.changed_package(package, name=None))
        waived = finding._replace(id="npm-too-old", waived=text)
        packages = (
            Judged(run, (finding, waived), Verdict.REFUSE),
            Judged(unnamed, (finding._replace(answer=Answer.WARN),), Verdict.PASS),
        )
        return Report(packages, Verdict.REFUSE, goes_on=False)

    return build
