"""A Temporal development server for tests, with everything in memory.

All processes of a session share one: a server without anything to do takes a fiftieth of a
processor, and a second of it to start. Each process has a namespace of its own, so that what is
asked by visibility finds what that process has started.
"""

import asyncio
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.stack.loopback import free_ports
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
    """Where it listens, and the namespace of who asks."""

    address: str
    namespace: str

    @property
    def environ(self) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": self.address, "TEMPORAL_NAMESPACE": self.namespace}


def shared_temporal(
    session: ServerSession, namespace: str, namespaces: Sequence[str]
) -> TemporalServer:
    """The session's server, with all of these namespaces; the first process that asks starts it."""
    told = session.directory / "temporal.address"
    with session.alone("temporal"):
        if not told.exists():
            told.write_text(_start(session, namespaces))
    return TemporalServer(told.read_text(), namespace)


def _start(session: ServerSession, namespaces: Sequence[str]) -> str:
    """Returns where it listens; it ends with the session."""
    (port,) = free_ports(1)
    directory = session.directory / "temporal"
    directory.mkdir()
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(port, namespaces),
            env={"HOME": str(directory), "PATH": "", **COLLECTOR},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    session.watch(process.pid)
    address = f"127.0.0.1:{port}"
    asyncio.run(_until_serving(address, namespaces[-1], process, log))
    return address


def _command(port: int, namespaces: Sequence[str]) -> list[str]:
    binary = Path(sysconfig.get_path("scripts")) / "temporal"
    command = [str(binary), "server", "start-dev", "--headless", "--log-level", "warn"]
    command += ["--ip", "127.0.0.1", "--port", str(port)]
    for namespace in namespaces:
        command += ["--namespace", namespace]
    for setting in SETTINGS:
        command += ["--dynamic-config-value", setting]
    return command


async def _until_serving(
    address: str, namespace: str, process: subprocess.Popen[Any], log: Path
) -> None:
    async with asyncio.timeout(60):
        while process.poll() is None:
            try:
                client = await Client.connect(address, namespace=namespace)
                await anext(aiter(client.list_workflows(page_size=1)), None)
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.05)
            else:
                return
    raise RuntimeError(f"Temporal did not start: {log.read_text()}")  # noqa: ASYNC240 - nothing else runs
