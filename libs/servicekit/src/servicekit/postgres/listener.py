"""LISTEN that outlives the server's restarts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, cast

import asyncpg

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.credentials.tls import UrlFiles
from servicekit.postgres.codecs import Connection
from servicekit.postgres.errors import AWAY, BUSY
from servicekit.tasks import kept_up
from servicekit.telemetry import logs

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class Notification:
    """One NOTIFY, or the news that some may have been missed."""

    channel: str
    payload: str
    missed: bool = False
    """Set after each (re)connection: what was sent before it was not received."""


class Listener:
    """Listens on channels, for ever: it reconnects by itself.

    Iterate it. The first item, and the first after each lost connection, is a
    `Notification` with `missed` set for every channel: read again what it stands for.
    """

    def __init__(self, dsn: str | Secret, *channels: str, application: str = "listener") -> None:
        self._dsn = Secret.of(dsn) if isinstance(dsn, str) else dsn
        self._files = UrlFiles()
        self._channels = channels
        self._application = application
        self._received: asyncio.Queue[Notification] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(kept_up("listening", self._listen))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification:
        return await self._received.get()

    async def _listen(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._until_lost(backoff.reset)
            except (*AWAY, *BUSY, asyncpg.InterfaceError) as error:
                log.warning("listener_disconnected", channels=self._channels, error=repr(error))
            await backoff.wait()

    async def _until_lost(self, connected: Callable[[], None]) -> None:
        dsn = self._dsn.get()
        connection: Connection = await asyncpg.connect(
            dsn,
            ssl=self._files.context(dsn),
            timeout=10,
            server_settings={
                "application_name": self._application,
                # A peer that vanished without a word is noticed within a minute.
                "tcp_keepalives_idle": "30",
                "tcp_keepalives_interval": "10",
                "tcp_keepalives_count": "3",
            },
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._receive)
            connected()
            for channel in self._channels:
                self._received.put_nowait(Notification(channel, "", missed=True))
            await self._until_silent(connection, lost)
        finally:
            connection.terminate()

    @staticmethod
    async def _until_silent(connection: Connection, lost: asyncio.Event) -> None:
        """Return when the connection is lost, or raise when it no longer answers."""
        while not lost.is_set():
            try:
                async with asyncio.timeout(30):
                    await lost.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=10)

    def _receive(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._received.put_nowait(Notification(channel, cast("str", payload)))
