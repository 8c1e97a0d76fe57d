"""Whoever follows the gateway's lists, as callers ask: what they are told, and what is refused."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from google.protobuf.timestamp_pb2 import Timestamp
from linkedin_gateway.models import HoldScope
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from servicekit.errors import BadInput, InvalidArgument, ServiceError

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.servicers.test_limited_callers import limited
from tests.integration.linkedin_gateway.servicers.test_strangers import guarded

OF = {"organization_id": ORGANIZATION}
SINCE = {"updated_since": Timestamp(seconds=1)}


async def followed(
    call: Any, request: Any, *, told: Callable[[list[Any]], bool], **asked: Any
) -> tuple[list[Any], str]:
    """Answers until what is wanted was told and no more is, and the token from there on.

    What others of this server still write holds it up, for as long as they write.
    """
    pages: list[Any] = []
    while not pages or pages[-1].more_changes or not told(pages):
        page = await call(request(**asked))
        asked = {"sync_token": page.next_sync_token}
        pages.append(page)
    return pages, asked["sync_token"]


def rows(pages: list[Any], name: str) -> list[Any]:
    return [each for page in pages for each in getattr(page, name)]


async def suppressed(stubs: Any, name: str) -> str:
    answer = await stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(
            suppressions=[suppression_pb2.Suppression(**OF, public_identifier=name, reason="asked")]
        )
    )
    suppression_id: str = answer.suppressions[0].suppression_id
    return suppression_id


async def test_a_suppression_that_was_removed_is_told(house: Any) -> None:
    """By its id, after it was told itself, from the token of before."""
    stubs = house.stubs
    gone, stays = [await suppressed(stubs, f"{name}-x") for name in ("ada", "bob")]

    def request(**asked: Any) -> Any:
        return suppression_service_pb2.ListSuppressionsRequest(**OF, page_size=1, **asked)

    copy, token = await followed(
        stubs.suppressions.ListSuppressions,
        request,
        told=lambda pages: len(rows(pages, "suppressions")) == 2,
        **SINCE,
    )
    await stubs.suppressions.RemoveSuppression(
        suppression_service_pb2.RemoveSuppressionRequest(suppression_id=gone)
    )
    after, _ = await followed(
        stubs.suppressions.ListSuppressions,
        request,
        told=lambda pages: bool(rows(pages, "removed_suppressions")),
        sync_token=token,
    )

    assert [each.suppression_id for each in rows(copy, "suppressions")] == [gone, stays]
    assert [each.id for each in rows(after, "removed_suppressions")] == [gone]
    assert all(each.HasField("delete_time") for each in rows(after, "removed_suppressions"))
    assert not rows(after, "suppressions")


async def test_a_hold_is_told_when_it_is_put_lifted_and_put_again(house: Any, keys: Keys) -> None:
    """By what it covers; who is limited to another account is told nothing of it."""
    own = house.account.account_id
    hold = {"scope": hold_pb2.HOLD_SCOPE_ACCOUNT, "subject_id": own}
    deeds = [
        (house.stubs.holds.PutHold, hold_service_pb2.PutHoldRequest(**hold, reason="lunch")),
        (house.stubs.holds.LiftHold, hold_service_pb2.LiftHoldRequest(**hold)),
        (house.stubs.holds.PutHold, hold_service_pb2.PutHoldRequest(**hold, reason="again")),
    ]

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        holds = HoldServiceStub(channel)

        async def listed(request: Any) -> Any:
            return await holds.ListHolds(request, metadata=limited(keys, own))

        found, asked = [], dict[str, Any](SINCE)
        for deed, request in deeds:
            await deed(request)
            pages, token = await followed(
                listed,
                hold_service_pb2.ListHoldsRequest,
                told=lambda pages: bool(rows(pages, "holds") or rows(pages, "removed_holds")),
                **asked,
            )
            asked = {"sync_token": token}
            found.append(
                (
                    [each.reason for each in rows(pages, "holds")],
                    [each.subject_id for each in rows(pages, "removed_holds")],
                )
            )
        others = await holds.ListHolds(
            hold_service_pb2.ListHoldsRequest(**SINCE), metadata=limited(keys, "acct_other")
        )

    assert found == [(["lunch"], []), ([], [own]), (["again"], [])]
    assert not rows([others], "holds") + rows([others], "removed_holds")


async def test_who_sees_another_part_begins_anew(house: Any, keys: Keys) -> None:
    """A token of somebody who is limited to other accounts is refused, and says why."""
    own = house.account.account_id
    await house.gateway.repositories.holds.put(
        HoldScope.ACCOUNT,
        own,
        owner=ORGANIZATION,
        reason="lunch",
        caller="",
        now=house.gateway.clock.now(),
    )

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        holds = HoldServiceStub(channel)
        first = await holds.ListHolds(
            hold_service_pb2.ListHoldsRequest(**SINCE), metadata=limited(keys, own)
        )
        asked = hold_service_pb2.ListHoldsRequest(sync_token=first.next_sync_token)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await holds.ListHolds(asked, metadata=limited(keys, own, "acct_other"))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_who_sees_another_campaign_begins_anew(house: Any, keys: Keys) -> None:
    """Its hold was put before their account acted for it: they were never told of it."""
    own = house.account.account_id
    await house.gateway.repositories.holds.put(
        HoldScope.CAMPAIGN,
        "camp_1",
        owner=ORGANIZATION,
        reason="lunch",
        caller="",
        now=house.gateway.clock.now(),
    )

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        holds = HoldServiceStub(channel)

        async def told(**asked: Any) -> Any:
            request = hold_service_pb2.ListHoldsRequest(**asked)
            return await holds.ListHolds(request, metadata=limited(keys, own))

        first = await told(**SINCE)
        with pytest.raises(ServiceError):
            # Held, and in the ledger.
            await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await told(sync_token=first.next_sync_token)
        listed = await told()

    assert not first.holds
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [each.subject_id for each in listed.holds] == ["camp_1"]


async def test_accounts_and_actions_are_told_as_they_are(house: Any) -> None:
    """Each once more when it changes."""
    await house.perform(house.request("visit_profile", "ada"))
    stubs = house.stubs

    there = await stubs.actions.ListActions(action_service_pb2.ListActionsRequest(**OF))

    def copied(pages: list[Any]) -> bool:
        return {each.action_id: each for each in rows(pages, "actions")} == {
            each.action_id: each for each in there.actions
        }

    actions, _ = await followed(
        stubs.actions.ListActions,
        lambda **asked: action_service_pb2.ListActionsRequest(**OF, **asked),
        told=copied,
        **SINCE,
    )
    accounts, _ = await followed(
        stubs.accounts.ListAccounts,
        lambda **asked: account_service_pb2.ListAccountsRequest(**OF, **asked),
        told=lambda pages: bool(rows(pages, "accounts")),
        **SINCE,
    )

    assert copied(actions)
    assert {each.account_id for each in rows(accounts, "accounts")} == {house.account.account_id}


ARCHIVE = """
    WITH moved AS (DELETE FROM actions RETURNING *)
    INSERT INTO archived_actions SELECT * FROM moved
"""


@pytest.mark.parametrize("table", ["actions", "archived_actions"])
async def test_an_action_changes_when_something_does_that_is_told_of_it(
    house: Any, table: str
) -> None:
    """Whoever follows was told again all that waited whenever the ledger planned anew."""
    await house.perform(house.request("visit_profile", "ada"))
    if table != "actions":
        await house.pool.execute("SELECT open_archive_month('2026-03-01')")
        await house.pool.execute(ARCHIVE)
    changed = f"SELECT changed_in FROM {table}"
    before = await house.pool.fetchval(changed)

    await house.pool.execute(
        f"UPDATE {table} SET virtual_finish = virtual_finish + 1, verifications = 7"
    )
    planned = await house.pool.fetchval(changed)
    await house.pool.execute(f"UPDATE {table} SET reason = 'NOT_FOUND'")

    assert planned == before
    assert await house.pool.fetchval(changed) > before


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"filter": "reason:x", **SINCE}, ["filter"]),
        ({"order_by": "create_time", "page_token": "x", **SINCE}, ["order_by", "page_token"]),
        ({"sync_token": "x", **SINCE}, ["updated_since"]),
        ({"sync_token": "rubbish"}, ["sync_token"]),
    ],
)
async def test_what_would_leave_the_copy_without_a_word_is_refused(
    house: Any, wrong: Any, fields: list[str]
) -> None:
    """Field by field, also a token that nobody has given."""
    with pytest.raises((BadInput, InvalidArgument)) as refused:
        await house.stubs.suppressions.ListSuppressions(
            suppression_service_pb2.ListSuppressionsRequest(**OF, **wrong)
        )

    assert [each.field for each in refused.value.violations] == fields
