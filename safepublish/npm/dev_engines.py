"""What npm makes of `devEngines` in the package.json of the project's root, before its command begins.

npm 10.9.0 to 12.2.0: lib/base-cmd.js, `checkDevEngines`, which every command runs through (lib/npm.js asks for the
method, not for the flag of the class), and npm-install-checks, lib/dev-engines.js.
"""

from collections.abc import Mapping
from typing import NamedTuple

from packaging.version import Version

from safepublish.facts.run import DevEngines
from safepublish.npm.config.tags import is_semver_range
from safepublish.npm.node_version import intervals

_PROPERTIES = ("name", "version", "onFail")
_ON_FAIL = ("ignore", "warn", "error", "download")
_ENGINES = ("packageManager", "runtime", "cpu", "libc", "os")


class Current(NamedTuple):
    """What runs: its name, and its version; None where that is unknown."""

    name: str | None
    version: str | None = None


class _ShapeError(Exception):
    """npm throws, whatever `--force` says."""


def check(wanted: object, current: Mapping[str, Current], *, force: bool) -> DevEngines:
    """Return where npm stops at the value *wanted* of `devEngines`."""
    try:
        return _check(wanted, current, force=force)
    except _ShapeError as error:
        return DevEngines(shape=str(error))


def _check(wanted: object, current: Mapping[str, Current], *, force: bool) -> DevEngines:
    if not isinstance(wanted, dict):
        raise _ShapeError("it is not an object")
    found = DevEngines()
    for engine, authored in wanted.items():
        if engine not in _ENGINES:
            raise _ShapeError(f"it has the key {engine!r:.60}")
        entries = authored if isinstance(authored, list) else [authored]
        failures = [_failure(entry, current.get(engine, Current(None)), engine) for entry in entries]
        if not entries or "" in failures:
            continue
        on_fail = entries[-1].get("onFail") or "error"
        if force or on_fail not in {"error", "download"} or found.engine is not None:
            continue
        undecided = next((failure for failure in failures if failure is None), "") is None
        described = " or ".join(_described(entry) for entry in entries)
        running = current.get(engine, Current(None))
        by_name = all(entry["name"] != running.name for entry in entries)
        found = DevEngines(engine, described, undecided=undecided, by_version=not by_name)
    return found


def _described(entry: Mapping[str, object]) -> str:
    return f"{entry['name']} {entry['version']}" if "version" in entry else str(entry["name"])


def _failure(entry: object, current: Current, engine: str) -> str | None:
    """Why *entry* does not allow what runs: "" where it does, None where that is unknown (`checkDependency`)."""
    checked = _checked(entry, engine)
    if current.name is None:
        return None
    if checked["name"] != current.name:
        return "name"
    if "version" not in checked:
        return ""
    if not isinstance(checked["version"], str):
        raise _ShapeError(f"the version in its entry for {engine} is not a string")
    allowed = _satisfies(checked["version"], current.version)
    return None if allowed is None else "" if allowed else "version"


def _checked(entry: object, engine: str) -> Mapping[str, object]:
    """Return *entry*, whose shape npm checks before it compares."""
    if not isinstance(entry, dict):
        raise _ShapeError(f"its entry for {engine} is not an object")
    for key in entry:
        if key not in _PROPERTIES:
            raise _ShapeError(f"its entry for {engine} has the key {key!r:.60}")
    if "name" not in entry:
        raise _ShapeError(f"its entry for {engine} has no name")
    for key in ("name", "onFail"):
        if key in entry and not isinstance(entry[key], str):
            raise _ShapeError(f"the {key} in its entry for {engine} is not a string")
    if "onFail" in entry and entry["onFail"] not in _ON_FAIL:
        raise _ShapeError(f"the onFail in its entry for {engine} is none of {', '.join(_ON_FAIL)}")
    return entry


def _satisfies(wanted: str, version: str | None) -> bool | None:
    """Whether *version* is what *wanted* asks for, a range or the very text; None where that is unknown."""
    if not is_semver_range(wanted):
        return None if version is None else wanted == version.removeprefix("v")
    if not wanted.strip(" *"):
        return True
    if version is None or "-" in version or "-" in wanted.replace(" - ", " "):  # pre-releases have rules of their own
        return None
    parsed, found = Version(version), intervals(wanted)
    triple = (parsed.major, parsed.minor, parsed.micro)
    return any(low <= triple < end for low, end in found) if found else None
