"""What one request has to keep to, from the rules and a snapshot: caps, hours, pauses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from linkedin_gateway.kinds.caps import Allowance, binding_caps
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.models import Account, ActionRequest, Cap, Kind, WorkingHours
from linkedin_gateway.models.working_hours import CommonHours, Late
from linkedin_gateway.pace import health_score as health
from linkedin_gateway.pace.slots import Schedule, Slots, Window, fraction
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot

DAY_BEGINS, DAY_ENDS = time(8), time(20)
"""When a person may be written to, at their clock, where nobody has said more of it."""
_SEASONS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))


def slots_for(
    request: ActionRequest, snapshot: Snapshot, *, rules: PaceRules, now: datetime
) -> Slots:
    """The slots of the request's kind, from the moment at which a turn can be."""
    cools_until = snapshot.cools_until
    begin = now if cools_until is None else max(now, cools_until)
    rested = begin
    if request.kind not in READS:
        rested = max(begin, rested_at(snapshot, rules, now=now))
        if snapshot.in_flight_until is not None and snapshot.in_flight_until > now:
            # Else all who ask meanwhile would be told the same moment.
            rested = max(rested, now + in_flight_wait(rules))
    schedule = schedule_of(request, snapshot, rules, now=begin)
    return schedule.slots(now=begin, rested_at=rested)


def schedule_of(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> Schedule:
    """When a request of this kind may go on this account."""
    if rules.open:
        return Schedule()
    asked = asked_hours(request, snapshot.account)
    read = request.kind in READS
    return Schedule(
        windows=windows(snapshot, request.kind, rules, noted=request.noted, now=now),
        hours=CommonHours() if read else CommonHours(*asked.values(), late=late(snapshot, rules)),
        gap=timedelta(0) if read else rules.gap.between_turns,
    )


def windows(
    snapshot: Snapshot, kind: Kind, rules: PaceRules, *, noted: bool, now: datetime
) -> list[Window]:
    """The caps of a kind with what counts in each."""
    caps = binding_caps(
        kind,
        tier=snapshot.account.tier.value,
        noted=noted,
        customer=snapshot.account.caps,
        allowance=allowance(snapshot.account, kind, rules, now=now),
    )
    return [_window(cap, snapshot) for cap in caps]


def _window(cap: Cap, snapshot: Snapshot) -> Window:
    if cap.noted:
        counted = snapshot.counted_noted
    elif cap.shared:
        counted = snapshot.counted.with_sibling(snapshot.counted_sibling)
    else:
        counted = snapshot.counted
    return Window(cap=cap, ended=counted.ended, open_ends=counted.open_ends)


def tightest(found: Sequence[Window], *, now: datetime) -> list[Window]:
    """Of several caps over the same time, the one that leaves least."""
    least: dict[timedelta, Window] = {}
    for window in found:
        per = window.cap.per
        left = window.cap.actions - window.used(now)
        if per not in least or left < least[per].cap.actions - least[per].used(now):
            least[per] = window
    return list(least.values())


def allowance(account: Account, kind: Kind, rules: PaceRules, *, now: datetime) -> Allowance:
    """What part of its tier's caps an account may use now."""
    today = now.astimezone(ZoneInfo(account.working_hours.time_zone)).date()
    less = rules.daily_variation * fraction(
        "day", account.account_id, kind.value, today.isoformat()
    )
    return Allowance(
        ramp=ramp_of(account, now=now),
        multiplier=account.multiplier,
        today=1.0 - less,
    )


def ramp_of(account: Account, *, now: datetime) -> float:
    """The share of its tier's caps for being new, idle, restored or hardly connected."""
    return health.ramp(
        now=now,
        since=account.since,
        restored_at=account.restored_at,
        resumed_at=account.resumed_at,
        connections=account.connections,
    )


def asked_hours(request: ActionRequest, account: Account) -> dict[str, WorkingHours]:
    """The hours that a write must keep to, by whose they are."""
    hours = {"the account's working hours": account.working_hours}
    if request.sending_window is not None:
        hours["the campaign's sending window"] = request.sending_window
    if request.person_time_zone:
        here, zone = account.working_hours, request.person_time_zone
        if request.sending_window is not None:
            hours["the person's day"] = replace(request.sending_window, time_zone=zone)
        else:
            day = WorkingHours(
                time_zone=zone, weekdays=here.weekdays, opens=DAY_BEGINS, closes=DAY_ENDS
            )
            if _meet(replace(here, holidays=frozenset()), day):
                hours["the person's day"] = day
    return hours


@lru_cache(maxsize=1_024)
def _meet(here: WorkingHours, there: WorkingHours) -> bool:
    """Whether both are open at once in some hour of every week, winter and summer.

    A person at the other end of the world would never be written to else.
    """
    found = ((at, CommonHours(here, there).next_open(at)) for at in _SEASONS)
    return all(opens is not None and opens - at < timedelta(days=8) for at, opens in found)


def late(snapshot: Snapshot, rules: PaceRules) -> Late:
    """People do not begin on the minute, nor at the same minute every day."""
    account_id = snapshot.account.account_id

    def after(opens_at: datetime) -> timedelta:
        return rules.latest_start * fraction("late", account_id, opens_at.isoformat())

    return after


def rested_at(snapshot: Snapshot, rules: PaceRules, *, now: datetime) -> datetime:
    """When the account's pause after its last write is over."""
    if rules.open or snapshot.last_write is None:
        return now
    action_id, ended_at = snapshot.last_write
    return ended_at + rules.gap.after(snapshot.account.account_id, action_id)


def in_flight_wait(rules: PaceRules) -> timedelta:
    """How long an action in flight is waited for, its pause included."""
    return rules.in_flight_check if rules.open else rules.gap.mean


def slow_check(rules: PaceRules, *seed: str) -> timedelta:
    """When to look again where nobody can know the end: jittered, so that no herd forms."""
    return rules.slow_check * (0.75 + 0.5 * fraction("slow-check", *seed))
