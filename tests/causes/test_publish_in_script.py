import json

import pytest

from safepublish.causes.publish_in_script import PublishInScript
from safepublish.facts.finding import Answer
from safepublish.facts.run import Run
from safepublish.npm import manifest
from tests.support import runs as s

EXAMPLE = s.package(publishing_script="prepublishOnly")
"""A run in which the cause is found."""


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(EXAMPLE, Answer.WARN, id="a-script-publishes"),
        pytest.param(s.READY, Answer.PASS, id="none-does"),
        pytest.param(s.package(EXAMPLE, source="tarball"), Answer.SKIP, id="a-tarball-runs-none"),
        pytest.param(s.package(EXAMPLE, trouble="it is no JSON"), Answer.SKIP, id="no-manifest"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert PublishInScript().in_run(run).answer is answer


@pytest.mark.parametrize(
    ("scripts", "event"),
    [
        pytest.param({"prepublishOnly": "npm publish"}, "prepublishOnly", id="plain"),
        pytest.param({"postpack": "cd dist && npm  publish --tag next"}, "postpack", id="after-another-command"),
        pytest.param({"publish": "NODE_ENV=x npm publish"}, "publish", id="the-script-of-that-name"),
        pytest.param({"prepack": "npm run release", "release": "npm publish"}, "prepack", id="in-the-script-it-runs"),
        pytest.param({"prepack": "pnpm publish"}, "prepack", id="pnpm"),
        pytest.param({"release": "npm publish"}, None, id="a-script-that-npm-does-not-run"),
        pytest.param({"prepack": "npm publish --dry-run"}, None, id="a-dry-run"),
        pytest.param({"prepack": "echo npm publish"}, None, id="only-said"),
        pytest.param({"prepack": "npm run publish-docs"}, None, id="another-word"),
        pytest.param({"prepack": "npm run build", "build": "npm publish --dry-run"}, None, id="a-dry-run-below"),
        pytest.param({"prepack": "npm run prepack"}, None, id="a-circle"),
    ],
)
def test_which_script_publishes(scripts: dict[str, str], event: str | None) -> None:
    text = json.dumps({"name": "left", "version": "1.0.0", "scripts": scripts})
    assert manifest.read(text)[0].publishing_script == event
