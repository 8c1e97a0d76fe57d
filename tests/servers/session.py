"""Where one test session keeps its servers, and what ends them with it.

pytest-xdist's controller opens the session, or the only process there is; its workers
join. Whatever ends the opener, SIGKILL included, devstack's reaper stops every server it
was told of and removes the directory: it reads from a pipe which only the opener holds open.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from devstack.stack import reaper

_PIPE = "reaper"
# A socket's path has at most 107 bytes: short directories, whatever TMPDIR says.
_MEMORY, _DISK = Path("/dev/shm"), Path("/tmp")
_ROOM = 2 * 1024**3


@dataclass(frozen=True)
class ServerSession:
    """What every process of the session knows of it."""

    directory: Path

    def watch(self, pid: int) -> None:
        """Have the reaper stop this server, which leads a process group, with the session."""
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """The server has ended."""
        self._tell(f"-{pid}")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """No other process of the session is in a block of this name."""
        with (self.directory / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _tell(self, word: str) -> None:
        # Should nobody listen any more, this raises instead of waiting for a listener.
        pipe = os.open(self.directory / _PIPE, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, f"{word}\n".encode())
        finally:
            os.close(pipe)


@dataclass(frozen=True)
class OwnServerSession(ServerSession):
    """The session, for whoever opened it."""

    _reaper: subprocess.Popen[bytes]
    _held: int

    @classmethod
    def open(cls) -> Self:
        """Make the directory and start the reaper."""
        directory = Path(tempfile.mkdtemp(prefix="tests-", dir=_base()))
        pipe = directory / _PIPE
        os.mkfifo(pipe)
        listened = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        held = os.open(pipe, os.O_WRONLY)
        os.set_blocking(listened, True)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, str(directory)],
            stdin=listened,
            start_new_session=True,
        )
        os.close(listened)
        return cls(directory, process, held)

    def close(self) -> None:
        """Have everything stopped and removed; returns when it is."""
        os.close(self._held)
        self._reaper.wait()


def _base() -> Path:
    """In memory where there is room: there a database, a few hundred files, is made faster."""
    roomy = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy else _DISK
