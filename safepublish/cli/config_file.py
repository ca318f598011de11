"""Finds the configuration file: safepublish.toml, or the key `safepublish` of package.json.

It is searched from the working directory up to the root of the git repository; the nearest one counts. Most
repositories have none, so what reads one, with pydantic, is imported only where there is one.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from safepublish.facts.waiver import Waiver
from safepublish.shell.own_options import UsageError

NAME = "safepublish.toml"
KEY = "safepublish"
"""The key of package.json."""

_LARGEST = 1024 * 1024


class Settings(NamedTuple):
    """What a configuration file says."""

    options: Mapping[str, str] = {}  # by the name of the option; "" for a flag that is on
    waivers: tuple[Waiver, ...] = ()
    path: str = ""


def read(cwd: str) -> Settings:
    """The settings that hold in *cwd*; raises `UsageError` for a file that cannot be followed."""
    for directory in _directories(cwd):
        toml = os.path.join(directory, NAME)
        section = _package_section(os.path.join(directory, "package.json"))
        if os.path.lexists(toml):
            if section is not None:
                raise UsageError(f"{_shown(toml, cwd)} and the key {KEY} of package.json are both there; use one")
            return _read_toml(toml, _shown(toml, cwd))
        if section is not None:
            from safepublish.cli import config_model

            shown = f"{_shown(os.path.join(directory, 'package.json'), cwd)}#{KEY}"
            return Settings(*config_model.read(section, shown), shown)
    return Settings()


def _directories(cwd: str) -> list[str]:
    """*cwd* and those above it up to the root of the git repository; *cwd* alone outside of one."""
    found = []
    place = cwd
    while True:
        found.append(place)
        if os.path.lexists(os.path.join(place, ".git")):
            return found
        above = os.path.dirname(place)
        if above == place:
            return [cwd]
        place = above


def _package_section(path: str) -> object | None:
    """The key `safepublish` of a package.json; None where it has none, or cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST)
    except OSError:
        return None
    if f'"{KEY}"'.encode() not in content:
        return None
    import json  # seldom needed

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None  # the checks say what is wrong with it
    return document.get(KEY) if isinstance(document, dict) else None


def _read_toml(path: str, shown: str) -> Settings:
    import tomllib

    from safepublish.cli import config_model

    try:
        with open(path, "rb") as file:
            document = tomllib.loads(file.read(_LARGEST).decode())
    except OSError as error:
        raise UsageError(f"{shown} could not be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{shown} is not valid TOML: {error}") from error
    return Settings(*config_model.read(document, shown), shown)


def _shown(path: str, cwd: str) -> str:
    return os.path.relpath(path, cwd).replace(os.sep, "/")
