"""`make demo`: the story of this project, rehearsed on this machine with the real npm.

First as it was, Node 22's npm 10 with `--provenance`; then the mend; then as it should be.
The registry and the CI's identity endpoint are the embedded ones, on loopback: nothing leaves the machine but the fetch
of the two npm versions, once.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "hello-oidc"
WORDS = ("rehearse", "--fixed", "--assume-published")
COMMAND = (sys.executable, "-m", "safepublish", *WORDS)


def lay(directory: str) -> Path:
    """The example as a repository of its own below *directory*, whether git is installed or not."""
    repository = Path(directory, "hello-oidc")
    shutil.copytree(EXAMPLE, repository)
    git = repository / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/octo-org/hello-oidc.git\n')
    return repository


def main() -> int:
    """Show it; returns 0 when the mended publish works."""
    with tempfile.TemporaryDirectory(prefix="safepublish-demo-") as directory:
        print("$ safepublish", *WORDS, "\n", flush=True)
        return subprocess.run(COMMAND, cwd=lay(directory), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
