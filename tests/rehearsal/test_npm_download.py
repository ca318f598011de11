"""Fetching a real npm: what `npm pack` gives is checked, and what it does not give is said."""

import base64
import hashlib
import json
import os
import tarfile
from pathlib import Path

import pytest

from safepublish.rehearsal import npm_download
from safepublish.rehearsal.npm_download import DownloadError

pytestmark = pytest.mark.real_process

PACKS = """#!/bin/sh
echo "$@" >> {log}
cp {tarball} "$4"
cat {answer}
"""


class Machine:
    """A machine whose npm packs what lies here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.log, self.tarball, self.answer = root / "log", root / "npm-1.2.3.tgz", root / "answer.json"
        (root / "bin").mkdir()
        (root / "package" / "bin").mkdir(parents=True)
        (root / "package" / "bin" / "npm-cli.js").write_text("// npm")
        with tarfile.open(self.tarball, "w:gz") as archive:
            archive.add(root / "package", "package")
        self.npm(PACKS.format(log=self.log, tarball=self.tarball, answer=self.answer))
        self.says([{"filename": "npm-1.2.3.tgz", "integrity": self.integrity()}])

    def npm(self, script: str) -> None:
        path = self.root / "bin" / "npm"
        path.write_text(script)
        path.chmod(0o755)

    def says(self, document: object) -> None:
        self.answer.write_text(document if isinstance(document, str) else json.dumps(document))

    def integrity(self) -> str:
        return f"sha512-{base64.b64encode(hashlib.sha512(self.tarball.read_bytes()).digest()).decode()}"

    def lay(self) -> str:
        env = {"PATH": f"{self.root / 'bin'}:/usr/bin:/bin"}
        return npm_download.install_npm("1.2.3", root=str(self.root / "cache"), env=env)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("shape", ["list", "by name"])  # npm 9 to 11, and npm 12
def test_a_version_is_fetched_by_its_name_once(shape: str, machine: Machine) -> None:
    record = {"filename": "npm-1.2.3.tgz", "integrity": machine.integrity()}
    machine.says([record] if shape == "list" else {"npm": record})
    for _ in range(2):
        directory = machine.lay()
        assert directory == str(machine.root / "cache" / "npm-1.2.3" / "lib" / "node_modules" / "npm")
        assert Path(directory, "bin", "npm-cli.js").read_text() == "// npm"
    (asked,) = machine.log.read_text().splitlines()
    assert asked.startswith("pack npm@1.2.3 --pack-destination ")
    assert os.listdir(machine.root / "cache") == ["npm-1.2.3"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            [{"filename": "npm-1.2.3.tgz", "integrity": "sha512-AAAA"}],
            "the tarball does not match the output of npm pack",
        ),
        ([], "npm pack npm@1.2.3 does not show which file it packed"),
        ({}, "does not show which file it packed"),
        ("oops", "does not show which file it packed"),
        ([{"filename": "../../other.tgz", "integrity": "x"}], "other.tgz"),
    ],
)
def test_what_is_not_what_npm_says_is_not_laid(answer: object, said: str, machine: Machine) -> None:
    machine.says(answer)
    with pytest.raises(DownloadError) as error:
        machine.lay()
    assert said in str(error.value)
    assert os.listdir(machine.root / "cache") == []


def test_what_npm_says_when_it_fails_is_said(machine: Machine) -> None:
    machine.npm("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    with pytest.raises(DownloadError, match=r"npm pack npm@1\.2\.3 exited with code 1:\nnpm error code E404"):
        machine.lay()


def test_a_tarball_that_is_none_is_said(machine: Machine) -> None:
    machine.tarball.write_bytes(b"no tarball")
    machine.says([{"filename": "npm-1.2.3.tgz", "integrity": machine.integrity()}])
    with pytest.raises(DownloadError, match="cannot be unpacked"):
        machine.lay()


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("package/../../outside", tarfile.REGTYPE, "outside the package"),
        ("package/../outside", tarfile.REGTYPE, "outside the package"),
        ("package/link", tarfile.SYMTYPE, "not a file or a directory"),
        ("package/link", tarfile.LNKTYPE, "not a file or a directory"),
        ("package/pipe", tarfile.FIFOTYPE, "not a file or a directory"),
        ("package/disk", tarfile.BLKTYPE, "not a file or a directory"),
    ],
)
def test_a_hostile_member_is_not_unpacked(name: str, kind: bytes, reason: str, machine: Machine) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(machine.tarball, "w:gz") as archive:
        archive.add(machine.root / "package", "package")
        archive.addfile(member)
    machine.says([{"filename": "npm-1.2.3.tgz", "integrity": machine.integrity()}])
    with pytest.raises(DownloadError, match=reason):
        machine.lay()
    assert os.listdir(machine.root / "cache") == []
    assert not (machine.root / "outside").exists()


def test_a_program_stays_one(machine: Machine) -> None:
    (machine.root / "package" / "bin" / "npm-cli.js").chmod(0o775)
    with tarfile.open(machine.tarball, "w:gz") as archive:
        archive.add(machine.root / "package", "package")
    machine.says([{"filename": "npm-1.2.3.tgz", "integrity": machine.integrity()}])
    bin_ = Path(machine.lay(), "bin")
    assert os.access(bin_ / "npm-cli.js", os.X_OK)


def test_without_npm_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="npm is not on PATH"):
        npm_download.install_npm("1.2.3", root=str(tmp_path), env={"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("env", "path"),
    [
        ({"SAFEPUBLISH_CACHE": "/there"}, "/there"),
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/safepublish/npm"),
        ({}, "~/.cache/safepublish/npm"),
    ],
)
def test_the_cache_is_where_the_user_keeps_caches(env: dict[str, str], path: str) -> None:
    assert npm_download.cache_directory(env) == os.path.expanduser(path)
