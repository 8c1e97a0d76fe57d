"""Accounts that freeze, are started anew, and are taken away."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from linkedin_gateway.accounts.restarts import PAUSES
from linkedin_gateway.background import probing
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import (
    FailedPrecondition,
    NotYet,
)

from tests.integration.linkedin_gateway.conftest import SECRET, TOKEN, UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.owners import CONNECTED


@pytest.mark.parametrize("status", ["STOPPED", "ERROR"])
async def test_frozen_and_started_anew(house: Any, status: str) -> None:
    """Unipile stopped an account: it is started anew, and nobody is bothered."""
    await house.status(status)
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
    frozen = await house.account_row()

    await house.gateway.restarts.restart_due()
    await house.settle()
    await house.relay()

    assert told.value.reason == "ACCOUNT_PARKED"
    assert (frozen.state, frozen.state_reason) == ("connecting", status)
    assert (await house.account_row()).state == "connected"
    assert [event.WhichOneof("event") for event in house.reported.events] == ["actions_freed"]


async def test_restarts_in_vain(open_house: Any) -> None:
    """After the last attempt people are told, once, and a probe does not begin anew."""
    restarts = []

    class Deaf(httpx.AsyncBaseTransport):
        def __init__(self, own: httpx.AsyncBaseTransport) -> None:
            self.own = own

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/restart"):
                return await self.own.handle_async_request(request)
            restarts.append(request)
            return httpx.Response(200, json={"object": "AccountRestarted"})

    async with open_house(transport=Deaf) as house:
        await house.status("STOPPED")
        told = []
        for pause in (timedelta(0), *PAUSES):
            house.clock.advance(pause.total_seconds())
            await house.gateway.restarts.restart_due()
            await house.gateway.restarts.restart_due()
            await probing(house.gateway)()
            await house.relay()
            told.append(len(house.reported.events))

        assert len(restarts) == len(PAUSES)
        assert told == [0, 0, 0, 0, 1]
        assert house.reported.events[0].account_disconnected.reason == "STOPPED"
        assert (await house.account_row()).state == "disconnected"


async def test_restarted_by_hand(house: Any) -> None:
    """A person has an account started anew, and the answer says how it is."""
    await house.status("STOPPED")

    answer = await house.stubs.accounts.RestartAccount(
        pb.RestartAccountRequest(account_id=house.account.account_id)
    )
    await house.status("CREDENTIALS")
    still = await house.stubs.accounts.RestartAccount(
        pb.RestartAccountRequest(account_id=house.account.account_id)
    )

    assert answer.account.state == CONNECTED
    assert still.account.state == account_pb2.ACCOUNT_STATE_DISCONNECTED
    assert still.account.state_reason == "CREDENTIALS"


async def test_disconnected(house: Any) -> None:
    """An account goes, at Unipile too; again nothing happens; late webhooks revive nothing."""
    request = pb.DisconnectAccountRequest(account_id=house.account.account_id)

    gone = await house.stubs.accounts.DisconnectAccount(request)
    again = await house.stubs.accounts.DisconnectAccount(request)
    await house.gateway.lifecycle.on_status(await house.account_row(), "OK")
    await house.relay()

    assert gone.account.state == again.account.state == account_pb2.ACCOUNT_STATE_REMOVED
    assert list(house.world.accounts) == []
    assert (await house.account_row()).state == "removed"
    assert len(house.reported.of("account_disconnected")) == 1


async def test_disconnected_while_in_use(house: Any) -> None:
    """While actions wait an account does not go, unless the caller parks them."""
    await house.status("CREDENTIALS")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
    request = pb.DisconnectAccountRequest(account_id=house.account.account_id)

    with pytest.raises(FailedPrecondition) as told:
        await house.stubs.accounts.DisconnectAccount(request)
    there = len(list(house.world.accounts))
    request.park = True
    gone = await house.stubs.accounts.DisconnectAccount(request)

    assert told.value.reason == "ACCOUNT_IN_USE"
    assert told.value.metadata["waiting_actions"] == "1"
    assert there == 1
    assert gone.account.state == account_pb2.ACCOUNT_STATE_REMOVED


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("OK", "connected"),
        ("CREATION_SUCCESS", "connected"),
        ("RECONNECTED", "connected"),
        ("SYNC_SUCCESS", "connected"),
        ("CONNECTING", "connecting"),
        ("STOPPED", "connecting"),
        ("ERROR", "connecting"),
        ("CREDENTIALS", "disconnected"),
        ("PERMISSIONS", "disconnected"),
        ("CREATION_FAIL", "disconnected"),
        ("DELETED", "removed"),
        ("SOMETHING_NEW", "connected"),
    ],
)
async def test_every_word(house: Any, unipile: httpx.AsyncClient, word: str, state: str) -> None:
    """Every word that Unipile has for an account's status is understood."""
    body = {"AccountStatus": {"account_id": UNIPILE_ACCOUNT, "message": word}}

    answer = await unipile.post(
        f"/webhooks/unipile/{TOKEN}",
        json=body,
        headers={"Unipile-Auth": SECRET},
    )

    assert answer.status_code == 200
    assert (await house.account_row()).state == state


async def test_another_plan(house: Any) -> None:
    """An owner who took another plan and signed in again has its caps."""
    account = house.world.accounts.get(UNIPILE_ACCOUNT)
    account.tier = "sales_navigator"
    house.world.accounts.save(account)

    await house.status("CREDENTIALS")
    account.status = "OK"
    await house.gateway.lifecycle.on_status(await house.account_row(), "RECONNECTED")

    assert (await house.account_row()).tier == "sales_navigator"
