"""What does not open is neither said nor passed over: its lead waits, parked, for the key."""

import asyncio

import pytest
from campaigns.models import Lead, LeadState, Person
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import LeadContract

from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.conftest import Engine

ADA = Person(public_identifier="ada", first_name="Ada")
LONG = 120.0
VISIT = Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT, next_step_id="first")
FIRST = Step(
    step_id="first", index=1, kind=StepKind.SEND_FOLLOWUP, text="Hello", next_step_id="second"
)
SECOND = Step(step_id="second", index=2, kind=StepKind.SEND_FOLLOWUP, text="As I wrote")
CUT_SHORT = {
    "the text": (
        "UPDATE step_texts SET sealed = substring(sealed FROM 1 FOR 40) WHERE lead_id = $1",
        "UPDATE step_texts SET sealed = $2 WHERE lead_id = $1",
        "SELECT sealed FROM step_texts WHERE lead_id = $1",
    ),
    "the person": (
        "UPDATE leads SET person = substring(person FROM 1 FOR 40) WHERE id = $1",
        "UPDATE leads SET person = $2 WHERE id = $1",
        "SELECT person FROM leads WHERE id = $1",
    ),
}


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize(
    ("what", "because", "sent_before", "said"),
    [
        # Who is sent on from a step is written to anew.
        ("the text", "TEXT_UNREADABLE", ["visit_profile"], "Hello"),
        ("the person", "PERSON_UNREADABLE", [], "Dear Ada"),
    ],
)
async def test_a_lead_is_parked_until_it_opens(
    engine: Engine, what: str, because: str, sent_before: list[str], said: str
) -> None:
    """No message goes out, nor one that follows it; sent on, each goes once."""
    cut, put_back, kept = CUT_SHORT[what]
    campaign = await engine.new_campaign([ADA], steps=(VISIT, FIRST, SECOND))
    (lead,) = await engine.all_leads(campaign.id)
    await StepTextRepository(engine.pool, SEAL).keep(lead.id, FIRST.step_id, "Dear Ada")
    whole = await engine.pool.fetchval(kept, lead.id)
    await engine.pool.execute(cut, lead.id)

    async def parked() -> Lead | None:
        (now,) = await engine.all_leads(campaign.id)
        return now if now.state is LeadState.PARKED else None

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(parked, within=LONG)
        stopped = await parked()
        sent = [request.WhichOneof("action") for request in engine.gateway.sent]
        await engine.pool.execute(put_back, lead.id, whole)
        await engine.lead(lead).signal(LeadContract.retry)
        await asyncio.wait_for(handle.result(), LONG)

    assert stopped is not None
    assert (stopped.reason, bool(stopped.trace_id)) == (because, True)
    assert sent == sent_before
    messages = ["visit_profile", "send_message", "send_message"]
    assert engine.gateway.sent_to("ada") == messages
    texts = [request.send_message.text for request in engine.gateway.sent[1:]]
    assert texts == [said, "As I wrote"]
    (ended,) = await engine.all_leads(campaign.id)
    assert ended.state is LeadState.COMPLETED
