"""A real Chromium, which npm's package @sparticuz/chromium holds, packed; and axe-core, from npm too.

SAFEPUBLISH_CHROMIUM names another one: Debian's `chromium` where npm's does not run, which is everywhere but on Linux
with an x64 processor.
"""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from safepublish.rehearsal.npm_download import install
from tests.support import world

CHROMIUM = "153.0.0"
AXE = "4.14.1"

_MACHINE = dict(os.environ)  # before any test scrubs it: for the download alone
_UNPACK = """
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const { pipeline } = require("node:stream/promises");
const [from, to] = process.argv.slice(1);
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; it has a home of its own."""
    named = _MACHINE.get("SAFEPUBLISH_CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="chromium-") as home:
        environment = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        if named:
            executable = Path(named)
        else:
            directory = _unpacked()
            executable = directory / "chromium"
            fonts = Path(home, "fonts.conf")
            fonts.write_text(_FONTS.format(fonts=directory / "fonts", cache=Path(home, "fonts")), encoding="utf-8")
            environment |= {"LD_LIBRARY_PATH": str(directory / "lib"), "FONTCONFIG_FILE": str(fonts)}
        with sync_playwright() as playwright:
            # Its sandbox needs rights that a container, and the user root, do not have.
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(executable_path=executable, args=arguments, env={**environment})
            yield browser
            browser.close()


def axe() -> str:
    """The script of axe-core."""
    home = world.root() / f"axe-core-{AXE}"
    if not home.exists():
        install(f"axe-core@{AXE}", str(home), subdirectory="package", env=_MACHINE)
    return (home / "package" / "axe.min.js").read_text(encoding="utf-8")


def _unpacked() -> Path:
    """The directory with Chromium, the libraries that a small system lacks, and a font."""
    home = world.root() / f"chromium-{CHROMIUM}"
    if not home.exists():
        install(f"@sparticuz/chromium@{CHROMIUM}", str(home), subdirectory="package", env=_MACHINE)
    unpacked = home / "unpacked"
    if unpacked.exists():
        return unpacked
    packed = home / "package" / "bin"
    with tempfile.TemporaryDirectory(dir=home, prefix="unpacking-") as temporary:
        directory = Path(temporary, "unpacked")
        directory.mkdir()
        _decompress(packed / "chromium.br", directory / "chromium")
        (directory / "chromium").chmod(0o755)
        for name, part in (("al2023.tar.br", "lib/"), ("fonts.tar.br", "fonts/")):
            archive = Path(temporary, "archive.tar")
            _decompress(packed / name, archive)
            _extract(archive, part, directory)
        directory.rename(unpacked)
    return unpacked


def _decompress(source: Path, target: Path) -> None:
    subprocess.run([world.node(), "-e", _UNPACK, source, target], check=True, timeout=300)


def _extract(archive: Path, part: str, directory: Path) -> None:
    """Write the files of *archive* whose path has *part*, by their names alone."""
    target = directory / part
    target.mkdir()
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member) if member.isreg() and part in member.name else None
            if content is not None:
                (target / Path(member.name).name).write_bytes(content.read())
