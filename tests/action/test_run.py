"""run.sh: which Python it takes, and what it says where none fits."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "action" / "run.sh"
BASH = shutil.which("bash") or "/bin/bash"
FITS = 'case "$2" in */fits.py) [ -z "$3" ] || [ "$3" = named ];; *) echo "$0 ${@:1:4} ${5##*/}";; esac'
OLD = 'echo "is 3.10.12, older than 3.11"; exit 3'
STUB = "echo 'Python was not found; run without arguments to install from the Store'; exit 9"

pytestmark = pytest.mark.real_process
Pythons = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def pythons(tmp_path: Path) -> Pythons:
    """Lays Pythons that do no more than answer: by their path below a directory, what they do."""

    def lay(scripts: Mapping[str, str]) -> Path:
        for name, script in scripts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!{BASH}\n{script}\n")
            path.chmod(0o755)
        (tmp_path / "bin").mkdir(exist_ok=True)
        return tmp_path

    return lay


def run(where: Path, **env: str) -> tuple[int, str]:
    variables = {"PATH": str(where / "bin"), "RUNNER_TOOL_CACHE": str(where / "tools"), **env}
    ended = subprocess.run(
        [BASH, "--noprofile", "--norc", str(RUN)], env=variables, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


@pytest.mark.parametrize(
    ("laid", "taken"),
    [
        ({"bin/python3": FITS, "bin/python": OLD}, "bin/python3"),
        ({"bin/python3": OLD, "bin/python": FITS}, "bin/python"),
        ({"bin/python3": STUB, "bin/python": FITS}, "bin/python"),
        ({"bin/python3": OLD, "tools/Python/3.12.11/x64/bin/python3": FITS}, "tools/Python/3.12.11/x64/bin/python3"),
        (
            {"tools/Python/3.11.9/x64/bin/python3": FITS, "tools/Python/3.14.0/arm64/bin/python3": FITS},
            "tools/Python/3.14.0/arm64/bin/python3",
        ),
        (
            {"tools/Python/3.14.0/x64/bin/python3": STUB, "tools/Python/3.13.9/x64/bin/python3": FITS},
            "tools/Python/3.13.9/x64/bin/python3",
        ),
        ({"tools/Python/3.12.10/x64/python.exe": FITS}, "tools/Python/3.12.10/x64/python.exe"),
        ({"bin/python3": OLD, "bin/python3.11": FITS}, "bin/python3.11"),
        ({"bin/python3": OLD, "a b/python": FITS, "bin/py": 'echo "${PATH%/bin}/a b/python"'}, "a b/python"),
    ],
)
def test_the_first_that_fits_is_taken(laid: Mapping[str, str], taken: str, pythons: Pythons) -> None:
    where = pythons(laid)
    status, out = run(where)
    assert (status, out) == (0, f"{where / taken} -I -S -X utf8 start.py\n")


def test_a_tool_cache_as_windows_writes_it(pythons: Pythons) -> None:
    where = pythons({"tools/Python/3.12.10/x64/python.exe": FITS})
    status, out = run(where, RUNNER_TOOL_CACHE=str(where / "tools").replace("/", "\\"))
    assert (status, out) == (0, f"{where}/tools/Python/3.12.10/x64/python.exe -I -S -X utf8 start.py\n")


def test_where_none_fits_each_is_named_and_a_mend(pythons: Pythons) -> None:
    status, out = run(pythons({"bin/python3": OLD, "bin/python": STUB}))
    assert status == 2
    assert out == (
        "::error title=safepublish%3A no Python::No CPython 3.11.2 to 3.14 with pip was found: "
        "python3 is 3.10.12, older than 3.11; python does not start.%0A"
        "Mend: run actions/setup-python before this step, or name a Python with the input python.\n"
    )


def test_where_there_is_none_at_all(pythons: Pythons) -> None:
    status, out = run(pythons({}))
    assert status == 2
    assert "found: no python3, python or py on PATH, and none in the tool cache.%0AMend: " in out


def test_the_named_one_alone_is_asked(pythons: Pythons) -> None:
    where = pythons({"bin/python3": FITS, "my 3.12/python": FITS, "old": OLD})
    named = str(where / "my 3.12/python")
    assert run(where, INPUT_PYTHON=named) == (0, f"{named} -I -S -X utf8 start.py\n")
    status, out = run(where, INPUT_PYTHON=str(where / "old"))
    assert status == 2
    assert f"::The input python cannot be used: {where}/old is 3.10.12, older than 3.11. It needs CPython" in out


def test_a_second_use_in_a_job_takes_what_the_first_found(pythons: Pythons) -> None:
    where = pythons({"bin/python3": OLD, "bin/python": FITS, "named": FITS})
    temp, known = str(where), where / "safepublish-python"
    taken = (0, f"{where}/bin/python -I -S -X utf8 start.py\n")
    assert run(where, RUNNER_TEMP=temp, INPUT_PYTHON=str(where / "named"))[0] == 0
    assert not known.exists()
    assert run(where, RUNNER_TEMP=temp) == taken
    assert known.read_text() == f"{RUN.parent}\n{where}/bin/python\n"
    (where / "bin/python3").write_text(f"#!{BASH}\n{FITS}\n")
    assert run(where, RUNNER_TEMP=temp) == taken
    assert run(where, RUNNER_TEMP=temp, INPUT_PYTHON=str(where / "named"))[1].startswith(f"{where}/named ")


@pytest.mark.parametrize(
    "found", ["", "\n\n", "{by}\n", "{by}\n{where}/gone\n", "another action\n{where}/other\n", "{by}\n\n"]
)
def test_what_does_not_say_it_is_not_followed(found: str, pythons: Pythons) -> None:
    where = pythons({"bin/python3": FITS, "other": STUB})
    (where / "safepublish-python").write_text(found.format(by=RUN.parent, where=where))
    assert run(where, RUNNER_TEMP=str(where)) == (0, f"{where}/bin/python3 -I -S -X utf8 start.py\n")


def test_a_name_is_no_workflow_command(pythons: Pythons) -> None:
    status, out = run(pythons({}), INPUT_PYTHON="no%such\n::set-output name=verdict::pass")
    assert status == 2
    assert out.count("\n") == 1
    assert "no%25such%0A::set-output" in out


def test_the_python_of_these_tests_fits(pythons: Pythons) -> None:
    status, out = run(pythons({}), INPUT_PYTHON=sys.executable)
    assert status == 2
    assert out.startswith("::error title=safepublish%3A not started::RUNNER_TEMP is not set: ")
