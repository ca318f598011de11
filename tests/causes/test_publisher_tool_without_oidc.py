"""What publishes in npm's place, by its version: an exchange of its own, npm's, or none."""

import pytest
from packaging.version import Version

from safepublish.causes.publisher_tool_without_oidc import PublisherToolWithoutOidc
from safepublish.facts.finding import Answer
from safepublish.facts.run import PublishTool
from safepublish.npm.tool_versions import parse
from tests.support import runs as s

EXAMPLE = s.READY._replace(tool=PublishTool("yarn", "/usr/bin/yarn", Version("1.22.22")))
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("name", "version", "npm", "answer"),
    [
        ("pnpm", "11.0.0", False, Answer.PASS),
        ("pnpm", "10.34.9", True, Answer.PASS),
        ("lerna", "9.0.0", False, Answer.PASS),
        ("lerna", "8.2.4", False, Answer.FAIL),
        ("yarn-berry", "4.10.0", False, Answer.PASS),
        ("yarn-berry", "4.9.1", False, Answer.FAIL),
        ("yarn-berry", None, False, Answer.UNKNOWN),
        ("yarn", "1.22.22", False, Answer.FAIL),
        ("bun", "1.3.0", False, Answer.FAIL),
        ("changesets", "3.0.3", True, Answer.PASS),
        ("sh", None, False, Answer.UNKNOWN),
    ],
)
def test_by_tool_and_version(name: str, version: str | None, npm: bool, answer: Answer) -> None:
    tool = PublishTool(name, f"/usr/bin/{name}", parse(version) if version else None, npm=npm)
    assert PublisherToolWithoutOidc().in_run(s.READY._replace(tool=tool)).answer is answer


def test_both_yarns_are_called_yarn() -> None:
    tool = PublishTool("yarn-berry", "/usr/bin/yarn", parse("4.9.1"))
    found = PublisherToolWithoutOidc().in_run(s.READY._replace(tool=tool))
    assert found.message.startswith("yarn 4.9.1 cannot log in")
    assert found.remedy is not None
    assert found.remedy.text.startswith("Use yarn 4.10.0")


def test_no_tool_is_no_question() -> None:
    assert PublisherToolWithoutOidc().in_run(s.READY).answer is Answer.SKIP


def test_a_token_that_is_allowed_makes_it_a_warning() -> None:
    tool = PublishTool("lerna", "/usr/bin/lerna", Version("8.2.4"))
    run = s.package(s.READY._replace(tool=tool), credential=s.TOKEN)
    assert PublisherToolWithoutOidc().in_run(run).answer is Answer.FAIL
    allowed = run._replace(options=run.options._replace(allow_token=True))
    assert PublisherToolWithoutOidc().in_run(allowed).answer is Answer.WARN
