"""A registry that shows strangers other versions than npm, which has a credential: npm's own check decides."""

import sys
from collections.abc import Callable

import pytest

from safepublish.causes import judge
from safepublish.facts.report import Verdict
from safepublish.facts.run import Options, Run, Setting
from safepublish.rehearsal import PublishedPackage, Registry, TrustedPublisher
from safepublish.rehearsal.messages import Request, Response
from tests.support import runs as s
from tests.support import world

Make = Callable[..., world.Loopback]
OURS = (TrustedPublisher("octo-org/hello-oidc", "publish.yml"),)
OWN = PublishedPackage(("0.9.0",), publishers=OURS)


class HalfPrivate(Registry):
    """It shows strangers *upstream*, the package of that name somewhere else."""

    def __init__(self, upstream: PublishedPackage) -> None:
        super().__init__({"hello-oidc": OWN})
        self.upstream = upstream

    def _read(self, endpoint: str, request: Request, name: str, version: str | None) -> Response:
        if endpoint != "packument" or "authorization" in request.headers:
            return super()._read(endpoint, request, name, version)
        self.packages, kept = {"hello-oidc": self.upstream}, self.packages
        try:
            return super()._read(endpoint, request, name, version)
        finally:
            self.packages = kept


def guarded(loopback: world.Loopback) -> world.Outcome:
    command = [sys.executable, "-m", "safepublish", "--format=text", "--deadline=60"]
    return loopback.run(command, cwd=loopback.project(), env=loopback.environment())


@pytest.mark.parametrize(
    ("upstream", "cause"),
    [
        pytest.param(PublishedPackage(("1.0.0",)), "version-published", id="published-elsewhere"),
        pytest.param(PublishedPackage(("2.0.0",)), "version-not-latest", id="higher-elsewhere"),
    ],
)
def test_what_strangers_see_refuses_nothing(make_loopback: Make, upstream: PublishedPackage, cause: str) -> None:
    outcome = guarded(make_loopback(HalfPrivate(upstream)))
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    assert f"unknown[{cause}]" in outcome.stderr


def test_what_npm_sees_too_refuses(make_loopback: Make) -> None:
    outcome = guarded(make_loopback(Registry({"hello-oidc": OWN._replace(versions=("1.0.0",))})))
    assert (outcome.returncode, len(outcome.published)) == (3, 0)
    assert "error[version-published]" in outcome.stderr


PUBLISHED = s.package(version="1.1.0")
ELSEWHERE = Setting("http://127.0.0.1:8/", s.NPMJS.origin)


@pytest.mark.parametrize(
    ("run", "asks"),
    [
        pytest.param(s.package(PUBLISHED, registry=ELSEWHERE), True, id="another-registry"),
        pytest.param(PUBLISHED, False, id="npmjs-shows-everybody-the-same"),
        pytest.param(s.npm("10.9.4", s.package(PUBLISHED, registry=ELSEWHERE)), False, id="npm-10-compares-none"),
        pytest.param(s.command(s.package(PUBLISHED, registry=ELSEWHERE), force=True), False, id="force"),
        pytest.param(
            s.package(PUBLISHED, registry=ELSEWHERE)._replace(options=Options(probe=False)), False, id="without-a-probe"
        ),
        pytest.param(
            s.package(PUBLISHED, registry=ELSEWHERE, private=True), False, id="something-else-refuses-all-the-same"
        ),
    ],
)
def test_npm_is_asked_where_only_the_versions_refuse(run: Run, asks: bool) -> None:
    report = judge.report([run], goes_on=True)
    assert bool(judge.versions_in_question(report)) is asks
    confirmed = s.package(run, packument=run.package.packument._replace(confirmed_by_npm=False))
    if asks:
        assert judge.report([confirmed], goes_on=True).verdict is Verdict.UNKNOWN
