"""Reports as the causes would give them, one for each situation that a renderer must say well."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from packaging.version import Version

from safepublish import report
from safepublish.causes.cause import Cause
from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import (
    Credential,
    Exchange,
    ExchangeResult,
    Identity,
    IdToken,
    IdTokenRequest,
    Npm,
    Options,
    Origin,
    Package,
    Packument,
    Publisher,
    Run,
    Setting,
)

NPMRC = "/home/runner/work/_temp/.npmrc"

TOO_OLD = Finding(
    "npm-too-old",
    Answer.FAIL,
    "npm 10.9.4 is older than 11.5.1, the first that knows trusted publishing",
    evidence=("/opt/hostedtoolcache/node/22.20.0/x64/bin/npm",),
    remedy=Remedy("Use Node 24, which brings npm 11.", diff='-  node-version: "22"\n+  node-version: "24"'),
    location=Location(".github/workflows/publish.yml", 14, 11),
)
MISMATCH = Finding(
    "publisher-mismatch",
    Answer.FAIL,
    "registry.npmjs.org knows left-pad but refuses this workflow: 404 package not found",
    evidence=(
        "repository: acme/left-pad (last publisher: acme/left-pad)",
        "workflow file: publish.yml (last publisher: release.yml)",
        "environment: npm",
        "This job runs in the environment npm: the publisher must name that one, or none.",
    ),
    remedy=Remedy(
        "Enter this workflow as the trusted publisher of left-pad.",
        command="npm trust github left-pad --repo acme/left-pad --file publish.yml",
    ),
)
UNREACHABLE = Finding("registry-unreachable", Answer.UNKNOWN, "registry.npmjs.org did not answer within 15 seconds")
CONFLICT = Finding(
    "token-conflict",
    Answer.WARN,
    "a token is in reach and would publish without a word if OIDC failed",
    evidence=(f"//registry.npmjs.org/:_authToken in {NPMRC}:1",),
    remedy=Remedy("Remove the secret from the step."),
)
REDUNDANT = Finding("provenance-redundant", Answer.WARN, "--provenance is automatic with trusted publishing")
WAIVED = Finding("self-hosted-runner", Answer.FAIL, "the runner is self-hosted", waived="provenance is off")

READY = Run(
    npm=Npm("/usr/local/bin/npm", None, Version("11.6.2"), "/usr/local/bin/node", Version("24.11.1")),
    identity=Identity(
        ci=Ci.GITHUB,
        request_url=True,
        request_token=True,
        id_token=IdToken(IdTokenRequest.MINTED, claims={"environment": "npm"}),
        event="push",
        repository="acme/left-pad",
        workflow_ref="acme/left-pad/.github/workflows/publish.yml@refs/tags/v1.2.3",
        runner_environment="github-hosted",
    ),
    package=Package(
        ".",
        path="/home/runner/work/left-pad",
        manifest="package.json",
        name="left-pad",
        version="1.2.3",
        registry=Setting("https://registry.npmjs.org/", Origin("default", "", "registry")),
        exchange_result=ExchangeResult(Exchange.ACCEPTED, 201),
    ),
)
OLD_NPM = Npm("/opt/node/bin/npm", None, Version("10.9.4"), "/opt/node/bin/node", Version("22.20.0"))


def _named(name: str, version: str) -> Run:
    return READY._replace(package=READY.package._replace(name=name, version=version))


def _report(*packages: Judged, goes_on: bool = False) -> Report:
    order = (Verdict.REFUSE, Verdict.UNKNOWN, Verdict.PASS)
    worst = min((judged.verdict for judged in packages), key=order.index, default=Verdict.PASS)
    return Report(packages, worst, goes_on and worst is not Verdict.REFUSE)


def _old(name: str, version: str, *others: Finding) -> Judged:
    run = _named(name, version)._replace(npm=OLD_NPM)
    return Judged(run, (TOO_OLD, *others), Verdict.REFUSE)


_TOKEN = Credential(CredentialKind.SET, Origin("user", NPMRC, "//registry.npmjs.org/:_authToken", 1))

_PUBLISHED = READY._replace(
    package=READY.package._replace(
        packument=Packument(publisher=Publisher("1.2.2", repository="acme/left-pad", workflow="release.yml"))
    )
)

SITUATIONS: Mapping[str, Report] = {
    "npm too old": _report(_old("left-pad", "1.2.3"), goes_on=True),
    "several packages": _report(
        Judged(_named("@acme/docs", "0.1.0"), (), Verdict.PASS),
        _old("@acme/core", "2.0.0", CONFLICT),
        _old("@acme/cli", "2.0.0", WAIVED),
        Judged(_named("@acme/net", "0.9.0"), (UNREACHABLE,), Verdict.UNKNOWN),
        goes_on=True,
    ),
    "publisher mismatch": _report(Judged(_PUBLISHED, (MISMATCH, CONFLICT, REDUNDANT), Verdict.REFUSE)),
    "not told": _report(Judged(READY, (UNREACHABLE,), Verdict.UNKNOWN), goes_on=True),
    "not told, strict": _report(
        Judged(READY._replace(options=Options(strict=True)), (UNREACHABLE,), Verdict.REFUSE), goes_on=True
    ),
    "warned": _report(Judged(READY, (CONFLICT, WAIVED), Verdict.PASS), goes_on=True),
    "laptop": _report(Judged(READY._replace(identity=Identity(), is_forecast=True), (MISMATCH,), Verdict.REFUSE)),
    "checked and fine": _report(Judged(READY, (), Verdict.PASS)),
    "silent": _report(Judged(READY, (), Verdict.PASS), goes_on=True),
    "with a token": _report(
        Judged(READY._replace(package=READY.package._replace(credential=_TOKEN)), (), Verdict.PASS), goes_on=True
    ),
    "no package": _report(goes_on=True),
}


@pytest.fixture(scope="module", autouse=True)
def _causes() -> Iterator[None]:
    """One known cause, so that no test here depends on how a cause is worded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "BY_ID", {cause.id: cause for cause in (NpmTooOld(), PublisherMismatch())})
        yield


class NpmTooOld(Cause):
    """npm is too old.

    What it is
        npm < 11.5.1
    """

    id = "npm-too-old"
    title = "npm is too old for trusted publishing"


class PublisherMismatch(Cause):
    """publisher-mismatch"""

    id = "publisher-mismatch"
    title = "publisher-mismatch"

    def claims(self, run: Run) -> tuple[tuple[str, str, str], ...]:
        last = run.package.packument.publisher or Publisher("")
        file = (run.identity.workflow_ref or "-").partition("@")[0].rpartition("/")[2]
        return (
            ("repository", run.identity.repository or "-", last.repository or "-"),
            ("workflow file", file, last.workflow or "-"),
            ("environment", run.identity.id_token.claims.get("environment", "-"), "-"),
        )


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
        package = READY.package._replace(
            spec=text,
            name=text,
            version=text,
            manifest=text,
            registry=Setting(text, Origin("user", text, text, 3)),
            exchange_result=ExchangeResult(Exchange.REFUSED, 404, text),
            packument=Packument(publisher=Publisher(text, repository=text, workflow=text)),
            credential=Credential(CredentialKind.SET, Origin("user", text, text)),
        )
        who = READY.identity._replace(
            repository=text, workflow_ref=text, event=text, id_token=IdToken(claims={"environment": text})
        )
        run = READY._replace(npm=OLD_NPM._replace(path=text), identity=who, package=package)
        unnamed = run._replace(package=package._replace(name=None))
        waived = finding._replace(id="npm-too-old", waived=text)
        return _report(
            Judged(run, (finding, waived), Verdict.REFUSE),
            Judged(unnamed, (finding._replace(answer=Answer.WARN),), Verdict.PASS),
        )

    return build
