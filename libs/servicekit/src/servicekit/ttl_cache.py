"""Values that are good for a while after they were read."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Keeps values for `fresh_for`, real time; when `most` are kept it begins empty again."""

    def __init__(
        self,
        fresh_for: timedelta,
        *,
        most: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fresh_for = fresh_for.total_seconds()
        self._most = most
        self._monotonic = monotonic
        self._kept: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, or None if there is none that is fresh."""
        kept = self._kept.get(key)
        if kept is None or self._monotonic() - kept[0] >= self._fresh_for:
            return None
        return kept[1]

    def put(self, key: K, value: V) -> None:
        """Keep a value from now on."""
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (self._monotonic(), value)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
