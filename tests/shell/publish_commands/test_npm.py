"""The commands of npm and safepublish."""

import pytest

from safepublish.shell.publish_commands import Publish, RunsScript, Upgrade
from tests.support.effects import effects, first


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm publish", "npm publish"),
        ("npm pub", "npm publish"),
        ("npm publ", "npm publish"),
        ("npm p", "-"),
        ("npm Publish", "-"),
        ("npm pack", "-"),
        ("npm ci", "-"),
        ("npm --prefix a publish", "npm publish directory=a"),
        ("npm publish --prefix=a", "npm publish directory=a"),
        ("npm -C a publish", "npm publish directory=a"),
        ("npm $F publish", "npm publish"),
        ("if t; then NPM=npm; else NPM='node a.js'; fi; $NPM publish --tag x", "npm publish manager=$NPM tag=x"),
        ("${NPM_BIN} publish", "npm publish manager=${NPM_BIN}"),
        ("$NPM ci", "-"),
        ("$PUB publish", "-"),
        ("./mcp-publisher publish", "-"),
        ("./bin/uploader publish", "file ./bin/uploader"),
        ("npm $F -w a $G publish --tag $T", "npm publish tag=$T w=a"),
        ("npm config set $F publish", "-"),
        ('a=(npm publish); if t; then a+=(--dry-run); fi; "${a[@]}"', "npm publish dry=None"),
        ("npm --loglevel verbose publish", "npm publish"),
        ("npm -w a -w b publish", "npm publish w=a,b"),
        ("npm publish --workspace=packages/a", "npm publish w=packages/a"),
        ("npm publish --workspaces", "npm publish w=*"),
        ("npm publish -ws", "npm publish w=*"),
        ("npm publish --ws --access public", "npm publish access=public w=*"),
        ("npm publish ./dist", "npm publish spec=./dist"),
        ("npm publish a.tgz --tag next", "npm publish tag=next spec=a.tgz"),
        ("npm publish --tag=next", "npm publish tag=next"),
        ("npm publish --registry https://r.example", "npm publish registry=https://r.example/"),
        ("npm publish --registry=https://r.example/", "npm publish registry=https://r.example/"),
        ("npm publish --registry ${{ env.R }}", "npm publish registry=${{ env.R }}"),
        ("npm publish --provenance", "npm publish provenance=True"),
        ("npm publish --provenance=false", "npm publish provenance=False"),
        ("npm publish --no-provenance", "npm publish provenance=False"),
        ("npm publish --provenance false", "npm publish provenance=False"),
        ("npm stage publish", "npm stage publish"),
        ("npm stage publish ./a.tgz --tag x", "npm stage publish tag=x spec=./a.tgz"),
        ("npm stage approve", "-"),
        ("/usr/local/bin/npm publish", "npm publish"),
        ("npm.cmd publish", "npm publish"),
        ("sudo -E npm publish", "npm publish"),
        ("NODE_AUTH_TOKEN= npm publish", "npm publish"),
    ],
)  # fmt: skip
def test_the_first_effect(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm publish --dry-run", "npm publish dry=True"),
        ("npm publish --dry-run=true", "npm publish dry=True"),
        ("npm publish --dry-run true", "npm publish dry=True"),
        ("npm publish --dry-run=false", "npm publish"),
        ("npm publish --dry-run false", "npm publish"),
        ("npm publish --no-dry-run", "npm publish"),
        ("npm publish --dry-ru", "npm publish dry=True"),
        ("npm --dry-run publish", "npm publish dry=True"),
        ("npm publish -- --dry-run", "npm publish spec=--dry-run"),
        ("npm publish --dry-run=${{ inputs.dry }}", "npm publish dry=None"),
        ("npm publish ${{ inputs.dry && '--dry-run' || '' }}", "npm publish dry=None"),
        ("npm publish $DRY_RUN", "npm publish dry=None"),
        ("npm publish $ARGS", "npm publish spec=$ARGS"),
        ("pnpm publish --dry-run", "pnpm publish dry=True"),
        ("npx nx release publish --dry-run", "nx release publish dry=True"),
        ("npx nx release publish -d", "nx release publish dry=True"),
        ("npx nx release publish --dry-run=false", "nx release publish"),
        ("npx nx release publish --dry-run=$D", "nx release publish dry=None"),
        ("npx semantic-release --dry-run", "semantic-release dry=True"),
        ("npx np --preview", "np dry=True"),
        ("npx release-it --dry-run", "release-it dry=True"),
    ],
)  # fmt: skip
def test_dry_runs(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm run release", "script release"),
        ("npm run release -- --ci", "script release"),
        ("npm run-script release", "script release"),
        ("npm run -w a release", "script release w=a"),
        ("npm --prefix a run release", "script release in a"),
        ("npm run", "-"),
        ("npm test", "script test"),
        ("npm t", "script test"),
        ("npm tst", "script test"),
        ("npm start", "script start"),
        ("npm stop", "script stop"),
        ("npm restart", "script restart"),
        ("npm rum release", "script release"),
        ("npm urn release", "script release"),
        ("npm version patch", "script version"),
        ("npm version", "-"),
    ],
)  # fmt: skip
def test_scripts_of_the_package(command: str, expected: str) -> None:
    assert first(command) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("safepublish", "safepublish publish"),
        ("safepublish --tag next", "safepublish publish tag=next"),
        ("safepublish ./a.tgz", "safepublish publish spec=./a.tgz"),
        ("safepublish stage", "safepublish stage publish"),
        ("safepublish check", "-"),
        ("safepublish --deadline 2 check", "-"),
        ("safepublish --waive=npm-too-old stage --tag next", "safepublish stage publish tag=next"),
        ("safepublish --deadline 2 ./a.tgz", "safepublish publish spec=./a.tgz"),
        ("safepublish publish --tag next", "safepublish publish tag=next"),
        ("safepublish help", "-"),
        ("safepublish workflow", "-"),
        ("safepublish --version", "-"),
        ("safepublish explain publish.log", "-"),
        ("npx safepublish@1 --version", "-"),
        ("pipx run safepublish workflow --fix", "-"),
        ("uvx safepublish --help", "-"),
        ("python -m safepublish --version", "-"),
        ("python3 -X utf8 -m safepublish --tag next", "safepublish publish tag=next"),
        ("npm publish --help", "-"),
        ("npm publish -h", "-"),
        ("npm publish --version", "-"),
        ("safepublish --help", "-"),
        ("pipx run safepublish==0.1.0", "safepublish publish"),
        ("uvx safepublish --dry-run", "safepublish publish dry=True"),
        ("pipx run safepublish", "safepublish publish"),
        ("uv tool run safepublish@1", "safepublish publish"),
        ("python -m safepublish", "safepublish publish"),
        ("python3 -m safepublish", "safepublish publish"),
        ("py -3 -m safepublish", "safepublish publish"),
        ("python -m pip install safepublish", "-"),
        ("uv run safepublish", "safepublish publish"),
        ("uv pip install safepublish", "-"),
        ("poetry run safepublish", "safepublish publish"),
        ("pdm run safepublish", "safepublish publish"),
        ("hatch run safepublish", "safepublish publish"),
    ],
)  # fmt: skip
def test_safepublish(command: str, expected: str) -> None:
    assert first(command) == expected


def test_a_publish_keeps_its_arguments_and_the_packages_of_npx() -> None:
    (found,) = effects("npx -p semantic-release@25 -p @semantic-release/npm@13 semantic-release --ci")
    assert isinstance(found, Publish)
    assert found.packages == (("semantic-release", "25"), ("@semantic-release/npm", "13"))
    assert found.arguments == ("--ci",)
    (found,) = effects("npm --silent publish ./a --tag $T")
    assert isinstance(found, Publish)
    assert found.arguments == ("--silent", "./a", "--tag", "$T")
    assert found.opaque


def test_a_token_on_the_command_line_is_reported_without_its_value() -> None:
    (found,) = effects("npm publish --//registry.npmjs.org/:_authToken=CANARY_4711")
    assert isinstance(found, Publish)
    assert found.credential is not None
    assert found.credential.registry == "//registry.npmjs.org/"
    assert "CANARY_4711" not in repr(found.credential)


def test_scripts_run_with_their_hooks() -> None:
    (found,) = effects("npm run release -- --ci")
    assert found == RunsScript("npm", ("prerelease", "release", "postrelease"), ("--ci",))


def test_the_version_of_an_upgrade_stays_as_written() -> None:
    assert effects("npm i -g 'npm@>=11.5.1 <12'") == [Upgrade("npm", ">=11.5.1 <12")]
