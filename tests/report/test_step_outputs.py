"""The outputs of a step of GitHub Actions, word for word."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepublish.facts.log import Attempt
from safepublish.facts.report import Report
from safepublish.logs.log import Log
from safepublish.report import step_outputs
from tests.support import runs
from tests.support.reports import SITUATIONS

HOSTILE = st.text(st.one_of(st.sampled_from(list(":#[]\x1b\x07 \r\n\t`|<>@,=%\u202e\ufe0f\ud800")), st.characters()))


@pytest.mark.parametrize("name", SITUATIONS)
def test_outputs(name: str, situations: Mapping[str, Report], matches_snapshot: Callable[[str, str], None]) -> None:
    matches_snapshot(f"{name}.outputs", step_outputs.render(situations[name], "/tmp/report.json"))


@given(outside=HOSTILE)
def test_outputs_are_a_line_each_whatever_the_names(hostile: Callable[[str], Report], outside: str) -> None:
    report = hostile(outside)
    only = report._replace(packages=report.packages[:1])
    for shown in (step_outputs.render(report, outside), step_outputs.render(only, outside)):
        *lines, end = shown.split("\n")
        assert end == ""
        assert [line.partition("=")[0] for line in lines] == [
            "verdict", "causes", "name", "version", "report", "published", "via", "packages",
        ]  # fmt: skip
        assert lines[:2] == ["verdict=refuse", "causes=publisher-mismatch"]
        assert all(line.isprintable() for line in lines)
        assert lines[-1].isascii()
    packages = json.loads(step_outputs.render(report).split("packages=")[1])
    assert [package["verdict"] for package in packages] == ["refuse", "pass"]


PUBLISHED = Attempt("left", "1.2.0", exchanged=True, put_status=200)
BY_TOKEN = PUBLISHED._replace(exchanged=False)
FAILED = PUBLISHED._replace(put_status=403)


@pytest.mark.parametrize(
    ("attempts", "status", "told"),
    [
        ((PUBLISHED,), 0, ("true", "oidc")),
        ((PUBLISHED._replace(put_status=299),), 0, ("true", "oidc")),
        ((PUBLISHED._replace(put_status=300),), 1, ("false", "")),
        ((PUBLISHED._replace(name=None),), 0, ("true", "oidc")),  # --json
        ((PUBLISHED,), 1, ("true", "oidc")),  # a postpublish script failed
        ((BY_TOKEN,), 0, ("true", "token")),
        ((FAILED,), 1, ("false", "")),
        ((PUBLISHED._replace(put_status=None),), 1, ("false", "")),
        ((BY_TOKEN._replace(put_status=None),), 0, ("true", "token")),  # a log that was cut
        ((), 1, ("false", "")),
        (None, 0, ("true", "")),  # no log was found
        (None, 1, ("false", "")),
    ],
)
def test_the_outputs_say_what_went_out(
    attempts: tuple[Attempt, ...] | None, status: int, told: tuple[str, str], situations: Mapping[str, Report]
) -> None:
    log = None if attempts is None else Log(attempts=attempts)
    published, via, packages, _ = step_outputs.after_publish(situations["warned"], status, log).split("\n")
    assert (published, via) == (f"published={told[0]}", f"via={told[1]}")
    (package,) = json.loads(packages.removeprefix("packages="))
    assert (package["published"], package["via"]) == (told[0] == "true", told[1] or None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dry_run": True}, ("false", "")),
        ({"name": "stage publish"}, ("false", "oidc")),
    ],
)
def test_what_is_tried_or_staged_is_not_published(
    change: dict[str, Any], told: tuple[str, str], situations: Mapping[str, Report]
) -> None:
    (judged,) = situations["warned"].packages
    report = situations["warned"]._replace(packages=(judged._replace(run=runs.command(judged.run, **change)),))
    published, via, *_ = step_outputs.after_publish(report, 0, Log(attempts=(PUBLISHED,))).split("\n")
    assert (published, via) == (f"published={told[0]}", f"via={told[1]}")


def test_half_a_release_is_told_package_by_package(situations: Mapping[str, Report]) -> None:
    report = situations["several packages"]
    names = [judged.run.package.manifest.name for judged in report.packages]
    attempts = [PUBLISHED._replace(name=name) for name in names]
    whole = step_outputs.after_publish(report, 0, Log(attempts=tuple(attempts)))
    assert whole.startswith("published=true\nvia=oidc\n")
    mixed = step_outputs.after_publish(report, 0, Log(attempts=(attempts[0]._replace(exchanged=False), *attempts[1:])))
    assert mixed.startswith("published=true\nvia=token\n")
    half = step_outputs.after_publish(report, 1, Log(attempts=(attempts[0], attempts[1]._replace(put_status=422))))
    published, via, packages, _ = half.split("\n")
    assert (published, via) == ("published=false", "via=oidc")
    assert {one["name"]: one["published"] for one in json.loads(packages.removeprefix("packages="))} == {
        name: name == names[0] for name in names
    }
