"""outreach_worker.training: what models are learned from is what rows say came of invitations."""

from dataclasses import replace

from automation.decisions.decision import DecisionState
from automation.outcomes.cohorts import MATURE_AFTER
from automation.scoring.rules import Rules
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from outreach_worker.training.examples import Examples

from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.reports.test_reports import DAY, NOW, World, released, world

__all__ = ["world"]


async def test_rows_are_of_those_whose_time_is_over(world: World) -> None:
    """Each as the journal has it; whom chance chose is known by the release that took effect.

    Also to a program that comes after the one that released.
    """
    program = await world.begin(60)
    await world.invite(program, days=20, a_day=3)
    await released(world, program, NOW - 21 * DAY, DecisionState.APPLIED)
    examples = Examples(
        OutcomeRepository(world.pool),
        InvitedPeopleRepository(world.pool, SEAL),
        world.activities._records._from.records,
    )

    found = await examples.of(program, rules=Rules(), now=NOW)
    after = await examples.of(replace(program, program_id="prog_after"), rules=Rules(), now=NOW)
    rows = {row.lead_id: row for row in found}

    over = {
        each.lead_id: (each.accepted_at is not None, number % 4 == 0)
        for number, each in enumerate(world.journal)
        if each.sent_at + MATURE_AFTER <= NOW
    }
    assert 0 < len(over) < len(world.journal)
    assert {lead_id: (row.accepted, row.explored) for lead_id, row in rows.items()} == over
    assert {row.lead_id for row in after if row.explored} == {
        row.lead_id for row in found if row.explored
    }


async def test_nothing_is_learned_of_who_was_invited_a_year_ago(world: World) -> None:
    """Their rows are not read; whoever came after them is learned from as before."""
    program = await world.begin(60)
    await world.invite(program, days=20, a_day=3)
    over = [each.lead_id for each in world.journal if each.sent_at + MATURE_AFTER <= NOW]
    await world.pool.execute(
        "UPDATE step_executions SET ended_at = $2 WHERE lead_id = $1", over[0], NOW - 365 * DAY
    )
    examples = Examples(
        OutcomeRepository(world.pool),
        InvitedPeopleRepository(world.pool, SEAL),
        world.activities._records._from.records,
    )

    rows = await examples.of(program, rules=Rules(), now=NOW)

    assert {row.lead_id for row in rows} == set(over[1:])
