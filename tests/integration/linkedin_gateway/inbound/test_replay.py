"""Hearing again what was heard before, for a receiver that has lost it."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import inbound_service_pb2 as pb
from servicekit.errors import InvalidArgument, NotFound


async def replay(house: Any, since: float, account_id: str = "") -> int:
    request = pb.ReplayInboundRequest(
        since_time=Timestamp(seconds=int(since)), account_id=account_id
    )
    events: int = (await house.stubs.inbound.ReplayInbound(request)).events
    await house.relay()
    return events


async def lived(house: Any) -> None:
    """Ada accepted and answered, and all of it was told."""
    await house.perform(house.request("send_invitation", "ada", note="Hello"))
    house.clock.advance(3600)
    await house.people("ada", "accept")
    house.clock.advance(3600)
    await house.people("ada", "reply", text="Gladly")
    await house.relay()


async def test_events_are_told_again_as_they_were(house: Any) -> None:
    """Under the same ids, for the same leads, in the same order; receivers need not know."""
    began = house.clock.now()
    await lived(house)
    told = list(house.reported.events)

    events = await replay(house, began)

    again = house.reported.events[len(told) :]
    assert events >= len(again) >= 2
    assert list(dict.fromkeys(each.event_id for each in again)) == [each.event_id for each in told]
    assert [[lead.lead_id for lead in each.leads] for each in again] == [["lead_ada"]] * len(again)


async def test_an_old_reply_stops_nobody_new(house: Any) -> None:
    """A lead that was touched after the reply is not taken for one that was answered."""
    began = house.clock.now()
    await lived(house)
    house.clock.advance(3600)
    await house.end_lead("ada")
    later = house.request("visit_profile", "ada", campaign_id="camp_2")
    later.contact_responders = True
    await house.perform(later)
    before = len(house.reported.events)

    await replay(house, began)

    leads = {lead.campaign_id for each in house.reported.events[before:] for lead in each.leads}
    assert leads == {"camp_1"}
    assert await house.pool.fetchval("SELECT count(*) FROM replies") == 1


async def test_only_since_and_only_of_the_account(house: Any) -> None:
    """What came before the moment, or to another account, is left alone."""
    began = house.clock.now()
    await lived(house)
    other = await house.pool.fetchval(
        "INSERT INTO accounts (account_id, organization_id, unipile_account_id, state, state_at,"
        " working_hours, created_at) SELECT 'acct_other', organization_id, 'unipile-9', state,"
        " state_at, working_hours, created_at FROM accounts RETURNING account_id"
    )

    assert await replay(house, house.clock.now() + 1) == 0
    assert await replay(house, began, other) == 0
    assert await replay(house, began, house.account.account_id) >= 2


async def test_an_old_status_does_not_come_back(house: Any) -> None:
    """An account that is back stays back, though its going is told again."""
    began = house.clock.now()
    await house.status("CREDENTIALS")
    house.clock.advance(60)
    await house.status("OK")
    await house.relay()
    house.reported.events.clear()

    await replay(house, began)

    assert (await house.account_row()).state.value == "connected"
    kinds = [each.WhichOneof("event") for each in house.reported.events]
    assert kinds == ["account_disconnected", "account_reconnected"]


async def test_replay_is_asked_for_properly(house: Any) -> None:
    """A moment is required, and an account that is there."""
    with pytest.raises(InvalidArgument):
        await house.stubs.inbound.ReplayInbound(pb.ReplayInboundRequest())
    with pytest.raises(NotFound):
        await replay(house, 0, "acct_none")


async def test_inbound_is_kept_as_long_as_it_can_be_replayed(house: Any) -> None:
    """What is past its time is dropped, whether it was understood or not."""
    await lived(house)
    kept = await house.pool.fetchval("SELECT count(*) FROM inbound")
    house.clock.advance(29 * 86400)
    await house.gateway.inbound.retry_due()
    still = await house.pool.fetchval("SELECT count(*) FROM inbound")
    house.clock.advance(2 * 86400)
    await house.gateway.inbound.retry_due()

    assert kept == still > 0
    assert await house.pool.fetchval("SELECT count(*) FROM inbound") == 0
