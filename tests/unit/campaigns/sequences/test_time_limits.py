"""When a lead is over whatever is still to come."""

from datetime import UTC, datetime, timedelta

import pytest
from campaigns.models import CampaignSettings
from campaigns.sequences.time_limits import (
    CAMPAIGN_TIME_OVER,
    LEAD_TIME_OVER,
    TimeLimit,
    ends_before_start,
    time_limit,
)
from campaigns.settings_json import settings_from_json, settings_to_json

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_without_a_setting_there_is_no_end() -> None:
    """Nobody ends because nobody said when."""
    assert time_limit(end_at=None, longest=None, begun_at=NOON) is None


def test_who_has_not_begun_ends_with_the_campaign_alone() -> None:
    """The time of a lead counts from when it began."""
    assert time_limit(end_at=None, longest=DAY, begun_at=None) is None
    assert time_limit(end_at=NOON, longest=DAY, begun_at=None) == TimeLimit(
        at=NOON, reason=CAMPAIGN_TIME_OVER
    )


@pytest.mark.parametrize(
    ("longest", "reason"),
    [(DAY, LEAD_TIME_OVER), (2 * DAY, CAMPAIGN_TIME_OVER), (3 * DAY, CAMPAIGN_TIME_OVER)],
)
def test_the_earlier_of_two_limits_binds(longest: timedelta, reason: str) -> None:
    """And its reason is the one that is told."""
    limit = time_limit(end_at=NOON + 2 * DAY, longest=longest, begun_at=NOON)

    assert limit == TimeLimit(at=NOON + min(longest, 2 * DAY), reason=reason)


def test_limits_are_kept_in_the_row() -> None:
    """And rows of campaigns without any are what they were: their etags stay the same."""
    settings = CampaignSettings(end_at=NOON, max_lead_duration=30 * DAY)

    assert settings_from_json(settings_to_json(settings)) == settings
    assert not {"end_at", "max_lead_duration_seconds"} & set(settings_to_json(CampaignSettings()))


@pytest.mark.parametrize(("after", "wrong"), [(DAY, False), (timedelta(), True), (-DAY, True)])
def test_a_campaign_ends_after_it_starts(after: timedelta, wrong: bool) -> None:  # noqa: FBT001 - parametrised
    """One that would not is refused."""
    assert ends_before_start(CampaignSettings(start_at=NOON, end_at=NOON + after)) is wrong
