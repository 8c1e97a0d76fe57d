"""The gateway on a full disk: nothing goes, and whoever asks is told why."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from outreach.linkedin.v1 import action_service_pb2, hold_service_pb2
from servicekit.errors import NotYet, Unavailable

from tests.integration.linkedin_gateway.controls.test_holds import put
from tests.servers.full_disk import full_disk


async def once_recorded(house: Any, request: action_service_pb2.ExplainActionRequest) -> Any:
    """The answer, once the record of the call can be written: who writes pauses after failures."""
    async with asyncio.timeout(30):
        while True:
            with suppress(Unavailable):
                return await house.stubs.actions.ExplainAction(request)


async def test_what_cannot_be_written_down_does_not_go_and_says_so(
    house: Any, gateway_url: str
) -> None:
    """The list of holds names it; what tells of a person is refused, with the reason."""
    request = house.request("send_invitation", "ada")
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(request)
    explained = action_service_pb2.ExplainActionRequest(
        organization_id=request.organization_id, action_id=request.action_id
    )
    async with full_disk(gateway_url):
        with pytest.raises(Unavailable) as refused:
            await house.stubs.actions.PerformAction(house.request("visit_profile", "grace"))
        with pytest.raises(Unavailable, match=r"is not done\. The database refuses to write"):
            await house.stubs.actions.ExplainAction(explained)
        listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())

    assert refused.value.reason == "WRITES_REFUSED"
    assert "no room left" in listed.write_refusal
    assert (await once_recorded(house, explained)).obstacles[0].reason == "HELD"
    assert not house.writes("visit")


async def test_the_list_of_holds_names_it_before_the_gateway_has_met_it(
    house: Any, gateway_url: str
) -> None:
    """Only another service had: the list said that nothing holds anything up."""
    async with full_disk(gateway_url):
        listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())

    assert "no room left" in listed.write_refusal
