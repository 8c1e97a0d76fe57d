"""Durations as people read them."""

from datetime import timedelta

import pytest
from campaigns.sequences.durations import describe_duration


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "at once"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=1, hours=1, minutes=1, seconds=2), "1 day 1 hour 1 minute 2 seconds"),
        (timedelta(microseconds=600_000), "1 second"),
    ],
)
def test_durations(duration: timedelta, words: str) -> None:
    """As people say them."""
    assert describe_duration(duration) == words
