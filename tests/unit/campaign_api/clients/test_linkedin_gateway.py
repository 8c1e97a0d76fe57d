"""The adapter to linkedin-gateway, against a gRPC server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from campaign_api.clients.linkedin_gateway import Gateway
from campaigns.models import Campaign, CampaignSettings, CampaignState, Person
from google.protobuf.timestamp_pb2 import Timestamp
from linkedin_gateway.errors import StopNotInForce
from outreach.linkedin.v1 import account_pb2, action_pb2
from servicekit.errors import (
    DeadlineExceeded,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from servicekit.grpc import client as grpc_client

from tests.fakes.campaign_ports import FakeLinkedIn, running_neighbours

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_north",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_ada",),
    settings=CampaignSettings(),
    revision_id="seq_1",
    created_at=NOW,
)


@pytest.fixture
async def asked() -> AsyncIterator[tuple[Gateway, FakeLinkedIn]]:
    async with (
        running_neighbours(["acct_ada"]) as neighbours,
        grpc_client.channel(neighbours.gateway_address, timeout=timedelta(seconds=5)) as channel,
    ):
        yield Gateway(channel), neighbours.linkedin


Asked = tuple[Gateway, FakeLinkedIn]


async def test_accounts(asked: Asked) -> None:
    """Connected, not connected with the reason, and not there."""
    gateway, linkedin = asked
    linkedin.add_account(
        "acct_bob", state=account_pb2.ACCOUNT_STATE_RESTRICTED, reason="CHECKPOINT"
    )

    connected, restricted = await gateway.account("acct_ada"), await gateway.account("acct_bob")

    assert connected is not None
    assert connected.connected
    assert restricted is not None
    assert (restricted.connected, restricted.state, restricted.state_reason) == (
        False,
        "restricted",
        "CHECKPOINT",
    )
    assert await gateway.account("acct_nobody") is None


async def test_accounts_are_glanced_at_in_calls_of_a_thousand(asked: Asked) -> None:
    """Those that there are, of that organization; an id that is none is not asked for."""
    gateway, linkedin = asked
    there = [f"acct_{number:04}" for number in range(1001)]
    for account_id in there:
        linkedin.add_account(account_id, organization_id="org_north")
    linkedin.add_account("acct_foreign", organization_id="org_south")

    found = await gateway.glance_at_accounts(
        "org_north", [*there, "acct_foreign", "acct_nobody", "acct\x00"]
    )

    assert sorted(found) == there
    assert [len(each) for each in linkedin.listed] == [1000, 3]


@pytest.mark.parametrize(
    "row",
    [
        Person(public_identifier="ada", company="x" * 501),
        Person(public_identifier="ada", email=f"{'x' * 320}@looms.example"),
        Person(public_identifier="字" * 150),
    ],
    ids=["company", "email", "name"],
)
async def test_one_row_does_not_hide_who_is_suppressed(asked: Asked, row: Person) -> None:
    """A cell that is longer than the gateway takes had nobody of a thousand looked up."""
    gateway, linkedin = asked
    linkedin.suppressed = {"grace"}

    found = await gateway.suppressed("org_north", [row, Person(public_identifier="grace")])

    assert found == {1}


async def test_holds_come_and_go(asked: Asked) -> None:
    """A hold on a campaign carries its reason, and is gone once lifted."""
    gateway, _ = asked

    await gateway.hold(CAMPAIGN, reason="Holidays.")
    [hold] = await gateway.holds()
    await gateway.lift_hold(CAMPAIGN)

    assert (hold.scope, hold.subject_id, hold.reason) == ("campaign", "camp_1", "Holidays.")
    assert await gateway.holds() == []


async def test_a_hold_says_whose_campaign_it_is_and_hears_what_has_begun(asked: Asked) -> None:
    """The gateway may not know the campaign yet; what is on the wire is told on."""
    gateway, linkedin = asked
    linkedin.on_the_wire.actions, linkedin.on_the_wire.until.seconds = 1, 60
    linkedin.on_the_wire.action_ids.append("camp_1/lead_1/visit")

    begun = await gateway.hold(CAMPAIGN, reason="Holidays.")

    assert linkedin.vouched == {"camp_1": "org_north"}
    assert (begun.actions, begun.action_ids) == (1, ("camp_1/lead_1/visit",))
    assert begun.until == datetime.fromtimestamp(60, UTC)


async def test_a_slow_gateway_is_not_told_as_away(asked: Asked) -> None:
    """It was there and has not answered: that is its own reason, and it may have been done.

    A hold used to be in force while its caller heard that the gateway cannot be reached.
    """
    gateway, linkedin = asked
    linkedin.refusal = DeadlineExceeded()

    with pytest.raises(DeadlineExceeded) as refused:
        await gateway.hold(CAMPAIGN, reason="Holidays.")

    assert refused.value.reason == "SERVICE_TIMED_OUT"
    assert refused.value.metadata == {"dependency": "linkedin-gateway"}


async def test_what_the_gateway_says_is_said_on(asked: Asked) -> None:
    """One that answered that it cannot do it now can be reached, and says why it cannot."""
    gateway, linkedin = asked
    linkedin.refusal = StopNotInForce(written=True, in_the_way="psql (session 7)")

    with pytest.raises(Unavailable) as refused:
        await gateway.hold(CAMPAIGN, reason="Holidays.")

    assert "psql (session 7)" in refused.value.message
    assert refused.value.metadata["reason"] == "STOP_NOT_IN_FORCE"


async def test_the_open_action_is_the_one_explained(asked: Asked) -> None:
    """Actions that are over are passed by; without an open one there is nothing to explain."""
    gateway, linkedin = asked
    linkedin.actions = [
        action_pb2.Action(action_id="2", lead_id="lead_1", state=action_pb2.ACTION_STATE_QUEUED),
        action_pb2.Action(action_id="1", lead_id="lead_1", state=action_pb2.ACTION_STATE_DONE),
        action_pb2.Action(action_id="0", lead_id="lead_2", state=action_pb2.ACTION_STATE_DONE),
    ]
    linkedin.obstacles["2"] = [
        action_pb2.Obstacle(reason="WAITING_FOR_CAP", free_time=Timestamp(seconds=60)),
        action_pb2.Obstacle(reason="HELD"),
    ]

    obstacles = await gateway.obstacles(CAMPAIGN, "lead_1")

    assert obstacles is not None
    assert [(each.reason, each.free_at) for each in obstacles] == [
        ("WAITING_FOR_CAP", datetime.fromtimestamp(60, UTC)),
        ("HELD", None),
    ]
    assert await gateway.obstacles(CAMPAIGN, "lead_2") is None


async def test_a_gateway_that_is_away_is_named(asked: Asked) -> None:
    """Whoever called hears which service cannot be reached."""
    gateway, linkedin = asked
    linkedin.go_away()

    with pytest.raises(Unavailable) as refused:
        await gateway.account("acct_ada")

    assert refused.value.reason == "SERVICE_UNAVAILABLE"
    assert refused.value.metadata == {"dependency": "linkedin-gateway"}


@pytest.mark.parametrize("refusal", [PermissionDenied, Unauthenticated])
async def test_our_own_credentials_are_not_the_callers_fault(
    asked: Asked, refusal: type[ServiceError]
) -> None:
    """That the gateway refuses us is told as that: neither as the caller's fault nor as an outage.

    It used to be told as a gateway that cannot be reached.
    """
    gateway, linkedin = asked
    linkedin.refusal = refusal("Not by this service.")

    with pytest.raises(Unavailable) as refused:
        await gateway.account("acct_ada")

    assert refused.value.reason == "SERVICE_KEY_REFUSED"
    assert "refuses this service's key: Not by this service." in refused.value.message
