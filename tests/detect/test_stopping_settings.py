"""Settings that end npm; situations of the campaign hold them against the real npm."""

import json
from pathlib import Path

import pytest
from packaging.version import Version

from safepublish.detect import config, package
from safepublish.detect.config import Configuration
from safepublish.facts.run import Npm

BUNDLE = {"dsseEnvelope": {"payload": "eyJzdWJqZWN0IjpbMV19"}}  # {"subject":[1]}


def configuration(tmp_path: Path, npmrc: str, version: str = "12.2.0") -> Configuration:
    (tmp_path / ".npmrc").write_text(f"{npmrc}\n")
    npm = Npm("/x/npm", None, Version(version), None, None)
    return config.read(["publish"], env={"HOME": str(tmp_path / "home")}, cwd=str(tmp_path), npm=npm)


def stopping(found: Configuration, tmp_path: Path) -> list[str]:
    (one,) = package.read(found, cwd=str(tmp_path))
    return [problem.text for problem in (*found.problems, *one.settings.problems) if problem.stops_npm]


@pytest.mark.parametrize(
    ("npmrc", "stops"),
    [
        ("otp=123456", False),
        ("otp=12 34", False),
        ("otp=\u00fc", False),
        ("otp=\u2713", True),
        ("user-agent=\u00fc", False),
        ("user-agent=\u2713", True),
        ("maxsockets=0", False),
        ("maxsockets=-1", True),
        ("maxsockets=many", True),
        ("fetch-timeout=0", False),
        ("fetch-timeout=-1", True),
        ("fetch-retry-mintimeout=60000", False),
        ("fetch-retry-mintimeout=60001", True),
        ("local-address=127.0.0.1", False),
        ("local-address=203.0.113.7", True),
        ("local-address=nonsense", True),
        ("before=2024-01-01", False),
        ("before=never", True),
        ("usage=false", False),
        ("usage=true", True),
        ("access=public", False),
        ("[access]\nx=1", True),
        ("registry=http://127.0.0.1:9/#x", False),
        ("registry=http://127.0.0.1:9/?x=1", True),
        ("provenance-file=good.json", False),
        ("provenance-file=missing.json", True),
        ("provenance-file=", True),
        ("provenance-file=empty.json", True),
        ("provenance-file=none.json", True),
        ("script-shell=/bin/sh", False),
        ("script-shell=/nonexistent/sh", True),
        ("script-shell=/nonexistent/sh\nignore-scripts=true", False),
    ],
)
def test_whether_npm_stops(tmp_path: Path, npmrc: str, stops: bool) -> None:
    manifest = {"name": "hello", "version": "1.0.0", "scripts": {"prepack": "true"}}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "good.json").write_text(json.dumps(BUNDLE))
    (tmp_path / "none.json").write_text("{}")
    (tmp_path / "empty.json").write_text("")
    assert bool(stopping(configuration(tmp_path, npmrc), tmp_path)) is stops


@pytest.mark.parametrize("npmrc", ["maxsockets=-1", "otp=\u2713"])
def test_what_was_not_run_is_left_to_npm(tmp_path: Path, npmrc: str) -> None:
    (tmp_path / "package.json").write_text('{"name":"hello","version":"1.0.0"}')
    assert stopping(configuration(tmp_path, npmrc, "10.9.7"), tmp_path) == []


def test_a_shell_that_no_script_needs_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name":"hello","version":"1.0.0"}')
    assert stopping(configuration(tmp_path, "script-shell=/nonexistent/sh"), tmp_path) == []
