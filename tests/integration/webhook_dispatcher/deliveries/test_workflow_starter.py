"""That a delivery has a workflow is noted only of one that has."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from inspect import signature
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool, connect_pool
from temporalio.worker import Worker
from webhook_dispatcher.deliveries.health_repository import EndpointHealthRepository
from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Dispatch, Publication
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.resend_repository import ResendRepository, resend_events

from tests.integration.webhook_dispatcher.conftest import SCHEMA, eventually
from tests.integration.webhook_dispatcher.deliveries.test_limits import DELIVERY, ENDPOINT, EVENT

CLOCK = Clock.real_time()
KEPT_FOR_A_WORKER = (
    signature(Worker.__init__).parameters["sticky_queue_schedule_to_start_timeout"].default
)
MANY = """
INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                        created_at)
SELECT 'dlv_m' || number, 'org_test', 'evt_1', 'lead.started', 'ep_1', 'pending', now()
  FROM generate_series(1, 2500) AS number
"""
ALL_ARE = "SELECT bool_and(state = $1) FROM deliveries"
HEALTH = """
INSERT INTO endpoint_health (organization_id, endpoint_id, failing_since, failures, probe_at)
VALUES ('org_test', 'ep_1', now(), 10, $1)
"""
LAPSED = """
UPDATE deliveries SET state = 'lapsed', ended_at = now(), attempts = 1, turn_at = now()
"""
HOUR = timedelta(hours=1)
REPLAY = Replay(
    id="rpl_1",
    organization_id="org_test",
    request_id="r1",
    endpoint_id="ep_1",
    start_at=CLOCK.now() - timedelta(days=2),
    end_at=CLOCK.now(),
    failed_only=True,
    max_per_minute=600,
    after_time=CLOCK.now() - timedelta(days=2),
    created_at=CLOCK.now(),
)
NOTED = "SELECT workflow_started_at IS NOT NULL FROM deliveries"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ENDPOINT)
        await pool.execute(EVENT)
        await pool.execute(DELIVERY, "dlv_1")
        yield pool


class ParkedAtOnce:
    """A Temporal whose workflow has parked its delivery before its start is answered."""

    def __init__(self, repository: PendingDeliveryRepository) -> None:
        self._repository = repository

    async def start_workflow(self, *_: Any, **__: Any) -> None:
        await self._repository.park("dlv_1", now=CLOCK.now())


class Started:
    async def start_workflow(self, *_: Any, **__: Any) -> None:
        pass


def starter(repository: PendingDeliveryRepository, temporal: Any) -> WorkflowStarter:
    return WorkflowStarter(
        repository,
        temporal=temporal,
        retries=RetrySchedule(CLOCK),
        metrics=Metrics(CollectorRegistry()),
        clock=CLOCK,
    )


DISPATCH = Dispatch("dlv_1", "evt_1", "ep_1", CLOCK.now())


async def test_what_was_parked_meanwhile_has_none(pool: Pool) -> None:
    """It stayed pending for as long as a workflow may be silent, though its endpoint was back."""
    repository = PendingDeliveryRepository(pool)

    await starter(repository, ParkedAtOnce(repository)).start([DISPATCH])

    assert await pool.fetchval(NOTED) is False
    assert await pool.fetchval("SELECT parked_at IS NOT NULL FROM deliveries") is True


async def test_what_was_parked_long_ago_has_one(pool: Pool) -> None:
    """Its workflow of before has ended: this is another one."""
    repository = PendingDeliveryRepository(pool)
    await repository.park("dlv_1", now=CLOCK.now() - timedelta(seconds=16))

    await starter(repository, Started()).start([DISPATCH])

    assert await pool.fetchval(NOTED) is True


@pytest.mark.parametrize("parked_for", [timedelta(0), KEPT_FOR_A_WORKER + timedelta(seconds=2)])
async def test_what_is_ending_is_no_workflow_to_rely_on(pool: Pool, parked_for: timedelta) -> None:
    """Starting it while the one of before ends changes nothing: the look for orphans finds it.

    One ends late whose worker went away as soon as it had parked: its next task is kept for that
    worker first. It was noted as one that goes on, and nobody tried the delivery for hours.
    """
    repository = PendingDeliveryRepository(pool)
    await repository.park("dlv_1", now=CLOCK.now() - parked_for)

    await starter(repository, Started()).start([DISPATCH])

    assert await pool.fetchval(NOTED) is False


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ("disabled_at = now() - interval '8 days'", "lapse_kept"),
        ("deleted_at = now() - interval '8 days'", "drop_left"),
    ],
)
async def test_who_is_locked_holds_up_nobody(pool: Pool, change: str, end: str) -> None:
    """One transaction that stood still kept every delivery from being looked for."""
    repository = PendingDeliveryRepository(pool)
    await pool.execute(EVENT.replace("'evt_1'", "'evt_2'"))
    await pool.execute(DELIVERY.replace("'evt_1'", "'evt_2'"), "dlv_2")
    await pool.execute(f"UPDATE endpoints SET {change}")

    async with pool.acquire() as stuck, stuck.transaction(), asyncio.timeout(5):
        await stuck.execute("SELECT FROM deliveries WHERE delivery_id = 'dlv_1' FOR UPDATE")
        now = CLOCK.now()
        ended = await getattr(repository, end)(before=now, now=now, limit=9)
        await repository.workflows_started(["dlv_1", "dlv_2"], now=now, parked_before=now)

    assert ended == 1
    assert await getattr(repository, end)(before=now, now=now, limit=9) == 1


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("disabled_at = now() - interval '8 days'", "lapsed"),
        ("deleted_at = now() - interval '8 days'", "dropped"),
    ],
)
async def test_however_many_there_are_they_end(pool: Pool, change: str, state: str) -> None:
    """They were ended by one statement: an endpoint with too many was never through with it."""
    most: list[int] = []

    class Counted(PendingDeliveryRepository):
        async def lapse_kept(self, **given: Any) -> int:
            most.append(await super().lapse_kept(**given))
            return most[-1]

        async def drop_left(self, **given: Any) -> int:
            most.append(await super().drop_left(**given))
            return most[-1]

    await pool.execute(MANY)
    await pool.execute(f"UPDATE endpoints SET {change}")

    async with looking(starter(Counted(pool), Started())):
        await eventually(lambda: pool.fetchval(ALL_ARE, state))

    assert max(most) == 1000
    assert sum(most) == 2501


async def test_who_is_enabled_meanwhile_keeps_what_waits(pool: Pool) -> None:
    """It lapsed though its owner had come back, for what had begun did not look again."""
    repository, now = PendingDeliveryRepository(pool), CLOCK.now()
    await pool.execute("UPDATE endpoints SET disabled_at = now() - interval '8 days'")

    async with pool.acquire() as enabling, enabling.transaction():
        await enabling.execute("UPDATE endpoints SET disabled_at = NULL")
        lapsed = await repository.lapse_kept(before=now, now=now, limit=9)

    assert lapsed == 0


async def test_a_look_that_fails_keeps_nobody_from_the_others(pool: Pool) -> None:
    """One customer's deliveries that could not be ended in time kept all others' from their end."""

    class Busy(PendingDeliveryRepository):
        async def orphaned(self, **_: Any) -> Any:
            raise DatabaseBusy

        async def lapse_kept(self, **_: Any) -> int:
            raise DatabaseBusy

    await pool.execute("UPDATE endpoints SET deleted_at = now() - interval '1 minute'")

    async with looking(starter(Busy(pool), Started())):
        await eventually(lambda: pool.fetchval(ALL_ARE, "dropped"))


@asynccontextmanager
async def looking(workflows: WorkflowStarter) -> AsyncIterator[None]:
    """For what nobody looks after, until it is left."""
    looks = asyncio.create_task(workflows.adopt_orphans())
    try:
        yield
    finally:
        looks.cancel()
        await asyncio.gather(looks, return_exceptions=True)


async def test_what_is_left_of_a_deleted_endpoint_is_dropped(pool: Pool) -> None:
    """Whoever published it died before trying it: its text stayed for ever.

    What was published just now is left to whoever tries it.
    """
    repository = PendingDeliveryRepository(pool)
    await pool.execute("UPDATE endpoints SET deleted_at = now() - interval '1 minute'")

    now = CLOCK.now()
    assert await repository.drop_left(before=now - timedelta(minutes=2), now=now, limit=9) == 0
    assert await repository.drop_left(before=now - timedelta(seconds=20), now=now, limit=9) == 1

    assert await pool.fetchval("SELECT state FROM deliveries") == "dropped"


LATER = "UPDATE deliveries SET {} = now() + interval '1 hour'"


@pytest.mark.parametrize("column", ["created_at", "parked_at"])
async def test_nobody_waits_for_a_clock_that_was_set_back(pool: Pool, column: str) -> None:
    """What was published, or parked, by the clock of before waited until that time came again."""
    repository, now = PendingDeliveryRepository(pool), CLOCK.now()
    await pool.execute("UPDATE deliveries SET created_at = now() - interval '1 minute'")
    await pool.execute(LATER.format(column))

    found = await repository.orphaned(
        before=now - timedelta(seconds=25),
        parked_before=now - timedelta(seconds=2),
        now=now,
        look_every=timedelta(seconds=20),
        after="",
        limit=9,
    )

    assert [each.delivery_id for each in found] == ["dlv_1"]


@pytest.mark.parametrize(
    ("probe_in", "parked_in", "is_probed"),
    [(-HOUR, HOUR, True), (3 * HOUR, -HOUR, True), (HOUR, -HOUR, False)],
)
async def test_an_endpoint_is_probed_though_the_clock_was_set_back(
    pool: Pool, probe_in: timedelta, parked_in: timedelta, *, is_probed: bool
) -> None:
    """Whatever was to be, or parked, at a time that is still to come; none comes too early."""
    repository, now = PendingDeliveryRepository(pool), CLOCK.now()
    health = EndpointHealthRepository(pool, first_probe=HOUR, longest_probe=HOUR)
    await pool.execute(HEALTH, now + probe_in)
    await pool.execute("UPDATE deliveries SET parked_at = $1", now + parked_in)

    found = await repository.probes(now=now, parked_before=now - timedelta(seconds=2), limit=9)
    claimed = [await health.claim_probe("ep_1", now=now) for _ in range(2)]

    assert [each.delivery_id for each in found] == ["dlv_1"] * is_probed
    assert claimed == [is_probed, False]


@pytest.mark.parametrize(("age", "waits"), [(timedelta(0), True), (-HOUR, False), (HOUR, False)])
async def test_a_gap_is_no_longer_waited_for_than_it_is(
    pool: Pool, age: timedelta, *, waits: bool
) -> None:
    """Not until the time comes again at which it was published."""
    repository, now = PendingDeliveryRepository(pool), CLOCK.now()
    await pool.execute(
        "UPDATE deliveries SET number = 2, subject = 'lead_1', created_at = $1", now - age
    )

    assert (await repository.ready(["dlv_1"], now=now) == set()) is waits


@pytest.mark.parametrize("age", [timedelta(0), -HOUR])
async def test_another_process_has_no_longer_than_an_attempt_takes(age: timedelta) -> None:
    """A delivery waited for its workflow as long as the clock had been set back."""
    handed_over: list[timedelta] = []

    class Workflows:
        def hand_over(self, *_: Dispatch, after: timedelta) -> None:
            handed_over.append(after)

    class Nobody:
        def keeps(self, _: Dispatch) -> bool:
            return False

    first_attempts: Any = Nobody()
    workflows: Any = Workflows()
    pending: Any = None
    router = DeliveryRouter(
        first_attempts, workflows, pending, retries=RetrySchedule(CLOCK), clock=CLOCK
    )
    dispatch = replace(DISPATCH, created_at=CLOCK.now() - age)

    await router.route([Publication([dispatch], fresh=False)])

    (after,) = handed_over
    longest = RetrySchedule(CLOCK).first_attempt_timeout
    assert longest - timedelta(seconds=5) < after <= longest


@pytest.mark.parametrize("by_replay", [True, False])
async def test_what_is_sent_again_is_nobodys_orphan(pool: Pool, *, by_replay: bool) -> None:
    """It was posted by two processes at once, for it had been tried before, or long ago."""
    repository, now = PendingDeliveryRepository(pool), CLOCK.now()
    await pool.execute("UPDATE deliveries SET created_at = now() - interval '1 day'")
    await pool.execute(LAPSED)
    if by_replay:
        async with pool.acquire() as stepping, stepping.transaction():
            assert len(await resend_events(stepping, REPLAY, ["evt_1"], now=now)) == 1
    else:
        await ResendRepository(pool).resend("org_test", "dlv_1", now=now)

    async def orphans(after: timedelta) -> list[str]:
        at = now + after
        found = await repository.orphaned(
            before=at - timedelta(seconds=25),
            parked_before=at,
            now=at,
            look_every=timedelta(seconds=20),
            after="",
            limit=9,
        )
        return [each.delivery_id for each in found]

    assert await orphans(timedelta(seconds=20)) == []
    assert await orphans(timedelta(seconds=30)) == ["dlv_1"]
    await pool.execute("UPDATE deliveries SET attempts = 2")
    assert await orphans(timedelta(0)) == ["dlv_1"]
