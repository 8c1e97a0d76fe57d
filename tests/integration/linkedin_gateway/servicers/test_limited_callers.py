"""Whoever is limited to accounts keeps these connected, and connects no others."""

from typing import Any

import grpc
from devstack.stack.keys import Keys, every_permission
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2 as pb
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

    def token(*account_ids: str) -> tuple[tuple[str, str], ...]:
        made = keys.token(
            org=ORGANIZATION, permissions=sorted(every_permission()), accounts=account_ids
        )
        return (("authorization", f"Bearer {made}"),)

    async with guarded(house, keys) as server, grpc.aio.insecure_channel(server.address) as channel:
        sign_ins = SignInServiceStub(channel)

        async def told(account_id: str, *limited: str) -> list[str]:
            asked = {"organization_id": ORGANIZATION, "account_id": account_id}
            calls = [
                sign_ins.CreateConnectLink(
                    pb.CreateConnectLinkRequest(**asked), metadata=token(*limited)
                ),
                sign_ins.ConnectAccount(
                    pb.ConnectAccountRequest(**asked, credentials=cookie), metadata=token(*limited)
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


async def reason(calling: Any) -> str:
    try:
        await calling
    except grpc.aio.AioRpcError as error:
        told: ServiceError = from_rpc_error(error)
        return told.reason
    return ""
