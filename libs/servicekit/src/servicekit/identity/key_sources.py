"""Where public keys are found by their ids: files, or whoever tells them, kept for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from servicekit.errors import ServiceError
from servicekit.identity.key_files import KeyFiles
from servicekit.telemetry import logs

Keys = Mapping[str | None, Any]

LEAST_PAUSE = timedelta(seconds=1)
"""However many unknown key ids come, keys are asked for no more often."""
FRESH_FOR = timedelta(minutes=1)
"""So long a key that is told no more is believed."""
_LONGEST_ID = 128

log = logs.get_logger(__name__)


class KeySource(Protocol):
    """Public keys by their ids."""

    async def find(self, key_id: str | None) -> Any | None:
        """The key; None if there is none of this id."""
        ...


class FiledKeys:
    """Keys of a file. One that has no id is that of every token."""

    def __init__(self, files: KeyFiles[dict[str | None, Any]]) -> None:
        self._files = files

    async def find(self, key_id: str | None) -> Any | None:
        """See `KeySource`."""
        keys = self._files.get()
        return keys.get(key_id, keys.get(None))


class FirstOf:
    """The first source that has the key."""

    def __init__(self, sources: Sequence[KeySource]) -> None:
        self._sources = sources

    async def find(self, key_id: str | None) -> Any | None:
        """See `KeySource`."""
        for source in self._sources:
            key = await source.find(key_id)
            if key is not None:
                return key
        return None


class ToldKeys:
    """Keys as `ask` tells them: kept, and asked for anew when they are old or one is not known.

    A key that is new is noticed by the first token that names it: who comes with it waits for one
    answer, which all who wait share. While nobody answers, what was told last is believed.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Keys]],
        *,
        least_pause: timedelta = LEAST_PAUSE,
        fresh_for: timedelta = FRESH_FOR,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._ask = ask
        self._least_pause = least_pause.total_seconds()
        self._fresh_for = fresh_for.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._keys: Keys = {}
        self._asked_at = self._told_at = -float("inf")
        self._asking: asyncio.Task[None] | None = None
        self._in_flight = False

    async def find(self, key_id: str | None) -> Any | None:
        """See `KeySource`."""
        if key_id is None or len(key_id) > _LONGEST_ID:
            return None
        if key_id not in self._keys:
            # What is being answered already may have been asked before there was the key.
            too_early = self._in_flight
            await asyncio.shield(self._refresh())
            if too_early and key_id not in self._keys:
                await asyncio.shield(self._refresh())
        elif self._monotonic() - self._told_at >= self._fresh_for:
            # Nobody waits for that.
            self._refresh()
        return self._keys.get(key_id)

    def _refresh(self) -> asyncio.Task[None]:
        """The one question that all who wait share."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_anew())
        return self._asking

    async def _ask_anew(self) -> None:
        pause = self._asked_at + self._least_pause - self._monotonic()
        if pause > 0:
            await self._sleep(pause)
        self._asked_at, self._in_flight = self._monotonic(), True
        try:
            keys = await self._ask()
        except (ServiceError, OSError, ValueError) as error:
            log.warning("keys_not_told", why=repr(error), known=len(self._keys))
            return
        finally:
            self._in_flight = False
        self._told_at = self._monotonic()
        if keys.keys() != self._keys.keys():
            log.info("keys_told", ids=sorted(str(each) for each in keys))
        # A key that stays is the same object: tokens that were verified by it stay so.
        before = self._keys
        self._keys = {n: before[n] if before.get(n) == key else key for n, key in keys.items()}
