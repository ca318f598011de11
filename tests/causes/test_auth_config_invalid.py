import pytest

from safepublish.causes.auth_config_invalid import AuthConfigInvalid
from safepublish.causes.fix_workflow import fix_workflow
from safepublish.facts.finding import Answer, Location
from safepublish.facts.run import Problem, Run
from tests.support import runs as s
from tests.support import steps

EXAMPLE = s.command(problems=(Problem("invalid-auth", "`_auth` belongs to no registry", s.USER_NPMRC, stops_npm=True),))
"""A run in which the cause is found."""

STOPS = Problem(
    "invalid-auth",
    "`_auth` is not tied to a registry; npm 11 requires that (ERR_INVALID_AUTH)",
    s.USER_NPMRC,
    stops_npm=True,
)
MISSPELT = Problem(
    "misspelt-key", "npm does not read a credential under `//registry.npmjs.org:_authToken`", s.MORE_SPECIFIC
)


def with_problems(*problems: Problem) -> Run:
    return s.command(s.READY, problems=problems)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.READY, Answer.PASS, id="none"),
        pytest.param(with_problems(STOPS), Answer.FAIL, id="npm-stops"),
        pytest.param(with_problems(MISSPELT), Answer.WARN, id="npm-never-looks-it-up"),
        pytest.param(s.package(problems=(MISSPELT,)), Answer.WARN, id="of-the-package-s-registry"),
        pytest.param(with_problems(MISSPELT, STOPS), Answer.FAIL, id="both"),
        pytest.param(with_problems(STOPS._replace(kind="usage")), Answer.PASS, id="another-problem"),
        pytest.param(s.allowed(with_problems(STOPS)), Answer.FAIL, id="a-token-does-not-help"),
        pytest.param(s.predicting(with_problems(STOPS)), Answer.PASS, id="the-npmrc-of-a-laptop-s-user"),
        pytest.param(
            s.predicting(with_problems(STOPS._replace(origin=s.MORE_SPECIFIC))),
            Answer.FAIL,
            id="the-npmrc-of-the-project",
        ),
        pytest.param(s.predicting(with_problems(STOPS._replace(origin=None))), Answer.PASS, id="of-unknown-place"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert AuthConfigInvalid().in_run(run).answer is answer


def test_the_one_that_stops_npm_is_told_first() -> None:
    judgement = AuthConfigInvalid().in_run(with_problems(MISSPELT, STOPS))
    assert judgement.message == (
        "`_auth` is not tied to a registry; npm 11 requires that (ERR_INVALID_AUTH); it is set in"
        " /home/runner/work/_temp/.npmrc, line 1"
    )
    assert judgement.evidence == (f"{MISSPELT.text}; it is set in .npmrc, line 3",)
    assert judgement.remedy is not None
    assert judgement.remedy.command == "npm config fix"


def test_a_misspelt_key_has_its_place() -> None:
    assert AuthConfigInvalid().in_run(with_problems(MISSPELT)).location == Location(".npmrc", 3)


def written(script: str, *, node: str = "24", command: str = "npm publish") -> dict[str, str]:
    """What the workflow's reader finds where *script* runs before the publish."""
    text = steps.changed(
        ('"24"', f'"{node}"'),
        ("      - run: npm publish", f"      - run: |\n          {script}\n      - run: {command}"),
    )
    return found(text)


def found(text: str, files: dict[str, str] | None = None) -> dict[str, str]:
    (judged,) = steps.judged(text, files)
    told = {one.id: one.answer.value for one in judged.findings}
    return {"verdict": judged.verdict.value, "answer": told.get(AuthConfigInvalid.id, "")}


@pytest.mark.parametrize(
    ("script", "verdict", "answer"),
    [
        pytest.param('echo "_authToken=${{ secrets.T }}" > .npmrc', "broken", "fail", id="without-a-registry"),
        pytest.param('echo "_auth=${{ secrets.T }}" >> ~/.npmrc', "broken", "fail", id="unscoped-auth"),
        pytest.param('(cd pkg && echo "_auth=${{ secrets.T }}" > .npmrc)', "token", "", id="in-another-directory"),
        pytest.param('(cd pkg && echo "_auth=${{ secrets.T }}" > ../.npmrc)', "broken", "fail", id="back-again"),
        pytest.param("npm config set _authToken ${{ secrets.T }}", "broken", "fail", id="by-npm-config"),
        pytest.param("npm set _auth=${{ secrets.T }}", "broken", "fail", id="by-npm-set"),
        pytest.param("pnpm config set _authToken ${{ secrets.T }}", "token", "", id="in-pnpm-s-own-configuration"),
        pytest.param('echo "//registry.npmjs.org/:_authToken=${{ secrets.T }}" > .npmrc', "token", "", id="as-needed"),
        pytest.param(
            'echo "//registry.npmjs.org:_authToken=${{ secrets.T }}" > .npmrc', "trusted", "warn", id="no-slash"
        ),
        pytest.param('echo "_authToken=" > .npmrc', "trusted", "", id="nothing-in-it"),
        pytest.param('echo "; _authToken=x" > .npmrc', "trusted", "", id="a-comment"),
        pytest.param("npm config delete _authToken", "trusted", "", id="taken-away"),
        pytest.param('echo "_authToken=${{ secrets.T }}" > notes.txt', "trusted", "", id="in-another-file"),
    ],
)
def test_what_a_script_writes(script: str, verdict: str, answer: str) -> None:
    assert written(script) == {"verdict": verdict, "answer": answer}


@pytest.mark.parametrize(
    ("node", "command", "verdict", "answer"),
    [
        pytest.param("22", "npm publish", "broken", "fail", id="npm-10"),
        pytest.param("16", "npm publish", "token", "", id="npm-8-takes-it"),
        pytest.param("24", "yarn npm publish", "token", "", id="yarn-reads-no-npmrc-of-npm-s"),
        pytest.param("24", "cd pkg && npm publish", "token", "", id="of-another-directory"),
        pytest.param("24", "pnpm publish", "token", "", id="a-pnpm-that-may-be-of-any-version"),
        pytest.param("24", "npx changeset publish", "token", "", id="changesets-publishes-elsewhere"),
        pytest.param("24", "npx lerna publish from-package --yes", "token", "", id="lerna-of-unknown-version"),
    ],
)
def test_only_npm_stops_at_it(node: str, command: str, verdict: str, answer: str) -> None:
    script = 'echo "_authToken=${{ secrets.T }}" > .npmrc'
    assert written(script, node=node, command=command) == {"verdict": verdict, "answer": answer}


def test_another_token_does_not_help() -> None:
    env = "        env:\n          NODE_AUTH_TOKEN: ${{ secrets.T }}\n"
    text = steps.changed(
        ("      - run: npm publish\n", f"      - run: npm config set _auth x\n      - run: npm publish\n{env}")
    )
    assert found(text) == {"verdict": "broken", "answer": "fail"}


@pytest.mark.parametrize(
    ("npmrc", "directory", "verdict", "answer"),
    [
        pytest.param("_authToken=${NPM_TOKEN}\n", ".", "broken", "fail", id="a-variable-that-is-not-set"),
        pytest.param("access=public\n_auth=x\n", ".", "broken", "fail", id="a-value"),
        pytest.param("//registry.npmjs.org:_authToken=${NPM_TOKEN}\n", ".", "trusted", "warn", id="no-slash"),
        pytest.param("//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n", ".", "trusted", "", id="as-needed"),
        pytest.param("#_auth=x\n", ".", "trusted", "", id="a-comment"),
        pytest.param("_auth=x\n", "packages/a", "trusted", "", id="npm-reads-another-one-there"),
    ],
)
def test_the_npmrc_of_the_repository(npmrc: str, directory: str, verdict: str, answer: str) -> None:
    text = steps.changed(
        ("      - run: npm publish", f"      - run: npm publish\n        working-directory: {directory}")
    )
    assert found(text, {".npmrc": npmrc}) == {"verdict": verdict, "answer": answer}


def test_a_job_that_writes_its_own_npmrc_has_not_that_of_the_repository() -> None:
    text = steps.changed(("      - run: npm publish", "      - run: rm .npmrc\n      - run: npm publish"))
    assert found(text, {".npmrc": "_auth=x\n"}) == {"verdict": "trusted", "answer": ""}


def test_the_line_is_named() -> None:
    (judged,) = steps.judged(steps.WORKFLOW, {".npmrc": "access=public\n_auth=x\n"})
    (finding,) = judged.findings
    assert finding.message == "`_auth` in .npmrc is not scoped to a registry; npm stops there with ERR_INVALID_AUTH"
    assert finding.location == Location(".npmrc", 2)


def test_its_mend_takes_the_command_out() -> None:
    text = steps.changed(
        (
            "      - run: npm publish",
            "      - run: npm config set _authToken ${{ secrets.T }}\n      - run: npm publish",
        )
    )
    mended = fix_workflow(text, steps.PATH, lambda _: None)
    assert mended.text == steps.WORKFLOW
    assert [one.verdict.value for one in mended.steps] == ["trusted"]


def test_a_line_of_another_file_is_no_mend_of_the_workflow() -> None:
    mended = fix_workflow(steps.WORKFLOW, steps.PATH, {".npmrc": "_auth=x\n"}.get)
    assert mended.text == steps.WORKFLOW
    assert mended.unfixed == (("publish", "`_auth` is in .npmrc, line 1"),)


def test_changesets_reads_what_is_the_users() -> None:
    assert written('echo "_auth=${{ secrets.T }}" > ~/.npmrc', command="npx changeset publish")["verdict"] == "broken"
