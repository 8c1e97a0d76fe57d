"""What stands between an action and its performance, in the order in which it must go. Pure.

Decisions and the explanation of a waiting request are made by this module alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from linkedin_gateway.kinds.caps import Allowance, binding_caps
from linkedin_gateway.kinds.registry import CONTACTS, READS
from linkedin_gateway.models import (
    Account,
    AccountState,
    ActionRequest,
    Cap,
    HoldScope,
    Kind,
    WorkingHours,
)
from linkedin_gateway.models.working_hours import CommonHours, Late
from linkedin_gateway.pace import health_score as health
from linkedin_gateway.pace.slots import Bound, Schedule, Slot, Slots, Window, fraction
from linkedin_gateway.pace.snapshot import Counted, PaceRules, Snapshot


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One thing in the way."""

    reason: str
    description: str
    free_at: datetime | None = None
    """None if nobody can know."""
    window: Window | None = None


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


def tightest(found: Sequence[Window], *, now: datetime) -> list[Window]:
    """Of several caps over the same time, the one that leaves least."""
    least: dict[timedelta, Window] = {}
    for window in found:
        per = window.cap.per
        left = window.cap.actions - window.used(now)
        if per not in least or left < least[per].cap.actions - least[per].used(now):
            least[per] = window
    return list(least.values())


def _window(cap: Cap, snapshot: Snapshot) -> Window:
    if cap.noted:
        counted = snapshot.counted_noted
    elif cap.shared:
        ended = sorted((*snapshot.counted.ended, *snapshot.counted_sibling.ended))
        open_ends = snapshot.counted.open_ends + snapshot.counted_sibling.open_ends
        counted = Counted(ended=ended, open_ends=open_ends)
    else:
        counted = snapshot.counted
    return Window(cap=cap, ended=counted.ended, open_ends=counted.open_ends)


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


def asked_hours(request: ActionRequest, account: Account) -> dict[str, WorkingHours]:
    """The hours that a write must keep to, by whose they are."""
    hours = {"the account's working hours": account.working_hours}
    if request.sending_window is not None:
        hours["the campaign's sending window"] = request.sending_window
    if request.person_time_zone:
        there = request.sending_window or replace(account.working_hours, holidays=frozenset())
        hours["the person's day"] = replace(there, time_zone=request.person_time_zone)
    return hours


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


def obstacles_of(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, slots: Slots, *, now: datetime
) -> Iterator[Obstacle]:
    """Every obstacle, the ones without a known end first."""
    yield from blocking(request, snapshot, rules, now=now)
    read = request.kind in READS
    slot = slots[0]
    if slot.at > now:
        yield slot_obstacle(slot)
    elif snapshot.due_ahead and not read:
        yield Obstacle(
            reason=Bound.TURN.value,
            description=f"{snapshot.due_ahead} on this account come first.",
            free_at=now + max(rules.gap.mean, rules.in_flight_check) * snapshot.due_ahead,
        )


def blocking(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> Iterator[Obstacle]:
    """What blocks whatever the caps, hours and turns say."""
    read = request.kind in READS
    for scope in () if read else snapshot.holds:
        yield held(scope)
    if snapshot.account.state is not AccountState.CONNECTED:
        yield parked(snapshot.account.state)
    back_at = _back_at(request, snapshot)
    if back_at is not None and back_at > now:
        yield Obstacle(
            reason="PERSON_AWAY",
            description="The person's automatic reply is being waited out.",
            free_at=back_at,
        )
    if snapshot.cools_until is not None and snapshot.cools_until > now:
        yield cooling(request.kind, snapshot.cools_until)
    if snapshot.in_flight_until is not None and snapshot.in_flight_until > now and not read:
        yield Obstacle(
            reason=Bound.GAP.value,
            description="Another action of the account is on the wire.",
            free_at=now + in_flight_wait(rules),
        )


def _back_at(request: ActionRequest, snapshot: Snapshot) -> datetime | None:
    """Until when the person is not to be contacted because of an automatic reply."""
    contactless = request.kind not in CONTACTS
    if contactless or snapshot.automatic_at is None or request.automatic_reply_wait is None:
        return None
    return snapshot.automatic_at + request.automatic_reply_wait


_HELD = {
    HoldScope.CAMPAIGN: "the campaign",
    HoldScope.ACCOUNT: "the account",
    HoldScope.ORGANIZATION: "the organization",
    HoldScope.EVERYTHING: "everything",
    HoldScope.KIND: "this kind of action",
}


def held(scope: HoldScope) -> Obstacle:
    """A hold is in force until somebody lifts it."""
    return Obstacle(reason="HELD", description=f"A hold on {_HELD[scope]} is in force.")


def parked(state: AccountState) -> Obstacle:
    """The account cannot act until its owner has done something."""
    return Obstacle(reason="ACCOUNT_PARKED", description=f"The account is {state.value}.")


def cooling(kind: Kind, until: datetime) -> Obstacle:
    """LinkedIn's request to slow down."""
    text = f"LinkedIn asked the account to slow down with {kind.value}s."
    return Obstacle(reason="COOLING_DOWN", description=text, free_at=until)


def slot_obstacle(slot: Slot) -> Obstacle:
    """What a slot in the future is waited for."""
    if slot.never:
        text = "The account's working hours and the sending window never meet."
        return Obstacle(reason=Bound.HOURS.value, description=text, free_at=slot.at)
    if slot.bound is Bound.CAP and slot.window is not None:
        cap = slot.window.cap
        text = f"At most {cap.actions} {cap.name}."
        return Obstacle(
            reason=Bound.CAP.value, description=text, free_at=slot.at, window=slot.window
        )
    return Obstacle(reason=slot.bound.value, description=_DESCRIPTIONS[slot.bound], free_at=slot.at)


_DESCRIPTIONS: Mapping[str, str] = {
    Bound.NOTHING: "Nothing is in the way.",
    Bound.CAP: "A cap is used up.",
    Bound.HOURS: "It is outside of the account's working hours or the sending window.",
    Bound.GAP: "The random pause since the account's last action is not over.",
    Bound.TURN: "Others on this account come first.",
}


def slow_check(rules: PaceRules, *seed: str) -> timedelta:
    """When to look again where nobody can know the end: jittered, so that no herd forms."""
    return rules.slow_check * (0.75 + 0.5 * fraction("slow-check", *seed))


def told(reason: str) -> str:
    """What somebody waits for, in a sentence, when only the reason is known."""
    return _DESCRIPTIONS.get(reason) or _LASTING.get(reason) or reason


_LASTING = {
    "PERSON_AWAY": "The person's automatic reply is being waited out.",
    "HELD": "A hold is in force.",
    "ACCOUNT_PARKED": "The account cannot act until its owner has connected it again.",
    "COOLING_DOWN": "LinkedIn asked the account to slow down with this.",
}
