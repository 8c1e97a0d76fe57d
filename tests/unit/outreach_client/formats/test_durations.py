"""Durations and instants as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach_client.formats.durations import (
    duration_text,
    parse_duration,
    parse_instant,
    to_duration,
    to_timestamp,
)
from outreach_client.formats.times import instant_text


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90m", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        ("1.5h", timedelta(minutes=90)),
        ("2w", timedelta(days=14)),
        ("250ms", timedelta(milliseconds=250)),
        ("1h 30m", timedelta(minutes=90)),
    ],
)
def test_durations_are_read(text: str, duration: timedelta) -> None:
    """Numbers with units add up."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "90", "soon", "-5m", "5 minutes", "m5"])
def test_other_texts_are_no_durations(text: str) -> None:
    """What has no unit or an unknown one is refused, not guessed."""
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_whole_seconds_round_trip(duration: timedelta) -> None:
    """What is shown could be typed again."""
    whole = timedelta(seconds=int(duration.total_seconds()))
    message = to_duration(whole)

    assert message is not None
    assert parse_duration(duration_text(message)) == whole


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=250), "250 ms"),
        (timedelta(hours=36), "1d 12h"),
        (timedelta(seconds=-90), "-1m 30s"),
    ],
)
def test_durations_are_shown(duration: timedelta, text: str) -> None:
    """None at all is no matter of milliseconds; one of the past is no week less some days."""
    message = to_duration(duration)

    assert message is not None
    assert duration_text(message) == text


def test_instants() -> None:
    """Instants are ISO 8601; without a zone they are UTC, and so they are shown."""
    instant = parse_instant("2026-03-02T11:00+02:00")
    message = to_timestamp(instant)

    assert instant == parse_instant("2026-03-02 09:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert message is not None
    assert instant_text(message) == "2026-03-02T09:00:00Z"
    with pytest.raises(ValueError, match="not an instant"):
        parse_instant("tomorrow")


def test_nothing_stays_nothing() -> None:
    """An option that was not given is a field that is not set."""
    assert to_duration(None) is None
    assert to_timestamp(None) is None
