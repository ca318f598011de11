"""Where a rehearsal happens: a directory of its own with a copy of the repository, gone with the command.

However the command ends: a keeper outlives it, and ends what was started and removes what was written.
"""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from safepublish.rehearsal.cleanup import MARK

_KEEPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cleanup.py")
_PASSED_ON = frozenset({
    "PATH", "LANG", "LANGUAGE", "TZ", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "SHELL", "USER", "LOGNAME",
    "DISPLAY", "JAVA_HOME", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "PROGRAMFILES", "PROGRAMDATA",
})  # fmt: skip
"""The variables of this machine that a rehearsal's programs get, besides LC_*: no token, no CI, no configuration."""


_SPARED = ("CACHEDIR.TAG", "pyvenv.cfg")
"""What marks a directory as a cache (bford.info/cachedir) or a Python environment: neither is copied."""


class Place:
    """A directory below the system's temporary one, while its context is open."""

    directory: str
    group: int | None  # the process group that the rehearsal's programs join; None on Windows

    def __enter__(self) -> Self:
        # In a process group of its own: Ctrl-C is for the rehearsal, and then for the keeper to see.
        self._keeper = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", _KEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=None if sys.platform == "win32" else 0,
        )
        try:
            assert self._keeper.stdout is not None  # noqa: S101 - it is a pipe
            group, _, self.directory = self._keeper.stdout.readline().rstrip("\n").partition(" ")
        except BaseException:
            self._leave()
            raise
        if not self.directory:
            self._leave()
            raise OSError(0, "cannot be written", "the system's temporary directory")
        self.group = int(group) or None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    def _leave(self) -> None:
        """Let the keeper put everything away, and wait until it has."""
        assert self._keeper.stdin is not None  # noqa: S101 - it is a pipe
        assert self._keeper.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError):
            self._keeper.stdin.close()
        self._keeper.wait()
        self._keeper.stdout.close()

    def path(self, *parts: str) -> str:
        """A path below the directory."""
        return os.path.join(self.directory, *parts)

    def write(self, text: str, *parts: str) -> str:
        """Write *text* to the file *parts*, for this user alone; returns its path."""
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """What of *env* the rehearsal's programs get, with a home and a temporary directory of their own.

        git is refused every transport: a script that pushes must not.
        """
        kept = {name: value for name, value in env.items() if name.upper() in _PASSED_ON or name.startswith("LC_")}
        home, temporary = self.path("home"), self.path("tmp")
        for directory in (home, temporary):
            os.makedirs(directory, exist_ok=True)
        return kept | {
            MARK: self.directory,
            "HOME": home,
            "USERPROFILE": home,
            "TMPDIR": temporary,
            "TEMP": temporary,
            "TMP": temporary,
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
        }


def copy(root: str, target: str, *, ignored: Callable[[str], bool] = lambda _: False) -> None:
    """Copy the working tree at *root* to *target* as it stands, without `.git` and what *ignored* says of its path.

    Dependencies are not copied: each of a `node_modules` becomes a link to where it lies, which reads the same.
    """
    _Tree(root, target, ignored).copy("")


class _Tree:
    """One working tree that is being copied."""

    def __init__(self, root: str, target: str, ignored: Callable[[str], bool]) -> None:
        self.root, self.target, self.ignored = root, target, ignored

    def copy(self, below: str) -> None:
        """Copy the directory *below*."""
        os.makedirs(os.path.join(self.target, below), exist_ok=True)
        with os.scandir(os.path.join(self.root, below)) as entries:
            for entry in entries:
                path = os.path.join(below, entry.name)
                if entry.name == ".git" or self.ignored(path):
                    continue
                if entry.name == "node_modules" and entry.is_dir(follow_symlinks=False) and not self._bundles(below):
                    self._dependencies(path)
                else:
                    self._entry(entry, path)

    def _entry(self, entry: "os.DirEntry[str]", path: str) -> None:
        if entry.is_symlink():
            self._link(os.readlink(entry.path), path)
        elif entry.is_dir(follow_symlinks=False):
            if not any(os.path.lexists(os.path.join(entry.path, sign)) for sign in _SPARED):
                with contextlib.suppress(PermissionError):
                    self.copy(path)
        elif stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            with contextlib.suppress(PermissionError):  # nor could npm read it
                shutil.copy2(entry.path, os.path.join(self.target, path))

    def _link(self, aim: str, path: str) -> None:
        """Make *path* a link to *aim*, which in the tree itself means the same place in the copy."""
        if os.path.isabs(aim) and os.path.join(aim, "").startswith(os.path.join(self.root, "")):
            aim = os.path.join(self.target, os.path.relpath(aim, self.root))
        with contextlib.suppress(FileExistsError):
            os.symlink(aim, os.path.join(self.target, path))

    def _dependencies(self, below: str) -> None:
        """Lay a `node_modules` (or a scope in it) whose packages are links; what tools cache there is left out."""
        os.makedirs(os.path.join(self.target, below), exist_ok=True)
        with os.scandir(os.path.join(self.root, below)) as entries:
            for entry in entries:
                path = os.path.join(below, entry.name)
                if entry.is_symlink() or not entry.is_dir(follow_symlinks=False):
                    self._entry(entry, path)
                elif entry.name.startswith("@") or entry.name == ".bin":
                    self._dependencies(path)
                elif not entry.name.startswith(".") or entry.name == ".pnpm":
                    os.symlink(os.path.join(os.path.realpath(self.root), path), os.path.join(self.target, path))

    def _bundles(self, below: str) -> bool:
        """Whether the package in *below* ships dependencies, so that npm packs files from its `node_modules`."""
        try:
            with open(os.path.join(self.root, below, "package.json"), encoding="utf-8", errors="replace") as file:
                text = file.read(2**20)
        except OSError:
            return False
        return '"bundleDependencies"' in text or '"bundledDependencies"' in text
