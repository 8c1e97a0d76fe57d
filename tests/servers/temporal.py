"""A Temporal development server for tests, with everything in memory."""

import asyncio
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.stack.ports import free_ports
from temporalio.client import Client
from temporalio.service import RPCError

from tests.servers.session import ServerSession

SETTINGS = (
    # Timers fire when they are due, not up to a second later.
    'history.timerProcessorMaxTimeShift="10ms"',
    "frontend.WorkflowTimeSkippingEnabled=true",
    # A workflow whose task fails is named by visibility after the second time, not the fifth.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)


# Go's collector begins at each doubling of a small heap: a tenth of the server's time.
COLLECTOR = {"GOGC": "400"}


@dataclass(frozen=True)
class TemporalServer:
    """Where it listens."""

    address: str
    namespace: str = "default"

    @property
    def environ(self) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": self.address, "TEMPORAL_NAMESPACE": self.namespace}


@contextmanager
def running_temporal(session: ServerSession, name: str) -> Iterator[TemporalServer]:
    """A server on a loopback port while the block runs."""
    (port,) = free_ports(1)
    directory = session.directory / name
    directory.mkdir()
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(port),
            env={"HOME": str(directory), "PATH": "", **COLLECTOR},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    session.watch(process.pid)
    try:
        server = TemporalServer(f"127.0.0.1:{port}")
        asyncio.run(_until_serving(server, process, log))
        yield server
    finally:
        # There is nothing that it would have to save.
        process.kill()
        process.wait()
        session.forget(process.pid)


def _command(port: int) -> list[str]:
    binary = Path(sysconfig.get_path("scripts")) / "temporal"
    command = [str(binary), "server", "start-dev", "--headless", "--log-level", "warn"]
    command += ["--ip", "127.0.0.1", "--port", str(port)]
    for setting in SETTINGS:
        command += ["--dynamic-config-value", setting]
    return command


async def _until_serving(server: TemporalServer, process: subprocess.Popen[Any], log: Path) -> None:
    async with asyncio.timeout(60):
        while process.poll() is None:
            try:
                client = await Client.connect(server.address)
                await anext(aiter(client.list_workflows(page_size=1)), None)
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.05)
            else:
                return
    raise RuntimeError(f"Temporal did not start: {log.read_text()}")  # noqa: ASYNC240 - nothing else runs
