"""Starts safepublish: ``python -m safepublish``, and the console script."""

import os
import sys


def main() -> int:
    """Run safepublish on the command line's arguments; returns its exit status."""
    _search_last_what_anyone_can_name()
    from safepublish import cli

    return cli.main()


def _search_last_what_anyone_can_name() -> None:
    """Move the working directory, the script's directory and PYTHONPATH behind Python's own modules in the search path.

    A `json.py` there would otherwise be imported in place of Python's. They stay in it: safepublish itself, or what it
    needs, may be installed in one of them.
    """
    named = [] if sys.flags.safe_path else ["", *sys.path[:1]]
    if not sys.flags.ignore_environment:
        named += os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        places = {os.path.abspath(name) for name in named} - {os.path.dirname(os.path.abspath(os.__file__))}
        last = [entry for entry in sys.path if os.path.abspath(entry) in places]
    except OSError:  # there is no working directory
        return
    sys.path[:] = [entry for entry in sys.path if entry not in last] + last


if __name__ == "__main__":
    sys.exit(main())
