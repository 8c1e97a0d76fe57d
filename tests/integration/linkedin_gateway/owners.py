"""Owners who connect their accounts, as the tests play them."""

from typing import Any

from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, TOKEN

CONNECTED = account_pb2.ACCOUNT_STATE_CONNECTED
CALLBACK = f"/webhooks/unipile/{TOKEN}/connected"
PASSWORD = "correct-horse-battery"
OTHERS = (("x-organization-id", "org_other"),)


async def link(house: Any, account_id: str = "", **fields: Any) -> Any:
    """A link, as the simulator keeps it."""
    answer = await house.stub.CreateConnectLink(
        pb.CreateConnectLinkRequest(organization_id=ORGANIZATION, account_id=account_id, **fields)
    )
    return house.world.connections.find_link(answer.url.rsplit("/", 1)[1])


async def owner_signs_in(house: Any, made: Any) -> None:
    """The owner opens the page and signs in."""
    answer = await house.control.post(f"/hosted/{made.id}", data={"outcome": "success"})
    assert answer.is_success, answer.text
    await house.settle()


async def accounts(house: Any, organization_id: str = ORGANIZATION) -> list[Any]:
    request = pb.ListAccountsRequest(organization_id=organization_id)
    return list((await house.stub.ListAccounts(request)).accounts)


async def connect(house: Any, username: str, account_id: str = "", **fields: Any) -> Any:
    """What comes of signing in with a password."""
    return await house.stub.ConnectAccount(
        pb.ConnectAccountRequest(
            organization_id=ORGANIZATION,
            account_id=account_id,
            credentials=pb.Credentials(
                username=username, password=fields.pop("password", PASSWORD)
            ),
            **fields,
        )
    )


async def solve(house: Any, checkpoint: Any, code: str = "", **options: Any) -> Any:
    request = pb.SolveCheckpointRequest(checkpoint_id=checkpoint.checkpoint_id, code=code)
    return await house.stub.SolveCheckpoint(request, **options)


async def resend(house: Any, checkpoint: Any, **options: Any) -> Any:
    request = pb.ResendCheckpointRequest(checkpoint_id=checkpoint.checkpoint_id)
    return await house.stub.ResendCheckpoint(request, **options)
