"""What one request has to keep to, from the rules and a snapshot: caps, hours, pauses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from linkedin_gateway.kinds.caps import Allowance, binding_caps
from linkedin_gateway.kinds.reads import PROFILE_READS
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.models import Account, Action, ActionRequest, Cap, Kind, WorkingHours
from linkedin_gateway.models.working_hours import CommonHours, Late
from linkedin_gateway.pace import health_score as health
from linkedin_gateway.pace.slots import Schedule, Slots, Window, fraction
from linkedin_gateway.pace.snapshot import Counted, PaceRules, ProfileReads, Snapshot

_INSTANT = timedelta(microseconds=1)
TOLD_TO_COME = "TOLD_TO_COME"
"""The reason of a row whose caller was told to come before its turn."""
DAY_BEGINS, DAY_ENDS = time(8), time(20)
"""When a person may be written to, at their clock, where nobody has said more of it."""
_SEASONS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))


def slots_for(
    request: ActionRequest, snapshot: Snapshot, *, rules: PaceRules, now: datetime
) -> Slots:
    """The slots of the request's kind, from the moment at which a turn can be."""
    begin = now if snapshot.cools_until is None else max(now, snapshot.cools_until)
    if snapshot.reads is not None and snapshot.reads.cools_until is not None:
        begin = max(begin, snapshot.reads.cools_until)
    rested = next_turn = now
    if request.kind not in READS:
        rested = next_turn = max(now, rested_at(snapshot, rules, now=now))
        if snapshot.in_flight_until is not None and snapshot.in_flight_until > now:
            # Else all who ask meanwhile would be told the same moment.
            rested = next_turn = max(rested, now + in_flight_wait(rules))
        if snapshot.last_write is not None and not rules.open:
            next_turn = max(rested, snapshot.last_write[1] + rules.gap.between_turns)
    schedule = schedule_of(request, snapshot, rules, now=begin)
    return schedule.slots(now=begin, rested_at=rested, next_turn_at=next_turn)


def schedule_of(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> Schedule:
    """When a request of this kind may go on this account."""
    if rules.open:
        return Schedule()
    asked = asked_hours(request, snapshot.account)
    read = request.kind in READS
    found = windows(snapshot, request.kind, rules, noted=request.noted, now=now)
    if snapshot.reads is not None:
        found += _lookup_windows(snapshot.reads, snapshot, request.kind, rules, now=now)
    return Schedule(
        windows=found,
        caps_of=lambda kind: caps_of(snapshot.account, kind, rules, now=now),
        hours=CommonHours() if read else CommonHours(*asked.values(), late=late(snapshot, rules)),
        gap=timedelta(0) if read else rules.gap.between_turns,
    )


def caps_of(
    account: Account, kind: Kind, rules: PaceRules, *, noted: bool = False, now: datetime
) -> Sequence[Cap]:
    """What an account may do of one kind."""
    return binding_caps(
        kind,
        tier=account.tier.value,
        noted=noted,
        customer=account.caps,
        allowance=allowance(account, kind, rules, now=now),
    )


def windows(
    snapshot: Snapshot, kind: Kind, rules: PaceRules, *, noted: bool, now: datetime
) -> list[Window]:
    """The caps of a kind with what counts in each."""
    caps = caps_of(snapshot.account, kind, rules, noted=noted, now=now)
    return [_window(cap, snapshot) for cap in caps]


def _window(cap: Cap, snapshot: Snapshot) -> Window:
    if cap.noted:
        return _counted(cap, snapshot.counted_noted)
    if not cap.shared:
        return _counted(cap, snapshot.counted)
    # Who must be looked up before a visit costs two of the reads.
    twice = cap.shared == PROFILE_READS.name and snapshot.reads is not None
    counted = snapshot.counted.together_with(snapshot.counted_sibling)
    return _counted(cap, counted, each=2 if twice else 1)


def _counted(cap: Cap, counted: Counted, *, each: int = 1) -> Window:
    return Window(cap=cap, ended=counted.ended, open_ends=counted.open_ends, each=each)


def _lookup_windows(
    reads: ProfileReads, snapshot: Snapshot, kind: Kind, rules: PaceRules, *, now: datetime
) -> Iterator[Window]:
    """The caps of the lookup that comes first."""
    for cap in caps_of(snapshot.account, Kind.LOOKUP, rules, now=now):
        if cap.shared:
            each = 2 if kind is Kind.VISIT else 1
            yield _counted(cap, reads.lookups.together_with(reads.visits), each=each)
        else:
            yield _counted(cap, reads.lookups)


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
    day = _persons_day(request, replace(account.working_hours, holidays=frozenset()))
    if day is not None:
        hours["the person's day"] = day
    return hours


def _persons_day(request: ActionRequest, here: WorkingHours) -> WorkingHours | None:
    """When the person may be written to at their clock; None where nobody says, or nobody could.

    Working hours that leave nothing of it count alone, with the window if there is one. That a
    window leaves nothing of itself there is its author's word.
    """
    window, zone = request.sending_window, request.person_time_zone
    if not zone:
        return None
    if window is None:
        day = WorkingHours(
            time_zone=zone, weekdays=here.weekdays, opens=DAY_BEGINS, closes=DAY_ENDS
        )
        return day if _meet(here, day) else None
    day = replace(window, time_zone=zone)
    return day if _meet(here, window, day) or not _meet(window, day) else None


@lru_cache(maxsize=1_024)
def _meet(*hours: WorkingHours) -> bool:
    """Whether all are open at once in some hour of every week, winter and summer.

    A person at the other end of the world would never be written to else.
    """
    found = ((at, CommonHours(*hours).next_open(at)) for at in _SEASONS)
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


def due_within(request: ActionRequest, rules: PaceRules) -> timedelta:
    """Whose turn comes so soon comes before a request: else it were in the pause after it."""
    if rules.open or request.kind in READS:
        return timedelta(0)
    pause = rules.gap.after(request.account_id, request.action_id)
    return pause - _INSTANT if pause else pause


def due_until(
    request: ActionRequest, known: Action | None, rules: PaceRules, *, now: datetime
) -> datetime:
    """By when the turn of somebody better ranked must be for a request to let them go first.

    Who was told to come to a turn that nobody took goes at once, whoever comes next.
    """
    if known is not None and known.reason == TOLD_TO_COME:
        return now
    return now + due_within(request, rules)


def in_flight_wait(rules: PaceRules) -> timedelta:
    """How long an action in flight is waited for, its pause included."""
    return rules.in_flight_check if rules.open else rules.gap.mean


def slow_check(rules: PaceRules, *seed: str) -> timedelta:
    """When to look again where nobody can know the end: jittered, so that no herd forms."""
    return rules.slow_check * (0.75 + 0.5 * fraction("slow-check", *seed))
