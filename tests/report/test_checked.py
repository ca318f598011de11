"""The result of each check, the same in every form."""

import pytest
from packaging.version import Version

from safepublish.causes.wording import where
from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.report import Report, Verdict
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
from safepublish.report import checked, verdicts
from tests.support import runs

NPMRC = Origin("project", ".npmrc", "//registry.npmjs.org/:_authToken", 3)


def _run(**changes: object) -> Run:
    return Run(None, Identity(), Package("./dist"))._replace(**changes)  # type: ignore[arg-type]


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
    assert checked.npm(_run(npm=npm)) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "none: not in CI"),
        ({"repository": Repository(workflow=Workflow("ci/publish.yml"))}, "not in CI; checked for ci/publish.yml"),
        ({"identity": Identity(Ci.GITLAB, repository="acme/left-pad")}, "GitLab CI, acme/left-pad"),
        ({"identity": Identity(Ci.OTHER, "Jenkins")}, "Jenkins"),
    ],
)
def test_who_the_ci_says_we_are(changes: dict[str, object], words: str) -> None:
    assert checked.identity(_run(**changes)) == words


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
    assert where(origin, compact=True) == words
    setting = Setting("https://npm.acme.example/", origin)
    assert checked.registry(_run(package=runs.a_package(registry=setting))) == f"https://npm.acme.example/ from {words}"


def test_a_registry_that_is_not_known() -> None:
    assert checked.registry(_run()) == "unknown"


@pytest.mark.parametrize(
    ("credential", "words"),
    [
        (Credential(CredentialKind.ABSENT), "none"),
        (Credential(CredentialKind.SET), "a token"),
        (Credential(CredentialKind.SET, NPMRC), "a token, in .npmrc:3"),
        (Credential(CredentialKind.EMPTY, NPMRC), "empty, in .npmrc:3"),
        (Credential(CredentialKind.PLACEHOLDER, NPMRC), "setup-node's placeholder, in .npmrc:3"),
        (Credential(CredentialKind.UNRESOLVED, NPMRC, "NPM_TOKEN"), "the unset variable ${NPM_TOKEN}, in .npmrc:3"),
        (Credential(CredentialKind.UNRESOLVED, NPMRC), "an unset variable, in .npmrc:3"),
    ],
)
def test_what_may_be_said_of_a_credential(credential: Credential, words: str) -> None:
    assert checked.credential(credential) == words


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (ExchangeResult(Exchange.ACCEPTED, 201, message="created"), "accepted: the registry trusts this workflow"),
        (ExchangeResult(Exchange.REFUSED, 404, "package not found"), "refused with 404: package not found"),
        (ExchangeResult(Exchange.FAILED, 502), "failed with 502"),
        (
            ExchangeResult(Exchange.UNREACHABLE, why="no route to host"),
            "the registry was not reached: no route to host",
        ),
        (ExchangeResult(Exchange.NOT_ASKED, why="--no-probe"), "not tried: --no-probe"),
        (ExchangeResult(), "not tried"),
    ],
)
def test_what_became_of_the_exchange(result: ExchangeResult, words: str) -> None:
    assert checked.exchange(_run(package=Package(".", exchange_result=result))) == words


def test_with_no_package_nothing_was_checked() -> None:
    assert checked.checked(Report((), Verdict.PASS, goes_on=False)) == ()
    assert verdicts.summary(Report((), Verdict.PASS, goes_on=False), (), "this directory") == (
        None,
        "no error was found with npm publish for this directory",
    )
