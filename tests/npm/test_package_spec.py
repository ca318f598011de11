"""The word after npm publish; tests/detect/test_package_against_npm.py holds many more against the real npm."""

import pytest

from safepublish.npm import package_spec
from safepublish.npm.package_spec import Spec


@pytest.mark.parametrize(
    ("word", "path"),
    [
        (".", "."),
        ("./dist", "./dist"),
        ("dist/", "dist/"),
        ("a/b/c", "a/b/c"),
        ("/abs", "/abs"),
        ("file:dist", "dist"),
        ("file:/../dist", "../dist"),
        ("file:///abs", "/abs"),
        ("~/dist", "~/dist"),
        ("./~", "~"),
        ("~/..", "./~/.."),
        ("x.tgz/", "x.tgz/"),
    ],
)
def test_directories(word: str, path: str) -> None:
    assert package_spec.read(word) == Spec("directory", None, path)


@pytest.mark.parametrize("word", ["x.tgz", "./dist/x.tgz", "x.tar.gz", "x.TAR", "/abs/x.tgz", "a/b/x.tgz"])
def test_tarballs(word: str) -> None:
    assert package_spec.read(word) == Spec("file", None, word)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("dist", Spec("registry", "dist")),
        ("@s/n", Spec("registry", "@s/n")),
        ("n@1.0.0", Spec("registry", "n")),
        ("packages/x", Spec("git")),
        ("dist/x.tgz", Spec("git")),
        ("github:o/r", Spec("git")),
        ("git@example.com:o/r.git", Spec("git")),
        ("git+file:///o/r", Spec("git")),
        ("https://example.com/x.tgz", Spec("remote")),
        ("n@npm:other", Spec("alias", "n")),
        ("n@./dist", Spec("directory", "n", "./dist")),
        ("_n@1", Spec("unsupported")),
        ("svn://example.com/x", Spec("unsupported")),
    ],
)
def test_the_rest(word: str, told: Spec) -> None:
    assert package_spec.read(word) == told


@pytest.mark.parametrize(
    ("word", "windows", "kind"),
    [
        (".\\dist", True, "directory"),
        ("a\\b", True, "directory"),
        ("a\\b", False, "registry"),
        ("C:\\dist\\x.tgz", True, "file"),
    ],
)
def test_a_backslash_is_a_separator_on_windows_only(word: str, windows: bool, kind: str) -> None:
    assert package_spec.read(word, windows=windows).kind == kind
