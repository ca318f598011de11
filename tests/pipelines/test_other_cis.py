"""GitLab's and CircleCI's files: the same steps, causes and mends as for GitHub's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.causes import judge
from safepublish.causes.fix_workflow import fix_workflow
from safepublish.facts.kinds import Ci
from safepublish.facts.step import Judged
from safepublish.pipelines import reader

GITLAB, CIRCLECI = ".gitlab-ci.yml", ".circleci/config.yml"
IN_GITLAB = """\
# npm
publish:
  image: node:24
  id_tokens:
    NPM_ID_TOKEN:
      aud: "npm:registry.npmjs.org"
  script:
    - npm ci
    - npm publish
"""
IN_CIRCLECI = """\
version: 2.1
jobs:
  publish:
    docker:
      - image: cimg/node:24.18
    steps:
      - checkout
      - run: npm ci
      - run:
          name: Publish
          command: |
            export NPM_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}')
            npm publish
"""


def judged(path: str, *pairs: tuple[str, str], **files: str) -> tuple[Judged, ...]:
    text = IN_GITLAB if path == GITLAB else IN_CIRCLECI
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    file = reader.read(text, path, files.get)
    assert file.trouble is None
    return judge.judge_steps(file)


def told(path: str, *pairs: tuple[str, str]) -> str:
    """The verdict, and the causes that fail or stay unknown."""
    (one,) = judged(path, *pairs)
    ids = [finding.id for finding in one.findings if finding.answer.value in {"fail", "unknown"}]
    return " ".join([one.verdict.value, *ids])


TOKEN = ('  id_tokens:\n    NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"\n', "")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([], "trusted", id="as it should be"),
        pytest.param([("node:24", "node:22")], "broken npm-too-old", id="Node 22"),
        pytest.param([("node:24", "node:24.4-alpine")], "broken npm-too-old", id="Node 24.4"),
        pytest.param([("node:24", "node:lts")], "trusted", id="lts"),
        pytest.param([("node:24", "node:jod-slim")], "broken npm-too-old", id="jod"),
        pytest.param([("node:24", "node:latest")], "trusted", id="latest"),
        pytest.param([("node:24", "{name: node:22, entrypoint: ['']}")], "broken npm-too-old", id="a mapping"),
        pytest.param([("node:24", "$PREFIX/node:22")], "broken npm-too-old", id="through a proxy"),
        pytest.param([("node:24", "ruby:3")], "unknown npm-too-old", id="another image"),
        pytest.param([("  image: node:24\n", "")], "unknown npm-too-old", id="no image"),
        pytest.param([("  image: node:24\n", ""), ("# npm\n", "image: node:22\n")], "broken npm-too-old", id="global"),
        pytest.param(
            [("  image: node:24\n", ""), ("# npm\n", "default: {image: node:22}\n")], "broken npm-too-old", id="default"
        ),
        pytest.param([("node:24", "node:22"), ("npm ci", "npm i -g npm@11")], "trusted", id="upgraded"),
        pytest.param([("node:24", "node:20"), ("npm ci", "npm i -g npm@latest")], "broken npm-upgrade-fails", id="in vain"),
        pytest.param([TOKEN], "broken id-token-missing", id="no id token"),
        pytest.param(
            [TOKEN, ("# npm\n", 'default:\n  id_tokens: {NPM_ID_TOKEN: {aud: "npm:registry.npmjs.org"}}\n')],
            "trusted",
            id="an id token by default",
        ),
        pytest.param([("npm:registry.npmjs.org", "sigstore")], "broken id-token-wrong-audience", id="audience"),
        pytest.param([('"npm:registry.npmjs.org"', '[a, "npm:registry.npmjs.org"]')], "trusted", id="several audiences"),
        pytest.param([TOKEN, ("publish:\n", "publish:\n  extends: .away\n")], "unknown id-token-missing", id="a template"),
        pytest.param(
            [TOKEN, ("publish:\n", '.t:\n  id_tokens:\n    NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"\npublish:\n  extends: [.t]\n')],
            "trusted",
            id="a template of the file",
        ),
        pytest.param([TOKEN, ("# npm\n", "include: x.yml\n")], "unknown id-token-missing", id="includes"),
        pytest.param([("npm publish", "npm publish --provenance")], "broken provenance-without-sigstore-token", id="provenance"),
        pytest.param(
            [("npm publish", "npm publish --provenance"), ("  script", "    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n  script")],
            "trusted",
            id="provenance with its token",
        ),
        pytest.param([("npm ci", 'echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > .npmrc')], "token", id="a token"),
        pytest.param([("npm ci", "npm config set //registry.npmjs.org/:_authToken $T_TOKEN")], "token", id="npm config"),
        pytest.param([("npm publish", "npm stage publish")], "trusted", id="stage"),
        pytest.param([("npm publish", "yarn publish")], "broken publisher-tool-without-oidc", id="yarn 1"),
    ],
)  # fmt: skip
def test_gitlab(pairs: list[tuple[str, str]], expected: str) -> None:
    assert told(GITLAB, *pairs) == expected


ASK = 'export NPM_ID_TOKEN=$(circleci run oidc get --claims \'{"aud":"npm:registry.npmjs.org"}\')'


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([], "trusted", id="as it should be"),
        pytest.param([("24.18", "24.14.0")], "broken npm-too-old", id="npm 11.9"),
        pytest.param([("24.18", "24.14.1")], "trusted", id="npm 11.11"),
        pytest.param([("24.18", "22.14")], "broken npm-too-old", id="Node 22"),
        pytest.param([("24.18", "22.14"), ("npm ci", "sudo npm i -g npm@11")], "trusted", id="upgraded"),
        pytest.param([("cimg/node:24.18", "cimg/base:current")], "unknown npm-too-old", id="another image"),
        pytest.param(
            [("cimg/node:24.18", "cimg/base:current"), ("- checkout", "- node/install: {node-version: '22'}")],
            "broken npm-too-old",
            id="the orb's Node",
        ),
        pytest.param([(f"            {ASK}\n", "")], "broken id-token-missing", id="no id token"),
        pytest.param([(f"            {ASK}\n", ""), ("npm ci", ASK)], "broken id-token-missing", id="in another step"),
        pytest.param(
            [(f"            {ASK}\n", ""), ("npm ci", "|\n          echo 'export NPM_ID_TOKEN=x' >> $BASH_ENV")],
            "trusted",
            id="through BASH_ENV",
        ),
        pytest.param([("npm:registry.npmjs.org", "sigstore")], "broken id-token-wrong-audience", id="audience"),
        pytest.param(
            [(ASK, "export NPM_ID_TOKEN=$CIRCLE_OIDC_TOKEN_V2")], "broken id-token-wrong-audience", id="CircleCI's own"
        ),
        pytest.param([(ASK, "export NPM_ID_TOKEN=$(circleci run oidc get)")], "broken id-token-wrong-audience", id="none"),
        pytest.param([("npm publish", "npm publish --provenance")], "broken provenance-unsupported", id="provenance"),
        pytest.param([("npm ci", "echo //registry.npmjs.org/:_authToken=$NPM_TOKEN > ~/.npmrc")], "token", id="a token"),
        pytest.param(
            [("jobs:", "commands:\n  p:\n    steps:\n      - run: npm publish\njobs:"), ("- checkout", "- p")],
            "broken id-token-missing",
            id="a command of the file",
        ),
        pytest.param(
            [("    docker:\n      - image: cimg/node:24.18\n", "    executor: e\n"), ("jobs:", "executors:\n  e:\n    docker: [{image: 'cimg/node:20.1'}]\njobs:")],
            "broken npm-too-old",
            id="an executor",
        ),
    ],
)  # fmt: skip
def test_circleci(pairs: list[tuple[str, str]], expected: str) -> None:
    found = judged(CIRCLECI, *pairs)
    ids = [finding.id for finding in found[0].findings if finding.answer.value in {"fail", "unknown"}]
    assert " ".join([found[0].verdict.value, *ids]) == expected


def test_the_place_of_a_command_is_its_line() -> None:
    (one,) = judged(GITLAB, ("    - npm publish", "    - |\n      echo\n      cd pkg && npm publish"))
    assert (one.step.place.at.line, one.step.invocation.working_directory, one.step.context.ci) == (
        11,
        "pkg",
        Ci.GITLAB,
    )
    (one,) = judged(CIRCLECI)
    assert (one.step.place.at.line, one.step.context.ci) == (13, Ci.CIRCLECI)


def test_scripts_share_what_came_before_and_references_are_followed() -> None:
    (one,) = judged(
        GITLAB,
        ("# npm\n", ".setup:\n  script:\n    - npm i -g npm@11\n"),
        ("node:24", "node:22"),
        ("    - npm ci\n", "    - !reference [.setup, script]\n"),
    )
    assert one.verdict.value == "trusted"
    (one,) = judged(GITLAB, ("node:24", "node:22"), ("  script:", "  before_script: [npm i -g npm@11]\n  script:"))
    assert one.verdict.value == "trusted"


def test_templates_and_globals_are_no_jobs() -> None:
    assert judged(GITLAB, ("publish:\n", ".publish:\n")) == ()
    assert judged(GITLAB, ("publish:\n", "default:\n")) == ()


def test_gitlab_is_mended() -> None:
    text = IN_GITLAB.replace("node:24", "node:22-alpine").replace(TOKEN[0], "")
    mended = fix_workflow(text, GITLAB, lambda _: None)
    assert mended.text == IN_GITLAB.replace("node:24", "node:24-alpine")
    assert [one.verdict.value for one in mended.steps] == ["trusted"]
    assert fix_workflow(mended.text, GITLAB, lambda _: None).text == mended.text


@pytest.mark.parametrize(
    ("old", "new"),
    [('"npm:registry.npmjs.org"', "sigstore"), ('"npm:registry.npmjs.org"', '"https://registry.npmjs.org"')],
)
def test_gitlabs_audience_is_mended(old: str, new: str) -> None:
    assert fix_workflow(IN_GITLAB.replace(old, new), GITLAB, lambda _: None).text == IN_GITLAB


def test_gitlabs_other_id_tokens_stay() -> None:
    text = IN_GITLAB.replace(
        'NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"', "SIGSTORE_ID_TOKEN:\n      aud: sigstore # y"
    )
    expected = text.replace("# y\n", '# y\n    NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"\n')
    assert fix_workflow(text, GITLAB, lambda _: None).text == expected


def test_circlecis_image_is_mended_and_a_missing_id_token_is_said() -> None:
    text = IN_CIRCLECI.replace("24.18", "22.14")
    assert fix_workflow(text, CIRCLECI, lambda _: None).text == IN_CIRCLECI.replace("24.18", "24")
    text = IN_CIRCLECI.replace(f"            {ASK}\n", "")
    mended = fix_workflow(text, CIRCLECI, lambda _: None)
    assert mended.text == text
    assert mended.unfixed[0][1].startswith("a command has to request the ID token")


def test_a_token_of_the_project_is_said() -> None:
    text = IN_GITLAB.replace("npm ci", 'echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > .npmrc')
    mended = fix_workflow(text, GITLAB, lambda _: None, migrate=True)
    assert mended.text == text
    assert mended.unfixed == (("publish", "a token of GitLab CI is a variable of the project; remove it there"),)


LINES = [
    "publish:", ".t:", "  extends: .t", "  extends: [.t, .u]", "  script: npm publish", "  script:", "    - npm publish", "    - [npm ci, npm publish]",
    "    - !reference [.t, script]", "    - !reference [a]", "  image: node:22", "  image: {name: 1}", "  id_tokens:", "    NPM_ID_TOKEN: {aud: x}",
    "default:", "jobs:", "  a:", "    steps:", "      - run: npm publish", "      - run: {command: npm publish}", "      - run: {command: [1]}", "      - when:",
    "    docker: [{image: 'node:22'}]", "    docker: x", "    executor: {name: e}", "executors: {e: 1}", "commands: {c: {steps: [c]}}", "      - c", "", "x: &a [1]", "y: *a",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=14), st.sampled_from([GITLAB, CIRCLECI]))
def test_no_file_crashes_the_readers(lines: list[str], path: str) -> None:
    mended = fix_workflow("\n".join(lines), path, lambda _: None, migrate=True)
    assert fix_workflow(mended.text, path, lambda _: None, migrate=True).text == mended.text


TAGGED = ("  script:", "  rules:\n    - if: $CI_COMMIT_TAG\n  script:")


def in_gitlab(*pairs: tuple[str, str], **files: str) -> str:
    """The verdicts of a pipeline in a repository with other files; of each step also the file it stands in."""
    named = {name.replace("__", "/") + ".yml": text for name, text in files.items()}
    return " ".join(f"{one.verdict.value}:{one.step.place.at.path}" for one in judged(GITLAB, *pairs, **named))


ID_TOKENS = '.t:\n  id_tokens:\n    NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"\n'
EXTENDS = ("publish:\n", "publish:\n  extends: .t\n")


@pytest.mark.parametrize(
    ("pairs", "files", "expected"),
    [
        pytest.param([TAGGED], {}, "trusted:.gitlab-ci.yml", id="a rule for tags"),
        pytest.param([("  script:", "  only: [tags]\n  script:")], {}, "trusted:.gitlab-ci.yml", id="only tags"),
        pytest.param(
            [TOKEN, EXTENDS, ("# npm", "include: /ci/t.yml")],
            {"ci__t": ID_TOKENS},
            "trusted:.gitlab-ci.yml",
            id="a file",
        ),
        pytest.param(
            [TOKEN, EXTENDS, ("# npm", "include:\n  - local: ci/t.yml")],
            {"ci__t": ID_TOKENS},
            "trusted:.gitlab-ci.yml",
            id="local",
        ),
        pytest.param(
            [TOKEN, EXTENDS, ("# npm", "include: [{local: a.yml}]")],
            {"a": "include: b.yml\n", "b": ID_TOKENS},
            "trusted:.gitlab-ci.yml",
            id="a file through a file",
        ),
        pytest.param(
            [TOKEN, ("# npm", "include: a.yml")], {"a": "include: a.yml\n"}, "broken:.gitlab-ci.yml", id="itself"
        ),
        pytest.param([TOKEN, ("# npm", "include: a.yml")], {}, "unknown:.gitlab-ci.yml", id="not at hand"),
        pytest.param(
            [TOKEN, ("# npm", "include: https://example.com/a.yml")], {}, "unknown:.gitlab-ci.yml", id="remote"
        ),
        pytest.param(
            [TOKEN, ("# npm", "include: {template: Node.gitlab-ci.yml}")], {}, "unknown:.gitlab-ci.yml", id="template"
        ),
        pytest.param(
            [("publish:\n", ".x:\n"), ("# npm", "include: a.yml")],
            {"a": IN_GITLAB.replace("node:24", "node:22")},
            "broken:a.yml",
            id="the job stands there",
        ),
        pytest.param(
            [("  image: node:24\n", ""), ("# npm", "include: a.yml")],
            {"a": "default: {image: node:22}\n"},
            "broken:.gitlab-ci.yml",
            id="its defaults",
        ),
        pytest.param(
            [("# npm", "include: a.yml")],
            {"a": "publish:\n  image: node:22\n"},
            "trusted:.gitlab-ci.yml",
            id="the file itself counts first",
        ),
        pytest.param(
            [("  image: node:24\n", "  inherit: {default: false}\n"), ("# npm\n", "default: {image: node:24}\n")],
            {},
            "unknown:.gitlab-ci.yml",
            id="a job that inherits no defaults",
        ),
        pytest.param(
            [
                TOKEN,
                ("# npm\n", 'default:\n  id_tokens: {NPM_ID_TOKEN: {aud: "npm:registry.npmjs.org"}}\n'),
                ("  script:", "  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}\n  script:"),
            ],
            {},
            "broken:.gitlab-ci.yml",
            id="its own id tokens replace those of default",
        ),
    ],
)
def test_what_gitlab_includes(pairs: list[tuple[str, str]], files: dict[str, str], expected: str) -> None:
    assert in_gitlab(*pairs, **files) == expected


def test_what_is_missing_is_said() -> None:
    (one,) = judged(GITLAB, TOKEN, ("# npm", "include: {project: a/b, file: /t.yml}"))
    assert "`include: project a/b file /t.yml`, which could not be read, may set it" in str(one.findings)


def test_a_job_whose_rules_say_never_is_marked() -> None:
    (one,) = judged(GITLAB, ("  script:", "  rules: [{when: never}]\n  script:"))
    assert one.step.context.never_runs
    (one,) = judged(GITLAB, ("  script:", "  rules: [{if: $CI_COMMIT_TAG}, {when: never}]\n  script:"))
    assert not one.step.context.never_runs


def test_a_script_of_another_file_is_not_mended_here() -> None:
    text = IN_GITLAB.replace("  image: node:24\n", "  image: node:20\n  extends: .t\n").replace(
        "# npm", "include: a.yml"
    )
    files = {"a.yml": ".t:\n  before_script:\n    - npm i -g npm@latest\n"}
    mended = fix_workflow(text, GITLAB, files.get)
    assert mended.text == text
    assert mended.unfixed == (("publish", "the fix belongs in a.yml"),)


ORB = ("version: 2.1\n", "version: 2.1\norbs:\n  n: circleci/node@7.1.0\n  semver: acme/semver@1\n")
IMAGE = "    docker:\n      - image: cimg/node:24.18\n"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param(
            [ORB, ("24.18", "22.14"), ("- checkout", "- n/install: {node-version: '24.18'}")],
            "trusted",
            id="its version",
        ),
        pytest.param(
            [ORB, ("- checkout", "- n/install: {node-version: '22'}")], "broken npm-too-old", id="a version that is old"
        ),
        pytest.param([ORB, ("- checkout", "- n/install")], "unknown npm-too-old", id="no version"),
        pytest.param([ORB, ("- checkout", "- n/install-packages")], "trusted", id="its packages"),
        pytest.param(
            [ORB, ("- checkout", "- n/install: {node-version: << parameters.v >>}")],
            "unknown npm-too-old",
            id="a parameter",
        ),
        pytest.param(
            [ORB, (IMAGE, "    executor: {name: n/default, tag: '24.18'}\n")], "trusted", id="its executor with a tag"
        ),
        pytest.param(
            [ORB, (IMAGE, "    executor: {name: n/default, tag: '22.1'}\n")], "broken npm-too-old", id="an old tag"
        ),
        pytest.param([ORB, (IMAGE, "    executor: n/default\n")], "unknown npm-too-old", id="its executor"),
        pytest.param(
            [ORB, ("            npm publish\n", "            true\n"), ("- checkout", "- semver/publish")],
            "unknown publisher-tool-without-oidc id-token-missing",
            id="a step of an orb",
        ),
    ],
)
def test_circlecis_orbs(pairs: list[tuple[str, str]], expected: str) -> None:
    assert told(CIRCLECI, *pairs) == expected


def test_what_an_orb_hides_is_named() -> None:
    workflows = (
        "workflows:\n  w:\n    jobs:\n      - semver/release: {context: npm}\n      - semver/lint\n      - publish\n"
    )
    here, there = judged(CIRCLECI, ORB, ("jobs:", f"{workflows}jobs:"))
    assert here.verdict.value == "trusted"
    assert (there.verdict.value, there.step.invocation.command) == ("unknown", "semver/release")
    assert "the job semver/release of the orb acme/semver@1 is not in this repository" in str(there.findings)


NOTHING: dict[str, str] = {}
MERGED = """\
version: 2.1
place: &place
  working_directory: ~/project
image: &image
  docker: [{image: "cimg/node:24.14"}]
jobs:
  release:
    <<: *place
    <<: *image
    steps:
      - run: export NPM_ID_TOKEN=$(circleci run oidc get --claims '{"aud":"npm:registry.npmjs.org"}') && npm publish
workflows:
  release: {jobs: [release]}
"""


def test_circleci_merges_mappings_also_twice() -> None:
    file = reader.read(MERGED, ".circleci/config.yml", NOTHING.get)
    ((step,),) = file.steps
    assert (file.trouble, step.toolchain.node.version) == (None, "24.14")


def test_gitlab_merges_mappings_and_the_own_keys_count() -> None:
    text = (
        ".base: &base\n  image: node:20\n  id_tokens: {NPM_ID_TOKEN: {aud: 'npm:registry.npmjs.org'}}\n"
        "publish:\n  <<: [*base]\n  image: node:24\n  script: [npm publish]\n"
    )
    ((step,),) = reader.read(text, ".gitlab-ci.yml", NOTHING.get).steps
    assert step.toolchain.node.version == "24"
    assert step.credentials.id_tokens == {"NPM_ID_TOKEN": ("npm:registry.npmjs.org",)}


def test_github_reads_no_merge_key_twice() -> None:
    text = "on: push\njobs:\n  a: &a {runs-on: x}\n  b:\n    <<: *a\n    <<: *a\n    steps: [{run: npm publish}]\n"
    assert reader.read(text, ".github/workflows/a.yml", NOTHING.get).trouble == "'<<' is already defined"


def test_a_program_deploys_with_the_token_that_the_job_writes() -> None:
    text = (
        'deploy:\n  image: node:24\n  script:\n    - echo "//registry.npmjs.org/:_authToken=$NPM_TOKEN" > ~/.npmrc\n'
        '    - poetry run python ci.py deploy --tag "$CI_COMMIT_TAG"\n'
    )
    (judged,) = judge.judge_steps(reader.read(text, ".gitlab-ci.yml", NOTHING.get))
    assert judged.verdict.value == "token"


PIPELINE = "build:\n  script: [make]\npublish:\n  image: node:24\n  id_tokens: {NPM_ID_TOKEN: {aud: 'npm:registry.npmjs.org'}}\n  %s\n  script: [npm publish]\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("needs: [build]", "trusted"),
        ("needs: [{job: build, artifacts: true}]", "trusted"),
        ("needs: [lint]", "broken"),
        ("needs: [{job: lint}]", "broken"),
        ("needs: [{job: lint, optional: true}]", "trusted"),
        ("needs: [{project: a/b, job: lint, ref: main}]", "trusted"),
        ("needs: [{pipeline: $PARENT, job: lint}]", "trusted"),
        ("extends: build", "trusted"),
    ],
)
def test_a_pipeline_that_gitlab_does_not_create(line: str, expected: str) -> None:
    for head, verdict in (("", expected), ("include: {template: x.yml}\n", None)):
        (judged,) = judge.judge_steps(reader.read(head + PIPELINE % line, ".gitlab-ci.yml", NOTHING.get))
        refused = any(finding.id == "workflow-invalid" for finding in judged.findings)
        assert refused is (verdict == "broken")
        assert verdict is None or judged.verdict.value == verdict


@pytest.mark.parametrize(
    ("jobs", "refused"),
    [
        ("[release]", False),
        ("[hold: {type: approval}, release: {requires: [hold]}]", False),
        ("[release: {name: r}, other/job: {requires: [r]}]", False),
        ("[release: {requires: [lint]}]", True),
        ("[lint, release: {requires: [lint]}]", True),
        ("[release: {requires: [lint-1], matrix: {parameters: {a: [1]}}}]", False),
    ],
)
def test_a_configuration_that_circleci_does_not_run(jobs: str, *, refused: bool) -> None:
    text = MERGED.replace("jobs: [release]", f"jobs: {jobs}").replace("jobs:\n", "orbs: {other: a/b@1}\njobs:\n", 1)
    found = [step for legs in reader.read(text, ".circleci/config.yml", NOTHING.get).steps for step in legs]
    assert [step.context.refused is not None for step in found] == [refused]
