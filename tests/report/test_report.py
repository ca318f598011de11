"""The words for a fact, the same in every form."""

import pytest
from packaging.version import Version

from safepublish import report
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import (
    Credential,
    Exchange,
    ExchangeResult,
    Identity,
    Npm,
    Origin,
    Package,
    Repository,
    Run,
    Setting,
    Workflow,
)

NPMRC = Origin("project", ".npmrc", "//registry.npmjs.org/:_authToken", 3)


def _run(**changes: object) -> Run:
    return Run(None, Identity(), Package("./dist"))._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "spec"),
    [
        (Package("./dist"), "./dist"),
        (Package(".", name="left-pad"), "left-pad"),
        (Package(".", name="left-pad", version="1.2.3"), "left-pad@1.2.3"),
        (Package("x.tgz", version="1.2.3"), "x.tgz"),
    ],
)
def test_a_package_is_named_as_npm_names_it(package: Package, spec: str) -> None:
    assert report.spec(_run(package=package)) == spec


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "npm publish"),
        ({"command": "stage publish"}, "npm stage publish"),
        ({"dry_run": True}, "npm publish --dry-run"),
    ],
)
def test_the_command_under_judgement(changes: dict[str, object], command: str) -> None:
    assert report.command(_run(**changes)) == command


@pytest.mark.parametrize(
    ("npm", "words"),
    [
        (None, "none on PATH"),
        (Npm("/bin/npm", None, None, None, None), "of unknown version, /bin/npm"),
        (Npm("/bin/npm", None, Version("11.5.1"), None, None), "11.5.1, /bin/npm"),
        (Npm("/bin/npm", None, Version("11.5.1"), "/bin/node", Version("24.5.0")), "11.5.1 on node 24.5.0, /bin/npm"),
    ],
)
def test_which_npm(npm: Npm | None, words: str) -> None:
    assert report.npm(_run(npm=npm)) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "none: not in CI"),
        ({"repository": Repository(workflow=Workflow("ci/publish.yml"))}, "none here, judged for ci/publish.yml"),
        ({"identity": Identity(Ci.GITLAB, repository="acme/left-pad")}, "GitLab CI, acme/left-pad"),
        ({"identity": Identity(Ci.OTHER, "Jenkins")}, "Jenkins"),
    ],
)
def test_who_the_ci_says_we_are(changes: dict[str, object], words: str) -> None:
    assert report.identity(_run(**changes)) == words


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Origin("default", "", "registry"), "npm's default"),
        (Origin("cli", "--registry", "registry"), "the argument --registry"),
        (Origin("env", "NPM_CONFIG_REGISTRY", "registry"), "the variable NPM_CONFIG_REGISTRY"),
        (NPMRC, ".npmrc:3"),
        (Origin("user", "/root/.npmrc", "registry"), "/root/.npmrc"),
        (Origin("publishConfig", "package.json", "registry"), "publishConfig in package.json"),
    ],
)
def test_where_a_value_stands(origin: Origin, words: str) -> None:
    assert report.origin(origin) == words
    setting = Setting("https://npm.acme.example/", origin)
    assert report.registry(_run(package=Package(".", registry=setting))) == f"https://npm.acme.example/ from {words}"


def test_a_registry_that_is_not_known() -> None:
    assert report.registry(_run()) == "unknown"


@pytest.mark.parametrize(
    ("credential", "words"),
    [
        (Credential(CredentialKind.ABSENT), "none in reach"),
        (Credential(CredentialKind.SET), "one is set"),
        (Credential(CredentialKind.SET, NPMRC), "one is set, in .npmrc:3"),
        (Credential(CredentialKind.EMPTY, NPMRC), "an empty one, in .npmrc:3"),
        (Credential(CredentialKind.PLACEHOLDER, NPMRC), "setup-node's placeholder, in .npmrc:3"),
        (Credential(CredentialKind.UNRESOLVED, NPMRC, "NPM_TOKEN"), "the unset variable ${NPM_TOKEN}, in .npmrc:3"),
        (Credential(CredentialKind.UNRESOLVED, NPMRC), "an unset variable, in .npmrc:3"),
    ],
)
def test_what_may_be_said_of_a_credential(credential: Credential, words: str) -> None:
    assert report.credential(credential) == words


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        (ExchangeResult(Exchange.ACCEPTED, 201, message="created"), "accepted: the registry trusts this workflow"),
        (ExchangeResult(Exchange.REFUSED, 404, "package not found"), "refused with 404: package not found"),
        (ExchangeResult(Exchange.FAILED, 502), "failed with 502"),
        (ExchangeResult(Exchange.UNREACHABLE, why="no route to host"), "not reached: no route to host"),
        (ExchangeResult(Exchange.NOT_ASKED, why="--no-probe"), "not asked: --no-probe"),
        (ExchangeResult(), "not asked"),
    ],
)
def test_what_became_of_the_exchange(probe: ExchangeResult, words: str) -> None:
    assert report.exchange(_run(package=Package(".", exchange_result=probe))) == words


def test_with_no_package_nothing_was_checked() -> None:
    assert report.checked(Report((), Verdict.PASS, goes_on=False)) == ()
    assert report.headline(Report((), Verdict.PASS, goes_on=False), "this directory") == (
        "safepublish found nothing that stops npm publish for this directory"
    )


@pytest.mark.parametrize(
    ("verdict", "goes_on", "sentence"),
    [
        (Verdict.REFUSE, False, "safepublish would refuse npm publish in CI for left-pad"),
        (Verdict.UNKNOWN, False, "safepublish cannot tell whether npm publish in CI will work for left-pad"),
        (Verdict.PASS, False, "safepublish found nothing that stops npm publish in CI for left-pad"),
        (Verdict.PASS, True, "safepublish lets npm publish --dry-run start for left-pad"),
    ],
)
def test_on_a_laptop_the_verdict_is_about_the_publish_in_ci(verdict: Verdict, goes_on: bool, sentence: str) -> None:
    judged = Judged(_run(is_forecast=True, dry_run=True), (), verdict)
    assert report.headline(Report((judged,), verdict, goes_on), "left-pad") == sentence
