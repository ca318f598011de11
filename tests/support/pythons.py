"""Runs the suite's pure part and one publish on each CPython of this machine: `make test-pythons`.

Pythons come from PATH, pyenv and uv. `--oldest-and-newest` runs those two alone. A release line that the project claims
and this machine does not have is named, and is no failure: the GitHub matrix has them all.
"""

import argparse
import glob
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLAIMED = [
    text.rpartition(" ")[2]
    for text in PROJECT["classifiers"]
    if text.startswith("Programming Language :: Python :: 3.")
]

PURE = ("causes", "ci", "logs", "npm", "pipelines", "report", "shell", "test_pure_core.py")
"""The rooms that need no machine: what differs between Pythons there is the language and its library."""
ON_THE_MACHINE = (
    "rehearsal/test_npm_download.py",
    "test_guard.py::test_a_publish_through_oidc_is_npms_own",
    "test_guard.py::test_node_22s_npm_is_refused_and_no_token_is_blamed",
)

_ASK = "import sys; print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])), sys.base_prefix)"


def installed() -> dict[Version, str]:
    """The executable of each CPython that the project claims to run on, oldest first."""
    home = Path.home()
    patterns = [
        *(str(Path(directory, "python3*")) for directory in os.environ.get("PATH", "").split(os.pathsep)),
        "/usr/bin/python3*",
        str(Path(os.environ.get("PYENV_ROOT", home / ".pyenv"), "versions", "*", "bin", "python3")),
        str(Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python"), "*", "bin", "python3")),
    ]
    needed = SpecifierSet(PROJECT["requires-python"])
    found: dict[Version, str] = {}
    for path in dict.fromkeys(path for pattern in patterns for path in sorted(glob.glob(pattern))):
        if path.endswith(("-config", ".py")) or not os.access(path, os.X_OK):
            continue
        answer = subprocess.run([path, "-I", "-c", _ASK], capture_output=True, text=True, check=False).stdout.split()
        if answer[:1] == ["cpython"] and needed.contains(answer[1]):
            found.setdefault(Version(answer[1]), path)
    return dict(sorted(found.items()))


def passes(version: Version, python: str) -> bool:
    """Whether the tests pass on *python*, in a virtual environment of its own below .venvs."""
    home = ROOT / ".venvs" / str(version)
    uv = str(Path(sys.executable).with_name("uv"))
    own = str(home / "bin" / "python")
    started = time.monotonic()
    print(f"CPython {version} ({python})", flush=True)
    tests = [str(ROOT / "tests" / name) for name in (*PURE, *ON_THE_MACHINE)]
    for command in (
        [uv, "venv", "--quiet", "--clear", "--seed", "--python", python, str(home)],
        [uv, "pip", "install", "--quiet", "--python", own, "--editable", f"{ROOT}[test]"],
        [own, "-m", "pytest", "-q", "-n", "auto", *tests],
    ):
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            print(f"CPython {version}: failed at {' '.join(command[:3])}")
            return False
    print(f"CPython {version}: passed, {time.monotonic() - started:.0f} s", flush=True)
    return True


def main() -> int:
    """Run the tests; returns 1 where one Python fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.pythons", description=__doc__)
    parser.add_argument("--oldest-and-newest", action="store_true")
    chosen = parser.parse_args()
    pythons = list(installed().items())
    lines = {f"{version.major}.{version.minor}" for version, _ in pythons}
    missing = [line for line in CLAIMED if line not in lines]
    if chosen.oldest_and_newest:
        pythons = list(dict([pythons[0], pythons[-1]]).items())
    results = [passes(version, python) for version, python in pythons]
    print(f"not on this machine, not run: CPython {', '.join(missing)}" if missing else "every claimed line was found")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
