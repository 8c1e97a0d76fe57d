"""Time that nobody sets, whatever a clock shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st
from linkedin_gateway.models.steady_time import DRIFT, LEEWAY, SteadyTime

BEGUN = datetime(2026, 3, 2, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=10)
"""What is lost in a dozen sums of floats."""
seconds = st.floats(0, 900, allow_nan=False)


@dataclass(frozen=True)
class Look:
    """A look at the clock: what passes until it, what the question and the answer last, and by how
    much the clock is set before."""

    after: float
    asking: float
    telling: float
    step: float


looks = st.lists(
    st.builds(
        Look,
        seconds,
        st.floats(0, 20),
        st.floats(0, 20),
        st.one_of(st.just(0.0), st.floats(-100_000, 100_000)),
    ),
    min_size=2,
    max_size=12,
)
drifts = st.floats(-DRIFT, DRIFT)


def told(world: Sequence[Look], drift: float) -> list[tuple[float, float, datetime, SteadyTime]]:
    """When each look was asked for and told, what counted as the time, and what followed."""
    passed, set_by, steady = 0.0, 0.0, None
    found = []
    for look in world:
        asked_at = passed + look.after
        read_at = asked_at + look.asking
        passed = read_at + look.telling
        set_by += look.step
        shown = BEGUN + timedelta(seconds=read_at * (1 + drift) + set_by)
        looked = {"asked_at": asked_at, "told_at": passed}
        steady = steady.after(shown, **looked) if steady else SteadyTime.first(shown, **looked)
        found.append((asked_at, passed, steady.told, steady))
    return found


@given(looks, drifts)
@example([Look(0, 0, 0, 0), Look(10, 0, 0, 600), Look(10, 0, 0, 0)], 0.0)
@example([Look(0, 0, 0, 0), *(Look(10, 0, 0, 0.9) for _ in range(10))], 0.0)
def test_no_more_time_counts_than_has_passed(world: Sequence[Look], drift: float) -> None:
    """Between any two looks, however often and by how much the clock was set: a second more at
    most, once, and what clocks differ."""
    for (asked_at, _, earlier, steady), (_, told_at, later, _) in combinations(
        told(world, drift), 2
    ):
        most = timedelta(seconds=(told_at - asked_at) * (1 + DRIFT)) + LEEWAY + MICROSECOND
        assert later - earlier <= most
        assert steady.latest(told_at) - earlier <= most


@given(looks, drifts)
def test_a_clock_that_nobody_sets_counts_as_it_is(world: Sequence[Look], drift: float) -> None:
    """However slowly it answers, and whatever it drifts: it is neither ahead nor behind."""
    calm = [Look(each.after, each.asking, each.telling, 0.0) for each in world]
    steady: SteadyTime | None = None
    read = told(calm, drift)
    for (asked_at, told_at, shown, following), look in zip(read, calm, strict=True):
        at = asked_at + look.asking
        really = BEGUN + timedelta(seconds=at * (1 + drift))
        assert abs(shown - really) <= MICROSECOND
        if steady is not None:
            assert steady.ahead(really, told_at=told_at) == timedelta()
            assert steady.behind(really, asked_at=asked_at) == timedelta()
        steady = following


@given(st.floats(1.1, 100_000), seconds)
def test_a_step_is_known_by_its_length(step: float, passed: float) -> None:
    """Forward and back, but for what clocks differ in between."""
    steady = SteadyTime.first(BEGUN, asked_at=0.0, told_at=0.0)
    differs = timedelta(seconds=passed * DRIFT) + MICROSECOND
    by = timedelta(seconds=step)
    time = BEGUN + timedelta(seconds=passed)

    forward = steady.ahead(time + by, told_at=passed)
    back = steady.behind(time - by, asked_at=passed)

    assert forward == timedelta() or abs(forward - by) <= differs
    assert back == timedelta() or abs(back - by) <= differs
    if by > LEEWAY + 2 * differs:
        assert forward
        assert back
