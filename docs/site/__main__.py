"""Builds the site into build/site, and serves it on the loopback: `python -m docs.site build` or `serve`."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from docs.site import assets, links, server, sources

BUILD = sources.ROOT / "build"
SITE = BUILD / "site"


def build(wheel: Path | None) -> None:
    """Build the whole site; raises `CalledProcessError` where a tool fails, and `ValueError` where a link does."""
    source = BUILD / "site-source"
    sources.write(source)
    assets.write(source / "assets", BUILD, wheel)
    configuration = BUILD / "mkdocs.yml"
    configuration.write_text(sources.configuration(source, SITE), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean"]
    command += ["--config-file", str(configuration)]
    # Material announces its end of life (May 2027) on each build.
    subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    broken = links.broken(SITE)
    if broken:
        raise ValueError("these links lead to nothing:\n" + "\n".join(broken))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m docs.site")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="build the site into build/site")
    serving = commands.add_parser("serve", help="build the site, and serve it on the loopback")
    serving.add_argument("--port", type=int, default=8000)
    for command in (building, serving):
        command.add_argument("--wheel", type=Path, help="the wheel that the site runs; built when not given")
    arguments = parser.parse_args()
    build(arguments.wheel)
    if arguments.command == "build":
        return 0
    with server.Server(SITE, port=arguments.port) as running:
        print(f"{running.url} (Ctrl-C ends it)", flush=True)
        running.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
