"""A sender that does not come back is replaced: who goes on from the new one, and who stays."""

from collections.abc import Awaitable, Callable
from dataclasses import replace as from_step
from datetime import timedelta

import pytest
from campaigns.models import Campaign, ConnectionState, Lead, LeadState, ParkedSenders
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.senders.replacement import ContactedLeads, ReplacementPolicy
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import EndLead, LeadContract
from campaigns.workflow.wake import wake_lead
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach_worker.steps.contracts import PerformStep, StepPerformed
from servicekit.errors import NotYet
from temporalio.testing import ActivityEnvironment

from tests.fakes.gateway import not_yet, refusal
from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.conftest import DAY, STEPS, Engine, people
from tests.integration.outreach_worker.test_waking import backing_off

VISIT_AND_LIKE = (
    Step(
        step_id="visit",
        index=0,
        kind=StepKind.PROFILE_VISIT,
        next_step_id="like",
        next_delay=DAY,
    ),
    Step(step_id="like", index=1, kind=StepKind.LIKE_POST),
)
WAITING = {"parked_senders": ParkedSenders.WAIT, "lead_processing_delay": timedelta()}
OLD, NEW = "acct_one", "acct_new"
MOVE_ALL = ReplacementPolicy(contacted=ContactedLeads.MOVE, connected=ContactedLeads.MOVE)


async def replace(engine: Engine, campaign: Campaign, policy: ReplacementPolicy) -> None:
    """As the RPC does it: the rows, then a nudge for who waits."""
    senders = SenderRepository(engine.pool, SEAL)
    replaced = await senders.replace(campaign.id, OLD, NEW, policy)
    for lead_id in replaced.which(ContactedLeads.MOVE):
        await wake_lead(engine.client, campaign.id, lead_id, jitter=timedelta())


async def of_the_old_account(engine: Engine, campaign: Campaign) -> Lead:
    (lead,) = [each for each in await engine.all_leads(campaign.id) if each.sender_id in (OLD, NEW)]
    return lead


async def parked(engine: Engine, lead: Lead) -> None:
    """Wait until an action of the lead waits for its account to come back."""
    await engine.until(
        lambda: (OLD, lead.id) in {(each.account_id, each.lead_id) for each in engine.gateway.asked}
    )
    await engine.until(lambda: backing_off(engine, engine.lead(lead).id))


def sent_from(engine: Engine, lead: Lead) -> list[tuple[str, str]]:
    """What reached the person, and from which account."""
    return [
        (each.WhichOneof("action") or "", each.account_id)
        for each in engine.gateway.sent
        if each.lead_id == lead.id
    ]


async def test_who_was_not_contacted_goes_on_from_the_new_account(engine: Engine) -> None:
    """Its action at the old account is called off, and the campaign uses that no more."""
    engine.gateway.parked = {OLD}
    campaign = await engine.new_campaign(people(2), steps=VISIT_AND_LIKE, **WAITING)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=2)

    async with engine.working():
        await engine.start(campaign.id)
        lead = await of_the_old_account(engine, campaign)
        await parked(engine, lead)
        await replace(engine, campaign, ReplacementPolicy())
        await engine.lead(lead).result()

    assert sent_from(engine, lead) == [("visit_profile", NEW), ("react_to_post", NEW)]
    asked_of_old = {each.action_id for each in engine.gateway.asked if each.account_id == OLD}
    assert [engine.gateway.actions[each].state for each in asked_of_old] == [
        action_pb2.ACTION_STATE_CANCELLED
    ]
    assert (await engine.campaigns.get(campaign.id)).account_ids == ("acct_two", NEW)


@pytest.mark.parametrize(
    ("policy", "likes"),
    [(ReplacementPolicy(), []), (MOVE_ALL, [("react_to_post", NEW)])],
    ids=["stays", "moves"],
)
async def test_who_was_contacted_goes_on_only_by_policy(
    engine: Engine, policy: ReplacementPolicy, likes: list[tuple[str, str]]
) -> None:
    """By default a person hears from one account."""
    campaign = await engine.new_campaign(people(2), steps=VISIT_AND_LIKE, **WAITING)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.sent) == 2)
        engine.gateway.parked = {OLD}
        lead = await of_the_old_account(engine, campaign)
        await parked(engine, lead)
        await replace(engine, campaign, policy)
        if likes:
            await engine.lead(lead).result()

    assert sent_from(engine, lead) == [("visit_profile", OLD), *likes]


async def test_the_new_account_is_not_connected_to_anybody(engine: Engine) -> None:
    """What the old one was to the lead is forgotten; its message fails, and the lead goes on."""
    engine.gateway.always("send_message", refusal("NOT_CONNECTED"))
    engine.gateway.always("send_invitation", action_pb2.ActionOutcome(connected=True))
    campaign = await engine.new_campaign(people(2), steps=STEPS, **WAITING)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(
            lambda: (
                ("send_invitation", OLD)
                in [(each.WhichOneof("action"), each.account_id) for each in engine.gateway.sent]
            )
        )
        engine.gateway.parked = {OLD}
        lead = await of_the_old_account(engine, campaign)
        await parked(engine, lead)
        await replace(engine, campaign, MOVE_ALL)
        result = await engine.lead(lead).result()

    *_, written = [each for each in engine.gateway.asked if each.lead_id == lead.id]
    assert written.WhichOneof("action") == "send_message"
    assert (written.account_id, result.state) == (NEW, "completed")
    now = await engine.leads.get(campaign.id, lead.id)
    assert (now.account_id, now.replacement_account_id) == (NEW, "")
    assert now.connection is ConnectionState.NONE


def attempt_of(
    engine: Engine, campaign: Campaign, lead: Lead
) -> Callable[[], Awaitable[StepPerformed]]:
    """One attempt at the lead's first step."""
    step = PerformStep(
        campaign_id=campaign.id,
        lead_id=lead.id,
        revision_id=campaign.revision_id,
        step_id="visit",
        kind=StepKind.PROFILE_VISIT,
    )

    async def attempt() -> StepPerformed:
        performed: StepPerformed = await ActivityEnvironment().run(
            engine.activities.linkedin.perform_step, step
        )
        return performed

    return attempt


@pytest.mark.parametrize("policy", [ReplacementPolicy(), MOVE_ALL], ids=["stays", "moves"])
async def test_what_was_on_the_wire_counts_as_contact(
    engine: Engine, policy: ReplacementPolicy
) -> None:
    """It landed from the old account after all: the lead stays, or moves before its next step."""
    campaign = await engine.new_campaign(people(2), steps=VISIT_AND_LIKE, **WAITING)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=2)
    lead = await of_the_old_account(engine, campaign)

    async def answer_is_lost(request: pb.PerformActionRequest) -> None:
        del request
        raise not_yet("IN_FLIGHT")

    engine.gateway.comes["visit_profile"] = answer_is_lost
    attempt = attempt_of(engine, campaign, lead)
    with pytest.raises(NotYet):
        await attempt()
    await SenderRepository(engine.pool, SEAL).replace(campaign.id, OLD, NEW, policy)
    for action in engine.gateway.actions.values():
        action.state = action_pb2.ACTION_STATE_DONE
    performed = await attempt()

    now = await engine.leads.get(campaign.id, lead.id)
    assert (performed.outcome, performed.reassigned_to) == ("done", "")
    assert now.account_id == OLD
    assert now.sender_id == (NEW if policy is MOVE_ALL else OLD)


async def test_what_is_on_the_wire_when_a_lead_ends_with_its_sender_is_recorded(
    engine: Engine,
) -> None:
    """The lead waits until that is known; nothing follows it, and the end says why."""

    async def answer_is_lost(request: pb.PerformActionRequest) -> None:
        engine.gateway.actions[request.action_id].state = action_pb2.ACTION_STATE_UNKNOWN
        raise not_yet("IN_FLIGHT", retry_after=4000 * DAY)

    engine.gateway.comes["react_to_post"] = answer_is_lost
    visit, like = VISIT_AND_LIKE
    message = Step(step_id="message", index=2, kind=StepKind.SEND_FOLLOWUP, text="Hello!")
    steps = (visit, from_step(like, next_step_id="message"), message)
    campaign = await engine.new_campaign(people(2), steps=steps, **WAITING)
    ends = ReplacementPolicy(contacted=ContactedLeads.END, connected=ContactedLeads.END)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 4)
        lead = await of_the_old_account(engine, campaign)
        senders = SenderRepository(engine.pool, SEAL)
        replaced = await senders.replace(campaign.id, OLD, NEW, ends)
        (ended,) = replaced.which(ContactedLeads.END)
        await engine.lead(lead).signal(LeadContract.end, EndLead(reason="SENDER_GONE"))
        await engine.until(lambda: engine.activities.calls[campaign.id, "call_off_step"])
        (still,) = [each for each in await engine.all_leads(campaign.id) if each.id == lead.id]
        for action in engine.gateway.actions.values():
            action.state = action_pb2.ACTION_STATE_DONE
        result = await engine.lead(lead).result()

    assert (ended, still.state) == (lead.id, LeadState.RUNNING)
    assert (result.state, result.reason) == (LeadState.STOPPED, "SENDER_GONE")
    history = (await engine.steps.history([lead.id]))[lead.id]
    assert [(row.step_id, row.state) for row in history if row.state != "skipped"] == [
        ("visit", "done"),
        ("like", "done"),
    ]
    assert sent_from(engine, lead) == [("visit_profile", OLD)]


async def test_an_attempt_after_a_crash_goes_through_with_it(engine: Engine) -> None:
    """However often the attempt is repeated, it says the same, and nothing goes from either."""
    campaign = await engine.new_campaign(people(2), steps=VISIT_AND_LIKE, **WAITING)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=2)
    lead = await of_the_old_account(engine, campaign)
    await SenderRepository(engine.pool, SEAL).replace(campaign.id, OLD, NEW, MOVE_ALL)
    attempt = attempt_of(engine, campaign, lead)

    performed = [await attempt() for _ in range(3)]

    assert [(each.reassigned_to, each.strangers) for each in performed] == [(NEW, True)] * 3
    assert engine.gateway.asked == []


async def test_one_lead_moves_while_its_account_can_act(engine: Engine) -> None:
    """What waits at the old account is called off, and the new one begins where it was."""
    engine.gateway.always("visit_profile", not_yet("WAITING_FOR_HOURS", retry_after=DAY))
    campaign = await engine.new_campaign(people(1), steps=VISIT_AND_LIKE, **WAITING)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: bool(engine.gateway.asked))
        (lead,) = await engine.all_leads(campaign.id)
        other = "acct_two" if lead.account_id == OLD else OLD
        await engine.until(lambda: backing_off(engine, engine.lead(lead).id))
        del engine.gateway.comes["visit_profile"]
        senders = SenderRepository(engine.pool, SEAL)
        await senders.move(campaign.id, lead.id, other, even_if_contacted=False)
        await wake_lead(engine.client, campaign.id, lead.id, jitter=timedelta())
        await engine.lead(lead).result()

    assert sent_from(engine, lead) == [("visit_profile", other), ("react_to_post", other)]


async def test_a_lead_that_somebody_stops_is_called_off(engine: Engine) -> None:
    """What waits for its turn is taken back, and the row says who ended it."""
    engine.gateway.always("visit_profile", not_yet("WAITING_FOR_HOURS", retry_after=DAY))
    campaign = await engine.new_campaign(people(1), steps=VISIT_AND_LIKE, **WAITING)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: bool(engine.gateway.asked))
        (lead,) = await engine.all_leads(campaign.id)
        await engine.lead(lead).signal(LeadContract.end, EndLead(reason="LEAD_STOPPED"))
        await engine.lead(lead).result()

    (lead,) = await engine.all_leads(campaign.id)
    assert (lead.state, lead.reason) == (LeadState.STOPPED, "LEAD_STOPPED")
    assert sent_from(engine, lead) == []
    assert {each.state for each in engine.gateway.actions.values()} == {
        action_pb2.ACTION_STATE_CANCELLED
    }
