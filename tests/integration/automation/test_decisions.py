"""Decisions as rows: each transition once, by whoever is first, and in time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from automation.decisions.decision import (
    ANSWERED_WITHIN,
    REVERTED_WITHIN,
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
    Term,
)
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.errors import (
    DecisionNotFound,
    DecisionNotProposed,
    DecisionNotRevertible,
)
from automation.decisions.history_repository import DecisionHistory
from automation.selection.reading_repository import ReadingRepository, SenderReading
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool

from tests.integration.automation.conftest import NOW


@pytest.fixture
def decisions(pool: Pool) -> DecisionRepository:
    return DecisionRepository(pool)


@pytest.fixture
def history(pool: Pool) -> DecisionHistory:
    return DecisionHistory(pool)


def proposed(key: str = "release_leads/2026-11-30") -> Decision:
    return Decision(
        id=new_id("dec"),
        organization_id="org_north",
        program_id="prog_1",
        campaign_id="camp_1",
        run_id="run_1",
        key=key,
        kind=DecisionKind.RELEASE_LEADS,
        rule="daily_selection",
        inputs={"candidates": 3, "unused_by_reason": {"plan": 2}},
        change=Change(before={"released": 0}, after={"released": 2}),
        created_at=NOW,
        expires_at=NOW + ANSWERED_WITHIN,
    )


LEADS = (
    DecidedLead(
        lead_id="lead_1",
        account_id="acct_1",
        rank=1.0,
        score=20.0,
        source=LeadSource.RULES,
        terms=(Term(feature="seniority", level="vp", points=20.0),),
    ),
    DecidedLead(lead_id="lead_2", account_id="acct_2", rank=0.5, source=LeadSource.EXPLORATION),
)


async def test_a_decision_is_kept_whole_and_once(decisions: DecisionRepository) -> None:
    """A run that is repeated finds the decision of the first, with its leads."""
    first = await decisions.record(proposed(), LEADS)

    again = await decisions.record(proposed(), LEADS[:1])

    assert again == first == await decisions.get(first.id)
    assert tuple(await decisions.leads(first.id)) == LEADS


async def test_how_something_stands(
    decisions: DecisionRepository, history: DecisionHistory
) -> None:
    """What was asked for on several days is one thing, and a no to it stands before all else.

    Whichever program of the campaign has asked.
    """
    found = [
        await decisions.record(
            replace(
                proposed(key),
                program_id=program_id,
                created_at=NOW + number * timedelta(days=7),
            ),
        )
        for number, (program_id, key) in enumerate(
            [
                ("prog_1", "verdict/a_b/c"),
                ("prog_1", "verdict/a_b/c/2026-12-07"),
                ("prog_2", "verdict/a_b/c/2026-12-14"),
            ]
        )
    ]
    for other in ("verdict/a_b/c/2026-12-14/x", "verdict/axb/c", "verdict/a_b/c/2026-12-7"):
        await decisions.record(replace(proposed(other), created_at=NOW + timedelta(days=90)))

    async def standing(
        key: str, organization_id: str = "org_north", campaign_id: str = "camp_1"
    ) -> Decision | None:
        kind = DecisionKind.RELEASE_LEADS
        return await history.standing(organization_id, campaign_id, kind, key)

    assert await standing("verdict/a_b/c") == found[2]
    no = await decisions.reject(found[1].id, by="mem_ann", now=NOW + timedelta(hours=1))
    assert await standing("verdict/a_b/c") == no
    assert await standing("verdict/a_b") is None
    assert await standing("verdict/a_b/c", "org_south") is None
    assert await standing("verdict/a_b/c", campaign_id="camp_2") is None


async def test_what_has_paused_a_sender(
    decisions: DecisionRepository, history: DecisionHistory
) -> None:
    """By whichever program of the organization; what has paused nobody is left out."""
    for number, (program_id, account_id) in enumerate(
        [("prog_1", "acct_1"), ("prog_2", "acct_1"), ("prog_2", "acct_2"), ("prog_2", "acct_1")]
    ):
        made = await decisions.record(
            replace(
                proposed(f"guardrail/{number}"),
                program_id=program_id,
                campaign_id=program_id,
                kind=DecisionKind.PAUSE_SENDER,
                change=Change(after={"paused": True, "account_id": account_id}),
                created_at=NOW + timedelta(minutes=number),
                answered_at=NOW,
            )
        )
        if number < 3:
            await decisions.applied(made.id, made.change, now=NOW)
        else:
            await decisions.superseded(made.id, "HELD", now=NOW)

    found = await history.sender_pauses("org_north", ["acct_1", "acct_3"])

    assert [(each.program_id, each.state) for each in found] == [
        ("prog_1", DecisionState.APPLIED),
        ("prog_2", DecisionState.APPLIED),
    ]
    assert not await history.sender_pauses("org_south", ["acct_1"])


async def test_two_who_answer_at_once_are_one_answer(decisions: DecisionRepository) -> None:
    """Of an approval and a rejection at one moment the first counts, and the other is told."""
    decision = await decisions.record(proposed())
    soon = NOW + timedelta(hours=1)

    answers = await asyncio.gather(
        decisions.approve(decision.id, by="mem_ann", now=soon),
        decisions.reject(decision.id, by="mem_bob", now=soon),
        return_exceptions=True,
    )

    assert sum(isinstance(each, DecisionNotProposed) for each in answers) == 1
    kept = await decisions.get(decision.id)
    assert kept in answers


@pytest.mark.parametrize(("late", "heard"), [(timedelta(minutes=-1), True), (timedelta(0), False)])
async def test_an_answer_counts_for_48_hours(
    decisions: DecisionRepository, late: timedelta, *, heard: bool
) -> None:
    """At 47:59 it is approved, at 48:00 it has expired, whether or not a chore came by."""
    decision = await decisions.record(proposed())
    now = NOW + ANSWERED_WITHIN + late

    if heard:
        assert (await decisions.approve(decision.id, by="mem_ann", now=now)).is_approved
    else:
        with pytest.raises(DecisionNotProposed) as refused:
            await decisions.approve(decision.id, by="mem_ann", now=now)
        assert refused.value.metadata == {"state": "EXPIRED"}

    assert await decisions.expire(now=NOW + ANSWERED_WITHIN) == (0 if heard else 1)
    state = (await decisions.get(decision.id)).state
    assert state is (DecisionState.PROPOSED if heard else DecisionState.EXPIRED)


async def test_an_effect_is_told_once_and_taken_back_once(decisions: DecisionRepository) -> None:
    """Approved, applied, taken back: a repeat of each step changes nothing."""
    decision = await decisions.record(proposed())
    change = Change(before={"released": 0}, after={"released": 1, "left_out": 1})
    for _ in range(2):
        await decisions.approve(decision.id, by="mem_ann", now=NOW)
    for hours in (1, 2):
        applied = await decisions.applied(decision.id, change, now=NOW + timedelta(hours=hours))
    assert (applied.state, applied.applied_at) == (
        DecisionState.APPLIED,
        NOW + timedelta(hours=1),
    )
    assert applied.change == change

    for _ in range(2):
        asked = await decisions.revert(decision.id, by="mem_bob", now=NOW + timedelta(days=2))
        assert asked.is_reverting
    assert [each.id for each in await decisions.awaited(since=NOW + timedelta(days=3))] == [
        asked.id
    ]
    ended = await decisions.reverted(decision.id, now=NOW + timedelta(days=2))

    assert ended == await decisions.revert(decision.id, by="mem_bob", now=NOW + timedelta(days=3))
    assert (ended.state, ended.revert_asked_by) == (DecisionState.REVERTED, "mem_bob")


async def test_after_30_days_an_effect_stays(decisions: DecisionRepository) -> None:
    """Nor is what has none taken back."""
    decision = await decisions.record(proposed())
    with pytest.raises(DecisionNotRevertible):
        await decisions.revert(decision.id, by="mem_ann", now=NOW)
    await decisions.approve(decision.id, by="mem_ann", now=NOW)
    await decisions.applied(decision.id, decision.change, now=NOW)

    with pytest.raises(DecisionNotRevertible):
        await decisions.revert(decision.id, by="mem_ann", now=NOW + REVERTED_WITHIN)
    with pytest.raises(DecisionNotFound):
        await decisions.get("dec_1")


async def test_a_reversal_that_failed_can_be_asked_for_again(
    decisions: DecisionRepository,
) -> None:
    """What stood in its way is told until then."""
    decision = await decisions.record(proposed())
    await decisions.approve(decision.id, by="mem_ann", now=NOW)
    await decisions.applied(decision.id, decision.change, now=NOW)
    await decisions.revert(decision.id, by="mem_ann", now=NOW)

    stuck = await decisions.not_reverted(decision.id, "ACCOUNT_FORBIDDEN")

    assert (stuck.state, stuck.failure) == (DecisionState.APPLIED, "ACCOUNT_FORBIDDEN")
    asked = await decisions.revert(decision.id, by="mem_bob", now=NOW)
    assert asked.is_reverting
    assert asked.failure == ""


async def test_the_last_reading_of_a_sender_is_kept(pool: Pool) -> None:
    """One that comes late does not hide a later one."""
    readings = ReadingRepository(pool)
    later = SenderReading(
        account_id="acct_1",
        invitations=20,
        pending=3,
        multiplier=0.9,
        connected=True,
        on_hold=False,
        read_at=NOW,
    )
    await readings.keep("org_north", [later])

    await readings.keep(
        "org_north", [replace(later, invitations=7, read_at=NOW - timedelta(hours=1))]
    )

    assert await readings.of("org_north", ["acct_1", "acct_2"]) == {"acct_1": later}
    assert await readings.of("org_south", ["acct_1"]) == {}
