"""An endpoint is sent so many a minute, whoever is late, and nobody waits for what nobody took."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from webhook_dispatcher.limits.turns import LEEWAY, Pace, drawn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDLE = Pace(next_at=NOON, free_at=NOON)
SECOND = timedelta(seconds=1)


def posted(late: list[float], *, apart: timedelta) -> list[datetime]:
    """When each is posted, if all come at noon, and then each so many seconds after its turn."""
    pace, at = IDLE, []
    comes: list[tuple[datetime, int, datetime | None]] = [
        (NOON, number, None) for number in range(len(late))
    ]
    while comes:
        comes.sort(key=lambda each: each[:2])
        now, number, turn_at = comes.pop(0)
        came = drawn(pace, turn_at=turn_at, apart=apart, now=now)
        pace = came.pace
        if came.turn_at is None:
            at.append(now)
        else:
            again = came.turn_at + timedelta(seconds=late[number])
            comes.append((again, number, came.turn_at))
    return at


@given(
    st.lists(st.floats(0, 60), min_size=1, max_size=40),
    st.sampled_from([1, 60, 120, 600, 6000]),
)
def test_no_more_than_asked_for_however_late_they_come(late: list[float], a_minute: int) -> None:
    """All are posted; in any stretch of time no more than fit, and what fits in the leeway.

    What had its turn while a process was away went all at once when it was back.
    """
    apart = timedelta(minutes=1) / a_minute

    at = posted(late, apart=apart)

    assert len(at) == len(late)
    for first in range(len(at)):
        for last in range(first, len(at)):
            most = (at[last] - at[first] + LEEWAY) / apart + 1
            assert last - first + 1 <= most + 1e-6


def test_who_comes_in_time_is_posted_evenly() -> None:
    """One after the other, and none is given a second turn."""
    at = posted([0.0] * 10, apart=SECOND)

    assert at == [NOON + n * SECOND for n in range(10)]


def test_a_turn_that_nobody_takes_is_not_made_up_for() -> None:
    """Eight that all come four seconds late: what fits goes, and the others have new turns."""
    pace, turns = IDLE, []
    for _ in range(8):
        came = drawn(pace, turn_at=None, apart=SECOND / 2, now=NOON)
        pace = came.pace
        turns.append(came.turn_at)
    now = NOON + 4 * SECOND

    again = []
    for turn_at in turns[1:]:
        came = drawn(pace, turn_at=turn_at, apart=SECOND / 2, now=now)
        pace = came.pace
        again.append(came.turn_at)

    assert turns[0] is None
    assert again[:3] == [None] * 3
    assert all(turn_at > now for turn_at in again[3:])
    assert len(set(again[3:])) == 4


def test_one_that_comes_when_there_is_room_needs_no_other_turn() -> None:
    """However late it is, and whatever turns were given meanwhile."""
    busy = Pace(next_at=NOON + timedelta(hours=1), free_at=NOON)

    came = drawn(busy, turn_at=NOON - timedelta(hours=1), apart=SECOND, now=NOON)

    assert came.turn_at is None
    assert came.pace.free_at == NOON + SECOND
