"""What variables, lists, expressions and redirections become."""

import pytest

from safepublish.shell import interpreter
from tests.support.scripts import words


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
def test_variables_and_expressions(script: str, expected: list[str]) -> None:
    variables = {"known": "v", "empty": "", "hidden": None, "secret": "${{ secrets.S }}", "cmd": "npm"}
    expressions = {"known": "a b", "script": "npm ci && npm publish"}
    assert words(script, variables=variables, expression=expressions.get) == expected


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
