"""What belongs to another organization does not exist."""

from typing import Any

import pytest
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    pace_service_pb2,
    person_pb2,
    sign_in_pb2,
    sign_in_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from servicekit.errors import (
    InvalidArgument,
    NotFound,
    NotYet,
    PermissionDenied,
)

from tests.integration.linkedin_gateway.conftest import ALWAYS, ORGANIZATION
from tests.integration.linkedin_gateway.owners import OTHERS

OF_ORGANIZATION = "SELECT a::text FROM actions a WHERE organization_id = $1 ORDER BY 1"


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("GetAccount", lambda id_: account_service_pb2.GetAccountRequest(account_id=id_)),
        ("UpdateAccount", lambda id_: account_service_pb2.UpdateAccountRequest(account_id=id_)),
        ("GetAccountUsage", lambda id_: pace_service_pb2.GetAccountUsageRequest(account_id=id_)),
        ("RestartAccount", lambda id_: account_service_pb2.RestartAccountRequest(account_id=id_)),
        (
            "DisconnectAccount",
            lambda id_: account_service_pb2.DisconnectAccountRequest(account_id=id_),
        ),
        (
            "CreateConnectLink",
            lambda id_: sign_in_service_pb2.CreateConnectLinkRequest(
                organization_id="org_other", account_id=id_
            ),
        ),
        (
            "ConnectAccount",
            lambda id_: sign_in_service_pb2.ConnectAccountRequest(
                organization_id="org_other",
                account_id=id_,
                credentials=sign_in_pb2.Credentials(session_cookie="a-cookie"),
            ),
        ),
        (
            "PutHold",
            lambda id_: hold_service_pb2.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=id_, reason="mine"
            ),
        ),
        (
            "LiftHold",
            lambda id_: hold_service_pb2.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=id_
            ),
        ),
    ],
)
async def test_anothers_account(house: Any, method: str, request_of: Any) -> None:
    """For a caller of another organization the account does not exist."""
    with pytest.raises(NotFound) as told:
        await house.stubs.method(method)(request_of(house.account.account_id), metadata=OTHERS)

    assert told.value.reason == "ACCOUNT_NOT_FOUND"


async def test_anothers_actions(house: Any) -> None:
    """Nor can actions of another organization be asked for, read or called off."""
    visit = house.request("visit_profile", "ada")
    await house.perform(visit)
    calls = [
        ("PerformAction", house.request("visit_profile", "bob")),
        ("ExplainAction", action_service_pb2.ExplainActionRequest(action_id=visit.action_id)),
        ("CancelAction", action_service_pb2.CancelActionRequest(action_id=visit.action_id)),
        (
            "CancelAction",
            action_service_pb2.CancelActionRequest(action_id="camp_9/lead_9/never/asked"),
        ),
        ("ListActions", action_service_pb2.ListActionsRequest(organization_id=ORGANIZATION)),
    ]

    for method, request in calls:
        with pytest.raises(NotFound):
            await house.stubs.method(method)(request, metadata=OTHERS)


async def theirs(house: Any) -> str:
    """An account of the other organization."""
    seen = house.world.add_account("acc-other", tier="premium")
    registered = await house.stubs.accounts.RegisterAccount(
        account_service_pb2.RegisterAccountRequest(
            organization_id="org_other", unipile_account_id=seen.id, working_hours=ALWAYS
        )
    )
    account_id: str = registered.account.account_id
    return account_id


async def test_anothers_campaign(house: Any) -> None:
    """With an account of one's own nobody acts for the campaign and lead of another.

    That row once made the campaign one's own: its holds were put and lifted, and the ids of its
    actions were taken.
    """
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN,
            subject_id="camp_1",
            organization_id=ORGANIZATION,
            reason="lunch",
        )
    )
    forged = house.request("visit_profile", "ada", action_id="camp_1/lead_ada/visit")
    forged.organization_id, forged.account_id = "org_other", await theirs(house)

    with pytest.raises(NotFound) as refused:
        await house.stubs.actions.PerformAction(forged, metadata=OTHERS)
    with pytest.raises(NotFound):
        await house.stubs.holds.LiftHold(
            hold_service_pb2.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1"
            ),
            metadata=OTHERS,
        )

    assert refused.value.reason == "LEAD_NOT_FOUND"
    assert await house.pool.fetchval("SELECT count(*) FROM actions") == 0


async def test_anothers_action_ids(house: Any) -> None:
    """Whoever acts for themselves names actions by a lead of their own, and takes nobody's id."""
    house.reported.organization_id = "org_other"
    taken = house.request("visit_profile", "ada", campaign_id="camp_2")
    taken.organization_id, taken.account_id = "org_other", await theirs(house)

    with pytest.raises(InvalidArgument) as refused:
        await house.stubs.actions.PerformAction(taken, metadata=OTHERS)
    assert [wrong.field for wrong in refused.value.violations] == ["action_id"]
    taken.action_id = f"camp_2/{taken.lead_id}/visit"
    await house.stubs.actions.PerformAction(taken, metadata=OTHERS)

    assert (
        await house.pool.fetchval("SELECT action_id FROM actions WHERE kind = 'visit'")
        == taken.action_id
    )


async def test_an_action_of_the_same_name(house: Any) -> None:
    """What two organizations call the same are two actions: neither is told of, nor changed by,
    what is done with the other's.
    """
    waiting = house.request("visit_profile", "bob")
    await house.perform(house.request("visit_profile", "ada"))
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(waiting)
    before = await house.pool.fetch(OF_ORGANIZATION, ORGANIZATION)
    same = house.request("visit_profile", "bob")
    same.action_id = waiting.action_id
    same.organization_id, same.account_id = "org_other", await theirs(house)
    named = {"organization_id": "org_other", "action_id": same.action_id}
    explain = action_service_pb2.ExplainActionRequest(**named)
    cancel = action_service_pb2.CancelActionRequest(**named)

    with pytest.raises(NotFound):
        await house.stubs.actions.ExplainAction(explain)
    await house.stubs.actions.PerformAction(same)
    again = await house.stubs.actions.PerformAction(same)
    explained = await house.stubs.actions.ExplainAction(explain, metadata=OTHERS)
    called_off = await house.stubs.actions.CancelAction(cancel, metadata=OTHERS)

    assert again.outcome.HasField("performed_time")
    assert explained.action.account_id == called_off.action.account_id == same.account_id
    assert called_off.action.state == action_pb2.ACTION_STATE_DONE
    assert await house.pool.fetch(OF_ORGANIZATION, ORGANIZATION) == before


@pytest.mark.parametrize("method", ["CancelAction", "ExplainAction"])
async def test_whose_action_is_meant(house: Any, method: str) -> None:
    """Who acts for one organization means its action; who acts for several says whose."""
    visit = house.request("visit_profile", "ada")
    await house.perform(visit)
    request = getattr(action_service_pb2, f"{method}Request")(action_id=visit.action_id)

    told = await house.stubs.method(method)(
        request, metadata=(("x-organization-id", ORGANIZATION),)
    )
    with pytest.raises(InvalidArgument) as refused:
        await house.stubs.method(method)(request)

    assert told.action.action_id == visit.action_id
    assert [wrong.field for wrong in refused.value.violations] == ["organization_id"]


async def test_anothers_holds(house: Any) -> None:
    """A caller of an organization stops and sees what is theirs, and nothing else."""
    own = (("x-organization-id", ORGANIZATION),)
    await house.perform(house.request("visit_profile", "ada"))
    scopes = [
        (hold_pb2.HOLD_SCOPE_EVERYTHING, ""),
        (hold_pb2.HOLD_SCOPE_ORGANIZATION, ORGANIZATION),
        (hold_pb2.HOLD_SCOPE_CAMPAIGN, "camp_1"),
    ]
    requests = [
        hold_service_pb2.PutHoldRequest(scope=s, subject_id=i, reason="stop") for s, i in scopes
    ]

    for request, refusal in zip(requests, [PermissionDenied, NotFound, NotFound], strict=True):
        with pytest.raises(refusal):
            await house.stubs.holds.PutHold(request, metadata=OTHERS)
    for request in requests[1:]:
        await house.stubs.holds.PutHold(request, metadata=own)
    with pytest.raises(PermissionDenied):
        await house.stubs.holds.PutHold(requests[0], metadata=own)
    await house.stubs.holds.PutHold(requests[0])

    async def seen(**options: Any) -> int:
        return len(
            (
                await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest(), **options)
            ).holds
        )

    assert await seen(metadata=OTHERS) == 0
    assert await seen(metadata=own) == 2
    assert await seen() == 3


async def test_anothers_suppressions(house: Any) -> None:
    """People another organization does not want contacted are its own business."""
    added = await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(
            suppressions=[
                suppression_pb2.Suppression(
                    organization_id=ORGANIZATION, public_identifier="ada", reason="asked"
                )
            ]
        )
    )
    remove = suppression_service_pb2.RemoveSuppressionRequest(
        suppression_id=added.suppressions[0].suppression_id
    )

    with pytest.raises(NotFound):
        await house.stubs.suppressions.RemoveSuppression(remove, metadata=OTHERS)
    with pytest.raises(NotFound):
        await house.stubs.suppressions.FindSuppressed(
            suppression_service_pb2.FindSuppressedRequest(
                organization_id=ORGANIZATION,
                people=[person_pb2.Person(public_identifier="ada")],
            ),
            metadata=OTHERS,
        )
    with pytest.raises(NotFound):
        await house.stubs.suppressions.ListSuppressions(
            suppression_service_pb2.ListSuppressionsRequest(organization_id=ORGANIZATION),
            metadata=OTHERS,
        )
    await house.stubs.suppressions.RemoveSuppression(remove)
