"""Owners who connect their accounts, as the tests play them."""

from typing import Any

from outreach.linkedin.v1 import account_pb2, account_service_pb2, sign_in_pb2, sign_in_service_pb2

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, TOKEN

CONNECTED = account_pb2.ACCOUNT_STATE_CONNECTED
CALLBACK = f"/webhooks/unipile/{TOKEN}/connected"
PASSWORD = "correct-horse-battery"
OTHERS = (("x-organization-id", "org_other"),)


async def link(house: Any, account_id: str = "", **fields: Any) -> Any:
    """A link, as the simulator keeps it."""
    answer = await house.stubs.sign_ins.CreateConnectLink(
        sign_in_service_pb2.CreateConnectLinkRequest(
            organization_id=ORGANIZATION, account_id=account_id, **fields
        )
    )
    return house.world.connections.find_link(answer.url.rsplit("/", 1)[1])


async def owner_signs_in(house: Any, made: Any) -> None:
    """The owner opens the page and signs in."""
    answer = await house.control.post(f"/hosted/{made.id}", data={"outcome": "success"})
    assert answer.is_success, answer.text
    await house.settle()


async def accounts(house: Any, organization_id: str = ORGANIZATION) -> list[Any]:
    request = account_service_pb2.ListAccountsRequest(organization_id=organization_id)
    return list((await house.stubs.accounts.ListAccounts(request)).accounts)


async def connect(house: Any, username: str, account_id: str = "", **fields: Any) -> Any:
    """What comes of signing in with a password."""
    return await house.stubs.sign_ins.ConnectAccount(
        sign_in_service_pb2.ConnectAccountRequest(
            organization_id=ORGANIZATION,
            account_id=account_id,
            credentials=sign_in_pb2.Credentials(
                username=username, password=fields.pop("password", PASSWORD)
            ),
            **fields,
        )
    )


async def solve(house: Any, checkpoint: Any, code: str = "", **options: Any) -> Any:
    request = sign_in_service_pb2.SolveCheckpointRequest(
        checkpoint_id=checkpoint.checkpoint_id, code=code
    )
    return await house.stubs.sign_ins.SolveCheckpoint(request, **options)


async def resend(house: Any, checkpoint: Any, **options: Any) -> Any:
    request = sign_in_service_pb2.ResendCheckpointRequest(checkpoint_id=checkpoint.checkpoint_id)
    return await house.stubs.sign_ins.ResendCheckpoint(request, **options)
