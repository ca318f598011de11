"""The directory of a rehearsal, with a copy of the repository; it is removed when the command ends.

A second process (`cleanup.py`) removes it and kills what the rehearsal started, however the command ends.
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

from safepublish.rehearsal.cleanup import DIRECTORY_VARIABLE

_CLEANUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cleanup.py")
_INHERITED = frozenset({
    "PATH", "LANG", "LANGUAGE", "TZ", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "SHELL", "USER", "LOGNAME",
    "DISPLAY", "JAVA_HOME", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "PROGRAMFILES", "PROGRAMDATA",
})  # fmt: skip
"""The variables of this machine, besides LC_*, that a rehearsal's programs get: no token, CI or configuration."""

_NOT_COPIED = ("CACHEDIR.TAG", "pyvenv.cfg")
"""Files that mark a directory as a cache (bford.info/cachedir) or a Python environment: neither is copied."""


class RehearsalDirectory:
    """A directory below the system's temporary one, which exists while its context is open."""

    root: str  # its path
    group: int | None  # the process group that the rehearsal's programs join; None on Windows

    def __enter__(self) -> Self:
        # In a process group of its own, so that Ctrl-C ends the rehearsal only.
        self._cleanup = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", _CLEANUP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=None if sys.platform == "win32" else 0,
        )
        try:
            assert self._cleanup.stdout is not None  # noqa: S101 - it is a pipe
            group, _, self.root = self._cleanup.stdout.readline().rstrip("\n").partition(" ")
        except BaseException:
            self._clean_up()
            raise
        if not self.root:
            self._clean_up()
            raise OSError(0, "cannot be written", "the system's temporary directory")
        self.group = int(group) or None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._clean_up()

    def _clean_up(self) -> None:
        """Close the stdin of the cleanup process, which makes it clean up, and wait for it."""
        assert self._cleanup.stdin is not None  # noqa: S101 - it is a pipe
        assert self._cleanup.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError):
            self._cleanup.stdin.close()
        self._cleanup.wait()
        self._cleanup.stdout.close()

    def path(self, *parts: str) -> str:
        """A path below the directory."""
        return os.path.join(self.root, *parts)

    def write(self, text: str, *parts: str) -> str:
        """Write *text* to the file *parts*, for this user alone; returns its path."""
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of the rehearsal's programs: the harmless part of *env*, and a home and temporary directory.

        git may use no transport: a script must not push.
        """
        inherited = {name: value for name, value in env.items() if name.upper() in _INHERITED or name.startswith("LC_")}
        home, temporary = self.path("home"), self.path("tmp")
        for directory in (home, temporary):
            os.makedirs(directory, exist_ok=True)
        return inherited | {
            DIRECTORY_VARIABLE: self.root,
            "HOME": home,
            "USERPROFILE": home,
            "TMPDIR": temporary,
            "TEMP": temporary,
            "TMP": temporary,
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
        }


def copy_working_tree(root: str, target: str, *, ignored: Callable[[str], bool] = lambda _: False) -> None:
    """Copy the working tree at *root* to *target*, without `.git` and the paths for which *ignored* is true.

    Dependencies are not copied: each package of a `node_modules` becomes a link to the original.
    """
    _Copy(root, target, ignored).copy("")


class _Copy:
    """The copying of one working tree."""

    def __init__(self, root: str, target: str, ignored: Callable[[str], bool]) -> None:
        self.root, self.target, self.ignored = root, target, ignored

    def copy(self, directory: str) -> None:
        """Copy *directory*, a path relative to the root."""
        os.makedirs(os.path.join(self.target, directory), exist_ok=True)
        with os.scandir(os.path.join(self.root, directory)) as entries:
            for entry in entries:
                path = os.path.join(directory, entry.name)
                if entry.name == ".git" or self.ignored(path):
                    continue
                if (
                    entry.name == "node_modules"
                    and entry.is_dir(follow_symlinks=False)
                    and not self._bundles_dependencies(directory)
                ):
                    self._link_dependencies(path)
                else:
                    self._copy_entry(entry, path)

    def _copy_entry(self, entry: "os.DirEntry[str]", path: str) -> None:
        if entry.is_symlink():
            self._copy_link(os.readlink(entry.path), path)
        elif entry.is_dir(follow_symlinks=False):
            if not any(os.path.lexists(os.path.join(entry.path, name)) for name in _NOT_COPIED):
                with contextlib.suppress(PermissionError):
                    self.copy(path)
        elif stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            with contextlib.suppress(PermissionError):  # nor could npm read it
                shutil.copy2(entry.path, os.path.join(self.target, path))

    def _copy_link(self, destination: str, path: str) -> None:
        """Make *path* a link to *destination*; a destination in the tree becomes the same place in the copy."""
        if os.path.isabs(destination) and os.path.join(destination, "").startswith(os.path.join(self.root, "")):
            destination = os.path.join(self.target, os.path.relpath(destination, self.root))
        with contextlib.suppress(FileExistsError):
            os.symlink(destination, os.path.join(self.target, path))

    def _link_dependencies(self, directory: str) -> None:
        """Create a `node_modules`, or a scope in it, whose packages are links; the caches of tools are skipped."""
        os.makedirs(os.path.join(self.target, directory), exist_ok=True)
        with os.scandir(os.path.join(self.root, directory)) as entries:
            for entry in entries:
                path = os.path.join(directory, entry.name)
                if entry.is_symlink() or not entry.is_dir(follow_symlinks=False):
                    self._copy_entry(entry, path)
                elif entry.name.startswith("@") or entry.name == ".bin":
                    self._link_dependencies(path)
                elif not entry.name.startswith(".") or entry.name == ".pnpm":
                    os.symlink(os.path.join(os.path.realpath(self.root), path), os.path.join(self.target, path))

    def _bundles_dependencies(self, directory: str) -> bool:
        """Whether the package in *directory* bundles dependencies, so that npm packs files of its `node_modules`."""
        try:
            with open(os.path.join(self.root, directory, "package.json"), encoding="utf-8", errors="replace") as file:
                text = file.read(2**20)
        except OSError:
            return False
        return '"bundleDependencies"' in text or '"bundledDependencies"' in text
