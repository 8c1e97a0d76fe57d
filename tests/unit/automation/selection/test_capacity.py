"""How many a sender takes on, and what it says is in the way."""

from datetime import timedelta
from typing import Any

import pytest
from automation.selection.capacity import (
    MOST_PENDING,
    Bound,
    Capacity,
    SenderFacts,
    capacity_of,
)
from hypothesis import given
from hypothesis import strategies as st

FACTS = st.builds(
    SenderFacts,
    account_id=st.just("acct_1"),
    invitations=st.integers(-5, 300),
    pending=st.integers(0, 600),
    multiplier=st.floats(0, 1.5),
    connected=st.booleans(),
    on_hold=st.booleans(),
    waiting=st.integers(0, 50),
    age=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=6))),
)


def capacity(*, plan: int = 100, room: int = 100, **facts: Any) -> tuple[int, Bound]:
    told: dict[str, Any] = {"invitations": 40, **facts}
    found = capacity_of(SenderFacts(account_id="acct_1", **told), plan=plan, room=room)
    return found.slots, found.bound


@pytest.mark.parametrize(
    ("told", "slots", "bound"),
    [
        ({}, 44, Bound.FORECAST),
        ({"invitations": 0}, 0, Bound.FORECAST),
        ({"plan": 15}, 15, Bound.PLAN),
        ({"room": 7}, 7, Bound.ROOM),
        ({"pending": 390}, 10, Bound.PENDING),
        ({"pending": 450}, 0, Bound.PENDING),
        ({"multiplier": 0.79}, 22, Bound.HEALTH),
        ({"multiplier": 0.8}, 44, Bound.FORECAST),
        ({"multiplier": 0.59}, 0, Bound.HEALTH),
        ({"multiplier": float("nan")}, 0, Bound.HEALTH),
        ({"waiting": 40}, 4, Bound.WAITING),
        ({"waiting": 44}, 0, Bound.WAITING),
        # Half of a weak sender's, and the room for pending ones, are of who waits first.
        ({"multiplier": 0.7, "invitations": 20, "waiting": 11}, 0, Bound.HEALTH),
        ({"multiplier": 0.7, "waiting": 11}, 11, Bound.HEALTH),
        ({"pending": 380, "waiting": 15}, 5, Bound.PENDING),
        ({"on_hold": True}, 0, Bound.ON_HOLD),
        ({"connected": False}, 0, Bound.NOT_CONNECTED),
        ({"age": timedelta(days=3, seconds=1)}, 0, Bound.NO_DATA),
        ({"age": timedelta(days=3)}, 44, Bound.FORECAST),
        ({"age": None}, 0, Bound.NO_DATA),
    ],
)
def test_the_least_binds_and_is_named(told: dict[str, Any], slots: int, bound: Bound) -> None:
    """Two days of the forecast with a tenth more, unless something is less."""
    assert capacity(**told) == (slots, bound)


@given(facts=FACTS, plan=st.integers(0, 100), room=st.integers(-5, 100))
def test_never_more_than_anything_allows(facts: SenderFacts, plan: int, room: int) -> None:
    """And never fewer than nobody."""
    found: Capacity = capacity_of(facts, plan=plan, room=room)

    assert 0 <= found.slots <= min(found.possible, plan, max(0, room))
    assert found.slots + found.waiting <= found.possible
    assert found.slots == 0 or found.slots + facts.waiting + facts.pending <= MOST_PENDING
    if facts.on_hold or not facts.connected or facts.age is None:
        assert found.slots == 0
