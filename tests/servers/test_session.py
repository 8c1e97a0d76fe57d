"""The servers of a test session end with it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

OPENER = """
import subprocess, sys
from tests.servers.session import OwnServerSession, ServerSession

session = OwnServerSession.open()
joined = ServerSession(session.directory)
server = subprocess.Popen(["sleep", "600"], start_new_session=True)
joined.watch(server.pid)
print(server.pid, session.directory, flush=True)
sys.stdin.read()
session.close()
"""


@pytest.mark.parametrize("killed", [False, True])
def test_servers_end_with_the_session(killed: bool) -> None:  # noqa: FBT001
    """Closed or killed, it leaves neither a server that a worker has started nor a file."""
    opener = subprocess.Popen(
        [sys.executable, "-c", OPENER],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert opener.stdout is not None
    pid, directory = opener.stdout.readline().split()
    server, reaper = psutil.Process(int(pid)), psutil.Process(opener.pid).children()[0]

    if killed:
        os.kill(opener.pid, signal.SIGKILL)
    opener.communicate()
    with suppress(psutil.NoSuchProcess):
        reaper.wait(20)

    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    assert not Path(directory).exists()
