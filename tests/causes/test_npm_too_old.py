import pytest
from packaging.version import Version

from safepublish.causes.npm_too_old import NpmTooOld
from safepublish.facts.finding import Answer, Location, Remedy
from safepublish.facts.run import Credential, Repository, Run, Workflow
from safepublish.npm.tool_versions import parse
from tests.support import runs as s

EXAMPLE = s.npm("10.9.4", s.package(provenance=True, credential=s.PLACEHOLDER))
"""A run in which the cause is found."""

SEED = s.npm(
    "10.9.4",
    s.package(provenance=True, credential=s.PLACEHOLDER),
    path="/opt/hostedtoolcache/node/22.21.1/x64/bin/npm",
    node_version=Version("22.21.1"),
)
PATH = ".github/workflows/publish.yml"
ASKS = Workflow(
    PATH,
    node_version="22",
    node_version_at=Location(PATH, 12, 25),
    node_version_line='          node-version: "22"',
)
STAGE = s.command(s.READY, name="stage publish")
CIRCLECI = s.READY._replace(identity=s.CIRCLECI)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        pytest.param(s.npm("9.9.4"), Answer.FAIL, id="npm-9.9.4"),
        pytest.param(s.npm("10.9.9"), Answer.FAIL, id="npm-10.9.9"),
        pytest.param(s.npm("11.4.2"), Answer.FAIL, id="npm-11.4.2"),
        pytest.param(s.npm("11.5.0-pre.1"), Answer.FAIL, id="npm-11.5.0-pre.1"),
        pytest.param(s.npm("11.5.0"), Answer.WARN, id="npm-11.5.0"),
        pytest.param(s.npm("11.5.1-pre"), Answer.WARN, id="npm-11.5.1-pre"),
        pytest.param(s.npm("11.5.1"), Answer.PASS, id="npm-11.5.1"),
        pytest.param(s.npm("12.2.0"), Answer.PASS, id="npm-12.2.0"),
        pytest.param(s.npm("11.14.9", STAGE), Answer.FAIL, id="stage-11.14.9"),
        pytest.param(s.npm("11.15.0-pre.1", STAGE), Answer.FAIL, id="stage-11.15.0-pre.1"),
        pytest.param(s.npm("11.15.0", STAGE), Answer.PASS, id="stage-11.15.0"),
        pytest.param(s.npm("11.10.1", CIRCLECI), Answer.FAIL, id="circleci-11.10.1"),
        pytest.param(s.npm("11.11.0", CIRCLECI), Answer.PASS, id="circleci-11.11.0"),
        pytest.param(s.npm(None), Answer.UNKNOWN, id="unknown"),
        pytest.param(s.READY._replace(npm=None), Answer.SKIP, id="no-npm"),
        pytest.param(s.allowed(SEED), Answer.WARN, id="a-token-may-publish"),
        pytest.param(s.allowed(s.npm("11.14.9", STAGE)), Answer.FAIL, id="a-token-cannot-stage-with-it"),
        pytest.param(SEED._replace(options=s.ALLOWED), Answer.FAIL, id="a-dead-token-may-not"),
        pytest.param(s.probe(SEED, confirmed_by_npm=False), Answer.SKIP, id="npm-s-own-exchange-worked"),
        pytest.param(s.laptop(SEED), Answer.SKIP, id="a-laptop-is-another-cause"),
        pytest.param(SEED._replace(identity=s.JENKINS), Answer.SKIP, id="another-ci-is-another-cause"),
        pytest.param(s.laptop(s.npm("10.9.4", STAGE)), Answer.FAIL, id="staging-from-a-laptop"),
    ],
)
def test_answer(run: Run, answer: Answer) -> None:
    assert NpmTooOld().in_run(run).answer is answer


def mend(run: Run) -> Remedy:
    found = NpmTooOld().in_run(run).remedy
    assert found is not None
    return found


def with_workflow(run: Run, workflow: Workflow) -> Run:
    return run._replace(repository=Repository(workflow=workflow))


def test_npm_10_with_provenance_is_told_that_no_token_is_at_fault() -> None:
    judgement = NpmTooOld().in_run(with_workflow(SEED, ASKS))
    assert judgement.message == "npm 10.9.4 does not support trusted publishing; 11.5.1 or newer is required"
    assert judgement.evidence == (
        "npm runs from /opt/hostedtoolcache/node/22.21.1/x64/bin/npm, on Node 22.21.1.",
        (
            "npm 10 would send the placeholder of actions/setup-node from /home/runner/work/_temp/.npmrc, line 1,"
            " which is not a token."
        ),
    )
    assert judgement.if_it_fails == (
        (
            "npm 10 signs provenance through OIDC, so it looks as if OIDC worked, but it cannot log in with it."
            ' Without a valid token it fails: "Access token expired or revoked. Please try logging in again."'
        ),
        "That error does not mean that you need a new token; trusted publishing needs none.",
    )
    assert judgement.remedy is not None
    assert judgement.remedy.diff == '-          node-version: "22"\n+          node-version: "24"'
    assert judgement.location == Location(PATH, 12, 25)


@pytest.mark.parametrize(
    ("credential", "line"),
    [
        (s.TOKEN, None),
        (s.EMPTY, "npm 10 would send no token."),
        (
            s.UNRESOLVED,
            (
                "npm 10 would send the literal text ${NODE_AUTH_TOKEN} from /home/runner/work/_temp/.npmrc,"
                " line 1, because that variable is not set."
            ),
        ),
    ],
    ids=["token", "empty", "unresolved"],
)
def test_without_provenance_it_says_what_npm_would_send(credential: Credential, line: str | None) -> None:
    run = s.package(SEED, provenance=None, credential=credential)
    assert NpmTooOld().in_run(run).evidence[1:] == ((line,) if line else ())


def test_of_an_npm_with_an_exchange_no_token_is_told() -> None:
    assert NpmTooOld().in_run(s.npm("11.10.1", CIRCLECI)).evidence == (
        "npm runs from /opt/node/bin/npm, on Node 24.14.0.",
    )


@pytest.mark.parametrize(
    ("asked", "line", "changed"),
    [
        ("22", "          node-version: 22", "          node-version: 24"),
        ("22.x", "    node-version: '22.x'", "    node-version: '24'"),
        ("lts/jod", "  node-version: lts/jod # old", "  node-version: 24 # old"),
        ("24.4.1", "          node-version: 24.4.1", "          node-version: 24"),
    ],
)
def test_the_edit_keeps_the_rest_of_the_line(asked: str, line: str, changed: str) -> None:
    place = Location(PATH, 12, line.index(asked) + 1)
    workflow = ASKS._replace(node_version=asked, node_version_line=line, node_version_at=place)
    assert mend(with_workflow(SEED, workflow)).diff == f"-{line}\n+{changed}"


@pytest.mark.parametrize(
    "workflow",
    [
        ASKS._replace(node_version="24", node_version_line="node-version: 24"),
        ASKS._replace(node_version="${{ matrix.node }}", node_version_line="node-version: ${{ matrix.node }}"),
        ASKS._replace(node_version=None),
        ASKS._replace(node_version_line=None),
        ASKS._replace(node_version="22", node_version_line="22: { node-version: 22 }"),
    ],
    ids=["new-enough", "matrix", "not-asked", "no-line", "twice-on-the-line"],
)
def test_no_edit_where_the_file_is_not_what_is_at_fault(workflow: Workflow) -> None:
    judgement = NpmTooOld().in_run(with_workflow(SEED, workflow))
    assert judgement.remedy is not None
    assert (judgement.remedy.diff, judgement.location) == (None, None)


@pytest.mark.parametrize(
    ("version", "node", "manager", "text", "command"),
    [
        ("10.9.4", "22.21.1", None, "install npm 11 before this step", "npm install --global npm@11"),
        ("10.8.2", "20.17.0", None, "install npm 11 before this step", "npm install --global npm@11"),
        ("10.8.1", "20.16.0", None, "Node 20.16.0 cannot run npm 11", None),
        ("10.8.2", "22.8.0", None, "Node 22.8.0 cannot run npm 11", None),
        ("10.8.3", "22.9.0", None, "install npm 11 before this step", "npm install --global npm@11"),
        ("10.7.0", "21.7.3", None, "Node 21.7.3 cannot run npm 11", None),
        ("10.9.5", "22.22.1", None, "install npm 11 before this step", "npm install --global npm@11"),
        ("10.9.6", "22.22.2", None, "cannot upgrade itself", None),
        ("10.9.7", "22.22.2", None, "cannot upgrade itself", None),
        ("10.9.8", "22.22.3", None, "install npm 11 before this step", "npm install --global npm@11"),
        ("11.3.0", "24.2.0", None, "install npm 11 before this step", "npm install --global npm@11"),
        (
            "10.9.4",
            "24.14.1",
            None,
            "PATH finds it before npm 11.11.0, which Node 24.14.1 ships",
            "npm install --global npm@11",
        ),
        ("10.9.4", None, None, "Use Node 24", None),
        ("10.9.4", "22.21.1", "volta", "Volta", "volta pin npm@11"),
        ("10.9.7", "22.22.2", "corepack", "corepack", "corepack use npm@11"),
        ("10.9.4", "22.21.1", "nvm", "install npm 11 before this step", "npm install --global npm@11"),
    ],
)
def test_the_advice_fits_the_node_in_use(
    version: str, node: str | None, manager: str | None, text: str, command: str | None
) -> None:
    run = s.npm(version, node_version=parse(node) if node else None, manager=manager)
    found = mend(run)
    assert text in found.text
    assert found.command == command


def test_nothing_ever_advises_npm_latest() -> None:
    assert "npm@latest" not in str(mend(SEED))


def test_an_npm_for_staging_is_needed_for_staging() -> None:
    judgement = NpmTooOld().in_run(s.npm("11.14.9", STAGE))
    assert judgement.message == "npm 11.14.9 does not support npm stage; 11.15.0 or newer is required"


def test_a_version_that_cannot_be_told_says_why() -> None:
    judgement = NpmTooOld().in_run(s.npm(None, trouble="it did not answer within 10 s"))
    assert judgement.message == (
        "the version of /opt/node/bin/npm could not be determined (it did not answer within 10 s);"
        " trusted publishing requires 11.5.1 or newer"
    )
