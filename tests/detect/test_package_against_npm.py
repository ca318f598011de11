"""What is read of packages, words and URLs, held against what the real npm makes of them.

npm_reads.cjs asks npm's own modules, many cases in one process; the last tests publish to a loopback registry.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from safepublish.detect.config import read as configure
from safepublish.detect.package import read
from safepublish.facts.run import Npm, Package
from safepublish.npm import git_hosts, manifest, package_spec
from safepublish.npm.tool_versions import parse
from safepublish.rehearsal import Grant, Registry
from tests.support import world

pytestmark = pytest.mark.real_process

NPM = ("10.9.4", "11.5.1", "11.21.2", "12.2.0")
FIRST_WITHOUT_LEADING_HYPHEN = ("11.21.2", "12.2.0")
ASK = Path(__file__).with_name("npm_reads.cjs")
SEED = 20


def ask(version: str, **questions: Sequence[object]) -> dict[str, list[Any]]:
    """The answers of npm *version*'s own modules."""
    asked = subprocess.run(
        [world.node(), ASK, world.npm(version)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers: dict[str, list[Any]] = json.loads(asked.stdout)
    return answers


def packages(cwd: Path, *words: str, version: str, env: dict[str, str]) -> tuple[Package, ...]:
    found = Npm("/nonexistent/npm", None, parse(version), None, None)
    return read(configure(["publish", *words], env=env, cwd=str(cwd), npm=found), cwd=str(cwd))


# Manifests

NAMES = (
    "a", "@s/n", " a ", "A", "", 0, None, 42, ["a"], {"a": 1}, "a b", "a/b", "@s", "@s/", "@s/.n", ".a", "_a", "-a",
    "@s/_a", "@s/-a", "node_modules", "NODE_MODULES", "favicon.ico", "a~'!()*", "é", "a%20b", "a:b", "x" * 300,
    "@s/n/m", "http", "a@b", "\ufeffa", "a\x85", "a\x1f", "\ud800", "a.b", "1", "true", "@/a", "constructor", "a+b",
    "a\n",
)  # fmt: skip
VERSIONS = (
    "v1.0.0", "=1.0.0", "v=1.2.3", " v 1.2.3 ", "1.02.3", "1.2.3beta", "1.2.3-beta.01", "1.2.3-01", "1.2.3+b", "1.2",
    "latest", "", None, 0, 1, True, "9007199254740992.0.0", "9007199254740991.0.0", "1.0.0-99999999999999999999",
    "1.0.0-a..b", "1.0.0-", "1.0.0+" + "x" * 250, "1.0.0+" + "x" * 251, "1.0.0-ü", ["1.0.0"], "1.0.0-alpha-1+b.c",
    "1.0.0-x+y+z", "1.2.3.4", "1.2.3-4.5", "==1.0.0", "\xa01.0.0", "1.2.34beta", "1.0.0--", "1.0.0-0a", "\x1f1.0.0",
)  # fmt: skip
REPOSITORIES: tuple[Any, ...] = (
    "o/r", {"url": "https://github.com/o/r"}, {"type": "git", "url": "git@github.com:o/r.git", "directory": "p"},
    ["o/r"], {}, {"url": 5}, "", None, 5, True, "https://u:p@example.com/x", {"url": ["o/r"]},
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "name": NAMES,
    "version": VERSIONS,
    "repository": REPOSITORIES,
    "repositories": (["o/r"], [], [{"url": "x/y"}], None),
    "private": (True, False, "false", "", 0, 1, [], {}, None),
    "publishConfig": ({"tag": "x"}, [], "x", None, 5),
    "main": (5, ["a"], {}, "", None, "x.js", True),
}
TEXTS = (
    '\ufeff{"name": "a", "version": "1.0.0"}', '\ufeff\ufeff{"name": "a"}', "", " ", "null", '"x"', "5", "true", "{",
    '{"name": "a", "name": "b", "version": "1.0.0"}', '{"x": NaN}', '{"x": Infinity}', '{"x": 1,}', "{} x", "// c\n{}",
    '{"x": -Infinity}', '{"x": 01}', '{"x": +1}', '{"x": 1e999, "version": "1.0.0", "name": "a"}', '{"name": "a\tb"}',
    '{"name": "a", "version": "1.0.0", "x": ' + "9" * 6000 + "}", "\xa0{}", "{'name': 'a'}", '{"version": "1.0.0"}',
    '{"name": "a", "version": "1.0.0", "__proto__": {"private": true}}', '{"name": "a"}', '{"x": "\\ud800"}',
)  # fmt: skip


def lay_manifests(tmp_path: Path) -> list[Path]:
    """A directory for each manifest."""
    plain = {"name": "a", "version": "1.0.0", "repository": "z/z"}
    texts = [json.dumps({**plain, field: value}) for field, values in VALUES.items() for value in values]
    directories = []
    for number, text in enumerate([*texts, *TEXTS]):
        directories.append(tmp_path / str(number))
        directories[-1].mkdir()
        (directories[-1] / "package.json").write_text(text)
    return directories


def as_told(answer: dict[str, Any]) -> tuple[object, ...]:
    """npm's answer in the words of a `Package`; where npm stops, that alone."""
    if "error" in answer or isinstance(answer.get("named"), dict):
        return ("stops",)
    sent = answer["repository"]
    repository = git_hosts.without_credentials(sent) if isinstance(sent, str) and sent else None
    return (answer["name"], answer["version"] or None, answer["private"], repository)


def as_read(package: Package, version: str) -> tuple[object, ...]:
    name = package.manifest.name
    if package.manifest.trouble or name is None or manifest.name_trouble(name) is not None:
        return ("stops",)
    if name.startswith("-") and version in FIRST_WITHOUT_LEADING_HYPHEN:
        return ("stops",)
    return (name, package.manifest.version, package.manifest.private, package.manifest.repository)


@pytest.mark.parametrize("version", NPM)
def test_manifests(tmp_path: Path, version: str) -> None:
    directories = lay_manifests(tmp_path)
    answers = ask(version, manifests=[str(directory) for directory in directories])["manifests"]
    disagreements = [
        (str(directory), as_told(answer), as_read(package, version))
        for directory, answer in zip(directories, answers, strict=True)
        for package in packages(directory, version=version, env={"HOME": str(tmp_path)})
        if as_told(answer) != as_read(package, version)
    ]
    assert disagreements == []
    assert sum(as_told(answer) == ("stops",) for answer in answers) > 40


def test_publish_config(tmp_path: Path) -> None:
    directories = lay_manifests(tmp_path)
    answers = ask(world.NEWEST, manifests=list(map(str, directories)))["manifests"]
    told = [answer.get("publishConfig") for answer in answers]
    read_ = [manifest.read((directory / "package.json").read_text())[1] for directory in directories[:-1]]
    assert read_ == [one if isinstance(one, dict) else {} for one in told[:-1]]
    assert {"tag": "x"} in told


# Tarballs


@pytest.mark.parametrize("version", NPM)
def test_tarballs(tmp_path: Path, version: str) -> None:
    packed = tmp_path / "packed"
    packed.mkdir()
    odd: list[dict[str, Any]] = [{}, {"name": "@s/n"}, {"version": "v1.2.3"}, {"name": "p", "private": True}]
    for number, fields in enumerate(odd):
        source = tmp_path / f"source{number}"
        source.mkdir()
        content = {"name": "a", "version": "1.0.0", "repository": "o/r", **fields}
        (source / "package.json").write_text(json.dumps(content))
    command: list[str | Path] = [
        world.node(),
        world.npm(version) / "bin" / "npm-cli.js",
        "pack",
        "--pack-destination",
        packed,
    ]
    subprocess.run(
        [*command, *(f"./source{number}" for number in range(len(odd)))],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    for number, top in enumerate(("package", "other", ".", "a/", "a/b")):
        tree = tmp_path / f"tree{number}"
        (tree / top).mkdir(parents=True)
        (tree / top / "package.json").write_text('{"name": "b", "version": "2.0.0"}')
        arguments: list[str | Path] = [
            "tar",
            "-c",
            "-f",
            packed / f"{number}.tgz",
            "-C",
            tree,
            *(["-z"] if number % 2 else []),
        ]
        subprocess.run([*arguments, f"{top}/package.json" if number % 3 else f"./{top}"], check=True)
    tarballs = sorted(packed.iterdir())
    answers = ask(version, tarballs=list(map(str, tarballs)))["tarballs"]
    disagreements = [
        (tarball.name, as_told(answer), as_read(package, version))
        for tarball, answer in zip(tarballs, answers, strict=True)
        for package in packages(tmp_path, str(tarball), version=version, env={"HOME": str(tmp_path)})
        if as_told(answer) != as_read(package, version)
    ]
    assert disagreements == []
    assert len(tarballs) == 9


# URLs

SCHEMES = (
    "", "git+https://", "https://", "http://", "git://", "ssh://", "git+ssh://", "git@", "git+ssh://git@", "github:",
    "gitlab:", "gist:", "bitbucket:", "sourcehut:", "git+http://", "github://", "file://", "git:", "https:", "//",
    "git+file://", "x://", "www.",
)  # fmt: skip
CREDENTIALS = ("", "user@", "user:pw@", ":pw@", "git@", "@", "a:b:c@")
HOSTS = (
    "github.com", "GitHub.com", "www.github.com", "gitlab.com", "gist.github.com", "bitbucket.org", "git.sr.ht",
    "github.com:22", "github.com:", "example.com", "", "github.com:99999", "github.com.", "git hub.com",
)  # fmt: skip
SEPARATORS = ("/", ":", "//", "", "\\", "/:")
PATHS = (
    "o/r", "o/r.git", "O/R", "o", "o/r/", "o/r/tree/main", "o/r/tree", "o/r/blob/x", "o%2Fx/r", "o/%zz", "o/r%20x",
    "../o/r", "o/./r", "o/../p/r", "", "a/b/c", "o/r/-/x", "o/r/get", "raw/x/raw", "~u/r", "o/r/archive", "o/ré",
    "o r/x", "o/r\n", "deadbeef", ".git/x", "o/.git", "o/r?x=1",
)  # fmt: skip
FRAGMENTS = ("", "#main", "#semver:^1", "#a/b@c:d", "#", "#%zz", "#a#b")


@pytest.mark.parametrize("version", NPM)
def test_urls(version: str) -> None:
    chance = random.Random(SEED)
    parts = (SCHEMES, CREDENTIALS, HOSTS, SEPARATORS, PATHS, FRAGMENTS)
    urls = {"".join(map(chance.choice, parts)) for _ in range(20_000)}
    urls |= {"".join(one) for one in itertools.product(SCHEMES, PATHS, FRAGMENTS)}
    if version in {"10.9.4", "11.5.1"}:
        urls = {url for url in urls if "sr.ht" not in url and "sourcehut" not in url}  # rewritten with .git there
    asked = sorted(urls)
    answers = ask(version, urls=asked)["urls"]
    disagreements = [
        (url, answer, git_hosts.rewritten(url))
        for url, answer in zip(asked, answers, strict=True)
        if git_hosts.without_credentials(answer) != git_hosts.rewritten(url)
    ]
    assert disagreements[:20] == []
    assert sum(url != answer for url, answer in zip(asked, answers, strict=True)) > 1000


# Words

FIRSTS = (
    "", "./", "../", "/", "~/", "file:", "file:./", "file:/", "file://", "file:///", "file:/../", "FILE:./", "foo@",
    "@s/foo@", "npm:", "foo@npm:", "git@", "https://h/", "git://h/", "git+ssh://git@h:", "git+file:///", "svn://h/",
    "github:", "foo@file:", "@",
)  # fmt: skip
LASTS = (
    "sub", "a/b", "a/b/c", "sub/", "x.tgz", "a/x.tgz", "x.tar.gz", "x.TAR", "xtar.gz", "@s/n", "@s/n@1", "n@1.0.0",
    "n@latest", "n@", "1.0.0", "..", ".", "", "a b", "a%20b", "a/b%zz", "a#b", "a?b", "o/r#main", "UPPER",
    "node_modules", ".hidden", "_u", "a:b", "u@h.com:p", "a\\b", "x.tgz/", "é", "a/../b", "a//b",
)  # fmt: skip
KINDS = {"version": "registry", "range": "registry", "tag": "registry"}


@pytest.mark.parametrize("version", NPM)
def test_words(version: str, tmp_path: Path, home: Path) -> None:
    words = [first + last for first, last in itertools.product(FIRSTS, LASTS)]
    answers = ask(version, words=[[word, str(tmp_path)] for word in words])["words"]
    disagreements = []
    for word, answer in zip(words, answers, strict=True):
        found = package_spec.read(word)
        if "error" in answer:
            # npm stops. We may not know that, but must not see a package there.
            agrees = found.path is None
        else:
            path = found.path
            if path is not None:
                path = os.path.abspath(tmp_path / (f"{home}{path[1:]}" if path.startswith("~") else path))
            kind = KINDS.get(answer["type"], answer["type"])
            agrees = (found.kind, found.name, path) == (kind, answer["name"], answer["path"])
        if not agrees:
            disagreements.append((word, answer, found))
    assert disagreements == []


# Publishing


def workspaces(project: Path) -> None:
    (project / "package.json").write_text('{"name": "root", "private": true, "workspaces": ["packages/*"]}')
    each: dict[str, dict[str, Any]] = {
        "b": {"version": "v1.02.0"},
        "a": {"version": "2.0.0", "publishConfig": {"tag": "next"}},
        "c": {"version": "3.0.0", "private": True},
    }
    for name, fields in each.items():
        (project / "packages" / name).mkdir(parents=True)
        (project / "packages" / name / "package.json").write_text(json.dumps({"name": f"hello-{name}", **fields}))
    shutil.copytree(project / "packages" / "a", project / "dist")


@pytest.mark.parametrize("version", ["10.9.4", "11.5.1", "12.2.0"])
@pytest.mark.parametrize(
    ("cwd", "words", "names"),
    [
        (".", ["--workspaces"], ["hello-a", "hello-b"]),
        (".", ["-w", "packages/b"], ["hello-b"]),
        (".", ["-w", "hello-c", "-w", "hello-a"], ["hello-a"]),
        (".", ["./dist", "--tag", "beta"], ["hello-a"]),
        (".", ["./dist", "-w", "hello-b"], ["hello-a"]),
        ("packages/b", [], ["hello-b"]),
        ("packages/b", ["../../dist/"], ["hello-a"]),
        ("dist", ["-C", "../packages/b"], ["hello-a"]),
    ],
)
def test_what_npm_publishes(
    make_loopback: Callable[..., world.Loopback], version: str, cwd: str, words: list[str], names: list[str]
) -> None:
    loopback = make_loopback(Registry({}, tokens={"npm_canary": Grant.PUBLISH}))
    project = loopback.project()
    workspaces(project)
    env = loopback.environment(version, loopback.setup_node(token="npm_canary"), ci=False)
    outcome = loopback.run_npm(version, ["publish", *words], cwd=project / cwd, env=env)
    assert outcome.returncode == 0, outcome.stderr
    found = packages(project / cwd, *words, version=version, env=env)
    assert [one.manifest.name for one in found] == names
    assert [(one.manifest.name, one.manifest.version, one.settings.dist_tag) for one in found] == [
        (one.name, one.version, one.tag) for one in outcome.published
    ]


@pytest.mark.parametrize("version", ["10.9.4", "11.5.1", "12.2.0"])
@pytest.mark.parametrize("fields", [{}, {"version": "1.0.0-beta"}])
def test_a_private_workspace_stops_npm_11(
    make_loopback: Callable[..., world.Loopback], version: str, fields: dict[str, str]
) -> None:
    loopback = make_loopback(Registry({}, tokens={"npm_canary": Grant.PUBLISH}))
    project = loopback.project()
    workspaces(project)
    private = project / "packages" / "c" / "package.json"
    private.write_text(json.dumps({"name": "hello-c", "private": True, **fields}))
    env = loopback.environment(version, loopback.setup_node(token="npm_canary"), ci=False)
    outcome = loopback.run_npm(version, ["publish", "--workspaces"], cwd=project, env=env)
    assert (outcome.returncode == 0) is (version == "10.9.4")
    found = packages(project, "--workspaces", version=version, env=env)
    assert [one.manifest.name for one in found if one.manifest.private] == ["hello-c"]
