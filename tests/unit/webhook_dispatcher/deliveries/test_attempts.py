"""What an answer to a POST means."""

from datetime import timedelta

import pytest
from webhook_dispatcher.deliveries.attempts import state_after
from webhook_dispatcher.http.sender import Answer
from webhook_dispatcher.models import AttemptOutcome, DeliveryState


def answered(status_code: int = 0, *, error: str = "", forbidden: bool = False) -> Answer:
    return Answer(
        latency=timedelta(seconds=1), status_code=status_code, error=error, forbidden=forbidden
    )


ENDS = [
    (answered(204), AttemptOutcome.ACCEPTED, DeliveryState.DELIVERED),
    (answered(500, error="500"), AttemptOutcome.REFUSED, DeliveryState.PENDING),
    (answered(410, error="410"), AttemptOutcome.REFUSED, DeliveryState.PENDING),
    (answered(error="timeout"), AttemptOutcome.UNANSWERED, DeliveryState.PENDING),
    (answered(error="private", forbidden=True), AttemptOutcome.FORBIDDEN, DeliveryState.PENDING),
]


@pytest.mark.parametrize(("answer", "outcome", "state"), ENDS)
def test_what_an_answer_means(
    answer: Answer, outcome: AttemptOutcome, state: DeliveryState
) -> None:
    """What was accepted is delivered, and all else is tried again."""
    assert answer.outcome is outcome
    assert state_after(answer) is state


def test_every_outcome_is_some_answers() -> None:
    """An outcome that nothing comes to would be counted as never happening."""
    assert {outcome for _, outcome, _ in ENDS} == set(AttemptOutcome)
