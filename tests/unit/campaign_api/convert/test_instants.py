"""Moments on the wire."""

from datetime import UTC, datetime, timedelta, timezone

from campaign_api.convert.instants import instant, timestamp
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=st.just(UTC) | zones).filter(lambda at: 1 < at.year < 9999)


@given(moments)
def test_a_moment_is_what_protobuf_makes_of_it(at: datetime) -> None:
    """In any zone, before 1970 too, to the microsecond."""
    expected = Timestamp()
    expected.FromDatetime(at)

    assert timestamp(at) == expected
    assert instant(expected) == at
