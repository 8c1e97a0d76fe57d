"""Who registered an account, and who edited it last."""

from typing import Any

from devstack.stack.keys import Keys
from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import account_pb2, action_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from servicekit.grpc import client as grpc_client

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.servicers.test_strangers import guarded


async def test_an_edit_of_an_account_says_by_whom(house: Any, keys: Keys) -> None:
    """Of one that nobody has asked for by name it is not known who registered it."""
    account_id = house.account.account_id
    before = await house.stubs.accounts.GetAccount(pb.GetAccountRequest(account_id=account_id))
    cap = account_pb2.Cap(kind=action_pb2.ACTION_KIND_VISIT, per=Duration(seconds=86400), actions=3)
    edit = pb.UpdateAccountRequest(
        account_id=account_id, caps=pb.UpdateAccountRequest.Caps(caps=[cap])
    )
    told = []

    async with guarded(house, keys) as server:
        for sub in ("mem_bob", "mem_ann"):
            token = keys.token(org=ORGANIZATION, sub=sub, permissions=["accounts.write"])
            async with grpc_client.channel(server.address, token=lambda t=token: t) as channel:
                told.append((await AccountServiceStub(channel).UpdateAccount(edit)).account)

    assert before.account.updated_by == ""
    # The second has changed nothing.
    assert [each.updated_by for each in told] == ["mem_bob", "mem_bob"]
