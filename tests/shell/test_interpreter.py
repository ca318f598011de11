"""Scripts as commands: words, expansion, the shell's own state, what starts what, and text that no shell takes."""

import os
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safepublish.shell import interpreter


def words(script: str, **options: object) -> list[str]:
    """Each command as one line; `¿` marks an opaque word."""
    return [
        " ".join(("¿" if place in one.opaque else "") + word for place, word in enumerate(one.argv))
        for one in interpreter.parse(script, **options)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm publish", ["npm publish"]),
        ("  npm\tpublish  ", ["npm publish"]),
        ("npm 'publish'", ["npm publish"]),
        ("n\"p\"m pub'lish'", ["npm publish"]),
        ("npm pub\\\nlish", ["npm publish"]),
        ("npm \\\n  publish \\\n  --access public", ["npm publish --access public"]),
        ("npm \\\r\n  publish", ["npm publish"]),
        ("npm ci\r\nnpm publish\r\n", ["npm ci", "npm publish"]),
        ("# npm publish", []),
        ("npm ci # npm publish", ["npm ci"]),
        ("npm ci#npm publish", ["npm ci#npm publish"]),
        ("echo 'npm publish'", ["echo npm publish"]),
        ("npm ci && npm publish", ["npm ci", "npm publish"]),
        ("npm ci &&\n npm publish", ["npm ci", "npm publish"]),
        ("npm ci&&npm publish", ["npm ci", "npm publish"]),
        ("npm ci; npm publish;", ["npm ci", "npm publish"]),
        ("npm publish || true", ["npm publish", "true"]),
        ("npm publish | tee log", ["npm publish", "tee log"]),
        ("npm publish |& tee log", ["npm publish", "tee log"]),
        ("npm publish & wait", ["npm publish", "wait"]),
        ("! npm publish", ["npm publish"]),
        ("time npm publish", ["npm publish"]),
        ("time -p npm publish", ["npm publish"]),
        ("{ npm ci; npm publish; }", ["npm ci", "npm publish"]),
        ("(npm ci; npm publish)", ["npm ci", "npm publish"]),
        ("( npm publish )", ["npm publish"]),
        ("if true; then npm publish; fi", ["true", "npm publish"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("if a\nthen\n  b\nfi", ["a", "b"]),
        ("while a; do b; done", ["a", "b"]),
        ("until npm publish; do sleep 5; done", ["npm publish", "sleep 5"]),
        ("for p in a b; do npm publish $p; done", ["npm publish ¿$p"]),
        ("for p in a; do npm publish $p; done", ["npm publish a"]),
        ("for p in packages/*; do npm publish $p; done", ["npm publish ¿$p"]),
        ("for p\nin a\ndo\nnpm publish\ndone", ["npm publish"]),
        ("for ((i=0; i<3; i++)); do npm publish; done", ["npm publish"]),
        ("select p in a; do npm publish; done", ["npm publish"]),
        ("case $x in\n a) npm publish ;;\n *) echo no ;;\nesac", ["npm publish", "echo no"]),
        ("case x in (a|b) npm publish;; esac", ["npm publish"]),
        ('case "$GITHUB_REF" in refs/tags/*) npm publish;; esac', ["npm publish"]),
        ("[[ $a == b ]] && npm publish", ["[[ ¿$a == b", "npm publish"]),
        ('[[ "$a" =~ ^v(1|2)$ && -n x ]] && npm publish', ["[[ ¿$a =~ ^v 1 2 $ -n x", "npm publish"]),
        ("[ -f x ] && npm publish", ["[ -f x ]", "npm publish"]),
        ("(( n++ )) && npm publish", ["npm publish"]),
        ("f() { npm publish; }", []),
        ("f() { npm publish; }; f", ["npm publish"]),
        ("f () {\n npm publish\n}\nf", ["npm publish"]),
        ("function f { npm publish; }; f", ["npm publish"]),
        ("function f() { npm publish; }; f", ["npm publish"]),
        ("f() ( npm publish ); f", ["npm publish"]),
        ("main() { f; }; f() { npm publish; }; main", ["npm publish"]),
        ('f() { npm publish "$1"; }; f dist', ["npm publish dist"]),
        ('retry3() { "$@" || "$@"; }; retry3 npm publish', ["npm publish", "npm publish"]),
        ("f() { f; }; f", ["f"]),
        ("cat <<EOF\nnpm publish\nEOF", ["cat"]),
        ("cat <<'EOF' > x\nnpm publish\nEOF\nnpm ci", ["cat", "npm ci"]),
        ("cat <<-EOF\n\tnpm publish\n\tEOF\nnpm ci", ["cat", "npm ci"]),
        ("cat <<A <<B\n1\nA\nnpm publish\nB\nnpm ci", ["cat", "npm ci"]),
        ("cat << 'E O F'\nnpm publish\nE O F\nnpm ci", ["cat", "npm ci"]),
        ("if true; then cat <<EOF\nnpm publish\nEOF\nfi\nnpm ci", ["true", "cat", "npm ci"]),
        ("bash <<EOF\nnpm publish\nEOF", ["npm publish"]),
        ("node <<EOF\nnpm publish\nEOF", ["node"]),
        ("cat <<< 'npm publish'", ["cat"]),
        ("x=$(npm publish)", ["npm publish"]),
        ('echo "$(npm publish)"', ["npm publish", "echo ¿$(npm publish)"]),
        ("echo `npm publish`", ["npm publish", "echo ¿`npm publish`"]),
        ("echo `echo \\`npm publish\\``", ["npm publish", "echo ¿`npm publish`", "echo ¿`echo \\`npm publish\\``"]),
        ("diff <(npm publish) x", ["npm publish", "diff ¿<(npm publish) x"]),
        ("echo $((1 + 2))", ["echo ¿$((1 + 2))"]),
        ("echo '${{ x }}'", ["echo ¿${{ x }}"]),
        ("echo ${{ a && 'b c' || 'd' }} e", ["echo ¿${{ a && 'b c' || 'd' }} e"]),
        ("echo ${{ format('}}', x) }}", ["echo ¿${{ format('}}', x) }}"]),
        ("echo '${{ inputs['a'] }}' b", ["echo ¿${{ inputs['a'] }} b"]),
        ("npm publish ${{ x", ["npm publish ¿${{ x"]),
        ("echo $'a\\tb' $\"c\"", ["echo a\tb c"]),
        ('echo \\$x \\"', ['echo $x "']),
        ("echo a\\ b", ["echo a b"]),
        ("echo ''", ["echo "]),
        ("npm publish 2>&1 >/dev/null", ["npm publish"]),
        (">log npm publish", ["npm publish"]),
        ("npm publish &> log", ["npm publish"]),
        ("npm publish @(a|b)", ["npm publish @(a|b)"]),
        ("npm publish @scope/x", ["npm publish @scope/x"]),
        ("npm publish ./*.tgz", ["npm publish ./*.tgz"]),
        ("coproc npm publish", ["npm publish"]),
        ("exit 0\nnpm publish", ["exit 0"]),
        ("a || exit 1\nnpm publish", ["a", "exit 1", "npm publish"]),
        ("if a; then exit; fi\nnpm publish", ["a", "exit", "npm publish"]),
        ("", []),
        ("\n\n  \n", []),
    ],
)
def test_the_words_of_bash(script: str, expected: list[str]) -> None:
    assert words(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("x=dist; npm publish $x", ["npm publish dist"]),
        ("x='--tag next'; npm publish $x", ["npm publish --tag next"]),
        ("x='--tag next'; npm publish \"$x\"", ["npm publish --tag next"]),
        ("x=; npm publish $x", ["npm publish"]),
        ('x=; npm publish "$x"', ["npm publish "]),
        ("npm publish ${x}", ["npm publish ¿${x}"]),
        ("npm publish '$x'", ["npm publish $x"]),
        ("npm publish ${known}", ["npm publish v"]),
        ("npm publish $empty", ["npm publish"]),
        ("npm publish ${empty:-d}", ["npm publish d"]),
        ("npm publish ${empty-d}", ["npm publish"]),
        ("npm publish ${known:-d}", ["npm publish v"]),
        ("npm publish ${known:+d}", ["npm publish d"]),
        ("npm publish ${empty:+d}", ["npm publish"]),
        ("npm publish ${x:-d}", ["npm publish ¿${x:-d}"]),
        ("npm publish ${hidden:-d}", ["npm publish ¿${hidden:-d}"]),
        ("npm publish ${known#v}", ["npm publish ¿${known#v}"]),
        ("npm publish ${known:?no}", ["npm publish v"]),
        ("npm publish $secret", ["npm publish ¿${{ secrets.S }}"]),
        ("x=$secret; npm publish a$x", ["npm publish ¿a${{ secrets.S }}"]),
        ("x=a; x+=b; npm publish $x", ["npm publish ab"]),
        ("a=(x 'y z'); npm publish \"${a[@]}\"", ["npm publish x y z"]),
        ("a=(x); a+=(y); npm publish ${a[@]}", ["npm publish x y"]),
        ('a=(npm publish x); if t; then a+=(--tag y); fi; "${a[@]}"', ["t", "npm publish x ¿--tag ¿y"]),
        ('a=(npm x); if t; then a+=(y); else a+=(z w); fi; "${a[@]}"', ["t", "npm x ¿z ¿w"]),
        ('a=(x); if t; then a=(y); fi; npm "${a[@]}"', ["t", "npm ¿${a[@]}"]),
        ("a=(x y); npm publish ${a[0]} $a", ["npm publish ¿${a[0]} x"]),
        ("a=(\n x # no\n y\n)\nnpm publish ${a[*]}", ["npm publish x y"]),
        ("if t; then x=1; fi; npm publish $x", ["t", "npm publish ¿$x"]),
        ("if t; then x=1; else x=1; fi; npm publish $x", ["t", "npm publish 1"]),
        ("if t; then x=1; else x=2; fi; npm publish $x", ["t", "npm publish ¿$x"]),
        ("x=1; t && x=1; npm publish $x", ["t", "npm publish 1"]),
        ("x=1; [ a ] && x=2; npm publish $x", ["[ a ]", "npm publish ¿$x"]),
        ("x=1; (x=2); npm publish $x", ["npm publish 1"]),
        ("x=1; a | x=2; npm publish $x", ["a", "npm publish 1"]),
        ("f() { x=2; }; x=1; f; npm publish $x", ["npm publish 2"]),
        ("case a in b) x=1;; *) x=1;; esac; npm publish $x", ["npm publish 1"]),
        ("for i in a b; do x=1; done; npm publish $x", ["npm publish ¿$x"]),
        ("export x=1; npm publish $x", ["export x=1", "npm publish 1"]),
        ("local x=1; npm publish $x", ["local x=1", "npm publish 1"]),
        ("declare -a a=(1 2); npm publish ${a[@]}", ["declare -a", "npm publish 1 2"]),
        ("unset known; npm publish $known", ["unset known", "npm publish"]),
        ("read x; npm publish $x", ["read x", "npm publish ¿$x"]),
        ("x=$(date); npm publish $x", ["date", "npm publish ¿$x"]),
        ("$cmd publish", ["npm publish"]),
        ("eval npm publish", ["npm publish"]),
        ('eval "npm publish $known"', ["npm publish v"]),
        ("bash -c 'npm publish'", ["npm publish"]),
        ("bash -lc 'cd x && npm publish'", ["cd x", "npm publish"]),
        ("bash -eo pipefail -c 'npm publish'", ["npm publish"]),
        ('sh -c "npm publish $known"', ["npm publish v"]),
        ("npm publish ${{ known }}", ["npm publish a b"]),
        ('npm publish "${{ known }}"', ["npm publish a b"]),
        ("${{ script }}", ["npm ci", "npm publish"]),
        ("npm publish ${{ unknown }}", ["npm publish ¿${{ unknown }}"]),
    ],
)
def test_what_variables_and_expressions_become(script: str, expected: list[str]) -> None:
    variables = {"known": "v", "empty": "", "hidden": None, "secret": "${{ secrets.S }}", "cmd": "npm"}
    expressions = {"known": "a b", "script": "npm ci && npm publish"}
    assert words(script, variables=variables, expression=expressions.get) == expected


@pytest.mark.parametrize(
    ("script", "directory"),
    [
        ("npm publish", "."),
        ("cd a && npm publish", "a"),
        ("cd a; cd b; npm publish", "a/b"),
        ("cd a/../b/./c/ && npm publish", "b/c"),
        ("cd a && cd .. && npm publish", "."),
        ("cd .. && npm publish", ".."),
        ("cd /x/ && npm publish", "/x"),
        ("cd ~/x && npm publish", "~/x"),
        ("cd && npm publish", "~"),
        ("cd - && npm publish", None),
        ("cd $x && npm publish", None),
        ("cd $x && cd /y && npm publish", "/y"),
        ("cd -- a && npm publish", "a"),
        ("(cd a); npm publish", "."),
        ("(cd a && npm publish)", "a"),
        ("pushd a; npm publish", "a"),
        ("pushd a; pushd b; popd; npm publish", "a"),
        ("pushd a; popd; npm publish", "."),
        ("popd; npm publish", None),
        ("if x; then cd a; fi; npm publish", None),
        ("x=a; cd $x; npm publish", "a"),
        ("env -C a npm publish", "a"),
        ("f() { cd a; }; f; npm publish", "a"),
        ("for d in a; do cd $d; npm publish; done", "a"),
        ("bash -c 'cd a'; npm publish", "."),
        ("bash -c 'cd a; npm publish'", "a"),
    ],
)
def test_the_directory(script: str, directory: str | None) -> None:
    assert [one.directory for one in interpreter.parse(script) if "publish" in one.argv] == [directory]


@pytest.mark.parametrize(
    ("script", "step_shell", "swallowed"),
    [
        ("npm publish", None, None),
        ("npm publish || true", None, "|| true"),
        ("npm publish || :", None, "|| :"),
        ("npm publish || echo no", None, "|| echo"),
        ("npm publish || exit 1", None, None),
        ("npm publish || exit 0", None, "|| exit"),
        ("npm publish || { echo no; exit 1; }", None, None),
        ("npm publish || { echo no; }", None, "|| group"),
        ("die() { exit 1; }; npm publish || die", None, None),
        ("npm ci && npm publish || true", None, "|| true"),
        ("npm publish && echo yes || echo no", None, "|| echo"),
        ("npm publish && echo yes", None, None),
        ("npm publish && echo yes\necho more", None, "&&"),
        ("npm ci && npm publish\necho more", None, None),
        ("if npm publish; then echo yes; fi", None, "if"),
        ("if npm publish; then echo yes; else exit 1; fi", None, None),
        ("if ! npm publish; then exit 1; fi", None, None),
        ("if ! npm publish; then echo no; fi", None, "if"),
        ("! npm publish", None, "!"),
        ("set +e\nnpm publish\necho", None, "set +e"),
        ("set +e\nnpm publish", None, None),
        ("set +e\nnpm publish\ncode=$?\nexit $code", None, None),
        ("set +e\nset -e\nnpm publish\necho", None, None),
        ("set +o errexit\nnpm publish\necho", None, "set +e"),
        ("npm publish | tee log", None, "| tee"),
        ("npm publish | tee log", "bash", None),
        ("npm publish | tee log", "bash -e {0}", "| tee"),
        ("npm publish | tee log", "bash -eo pipefail {0}", None),
        ("set -o pipefail\nnpm publish | tee log", None, None),
        ("set -euo pipefail\nnpm publish | tee log", None, None),
        ("npm publish\necho", "bash -l {0}", "set +e"),
        ("npm publish &", None, "&"),
        ("echo $(npm publish)", None, "$( )"),
        ("until npm publish; do sleep 1; done", None, None),
        ("npm publish || true", "pwsh", "|| true"),
        ("npm publish; echo", "pwsh", None),
        ("npm publish || ver>nul", "cmd", "|| ver>nul"),
    ],
)
def test_what_swallows_a_failure(script: str, step_shell: str | None, swallowed: str | None) -> None:
    found = interpreter.parse(script, shell=step_shell)
    assert [one.swallowed for one in found if "publish" in one.argv] == [swallowed]


@pytest.mark.parametrize(
    ("script", "wrappers", "other_system"),
    [
        ("sudo npm publish", ("sudo",), None),
        ("sudo -E -u me npm publish", ("sudo",), None),
        ("sudo -E env A=b npm publish", ("sudo", "env"), None),
        ("env npm publish", ("env",), None),
        ("/usr/bin/env A=b npm publish", ("env",), None),
        ("env -u A -- npm publish", ("env",), None),
        ("nohup npm publish", ("nohup",), None),
        ("exec npm publish", ("exec",), None),
        ("command npm publish", ("command",), None),
        ("nice -n 5 npm publish", ("nice",), None),
        ("timeout 5m npm publish", ("timeout",), None),
        ("timeout -k 5 --signal KILL 10 npm publish", ("timeout",), None),
        ("retry 3 npm publish", ("retry",), None),
        ("retry --times 3 -- npm publish", ("retry",), None),
        ("dotenv -e .env -- npm publish", ("dotenv",), None),
        ("cross-env A=b npm publish", ("cross-env",), None),
        ("op run --env-file x -- npm publish", ("op",), None),
        ("doppler run -- npm publish", ("doppler",), None),
        ("sfw npm publish", ("sfw",), None),
        ("xvfb-run -a npm publish", ("xvfb-run",), None),
        ("ls *.tgz | xargs npm publish", ("xargs",), None),
        ("ls | xargs -n1 -I{} npm publish {}", ("xargs",), None),
        ("ls | xargs -I % -P 4 npm publish %", ("xargs",), None),
        ("find . -name '*.tgz' -exec npm publish {} \\;", ("find",), None),
        ("find . -execdir npm publish {} +", ("find",), None),
        ("parallel -j 2 npm publish ::: a b", ("parallel",), None),
        ("nix develop -c npm publish", ("nix",), "nix"),
        ("nix develop .#ci --command npm publish", ("nix",), "nix"),
        ("nix-shell -p nodejs --run 'npm publish'", ("nix-shell",), "nix-shell"),
        ("devbox run npm publish", ("devbox",), "devbox"),
        ("docker run --rm -v $PWD:/w -w /w -e A node:22 npm publish", ("docker",), "docker"),
        ("docker run --rm node:22 sh -c 'npm publish'", ("docker", "sh"), "docker"),
        ("docker exec -it box npm publish", ("docker",), "docker"),
        ("docker compose run --rm web npm publish", ("docker",), "docker"),
        ("ssh -p 22 host npm publish", ("ssh",), "ssh"),
        ("ssh host 'cd x && npm publish'", ("ssh",), "ssh"),
        ("bash -c 'sudo npm publish'", ("bash", "sudo"), None),
        ("bash <<X\nnpm publish\nX", ("bash",), None),
    ],
)
def test_the_programs_that_start_another(script: str, wrappers: tuple[str, ...], other_system: str | None) -> None:
    (found,) = (one for one in interpreter.parse(script) if "publish" in one.argv)
    assert (found.argv[:2], found.wrappers, found.other_system) == (("npm", "publish"), wrappers, other_system)


@pytest.mark.parametrize(
    "script",
    [
        "command -v npm publish",
        "docker build -t npm publish",
        "docker push npm publish",
        "man npm publish",
        "grep npm publish",
        "printf 'npm publish'",
        "bash publish.sh",
        "op item get npm publish",
    ],
)
def test_what_starts_nothing(script: str) -> None:
    assert all(one.argv[:2] != ("npm", "publish") for one in interpreter.parse(script))


def test_the_place_and_the_surroundings_of_a_command() -> None:
    script = "export A=1\n\nif [ x ]; then\n  B=2 npm \\\n    publish --provenance > log\nfi\n"
    (found,) = (one for one in interpreter.parse(script) if "publish" in one.argv)
    assert found.line == 3
    assert found.assigned == (("B", "2"),)
    assert dict(found.exported) == {"A": "1"}
    assert found.redirects == (interpreter.Redirect(">", "log"),)
    assert (found.conditional, found.loop, found.function) == (True, False, None)
    assert [script[start:end] for start, end in filter(None, found.spans)] == ["npm", "publish", "--provenance"]


def test_places_are_those_of_the_script_also_behind_a_known_expression() -> None:
    script = "echo ${{ long }} 'x'\nnpm publish --provenance"
    found = interpreter.parse(script, expression={"long": "a very long text\nwith a line"}.get)
    publish = found[-1]
    assert publish.line == 1
    assert [script[start:end] for start, end in filter(None, publish.spans)] == ["npm", "publish", "--provenance"]


def test_words_of_a_nested_script_have_no_place() -> None:
    (found,) = interpreter.parse("bash -c 'npm publish'")
    assert found.spans == (None, None)


@pytest.mark.parametrize(
    ("script", "exported"),
    [
        ("export A=1; x", {"A": "1"}),
        ("A=1; export A; x", {"A": "1"}),
        ("A=1; x", {}),
        ("export A=1; A=2; x", {"A": "2"}),
        ("GIVEN=2; x", {"GIVEN": "2"}),
        ("unset GIVEN; x", {"GIVEN": ""}),
        ("export A=$(y); x", {"A": None}),
        ("export A=1 B=2; x", {"A": "1", "B": "2"}),
        ("declare -x A=1; x", {"A": "1"}),
        ("(export A=1); x", {}),
        ("if t; then export A=1; fi; x", {"A": None}),
        ("f() { export A=1; }; f; x", {"A": "1"}),
    ],
)
def test_what_is_exported(script: str, exported: dict[str, str | None]) -> None:
    assert dict(interpreter.parse(script, variables={"GIVEN": "1"})[-1].exported) == exported


@pytest.mark.parametrize(
    ("script", "redirects"),
    [
        ("echo a >> .npmrc", [(">>", ".npmrc", False)]),
        ("echo a > $HOME/.npmrc", [(">", "$HOME/.npmrc", True)]),
        ("{ echo a; } > x", [(">", "x", False)]),
        ("(echo a) >> x", [(">>", "x", False)]),
        ("if t; then echo a; fi > x", [(">", "x", False)]),
        ("for i in 1; do echo a; done > x", [(">", "x", False)]),
        ("echo <<EOF a > x\nl1\nl2\nEOF", [("<<", "l1\nl2\n", False), (">", "x", False)]),
        ("echo a <<EOF\n$T\nEOF", [("<<", "$T\n", True)]),
        ("echo a <<'EOF'\n$T\nEOF", [("<<", "$T\n", False)]),
        ("echo a <<EOF\n\\$T\nEOF", [("<<", "$T\n", False)]),
        ("T=1; echo a <<EOF\n${T}\nEOF", [("<<", "1\n", False)]),
        ("echo a <<-EOF\n\tb\n\tEOF", [("<<", "b\n", False)]),
        ("echo a <<< b", [("<<<", "b", False)]),
    ],
)
def test_redirections(script: str, redirects: list[tuple[str, str, bool]]) -> None:
    (found,) = (one for one in interpreter.parse(script) if one.argv[0] == "echo")
    assert [(one.operator.rstrip("-"), one.target, one.opaque) for one in found.redirects] == redirects


def test_what_is_piped_in() -> None:
    assert [one.piped_from for one in interpreter.parse("echo a | sort | tee b")] == [None, ("echo", "a"), ("sort",)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm publish", ["npm publish"]),
        ("npm publish `\n  --access public", ["npm publish --access public"]),
        ("# npm publish\n<# npm publish\n#>", []),
        ("npm ci; npm publish", ["npm ci", "npm publish"]),
        ("npm ci && npm publish", ["npm ci", "npm publish"]),
        ("& npm publish", ["npm publish"]),
        ("npm.cmd publish 'a b' \"c d\"", ["npm.cmd publish a b c d"]),
        ("npm publish 'it''s' \"a`\"b\"", ["npm publish it's a\"b"]),
        ('npm publish --tag "$env:TAG"', ["npm publish --tag ¿$env:TAG"]),
        ('npm publish --tag "$env:KNOWN"', ["npm publish --tag v"]),
        ('npm publish --tag "${env:KNOWN}"', ["npm publish --tag v"]),
        ('$t = "next"\nnpm publish --tag $t', ["npm publish --tag next"]),
        ('$t = "a" + "b"\nnpm publish --tag $t', ["npm publish --tag ¿$t"]),
        ("$t = npm view x version\nnpm publish $t", ["npm view x version", "npm publish ¿$t"]),
        ("[string]$t = 'x'\nnpm publish $t", ["npm publish x"]),
        ("if ($a -eq 'b') { npm publish } else { npm ci }", ["¿$a -eq b", "npm publish", "npm ci"]),
        ("try { npm publish } catch { exit 1 }", ["npm publish", "exit 1"]),
        ("function f { npm publish }\nf", ["npm publish"]),
        ("function f { npm publish }", []),
        ("ls | ForEach-Object { npm publish $_ }", ["ls", "ForEach-Object", "npm publish ¿$_"]),
        ('Write-Host "npm publish"', ["Write-Host npm publish"]),
        ("@'\nnpm publish\n'@ | Out-File x", ["npm publish", "Out-File x"]),
        ('@"\n$env:KNOWN\n"@ > x', ["v"]),
        ("npm publish $(Get-Item x)", ["Get-Item x", "npm publish ¿$(Get-Item x)"]),
        ("npm publish '${{ a }}'", ["npm publish ¿${{ a }}"]),
        ("Set-Location a; npm publish", ["Set-Location a", "npm publish"]),
    ],
)
def test_the_words_of_powershell(script: str, expected: list[str]) -> None:
    assert words(script, shell="pwsh", variables={"KNOWN": "v"}) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("npm publish", ["npm publish"]),
        ("@npm publish", ["npm publish"]),
        ("rem npm publish\n:: npm publish\n:label\nREM npm publish", []),
        ("npm publish ^\n  --access public", ["npm publish --access public"]),
        ("call npm publish", ["npm publish"]),
        ("npm ci && npm publish & npm x", ["npm ci", "npm publish", "npm x"]),
        ('npm publish "a b" --tag %TAG%', ["npm publish a b --tag ¿%TAG%"]),
        ("npm publish --tag %KNOWN%", ["npm publish --tag v"]),
        ("set T=next\nnpm publish --tag %T%", ["set T=next", "npm publish --tag next"]),
        ('set "T=next"\nnpm publish --tag %T%', ["set T=next", "npm publish --tag next"]),
        ('if "%T%"=="x" npm publish', ["npm publish"]),
        ("if exist a (\n npm publish\n) else (\n npm ci\n)", ["npm publish", "npm ci"]),
        ("for %%i in (*.tgz) do npm publish %%i", ["npm publish ¿%%i"]),
        ("echo npm publish", ["echo npm publish"]),
        ("npm publish ${{ a }}", ["npm publish ¿${{ a }}"]),
    ],
)
def test_the_words_of_cmd(script: str, expected: list[str]) -> None:
    assert words(script, shell="cmd", variables={"KNOWN": "v"}) == expected


@pytest.mark.parametrize("step_shell", ["python", "python {0}", "node {0}", "perl {0}", "/usr/bin/python3"])
def test_another_languages_script_is_not_read(step_shell: str) -> None:
    assert interpreter.parse("npm publish", shell=step_shell) == ()


@pytest.mark.parametrize(
    "step_shell",
    ["bash", "sh", "/bin/bash", "bash --noprofile --norc -eo pipefail {0}", "zsh", "pwsh", "cmd", "PowerShell"],
)
def test_the_shells_that_are_read(step_shell: str) -> None:
    assert [one.argv for one in interpreter.parse("npm publish", shell=step_shell)] == [("npm", "publish")]


def _pieces(text: str) -> list[str]:
    return [piece.replace("·", " ").replace("¶", "\n") for piece in text.split(" ")]


PIECES = [
    *"'\"`$(){}[]<>|&;#\\ \n\t!=@*?~-+%^",
    *_pieces(
        "$( ${ $(( << <<- <<< && || ;; ${{ }} [[ ]] (( )) $' <( >> 2>&1 @' '@ <# #> \\¶ \r¶ x=1 $x ${x} f() bash·-c"
    ),
    *_pieces(
        "if then elif else fi for in do done while until case esac function time npm publish cd export eval xargs"
    ),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["", " "]), st.sampled_from([None, "pwsh", "cmd"])
)
@example([" ", "${{", "'"], "", None)
@example(["f()", "{", "f", ";", "}", ";", "f"], " ", None)
def test_no_text_crashes_the_reader(pieces: list[str], between: str, step_shell: str | None) -> None:
    script = between.join(pieces)
    for one in interpreter.parse(script, shell=step_shell, variables={"x": "1"}):
        assert one.argv
        assert 0 <= one.line <= script.count("\n")
        assert len(one.spans) == len(one.argv)
        for span in filter(None, one.spans):
            assert 0 <= span[0] <= span[1] <= len(script)


HOSTILE: dict[str | None, str] = {
    None: "$( ` ${ ${x:- ( (( {· if· case·x·in· ' \" <<A¶ ${{· ${{·' [[· f()·{· $(( @( a&& a| a=( x=$x$x; "
    "export·x=1$y; !· sudo· env·A=b· bash·-c·' eval· if·a;·then·x=1;·fi; function·f·{ a·<<E; \\ #¶ <( for·x·in· while· "
    "}· done· ) $'",
    "pwsh": "$( ' \" @\"¶ <# { ( $a· $a='x'; if·( try·{ a&& a| ` @{ ${{·",
    "cmd": '" ^ ( ) %a% a&& a| if·x== for·%i·in·( for·x· set·x=y¶ ^¶',
}


@pytest.mark.skipif(not os.environ.get("SAFEPUBLISH_WHOLE"), reason="it compares times: by hand, on a quiet machine")
@pytest.mark.parametrize("step_shell", HOSTILE)
def test_the_cost_is_linear(step_shell: str | None) -> None:
    """Ten times the text takes some ten times as long, whatever is repeated."""
    slow = {}
    for script in _pieces(HOSTILE[step_shell]):
        times = []
        for count in (200, 2000):
            start = time.process_time()
            interpreter.parse(script * count, shell=step_shell)
            times.append(time.process_time() - start)
        if times[1] > 40 * max(times[0], 0.004):
            slow[script] = times
    assert not slow


def test_calls_that_multiply_end() -> None:
    script = "".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(60)) + "f60() { npm publish; }\nf0\n"
    assert len(interpreter.parse(script)) < 100_000
