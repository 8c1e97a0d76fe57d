"""A bug in every activity of a campaign, on real parts: at its first call or at a later one.

Those are all that the worker registers and that the worlds of single leads do not know, whose bugs
are in the unit tests: one that is new is in either. All campaigns live the same life at the same
time, each with a bug of its own.
"""

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from campaigns.models import Campaign, CampaignState, Lead, LeadState
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import (
    AskAnew,
    CampaignContract,
    InvitationAccepted,
    LeadContract,
    OwnerWrote,
    ReplyReceived,
    StopCampaign,
)
from outreach_worker import policies
from outreach_worker.bug_policy import ANSWERED_BY_REFUSALS
from outreach_worker.worker import Activities
from temporalio.service import RPCError

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.breakable import Bug, name_of
from tests.integration.outreach_worker.conftest import DAY, Engine, people
from tests.integration.outreach_worker.test_live_edit import revise
from tests.unit.outreach_worker.test_every_bug import ACTIVITIES as OF_LEADS

INVITE = Step(
    step_id="invite",
    index=0,
    kind=StepKind.SEND_CONNECTION_REQUEST,
    next_step_id="message",
    next_delay=DAY,
    accept_within=4000 * DAY,
    waits_for_acceptance=True,
)
MESSAGE = Step(step_id="message", index=1, kind=StepKind.SEND_FOLLOWUP, text="Helo!")
PATIENCE, LONG = 5.0, 100.0
SENT_ON_EVERY = 1.0
"""Seconds. A workflow that hears something all the time may never come to its end."""


@pytest.fixture(autouse=True)
def _tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bug keeps from its end is tried again within a second, not within a minute.

    Its interval is as long as the bug has lasted: on a slow machine that was what was waited for.
    """
    monkeypatch.setattr(policies._RETRIES, "initial_interval", timedelta(milliseconds=200))
    monkeypatch.setattr(policies._RETRIES, "maximum_interval", timedelta(seconds=1))


def bugs_of(engine: Engine) -> list[Bug]:
    """For each of them one from its first call on, or one from its second; both if many are asked
    for.
    """
    own = {name_of(each) for each in Activities.all(engine.activities)}
    # No campaign asks for these; `programs/test_daily_program.py` has their bugs.
    of_programs = {name_of(each) for each in engine.activities.program.all()}
    names = sorted(own - {*OF_LEADS} - of_programs)
    # What may be refused is, before it takes effect: then there is no bug.
    effect = {name: name not in ANSWERED_BY_REFUSALS for name in names}
    first = [Bug(activity=name, takes_effect=effect[name]) for name in names]
    later = [Bug(activity=name, spared=1, takes_effect=effect[name]) for name in names]
    if "LAW_WORLDS" in os.environ:
        return first + later
    often = {"admit_leads", "signal_revision", "pause_campaign", "wake_leads"}
    return [(b if a.activity in often else a) for a, b in zip(first, later, strict=True)]


class Life:
    """One campaign's: its four leads are accepted, answered, taken over, and left alone."""

    def __init__(self, engine: Engine, campaign: Campaign, bug: Bug) -> None:
        self.engine, self.campaign, self.bug = engine, campaign, bug
        self.sends_on_at = 0.0

    async def live(self) -> None:
        """Whatever a bug keeps from happening is waited for a while, and then left."""
        engine, campaign_id = self.engine, self.campaign.id
        engine.activities.bugs[campaign_id] = (self.bug,)
        await engine.start(campaign_id)
        await self.within(lambda: self.invited() >= 3)
        leads = await engine.all_leads(campaign_id)
        now = engine.clock.now()
        accepted = InvitationAccepted(event_id="in_1", at=now)
        for lead in (leads[0], leads[3]):
            await self.signal(lead, LeadContract.invitation_accepted, accepted)
        reply = ReplyReceived(event_id="in_2", at=now, text="Hello?")
        await self.signal(leads[1], LeadContract.reply_received, reply)
        wrote = OwnerWrote(event_id="in_3", at=now)
        await self.signal(leads[2], LeadContract.owner_wrote, wrote)
        await self.within(lambda: self.asked("send_message"))
        await revise(engine, campaign_id, INVITE, replace(MESSAGE, text="Hello!"))
        await self.campaign_signal(CampaignContract.ask_anew, AskAnew())
        await self.campaign_signal(CampaignContract.pause_campaign, "Wait.")
        await self.within(lambda: self.is_(CampaignState.PAUSED))
        await self.campaign_signal(CampaignContract.resume_campaign)
        await self.within(lambda: self.is_(CampaignState.RUNNING))
        await revise(engine, campaign_id, INVITE, MESSAGE)
        await self.campaign_signal(CampaignContract.ask_anew, AskAnew())
        await self.campaign_signal(CampaignContract.pause_campaign, "Wait.")
        await self.campaign_signal(CampaignContract.stop_campaign, StopCampaign())

    async def within(self, condition: Any) -> None:
        with suppress(TimeoutError):
            await self.engine.until(condition, within=PATIENCE)

    async def signal(self, lead: Lead, name: Any, argument: Any) -> None:
        with suppress(RPCError):
            await self.engine.lead(lead).signal(name, argument)

    async def campaign_signal(self, name: Any, *argument: Any) -> None:
        handle = self.engine.client.get_workflow_handle(f"campaign/{self.campaign.id}")
        with suppress(RPCError):
            await handle.signal(name, *argument)

    def invited(self) -> int:
        return len(self.kinds("send_invitation"))

    def asked(self, kind: str) -> bool:
        asked = (r for r in self.engine.gateway.asked if r.campaign_id == self.campaign.id)
        return any(request.WhichOneof("action") == kind for request in asked)

    def kinds(self, kind: str) -> list[str]:
        """The people whom an action of that kind has reached."""
        return [
            request.lead_id
            for request in self.engine.gateway.sent
            if request.campaign_id == self.campaign.id and request.WhichOneof("action") == kind
        ]

    async def is_(self, state: CampaignState) -> bool:
        return (await self.engine.campaigns.get(self.campaign.id)).state is state

    @property
    def met(self) -> bool:
        """Whether the bug has been met; some activities are called once in a life."""
        return self.calls > self.bug.spared

    @property
    def calls(self) -> int:
        return self.engine.activities.calls[self.campaign.id, self.bug.activity]

    async def told(self) -> bool:
        """Whether the campaign says which activity fails, and where the log has why."""
        stall = (await self.engine.statuses.counts(self.campaign.id)).stall
        return stall is not None and stall.activity == self.bug.activity and bool(stall.trace_id)

    async def over(self) -> bool:
        """Sent on where it is parked, until every lead and the campaign have ended."""
        if time.monotonic() >= self.sends_on_at:
            await self.send_on()
            self.sends_on_at = time.monotonic() + SENT_ON_EVERY
        # What was refused in the end is over as well, and stalls nothing any more.
        stall = (await self.engine.statuses.counts(self.campaign.id)).stall
        return stall is None and await self.is_(CampaignState.STOPPED)

    async def send_on(self) -> None:
        for lead in await self.engine.all_leads(self.campaign.id):
            if lead.state in (LeadState.PARKED, LeadState.RUNNING):
                with suppress(RPCError):
                    await self.engine.lead(lead).signal(LeadContract.retry)


@pytest.mark.lasts(seconds=20)
async def test_a_bug_in_any_activity_loses_nobody(engine: Engine) -> None:
    """The campaign that it stalls says so, with its trace.

    Once it is mended everything ends, and nobody was contacted twice.
    """
    engine.gateway.always(
        "send_message", not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
    )
    lives = [
        Life(
            engine,
            await engine.new_campaign(
                people(4),
                steps=(INVITE, MESSAGE),
                max_concurrent_leads=3,
                lead_processing_delay=timedelta(),
            ),
            bug,
        )
        for bug in bugs_of(engine)
    ]

    async with engine.working():
        await asyncio.gather(*(life.live() for life in lives))
        unmet = [life.bug for life in lives if not await eventually(engine, lambda: life.met)]  # noqa: B023 - awaited within the round
        untold = [life.bug for life in lives if not await eventually(engine, life.told)]
        engine.activities.bugs.clear()
        await engine.until(lambda: all_over(lives), within=LONG)

    assert (unmet, untold) == ([], [])
    for life in lives:
        await assert_nobody_is_harmed(life)


async def eventually(engine: Engine, condition: Any) -> bool:
    """Whether it holds in the end."""
    with suppress(TimeoutError):
        await engine.until(condition, within=LONG)
        return True
    return False


async def all_over(lives: list[Life]) -> bool:
    return all([await life.over() for life in lives])


async def assert_nobody_is_harmed(life: Life) -> None:
    leads = await life.engine.all_leads(life.campaign.id)
    assert all(lead.reason and lead.ended_at for lead in leads), life.bug
    for kind in ("send_invitation", "send_message"):
        assert len(set(life.kinds(kind))) == len(life.kinds(kind)), (life.bug, kind)
    assert not any(life.engine.gateway.queued(lead.id) for lead in leads), life.bug
