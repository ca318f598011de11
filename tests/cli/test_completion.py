"""The completion scripts, each run by its shell."""

import shutil
import subprocess
from pathlib import Path

import pytest

from safepublish import cli
from safepublish.causes import BY_ID

BASH = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_safepublish
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { :; }
_files() { :; }
compadd() { shift; local word; for word in "$@"; do [[ $word == ${PREFIX}* ]] && print -r -- $word; done; return 0 }
source "$1"; shift
words=("$@") CURRENT=$# PREFIX=${@[-1]}
_safepublish
"""
FISH = 'source $argv[1]; complete -C "$argv[2..-1]"'
"""The line before the cursor, as the shell hands it to the script, and what is offered, one a line."""

SHELLS = {"bash": ("--norc", "-c", BASH, "bash"), "zsh": ("-f", "-c", ZSH, "zsh"), "fish": ("--no-config", "-c", FISH)}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """A shell of this machine."""
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} here")
    return str(request.param)


def starting(prefix: str) -> set[str]:
    return {cause for cause in BY_ID if cause.startswith(prefix)}


@pytest.mark.real_process
def test_what_is_completed(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    for words, offered in (
        (["wo"], {"workflow"}),
        (["--al"], {"--allow-token", "--already-published"}),
        (["workflow", "--f"], {"--fix", "--format"}),
        (["rehearse", "--f"], {"--fixed"}),
        (["explain", "npm-"], starting("npm-")),
        (["explain", "--l"], {"--list"}),
        (["--waive", "token-"], starting("token-")),
        (["check", "--format", "j"], {"json"}),
        (["workflow", "--color", "a"], {"auto", "always"}),
        (["completion", "z"], {"zsh"}),
        (["check", "--quie"], set()),
    ):
        ended = subprocess.run(
            [shell, *SHELLS[shell], str(script), "safepublish", *words],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )
        found = {line.partition("\t")[0] for line in ended.stdout.splitlines() if line}
        assert found == offered, (words, ended.stderr)
