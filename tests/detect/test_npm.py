"""Finding npm on PATH: each way of installing it, laid out in a directory; no process unless the test says so."""

import json
import os
import time
from pathlib import Path

import pytest
from packaging.version import Version

from safepublish.detect.npm import _names, find, node_version
from safepublish.facts.run import Npm
from tests.support import world

HEADER = "#define NODE_MAJOR_VERSION {}\n#define NODE_MINOR_VERSION {}\n#define NODE_PATCH_VERSION {}\n"


PROGRAM = "\x7fELF" + " " * 8192
"""What begins like a program, and is none."""


def executable(path: Path, text: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or (PROGRAM if path.name.startswith("node") else "#!/bin/sh\n"))
    path.chmod(0o755)
    return path


def lay(prefix: Path, version: str = "11.5.1", *, library: str = "lib/node_modules") -> Path:
    """Node and npm below *prefix* as Node's own archives hold them; the directory for PATH."""
    home = prefix / library / "npm"
    executable(home / "bin" / "npm-cli.js", "#!/usr/bin/env node\n")
    (home / "package.json").write_text(json.dumps({"name": "npm", "version": version}))
    executable(prefix / "bin" / "node")
    (prefix / "bin" / "npm").symlink_to(os.path.relpath(home / "bin" / "npm-cli.js", prefix / "bin"))
    return prefix / "bin"


def found(*directories: Path, **env: str) -> Npm:
    answer = find({"PATH": os.pathsep.join(map(str, directories)), **env})
    assert answer is not None
    return answer


@pytest.mark.parametrize("library", ["lib/node_modules", "share/nodejs"])
def test_npm_is_what_its_package_json_says(tmp_path: Path, library: str) -> None:
    bin_ = lay(tmp_path, library=library)
    assert found(bin_) == Npm(
        path=str(bin_ / "npm"),
        cli=str(tmp_path / library / "npm" / "bin" / "npm-cli.js"),
        version=Version("11.5.1"),
        node=str(bin_ / "node"),
        node_version=None,
    )


@pytest.mark.parametrize("path", ["", "/nonexistent", "relative"])
def test_no_npm_on_path_is_none(path: str) -> None:
    assert find({"PATH": path}) is None


def test_a_directory_and_a_file_that_may_not_run_are_no_npm(tmp_path: Path) -> None:
    (tmp_path / "a" / "npm").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "npm").touch()
    bin_ = lay(tmp_path / "c")
    assert found(tmp_path / "a", tmp_path / "b", bin_).path == str(bin_ / "npm")


def test_the_first_on_path_is_taken(tmp_path: Path) -> None:
    first, second = lay(tmp_path / "1", "10.9.4"), lay(tmp_path / "2", "11.5.1")
    assert found(first, second).version == Version("10.9.4")
    assert found(second, first).version == Version("11.5.1")


def test_an_empty_entry_of_path_is_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_ = lay(tmp_path)
    monkeypatch.chdir(bin_)
    answer = find({"PATH": f"/nonexistent{os.pathsep}"})
    assert answer is not None
    assert answer.path == str(bin_ / "npm")


def test_a_command_with_a_directory_is_not_searched(tmp_path: Path) -> None:
    bin_ = lay(tmp_path)
    answer = find({"PATH": ""}, str(bin_ / "npm"))
    assert answer is not None
    assert (answer.version, answer.node) == (Version("11.5.1"), None)


def test_node_is_the_first_on_path_and_not_the_one_beside_npm(tmp_path: Path) -> None:
    bin_ = lay(tmp_path / "npm")
    other = executable(tmp_path / "other" / "node")
    assert found(other.parent, bin_).node == str(other)


def test_node_is_the_one_that_the_first_line_names(tmp_path: Path) -> None:
    bin_ = lay(tmp_path)
    node = executable(tmp_path / "opt" / "nodejs")
    executable((bin_ / "npm").resolve(), f"#!{node}\n")
    assert found(bin_).node == str(node)


def test_node_behind_a_link_is_told_by_its_real_path_and_a_shim_by_its_name(tmp_path: Path) -> None:
    bin_ = lay(tmp_path / "npm")
    real = executable(tmp_path / "real" / "node")
    shim = executable(tmp_path / "shim" / "volta-shim", PROGRAM)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "node").symlink_to(real)
    (shim.parent / "node").symlink_to(shim)
    assert found(tmp_path / "link", bin_).node == str(real)
    assert found(shim.parent, bin_).node == str(shim.parent / "node")


@pytest.mark.parametrize("header", ["include/node/node_version.h", "bin/include/node/node_version.h"])
def test_the_header_beside_node_tells_its_version(tmp_path: Path, header: str) -> None:
    bin_ = lay(tmp_path / "node" / "v20.0.0")
    path = bin_.parent / header
    path.parent.mkdir(parents=True)
    path.write_text(HEADER.format(22, 14, 0))
    assert found(bin_).node_version == Version("22.14.0")


@pytest.mark.parametrize(
    "header", ["", "#define NODE_MAJOR_VERSION 22\n", "\0" * 100, "#define NODE_MAJOR_VERSION x\n"]
)
def test_a_header_without_a_version_tells_none(tmp_path: Path, header: str) -> None:
    bin_ = lay(tmp_path / "v20.0.0")
    (bin_.parent / "include" / "node").mkdir(parents=True)
    (bin_.parent / "include" / "node" / "node_version.h").write_text(header)
    assert found(bin_).node_version is None


@pytest.mark.parametrize(
    ("directory", "version", "manager"),
    [
        ("opt/hostedtoolcache/node/22.20.0/x64", "22.20.0", "setup-node"),
        ("home/.nvm/versions/node/v22.20.0", "22.20.0", "nvm"),
        ("home/.local/share/mise/installs/node/22.20.0", "22.20.0", "mise"),
        ("home/.asdf/installs/nodejs/22.20.0", "22.20.0", "asdf"),
        ("home/.local/share/fnm/node-versions/v22.20.0/installation", "22.20.0", "fnm"),
        ("opt/homebrew/Cellar/node@22/22.20.0_1", "22.20.0", "homebrew"),
        ("opt/node-v22.20.0-linux-x64", "22.20.0", None),
        ("usr", None, None),
        ("opt/node/22", None, None),
        ("opt/1.2.3.4/node", None, None),
    ],
)
def test_the_path_tells_node_and_who_installed_it(
    tmp_path: Path, directory: str, version: str | None, manager: str | None
) -> None:
    answer = found(lay(tmp_path / directory))
    assert (str(answer.node_version) if answer.node_version else None, answer.manager) == (version, manager)


@pytest.mark.real_process
@pytest.mark.parametrize(
    "package",
    [
        '{"name": "other", "version": "11.0.0"}',
        '{"name": "npm"}',
        '{"name": "npm", "version": 5}',
        "{",
        "[" * 100_000,
        "5",
    ],
)
def test_where_npms_files_do_not_tell_npm_is_asked(tmp_path: Path, package: str) -> None:
    bin_ = lay(tmp_path)
    (tmp_path / "lib" / "node_modules" / "npm" / "package.json").write_text(package)
    executable((bin_ / "npm").resolve(), "#!/bin/sh\necho 11.6.0\n")
    assert found(bin_).version == Version("11.6.0")


@pytest.mark.real_process
def test_a_shim_is_asked_in_the_working_directory_and_hides_what_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wanted").write_text("11.6.0")
    shim = executable(
        tmp_path / "home" / ".asdf" / "shims" / "npm",
        '#!/bin/sh\necho a warning\n[ "$1" = --version ] && /bin/cat wanted\n',
    )
    assert found(shim.parent) == Npm(str(shim), None, Version("11.6.0"), None, None, manager="asdf")


@pytest.mark.real_process
@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ("#!/bin/sh\nexit 7\n", "{} --version exited with code 7"),
        ("#!/bin/sh\n", "{} --version printed nothing"),
        ("#!/bin/sh\necho none\n", "{} --version printed no version"),
        ("#!/nowhere/at/all\n", "{} --version cannot be started: No such file or directory"),
        ("#!/bin/sh\nkill -9 $$\n", "{} --version exited with code -9"),
    ],
)
def test_why_a_shim_told_no_version(tmp_path: Path, script: str, trouble: str) -> None:
    shim = executable(tmp_path / "npm", script)
    answer = found(tmp_path)
    assert (answer.version, answer.trouble) == (None, trouble.format(shim))


@pytest.mark.real_process
@pytest.mark.parametrize("script", ["exec /bin/sleep 60", "/bin/sleep 5 & exit 0", "/bin/sleep 60"])
def test_a_shim_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr("safepublish.detect.npm.SECONDS", 0.3)
    executable(tmp_path / "npm", f"#!/bin/sh\n{script}\n")
    began = time.monotonic()
    trouble = found(tmp_path).trouble or ""
    assert trouble.endswith("gave no answer within 0.3 seconds")
    assert time.monotonic() - began < 10


def lay_wrapper(tmp_path: Path, name: str, *, beside: str = "10.9.4", with_prefix_script: bool = True) -> Path:
    """Node's own wrapper as its Windows installer lays it: beside node, with npm below node_modules."""
    home = tmp_path / "nodejs"
    wrapper = executable(home / name, "#!/bin/sh\necho 10.9.9\n")
    package = home / "node_modules" / "npm"
    executable(package / "bin" / "npm-cli.js")
    (package / "package.json").write_text(json.dumps({"name": "npm", "version": beside}))
    if with_prefix_script:
        (package / "bin" / "npm-prefix.js").touch()
    return wrapper


@pytest.mark.real_process
@pytest.mark.parametrize("name", ["npm", "npm.cmd"])
def test_nodes_wrapper_takes_the_npm_of_the_global_prefix(tmp_path: Path, name: str) -> None:
    wrapper = lay_wrapper(tmp_path, name)
    prefix = tmp_path / "a prefix"
    node = executable(wrapper.parent / "node", f'#!/bin/sh\ncase "$1" in */npm-prefix.js) echo "{prefix}";; esac\n')
    answer = find({"PATH": "/bin"}, str(wrapper))
    assert answer == Npm(
        str(wrapper),
        str(wrapper.parent / "node_modules/npm/bin/npm-cli.js"),
        Version("10.9.4"),
        str(node),
        None,
        is_wrapper=True,  # its node is a script
    )
    upgraded = prefix / "node_modules" / "npm"
    executable(upgraded / "bin" / "npm-cli.js")
    (upgraded / "package.json").write_text('{"name": "npm", "version": "11.5.1"}')
    answer = find({"PATH": "/bin"}, str(wrapper))
    assert answer is not None
    assert (answer.cli, answer.version) == (str(upgraded / "bin" / "npm-cli.js"), Version("11.5.1"))


@pytest.mark.real_process
def test_a_wrapper_whose_prefix_cannot_be_told_is_trouble(tmp_path: Path) -> None:
    wrapper = lay_wrapper(tmp_path, "npm")
    node = executable(wrapper.parent / "node", "#!/bin/sh\nexit 1\n")
    answer = found(wrapper.parent)
    assert (answer.version, answer.trouble) == (None, f"{node} npm-prefix.js exited with code 1")


def test_a_wrapper_without_node_is_trouble(tmp_path: Path) -> None:
    assert found(lay_wrapper(tmp_path, "npm").parent).trouble == "no node on PATH"


@pytest.mark.real_process
def test_an_older_wrapper_is_asked(tmp_path: Path) -> None:
    assert found(lay_wrapper(tmp_path, "npm", with_prefix_script=False).parent).version == Version("10.9.9")


def lay_publisher(bin_: Path, needs: object) -> Path:
    """npm's libnpmpublish, whose package.json holds *needs* as its dependencies; npm's directory."""
    home = (bin_ / "npm").resolve().parents[1]
    publisher = home / "node_modules" / "libnpmpublish"
    publisher.mkdir(parents=True)
    (publisher / "package.json").write_text(json.dumps({"dependencies": needs}))
    return home


@pytest.mark.real_process
@pytest.mark.parametrize(
    ("needs", "version", "broken"),
    [
        ({"sigstore": "^5"}, "12.0.0", True),
        ({"sigstore": "^5"}, "9.5.0", True),
        ({"sigstore": "^5"}, "9.4.9", False),
        ({}, "12.0.0", False),
        (None, "12.0.0", False),
    ],
)
def test_npm_without_the_sigstore_that_it_needs_is_broken(
    tmp_path: Path, needs: object, version: str, broken: bool
) -> None:
    bin_ = lay(tmp_path, version)
    lay_publisher(bin_, needs)
    assert found(bin_).broken_sigstore is broken


@pytest.mark.real_process
@pytest.mark.parametrize(
    "place",
    ["node_modules/libnpmpublish/node_modules", "node_modules", "..", "../../node_modules", "../../../node_modules"],
)
def test_sigstore_counts_wherever_node_finds_it(tmp_path: Path, place: str) -> None:
    bin_ = lay(tmp_path, "12.0.0")
    home = lay_publisher(bin_, {"sigstore": "^5"})
    Path(os.path.normpath(home / place), "sigstore").mkdir(parents=True)
    assert found(bin_).broken_sigstore is False


@pytest.mark.real_process
def test_sigstore_counts_in_node_path(tmp_path: Path) -> None:
    bin_ = lay(tmp_path, "12.0.0")
    lay_publisher(bin_, {"sigstore": "^5"})
    (tmp_path / "more" / "sigstore").mkdir(parents=True)
    assert found(bin_, NODE_PATH=str(tmp_path / "more")).broken_sigstore is False


@pytest.mark.real_process
@pytest.mark.parametrize("version", ["9.9.4", "10.9.4", "11.5.1", "12.0.0", "12.2.0"])
def test_the_real_npm_is_told_without_starting_it(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_ = world.bin(version)
    monkeypatch.setattr("safepublish.detect.npm._last_line", lambda *_: pytest.fail("a program was started"))
    answer = found(bin_)
    assert (str(answer.version), answer.cli) == (version, str(world.npm(version) / "bin" / "npm-cli.js"))
    assert answer.broken_sigstore is (version == "12.0.0")


@pytest.mark.real_process
def test_the_real_node_is_told_by_its_header_or_by_itself() -> None:
    beside_header = found(world.node(26).parent, world.bin())
    assert str(beside_header.node_version) == world.NODE[26]
    alone = found(world.bin("11.21.2"))
    assert alone.node_version is None
    assert str(node_version(alone)) == world.NODE[24]


def test_what_is_known_of_node_is_not_asked_again() -> None:
    known = Npm("/bin/npm", None, None, "/nonexistent/node", Version("22.0.0"))
    assert node_version(known) == Version("22.0.0")
    assert node_version(known._replace(node=None, node_version=None)) is None


@pytest.mark.parametrize(
    ("command", "pathext", "names"),
    [
        ("npm", None, ("npm.COM", "npm.EXE", "npm.BAT", "npm.CMD")),
        ("npm", ".cmd;;.PS1", ("npm.cmd", "npm.PS1")),
        ("npm.cmd", ".CMD", ("npm.cmd",)),
    ],
)
def test_windows_adds_the_extensions_of_pathext(
    monkeypatch: pytest.MonkeyPatch, command: str, pathext: str | None, names: tuple[str, ...]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("os.name", "nt")
        answer = _names(command, {"PATHEXT": pathext} if pathext else {})
    assert answer == names


@pytest.mark.real_process
def test_asking_for_a_version_leaves_no_compile_cache(tmp_path: Path) -> None:
    executable(tmp_path / "npm", "#!/bin/sh\necho 1.2.$NODE_DISABLE_COMPILE_CACHE\n")
    assert str(found(tmp_path).version) == "1.2.1"
