"""Files that are read again when they change: what is in them needs no restart."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm

from servicekit.telemetry import logs

Content = TypeVar("Content")

LOOKED_AT_EVERY = 1.0
"""Seconds. However often it is asked for, files are looked at no more often."""

log = logs.get_logger(__name__)


class WatchedFiles(Generic[Content]):
    """What was made of files, or of the files of folders, as they are now.

    Files that cannot be read, or do not belong together, leave what was made of them before in
    force, which is logged; the first time they raise what `read` does.
    """

    _unreadable: ClassVar[tuple[type[Exception], ...]] = (OSError, ValueError, UnsupportedAlgorithm)
    _on_unreadable: ClassVar[str] = "files_unreadable"
    _on_read_again: ClassVar[str] = "files_read_again"

    def __init__(
        self,
        paths: Iterable[Path],
        read: Callable[[], Content],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.paths = tuple(paths)
        self.why_unreadable = ""
        """Why what is in force is not what is in the files; empty if it is."""
        self._read = read
        self._now = now
        self._seen = _signature(self.paths)
        self._content = read()
        self._looked_at = now()

    def get(self) -> Content:
        """The content; the same object as long as the files stay as they are."""
        now = self._now()
        if now - self._looked_at >= LOOKED_AT_EVERY:
            self._looked_at = now
            self._look()
        return self._content

    def _look(self) -> None:
        paths = [str(path) for path in self.paths]
        try:
            seen = _signature(self.paths)
            if seen == self._seen:
                return
            self._content = self._read()
            self._seen = seen
        except self._unreadable as error:
            why = str(error) or repr(error)
            if why != self.why_unreadable:
                self.why_unreadable = why
                log.error(self._on_unreadable, paths=paths, why=why)  # noqa: TRY400 - its text says it
        else:
            self.why_unreadable = ""
            log.info(self._on_read_again, paths=paths)


def _signature(paths: Iterable[Path]) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when a file does; a link that is turned to another file is a change."""
    files = (
        each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])
    )
    told = ((each.name, each.stat()) for each in files)
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in told)
