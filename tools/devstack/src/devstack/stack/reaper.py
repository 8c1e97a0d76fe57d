"""Ends what a supervisor left behind that could not clean up itself.

Runs as a process of its own, started as a plain script without any import of ours. It
reads from standard input which process groups belong to the stack (`+pid`, `-pid`) and
which directory. When the input ends, because the supervisor has ended in whatever way,
what is still listed is stopped, and the directory is removed unless it is to be kept
(`keep`).
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 3.0


def main() -> None:
    """Listen until the supervisor is gone."""
    directory = sys.argv[1]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    keep = False
    for line in sys.stdin:
        word = line.strip()
        if word == "keep":
            keep = True
        elif word.startswith("+"):
            groups.add(int(word[1:]))
        elif word.startswith("-"):
            groups.discard(int(word[1:]))
    end(groups)
    if not keep:
        shutil.rmtree(directory, ignore_errors=True)


def end(groups: set[int]) -> None:
    """Ask to stop, wait a little, then insist."""
    signal_all(groups, signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(map(is_alive, groups)):
        time.sleep(0.05)
    signal_all(groups, signal.SIGKILL)


def signal_all(groups: set[int], number: int) -> None:
    """Signal every group that still exists."""
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue


def is_alive(group: int) -> bool:
    """Whether any process of the group runs; one that ended and was not reaped does not."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return ") Z" not in Path(f"/proc/{group}/stat").read_text(encoding="utf-8")
    except OSError:
        return True


if __name__ == "__main__":
    main()
