"""What npm is told when it asks whether the package is public; the situations of the campaign hold it against npm."""

from collections.abc import Callable

import pytest

from safepublish.detect import Command, detect, visibility
from safepublish.facts.run import Options, Visibility
from safepublish.rehearsal import Fault, PublishedPackage, Registry, TrustedPublisher
from tests.support import world

OURS = (TrustedPublisher("octo-org/hello-oidc", "publish.yml"),)
TRUSTED = PublishedPackage(("0.9.0",), publishers=OURS)
PRIVATE = TRUSTED._replace(public=False)
UNTRUSTED = PublishedPackage(("0.9.0",))
YES = Fault(200, b'{"public":true}')


@pytest.mark.parametrize(
    ("package", "fault", "expected"),
    [
        pytest.param(TRUSTED, None, Visibility.PUBLIC, id="public"),
        pytest.param(PRIVATE, None, Visibility.NOT_PUBLIC, id="private"),
        pytest.param(PRIVATE, YES, Visibility.PUBLIC, id="hidden-but-called-public"),
        pytest.param(TRUSTED, Fault(200, b'{"public":"no"}'), Visibility.PUBLIC, id="any-text-is-true"),
        pytest.param(TRUSTED, Fault(200, b'{"public":false}'), Visibility.NOT_PUBLIC, id="false"),
        pytest.param(TRUSTED, Fault(200, b"{}"), Visibility.NOT_PUBLIC, id="no-answer"),
        pytest.param(TRUSTED, Fault(200, b"null"), Visibility.NOT_PUBLIC, id="null"),
        pytest.param(TRUSTED, Fault(200, b"<html>"), Visibility.NOT_PUBLIC, id="html"),
        pytest.param(TRUSTED, Fault(404, b"{}"), Visibility.NOT_PUBLIC, id="404"),
        pytest.param(TRUSTED, Fault(403, b"{}"), Visibility.NOT_PUBLIC, id="403"),
        pytest.param(TRUSTED, Fault(500, b"{}"), Visibility.UNKNOWN, id="500"),
        pytest.param(TRUSTED, Fault(hangs_up=True), Visibility.UNKNOWN, id="hangs-up"),
        pytest.param(UNTRUSTED, Fault(404, b"{}"), Visibility.UNKNOWN, id="without-a-token-of-npm-s"),
    ],
)
def test_the_answer(
    make_loopback: Callable[..., world.Loopback], package: PublishedPackage, fault: Fault | None, expected: Visibility
) -> None:
    loopback = make_loopback(Registry({"hello-oidc": package}), faults={"visibility": fault} if fault else {})
    project, env = loopback.project(), loopback.environment()
    secrets: list[str] = []
    detected = detect(Command(("publish",), env, str(project)), Options(), mask=secrets.append)
    before = len(secrets)
    answered = visibility.ask(detected, [detected.runs[0].package.spec], secrets.append)
    assert answered.runs[0].package.visibility is expected
    asked = [one.credential for one in loopback.received if one.endpoint == "visibility"]
    assert asked[0] == "none"
    assert set(asked) <= {"none", "oidc"}
    assert len(secrets) - before == 2 * ("oidc" in asked)  # the id token, and what it was exchanged for


@pytest.mark.parametrize(
    ("npmrc", "expected"),
    [
        pytest.param("@octo:registry={url}\n", Visibility.PUBLIC, id="the-same"),
        pytest.param("@octo:registry={url}\nregistry=http://127.0.0.1:9/\n", Visibility.UNKNOWN, id="another"),
    ],
)
def test_the_registry_of_no_scope_is_asked(
    make_loopback: Callable[..., world.Loopback], npmrc: str, expected: Visibility
) -> None:
    loopback = make_loopback(Registry({"@octo/hello": TRUSTED}))
    project = loopback.project(npmrc=npmrc.replace("{url}", loopback.url), name="@octo/hello")
    detected = detect(Command(("publish",), loopback.environment(), str(project)), Options())
    answered = visibility.ask(detected, [detected.runs[0].package.spec], lambda _: None)
    assert answered.runs[0].package.visibility is expected


def test_nobody_is_asked_where_it_does_not_matter(loopback: world.Loopback) -> None:
    project = loopback.project()
    detect(Command(("publish",), loopback.environment(), str(project)), Options())
    assert "visibility" not in [one.endpoint for one in loopback.received]
