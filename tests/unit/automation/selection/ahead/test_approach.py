"""How far leads are from their invitation, by the steps that lie between."""

from datetime import UTC, datetime, timedelta

import pytest
from automation.selection.ahead.approach import approach_of
from campaigns.sequences.sequence import Condition, Exit, Question, Sequence, Step, StepKind

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
WARM = Sequence(
    steps=(
        Step(
            step_id="visit",
            index=0,
            kind=StepKind.PROFILE_VISIT,
            next_step_id="like",
            next_delay=2 * DAY,
        ),
        Step(
            step_id="like",
            index=1,
            kind=StepKind.LIKE_POST,
            next_step_id="invite",
            next_delay=2 * DAY,
        ),
        Step(
            step_id="invite",
            index=2,
            kind=StepKind.SEND_CONNECTION_REQUEST,
            next_step_id="thank",
            not_accepted_step_id="withdraw",
            waits_for_acceptance=True,
        ),
        Step(step_id="thank", index=3, kind=StepKind.SEND_FOLLOWUP),
        Step(step_id="withdraw", index=4, kind=StepKind.WITHDRAW_REQUEST),
    )
)


@pytest.mark.parametrize(
    ("step_id", "waited", "left"),
    [
        # Who has not begun waits for the first step, from when they will.
        ("", -0.5, 4.5),
        ("visit", 0, 4),
        ("visit", 1, 4),
        ("like", 0.5, 3.5),
        ("like", 3, 2),
        ("invite", 1.5, 0.5),
        # It is asked for: the gateway has it in its forecast.
        ("invite", 2, None),
        ("thank", 0, None),
        ("withdraw", 0, None),
        ("of another revision", 0, None),
    ],
)
def test_a_lead_is_as_far_as_the_steps_before_its_invitation(
    step_id: str, waited: float, left: float | None
) -> None:
    """Visited, two days, liked, two days, invited: all of it was no capacity that is taken."""
    approach = approach_of(WARM)

    found = approach.left(step_id, since=NOW - waited * DAY, now=NOW)

    assert approach.whole == 4 * DAY
    assert found == (None if left is None else left * DAY)


def test_of_several_paths_the_shortest_counts_and_paths_may_meet_again() -> None:
    """Who has posts is liked first, a day more; both come to the same invitation."""
    sequence = Sequence(
        steps=(
            Step(
                step_id="posts",
                index=0,
                kind=StepKind.CONDITION,
                wait_for=timedelta(hours=12),
                condition=Condition(question=Question.HAS_POSTS),
                exits=(
                    Exit(name="yes", step_id="like", delay=DAY),
                    Exit(name="no", step_id="invite", delay=timedelta(hours=12)),
                ),
            ),
            Step(
                step_id="like",
                index=1,
                kind=StepKind.LIKE_POST,
                next_step_id="invite",
                next_delay=DAY,
            ),
            Step(step_id="invite", index=2, kind=StepKind.SEND_CONNECTION_REQUEST),
        )
    )

    approach = approach_of(sequence)

    assert approach.whole == DAY
    assert approach.left("like", since=NOW, now=NOW) == 2 * DAY
    # By which path they came is not known: they walk until the longest is over.
    assert approach.left("invite", since=NOW - timedelta(hours=13), now=NOW) is not None
    assert approach.left("invite", since=NOW - DAY, now=NOW) is None


def test_who_is_written_to_without_an_invitation_walks_to_none() -> None:
    """InMails and messages take other places."""
    sequence = Sequence(steps=(Step(step_id="inmail", index=0, kind=StepKind.SEND_INMAIL),))

    approach = approach_of(sequence)

    assert approach.whole == timedelta()
    assert approach.left("inmail", since=NOW, now=NOW) is None


def test_an_invitation_that_is_next_is_walked_to_while_it_is_not_asked_for() -> None:
    """A visit that waits for its turn at the gateway comes before it, however short the way."""
    sequence = Sequence(
        steps=(
            Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT, next_step_id="invite"),
            Step(step_id="invite", index=1, kind=StepKind.SEND_CONNECTION_REQUEST),
        )
    )

    assert approach_of(sequence).left("visit", since=NOW - DAY, now=NOW) == timedelta()
