"""Who enters the sequence, and when: what is told beforehand is what comes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from campaigns.admission import AdmissionRule, Line, Opening, day_of, opening, place_of
from campaigns.models import CampaignSettings, SendingWindow
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
"""A Friday before a night that lacks an hour."""
DAY = timedelta(days=1)

windows = st.none() | st.builds(
    SendingWindow,
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns"]),
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple),
    opens=st.just(time(9)),
    closes=st.just(time(17)),
)
settings_drawn = st.builds(
    CampaignSettings,
    max_concurrent_leads=st.integers(1, 12),
    lead_processing_delay=st.sampled_from([timedelta(), timedelta(seconds=30), 0.3 * DAY]),
    leads_per_day=st.integers(0, 5),
    start_at=st.none() | st.integers(-9, 18).map(lambda thirds: NOW + thirds * DAY / 3),
    end_at=st.none() | st.integers(-6, 27).map(lambda thirds: NOW + thirds * DAY / 3),
    sending_window=windows,
)
lines = st.builds(
    Line,
    running=st.integers(0, 14),
    started_today=st.integers(0, 6),
    last_start_at=st.none() | st.integers(-4, 4).map(lambda parts: NOW + 0.2 * parts * DAY),
)


def admitted_by_waiting(
    settings: CampaignSettings, line: Line, ahead: int
) -> tuple[datetime | None, Opening]:
    """When the lead behind so many enters, if none ends; and what bound it last."""
    now, number, last = NOW, 0, None
    while True:
        opened = opening(settings, line, now)
        last = last or opened
        number += opened.room
        if number > ahead:
            return now, last
        if opened.room:
            starts = [opened.starts_at]
            for _ in range(opened.room - 1):
                starts.append(starts[-1] + settings.lead_processing_delay)
            line = Line(
                running=line.running + opened.room,
                started_today=line.started_today + opened.room,
                last_start_at=starts[-1],
            )
            opened = opening(settings, line, now)
        last = opened
        if opened.until is None:
            return None, opened
        if day_of(settings, opened.until) != day_of(settings, now):
            line = replace(line, started_today=0)
        now = opened.until


@given(settings_drawn, lines, st.integers(0, 30))
def test_the_told_moment_is_when_it_is_admitted(
    settings: CampaignSettings, line: Line, ahead: int
) -> None:
    """The moment and the rule are those that looking again and again would come to."""
    place = place_of(settings, line, ahead=ahead, now=NOW)

    entered_at, bound = admitted_by_waiting(settings, line, ahead)

    if place.rule is None:
        assert entered_at == NOW
    elif place.rule is AdmissionRule.END_DATE:
        assert settings.end_at is not None
        assert entered_at is None or entered_at >= settings.end_at
        assert place.until == (settings.end_at if settings.end_at > NOW else None)
    elif entered_at is None:
        assert place.until is None
        # Whether others end before the campaign does nobody knows.
        in_time = bound.rule is not AdmissionRule.END_DATE
        assert place.rule is (bound.rule if in_time else AdmissionRule.ROOM)
    else:
        assert place.until == entered_at
        assert place.rule is bound.rule


@given(settings_drawn, lines)
def test_nobody_enters_against_a_rule(settings: CampaignSettings, line: Line) -> None:
    """No more than there is room for, than the day takes, not before the date, on no other day."""
    opened = opening(settings, line, NOW)

    assert opened.room >= 0
    assert opened.room + line.running <= max(settings.max_concurrent_leads, line.running)
    if settings.leads_per_day:
        assert opened.room + line.started_today <= max(settings.leads_per_day, line.started_today)
    if opened.room:
        assert settings.start_at is None or settings.start_at <= NOW
        assert settings.end_at is None or settings.end_at > NOW
        assert day_of(settings, NOW).sends
    assert opened.until is None or opened.until > NOW
    unknown = {AdmissionRule.ROOM, AdmissionRule.END_DATE}
    assert (opened.until is None) == (opened.rule in unknown)


def test_a_later_day_has_the_starts_of_the_day_before() -> None:
    """Those who entered start one after the other, also over midnight: the end cuts them off."""
    settings = CampaignSettings(
        max_concurrent_leads=1000,
        leads_per_day=50,
        lead_processing_delay=timedelta(minutes=15),
        end_at=NOW + timedelta(hours=22),
    )

    told = [
        place_of(settings, Line(running=0, started_today=0), ahead=ahead, now=NOW)
        for ahead in (49, 73, 90)
    ]

    tomorrow = datetime(2026, 3, 28, tzinfo=UTC)
    assert [(each.rule, each.until) for each in told] == [
        (None, NOW + 49 * timedelta(minutes=15)),
        (AdmissionRule.LEADS_PER_DAY, tomorrow),
        (AdmissionRule.END_DATE, settings.end_at),
    ]


def test_a_date_of_the_same_day_begins_no_new_day() -> None:
    """Who has begun today counts at a start date that was moved to later today."""
    settings = CampaignSettings(leads_per_day=1, start_at=NOW + timedelta(hours=10))

    place = place_of(settings, Line(running=2, started_today=2), ahead=0, now=NOW)

    assert place.until == datetime(2026, 3, 28, tzinfo=UTC)


def test_leads_start_one_after_the_other() -> None:
    """The next one starts a pause after the last, also where that is still to come."""
    line = Line(running=1, started_today=1, last_start_at=NOW + timedelta(seconds=50))

    place = place_of(CampaignSettings(), line, ahead=2, now=NOW)

    assert place.until == NOW + timedelta(seconds=50 + 3 * 30)


@given(settings_drawn, lines)
def test_nobody_starts_after_the_end(settings: CampaignSettings, line: Line) -> None:
    """Starts that follow one another went on for days after it, and the campaign with them."""
    opened = opening(settings, line, NOW)

    last_at = opened.starts_at + settings.lead_processing_delay * (opened.room - 1)
    assert not opened.room or settings.end_at is None or last_at < settings.end_at
