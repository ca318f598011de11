"""What a rehearsal sets up for a publish step."""

import pytest

from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal.plan import (
    CannotSimulateError,
    LocalRepository,
    Plan,
    Secret,
    hosts_without_oidc,
    make_plan,
    registry_hosts,
    with_release_ref,
)
from tests.support import steps

LOCAL = LocalRepository("octo-org/hello-oidc", "refs/heads/main")
SETUP = """\
      - uses: actions/setup-node@{version}
        with:
          node-version: "24"
          registry-url: https://registry.npmjs.org
"""
OF_SETUP = """\
      - uses: actions/setup-node@v5
        with:
          node-version: "24"
"""


def planned(*pairs: tuple[str, str], given: tuple[str, ...] = (), local: LocalRepository = LOCAL) -> Plan:
    return make_plan(steps.step(*pairs), local, given)


def setup(version: str, *more: tuple[str, str]) -> Plan:
    return planned((OF_SETUP, SETUP.format(version=version)), *more)


# Words


@pytest.mark.parametrize(
    ("run", "command", "words"),
    [
        ("npm publish", ("publish",), ()),
        ("npm publish --tag next ./dist", ("publish",), ("--tag", "next", "./dist")),
        ("npm stage publish --access public", ("stage", "publish"), ("--access", "public")),
        ("npx npm@11 publish --provenance", ("publish",), ("--provenance",)),
        ("npx safepublish --strict --waive x --tag next", ("publish",), ("--tag", "next")),
        ("npx safepublish --waive=x -- --strict", ("publish",), ("--", "--strict")),
        ("npx safepublish --deadline 2 stage --tag next", ("stage", "publish"), ("--tag", "next")),
        ("npx safepublish publish --tag next", ("publish",), ("--tag", "next")),
    ],
)
def test_the_words_are_those_of_the_step(run: str, command: tuple[str, ...], words: tuple[str, ...]) -> None:
    found = planned(("npm publish", run))
    assert (found.command, found.arguments) == (command, words)


@pytest.mark.parametrize(
    ("inputs", "command", "words", "directory"),
    [
        ("", ("publish",), (), "."),
        ("args: --tag 'a b' ./x.tgz", ("publish",), ("--tag", "a b", "./x.tgz"), "."),
        ("command: stage\n          working-directory: packages/a", ("stage", "publish"), (), "packages/a"),
        ("command: ${{ github.event_name == 'push' && 'publish' || 'check' }}", ("publish",), (), "."),
    ],
)
def test_the_words_of_our_own_action_are_its_inputs(
    inputs: str, command: tuple[str, ...], words: tuple[str, ...], directory: str
) -> None:
    given = f"\n        with:\n          {inputs}" if inputs else ""
    found = planned(("run: npm publish", f"uses: safepublish/safepublish@v1{given}"))
    assert (found.command, found.arguments, found.directory) == (command, words, directory)


@pytest.mark.parametrize(
    ("own", "given", "words"),
    [
        ("--tag next", ("--ignore-scripts",), ("--tag", "next", "--ignore-scripts")),
        ("--tag next ./dist", ("./other",), ("--tag", "next", "./other")),
        ("--tag ./dist ./dist", ("./other",), ("--tag", "./dist", "./other")),
        ("./dist --tag next", ("--tag", "beta"), ("./dist", "--tag", "next", "--tag", "beta")),
        ('"$TARBALL" --tag next', ("x.tgz",), ("--tag", "next", "x.tgz")),
    ],
)
def test_words_given_are_added_and_a_package_given_takes_the_place_of_the_steps(
    own: str, given: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert planned(("npm publish", f"npm publish {own}"), given=given).arguments == words


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("npx safepublish --diff --tag next", "does not start npm: --diff is an option of"),
        ("npm publish ${{ needs.pack.outputs.tarball }}", "pass the package to rehearse: safepublish rehearse ./PATH"),
        ("npm publish --tag ${{ steps.tag.outputs.tag }}", "is known only when the workflow runs; pass it to rehearse"),
        ("pnpm publish", "publishes with pnpm; a rehearsal simulates `npm publish`"),
        ("yarn npm publish", "publishes with yarn"),
    ],
)
def test_what_only_the_run_knows_or_another_tool_does_is_not_played(run: str, said: str) -> None:
    with pytest.raises(CannotSimulateError, match=r"publish\.yml:|argument") as error:
        planned(("npm publish", run))
    assert said in str(error.value)


# npm


def test_the_npm_is_that_of_the_node() -> None:
    found = planned(('"24"', '"22.21.0"'))
    assert (str(found.npm), found.npm_reason) == ("10.9.4", "Node 22.21.0 (.github/workflows/publish.yml:12)")


def test_the_npm_is_that_of_an_upgrade() -> None:
    found = planned(("- run: npm publish", "- run: npm install -g npm@11.15.0\n      - run: npm publish"))
    assert str(found.npm) == "11.15.0"


def test_an_npm_that_cannot_be_told_is_this_machines() -> None:
    found = planned(('"24"', "${{ vars.NODE }}"))
    assert found.npm is None
    assert found.assumptions[0].endswith("; this machine's npm is used")


def test_of_a_range_it_is_said_which_npm_is_played() -> None:
    assert any("npm may be 1" in words for words in planned(('"24"', '"22"')).assumptions)
    assert not any("npm may be" in words for words in planned(('"24"', '"22.21.0"')).assumptions)


# Identity


@pytest.mark.parametrize(
    ("on", "event", "ref"),
    [
        ("release", "release", "refs/heads/main"),  # the tag follows from the package's version
        ("push", "push", "refs/heads/main"),
        ("workflow_dispatch", "workflow_dispatch", "refs/heads/main"),
        ("pull_request", "pull_request", "refs/pull/1/merge"),
        ("[pull_request, push]", "push", "refs/heads/main"),
    ],
)
def test_the_event_is_one_that_starts_the_workflow(on: str, event: str, ref: str) -> None:
    job = planned(("on: push", f"on: {on}")).job
    assert (job.event, job.ref, job.workflow_ref) == (
        event,
        ref,
        f"octo-org/hello-oidc/.github/workflows/publish.yml@{ref}",
    )


def test_a_release_is_of_the_packages_tag_and_nothing_else_is() -> None:
    assert with_release_ref(planned(("on: push", "on: release")), "1.2.3").job.ref == "refs/tags/v1.2.3"
    assert with_release_ref(planned(("on: push", "on: release")), None).job.ref == "refs/heads/main"
    assert with_release_ref(planned(), "1.2.3").job.ref == "refs/heads/main"


@pytest.mark.parametrize(
    ("push", "ref"),
    [
        ("{tags: ['v*']}", "refs/tags/v1.2.3"),
        ("{tags: ['v*'], paths: [src]}", "refs/tags/v1.2.3"),
        ("{tags: ['v*'], branches: [main]}", "refs/heads/main"),
        ("{tags-ignore: ['v*']}", "refs/heads/main"),
        ("{branches: [main]}", "refs/heads/main"),
    ],
)
def test_a_push_that_only_tags_start_is_of_the_packages_tag(push: str, ref: str) -> None:
    assert with_release_ref(planned(("on: push", f"on: {{push: {push}}}")), "1.2.3").job.ref == ref


@pytest.mark.parametrize(
    ("pairs", "identity"),
    [
        ((), True),
        ((("      id-token: write\n", ""),), False),
        ((("id-token: write", "id-token: none"),), False),
    ],
)
def test_the_identity_is_there_where_the_permission_is(pairs: tuple[tuple[str, str], ...], identity: bool) -> None:
    assert planned(*pairs).has_id_token is identity


def test_the_job_says_its_environment_and_its_runner() -> None:
    job = planned(("runs-on: ubuntu-latest", "runs-on: self-hosted\n    environment: npm")).job
    assert (job.environment, job.runner) == ("npm", "self-hosted")


def test_without_an_origin_the_repository_is_assumed() -> None:
    found = planned(('"24"', '"24.5.0"'), local=LocalRepository())
    assert found.job.repository == "octo-org/hello-oidc"
    assert found.assumptions == ("this repository has no origin on GitHub; it is simulated as octo-org/hello-oidc",)


# setup-node and tokens


@pytest.mark.parametrize(
    ("version", "token", "always_auth"),
    [
        ("v3", PLACEHOLDER, True),
        ("v6.0.0", PLACEHOLDER, True),
        ("v6.1.0", PLACEHOLDER, False),
        ("v6", PLACEHOLDER, False),
        ("v7", None, False),
        ("v7.0.0", None, False),
        ("820762786026740c76f36085b0efc47a31fe5020", None, False),
        ("820762786026740c76f36085b0efc47a31fe5020 # v6.2.0", PLACEHOLDER, False),
    ],
)
def test_setup_node_writes_what_its_version_writes(version: str, token: str | None, always_auth: bool) -> None:
    step = steps.step((OF_SETUP, SETUP.format(version=version)))
    line = f"      - uses: actions/setup-node@{version}"
    found = make_plan(step, LOCAL, setup_node_line=line)
    lines = ("//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}", "registry=https://registry.npmjs.org/")
    assert found.setup_node_npmrc == (*lines, "always-auth=false") if always_auth else lines
    assert found.env.get("NODE_AUTH_TOKEN") == token
    assert any("v7 is simulated" in words for words in found.assumptions) is (len(version) == 40)


def test_without_registry_url_setup_node_writes_nothing() -> None:
    assert (planned().setup_node_npmrc, planned().env) == (None, {})


def test_a_scope_is_written_with_the_registry() -> None:
    found = setup("v6", ("registry-url:", "scope: Octo\n          registry-url:"))
    assert found.setup_node_npmrc is not None
    assert found.setup_node_npmrc[1] == "@octo:registry=https://registry.npmjs.org/"


def test_a_secret_is_named_and_has_no_value() -> None:
    found = setup(
        "v6", ("npm publish", "npm publish\n        env:\n          NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}")
    )
    assert found.secrets == (Secret("secrets.NPM_TOKEN", "NODE_AUTH_TOKEN"),)
    assert "NODE_AUTH_TOKEN" not in found.env


def test_an_empty_token_stays_empty() -> None:
    assert setup("v6", ("npm publish", 'npm publish\n        env:\n          NODE_AUTH_TOKEN: ""')).env == {
        "NODE_AUTH_TOKEN": ""
    }


def test_a_token_that_a_step_writes_goes_to_the_users_npmrc() -> None:
    found = planned(
        (
            "- run: npm publish",
            "- run: npm config set //registry.npmjs.org/:_authToken=${{ secrets.NPM_TOKEN }}\n      - run: npm publish",
        )
    )
    (secret,) = found.secrets
    assert secret.name == "secrets.NPM_TOKEN"
    assert found.user_npmrc == (f"//registry.npmjs.org/:_authToken=${{{secret.variable}}}",)


def test_a_variable_of_the_step_is_set_and_one_that_is_hidden_is_not() -> None:
    step = steps.step(
        (
            "npm publish",
            "npm publish\n        env:\n          CI: false\n          A: ${{ github.token }}\n          B: b",
        )
    )
    found = make_plan(step, LOCAL)
    assert {"CI": "false", "B": "b"}.items() <= found.env.items()
    assert "A" not in found.env
    assert "values that only the real run knows are not set: A" in found.assumptions


@pytest.mark.parametrize(
    ("secret", "registry", "known"),
    [
        ("secrets.NPM_TOKEN", "https://registry.npmjs.org", True),
        ("secrets.GITHUB_TOKEN", "https://registry.npmjs.org", False),
        ("github.token", "https://registry.npmjs.org/", False),
        ("secrets.GITHUB_TOKEN", "https://npm.pkg.github.com", True),
        ("secrets.MY_GITHUB_TOKEN_FOR_NPM", "https://registry.npmjs.org", True),
    ],
)
def test_githubs_own_token_is_none_to_npmjs(secret: str, registry: str, *, known: bool) -> None:
    found = setup(
        "v6",
        ("https://registry.npmjs.org", registry),
        ("npm publish", f"npm publish\n        env:\n          NODE_AUTH_TOKEN: ${{{{ {secret} }}}}"),
    )
    assert [one.known for one in found.secrets] == [known]


# Registries


@pytest.mark.parametrize(
    ("urls", "found", "other"),
    [
        ([], ("registry.npmjs.org:443",), set()),
        (["https://registry.npmjs.org/"], ("registry.npmjs.org:443",), set()),
        (
            ["https://npm.pkg.github.com/", "http://npm.example:4873/x/"],
            ("registry.npmjs.org:443", "npm.pkg.github.com:443", "npm.example:4873"),
            {"npm.pkg.github.com", "npm.example"},
        ),
        (["http://127.0.0.1:4873/", "http://localhost/", "nonsense"], ("registry.npmjs.org:443",), set()),
    ],
)
def test_every_registry_is_stood_in_for_and_only_npmjs_exchanges(
    urls: list[str], found: tuple[str, ...], other: set[str]
) -> None:
    assert registry_hosts(urls) == found
    assert hosts_without_oidc(found) == other
