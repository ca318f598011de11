"""Says why this Python cannot run the action, and exits with 3 then.

With the word `named` after it the user named this Python, and only what is needed is asked of it.
"""

from __future__ import annotations

import importlib.util
import sys

OLDEST = (3, 11, 2)
NEWEST = (3, 14)  # the newest for which every package of requirements.txt has wheels


def trouble(*, named: bool) -> str | None:
    """Why this Python does not fit; None where it does."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:3] < OLDEST:
        return f"is {version}, older than 3.11.2"
    if sys.implementation.name != "cpython":
        return f"is {sys.implementation.name}, not CPython"
    if sys.version_info[:2] > NEWEST and not named:
        return f"is {version}, newer than 3.14"
    if not getattr(sys, "_is_gil_enabled", lambda: True)() and not named:
        return f"is {version}, free-threaded"
    if importlib.util.find_spec("pip") is None:
        return f"is {version} without pip"
    return None


if __name__ == "__main__":
    why = trouble(named=sys.argv[1:] == ["named"])
    if why is not None:
        print(why)
        sys.exit(3)
