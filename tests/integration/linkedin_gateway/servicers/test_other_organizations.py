"""What belongs to another organization does not exist."""

from typing import Any

import pytest
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit.errors import (
    NotFound,
    PermissionDenied,
)

from tests.integration.linkedin_gateway.conftest import ORGANIZATION
from tests.integration.linkedin_gateway.owners import OTHERS


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("GetAccount", lambda id_: pb.GetAccountRequest(account_id=id_)),
        ("UpdateAccount", lambda id_: pb.UpdateAccountRequest(account_id=id_)),
        ("GetAccountUsage", lambda id_: pb.GetAccountUsageRequest(account_id=id_)),
        ("RestartAccount", lambda id_: pb.RestartAccountRequest(account_id=id_)),
        ("DisconnectAccount", lambda id_: pb.DisconnectAccountRequest(account_id=id_)),
        (
            "CreateConnectLink",
            lambda id_: pb.CreateConnectLinkRequest(organization_id="org_other", account_id=id_),
        ),
        (
            "ConnectAccount",
            lambda id_: pb.ConnectAccountRequest(
                organization_id="org_other",
                account_id=id_,
                credentials=pb.Credentials(session_cookie="a-cookie"),
            ),
        ),
        (
            "PutHold",
            lambda id_: pb.PutHoldRequest(
                scope=pb.HOLD_SCOPE_ACCOUNT, subject_id=id_, reason="mine"
            ),
        ),
        (
            "LiftHold",
            lambda id_: pb.LiftHoldRequest(scope=pb.HOLD_SCOPE_ACCOUNT, subject_id=id_),
        ),
    ],
)
async def test_anothers_account(house: Any, method: str, request_of: Any) -> None:
    """For a caller of another organization the account does not exist."""
    with pytest.raises(NotFound) as told:
        await getattr(house.stub, method)(request_of(house.account.account_id), metadata=OTHERS)

    assert told.value.reason == "ACCOUNT_NOT_FOUND"


async def test_anothers_actions(house: Any) -> None:
    """Nor can actions of another organization be asked for, read or called off."""
    visit = house.request("visit_profile", "ada")
    await house.perform(visit)
    calls = [
        ("PerformAction", house.request("visit_profile", "bob")),
        ("ExplainAction", pb.ExplainActionRequest(action_id=visit.action_id)),
        ("CancelAction", pb.CancelActionRequest(action_id=visit.action_id)),
        ("CancelAction", pb.CancelActionRequest(action_id="camp_9/lead_9/never/asked")),
        ("ListActions", pb.ListActionsRequest(organization_id=ORGANIZATION)),
    ]

    for method, request in calls:
        with pytest.raises(NotFound):
            await getattr(house.stub, method)(request, metadata=OTHERS)


async def test_anothers_holds(house: Any) -> None:
    """A caller of an organization stops and sees what is theirs, and nothing else."""
    own = (("x-organization-id", ORGANIZATION),)
    await house.perform(house.request("visit_profile", "ada"))
    scopes = [
        (pb.HOLD_SCOPE_EVERYTHING, ""),
        (pb.HOLD_SCOPE_ORGANIZATION, ORGANIZATION),
        (pb.HOLD_SCOPE_CAMPAIGN, "camp_1"),
    ]
    requests = [pb.PutHoldRequest(scope=s, subject_id=i, reason="stop") for s, i in scopes]

    for request in requests:
        with pytest.raises(PermissionDenied):
            await house.stub.PutHold(request, metadata=OTHERS)
    for request in requests[1:]:
        await house.stub.PutHold(request, metadata=own)
    with pytest.raises(PermissionDenied):
        await house.stub.PutHold(requests[0], metadata=own)
    await house.stub.PutHold(requests[0])

    async def seen(**options: Any) -> int:
        return len((await house.stub.ListHolds(pb.ListHoldsRequest(), **options)).holds)

    assert await seen(metadata=OTHERS) == 0
    assert await seen(metadata=own) == 2
    assert await seen() == 3


async def test_anothers_suppressions(house: Any) -> None:
    """People another organization does not want contacted are its own business."""
    added = await house.stub.AddSuppressions(
        pb.AddSuppressionsRequest(
            suppressions=[
                pb.Suppression(
                    organization_id=ORGANIZATION, public_identifier="ada", reason="asked"
                )
            ]
        )
    )
    remove = pb.RemoveSuppressionRequest(suppression_id=added.suppressions[0].suppression_id)

    with pytest.raises(NotFound):
        await house.stub.RemoveSuppression(remove, metadata=OTHERS)
    with pytest.raises(NotFound):
        await house.stub.ListSuppressions(
            pb.ListSuppressionsRequest(organization_id=ORGANIZATION), metadata=OTHERS
        )
    await house.stub.RemoveSuppression(remove)
