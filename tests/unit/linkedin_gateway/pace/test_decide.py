"""What becomes of one request, from what stands in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.errors import ActionIdReused, effect_of
from linkedin_gateway.kinds.registry import CONTACTS, READS, WRITES
from linkedin_gateway.kinds.targets import AlreadyDone, Impossible, Resolution
from linkedin_gateway.models import ActionRequest, ActionState, HoldScope, Kind, Outcome
from linkedin_gateway.pace.action_rows import row_of
from linkedin_gateway.pace.decide import DecisionResult, decide, place_in_queue
from linkedin_gateway.pace.decisions import AlreadyDecided, Go, Prepare, Wait
from linkedin_gateway.pace.eligibility import refusal
from linkedin_gateway.pace.obstacles import obstacles_of
from linkedin_gateway.pace.ranking import Ahead, QueueAhead
from linkedin_gateway.pace.schedules import slots_for, windows
from linkedin_gateway.pace.slots import Bound
from linkedin_gateway.pace.snapshot import Snapshot

from tests.contracts.ledger import HOUR, LEASE, NOW, RULES, TARGET, asked, resolved
from tests.unit.linkedin_gateway.pace.snapshots import ANYTHING, requests, snapshots

turns = st.lists(st.integers(0, 200), max_size=10).map(
    lambda minutes: sorted(NOW + timedelta(minutes=minute) for minute in minutes)
)

others = st.lists(
    st.builds(
        Ahead,
        st.integers(0, 200).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        st.sampled_from(sorted(WRITES)),
        st.booleans(),
    ),
    max_size=10,
)


def decided(
    request: ActionRequest, snapshot: Snapshot, resolution: Resolution | None = None
) -> DecisionResult:
    return decide(
        request,
        snapshot,
        rules=RULES,
        resolve=lambda *known: resolution or resolved(*known),
        now=NOW,
        lease=LEASE,
    )


@given(requests, snapshots)
def test_it_goes_when_nothing_is_in_the_way(request: ActionRequest, snapshot: Snapshot) -> None:
    """It is sent if and only if nothing forbids it, nothing is in its way and all is known."""
    slots = slots_for(request, snapshot, rules=RULES, now=NOW)
    forbidden = refusal(request, snapshot, RULES, now=NOW)
    in_the_way = [*obstacles_of(request, snapshot, RULES, slots, now=NOW)]
    stranger = request.kind in CONTACTS and not snapshot.resolved
    unprepared = stranger or snapshot.post_taken

    decision = decided(request, snapshot).decision

    if forbidden:
        assert isinstance(decision, AlreadyDecided)
        assert (decision.action.state, decision.action.reason) == (ActionState.FAILED, forbidden)
    elif in_the_way:
        assert isinstance(decision, Wait)
        assert decision.obstacle == in_the_way[0]
    else:
        assert isinstance(decision, Prepare if unprepared else Go)


@given(requests, snapshots)
def test_what_goes_is_counted_before_it_is_sent(request: ActionRequest, snapshot: Snapshot) -> None:
    """Its row says so first, with its lease, and no cap holds more than it allows with it."""
    result = decided(request, snapshot)

    if isinstance(result.decision, Go):
        row = result.decision.action
        assert result.row == row
        assert (row.state, row.attempt, row.sent_at) == (ActionState.SENDING, 1, NOW)
        assert (row.lease_until, row.target) == (NOW + LEASE, TARGET)
        held = windows(snapshot, request.kind, RULES, noted=request.noted, now=NOW)
        assert all(window.used(NOW) < window.cap.actions for window in held)
        assert len(row.caps) == len(held)


@given(requests, snapshots)
def test_a_wait_moves_time_and_keeps_its_place(request: ActionRequest, snapshot: Snapshot) -> None:
    """Whoever waits comes again later, and has a row in the queue unless it is a read."""
    result = decided(request, snapshot)

    if isinstance(result.decision, Wait):
        assert result.decision.retry_after > timedelta(0)
        assert (result.row is None) is (request.kind in READS)
        assert result.row is None or result.row.state is ActionState.QUEUED


@given(snapshots, st.sampled_from(sorted(frozenset(ActionState) - {ActionState.QUEUED})))
def test_what_was_decided_stays_decided(snapshot: Snapshot, state: ActionState) -> None:
    """A row that has left the queue is the answer, whatever is known now; nothing is written."""
    known = replace(row_of(asked(), ANYTHING, now=NOW), state=state)

    result = decided(asked(), replace(snapshot, action=known))

    assert result == DecisionResult(decision=AlreadyDecided(action=known))


@pytest.mark.parametrize("state", [ActionState.QUEUED, ActionState.DONE])
def test_an_id_is_one_action(state: ActionState) -> None:
    """Another action under an id that was used is refused, before and after its end."""
    known = replace(row_of(asked(1), ANYTHING, now=NOW), state=state)
    other = replace(asked(2), action_id=known.action_id)

    with pytest.raises(ActionIdReused):
        decided(other, replace(ANYTHING, action=known))


def test_what_cannot_be_ends_at_once() -> None:
    """An action that its target forbids has failed, though the account could not act now."""
    held = replace(ANYTHING, cools_until=NOW + HOUR)

    result = decided(asked(), held, Impossible(reason="NO_POSTS"))

    assert isinstance(result.decision, AlreadyDecided)
    assert result.row == result.decision.action
    assert result.row.state is ActionState.FAILED
    assert (result.row.reason, result.row.effect) == ("NO_POSTS", effect_of("NO_POSTS"))
    assert result.row.sent_at is None


def test_what_is_so_already_costs_nothing() -> None:
    """Where the world is as wanted it is done, unsent: no cap counts it."""
    outcome = Outcome(already_so=True, connected=True)

    result = decided(asked(kind=Kind.INVITATION), ANYTHING, AlreadyDone(outcome=outcome))

    assert result.row is not None
    assert (result.row.state, result.row.outcome) == (ActionState.DONE, outcome)
    assert result.row.sent_at is None


@given(st.text(min_size=1, max_size=20))
def test_no_herd_forms(action_id: str) -> None:
    """Who waits for what nobody knows the end of asks again at a moment of their own."""
    held = replace(ANYTHING, holds=[HoldScope.ACCOUNT])

    decision = decided(replace(asked(), action_id=action_id), held).decision

    assert isinstance(decision, Wait)
    assert 0.75 * RULES.slow_check <= decision.retry_after <= 1.25 * RULES.slow_check


@given(requests, snapshots, turns, others, st.integers(0, 200))
def test_the_queue_only_puts_off(
    request: ActionRequest,
    snapshot: Snapshot,
    same: list[datetime],
    others: list[Ahead],
    more: int,
) -> None:
    """Those who come first never bring a turn forward, nor wake what is no wait.

    But who waits only for those who are due goes when none of these can.
    """
    alone = decided(request, snapshot)
    ahead = QueueAhead(same_kind=same, more_same_kind=more, among=others)

    placed = place_in_queue(alone, ahead, now=NOW)

    if not isinstance(alone.decision, Wait) or alone.row is None:
        assert placed == alone
    elif not isinstance(placed.decision, Wait):
        assert placed == alone.unless_first
        assert alone.decision.obstacle.reason == Bound.TURN.value
    else:
        assert isinstance(placed.decision, Wait)
        assert placed.decision.retry_after >= alone.decision.retry_after
        assert placed.row is not None
        assert placed.row.turn_at == NOW + placed.decision.retry_after
        assert placed.row.reason == placed.decision.obstacle.reason
