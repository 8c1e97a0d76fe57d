"""The adapter to linkedin-gateway, against a gRPC server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from campaign_api.clients.linkedin_gateway import Gateway
from campaigns.models import Campaign, CampaignSettings, CampaignState
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.linkedin.v1 import account_pb2, action_pb2
from servicekit.errors import Internal, PermissionDenied, Unavailable
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


async def test_holds_come_and_go(asked: Asked) -> None:
    """A hold on a campaign carries its reason, and is gone once lifted."""
    gateway, _ = asked

    await gateway.hold(CAMPAIGN, reason="Holidays.")
    [hold] = await gateway.holds()
    await gateway.lift_hold(CAMPAIGN)

    assert (hold.scope, hold.subject_id, hold.reason) == ("campaign", "camp_1", "Holidays.")
    assert await gateway.holds() == []


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


async def test_our_own_credentials_are_not_the_callers_fault(asked: Asked) -> None:
    """That the gateway refuses us is a bug of ours, and must not look like the caller's."""
    gateway, linkedin = asked
    linkedin.refusal = PermissionDenied("Not by this service.")

    with pytest.raises(Internal):
        await gateway.account("acct_ada")
