"""Which campaigns have changed: heard by one connection, told to everybody who watches them."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from servicekit.postgres.listener import Listener

CHANNEL = "campaign_changed"


@dataclass
class _Watched:
    generation: int
    waiting: set[asyncio.Event] = field(default_factory=set)


class CampaignChanges:
    """Counts the changes of campaigns that are watched, and wakes who waits for the next one.

    A reading that began in one generation has all that was heard of in it; whoever has one of
    another generation reads again, or shares what somebody else has read since.
    """

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}
        self._numbers = itertools.count()
        self._beside: list[CampaignChanges] = []

    def beside(self) -> "CampaignChanges":
        """Further ones, which hear what these hear, and are woken by themselves too."""
        changes = CampaignChanges()
        self._beside.append(changes)
        return changes

    async def listen(self, listener: Listener) -> None:
        """For ever. After a lost connection everybody looks again."""
        async for notification in listener:
            for changes in (self, *self._beside):
                if not notification.missed:
                    changes.wake(notification.payload)
                    continue
                for campaign_id in changes.campaign_ids():
                    changes.wake(campaign_id)

    def is_watched(self, campaign_id: str) -> bool:
        return campaign_id in self._watched

    def campaign_ids(self) -> list[str]:
        """The campaigns that somebody watches."""
        return [*self._watched]

    def wake(self, campaign_id: str) -> None:
        """Have whoever watches a campaign look again."""
        watched = self._watched.get(campaign_id)
        if watched is not None:
            watched.generation = next(self._numbers)
            for changed in watched.waiting:
                changed.set()

    def generation(self, campaign_id: str) -> int:
        """Of a campaign that somebody watches; of another one none that was ever told."""
        watched = self._watched.get(campaign_id)
        return -1 if watched is None else watched.generation

    @contextmanager
    def of(self, campaign_id: str) -> Iterator["Waiter"]:
        """Watch a campaign while the block runs."""
        changed = asyncio.Event()
        watched = self._watched.setdefault(campaign_id, _Watched(next(self._numbers)))
        watched.waiting.add(changed)
        try:
            yield Waiter(watched, changed)
        finally:
            watched.waiting.discard(changed)
            if not watched.waiting:
                del self._watched[campaign_id]


class Waiter:
    """One who watches a campaign."""

    def __init__(self, watched: _Watched, changed: asyncio.Event) -> None:
        self._watched = watched
        self._changed = changed

    async def beyond(self, generation: int) -> None:
        """Wait until the campaign is in another generation; not at all if it is already."""
        while self._watched.generation == generation:
            self._changed.clear()
            await self._changed.wait()
