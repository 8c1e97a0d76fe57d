"""What is told of a lead, from its rows."""

from datetime import UTC, datetime, timedelta

from campaigns.models import ConnectionState, Lead, LeadState, Person, StepExecution, StepState
from outreach_worker.events import lead_events
from outreach_worker.leads.activities import _skipped
from outreach_worker.leads.contracts import FinishLead

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lead(state: LeadState = LeadState.STOPPED) -> Lead:
    return Lead(
        id="lead_1",
        campaign_id="camp_1",
        person=Person(public_identifier="ada"),
        state=state,
        connection=ConnectionState.CONNECTED,
        created_at=NOON,
        started_at=NOON,
        ended_at=NOON + 3 * HOUR,
    )


def step(step_id: str, state: StepState, *, after: timedelta) -> StepExecution:
    return StepExecution(step_id=step_id, state=state, reason="WHY", ended_at=NOON + after)


def test_everything_that_its_rows_say_is_told_in_its_order() -> None:
    """The end comes last, though a step was skipped in the same moment."""
    history = [
        step("visit", StepState.DONE, after=HOUR),
        step("invite", StepState.FAILED, after=HOUR * 1.5),
        step("message", StepState.SKIPPED, after=3 * HOUR),
    ]

    told = lead_events.of_rows(lead(), history, accepted_at=NOON + 2 * HOUR)

    assert [(each.type, each.step_id) for each in told] == [
        ("lead.started", ""),
        ("step.completed", "visit"),
        ("step.failed", "invite"),
        ("invitation.accepted", ""),
        ("step.completed", "message"),
        ("lead.completed", ""),
    ]


def test_what_is_told_again_is_the_same_event() -> None:
    """Else a customer would hear twice of what the lead's own workflow has told already."""
    finish = FinishLead(
        campaign_id="camp_1", lead_id="lead_1", state=LeadState.STOPPED, skipped="WHY"
    )
    skipped = step("message", StepState.SKIPPED, after=3 * HOUR)

    (_, again, _) = lead_events.of_rows(lead(), [skipped], accepted_at=None)

    first = _skipped(finish, "message", at=NOON)
    assert (again.event_id, again.state, again.reason) == (
        first.event_id,
        first.state,
        first.reason,
    )


def test_who_never_began_is_told_by_the_end_alone() -> None:
    """Nothing of it was told, and no step of it has a row."""
    unbegun = Lead(
        id="lead_1",
        campaign_id="camp_1",
        person=Person(public_identifier="ada"),
        state=LeadState.FAILED,
        connection=ConnectionState.NONE,
        created_at=NOON,
        ended_at=NOON,
    )

    told = lead_events.of_rows(unbegun, [], accepted_at=None)

    assert [each.type for each in told] == ["lead.failed"]
