"""`make demo`: the story of this project, on this machine, with the real npm.

First as it was: Node 22's npm 10 with `--provenance`; then as it should be: npm 12.
The registry and the CI's identity endpoint are the embedded ones, on loopback; nothing leaves the machine.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import world  # noqa: E402 - the test world lies beside the tests

EXAMPLE = ROOT / "examples" / "hello-oidc"


def show(title: str, version: str, loopback: world.Loopback, repository: Path) -> int:
    """Run `safepublish --provenance` in *repository* with this npm, on this terminal."""
    print(f"\n\033[1m# {title}\033[0m\n$ safepublish --provenance --access public\n", flush=True)
    env = loopback.environment(version, {**loopback.setup_node(), "GITHUB_WORKSPACE": str(repository)})
    command = [sys.executable, "-m", "safepublish", "--format=text", "--provenance", "--access", "public"]
    status = subprocess.run(command, cwd=repository, env=env, check=False).returncode
    print(f"\n(exit status {status})", flush=True)
    return status


def main() -> int:
    """Show one refusal and one publish; returns 0 when both came out so."""
    with tempfile.TemporaryDirectory(prefix="safepublish-demo-") as directory:
        repository = Path(directory, "hello-oidc")
        shutil.copytree(EXAMPLE, repository)
        with world.Loopback(Path(directory)) as loopback:
            refused = show("Node 22 brings npm 10.9.4", "10.9.4", loopback, repository)
            published = show('node-version: "24" brings npm 11; here npm 12.2.0', "12.2.0", loopback, repository)
            received = loopback.registry.published()
    print("\nWhat the registry received:", *(f"{one.name}@{one.version} through {one.credential}" for one in received))
    return 0 if (refused, published) == (3, 0) and received else 1


if __name__ == "__main__":
    sys.exit(main())
