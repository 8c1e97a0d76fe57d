"""Forecasts: what the caps and hours leave for each day."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.models import ActionRequest, ActionState, Cap, Kind, WorkingHours
from linkedin_gateway.models.working_hours import CommonHours
from linkedin_gateway.pace.forecast import UNBOUNDED, capacity, days_ahead, together
from linkedin_gateway.pace.ranking import Ahead
from linkedin_gateway.pace.schedules import schedule_of
from linkedin_gateway.pace.slots import Schedule, Window
from linkedin_gateway.pace.snapshot import ProfileReads

from tests.contracts.ledger import ACCOUNT, asked
from tests.fakes.callers import Callers
from tests.unit.linkedin_gateway.pace.test_mixed_kinds import LONGEST, STEADY, callers_by

FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)
DAILY = Cap(kind=Kind.INVITATION, per=timedelta(days=1), actions=3)


def test_capacity_keeps_caps_and_hours() -> None:
    """Two of three are used today; nothing goes on a weekend; a day has no more than its cap."""
    ended = [FRIDAY - timedelta(hours=2), FRIDAY - timedelta(hours=1)]
    schedule = Schedule(
        windows=[Window(cap=DAILY, ended=ended)],
        hours=CommonHours(WorkingHours()),
        gap=timedelta(minutes=2),
    )

    slots = capacity(schedule, now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=5)

    assert slots == {date(2026, 3, 6): 1, date(2026, 3, 9): 3, date(2026, 3, 10): 3}


def test_days_are_those_of_the_zone() -> None:
    """Late on Friday in UTC it is Saturday in Tokyo."""
    late = FRIDAY.replace(hour=20)

    assert days_ahead(late, "Asia/Tokyo", 2) == [date(2026, 3, 7), date(2026, 3, 8)]


def test_hours_that_never_open_hold_nothing() -> None:
    """The forecast ends although the slots would not."""
    weekend = WorkingHours(weekdays=frozenset({6, 7}))
    schedule = Schedule(hours=CommonHours(WorkingHours(), weekend), gap=timedelta(minutes=2))

    assert not capacity(schedule, now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=7)


def test_a_forecast_of_open_caps_ends() -> None:
    """Nothing bounds a day, and it says so; it once counted slots until the memory was full."""
    slots = capacity(Schedule(), now=FRIDAY, rested_at=FRIDAY, time_zone="UTC", days=2)

    assert slots == {date(2026, 3, 6): UNBOUNDED, date(2026, 3, 7): UNBOUNDED}


asked_for = st.sets(st.sampled_from(sorted(CONTACTS)), min_size=1, max_size=3)


async def forecast(
    callers: Callers, kinds: Collection[Kind], *, days: int = 1
) -> dict[Kind, Counter[date]]:
    """What an account can do of these kinds together, beside what waits on it."""
    ledger, rows = callers.ledger, callers.tables.actions.values()
    snapshots = await ledger.usage(ACCOUNT.account_id, now=callers.now)
    reads = ProfileReads(
        lookups=snapshots[Kind.LOOKUP].counted, visits=snapshots[Kind.VISIT].counted
    )
    slots = {
        kind: schedule_of(
            asked(kind=kind), replace(snapshots[kind], reads=reads), STEADY, now=callers.now
        ).slots(now=callers.now, rested_at=callers.now)
        for kind in kinds
    }
    waiting = sorted(
        Ahead(row.turn_at, row.kind, row.needs_lookup)
        for row in rows
        if row.state is ActionState.QUEUED and row.turn_at is not None
    )
    counted = {kind: each.counted for kind, each in snapshots.items()}
    ahead = days_ahead(callers.now, "UTC", days)
    return together(slots, waiting, counted, time_zone="UTC", ahead=ahead)


def of_new_people(callers: Callers, actions: Mapping[Kind, int]) -> list[ActionRequest]:
    """So many of each kind; of what is for one person the first thing alone costs a lookup."""
    requests: list[ActionRequest] = []
    for number in range(max(actions.values(), default=0)):
        kinds = [kind for kind in sorted(actions) if number < actions[kind]]
        new = [
            asked(
                100 * number + place,
                kind=kind,
                campaign_id="camp_new",
                action_id=f"new/{kind}/{number:03}",
            )
            for place, kind in enumerate(kinds)
        ]
        callers.tables.unresolved.add(new[0].person_id)
        requests += new
    return requests


@settings(max_examples=5, deadline=None)
@given(asked_for, st.integers(0, 20))
async def test_what_is_forecast_together_goes_together(kinds: set[Kind], waiting: int) -> None:
    """By the ledger's own decisions, among those who wait already, and before the day is over."""
    callers = callers_by(STEADY)
    for number in range(waiting):
        await callers.join(asked(1000 + number, action_id=f"old/{number:03}"))
    free = await forecast(callers, kinds)
    today = callers.now.date()
    actions = {kind: each[today] for kind, each in free.items() if each[today]}

    requests = of_new_people(callers, actions)
    for request in requests:
        await callers.join(request)
    await callers.run(until=datetime.combine(today, time.max, tzinfo=UTC))

    new = {request.action_id for request in requests}
    gone = sum(request.action_id in new for _, request in callers.sent)
    assert gone >= 0.95 * len(requests)


@settings(max_examples=10, deadline=None)
@given(asked_for)
async def test_together_is_never_more_than_alone(kinds: set[Kind]) -> None:
    """Of no kind more go than if it had the account for itself, and pauses lie between all."""
    callers = callers_by(STEADY)
    shared = await forecast(callers, kinds)
    alone = {kind: (await forecast(callers, [kind]))[kind] for kind in kinds}

    assert all(shared[kind][day] <= alone[kind][day] for kind in kinds for day in alone[kind])
    left = datetime.combine(callers.now.date(), time.max, tzinfo=UTC) - callers.now
    assert sum(each.total() for each in shared.values()) <= left / LONGEST + 1


async def test_visits_and_invitations_draw_on_the_same_reads() -> None:
    """People are looked up once: a visit and an invitation of each cost two reads, not three."""
    callers = callers_by(STEADY)

    both = await forecast(callers, [Kind.VISIT, Kind.INVITATION], days=2)

    tomorrow = callers.now.date() + timedelta(days=1)
    assert 40 <= both[Kind.VISIT][tomorrow] <= 47
    alone = (await forecast(callers, [Kind.INVITATION], days=2))[Kind.INVITATION]
    assert both[Kind.INVITATION][tomorrow] == alone[tomorrow]


async def test_what_waits_takes_its_part() -> None:
    """Of a day whose visits wait already none is left."""
    callers = callers_by(STEADY)
    for number in range(100):
        await callers.join(asked(1000 + number, action_id=f"old/{number:03}"))

    free = await forecast(callers, [Kind.VISIT])

    assert free[Kind.VISIT].total() == 0
