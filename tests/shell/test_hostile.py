"""The worst of each grammar: deep nesting, one character 100,000 times, what is never closed, what multiplies.

Each input may take one second, or on a slow machine ten times as long as a plain script of 100,000 characters. The
environment variable SAFEPUBLISH_WHOLE makes every input that long.
"""

import os
import time
from collections.abc import Callable
from functools import cache

import pytest

from safepublish.shell import config_commands, interpreter, makefile, publish_commands

LONGEST = 100_000
SIZE = LONGEST if os.environ.get("SAFEPUBLISH_WHOLE") else 40_000


def fill(unit: str, size: int = SIZE) -> str:
    return unit * max(1, size // len(unit))


def units(text: str) -> list[str]:
    """The pieces of *text*; · stands for a blank, ¶ for a line end, and each is to be repeated."""
    return [piece.replace("·", " ").replace("¶", "\n") for piece in text.split(" ")]


def inputs(repeated: str, **built: str) -> list[object]:
    repeats = dict.fromkeys([*units(repeated), "\t", "\r", "\0", "\u3000"])
    made = [pytest.param(fill(unit, LONGEST if len(unit) == 1 else SIZE), id=f"repeated {unit!r}") for unit in repeats]
    return [*made, *(pytest.param(text, id=name.replace("_", "-")) for name, text in built.items())]


def calls(depth: int, before: str, after: str) -> str:
    """Functions of which each calls the next, *depth* levels inside its body."""
    return "".join(f"f{n}() {{ {before * depth} f{n + 1} {after * depth} }}\n" for n in range(9)) + "f0"


def called(body: str) -> str:
    """A function with a long body that is called very often."""
    return f"f() {{ {body}\n}};" + fill("f;", SIZE // 2)


def interpret(script: str, shell: str | None = None) -> int:
    """What a step's script goes through; the number of its commands."""
    values = {"long": "x" * 50_000, "unresolved": "${{ x }}" * 5_000}
    variables = {"LONG": values["long"], "SECRET": values["unresolved"]}
    found = interpreter.parse(script, shell=shell, variables=variables, expression=values.get)
    for command in found:
        publish_commands.classify(command)
        config_commands.config_changes(command)
    return len(found)


def make(text: str) -> None:
    makefile.publishing(text, lambda recipe: "publish" in recipe)
    for target in ("a", "t0", "t5"):
        script = makefile.script(text, [target])
        if script is not None:
            interpret(script, "sh")


def seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


@cache
def budget() -> float:
    plain = fill("npm run build -- --flag\n", LONGEST)
    return max(1, 10 * min(seconds(lambda: interpret(plain)) for _ in range(2)))


HALF = SIZE // 2
LIST = "a=(" + "x " * 200 + ");"
LONG_LIST = "a=(" + ("x" * 500 + " ") * 100 + ");"
BASH = inputs(
    '· a \' " ` $ \\ # ! * ? @ = - + % ^ ~ , : / 0 [ ] { } ( ) < > | & ; ¶ \\¶ \\\r¶ $( `\\` "` ${ '
    '${x:- "${x:-" (( ((a)) {· if· if·a;·then· elif·a;then·b; case·x·in· case·x·in·a)· <<A¶ '
    "<<A· a<<E; $(cat·<<A¶ ${{ ${{' '${{ [[· f()·{· f()· function·f· function·f·{· coproc· $(( "
    "@( a&&· a|· a||· a||·{b;}; a||{· a=(· a[ a[; x=$x$x; x+=$x; export·x=1$y;· !· time· sudo· "
    "env·A=b· A=b· bash·-c·' bash·-c·\" eval· if·a;then·x=1;fi; <(· for·x·in· while· do· done· "
    '} ) $\' $\'\\ "$( a>b; >x {·a;}>x; {a,{b, {a,b} {1..9} cd·a; pushd·a; set·-e; $u "$@" nix·a· '
    "docker·compose· npx· corepack· npm·publish; xargs· cat·<<E·>.npmrc¶${{ echo·$LONG; "
    "echo·$SECRET; echo·${{·long·}}; echo·'${{·unresolved·}}';",
    nested_ifs="if a; then " * 5_000 + "b" + "; fi" * 5_000,
    branches_that_export="if a;then b;" + "".join(f"elif a;then export v{n}=1;" for n in range(SIZE // 27)) + "fi",
    branches_that_assign="if a;then b;" + "".join(f"elif a;then v{n}=1;" for n in range(SIZE // 20)) + "fi",
    branches_after_exports="".join(f"export b{n}=1;" for n in range(500)) + fill("if a;then export c=1;fi;"),
    branches_of_case="case x in " + fill("a) b;;") + " esac",
    many_exports="".join(f"export v{n}=1\n" for n in range(SIZE // 15)),
    redirections_of_a_group="{ " + fill("a>b;", HALF) + "}" + fill(">x", HALF),
    assignments_of_env="env " + fill("A=1 ", HALF) + " bash -c '" + fill("B=1 a;", HALF) + "'",
    a_list_as_words=LIST + fill("echo ${a[@]};"),
    a_list_as_text=LONG_LIST + 'echo "' + fill("${a[*]}", HALF) + '"',
    a_list_in_a_document=LONG_LIST + "cat <<E\n" + fill("${a[@]}", HALF) + "\nE\n",
    a_value_that_doubles="x=aaaaaaaa;" + fill("x=$x$x;", 2_000) + fill("echo $x$x$x$x;"),
    documents="".join(f"cat <<A{n}\nx\nA{n}\n" for n in range(SIZE // 15)),
    delimiters="cat " + "".join(f"<<A{n} " for n in range(SIZE // 8)) + "\n",
    called_definitions=called("bash -c '" + fill("g() { :;};", HALF) + "'"),
    called_arithmetic=called(fill("((1));", HALF)),
    called_arguments=called("a " + fill("x ", HALF)),
    called_variables=called("a " + fill("$u", HALF)),
    called_document=called("cat <<E\n" + fill("x ", HALF) + "\nE\n"),
    called_branches=called(fill("if a;then b;fi;", HALF)),
    called_case=called("case x in " + fill("a) ;;", HALF) + " esac"),
    arguments_of_a_function="f() { :; };" + fill("f " + "a " * 200 + ";"),
    calls_that_multiply="".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(60)) + "f60() { a; }\nf0\n",
    calls_in_groups=calls(36, "{ ", "; }"),
    calls_in_branches=calls(36, "if a; then ", "; fi"),
    calls_in_substitutions=calls(18, 'echo "$(', ')";'),
    evaluations="x='" + "a;" * 400 + "';" + fill("eval $x;"),
    printf="printf '" + fill("%s", HALF) + "' " + fill("a ", HALF) + ">>.npmrc",
    printf_again="printf '" + fill("x", HALF) + "%s' " + fill("a ", HALF) + ">>.npmrc",
    credential="echo '//r/:_authToken=" + fill("${{") + "' >> .npmrc",
    files="echo " + fill("a ", HALF) + fill(">>.npmrc ", HALF),
    variables_of_docker="docker run " + fill("-e A=b "),
    variables_of_env="env " + fill("A=b ") + "npm publish",
    commands_of_find="find . " + fill("-exec a \\; "),
    arguments_of_nix="nix " + fill("a "),
    name_of_a_program="npx " + fill("publish-") + "x",
)
POWERSHELL = inputs(
    "· a ' \" ` $ @ # & | ; ( ) { } < > , = [ ] : ¶ $( \"$( @\"¶ @'¶ <# {· (· $a= $a='x'; $a=[x] "
    '$a=if· $a=; [x]$a= if( if·(a)·{ try{ a&&· a|· @{ @( ${ "${ "$ ${{ \'${{ `¶ function·f·{ '
    'function·f· foreach( $env:A=\'b\'; else· do· $(@"¶$( @"¶$(@"¶ "$(" $a:$a: \'\'· 2>&1· a>b; '
    "{a}; $a·=·¶",
)
CMD = inputs(
    '· a " ^ ( ) % ! & | @ : = ; , < ¶ %a% !a! %%a a&&· a||· a&· if·x==y· if·x== if·exist·" '
    'if·" if·a· if·not· for·%i·in·( for·x· for·x·in·(a)·do· for·%i·in·(a· set·x=y¶ '
    'set·x=%x%%x%¶ ^¶ ^\r¶ call· else· else( rem· (¶ if·a==b·(¶ "&if·" if·a& x·( %~ ${{ "${{',
    conditions_before_commands=fill("if x==y ", HALF) + fill("a&", HALF),
    brackets_before_commands=fill("if x==y (", HALF) + fill("a&", HALF),
    blanks_of_for="for " + fill(" "),
    blanks_of_if="if a" + fill(" "),
    carriage_returns="a" + fill("\r") + "^\n",
)
MAKEFILE = inputs(
    "· a : = # $ ( ) \\ % | ; & @ ¶ a:¶ a:·b¶ a:¶\tb¶ a·\\¶ A=$(A)¶ A+=x¶ $( ${ a·b:c·d¶ "
    "define·a¶ ifdef·a¶ export· a:;b¶ a=b· a:·= a· &: :: a::= \t$(A)¶",
    blanks_behind_a_target="a" + fill(" "),
    blanks_before_an_equals_sign="a:" + fill(" ") + "=",
    chain_of_variables="".join(f"A{n}=$(A{n + 1})\n" for n in range(1_999)) + "a:\n\t$(A0)\n",
    variables_that_double="A0=xxx\n" + "".join(f"A{n + 1}=$(A{n})$(A{n})\n" for n in range(900)) + "a:\n\t$(A900)\n",
    long_recipe="A=" + "x" * 9_000 + "\na:\n" + "\t$(A)\n" * 1_990,
    chain_of_rules="".join(f"t{n}: t{n - 1}\n" for n in range(1_990, 0, -1)) + "t0:\n\tnpm publish\n",
    many_targets=" ".join(f"t{n}" for n in range(8_000)) + ":\n" + "\tx\n" * 1_900,
    many_needs=" ".join(f"t{n}" for n in range(8_000)) + ": " + " ".join(f"t{n}" for n in range(8_000)) + "\n\tx\n",
)


@pytest.mark.parametrize("script", BASH)
def test_bash(script: str) -> None:
    assert seconds(lambda: interpret(script)) < budget()


@pytest.mark.parametrize("script", POWERSHELL)
def test_powershell(script: str) -> None:
    assert seconds(lambda: interpret(script, "pwsh")) < budget()


@pytest.mark.parametrize("script", CMD)
def test_cmd(script: str) -> None:
    assert seconds(lambda: interpret(script, "cmd")) < budget()


@pytest.mark.parametrize("text", MAKEFILE)
def test_makefile(text: str) -> None:
    assert seconds(lambda: make(text)) < budget()
