"""What is approved long after it was proposed, on real rows: who still fits is released."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import pytest
from automation.decisions.decision import DecidedLead, DecisionState
from automation.programs.program import ProgramEdit
from automation.reports.record_repository import RecordRepository
from campaigns.repositories.admission.release import ToRelease
from campaigns.repositories.admission.release_repository import ReleaseRepository
from campaigns.repositories.outcomes.outcome import Outcome

from tests.integration.outreach_worker.programs.office import Office, opened
from tests.integration.outreach_worker.programs.test_day_selection import NOW

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def office(new_database: Callable[..., str]) -> AsyncIterator[Office]:
    async with opened(new_database) as made:
        yield made


def left_out(leads: Sequence[DecidedLead]) -> Counter[str]:
    return Counter(each.left_out.value for each in leads if each.left_out is not None)


async def test_two_days_that_are_approved_on_one_keep_to_its_plan(office: Office) -> None:
    """The first that is approved has it; of the other each lead says what keeps it out."""
    campaign = await office.campaign(24)
    program = await office.program(campaign)
    monday = await office.proposed(program)
    await office.add(campaign, [f"Firm {number}" for number in range(6)])
    front = await office.decisions.leads(monday.id)
    await office.campaign_pool.execute(
        "UPDATE leads SET held_reason = 'test' WHERE id = ANY($1)",
        [each.lead_id for each in front],
    )
    tuesday = await office.proposed(program, on=TOMORROW)
    await office.campaign_pool.execute("UPDATE leads SET held_reason = ''")

    first, second = await office.approved(monday, tuesday, at=TOMORROW + timedelta(hours=3))

    assert set(await office.released()) == {each.lead_id for each in front}
    assert (first.state, first.change.after["released"]) == (DecisionState.APPLIED, 6)
    assert (second.state, second.failure) == (DecisionState.SUPERSEDED, "NOBODY_FITS")
    assert left_out(await office.decisions.leads(second.id)) == {"plan": 6}
    assert left_out(await office.decisions.leads(first.id)) == {}


async def test_who_must_not_be_contacted_any_more_is_left_out(office: Office) -> None:
    """Put on the list between the proposal and its answer: the others are released."""
    program = await office.program(await office.campaign(6))
    monday = await office.proposed(program)
    office.suppressions.people = {"person-2", "person-3"}

    (done,) = await office.approved(monday, at=NOW + timedelta(hours=3))

    assert len(await office.released()) == 4
    assert left_out(await office.decisions.leads(done.id)) == {"suppressed": 2}


async def test_the_same_people_of_two_days_are_released_once(office: Office) -> None:
    """Proposed again, as nobody had answered: who is released already is left out by that."""
    program = await office.program(await office.campaign(24), plan=12)
    monday = await office.proposed(program)
    edit = ProgramEdit(changes={"plan_per_day": 20})
    program = await office.programs.edit(program.program_id, edit, now=NOW)
    tuesday = await office.proposed(program, on=TOMORROW)
    (applied,) = await office.approved(monday, at=TOMORROW)

    (second,) = await office.approved(tuesday, at=TOMORROW)

    assert applied.change.after["released"] == 12
    assert (second.state, second.change.after["released"]) == (DecisionState.APPLIED, 8)
    assert second.change.after["left_out"] == 12
    assert left_out(await office.decisions.leads(second.id)) == {"already_released": 12}


async def test_programs_do_not_share_out_one_slot_twice_by_approval(office: Office) -> None:
    """Four proposals of the same senders, approved and done at once: no slot is given twice."""
    office.gateway.free = 5
    programs = [await office.program(await office.of_firms(20), plan=20) for _ in range(4)]
    proposals = await asyncio.gather(*(office.proposed(each) for each in programs))

    await office.approved(*proposals, at=NOW + timedelta(hours=1))

    assert Counter((await office.released()).values()) == {"acct_one": 11, "acct_two": 11}


async def test_a_company_stays_with_one_sender_however_late_is_approved(office: Office) -> None:
    """Two days proposed two of its people to two senders, or to one: the second waits."""
    campaign = await office.campaign(0)
    program = await office.program(campaign, plan=2)
    await office.add(campaign, ["Acme", "Alone", "Acme", "Other"])
    acme, alone, again, other = await office.ids(campaign)
    monday = await office.proposed(program)
    await office.campaign_pool.execute(
        "UPDATE leads SET held_reason = 'test' WHERE id = ANY($1)", [acme, alone]
    )
    tuesday = await office.proposed(program, on=TOMORROW)
    # To the other sender than Monday's, and more than a day's plan in all.
    await office.pool.execute(
        "UPDATE decision_leads SET account_id ="
        " CASE lead_id WHEN $1 THEN 'acct_one' WHEN $2 THEN 'acct_two' ELSE account_id END",
        acme,
        again,
    )
    await office.campaign_pool.execute("UPDATE leads SET held_reason = ''")
    edit = ProgramEdit(changes={"plan_per_day": 20})
    await office.programs.edit(program.program_id, edit, now=NOW)

    await office.approved(monday, tuesday, at=TOMORROW)

    assert set(await office.released()) == {acme, alone, other}
    assert left_out(await office.decisions.leads(tuesday.id)) == {"company_spacing": 1}


async def test_who_has_changed_since_is_left_out_by_what_they_are(office: Office) -> None:
    """Released by hand, on their way, held back, deleted, or their sender sends no more."""
    campaign = await office.campaign(24)
    program = await office.program(campaign)
    decision = await office.proposed(program)
    by_hand, running, held, gone, foreign, fits = (
        each.lead_id for each in await office.decisions.leads(decision.id)
    )
    await office.release(campaign, [by_hand])
    rows = office.campaign_pool
    await rows.execute("UPDATE leads SET state = 'running' WHERE id = $1", running)
    await rows.execute("UPDATE leads SET held_reason = 'test' WHERE id = $1", held)
    await rows.execute("DELETE FROM leads WHERE id = $1", gone)
    await office.pool.execute(
        "UPDATE decision_leads SET account_id = 'acct_gone' WHERE lead_id = $1", foreign
    )

    (applied,) = await office.approved(decision, at=NOW + timedelta(hours=1))

    assert set(await office.released()) == {by_hand, fits}
    assert (applied.state, applied.change.after["released"]) == (DecisionState.APPLIED, 1)
    found = {
        each.lead_id: each.left_out and each.left_out.value
        for each in await office.decisions.leads(decision.id)
    }
    assert found == {
        by_hand: "already_released",
        running: "not_ready",
        held: "held",
        gone: "not_found",
        foreign: "account_not_of_campaign",
        fits: None,
    }


async def test_what_its_sender_can_do_is_asked_again(office: Office) -> None:
    """In the morning it had all of its slots; by the answer somebody's leads have taken them."""
    other = await office.of_firms(30)
    program = await office.program(await office.campaign(24))
    decision = await office.proposed(program)
    asked = [
        ToRelease(lead_id=each, account_id="acct_one") for each in (await office.ids(other))[:21]
    ]
    await ReleaseRepository(office.campaign_pool).release(other.id, "rel_1", asked, now=NOW)
    office.gateway.silent = {"acct_two"}

    (applied,) = await office.approved(decision, at=NOW + timedelta(hours=1))

    assert applied.change.after["released"] == 1 + 3
    assert left_out(await office.decisions.leads(decision.id)) == {"sender": 2}
    records, of = RecordRepository(office.pool), (program.organization_id, program.program_id)
    told = await records.left_out(*of, since=NOW - timedelta(days=1))
    assert told == {(NOW.date(), "acct_one"): {"sender": 2}}
    released = await office.released()
    rows = await office.campaign_pool.fetch("SELECT id AS lead_id, release_id FROM leads")
    sent = {"step_id": "invite", "variant": "", "account_id": "acct_one", "sent_at": NOW}
    invited = [Outcome(**row, **sent) for row in rows]
    placings = await records.placings("org_north", program.campaign_id, invited)
    assert set(placings) == set(released) - {each.lead_id for each in asked}


async def test_a_repeat_finds_who_fitted_the_first_time(office: Office) -> None:
    """Whatever has changed since the first attempt, whose answer was lost."""
    program = await office.program(await office.campaign(24))
    decision = await office.proposed(program)
    (first,) = await office.approved(decision, at=NOW)
    await office.pool.execute("UPDATE decisions SET state = 'proposed', applied_at = NULL")
    edit = ProgramEdit(changes={"plan_per_day": 1})
    await office.programs.edit(program.program_id, edit, now=NOW)

    again = await office.settlement.settle(decision.id)

    assert first.change == again.change
    assert len(await office.released()) == 6
