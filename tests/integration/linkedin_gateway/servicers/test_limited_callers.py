"""Whoever is limited to accounts keeps these connected, and connects no others."""

from typing import Any

import grpc
from devstack.stack.keys import Keys, every_permission
from linkedin_gateway.models import HoldScope
from outreach.linkedin.v1 import hold_service_pb2 as holds_pb
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.sign_in_service_pb2_grpc import SignInServiceStub
from servicekit.errors import ServiceError
from servicekit.grpc.status import from_rpc_error

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.servicers.test_strangers import guarded


async def test_an_account_of_theirs_is_connected_again(house: Any, keys: Keys) -> None:
    """By a page or with a cookie; another account does not exist, and a new one is not theirs.

    All four methods were closed to them, so that nobody could bring their account back.
    """
    own = house.account.account_id
    cookie = sign_in_pb2.Credentials(session_cookie="a-cookie")

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        sign_ins = SignInServiceStub(channel)

        async def told(account_id: str, *account_ids: str) -> list[str]:
            asked = {"organization_id": ORGANIZATION, "account_id": account_id}
            calls = [
                sign_ins.CreateConnectLink(
                    pb.CreateConnectLinkRequest(**asked), metadata=limited(keys, *account_ids)
                ),
                sign_ins.ConnectAccount(
                    pb.ConnectAccountRequest(**asked, credentials=cookie),
                    metadata=limited(keys, *account_ids),
                ),
            ]
            return [await reason(call) for call in calls]

        theirs = await told(own, own)
        others = await told(own, "acct_another")
        unknown = await told("acct_unknown", own)
        new = await told("", own)

    assert theirs == ["", ""]
    assert others == unknown == ["ACCOUNT_NOT_FOUND"] * 2
    assert new == ["ACCOUNT_FORBIDDEN"] * 2


async def test_holds_are_seen_by_what_they_stop(house: Any, keys: Keys) -> None:
    """Those on their account, its campaigns and the organization; no other account's, no change.

    Both lists were closed to them: their leads stood still, and nobody would say why.
    """
    own = house.account.account_id
    await house.perform(house.request("visit_profile", "ada"))
    holds = house.gateway.repositories.holds
    told = {"owner": ORGANIZATION, "reason": "Stop.", "caller": "mem_1"}
    for scope, subject_id in (
        (HoldScope.ACCOUNT, own),
        (HoldScope.ACCOUNT, "acct_another"),
        (HoldScope.CAMPAIGN, "camp_1"),
        (HoldScope.CAMPAIGN, "camp_elsewhere"),
        (HoldScope.ORGANIZATION, ORGANIZATION),
    ):
        await holds.put(scope, subject_id, now=house.gateway.clock.now(), **told)

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        stub = HoldServiceStub(channel)

        async def seen(*account_ids: str) -> tuple[set[str], set[str]]:
            metadata = limited(keys, *account_ids)
            listed = await stub.ListHolds(holds_pb.ListHoldsRequest(), metadata=metadata)
            changed = await stub.ListHoldChanges(
                holds_pb.ListHoldChangesRequest(), metadata=metadata
            )
            return (
                {hold.subject_id for hold in listed.holds},
                {change.subject_id for change in changed.changes},
            )

        theirs, anothers, nobodys = await seen(own), await seen("acct_another"), await seen()

    assert theirs == ({own, "camp_1", ORGANIZATION},) * 2
    assert anothers == ({"acct_another", ORGANIZATION},) * 2
    assert nobodys == ({ORGANIZATION},) * 2


def limited(keys: Keys, *account_ids: str) -> tuple[tuple[str, str], ...]:
    made = keys.token(
        org=ORGANIZATION, permissions=sorted(every_permission()), accounts=account_ids
    )
    return (("authorization", f"Bearer {made}"),)


async def reason(calling: Any) -> str:
    try:
        await calling
    except grpc.aio.AioRpcError as error:
        told: ServiceError = from_rpc_error(error)
        return told.reason
    return ""
