"""Who may go on with another revision: laws that hold for every sequence, edit and lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from campaigns.sequences.revision_compatibility import is_compatible, same_effect, unchanged
from campaigns.sequences.sequence import (
    Condition,
    Exit,
    Question,
    Sequence,
    Step,
    StepKind,
    StepOutcome,
    first_turn,
    next_turn,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)

PLAIN = (StepKind.PROFILE_VISIT, StepKind.SEND_FOLLOWUP, StepKind.WAIT)
OUTCOMES = (StepOutcome.DONE, StepOutcome.SKIPPED, StepOutcome.FAILED)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """A chain of steps in which invitations and conditions skip a step on their other way."""
    count = draw(st.integers(1, 7))
    ids = [f"s{number}" for number in range(count)]

    def following(number: int) -> str | None:
        return ids[number] if number < count else None

    steps = []
    for number, step_id in enumerate(ids):
        kind = draw(st.sampled_from((*PLAIN, StepKind.SEND_CONNECTION_REQUEST, StepKind.CONDITION)))
        step = Step(step_id=step_id, index=number, kind=kind, text=draw(st.sampled_from("abc")))
        if kind is StepKind.CONDITION:
            step = replace(
                step,
                condition=Condition(question=Question.CONNECTED),
                exits=(
                    Exit(name="yes", step_id=following(number + 1)),
                    Exit(name="no", step_id=following(number + 2)),
                ),
            )
        elif kind is StepKind.SEND_CONNECTION_REQUEST:
            step = replace(
                step,
                waits_for_acceptance=True,
                next_step_id=following(number + 1),
                not_accepted_step_id=following(number + 2),
            )
        else:
            step = replace(step, next_step_id=following(number + 1), next_delay=DAY)
        steps.append(step)
    return Sequence(steps=tuple(steps))


Walk = list[tuple[str, StepOutcome, str]]


@st.composite
def walks(draw: st.DrawFn, sequence: Sequence) -> Walk:
    """Some way into a sequence: each step with its outcome and the exit that was taken."""
    walk: Walk = []
    turn = first_turn(sequence, now=NOW)
    while turn is not None and draw(st.booleans()):
        step = sequence.step(turn.step_id)
        outcome = draw(st.sampled_from(OUTCOMES))
        if step.waits_for_acceptance:
            outcome = draw(st.sampled_from((StepOutcome.ACCEPTED, StepOutcome.NOT_ACCEPTED)))
        exit_name = draw(st.sampled_from(("yes", "no"))) if step.exits else ""
        walk.append((step.step_id, outcome, exit_name))
        turn = next_turn(sequence, step, outcome, at=NOW, exit_name=exit_name)
    return walk


def path(walk: Walk) -> list[str]:
    return [step_id for step_id, _, _ in walk]


def edited(sequence: Sequence, step_id: str, **changes: object) -> Sequence:
    return Sequence(
        steps=tuple(
            replace(step, **changes) if step.step_id == step_id else step  # type: ignore[arg-type]
            for step in sequence.steps
        )
    )


@given(data=st.data(), sequence=sequences())
def test_everybody_may_move_to_the_same_again(data: st.DataObject, sequence: Sequence) -> None:
    """A rollback to equal content takes everybody along, and so do new labels and delays."""
    walk = data.draw(walks(sequence))
    relabelled = Sequence(
        steps=tuple(
            replace(step, label="New", next_delay=9 * DAY, accept_within=3 * DAY)
            for step in sequence.steps
        )
    )

    assert is_compatible(path(walk), old=sequence, new=sequence)
    assert is_compatible(path(walk), old=sequence, new=relabelled)


@given(data=st.data(), sequence=sequences())
def test_who_moves_is_decided_by_what_is_behind_them(
    data: st.DataObject, sequence: Sequence
) -> None:
    """A changed text holds back those who have it behind them, and nobody else."""
    walk = data.draw(walks(sequence))
    changed = data.draw(st.sampled_from(sequence.steps))
    new = edited(sequence, changed.step_id, text="changed")

    assert is_compatible(path(walk), old=sequence, new=new) == (changed.step_id not in path(walk))
    assert not unchanged(changed.step_id, old=sequence, new=new)


@given(data=st.data(), old=sequences(), new=sequences())
def test_who_moves_has_walked_the_new_sequence_too(
    data: st.DataObject, old: Sequence, new: Sequence
) -> None:
    """The same outcomes lead along the same steps in the new revision, each the same deed.

    So no step behind a lead is ever before it again, and none that it has skipped is.
    """
    walk = data.draw(walks(old))
    if not is_compatible(path(walk), old=old, new=new):
        return

    turn = first_turn(new, now=NOW)
    for step_id, outcome, exit_name in walk:
        assert turn is not None
        assert turn.step_id == step_id
        step = new.step(step_id)
        assert same_effect(step, old.step(step_id))
        turn = next_turn(new, step, outcome, at=NOW, exit_name=exit_name)
    if turn is not None:
        assert turn.step_id not in path(walk)


@given(data=st.data(), sequence=sequences())
def test_a_step_put_in_before_a_lead_does_not_hold_it_back(
    data: st.DataObject, sequence: Sequence
) -> None:
    """Drawn behind the last step of a lead, a new step is its next one."""
    walk = data.draw(walks(sequence))
    if not walk:
        return
    last_id, outcome, exit_name = walk[-1]
    last = sequence.step(last_id)
    if last.exits or last.waits_for_acceptance:
        return
    added = Step(
        step_id="added",
        index=99,
        kind=StepKind.PROFILE_VISIT,
        next_step_id=last.next_step_id,
        next_delay=DAY,
    )
    new = edited(sequence, last_id, next_step_id="added")
    new = Sequence(steps=(*new.steps, added))

    assert is_compatible(path(walk), old=sequence, new=new)
    turn = next_turn(new, new.step(last_id), outcome, at=NOW, exit_name=exit_name)
    assert turn is not None
    assert turn.step_id == "added"


def test_a_way_that_leads_elsewhere_holds_back_who_took_it() -> None:
    """Of two ways from an invitation, redrawing one leaves those on the other free to move."""
    invite = Step(
        step_id="invite",
        index=0,
        kind=StepKind.SEND_CONNECTION_REQUEST,
        waits_for_acceptance=True,
        next_step_id="message",
        not_accepted_step_id="visit",
    )
    message = Step(step_id="message", index=1, kind=StepKind.SEND_FOLLOWUP, text="Hello")
    visit = Step(step_id="visit", index=2, kind=StepKind.PROFILE_VISIT)
    old = Sequence(steps=(invite, message, visit))
    new = edited(old, "invite", not_accepted_step_id=None)

    assert is_compatible(["invite", "message"], old=old, new=new)
    assert not is_compatible(["invite", "visit"], old=old, new=new)
    assert is_compatible(["invite"], old=old, new=new)


def test_a_new_beginning_holds_back_who_has_begun() -> None:
    """Who has the old first step behind them cannot begin anew."""
    first = Step(step_id="first", index=0, kind=StepKind.PROFILE_VISIT)
    other = Step(step_id="other", index=0, kind=StepKind.LIKE_POST, next_step_id="first")
    old, new = Sequence(steps=(first,)), Sequence(steps=(other, first))

    assert is_compatible([], old=old, new=new)
    assert not is_compatible(["first"], old=old, new=new)
