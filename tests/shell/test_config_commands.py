"""What a command writes into npm's configuration and into later steps' environment."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safepublish.shell import config_commands, interpreter
from safepublish.shell.config_commands import ConfigChange, Credential, EnvironmentVariable, Registry, Setting, names

NPMJS = "//registry.npmjs.org/"


def told(script: str, step_shell: str | None = None) -> list[ConfigChange]:
    variables = {"EMPTY": "", "SECRET": "${{ secrets.S }}"}
    return [
        one
        for command in interpreter.parse(script, shell=step_shell, variables=variables)
        for one in config_commands.config_changes(command)
    ]


def token(*named: str, **other: object) -> Credential:
    return Credential("_authToken", NPMJS, tuple(named), **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm config set //registry.npmjs.org/:_authToken $T", [token("T")]),
        ("npm config set //registry.npmjs.org/:_authToken=$T", [token("T")]),
        ("npm config set '//registry.npmjs.org/:_authToken=${T}'", [token("T", later=True)]),
        ("npm c set //registry.npmjs.org/:_authToken $T", [token("T")]),
        ("npm set //registry.npmjs.org/:_authToken $T", [token("T")]),
        ("npm config set //registry.npmjs.org/:_authToken $T --location=project", [token("T", file=".npmrc")]),
        ("npm config set --location project //registry.npmjs.org/:_authToken $T", [token("T", file=".npmrc")]),
        ("npm config set -g //registry.npmjs.org/:_authToken $T", [token("T", file="(global)")]),
        ("npm config set //registry.npmjs.org/:_authToken ${{ secrets.T }}", [token("secrets.T")]),
        ("npm config set //registry.npmjs.org/:_authToken $SECRET", [token("secrets.S")]),
        ('npm config set //registry.npmjs.org/:_authToken "$EMPTY"', [token(empty=True)]),
        ("npm config set //registry.npmjs.org/:_authToken npm_CANARY", [token()]),
        ("npm config delete //registry.npmjs.org/:_authToken", [token(empty=True)]),
        ("npm config set _auth $A", [Credential("_auth", None, ("A",), unscoped=True)]),
        ("npm config set registry https://r.example", [Registry("https://r.example")]),
        ("npm config set @o:registry=https://r.example/", [Registry("https://r.example/", "@o")]),
        ("npm config set registry $R", [Registry("$R", opaque=True)]),
        ("npm config set provenance true", [Setting("provenance", "true")]),
        ("npm config set a=1 b=2", [Setting("a", "1"), Setting("b", "2")]),
        ("npm config get registry", []),
        ("npm config list", []),
        ("corepack npm config set //registry.npmjs.org/:_authToken $T", [token("T")]),
        ("pnpm config set //registry.npmjs.org/:_authToken $T", [token("T", manager="pnpm")]),
        ("pnpm set //registry.npmjs.org/:_authToken $T", [token("T", manager="pnpm")]),
        ("yarn config set npmAuthToken $T", [Credential("npmAuthToken", None, ("T",), file=".yarnrc.yml", manager="yarn")]),
        ("yarn config set -H npmAuthToken $T", [Credential("npmAuthToken", None, ("T",), manager="yarn")]),
        (
            "yarn config set 'npmRegistries[//r.example].npmAuthToken' $T",
            [Credential("npmAuthToken", "//r.example", ("T",), file=".yarnrc.yml", manager="yarn")],
        ),
        (
            "yarn config set npmScopes.octo.npmAuthToken $T",
            [Credential("npmAuthToken", None, ("T",), file=".yarnrc.yml", manager="yarn")],
        ),
        (
            "yarn config set npmOther.octo.npmAuthToken $T",
            [Setting("npmOther.octo.npmAuthToken", "$T", opaque=True, file=".yarnrc.yml")],
        ),
        ("yarn config set npmRegistryServer https://r.example", [Registry("https://r.example", file=".yarnrc.yml", manager="yarn")]),
        ("yarn set version 4", []),
        ('echo "//registry.npmjs.org/:_authToken=$T" >> .npmrc', [token("T", file=".npmrc")]),
        ("echo '//registry.npmjs.org/:_authToken=${T}' > .npmrc", [token("T", later=True, file=".npmrc")]),
        ('echo "//registry.npmjs.org/:_authToken=\\${T}" > .npmrc', [token("T", later=True, file=".npmrc")]),
        ('echo "//registry.npmjs.org/:_authToken=$T" > ~/.npmrc', [token("T", file="~/.npmrc")]),
        ('echo "//registry.npmjs.org/:_authToken=$T" > "$HOME/.npmrc"', [token("T", file="$HOME/.npmrc")]),
        ('echo "//registry.npmjs.org/:_authToken=$T" > ${NPM_CONFIG_USERCONFIG}', [token("T", file="${NPM_CONFIG_USERCONFIG}")]),
        ("echo //registry.npmjs.org/:_authToken=$T | tee -a .npmrc", [token("T", file=".npmrc")]),
        ("printf '//registry.npmjs.org/:_authToken=%s\\n' \"$T\" > .npmrc", [token("T", file=".npmrc")]),
        ("printf '%s\\n' '@o:registry=https://r.example' 'provenance=true' > .npmrc",
         [Registry("https://r.example", "@o", file=".npmrc"), Setting("provenance", "true", file=".npmrc")]),
        ("echo -e 'a=1\\nb=2' > .npmrc", [Setting("a", "1", file=".npmrc"), Setting("b", "2", file=".npmrc")]),
        ("{ echo a=1; echo b=2; } > .npmrc", [Setting("a", "1", file=".npmrc"), Setting("b", "2", file=".npmrc")]),
        ("cat <<EOF > .npmrc\n# no\nregistry=https://r.example\n//registry.npmjs.org/:_authToken=${T}\nEOF",
         [Registry("https://r.example", file=".npmrc"), token("T", file=".npmrc")]),
        ("cat > .npmrc <<'EOF'\n//registry.npmjs.org/:_authToken=${T}\nEOF", [token("T", later=True, file=".npmrc")]),
        ("tee .npmrc <<EOF\n//registry.npmjs.org/:_authToken=$T\nEOF", [token("T", file=".npmrc")]),
        ('echo "npmAuthToken: $T" >> .yarnrc.yml', [Credential("npmAuthToken", None, ("T",), file=".yarnrc.yml")]),
        ('echo "//${{ env.R }}/:_authToken=$T" > .npmrc', [Credential("_authToken", "//${{ env.R }}/", ("T",), file=".npmrc")]),
        ('echo "//registry.npmjs.org/:_authToken=$T"', []),
        ('echo "//registry.npmjs.org/:_authToken=$T" > notes.txt', []),
        ("cat .npmrc", []),
        ("rm -f ~/.npmrc", [Credential("_authToken", None, empty=True, file="~/.npmrc")]),
        ("rm -rf dist", []),
        ('echo "NODE_AUTH_TOKEN=$T" >> $GITHUB_ENV', [EnvironmentVariable("NODE_AUTH_TOKEN", "$T", opaque=True)]),
        ('echo "NODE_AUTH_TOKEN=" >> "$GITHUB_ENV"', [EnvironmentVariable("NODE_AUTH_TOKEN", "")]),
        ('echo "A=${{ secrets.T }}" >> ${GITHUB_ENV}', [EnvironmentVariable("A", "${{ secrets.T }}", opaque=True)]),
        ("echo 'A=b' >> $GITHUB_OUTPUT", []),
        ("aws codeartifact login --tool npm --repository r", [Credential("_authToken", None), Registry("", opaque=True)]),
    ],
)  # fmt: skip
def test_what_is_written(script: str, expected: list[ConfigChange]) -> None:
    assert told(script) == expected


@pytest.mark.parametrize(
    "script",
    [
        '"//registry.npmjs.org/:_authToken=$env:T" | Out-File -FilePath .npmrc',
        '"//registry.npmjs.org/:_authToken=$env:T" >> .npmrc',
        'Set-Content .npmrc "//registry.npmjs.org/:_authToken=$env:T"',
        'Add-Content -Path .npmrc -Value "//registry.npmjs.org/:_authToken=$env:T"',
        '@"\n//registry.npmjs.org/:_authToken=$env:T\n"@ | Set-Content .npmrc',
    ],
)
def test_what_powershell_writes(script: str) -> None:
    assert told(script, "pwsh") == [token("T", file=".npmrc")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$A", ("A",)),
        ("${A}", ("A",)),
        ("$A$B", ("A", "B")),
        ("%A%", ("A",)),
        ("$env:A", ("A",)),
        ("${{ secrets.A }}", ("secrets.A",)),
        ("${{ secrets['A'] || github.token }}", ("secrets.A", "github.token")),
        ("${{ x }}", ("x",)),
        ("plain", ()),
    ],
)
def test_what_a_value_names(value: str, expected: tuple[str, ...]) -> None:
    assert names(value) == expected


def test_no_value_of_a_credential_is_kept() -> None:
    for script in (
        "npm config set //registry.npmjs.org/:_authToken npm_CANARY4711",
        "echo '//registry.npmjs.org/:_password=npm_CANARY4711' > .npmrc",
        "echo '_auth=npm_CANARY4711' > .npmrc",
        "yarn config set npmAuthToken npm_CANARY4711",
    ):
        assert told(script)
        assert "CANARY4711" not in repr(told(script))


PIECES = ["npm", "config", "set", "yarn", "echo", "printf", "%s", "%s%s", "=", "//a/:_authToken=", "$T", "registry", "tee", ".npmrc",
          "npmAuthToken", "-g", "--location", "rm", "@o:registry", "delete", "", "\n"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=10),
    st.sampled_from([".npmrc", "$GITHUB_ENV", "x"]),
)
def test_no_words_crash_it(words: list[str], target: str) -> None:
    redirects = (interpreter.Redirect(">", target), interpreter.Redirect("<<", "a=b\n" * 3))
    config_commands.config_changes(interpreter.Command(tuple(words), 0, redirects=redirects, piped_from=tuple(words)))
