"""Git URLs as npm rewrites them; tests/detect/test_package_against_npm.py holds many more against the real npm."""

import time

import pytest

from safepublish.npm import git_hosts

GITHUB = "git+https://github.com/o/r.git"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("o/r", GITHUB),
        ("github:o/r", GITHUB),
        ("https://github.com/o/r", GITHUB),
        ("HTTPS://GitHub.com/o/r", GITHUB),
        ("https://www.github.com/o/r.git/", GITHUB),
        ("https://github.com/o/r/tree/main", f"{GITHUB}#main"),
        ("https://github.com/o/r/tree", f"{GITHUB}#undefined"),
        ("git+https://github.com/o/r.git#v1", f"{GITHUB}#v1"),
        ("http://github.com/o/r", "git+ssh://git@github.com/o/r.git"),
        ("git@github.com:o/r.git", "git+ssh://git@github.com/o/r.git"),
        ("ssh://git@github.com/o/r", "git+ssh://git@github.com/o/r.git"),
        ("git://github.com/o/r", "git://github.com/o/r.git"),
        ("gitlab:g/s/p", "git+https://gitlab.com/g/s/p.git"),
        ("gist:abc", "git+https://gist.github.com/abc.git"),
        ("https://gist.github.com/u/abc.git", "git+https://gist.github.com/abc.git"),
        ("https://gist.github.com/abc#1", "git+https://gist.github.com/abc.git#1"),
        ("https://github.com/a/../o/./r/.", GITHUB),
        ("https://git.sr.ht/~u/r", "https://git.sr.ht/~u/r"),
    ],
)
def test_what_npm_knows_is_rewritten(url: str, written: str) -> None:
    assert git_hosts.rewritten(url) == written


@pytest.mark.parametrize(
    "url",
    ["", "r", "/o/r", "./o/r", "a/b/c", "o/r/", "https://example.com/o/r", "https://github.com/o", "https://github.com/o/%zz",
     "https://github.com/o/r/blob/main/x", "https://github.com:99999/o/r", "git://bitbucket.org/o/r", "https://gitlab.com/o/r/-/x",
        "https://gist.github.com/", "https://%zz/o/r",
     "https://bitbucket.org/o/r/get/x", "https://[", "file:///o/r", "\x00"],
)  # fmt: skip
def test_what_npm_does_not_know_stays(url: str) -> None:
    assert git_hosts.rewritten(url) == url


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://canary@github.com/o/r", "git+https://***@github.com/o/r.git"),
        ("https://u:canary@github.com/o/r", "git+https://***@github.com/o/r.git"),
        ("git://u:canary@github.com/o/r", "git://***@github.com/o/r.git"),
        ("https://canary:x@example.com/o/r", "https://***@example.com/o/r"),
        ("https:/canary@example.com/o/r", "https:/***@example.com/o/r"),
        ("ssh://u:canary@example.com/o/r", "ssh://u:***@example.com/o/r"),
        ("ssh://git@example.com/o/r", "ssh://git@example.com/o/r"),
    ],
)
def test_credentials_are_dropped(url: str, written: str) -> None:
    assert git_hosts.rewritten(url) == written
    assert "canary" not in repr(git_hosts.read(url))


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        (GITHUB, "o/r"),
        ("git@github.com:O/R.git", "O/R"),
        ("https://x-access-token:t@github.com/o/r", "o/r"),
        ("ssh://git@github.com:22/o/r.git", "o/r"),
        ("github:r", None),
        ("https://gitlab.com/o/r", None),
        ("https://github.example.com/o/r", None),
        ("https://github.com.evil.example/o/r", None),
        ("../r", None),
    ],
)
def test_the_repository_on_github(url: str, repository: str | None) -> None:
    assert git_hosts.github_repository(url) == repository


@pytest.mark.parametrize(
    "url", ["a" * 1_000_000, "a/" * 500_000, "@" * 1_000_000, "https://" + "%" * 1_000_000, "../" * 300_000]
)
def test_long_text_stays_and_takes_no_time(url: str) -> None:
    began = time.monotonic()
    assert git_hosts.rewritten(url) == url
    assert time.monotonic() - began < 5
