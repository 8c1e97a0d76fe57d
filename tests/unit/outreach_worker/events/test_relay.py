"""Organizations have turns: nobody waits for all of another one's events."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.taken_events import Postponement
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach_worker.events import relay
from outreach_worker.events.relay import OutboxRelay
from outreach_worker.metrics import Metrics
from prometheus_client import CollectorRegistry
from servicekit.errors import Internal, NotYet, ServiceError, Unavailable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MANY = 1980


def event(organization_id: str, number: int) -> OutboxEvent:
    return OutboxEvent(
        organization_id=organization_id,
        subject=f"lead_{number}",
        number=1,
        event_id=f"evt_{number}",
        type="lead.started",
        occurred_at=NOON,
        body=b"",
        trace="",
    )


class Outbox:
    """The same number of events of each organization again and again, and what was sent."""

    def __init__(self, unsent: dict[str, int]) -> None:
        self._unsent = unsent
        self.postponement = Postponement.POSTPONED
        """What comes of it when an event is to be sent later."""
        self.set_aside: list[str] = []

    @asynccontextmanager
    async def take(self, *, without: Collection[str], **_: Any) -> AsyncIterator["Outbox"]:
        self.events = [
            event(organization_id, number)
            for organization_id, events in sorted(self._unsent.items())
            if organization_id not in without
            for number in range(events)
        ]
        yield self

    async def ours(self, events: Sequence[OutboxEvent]) -> Sequence[OutboxEvent]:
        return events

    async def sent(self, events: Sequence[OutboxEvent]) -> None:
        pass

    async def postponed(self, _event: OutboxEvent, **_: Any) -> Postponement:
        return self.postponement

    async def refused(self, event: OutboxEvent, *, reason: str) -> bool:
        self.set_aside.append(f"{event.event_id}: {reason}")
        return True


class Dispatcher:
    """Each organization's calls take so many seconds, or fail."""

    def __init__(self, *, takes: dict[str, float]) -> None:
        self._takes = takes
        self.now = 0.0
        self.fails: dict[str, ServiceError] = {}
        self.called: list[str] = []

    async def PublishEvents(  # noqa: N802 - the rpc's name
        self, request: pb.PublishEventsRequest, **_: Any
    ) -> pb.PublishEventsResponse:
        self.called.append(request.organization_id)
        self.now += self._takes.get(request.organization_id, 0.01)
        if failure := self.fails.get(request.organization_id):
            raise failure
        return pb.PublishEventsResponse()


@pytest.fixture
def relaying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[OutboxRelay, Dispatcher]]:
    def made(unsent: dict[str, int], **takes: float) -> tuple[OutboxRelay, Dispatcher]:
        dispatcher: Any = Dispatcher(takes=takes)
        monkeypatch.setattr(relay, "_now", lambda: dispatcher.now)
        outbox: Any = Outbox(unsent)
        return OutboxRelay(outbox, dispatcher, Metrics(CollectorRegistry())), dispatcher

    return made


async def test_who_is_slow_but_in_time_holds_up_nobody(relaying: Any) -> None:
    """The first of the alphabet had every pass to itself, for as long as it had a backlog."""
    events, dispatcher = relaying({"a": MANY, "b": 1}, a=8.0)

    await events.relay()

    assert dispatcher.called == ["a", "b", "a", "a", "a"]


async def test_a_pass_begins_behind_whoever_was_last(relaying: Any) -> None:
    """Where two calls are all that a pass has time for, others have the next two."""
    organizations = ("a", "b", "c", "d", "e")
    events, dispatcher = relaying(
        dict.fromkeys(organizations, 600), **dict.fromkeys(organizations, 19.0)
    )

    for _ in range(5):
        await events.relay()

    assert dispatcher.called == [*organizations, *organizations]


@pytest.mark.parametrize("failure", [Unavailable(), NotYet()])
async def test_who_is_not_taken_now_pauses_alone(relaying: Any, failure: ServiceError) -> None:
    """What one of them is answered is no outage: those behind it are sent, then and afterwards."""
    events, dispatcher = relaying(dict.fromkeys("abc", 1))
    dispatcher.fails["b"] = failure

    for _ in range(2):
        assert await events.relay()
    dispatcher.fails.clear()
    dispatcher.now += 5.0
    await events.relay()

    assert dispatcher.called == list(chain("abc", "ac", "abc"))


async def test_a_dispatcher_that_answers_nobody_is_away(relaying: Any) -> None:
    """Whoever runs it waits; nobody pauses longer than that."""
    events, dispatcher = relaying(dict.fromkeys("ab", 1))
    dispatcher.fails = dict.fromkeys("ab", Unavailable())
    with pytest.raises(Unavailable):
        await events.relay()

    dispatcher.fails.clear()
    await events.relay()

    assert dispatcher.called == list("abab")


@pytest.mark.parametrize("postponement", Postponement)
async def test_an_event_is_set_aside_after_many_tries_alone(
    monkeypatch: pytest.MonkeyPatch, postponement: Postponement
) -> None:
    """One that was locked for a moment, or is gone, was set aside at its first failure."""
    dispatcher: Any = Dispatcher(takes={})
    dispatcher.fails["a"] = Internal()
    monkeypatch.setattr(relay, "_now", lambda: dispatcher.now)
    outbox: Any = Outbox({"a": 1})
    outbox.postponement = postponement

    await OutboxRelay(outbox, dispatcher, Metrics(CollectorRegistry())).relay()

    many = postponement is Postponement.TIMES_OVER
    assert outbox.set_aside == (["evt_0: INTERNAL"] if many else [])
