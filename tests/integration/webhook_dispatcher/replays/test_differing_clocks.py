"""Two dispatchers whose clocks differ by minutes publish one lead's events in turn."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servicekit.clock import Clock
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from temporalio.client import Client

from tests.integration.webhook_dispatcher.conftest import FAST
from tests.integration.webhook_dispatcher.replays.test_order import SLOW
from tests.integration.webhook_dispatcher.replays.test_replays import (
    ended,
    heard,
    publish_numbered,
    replay,
)

IDS = ["evt_d", "evt_b", "evt_c", "evt_a"]


@dataclass(frozen=True)
class WrongClock(Clock):
    """A process's clock that is wrong by some real time."""

    wrong: timedelta = timedelta()

    def now(self) -> datetime:
        return self.at(datetime.now(UTC) + self.wrong)


def wrong_by(minutes: int) -> Clock:
    return WrongClock(FAST.epoch, FAST.speed, wrong=timedelta(minutes=minutes))


async def another(client: Client) -> Client:
    """Two workers of one task queue are of two clients."""
    address, namespace = temporal.place_of(client)
    config = {"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace}
    return await temporal.connect(new_plugin(Clock.real_time()), environ=config)


@pytest.mark.lasts(seconds=10)
async def test_a_lead_comes_in_order_whatever_the_clocks_say(
    start_dispatcher: Any, receiver: Any, temporal_client: Client
) -> None:
    """What was published last came first by a replay, or not at all: it was of the future.

    A replay looks at one event in each step here, by the time at which each was published.
    """
    async with (
        start_dispatcher(clock=wrong_by(5)) as fast,
        start_dispatcher(clock=wrong_by(-5), client=await another(temporal_client)) as slow,
    ):
        created = await fast.create(receiver.url)
        for number, event_id in enumerate(IDS, 1):
            by = fast if number % 2 else slow
            await publish_numbered(by, number, ids=[event_id])
            await by.settled(event_id)
        at_first = heard(receiver)
        receiver.received.clear()

        made = await replay(slow, created.endpoint.endpoint_id, max_per_minute=SLOW)
        done = await ended(slow, made)
        await receiver.heard(len(IDS))

    assert at_first == heard(receiver) == IDS
    assert (done.examined_events, done.deliveries) == (4, 4)
