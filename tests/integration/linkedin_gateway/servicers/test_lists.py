"""Lists as callers ask for them: whose rows and totals they see, and what a token is good for."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from linkedin_gateway.models import HoldScope
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_service_pb2,
    hold_service_pb2,
    pace_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.action_service_pb2_grpc import ActionServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from servicekit.errors import InvalidArgument

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.servicers.test_limited_callers import limited
from tests.integration.linkedin_gateway.servicers.test_strangers import guarded

EVER = "create_time > 2000-01-01T00:00:00Z"
OF = {"organization_id": ORGANIZATION}


async def another_account(house: Any) -> str:
    """A second account of the organization; its id."""
    house.world.add_account("unipile-2")
    answer = await house.stubs.accounts.RegisterAccount(
        account_service_pb2.RegisterAccountRequest(**OF, unipile_account_id="unipile-2")
    )
    account_id: str = answer.account.account_id
    return account_id


async def test_who_is_limited_sees_and_counts_theirs_alone(house: Any, keys: Keys) -> None:
    """In every filter and order: nothing tells how much there is of others."""
    own, others = house.account.account_id, await another_account(house)
    await house.perform(house.request("visit_profile", "ada", campaign_id="camp_1"))
    request = house.request("visit_profile", "bob", campaign_id="camp_2")
    request.account_id = others
    await house.perform(request)
    told = {"owner": ORGANIZATION, "reason": "Stop.", "caller": "mem_1"}
    for subject in (own, others):
        await house.gateway.repositories.holds.put(
            HoldScope.ACCOUNT, subject, now=house.gateway.clock.now(), **told
        )

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        accounts, actions = AccountServiceStub(channel), ActionServiceStub(channel)
        holds, metadata = HoldServiceStub(channel), limited(keys, own)
        for text in ("", EVER, f"NOT (NOT {EVER})"):
            for direction in ("", "create_time", "create_time desc"):
                asked = {"filter": text, "order_by": direction}
                listed = await accounts.ListAccounts(
                    account_service_pb2.ListAccountsRequest(**OF, **asked), metadata=metadata
                )
                held = await holds.ListHolds(
                    hold_service_pb2.ListHoldsRequest(**asked), metadata=metadata
                )
                done = await actions.ListActions(
                    action_service_pb2.ListActionsRequest(**OF, **asked), metadata=metadata
                )
                assert [each.account_id for each in listed.accounts] == [own]
                assert {each.account_id for each in done.actions} == {own}
                assert [each.subject_id for each in held.holds] == [own]
                assert (listed.total_size, held.total_size) == (1, 1)
        anothers = action_service_pb2.ListActionsRequest(**OF, filter=f"account_id = {others}")
        assert not (await actions.ListActions(anothers, metadata=metadata)).actions
        everybodys = await accounts.ListAccounts(
            account_service_pb2.ListAccountsRequest(**OF, page_size=1),
            metadata=limited(keys, own, others),
        )
        assert (len(everybodys.accounts), everybodys.total_size) == (1, 2)


def _lists(house: Any) -> dict[str, tuple[Any, Callable[..., Any]]]:
    stubs = house.stubs
    return {
        "actions": (
            stubs.actions.ListActions,
            lambda **asked: action_service_pb2.ListActionsRequest(**OF, **asked),
        ),
        "accounts": (
            stubs.accounts.ListAccounts,
            lambda **asked: account_service_pb2.ListAccountsRequest(**OF, **asked),
        ),
        "holds": (
            stubs.holds.ListHolds,
            hold_service_pb2.ListHoldsRequest,
        ),
        "suppressions": (
            stubs.suppressions.ListSuppressions,
            lambda **asked: suppression_service_pb2.ListSuppressionsRequest(**OF, **asked),
        ),
    }


async def test_a_token_is_for_one_question(house: Any) -> None:
    """Another filter, order, list or account does not know it, and nobody makes one.

    Tokens of the gateway were a time and an id in base64, good for every list of everybody.
    """
    await another_account(house)
    for name in ("ada", "bob"):
        await house.perform(house.request("visit_profile", name))
        await house.stubs.suppressions.AddSuppressions(
            suppression_service_pb2.AddSuppressionsRequest(
                suppressions=[
                    suppression_pb2.Suppression(
                        organization_id=ORGANIZATION, public_identifier=f"{name}-x", reason="asked"
                    )
                ]
            )
        )
        await house.gateway.repositories.holds.put(
            HoldScope.CAMPAIGN,
            f"camp_{name}",
            owner=ORGANIZATION,
            reason="lunch",
            caller="",
            now=house.gateway.clock.now(),
        )
    lists, tokens = _lists(house), dict[str, str]()
    for name, (call, request) in lists.items():
        tokens[name] = (await call(request(page_size=1))).next_page_token
        assert tokens[name], name

    for name, (call, request) in lists.items():
        assert len((await call(request(page_token=tokens[name]))).ListFields()) > 0
        foreign = [token for other, token in tokens.items() if other != name]
        for asked in (
            *({"page_token": token} for token in [*foreign, "rubbish"]),
            {"page_token": tokens[name], "filter": EVER},
            {"page_token": tokens[name], "order_by": _turned(name)},
        ):
            with pytest.raises(InvalidArgument) as refused:
                await call(request(**asked))
            assert refused.value.reason == "PAGE_TOKEN_INVALID", (name, asked)


def _turned(name: str) -> str:
    return "create_time" if name == "actions" else "create_time desc"


async def test_a_queue_s_token_is_of_that_queue(house: Any) -> None:
    """Of another account's queue, or of a kind alone, it is none."""
    with pytest.raises(InvalidArgument) as refused:
        await house.stubs.pace.GetQueue(
            pace_service_pb2.GetQueueRequest(
                account_id=house.account.account_id, page_token="WzEsMi4wLCJhY3QiXQ"
            )
        )

    assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_what_is_not_served_is_told_with_what_is(house: Any) -> None:
    """The refusal has every field with its operators, or the orders."""
    call, request = _lists(house)["accounts"]

    with pytest.raises(InvalidArgument) as refused:
        await call(request(filter="name:ada"))
    with pytest.raises(InvalidArgument) as out_of_order:
        await call(request(order_by="state"))

    assert refused.value.reason == "FILTER_NOT_SUPPORTED"
    assert "state" in refused.value.metadata
    assert out_of_order.value.reason == "ORDER_NOT_SUPPORTED"
    assert out_of_order.value.metadata["orders"] == "create_time, create_time desc"
