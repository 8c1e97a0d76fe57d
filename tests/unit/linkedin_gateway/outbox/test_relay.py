"""Publishing to campaign-api: everything, in order, and past what it can never take."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.outbox_repository import OutboxEntry
from linkedin_gateway.outbox.relay import OutboxRelay
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.errors import InvalidArgument, Unavailable


class FakeOutbox:
    """Events in order; remembers what became of each."""

    def __init__(self, *bodies: bytes, sealed: Collection[int] = ()) -> None:
        """`sealed` are the positions of those that do not open."""
        self.waiting_events = [
            OutboxEntry(position=number, body=body) for number, body in enumerate(bodies)
        ]
        self.sealed, self.asked_without = set(sealed), list[list[int]]()
        self.delivered_events: list[bytes] = []
        self.refused_events: list[bytes] = []

    @property
    def events(self) -> Sequence[OutboxEntry]:
        return [event for event in self.waiting_events if event.position not in self.sealed]

    @property
    def unopened(self) -> Sequence[int]:
        return sorted(self.sealed.difference(self.asked_without[-1]))

    @asynccontextmanager
    async def batch(
        self, limit: int, *, without: Collection[int] = ()
    ) -> AsyncIterator["FakeOutbox"]:
        del limit
        self.asked_without.append(list(without))
        yield self

    async def delivered(self, events: Iterable[OutboxEntry], *, now: datetime) -> None:
        del now
        for event in events:
            self.waiting_events.remove(event)
            self.delivered_events.append(event.body)

    async def refused(self, event: OutboxEntry, *, now: datetime) -> None:
        del now
        self.waiting_events.remove(event)
        self.refused_events.append(event.body)


def relay(outbox: Any, publish: Any) -> OutboxRelay:
    return OutboxRelay(outbox, publish, Metrics(CollectorRegistry()), Clock.real_time())


async def test_in_order() -> None:
    """Events are published as they came, in one call."""
    outbox, calls = FakeOutbox(b"1", b"2", b"3"), []

    async def publish(bodies: Sequence[bytes], /) -> None:
        calls.append(list(bodies))

    await relay(outbox, publish).relay_batch()

    assert calls == [[b"1", b"2", b"3"]]
    assert outbox.delivered_events == [b"1", b"2", b"3"]


async def test_nothing_is_marked_when_it_was_not_taken() -> None:
    """While campaign-api is away everything stays where it is."""
    outbox = FakeOutbox(b"1")

    async def publish(_bodies: Sequence[bytes], /) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        await relay(outbox, publish).relay_batch()

    assert outbox.events
    assert not outbox.delivered_events


async def test_one_that_is_never_taken_does_not_stop_the_others() -> None:
    """An event that is refused for good is set aside; those behind it are published."""
    outbox = FakeOutbox(b"1", b"bad", b"3")

    async def publish(bodies: Sequence[bytes], /) -> None:
        if b"bad" in bodies:
            raise InvalidArgument

    await relay(outbox, publish).relay_batch()

    assert outbox.delivered_events == [b"1", b"3"]
    assert outbox.refused_events == [b"bad"]


async def test_what_does_not_open_is_left_aside() -> None:
    """The others go, and it is not asked for again at once; it stays, for its key may come back."""
    outbox, calls = FakeOutbox(b"1", b"2", b"3", sealed=[1]), []

    async def publish(bodies: Sequence[bytes], /) -> None:
        calls.append(list(bodies))

    publisher = relay(outbox, publish)
    await publisher.relay_batch()
    await publisher.relay_batch()

    assert calls == [[b"1", b"3"]]
    assert outbox.asked_without == [[], [1]]
    assert [event.body for event in outbox.waiting_events] == [b"2"]
