"""What counts, as the database tells it."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.models.end_times import EndTimes
from linkedin_gateway.pace.snapshot import Counted

EPOCH = datetime.fromtimestamp(0, UTC)
# Until seconds since 1970 need a 33rd bit, and a microsecond no longer fits beside them.
LAST = EPOCH + timedelta(seconds=2**32 - 1)
INSTANTS = st.datetimes(
    min_value=EPOCH.replace(tzinfo=None),
    max_value=LAST.replace(tzinfo=None),
    timezones=st.just(UTC),
)


def end_times(instants: list[datetime]) -> EndTimes:
    """As PostgreSQL tells them: whole microseconds, divided."""
    return EndTimes([((at - EPOCH) // timedelta(microseconds=1)) / 1_000_000 for at in instants])


@given(st.lists(INSTANTS), INSTANTS)
def test_end_times_are_exact(instants: list[datetime], at: datetime) -> None:
    """Until 2106 they tell the same instants, to the microsecond, and are counted the same."""
    instants = sorted(instants)

    kept = end_times(instants)

    assert list(kept) == instants
    assert list(kept[1:]) == instants[1:]
    assert bisect_right(kept, at) == bisect_right(instants, at)


@given(st.lists(INSTANTS), st.lists(INSTANTS))
def test_two_kinds_of_one_budget_count_together(one: list[datetime], other: list[datetime]) -> None:
    """Where two kinds share a cap all of both count, in order, however their times are kept."""
    one, other = sorted(one), sorted(other)
    first, second = Counted(ended=one, open_ends=1), Counted(ended=other, open_ends=2)
    kept = Counted(ended=end_times(one), open_ends=1)

    together = first.together_with(second)

    assert together == Counted(ended=sorted(one + other), open_ends=3)
    assert list(kept.together_with(Counted(ended=end_times(other))).ended) == together.ended
    assert list(kept.together_with(second).ended) == together.ended
