"""The end of a hold beside others who ask: nothing goes before it, nobody overtakes."""

import asyncio
from typing import Any

from outreach.linkedin.v1 import action_service_pb2
from servicekit.errors import NotYet, Unavailable

from tests.integration.linkedin_gateway.controls.herd import HERD, all_moved, held, lift, piece

# Whatever begins while the hold is there fails.
NOTHING_BEGINS = """
CREATE FUNCTION nothing_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM gateway.holds WHERE subject_id = NEW.campaign_id) THEN
        RAISE EXCEPTION 'sent during a hold';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nothing_begins AFTER INSERT OR UPDATE ON actions FOR EACH ROW
    WHEN (NEW.state = 'sending') EXECUTE FUNCTION nothing_begins()
"""
STAND_STILL = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def until_told(house: Any, request: Any) -> None:
    """Ask until it is told to wait; the database may be busy before."""
    while True:
        try:
            await house.stubs.actions.PerformAction(request)
        except Unavailable:
            continue
        except NotYet:
            return


async def until_still(house: Any, transactions: int, task: asyncio.Task[None]) -> None:
    """Until so many wait for a lock, or the last of them waits no more."""
    async with asyncio.timeout(20):
        while await house.pool.fetchval(STAND_STILL) < transactions and not task.done():
            pass


async def first_place(house: Any, asked: list[Any]) -> float:
    places = (
        "SELECT min(virtual_finish) FROM actions WHERE action_id = ANY($1) HAVING count(*) = $2"
    )
    ids = [request.action_id for request in asked]
    place: float = await house.pool.fetchval(places, ids, len(ids))
    return place


async def last_place(house: Any, ids: list[str]) -> float:
    places = "SELECT max(virtual_finish) FROM actions WHERE action_id = ANY($1)"
    place: float = await house.pool.fetchval(places, ids)
    return place


async def test_two_processes_while_many_ask(house: Any) -> None:
    """Two that end it at once, and whoever asks meanwhile, move nobody twice, and keep nobody from
    an answer; who asks for the first time comes behind. Nothing is sent before the hold is over.

    Who is decided about after that may go: the others sleep until they are told. The test took
    that for a send during the hold, when the machine was busy.
    """
    ids = await held(house)
    for number in range(3):
        # It is known who they are: nothing is read before they go.
        await house.resolve(f"new{number}")
    await house.pool.execute(NOTHING_BEGINS)
    await lift(house)
    replica = house.another_process(house.pool, house.sender)
    asking = [house.request("visit_profile", f"new{n}", campaign_id=HERD) for n in range(20)]

    ends = [each.holds.end_lifted() for each in (house.gateway, replica)]
    told = await asyncio.gather(
        *ends, *map(house.stubs.actions.PerformAction, asking), return_exceptions=True
    )
    while not await piece(house):
        pass

    expected = (NotYet, action_service_pb2.PerformActionResponse)
    assert [each for each in told if each is not None and not isinstance(each, expected)] == []
    await all_moved(house, ids)
    assert await first_place(house, asking) > await last_place(house, ids)


async def test_who_is_decided_about_as_it_begins_comes_behind(house: Any) -> None:
    """Whose place is read before the others move, and written after, stands behind them.

    It kept a place behind the last one as that had been, before all others of its campaign.
    """
    ids = await held(house)
    new = house.request("visit_profile", "new", campaign_id=HERD)

    async with house.pool.acquire() as writing, writing.transaction():
        await writing.execute("LOCK TABLE actions IN SHARE ROW EXCLUSIVE MODE")
        asking = asyncio.create_task(until_told(house, new))
        await until_still(house, 1, asking)
        lifting = asyncio.create_task(lift(house))
        await until_still(house, 2, lifting)
    await asyncio.gather(asking, lifting)
    await house.gateway.holds.end_lifted()

    await all_moved(house, ids)
    assert await first_place(house, [new]) > await last_place(house, ids)
