"""What a command does to a publish: tables of commands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.shell import interpreter, publish_commands
from safepublish.shell.publish_commands import Publish, RunsFile, RunsScript, Upgrade, classify


def told(script: str) -> list[publish_commands.Effect]:
    return [doing for one in interpreter.parse(script) if (doing := classify(one)) is not None]


def short(doing: publish_commands.Effect | None) -> str:
    """A publish by its tool, command and what differs from the defaults; anything else by its kind."""
    if doing is None:
        return "-"
    if isinstance(doing, Publish):
        fields = ("npm", "version", "manager", "node", "directory", "registry", "tag", "access")
        said = [f"{name}={value}" for name in fields if (value := getattr(doing, name)) is not None]
        said += [f"dry={doing.dry_run}"] if doing.dry_run is not False else []
        said += [f"provenance={doing.provenance}"] if doing.provenance is not None else []
        said += [f"w={','.join(doing.workspaces)}"] if doing.workspaces else []
        said += [f"spec={','.join(doing.spec)}"] if doing.spec else []
        return " ".join([doing.tool, *doing.command, *said])
    if isinstance(doing, RunsScript):
        names = [name for name in doing.names if not name.startswith(("pre", "post"))]
        where = (f" in {doing.directory}" if doing.directory else "") + (
            f" w={','.join(doing.workspaces)}" if doing.workspaces else ""
        )
        return f"script {'/'.join(names)}{where}"
    if isinstance(doing, RunsFile):
        return f"{doing.language or 'file'} {doing.path}"
    said = [f"{name}={value}" for name in ("npm", "node") if (value := getattr(doing, name)) is not None]
    said += ["here"] if not doing.everywhere else []
    said += ["forced"] if doing.forced else []
    return " ".join(["upgrade", *said, *(["opaque"] if doing.opaque else [])])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        # npm
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
        ("pnpm -r $F publish --no-git-checks", "pnpm publish w=*"),
        ("pnpm $F publish", "pnpm publish"),
        ("pnpm --filter $F $G publish", "pnpm publish w=$F"),
        ("pnpm add $F publish", "-"),
        ("pnpm run $F publish", "-"),
        ("yarn $F publish", "yarn publish"),
        ('a=(npm publish); if t; then a+=(--dry-run); fi; "${a[@]}"', "npm publish dry=None"),
        ('a=(pnpm publish); if t; then a+=(--dry-run); fi; "${a[@]}"', "pnpm publish dry=None"),
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
        # dry runs
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
        # another npm
        ("npx npm@11 publish", "npm publish npm=11"),
        ("npx -y npm@latest publish --access public", "npm publish npm=latest access=public"),
        ("npx --yes npm@^11.5.1 stage publish", "npm stage publish npm=^11.5.1"),
        ("npx npm publish", "npm publish"),
        ("npx -p npm@11 npm publish", "npm publish npm=11"),
        ("npx --package=npm@11 -c 'npm publish'", "npm publish npm=11"),
        ("pnpm dlx npm@11 publish", "npm publish npm=11"),
        ("pnpx npm@11 publish", "npm publish npm=11"),
        ("bunx npm@11 publish", "npm publish npm=11"),
        ("bun x npm@11 publish", "npm publish npm=11"),
        ("yarn dlx npm@11 publish", "npm publish npm=11"),
        ("npm exec --yes -- npm@11 publish", "npm publish npm=11"),
        ("corepack npm publish", "npm publish manager=corepack"),
        ("corepack npm@11.6.0 publish", "npm publish npm=11.6.0 manager=corepack"),
        ("volta run --node 24 npm publish", "npm publish manager=volta node=24"),
        ("volta run --npm 11 npm publish", "npm publish npm=11 manager=volta"),
        ("mise exec node@24 -- npm publish", "npm publish manager=mise node=24"),
        ("mise x -- npm publish", "npm publish manager=mise"),
        ("nvm exec 24 npm publish", "npm publish manager=nvm node=24"),
        ("fnm exec --using=24 npm publish", "npm publish manager=fnm node=24"),
        ("n exec 24 npm publish", "npm publish manager=n node=24"),
        ("asdf exec npm publish", "npm publish manager=asdf"),
        # safepublish
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
        # pnpm, yarn, bun
        ("pnpm publish", "pnpm publish"),
        ("pn publish", "pnpm publish"),
        ("pnpm -r publish", "pnpm publish w=*"),
        ("pnpm publish -r --no-git-checks", "pnpm publish w=*"),
        ("pnpm --filter a publish --access public", "pnpm publish access=public w=a"),
        ("pnpm publish --filter=a", "pnpm publish w=a"),
        ("pnpm -C dir publish", "pnpm publish directory=dir"),
        ("pnpm --dir dir publish", "pnpm publish directory=dir"),
        ("pnpm exec npm publish", "npm publish"),
        ("pnpm -r exec npm publish", "npm publish w=*"),
        ("pnpm stage publish", "pnpm stage publish"),
        ("pnpm publish --provenance --tag x", "pnpm publish tag=x provenance=True"),
        ("yarn publish", "yarn publish"),
        ("yarn publish --new-version 1.0.0", "yarn publish"),
        ("yarn --cwd a publish", "yarn publish"),
        ("yarn npm publish", "yarn-berry npm publish"),
        ("yarn npm publish --tag next --access public", "yarn-berry npm publish tag=next access=public"),
        ("yarn workspace a npm publish", "yarn-berry npm publish w=a"),
        ("yarn workspaces foreach -A --no-private npm publish", "yarn-berry npm publish w=*"),
        ("yarn workspaces foreach -pt --include a --include b npm publish", "yarn-berry npm publish w=a,b"),
        ("yarn workspaces changed foreach -pt --no-private npm publish", "yarn-berry npm publish w=*"),
        ("yarn workspaces changed list", "-"),
        ("yarn exec npm publish", "npm publish"),
        ("yarn npm login", "-"),
        ("yarn pack", "-"),
        ("vp pm publish -r --tag latest", "pnpm publish tag=latest w=*"),
        ("vp pm publish -r --dry-run", "pnpm publish dry=True w=*"),
        ("vp exec pnpm publish", "pnpm publish"),
        ("vp run release", "script release"),
        ("vpr release", "script release"),
        ("vpx changeset publish", "changesets publish"),
        ("vp install", "-"),
        ("vp publish", "-"),
        ("npx changeset-publish", "program changeset-publish"),
        ("pnpm dlx @a/publish-all@1", "program publish-all"),
        ("npx can-npm-publish", "-"),
        ("npx publint", "-"),
        ("npx release-please release-pr", "-"),
        ("bun publish", "bun publish"),
        ("bun publish --access public --tag x", "bun publish tag=x access=public"),
        ("bun --cwd a publish", "bun publish directory=a"),
        # release tools
        ("lerna publish", "lerna publish"),
        ("npx lerna@8 publish from-package --yes", "lerna publish version=8 spec=from-package"),
        ("npx @lerna-lite/cli publish", "lerna publish"),
        ("yarn lerna publish from-git", "lerna publish spec=from-git"),
        ("lerna version", "-"),
        ("lerna publish --skip-npm", "-"),
        ("lerna exec -- npm publish", "npm publish w=*"),
        ("npx nx release", "nx release"),
        ("pnpm exec nx release publish --tag x", "nx release publish tag=x"),
        ("nx release --skip-publish", "-"),
        ("nx release version", "-"),
        ("changeset publish", "changesets publish"),
        ("npx changeset publish --tag x", "changesets publish tag=x"),
        ("npx @changesets/cli@2 publish", "changesets publish version=2"),
        ("pnpm changeset publish", "changesets publish"),
        ("yarn changeset publish", "changesets publish"),
        ("changeset version", "-"),
        ("semantic-release", "semantic-release"),
        ("npx semantic-release@24 --branches main", "semantic-release version=24 spec=main"),
        ("npx -p semantic-release@25 -p @semantic-release/npm semantic-release", "semantic-release version=25"),
        ("bunx multi-semantic-release", "semantic-release"),
        ("npx semantic-release --version", "-"),
        ("npx release-it --ci", "release-it"),
        ("npx release-it --no-npm", "-"),
        ("npx release-it --npm.publish=false", "-"),
        ("npx np --yolo", "np"),
        ("npx np --no-publish", "-"),
        ("npx auto shipit", "auto shipit"),
        ("npx auto changelog", "-"),
        ("npx -p publib publib-npm", "publib"),
        ("npx -p publib@latest publib-pypi", "-"),
        ("npx @jsdevtools/npm-publish", "npm-publish"),
        ("npx clean-publish", "clean-publish"),
        ("pnpm release-plan publish", "release-plan publish"),
        ("rush publish --publish", "rush publish"),
        ("rush publish", "-"),
        ("./node_modules/.bin/lerna publish", "lerna publish"),
        ("node_modules/.bin/np", "np"),
        # no publish to npm
        ("npx jsr publish", "-"),
        ("pnpm dlx jsr publish", "-"),
        ("npx vsce publish", "-"),
        ("npx ovsx publish", "-"),
        ("npx pkg-pr-new publish", "-"),
        ("deno publish", "-"),
        ("cargo publish", "-"),
        ("gh release create", "-"),
        ("echo npm publish", "-"),
        ("git commit -m 'npm publish'", "-"),
        ("npm view x", "-"),
        ("npm dist-tag add x", "-"),
        ("$TOOL publish", "-"),
        # scripts
        ("npm run release", "script release"),
        ("npm run release -- --ci", "script release"),
        ("npm run-script release", "script release"),
        ("npm run -w a release", "script release w=a"),
        ("npm --prefix a run release", "script release in a"),
        ("npm run", "-"),
        ("npm test", "script test"),
        ("npm version patch", "script version"),
        ("npm version", "-"),
        ("pnpm run release", "script release"),
        ("pnpm release", "script release"),
        ("pnpm -r release", "script release w=*"),
        ("pnpm --filter a release", "script release w=a"),
        ("pnpm install", "-"),
        ("yarn release", "script release"),
        ("yarn run release", "script release"),
        ("yarn workspace a release", "script release w=a"),
        ("yarn workspaces run release", "script release w=*"),
        ("yarn workspaces foreach -A run release", "script release w=*"),
        ("yarn", "-"),
        ("yarn install", "-"),
        ("bun run release", "script release"),
        ("bun release", "script release"),
        ("bun run --cwd a release", "script release in a"),
        ("bun install", "-"),
        ("node --run release", "script release"),
        ("lerna run release", "script release w=*"),
        ("npx turbo run publish-packages", "script publish-packages w=*"),
        ("npx nx run-many -t publish", "script publish w=*"),
        ("npx nx run a:publish", "script publish w=a"),
        ("npx run-s build release", "script build/release"),
        ("pnpm tsn scripts/p.ts", "script tsn"),
        # files
        ("./scripts/publish.sh", "shell ./scripts/publish.sh"),
        ("scripts/publish", "file scripts/publish"),
        ("bash scripts/publish.sh a", "shell scripts/publish.sh"),
        ("bash -e scripts/publish", "shell scripts/publish"),
        ("bash -eo pipefail x.sh", "shell x.sh"),
        ("source x.sh", "shell x.sh"),
        (". ./x.sh", "shell ./x.sh"),
        ("node scripts/release.js", "node scripts/release.js"),
        ("node --import tsx scripts/release.ts", "node scripts/release.ts"),
        ("node -e 'x'", "-"),
        ("npx tsx scripts/release.ts", "node scripts/release.ts"),
        ("bun scripts/release.ts", "node scripts/release.ts"),
        ("python scripts/release.py", "python scripts/release.py"),
        ("python -c x", "-"),
        ("pwsh -File x.ps1", "pwsh x.ps1"),
        ("make publish", "make ./"),
        ("make -C lib -f build.mk -j4 publish", "make lib/build.mk"),
        ("./gradlew publish", "-"),
        # another npm for what follows
        ("npm i -g npm@11", "upgrade npm=11"),
        ("npm install --global npm", "upgrade npm=latest"),
        ("npm install -g npm@latest --force", "upgrade npm=latest forced"),
        ("npm install npm@latest -g", "upgrade npm=latest"),
        ("npm install --location=global npm@^11.5.1", "upgrade npm=^11.5.1"),
        ("npm i -g pnpm npm@11 yarn", "upgrade npm=11"),
        ("npm i -g pnpm", "-"),
        ("npm i npm@11", "upgrade npm=11 here"),
        ("npm update -g npm", "upgrade npm=latest"),
        ("npm update -g", "upgrade npm=latest"),
        ("npm i -g npm@$V", "upgrade opaque"),
        ("npm i -g https://registry.npmjs.org/npm/-/npm-11.5.1.tgz", "upgrade npm=11.5.1"),
        ("pnpm add -g npm@11", "upgrade npm=11"),
        ("yarn global add npm@11", "upgrade npm=11"),
        ("bun add -g npm@11", "upgrade npm=11"),
        ("corepack enable", "-"),
        ("corepack enable npm", "upgrade opaque"),
        ("corepack prepare npm@11 --activate", "upgrade npm=11"),
        ("corepack prepare npm@11", "upgrade npm=11 here"),
        ("corepack install -g npm@11", "upgrade npm=11"),
        ("corepack use npm@11", "upgrade npm=11 here"),
        ("corepack prepare pnpm@9", "-"),
        ("volta install node@24 npm@11", "upgrade npm=11 node=24"),
        ("volta install yarn", "-"),
        ("mise use -g node@24", "upgrade node=24"),
        ("nvm install 24", "upgrade node=24 here"),
        ("nvm use --lts", "upgrade node=lts/* here"),
        ("nvm use", "upgrade here opaque"),
        ("nvm install-latest-npm", "upgrade npm=latest here"),
        ("fnm use 24", "upgrade node=24 here"),
        ("n lts", "upgrade node=lts/*"),
        ("npx n 24", "upgrade node=24"),
        ("asdf install nodejs 24.1.0", "upgrade node=24.1.0"),
        ("apt-get install -y npm", "upgrade opaque"),
        ("brew install node@24", "upgrade opaque"),
        ("apt-get install -y jq", "-"),
        ("curl -fsSL https://deb.nodesource.com/setup_22.x | bash -", "upgrade node=22"),
        ("curl -qL https://www.npmjs.com/install.sh | sh", "upgrade npm=latest"),
        ("pnpm env use --global 24", "upgrade node=24"),
    ],
)  # fmt: skip
def test_the_first_thing_that_a_command_does(command: str, expected: str) -> None:
    assert short(next(iter(told(command)), None)) == expected


def test_a_publish_keeps_its_words_and_what_npx_brings() -> None:
    (found,) = told("npx -p semantic-release@25 -p @semantic-release/npm@13 semantic-release --ci")
    assert isinstance(found, Publish)
    assert found.packages == (("semantic-release", "25"), ("@semantic-release/npm", "13"))
    assert found.arguments == ("--ci",)
    (found,) = told("npm --silent publish ./a --tag $T")
    assert isinstance(found, Publish)
    assert found.arguments == ("--silent", "./a", "--tag", "$T")
    assert found.opaque


def test_a_token_on_the_command_line_is_told_without_its_value() -> None:
    (found,) = told("npm publish --//registry.npmjs.org/:_authToken=CANARY_4711")
    assert isinstance(found, Publish)
    assert found.credential is not None
    assert found.credential.registry == "//registry.npmjs.org/"
    assert "CANARY_4711" not in repr(found.credential)


def test_scripts_run_with_their_hooks() -> None:
    (found,) = told("npm run release -- --ci")
    assert found == RunsScript("npm", ("prerelease", "release", "postrelease"), ("--ci",))


@pytest.mark.parametrize(
    "script",
    [
        "node <<'E'\nexecSync('npm publish')\nE",
        "node -e \"execSync('npm publish')\"",
        "python3 -c 'publish()'",
        "node - <<< publish",
    ],
)
def test_the_program_that_stands_in_the_command_is_kept(script: str) -> None:
    (found,) = told(script)
    assert isinstance(found, RunsFile)
    assert found.path == "-"
    assert found.text in {"execSync('npm publish')\n", "execSync('npm publish')", "publish()", "publish", "publish\n"}


def test_what_a_script_reads_is_no_program() -> None:
    assert told("node a.js <<< publish") == [RunsFile("a.js", "node")]


def test_what_an_upgrade_asks_for_stays_as_written() -> None:
    assert told("npm i -g 'npm@>=11.5.1 <12'") == [Upgrade("npm", ">=11.5.1 <12")]


WORDS = ["npm", "npx", "pnpm", "yarn", "bun", "publish", "stage", "run", "exec", "dlx", "-p", "--", "-w", "workspaces", "foreach",
         "--dry-run", "nx", "release", "lerna", "corepack", "volta", "node", "-e", "npm@11", "install", "-g", "--tag", "", "-", "@", "a@b@c",
         "mise", "x", "nvm", "config", "set", "bash", "-c", "$X", "--provenance", "=", "--=", "python", "-m", "safepublish", "make"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), min_size=1, max_size=12))
def test_no_words_crash_the_classification(words: list[str]) -> None:
    classify(interpreter.Command(tuple(words), 0, opaque=frozenset({len(words) - 1})))


def test_a_long_command_is_read_in_no_time() -> None:
    classify(interpreter.Command(("npm", "publish", *["--tag=x"] * 200_000), 0))
    classify(interpreter.Command(("npx",) * 200_000, 0))
