"""The steps of a job, one after another."""

import pytest

from tests.support import steps
from tests.support.steps import PUBLISH, RUNNER, step, verdict

PERMISSIONS = "    permissions:\n      contents: read\n      id-token: write\n"


def test_a_step_or_job_that_never_runs_is_told_and_has_no_effect() -> None:
    assert step((PUBLISH, f"{PUBLISH}        if: false\n")).context.never_runs
    off = f"      - run: npm i -g npm@10\n        if: false\n{PUBLISH}"
    assert verdict((PUBLISH, off)) == "trusted"
    assert verdict((PUBLISH, f"      - run: npm i -g npm@10\n        if: failure()\n{PUBLISH}")) == "trusted"
    assert step((RUNNER, f"{RUNNER}\n    if: ${{{{ false }}}}")).context.never_runs


@pytest.mark.parametrize("value", ["false", "'false'"])
def test_ci_false_hides_github_from_npm(value: str) -> None:
    env = f"{PERMISSIONS}    env:\n      CI: {value}\n"
    assert verdict((PERMISSIONS, env)) == "broken"
    assert steps.ids((PERMISSIONS, env)) == {"oidc-disabled:fail"}


def test_what_a_step_exports_reaches_the_next() -> None:
    before = f'      - run: echo "NODE_AUTH_TOKEN=${{{{ secrets.NPM_TOKEN }}}}" >> "$GITHUB_ENV"\n{PUBLISH}'
    assert verdict((PUBLISH, before)) == "token"
    assert verdict((PUBLISH, f"{PUBLISH}{before.removesuffix(PUBLISH)}")) == "trusted"


def test_powershell_on_windows() -> None:
    script = "      - run: |\n          if ($env:X) {\n            npm publish --access public\n          }\n"
    assert verdict((RUNNER, "runs-on: windows-latest"), (PUBLISH, script)) == "trusted"


def test_two_publishes_in_one_step_are_one_with_the_worst_verdict() -> None:
    script = "      - run: |\n          npm publish\n          bun publish\n"
    assert verdict((PUBLISH, script)) == "broken"
