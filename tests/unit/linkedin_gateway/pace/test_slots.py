"""Turns: exact windows, no needless waiting, fair order, always an end."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from linkedin_gateway.models import DAY, HOUR, MONTH, WEEK, Cap, Kind, WorkingHours
from linkedin_gateway.models.working_hours import ALWAYS, CommonHours
from linkedin_gateway.pace.ranking import Ahead, QueueAhead
from linkedin_gateway.pace.slots import (
    Bound,
    Schedule,
    Window,
    distant_slot,
    fraction,
)
from linkedin_gateway.pace.snapshot import GapRange
from linkedin_gateway.pace.turns import turn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

spans = st.integers(0, 4 * 3600).map(lambda seconds: timedelta(seconds=seconds))
caps = st.lists(
    st.builds(
        lambda actions, minutes: Cap(
            kind=Kind.VISIT, per=timedelta(minutes=minutes), actions=actions
        ),
        st.integers(1, 6),
        st.integers(1, 24 * 60),
    ),
    min_size=1,
    max_size=3,
)


def schedule_of(
    found: list[Cap], ended: list[datetime], *, open_ends: int = 0, gap: timedelta = SECOND
) -> Schedule:
    windows = [Window(cap=cap, ended=ended, open_ends=open_ends) for cap in found]
    return Schedule(windows=windows, gap=gap)


@given(caps, st.lists(st.tuples(spans, spans), max_size=40))
def test_no_window_over_its_cap(
    found: list[Cap], history: list[tuple[timedelta, timedelta]]
) -> None:
    """Whatever the latency, no stretch of `per` holds more writes than `actions`.

    A write may reach the provider at any moment between its turn and its answer; the
    worst is taken: the first of a pair as late, the second as early as can be.
    """
    sent: list[datetime] = []
    ended: list[datetime] = []
    now = NOON
    for pause, latency in history:
        now += pause
        slot = schedule_of(found, ended).first_slot(now=now, rested_at=now)
        sent.append(slot.at)
        now = slot.at + latency
        ended.append(now)

    for cap in found:
        for answered, later in zip(ended, sent[cap.actions :], strict=False):
            assert later - answered >= cap.per


@given(caps, st.lists(spans, max_size=30))
def test_never_waits_for_nothing(found: list[Cap], pauses: list[timedelta]) -> None:
    """A slot is the earliest moment there is: one moment sooner a window would be over."""
    ended: list[datetime] = []
    now = NOON
    for pause in pauses:
        now += pause
        slot = schedule_of(found, ended).first_slot(now=now, rested_at=now)
        if slot.at > now:
            sooner = slot.at - timedelta(microseconds=1)
            windows = [Window(cap=cap, ended=ended) for cap in found]
            assert any(window.used(sooner) >= window.cap.actions for window in windows)
        now = slot.at
        ended.append(now)


@given(caps, st.integers(0, 20))
def test_slots_keep_the_caps_among_themselves(found: list[Cap], before: int) -> None:
    """Turns handed out ahead of time are turns that can be kept."""
    ended = [NOON - timedelta(minutes=before - number) for number in range(before)]
    schedule = schedule_of(found, ended)
    ahead = [slot.at for slot in islice(schedule.slots(now=NOON, rested_at=NOON), 40)]

    for cap in found:
        for first, later in zip(ahead, ahead[cap.actions :], strict=False):
            assert later - first >= cap.per


@given(caps, st.integers(0, 10), st.integers(1, 12))
def test_turns_always_end(found: list[Cap], open_ends: int, waiting: int) -> None:
    """However full the windows are of what nobody knows the end of, there is an answer."""
    schedule = schedule_of(found, [], open_ends=open_ends)

    slot = turn(schedule.slots(now=NOON, rested_at=NOON), QueueAhead(more_same_kind=waiting))

    assert slot.at >= NOON


def test_never_open_ends() -> None:
    """Hours that never meet are told as such, with a time to look again."""
    weekdays = WorkingHours()
    weekend = WorkingHours(weekdays=frozenset({6, 7}))
    schedule = Schedule(hours=CommonHours(weekdays, weekend))

    slot = schedule.first_slot(now=NOON, rested_at=NOON)

    assert slot.never
    assert slot.at > NOON


def test_each_in_the_queue_has_a_turn_of_its_own() -> None:
    """The k-th in the queue gets the k-th slot."""
    schedule = schedule_of(
        [Cap(kind=Kind.VISIT, per=timedelta(hours=1), actions=2)], [], gap=SECOND
    )
    ahead: list[datetime] = []
    for _ in range(6):
        ahead.append(turn(schedule.slots(now=NOON, rested_at=NOON), QueueAhead(same_kind=ahead)).at)

    assert ahead == [slot.at for slot in islice(schedule.slots(now=NOON, rested_at=NOON), 6)]


def test_who_sleeps_longer_does_not_hold_up() -> None:
    """A better-ranked request that was told tomorrow does not keep today's slot empty."""
    schedule = schedule_of([Cap(kind=Kind.VISIT, per=timedelta(hours=1), actions=5)], [])

    slot = turn(schedule.slots(now=NOON, rested_at=NOON), QueueAhead(same_kind=[NOON + DAY] * 50))

    assert slot.at == NOON
    assert slot.bound is Bound.NOTHING


def test_others_share_only_the_gap() -> None:
    """Better-ranked requests of other kinds take a gap each, not a place under the cap."""
    gap = timedelta(seconds=100)
    schedule = schedule_of([Cap(kind=Kind.VISIT, per=timedelta(hours=1), actions=5)], [], gap=gap)

    slot = turn(
        schedule.slots(now=NOON, rested_at=NOON),
        QueueAhead(among=[Ahead(NOON, Kind.REACTION, needs_lookup=False)] * 2),
    )

    assert slot.at == NOON + 2 * gap
    assert slot.bound is Bound.TURN


def test_far_turns_are_estimated() -> None:
    """Ten thousand ahead: the turn is told at the rate of the caps, a little early."""
    cap = Cap(kind=Kind.VISIT, per=timedelta(days=1), actions=80)
    slot = turn(
        schedule_of([cap], []).slots(now=NOON, rested_at=NOON), QueueAhead(more_same_kind=10_000)
    )

    assert timedelta(days=110) < slot.at - NOON < timedelta(days=135)


@given(st.text(), st.text())
def test_gap_is_random_but_the_same_for_all(account: str, request: str) -> None:
    """Every asker computes the same pause, and none is out of range."""
    gaps = GapRange()

    gap = gaps.after(account, request)

    assert gaps.shortest <= gap <= gaps.longest
    assert gap == gaps.after(account, request)


def test_gaps_differ() -> None:
    """Pauses follow no pattern: they spread over the whole range."""
    drawn = [fraction("acct", str(number)) for number in range(200)]

    assert len(set(drawn)) == 200
    assert min(drawn) < 0.1
    assert max(drawn) > 0.9


@pytest.mark.parametrize("at", [NOON + timedelta(hours=7 * number) for number in range(48)])
def test_slots_lie_in_the_hours(at: datetime) -> None:
    """Whenever one asks, slots lie within the working hours."""
    hours = WorkingHours(time_zone="Europe/Lisbon")
    schedule = Schedule(hours=CommonHours(hours), gap=timedelta(minutes=20))

    for slot in islice(schedule.slots(now=at, rested_at=at), 40):
        opening = hours.opening(slot.at)
        assert opening is not None
        assert opening.opens_at <= slot.at < opening.closes_at


@given(st.integers(100, 3_000))
def test_nobody_is_told_a_turn_in_closed_hours(waiting: int) -> None:
    """Far away turns are estimated, and fell on nights and Sundays on which nobody goes."""
    hours = CommonHours(WorkingHours())
    cap = Cap(kind=Kind.VISIT, per=DAY, actions=40)
    schedule = Schedule(windows=[Window(cap=cap)], hours=hours, gap=3 * 60 * SECOND)

    told = turn(schedule.slots(now=NOON, rested_at=NOON), QueueAhead(more_same_kind=waiting)).at

    assert hours.next_open(told) == told


BUSY = WorkingHours(time_zone="Europe/Berlin", opens=time(9), closes=time(17, 30))


@given(
    st.integers(8, 60),
    st.integers(40, 250),
    st.integers(0, 2_500),
    st.integers(0, 6 * 24),
    st.integers(1, 2),
)
@example(14, 40, 450, 0, 2)
@example(47, 69, 136, 58, 1)
@example(50, 115, 1237, 63, 1)
def test_a_distant_slot_comes_when_it_is_said_to(
    daily: int, weekly: int, number: int, hours: int, each: int
) -> None:
    """Nights, weekends and a week's cap lie before it as they will: behind hundreds it is told to
    the hour by which clocks are changed meanwhile, behind thousands a twentieth of the wait early
    or late at most.

    In strides of several actions taken as one it was told a week and a tenth too early or late.
    """
    begin = NOON + timedelta(hours=hours)
    schedule = crowded_weeks(daily, weekly, begin=begin, each=each)

    told = distant_slot(schedule, schedule.windows, {}, begin=begin, number=number)

    exact = schedule.slots(now=begin, rested_at=begin)[number].at
    fortnight = exact - begin < 2 * WEEK
    assert abs(told - exact) <= (SECOND if fortnight else HOUR + (exact - begin) * 0.05)


def crowded_weeks(
    daily: int, weekly: int, *, begin: datetime, each: int = 1, days_off: int = 0
) -> Schedule:
    """An account of office hours that nobody leaves idle; from the fourth week on days are off."""
    off = [begin.date() + 3 * WEEK + number * DAY for number in range(days_off)]
    caps = [(HOUR, 15), (DAY, daily), (WEEK, weekly)]
    return Schedule(
        windows=[
            Window(cap=Cap(kind=Kind.VISIT, per=per, actions=actions), each=each)
            for per, actions in caps
        ],
        hours=CommonHours(replace(BUSY, holidays=frozenset(off))),
        gap=180 * SECOND,
    )


@pytest.mark.parametrize(("each_month", "number"), [(5, 40), (200, 3_000)])
def test_a_months_cap_lies_before_a_distant_slot(each_month: int, number: int) -> None:
    """Notes of free accounts are few in 30 days: what goes in a week comes not every week."""
    caps = [(DAY, 20), (MONTH, each_month)]
    windows = [Window(cap=Cap(kind=Kind.INVITATION, per=per, actions=most)) for per, most in caps]
    schedule = Schedule(windows=windows, hours=CommonHours(BUSY), gap=180 * SECOND)

    told = distant_slot(schedule, windows, {}, begin=NOON, number=number)

    exact = schedule.slots(now=NOON, rested_at=NOON)[number].at
    assert abs(told - exact) <= (exact - NOON) * 0.01


@given(st.integers(1, 30), st.integers(600, 2_000))
def test_days_off_lie_before_a_distant_slot(days_off: int, number: int) -> None:
    """What could have gone on days off goes after them: who is behind is told so."""
    schedule = crowded_weeks(40, 200, begin=NOON, days_off=days_off)

    told = distant_slot(schedule, schedule.windows, {}, begin=NOON, number=number)

    exact = schedule.slots(now=NOON, rested_at=NOON)[number].at
    assert abs(told - exact) <= DAY


@pytest.mark.parametrize("hours", [ALWAYS, BUSY])
def test_who_waits_in_a_crowd_is_told_a_moment_of_its_own(hours: WorkingHours) -> None:
    """Behind hundreds each is told a moment a pause after the one before it, and none before its
    slot: so who comes goes.

    Told in strides, that changed with the number of those ahead, two were told one moment, and
    all who came later that day came in vain.
    """
    schedule = replace(crowded_weeks(80, 400, begin=NOON), hours=CommonHours(hours))
    exact = schedule.slots(now=NOON, rested_at=NOON).first(900)

    told = [
        turn(
            schedule.slots(now=NOON, rested_at=NOON),
            QueueAhead(same_kind=exact[:100], more_same_kind=number - 100),
        ).at
        for number in range(400, 900, 2)
    ]

    assert all(later - at >= 2 * schedule.gap for at, later in pairwise(told))
    assert all(at >= slot for at, slot in zip(told, exact[400::2], strict=True))


@pytest.mark.parametrize("waiting", [150, 300])
def test_who_is_looked_up_first_waits_for_both_in_a_crowd(waiting: int) -> None:
    """Those ahead take two of every window each: counted once, others were told hours too early."""
    caps = [(HOUR, 20), (DAY, 150)]
    schedule = Schedule(
        windows=[
            Window(cap=Cap(kind=Kind.VISIT, per=per, actions=actions), each=2)
            for per, actions in caps
        ],
        gap=180 * SECOND,
    )
    exact = schedule.slots(now=NOON, rested_at=NOON).first(2 * waiting)

    told = turn(
        schedule.slots(now=NOON, rested_at=NOON),
        QueueAhead(same_kind=exact[:100], more_same_kind=waiting - 100),
    )

    assert exact[waiting] <= told.at <= exact[waiting + waiting // 10]


def test_hours_that_never_meet_are_told_to_a_crowd() -> None:
    """Told as the others' turn, a lead was to wait for years, and each was searched for anew."""
    apart = CommonHours(WorkingHours(), WorkingHours(weekdays=frozenset({6, 7})))
    schedule = replace(crowded_weeks(80, 400, begin=NOON), hours=apart)
    slots = schedule.slots(now=NOON, rested_at=NOON)

    told = turn(slots, QueueAhead(same_kind=[NOON] * 100, more_same_kind=3_000))

    assert told == slots[0]
    assert told.never
