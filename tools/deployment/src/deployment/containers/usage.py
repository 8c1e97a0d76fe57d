"""What a process has taken so far, as the kernel tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_USER, _SYSTEM = 11, 12
"""Places of the two times, counted from what stands behind the command's name."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Of one process."""

    most_mebibytes: float
    """The most memory that it has held at once."""
    processor_seconds: float

    def __str__(self) -> str:
        return f"{self.most_mebibytes:.0f} MiB at most, {self.processor_seconds:.1f} s of processor"


def usage_of(pid: int, proc: Path = _PROC) -> Usage:
    """Of a process that runs; raises `OSError` for one that is gone."""
    status = (proc / str(pid) / "status").read_text(encoding="utf-8")
    (most,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    # The name before it may have blanks and brackets of its own.
    times = (proc / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = int(times[_USER]) + int(times[_SYSTEM])
    return Usage(
        most_mebibytes=int(most.split()[1]) / 1024,
        processor_seconds=ticks / os.sysconf("SC_CLK_TCK"),
    )
