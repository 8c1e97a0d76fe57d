"""Nothing is answered that cannot be recorded; a refusal is answered, and recorded when it can."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from identity.audit.calls.appender import MOST_WAITING, Appender, AuditUnavailable
from identity.audit.metrics import Metrics
from identity.audit.record import Act, Outcome
from prometheus_client import CollectorRegistry
from servicekit.postgres.errors import DatabaseUnavailable


@dataclass
class Store:
    """Keeps what it is given, unless it is away."""

    away: bool = False
    batches: list[tuple[list[str], bool]] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, acts: Sequence[Act], *, again: bool) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise DatabaseUnavailable
        self.batches.append(([act.record_id for act in acts], again))
        self.written.set()

    @property
    def kept(self) -> list[str]:
        return [record_id for ids, _ in self.batches for record_id in ids]


def act(record_id: str) -> Act:
    return Act(
        record_id=record_id,
        organization_id="org_1",
        service="a-service",
        rpc="a.Service/Get",
        outcome=Outcome.DONE,
        code="OK",
        reason="",
        caller_kind="member",
        subject="mem_1",
        actors=(),
        address="",
        resource="",
        request_id="",
        trace_id="",
    )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def appender(store: Store) -> AsyncIterator[Appender]:
    made = Appender(store, Metrics(CollectorRegistry()), patience=timedelta(milliseconds=20))
    writing = asyncio.create_task(made.write())
    yield made
    writing.cancel()
    await asyncio.wait({writing})


async def test_who_appends_waits_until_it_is_written(appender: Appender, store: Store) -> None:
    """In the order in which they came, many in one transaction."""
    await asyncio.gather(*(appender.append(act(f"aud_{number}")) for number in range(5)))

    assert store.kept == [f"aud_{number}" for number in range(5)]
    assert len(store.batches) < 5


async def test_why_it_cannot_be_recorded_is_told(appender: Appender, store: Store) -> None:
    """As long as it is so: people see a full disk instead of a riddle."""
    store.away = True
    with pytest.raises(AuditUnavailable, match=r"not done\. The database cannot be reached"):
        await appender.append(act("aud_1"))


async def test_a_read_that_cannot_be_recorded_is_refused(appender: Appender, store: Store) -> None:
    """While the database is away nobody is told anything."""
    store.away = True

    with pytest.raises(AuditUnavailable):
        await appender.append(act("aud_1"))


async def test_a_refusal_is_answered_and_recorded_later(appender: Appender, store: Store) -> None:
    """It waits a moment, not longer; once the database is back it is written, once."""
    store.away = True
    await appender.append_soon(act("aud_1"))
    assert store.kept == []

    store.away = False
    await store.written.wait()
    assert store.kept == ["aud_1"]


async def test_a_bug_of_the_store_is_no_end() -> None:
    """What nobody foresaw is logged and tried again: a service goes on refusing and stopping."""

    class Broken(Store):
        async def append(self, acts: Sequence[Act], *, again: bool) -> None:
            if not again:
                raise KeyError("what nobody foresaw")
            await super().append(acts, again=again)

    broken = Broken()
    appender = Appender(broken, Metrics(CollectorRegistry()))
    writing = asyncio.create_task(appender.write())
    appender.keep(act("aud_1"))

    await broken.written.wait()
    writing.cancel()
    assert broken.kept == ["aud_1"]


async def test_what_may_be_written_already_is_written_as_such(
    appender: Appender, store: Store
) -> None:
    """After a failure nobody knows whether the batch was committed: it is not written twice."""
    store.away = True
    await appender.append_soon(act("aud_1"))
    store.away = False
    await store.written.wait()
    await appender.append(act("aud_2"))

    assert [again for _, again in store.batches] == [True, False]


async def test_memory_is_bounded(appender: Appender, store: Store) -> None:
    """When too many wait whatever has to be recorded is refused at once."""
    store.away = True
    for number in range(MOST_WAITING):
        appender.keep(act(f"aud_{number}"))

    with pytest.raises(AuditUnavailable):
        await appender.append_soon(act("aud_more"))


async def test_what_waits_is_written_at_the_end(store: Store) -> None:
    """A process that is told to stop loses none."""
    appender = Appender(store, Metrics(CollectorRegistry()))
    appender.keep(act("aud_1"))

    await appender.drain()

    assert store.kept == ["aud_1"]
