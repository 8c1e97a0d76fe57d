"""A campaign's sequence is edited while its leads walk it, on real parts."""

from dataclasses import replace
from datetime import timedelta

from campaigns.campaign_edit import CampaignEdit
from campaigns.models import LeadState, StepState
from campaigns.repositories.edits.campaign_edit_repository import CampaignEditRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence as Steps
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import (
    CampaignContract,
    LeadContract,
    ReplyReceived,
    lead_workflow_id,
)
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb
from servicekit.etags import WHATEVER
from servicekit.ids import new_id

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import DAY, Engine, people

VISIT = Step(
    step_id="visit",
    index=0,
    kind=StepKind.PROFILE_VISIT,
    next_step_id="message",
    next_delay=DAY,
)
MESSAGE = Step(step_id="message", index=1, kind=StepKind.SEND_FOLLOWUP, text="Helo!")
LATER = timedelta(days=4000)


async def revise(engine: Engine, campaign_id: str, *steps: Step) -> Revision:
    sequence = Steps(steps=steps)
    revision = await RevisionRepository(engine.pool).adopt(
        Revision(
            id=new_id("seq"),
            campaign_id=campaign_id,
            number=0,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json="{}",
            created_at=engine.clock.now(),
        )
    )
    await engine.client.get_workflow_handle(f"campaign/{campaign_id}").signal(
        CampaignContract.update_workflow
    )
    return revision


async def test_a_text_is_mended_for_those_who_wait_for_it(engine: Engine) -> None:
    """The old request is called off, the new text is sent once, under the new revision."""
    waits = {"on": True}

    async def comes(_: pb.PerformActionRequest) -> None:
        if waits["on"]:
            raise not_yet("WAITING_FOR_HOURS", retry_after=LATER)

    engine.gateway.comes["send_message"] = comes
    campaign = await engine.new_campaign(
        people(3), steps=(VISIT, MESSAGE), lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: asked(engine, "send_message") == 3)
        waits["on"] = False
        revision = await revise(engine, campaign.id, VISIT, replace(MESSAGE, text="Hello!"))
        await handle.result()

    leads = await engine.all_leads(campaign.id)
    history = await engine.steps.history([lead.id for lead in leads])
    written = [each for each in engine.gateway.sent if each.HasField("send_message")]
    texts = [each.send_message.text for each in written]
    assert texts == ["Hello!"] * 3
    assert {lead.revision_id for lead in leads} == {revision.id}
    assert all(
        [(step.step_id, step.state) for step in history[lead.id]]
        == [("visit", StepState.DONE), ("message", StepState.DONE)]
        for lead in leads
    )
    cancelled = [
        name
        for name, action in engine.gateway.actions.items()
        if action.state == action_pb2.ACTION_STATE_CANCELLED
    ]
    assert len(cancelled) == 3


async def test_leads_past_the_change_keep_theirs_and_new_ones_begin_on_it(engine: Engine) -> None:
    """The first lead has visited and finishes the old way; those not begun begin the new way."""
    engine.gateway.always("send_message", not_yet("WAITING_FOR_HOURS", retry_after=LATER))
    campaign = await engine.new_campaign(
        people(3),
        steps=(VISIT, MESSAGE),
        max_concurrent_leads=2,
        lead_processing_delay=timedelta(days=3000),
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: asked(engine, "send_message") == 1)
        like = Step(step_id="like", index=0, kind=StepKind.LIKE_POST)
        revision = await revise(engine, campaign.id, like)
        await engine.until(lambda: moved(engine, campaign.id, revision.id))
        first, second, third = await engine.all_leads(campaign.id)
        began = second.started_at
        await handle.signal(CampaignContract.leads_added)

    assert first.revision_id == campaign.revision_id
    assert second.revision_id == revision.id
    # It was not woken before its time.
    assert began is None
    assert third.revision_id in ("", revision.id)


async def test_leads_in_the_sequence_go_by_the_reply_policy_of_now(engine: Engine) -> None:
    """A person had replied, which did not matter; once it does the lead ends, and nothing is sent.

    The others, whose people are silent, keep their turns at the gateway.
    """
    engine.gateway.always("send_message", not_yet("WAITING_FOR_HOURS", retry_after=LATER))
    campaign = await engine.new_campaign(
        people(2),
        steps=(VISIT, MESSAGE),
        lead_processing_delay=timedelta(),
        continue_after_reply=True,
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: asked(engine, "send_message") == 2)
        first, second = await engine.all_leads(campaign.id)
        reply = ReplyReceived(event_id="in_1", at=engine.clock.now(), text="Hello?")
        lead = engine.client.get_workflow_handle_for(
            LeadContract.run, lead_workflow_id(campaign.id, first.id)
        )
        await lead.signal(LeadContract.reply_received, reply)
        await engine.until(lambda: replied(engine, campaign.id))
        assert (await lead.query(LeadContract.lead_status)).state == LeadState.RUNNING
        ends = CampaignEdit(etag=WHATEVER, settings={"continue_after_reply": False})
        await CampaignEditRepository(engine.pool).edit(campaign.id, ends)
        await handle.signal(CampaignContract.update_workflow)
        await lead.result()

    first, second = await engine.all_leads(campaign.id)
    assert (first.state, second.state) == (LeadState.REPLIED, LeadState.RUNNING)
    assert not [each for each in engine.gateway.sent if each.HasField("send_message")]
    assert {
        each.lead_id
        for name, each in engine.gateway.actions.items()
        if each.state == action_pb2.ACTION_STATE_CANCELLED
    } == {first.id}


async def replied(engine: Engine, campaign_id: str) -> bool:
    first, _ = await engine.all_leads(campaign_id)
    return bool(first.reply)


def asked(engine: Engine, kind: str) -> int:
    return len({each.lead_id for each in engine.gateway.asked if each.HasField(kind)})  # type: ignore[arg-type]


async def moved(engine: Engine, campaign_id: str, revision_id: str) -> bool:
    _, second, _ = await engine.all_leads(campaign_id)
    return second.revision_id == revision_id
