"""The end of a hold of a campaign for which many wait: in pieces, and nobody is overtaken."""

from typing import Any

import pytest
from linkedin_gateway.models import HoldScope
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE
from outreach.linkedin.v1 import hold_pb2, hold_service_pb2
from servicekit.errors import NotYet

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.controls.herd import (
    HERD,
    PLACES,
    SERVE,
    SERVED,
    WAIT,
    all_moved,
    ask,
    held,
    lift,
    listed,
    piece,
    put,
    told,
)


async def test_it_is_in_force_until_all_have_their_place(house: Any) -> None:
    """The call moves a few; nobody goes before the last one has moved, and then the best are told.

    All moved in the call, which took 200 ms where 3,334 of them waited, and kept whoever asked for
    one of them waiting as long.
    """
    ids = await held(house)

    await lift(house)
    meanwhile = await ask(house, "new")
    shown = await listed(house)
    await house.gateway.holds.end_lifted()
    await house.relay()

    assert meanwhile == "HELD"
    assert shown == []
    assert await house.pool.fetchval("SELECT count(*) FROM holds") == 0
    assert await house.pool.fetchval("SELECT count(*) FROM rejoining") == 0
    await all_moved(house, ids)
    assert told(house) == [f"lead_{number}" for number in range(1, WOKEN_AT_ONCE + 1)]


async def test_who_asks_meanwhile_comes_behind(house: Any) -> None:
    """Whoever is asked for while others move stands behind all of them, not before."""
    ids = await held(house)
    await lift(house)
    new = house.request("send_invitation", "new", campaign_id=HERD)

    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(new)
    await house.gateway.holds.end_lifted()

    await all_moved(house, ids)
    behind = [row["action_id"] for row in await house.pool.fetch(PLACES, HERD)]
    assert behind[-1] == new.action_id


async def test_a_hold_that_is_put_meanwhile_stays(house: Any) -> None:
    """A pause right after a resume holds; at its end each moves once, however far it had come."""
    ids = await held(house)
    await lift(house)
    await piece(house)

    await put(house, "Again.")
    await house.gateway.holds.end_lifted()
    still = await ask(house, "new")
    shown = await listed(house)
    await lift(house)
    await house.gateway.holds.end_lifted()

    assert still == "HELD"
    assert shown == ["Again."]
    assert await house.pool.fetchval("SELECT count(*) FROM holds") == 0
    await all_moved(house, ids)


async def test_the_release_before_puts_it_meanwhile(house: Any) -> None:
    """What puts a hold without knowing that it is being ended keeps it in force."""
    await held(house)
    await lift(house)

    await house.pool.execute(
        "INSERT INTO holds AS h (scope, subject_id, organization_id, reason, created_at)"
        " VALUES ('campaign', $1, $2, '', $3) ON CONFLICT (organization_id, scope, subject_id)"
        " DO UPDATE SET organization_id = excluded.organization_id",
        HERD,
        ORGANIZATION,
        house.gateway.clock.now(),
    )
    await house.gateway.holds.end_lifted()

    assert await ask(house, "new") == "HELD"


async def test_another_process_goes_on(house: Any) -> None:
    """A process that dies between two pieces has lost nothing: another one ends the hold."""
    ids = await held(house)
    await lift(house)
    await piece(house)
    replica = house.another_process(house.pool, house.sender)

    await replica.holds.end_lifted()

    await all_moved(house, ids)
    assert await piece(house), "there is nothing left to do"


async def test_a_few_are_there_when_the_call_returns(house: Any) -> None:
    """A campaign for which few wait goes on at once, beside those who went on."""
    await held(house)
    await house.pool.execute(
        "UPDATE actions SET state = 'cancelled' WHERE campaign_id = $1 AND virtual_finish > 20",
        HERD,
    )

    await lift(house)
    await house.relay()

    assert await house.pool.fetchval("SELECT count(*) FROM holds") == 0
    assert told(house)
    first = await house.pool.fetchval(
        "SELECT min(virtual_finish) FROM actions WHERE campaign_id = $1 AND state = 'queued'", HERD
    )
    assert first >= SERVED


async def test_of_anothers_campaign_nothing_moves(house: Any) -> None:
    """The end of a hold moves and tells its own organization's alone, whoever calls theirs so."""
    await held(house)
    now = house.gateway.clock.now()
    await house.pool.execute(WAIT.replace("herd/", "other/"), "acct_x", now, 3, "org_other", HERD)
    await house.pool.execute(SERVE.replace("on/", "x/"), "acct_x", now, SERVED, "org_other")

    await lift(house)
    await house.gateway.holds.end_lifted()
    await house.relay()

    untouched = await house.pool.fetchval(
        "SELECT max(virtual_finish) FROM actions WHERE organization_id = 'org_other'"
        " AND state = 'queued'"
    )
    assert untouched < SERVED
    assert {event.account_id for event in house.reported.of("actions_freed")} <= {
        house.account.account_id
    }


@pytest.mark.parametrize("scope", [HoldScope.ACCOUNT, HoldScope.ORGANIZATION])
async def test_other_holds_end_at_once(house: Any, scope: HoldScope) -> None:
    """Where no campaign takes its place again nothing moves, and the call ends the hold."""
    await held(house)
    subject = ORGANIZATION if scope is HoldScope.ORGANIZATION else house.account.account_id
    asked = {"scope": hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{scope.name}"), "subject_id": subject}
    await house.stubs.holds.PutHold(hold_service_pb2.PutHoldRequest(**asked, reason="A test."))
    before = await house.pool.fetch(PLACES, HERD)

    await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**asked))
    await house.relay()

    assert await house.pool.fetch(PLACES, HERD) == before
    assert told(house) == [f"lead_{number}" for number in range(1, WOKEN_AT_ONCE + 1)]
