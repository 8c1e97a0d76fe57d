"""What every side says about a campaign that has ended, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from outreach.campaign.v1 import campaign_pb2

from devstack.demo.consistency import (
    Check,
    LeadWithSteps,
    consistency_checks,
    expected_events,
    never_began,
)
from devstack.demo.driver import Driver
from devstack.demo.journal import CapUse, Write, cap_uses, writes
from devstack.stack.receiver import Received, count_types

_LAST_WEBHOOKS_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything that is known of a campaign that has ended."""

    status: campaign_pb2.CampaignStatus
    leads: Sequence[LeadWithSteps]
    made: Sequence[Write]
    uses: Sequence[CapUse]
    events: Sequence[Received]
    received: int
    checks: Sequence[Check]

    @property
    def good(self) -> bool:
        """It completed, and everything that must be true of it is."""
        completed = self.status.state == campaign_pb2.CAMPAIGN_STATE_COMPLETED
        return completed and all(check.holds for check in self.checks)


async def collect_outcome(driver: Driver, campaign_id: str) -> Outcome:
    """Collect what every side says about a campaign that has ended, and compare.

    People go on writing to a campaign that has ended. What the sides said counts only if
    the status was the same before and after.
    """
    while True:
        status = await driver.status(campaign_id)
        found = await _seen_by_all(driver, campaign_id, status)
        if _counts(await driver.status(campaign_id)) == _counts(status):
            return found


async def _seen_by_all(
    driver: Driver, campaign_id: str, status: campaign_pb2.CampaignStatus
) -> Outcome:
    receiver = driver.stack.receiver

    def about_it() -> list[Received]:
        return [it for it in receiver.events() if _is_about(it, campaign_id)]

    leads = await driver.leads(campaign_id)
    expected = expected_events(status, never_began=never_began(leads))
    await receiver.until(lambda: expected <= count_types(about_it()), within=_LAST_WEBHOOKS_WITHIN)
    known_as = await _known_as(driver, leads)
    people = set(known_as.values())
    everything = writes(await driver.stack.simulator.journal())
    uses = cap_uses(everything, await driver.caps())
    events, received = about_it(), list(receiver.received)
    made = [write for write in everything if write.target in people]
    return Outcome(
        status=status,
        leads=leads,
        made=made,
        uses=uses,
        events=events,
        received=len(received),
        checks=consistency_checks(
            status=status,
            leads=leads,
            known_as=known_as,
            made=made,
            uses=uses,
            events=events,
            unverified=sum(not it.verified for it in received),
        ),
    )


async def _known_as(driver: Driver, leads: Sequence[LeadWithSteps]) -> Mapping[str, str]:
    """What the journal calls each lead: on a list somebody may stand under several names."""
    called = {each.lead.public_identifier for each in leads}
    return {name: await driver.stack.simulator.known_as(name) for name in sorted(called)}


def _counts(status: campaign_pb2.CampaignStatus) -> campaign_pb2.CampaignStatus:
    """The status without what differs at every look."""
    counts = campaign_pb2.CampaignStatus()
    counts.CopyFrom(status)
    counts.ClearField("count_time")
    return counts


def _is_about(received: Received, campaign_id: str) -> bool:
    campaign = (received.event.get("data") or {}).get("campaign") or {}
    return bool(campaign.get("id") == campaign_id)
