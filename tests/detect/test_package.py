"""The packages that npm would publish: directories, tarballs, workspaces, and what is none of these."""

import gzip
import io
import json
import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from safepublish.detect.config import read as configure
from safepublish.detect.package import MANIFEST_LIMIT, read
from safepublish.facts.run import Manifest, Npm, Package
from tests.support.runs import changed_package

OLD, NEW = Version("10.9.4"), Version("11.21.2")


def packages(cwd: Path, *words: str, npm: Version = NEW, **env: str) -> tuple[Package, ...]:
    """What `npm publish` *words* would publish in *cwd*."""
    found = Npm("/nonexistent/npm", None, npm, None, None)
    configuration = configure(["publish", *words], env={"HOME": str(cwd), **env}, cwd=str(cwd), npm=found)
    return read(configuration, cwd=str(cwd))


def one(cwd: Path, *words: str, **env: str) -> Package:
    (package,) = packages(cwd, *words, npm=NEW, **env)
    return package


def lay(directory: Path, **fields: Any) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "package.json").write_text(json.dumps({"name": "hello", "version": "1.0.0", **fields}))
    return directory


def tar(path: Path, entries: dict[str, str | bytes], *, zipped: bool = True, pax: bool = True) -> Path:
    """A tarball of *entries*."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT) as archive:
        for name, text in entries.items():
            member = tarfile.TarInfo(name)
            data = text.encode() if isinstance(text, str) else text
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    path.write_bytes(gzip.compress(content.getvalue()) if zipped else content.getvalue())
    return path


HELLO = '{"name": "hello", "version": "1.0.0"}'
OTHER = '{"name": "other", "version": "2.0.0"}'


@pytest.mark.parametrize("words", [(), (".",)])
def test_the_working_directory(tmp_path: Path, words: tuple[str, ...]) -> None:
    lay(tmp_path, repository="octo-org/hello", version="v1.0.0")
    package = one(tmp_path, *words)
    assert package.settings.registry is not None
    assert changed_package(package, registry=None) == Package(
        ".",
        path=str(tmp_path),
        manifest=Manifest("package.json", "hello", "1.0.0", repository="git+https://github.com/octo-org/hello.git"),
    )


def test_the_working_directory_and_not_the_prefix_around_it(tmp_path: Path) -> None:
    lay(tmp_path)
    below = tmp_path / "src"
    below.mkdir()
    assert one(below).manifest.trouble == "it cannot be read: No such file or directory"


def test_the_option_prefix_moves_no_package(tmp_path: Path) -> None:
    lay(tmp_path)
    lay(tmp_path / "other", name="other")
    assert one(tmp_path, "-C", "other").manifest.name == "hello"


@pytest.mark.parametrize("word", ["./dist", "dist/", "file:dist", "../{name}/dist", "{path}/dist"])
def test_a_directory(tmp_path: Path, word: str) -> None:
    lay(tmp_path / "dist", name="dist")
    package = one(tmp_path, word.format(name=tmp_path.name, path=tmp_path))
    assert (package.manifest.name, package.source, package.manifest.file) == ("dist", "directory", "dist/package.json")
    assert package.path == str(tmp_path / "dist")


def test_a_directory_of_the_home(tmp_path: Path, home: Path) -> None:
    lay(home / "dist", name="dist")
    assert one(tmp_path, "~/dist").manifest.name == "dist"


def test_a_directory_elsewhere_is_shown_whole(tmp_path: Path) -> None:
    lay(tmp_path / "here")
    lay(tmp_path / "dist")
    assert one(tmp_path / "here", "../dist").manifest.file == str(tmp_path / "dist" / "package.json")


def test_publish_config_and_the_configuration_are_asked(tmp_path: Path) -> None:
    lay(tmp_path, publishConfig={"tag": "next", "access": "public", "registry": "https://registry.example.com/"})
    package = one(tmp_path)
    assert package.settings.registry is not None
    assert (package.settings.dist_tag, package.settings.dist_tag_given, package.settings.access) == (
        "next",
        True,
        "public",
    )
    assert package.settings.registry.value == "https://registry.example.com/"
    assert one(tmp_path, "--tag", "beta", "--provenance").settings.dist_tag == "beta"
    assert one(tmp_path, "--tag", "beta", "--provenance").settings.provenance is True


def test_no_token_of_publish_config_is_kept(tmp_path: Path) -> None:
    lay(tmp_path, publishConfig={"//registry.npmjs.org/:_authToken": "canary"})
    assert "canary" not in repr(packages(tmp_path))


@pytest.mark.parametrize("event", ["prepublishOnly", "prepack", "prepare", "postpack"])
def test_a_script_that_runs_before_npm_reads_again_may_change_it(tmp_path: Path, event: str) -> None:
    lay(tmp_path, scripts={event: "node x"})
    assert one(tmp_path).manifest.scripts_may_change_manifest
    assert not one(tmp_path, "--ignore-scripts").manifest.scripts_may_change_manifest
    assert not one(tmp_path, NPM_CONFIG_IGNORE_SCRIPTS="true").manifest.scripts_may_change_manifest


def test_a_script_that_npm_does_not_run_changes_nothing(tmp_path: Path) -> None:
    lay(tmp_path, scripts={"prepublish": "true", "build": "true", "prepare": ""})
    assert not one(tmp_path).manifest.scripts_may_change_manifest


def test_an_index_js_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text(f"/**package {HELLO}\n**/\n")
    assert one(tmp_path).manifest.trouble == "it cannot be read: No such file or directory"


def test_a_manifest_that_is_a_directory_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "package.json").mkdir()
    assert one(tmp_path).manifest.trouble


def test_a_pipe_for_a_manifest_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "package.json")
    assert (one(tmp_path).manifest.unread, one(tmp_path).manifest.trouble) == ("it is not a regular file", None)


def test_a_huge_manifest_is_unread_and_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(" " * (MANIFEST_LIMIT + 1))
    assert (one(tmp_path).manifest.unread, one(tmp_path).manifest.trouble) == (
        f"it is larger than {MANIFEST_LIMIT} bytes",
        None,
    )


def test_bytes_that_are_no_utf_8_are_replaced_as_node_does(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_bytes(b'{"name": "hello", "version": "1.0.0", "x": "\xff"}')
    assert one(tmp_path).manifest.trouble is None


@pytest.mark.parametrize(
    ("word", "name", "unread"),
    [
        ("dist", "dist", "npm treats 'dist' as a registry package; the one in this directory is './dist'"),
        ("@s/n@1.0.0", "@s/n", "npm treats '@s/n@1.0.0' as a registry package"),
        (
            "packages/a",
            None,
            "npm treats 'packages/a' as a git repository; the one in this directory is './packages/a'",
        ),
        ("octo-org/hello", None, "npm treats 'octo-org/hello' as a git repository"),
        ("https://example.com/x.tgz", None, "npm treats 'https://example.com/x.tgz' as a tarball to download"),
        ("x@npm:y", "x", "npm treats 'x@npm:y' as an alias of a package"),
        ("svn://x/y", None, "npm treats 'svn://x/y' as something that it cannot publish"),
    ],
)
def test_what_npm_fetches_is_unknown(tmp_path: Path, word: str, name: str | None, unread: str) -> None:
    lay(tmp_path / "dist")
    lay(tmp_path / "packages" / "a")
    package = one(tmp_path, word)
    assert (package.source, package.manifest.name, package.manifest.version, package.manifest.unread) == (
        "other",
        name,
        None,
        unread,
    )


def test_two_words_are_no_package(tmp_path: Path) -> None:
    assert one(tmp_path, "./a", "./b").manifest.unread == "npm publishes one package, but the command has 2"


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("pax", [True, False])
@pytest.mark.parametrize(
    "name", ["package/package.json", "hello-1.0.0/package.json", "./package.json", "a//package.json"]
)
def test_a_tarball(tmp_path: Path, name: str, zipped: bool, pax: bool) -> None:
    long = "package/" + "long/" * 60 + "package.json"
    tar(tmp_path / "x.tgz", {"package/README.md": "x", long: OTHER, name: HELLO}, zipped=zipped, pax=pax)
    package = one(tmp_path, "./x.tgz")
    assert (package.source, package.manifest.name, package.manifest.version) == ("tarball", "hello", "1.0.0")
    assert (package.manifest.file, package.path) == ("x.tgz", str(tmp_path / "x.tgz"))


def test_scripts_of_a_tarball_do_not_run(tmp_path: Path) -> None:
    tar(tmp_path / "x.tgz", {"package/package.json": '{"name": "a", "version": "1.0.0", "scripts": {"prepack": "x"}}'})
    assert not one(tmp_path, "./x.tgz").manifest.scripts_may_change_manifest


def test_of_two_manifests_the_last_is_unpacked_over_the_first(tmp_path: Path) -> None:
    tar(tmp_path / "x.tgz", {"a/package.json": HELLO, "b/package.json": OTHER})
    assert one(tmp_path, "./x.tgz").manifest.name == "other"


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "package/lib/package.json",
        "package/../package.json",
        "package/xpackage.json",
        "package/package.json/x",
    ],
)
def test_a_tarball_without_a_manifest_is_trouble(tmp_path: Path, name: str) -> None:
    tar(tmp_path / "x.tgz", {name: HELLO})
    assert one(tmp_path, "./x.tgz").manifest.trouble == "it has no package.json below a top directory"


def test_a_link_for_a_manifest_is_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("package/package.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    assert one(tmp_path, "./x.tgz").manifest.trouble


def test_a_missing_tarball_is_trouble(tmp_path: Path) -> None:
    assert one(tmp_path, "./x.tgz").manifest.trouble == "it cannot be read: No such file or directory"


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x1f\x8b", b"\x1f\x8btext", b"\x28\xb5\x2f\xfd" + b"x" * 600, b"\xff" * 2000]
)
def test_what_is_no_tarball_is_never_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tgz").write_bytes(content)
    package = one(tmp_path, "./x.tgz")
    assert package.manifest.name is None
    assert package.manifest.trouble or package.manifest.unread


@pytest.mark.parametrize(
    ("damage", "trouble"),
    [
        pytest.param(lambda whole: whole, None, id="whole"),
        pytest.param(lambda whole: whole + bytes(1024), None, id="zeros-behind"),
        pytest.param(lambda whole: whole + bytes(1) + b"x", None, id="anything-behind-a-zero"),
        pytest.param(lambda whole: whole + gzip.compress(b"x"), None, id="a-second-member"),
        pytest.param(gzip.decompress, None, id="not-packed"),
        pytest.param(lambda _: b"", "it is empty", id="empty"),
        pytest.param(lambda _: b"<html>", "it is no tarball", id="html"),
        pytest.param(lambda whole: whole[:-4], "its end is missing", id="cut-off"),
        pytest.param(lambda whole: whole + b"garbage", "something else follows it", id="garbage-behind"),
        pytest.param(lambda whole: whole[:-8] + bytes(4) + whole[-4:], "is damaged", id="a-wrong-checksum"),
    ],
)
def test_what_npm_cannot_unpack_is_trouble(
    tmp_path: Path, damage: Callable[[bytes], bytes], trouble: str | None
) -> None:
    whole = tar(tmp_path / "x.tgz", {"package/package.json": HELLO}).read_bytes()
    (tmp_path / "x.tgz").write_bytes(damage(whole))
    found = one(tmp_path, "./x.tgz").manifest.trouble
    assert found is None if trouble is None else trouble in str(found)


@pytest.mark.parametrize(("version", "limited"), [(OLD, False), (NEW, True)])
def test_what_unpacks_to_a_thousand_times_its_size(tmp_path: Path, version: Version, limited: bool) -> None:
    tar(tmp_path / "x.tgz", {"package/package.json": HELLO, "package/zeros": bytes(2**24)})
    (found,) = packages(tmp_path, "./x.tgz", npm=version)
    assert (found.manifest.trouble is not None) is limited


def test_a_broken_tarball_is_trouble(tmp_path: Path) -> None:
    whole = tar(tmp_path / "x.tgz", {"package/a": os.urandom(50_000), "package/package.json": HELLO}).read_bytes()
    (tmp_path / "x.tgz").write_bytes(whole[:20_000])
    package = one(tmp_path, "./x.tgz")
    assert package.manifest.trouble == "it cannot be unpacked: its end is missing"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    member = tarfile.TarInfo("package/zeros")
    member.size = 2**34
    with gzip.open(tmp_path / "x.tgz", "wb", compresslevel=1) as file:
        file.write(member.tobuf())
        for _ in range(300):
            file.write(bytes(2**20))
    began = time.monotonic()
    assert one(tmp_path, "./x.tgz").manifest.unread == "it is too large to read"
    assert time.monotonic() - began < 10


def test_a_huge_manifest_in_a_tarball_is_not_read(tmp_path: Path) -> None:
    tar(tmp_path / "x.tgz", {"package/package.json": " " * (8 * 2**20 + 1)})
    (package,) = packages(tmp_path, "./x.tgz", npm=OLD)
    assert package.manifest.unread == "its package.json is larger than 8388608 bytes"


def test_too_many_files_are_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safepublish.detect.tarball.MEMBERS", 2)
    tar(tmp_path / "x.tgz", {"package/a": "", "package/b": "", "package/package.json": HELLO})
    assert one(tmp_path, "./x.tgz").manifest.unread == "it has more than 2 files"


def test_a_pipe_for_a_tarball_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.tgz")
    assert one(tmp_path, "./x.tgz").manifest.unread == "it is not a regular file"


def workspaces(root: Path, **each: dict[str, Any]) -> Path:
    lay(root, name="root", private=True, workspaces=["packages/*"])
    for name, fields in each.items():
        lay(root / "packages" / name, name=name, **fields)
    return root


def names(found: tuple[Package, ...]) -> list[str | None]:
    return [package.manifest.name for package in found]


def test_workspaces_in_npms_order_without_the_private_ones(tmp_path: Path) -> None:
    workspaces(tmp_path, b={}, a={}, c={"private": True})
    found = packages(tmp_path, "--workspaces")
    assert names(found) == ["a", "b"]
    assert [(one.spec, one.workspace) for one in found] == [("packages/a", True), ("packages/b", True)]


def test_a_chosen_workspace_and_the_one_that_stands_around(tmp_path: Path) -> None:
    workspaces(tmp_path, a={}, b={})
    assert names(packages(tmp_path, "-w", "b")) == ["b"]
    assert names(packages(tmp_path / "packages" / "a")) == ["a"]
    assert packages(tmp_path / "packages" / "a")[0].spec == "."


def test_a_spec_makes_npm_ignore_the_workspaces(tmp_path: Path) -> None:
    workspaces(tmp_path, a={}, b={})
    lay(tmp_path / "dist", name="dist")
    (package,) = packages(tmp_path, "./dist", "-w", "b")
    assert (package.manifest.name, package.workspace) == ("dist", False)
    assert names(packages(tmp_path, ".", "-w", "b")) == ["b"]


def test_where_all_are_private_all_stay_and_no_registry_is_asked(tmp_path: Path) -> None:
    workspaces(tmp_path, a={"private": True}, b={"private": True})
    found = packages(tmp_path, "--workspaces")
    assert [(one.manifest.name, one.manifest.private, one.settings.registry) for one in found] == [
        ("a", True, None),
        ("b", True, None),
    ]


@pytest.mark.parametrize(
    "fields", [{"version": ""}, {"version": "1.0.0-beta"}, {"version": "x"}, {"name": ".a"}, {"name": ""}]
)
def test_a_private_workspace_at_which_npm_stops_stays(tmp_path: Path, fields: dict[str, Any]) -> None:
    workspaces(tmp_path, b={})
    lay(tmp_path / "packages" / "a", **{"name": "a", "private": True, **fields})
    found = packages(tmp_path, "--workspaces")
    assert [(one.manifest.private, one.settings.registry is None) for one in found] == [(True, True), (False, False)]


def test_a_private_pre_release_with_a_tag_stops_nothing(tmp_path: Path) -> None:
    workspaces(tmp_path, a={"private": True, "version": "1.0.0-beta"}, b={})
    assert names(packages(tmp_path, "--workspaces", "--tag", "next")) == ["b"]


def test_workspaces_that_are_not_found_are_not_the_root(tmp_path: Path) -> None:
    workspaces(tmp_path, a={})
    (package,) = packages(tmp_path, "-w", "missing")
    assert (package.manifest.name, package.manifest.unread) == (None, "its workspaces could not be determined")


def test_what_is_wrong_with_the_credential_of_one_registry_stays_with_its_package(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / ".npmrc").write_text("//registry.npmjs.org:_authToken=canary\n")
    package = one(tmp_path)
    assert [problem.kind for problem in package.settings.problems] == ["misspelt-key"]
    assert "canary" not in repr(package)
