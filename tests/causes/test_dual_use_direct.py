from typing import TYPE_CHECKING, Any

import pytest

from safepublish.causes.dual_use_direct import DualUseDirect
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from safepublish.npm import manifest
from tests.support import runs as s
from tests.support import world
from tests.test_guard import guard

if TYPE_CHECKING:
    from pathlib import Path


def dual_use(run: Run = s.READY, **fields: Any) -> Run:
    return s.package(run, **{"dual_use": True, "has_disclosure": True, **fields})


STAGING = s.command(name="stage publish")
EXAMPLE = dual_use()
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer", "message"),
    [
        pytest.param(EXAMPLE, Answer.WARN, "from CI such a package has to be staged", id="direct"),
        pytest.param(dual_use(has_disclosure=None), Answer.WARN, "has to be staged", id="direct-disclosure-unknown"),
        pytest.param(dual_use(has_disclosure=False), Answer.WARN, "directly and has no file DISCLOSURE", id="both"),
        pytest.param(
            dual_use(STAGING, has_disclosure=False), Answer.WARN, "no file DISCLOSURE is packed", id="missing"
        ),
        pytest.param(dual_use(STAGING), Answer.PASS, "", id="staged"),
        pytest.param(dual_use(STAGING, has_disclosure=None), Answer.PASS, "", id="staged-disclosure-unknown"),
        pytest.param(s.READY, Answer.SKIP, "", id="no-declaration"),
        pytest.param(s.package(has_disclosure=False), Answer.SKIP, "", id="no-declaration-no-disclosure"),
        pytest.param(dual_use(s.READY._replace(is_forecast=True)), Answer.PASS, "", id="a-laptop-without-a-workflow"),
    ],
)
def test_answer(run: Run, answer: Answer, message: str) -> None:
    judgement = DualUseDirect().in_run(run)
    assert judgement.answer is answer
    assert message in judgement.message


@pytest.mark.parametrize(
    ("text", "declared", "packed"),
    [
        ("{}", False, True),
        ('{"contentPolicy": "dual-use"}', False, True),
        ('{"contentPolicy": {"class": "other"}, "files": []}', False, True),
        ('{"contentPolicy": {"class": "dual-use"}}', True, True),
        ('{"contentPolicy": {"class": "dual-use"}, "files": ["dist"]}', True, False),
        ('{"contentPolicy": {"class": "dual-use"}, "files": ["dist", "DISCLOSURE"]}', True, True),
        ('{"contentPolicy": {"class": "dual-use"}, "files": ["./DISCLOSURE"]}', True, True),
        ('{"contentPolicy": {"class": "dual-use"}, "files": ["DISC*"]}', True, True),
        ('{"contentPolicy": {"class": "dual-use"}, "files": ["*", "!DISCLOSURE"]}', True, None),
        ('{"contentPolicy": {"class": "dual-use"}, "files": [7]}', True, False),
        ('{"contentPolicy": {"class": "dual-use"}, "files": "dist"}', True, True),
    ],
)
def test_the_manifest(text: str, declared: bool, packed: bool | None) -> None:
    found, _ = manifest.read(text)
    assert (found.dual_use, found.packs_disclosure) == (declared, packed)


@pytest.mark.parametrize(
    ("files", "fields", "warns"),
    [
        (("DISCLOSURE",), {}, False),
        (("DISCLOSURE",), {"files": ["dist"]}, True),
        ((), {}, True),
        ((), {"scripts": {"prepack": "touch DISCLOSURE"}}, False),
        (("DISCLOSURE", ".npmignore"), {"files": ["dist"]}, False),
    ],
)
def test_what_npm_packs(loopback: world.Loopback, files: tuple[str, ...], fields: dict[str, Any], warns: bool) -> None:
    """The warning agrees with what the real npm sends."""
    project: Path = loopback.project(contentPolicy={"class": "dual-use"}, **fields)
    for name in files:
        (project / name).write_text("")
    outcome = guard(loopback, "stage", cwd=project)
    assert outcome.returncode == 0
    assert ("no file DISCLOSURE is packed" in " ".join(outcome.stderr.split())) is warns
    if warns:
        assert "DISCLOSURE" not in dict(outcome.published[0].files)


def test_the_real_npm_publishes_it_directly(loopback: world.Loopback) -> None:
    outcome = guard(loopback, cwd=loopback.project(contentPolicy={"class": "dual-use"}))
    assert (outcome.returncode, len(outcome.published)) == (0, 1)
    assert "warning[dual-use-direct]: " in outcome.stderr
