"""A terminal of some size, with a program in it."""

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

_LONGEST = 30.0
"""Seconds that something is waited for."""


def _hears_of_sizes() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """While the block runs; what the program writes is read by `until`."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, columns: int
    ) -> None:
        self._arguments = arguments
        self._environment = {
            name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}
        } | {"TERM": "xterm"}
        self._ours, self._theirs = os.openpty()
        self.resize(columns)
        self.written = ""
        """What the program has written since the last `forget`."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._arguments,
            env=self._environment,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=_hears_of_sizes,  # noqa: PLW1509 - one call, which takes no lock
        )
        os.close(self._theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def resize(self, columns: int, rows: int = 40) -> None:
        """Give it another size."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        """As somebody does at its keys."""
        os.write(self._ours, text.encode())

    def forget(self) -> None:
        """What was written so far."""
        self.written = ""

    def until(self, seen: Callable[[str], bool]) -> str:
        """Read until something is seen in what was written; `AssertionError` after a while."""
        ends_at = time.monotonic() + _LONGEST
        while not seen(self.written):
            ready, _, _ = select.select([self._ours], [], [], max(ends_at - time.monotonic(), 0))
            assert ready, f"not seen in {self.written!r}"
            try:
                read = os.read(self._ours, 65536)
            except OSError:
                # Whoever wrote there has ended.
                read = b""
            assert read, f"it has ended: {self.written!r}"
            self.written += read.decode(errors="replace")
        return self.written

    def ends(self) -> int:
        """Read to its end; its exit code."""
        while self._process.poll() is None:
            ready, _, _ = select.select([self._ours], [], [], 0.1)
            if not ready:
                continue
            try:
                self.written += os.read(self._ours, 65536).decode(errors="replace")
            except OSError:
                break
        return self._process.wait(_LONGEST)
