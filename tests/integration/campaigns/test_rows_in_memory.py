"""The rows that stories are told with keep the rules of the real ones."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.sequence import StepKind

from tests.fakes.lead_world import MemoryLeads
from tests.integration.campaigns.conftest import NOW, NewCampaign


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_calls_leave_the_same_rows(
    leads: LeadRepository, steps: StepRepository, new_campaign: NewCampaign, seed: int
) -> None:
    """Steps recorded, repeated and skipped in any order, and an end that comes twice."""
    random = Random(seed)
    campaign = await new_campaign(1)
    ((_, lead),) = await leads.page(campaign.id, limit=1)
    # Only an admitted lead walks; admission is not what is compared.
    lead = replace(lead, state=LeadState.RUNNING)
    await leads._pool.execute("UPDATE leads SET state = 'running' WHERE id = $1", lead.id)
    memory = MemoryLeads(lead)
    now = NOW

    for _ in range(40):
        now += timedelta(minutes=1)
        step_id, state = f"s{random.randint(0, 5)}", random.choice([*StepState])
        ended = state is not StepState.WAITING
        execution = StepExecution(
            step_id=step_id,
            state=state,
            reason=random.choice(["", "NO_POSTS"]) if ended else "",
            started_at=now,
            ended_at=now if ended else None,
            exit_name=random.choice(["", "yes"]) if ended else "",
        )
        skips, reason = random.random() < 0.2, random.choice(["", "ALREADY_REPLIED"])
        answers: list[Any] = []
        for rows in (steps, memory):
            if skips:
                skipped = await rows.skip_waiting(lead.id, reason=reason, now=now)
                answers.append(sorted(skipped))
            else:
                answers.append(await rows.record(campaign.id, lead.id, StepKind.WAIT, execution))
        assert answers[0] == answers[1]
        assert await steps.ended(lead.id, step_id) == await memory.ended(lead.id, step_id)

    for _ in range(6):
        at, by_owner = now + timedelta(minutes=random.randint(0, 9)), random.random() < 0.5
        suppression_id = random.choice(["", f"supp_{at.minute}"])
        for rows in (leads, memory):
            if by_owner:
                await rows.record_owner_message(lead.id, at=at)
            else:
                await rows.record_answer(lead.id, at=at, suppression_id=suppression_id)
        stored = await leads.get(campaign.id, lead.id)
        kept = await memory.get(campaign.id, lead.id)
        assert stored.owner_wrote_at == kept.owner_wrote_at
        assert (stored.opted_out_at, stored.suppression_id) == (
            kept.opted_out_at,
            kept.suppression_id,
        )

    for rows in (leads, memory):
        await rows.record_connection(lead.id, ConnectionState.INVITED, at=now)
        for state in (LeadState.REPLIED, LeadState.STOPPED):
            await rows.finish(lead.id, state=state, reason=state, now=now)
        for text in ("first", "second"):
            await rows.record_reply(lead.id, text, at=now)
    stored = await leads.get(campaign.id, lead.id)
    kept = await memory.get(campaign.id, lead.id)
    history = (await steps.history([lead.id]))[lead.id]
    assert {row.step_id: row for row in history} == memory.rows
    assert (stored.state, stored.reason, stored.connection, stored.reply) == (
        kept.state,
        kept.reason,
        kept.connection,
        kept.reply,
    )
