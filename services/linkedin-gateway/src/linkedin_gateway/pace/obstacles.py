"""What stands between an action and its performance, in the order in which it must go. Pure.

It names what is in the way and says when that ends; `slots` finds the moment at which caps,
hours and pauses allow. Decisions and explanations of waiting requests use the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from linkedin_gateway.kinds.registry import CONTACTS, READS
from linkedin_gateway.models import AccountState, ActionRequest, HoldScope, Kind
from linkedin_gateway.pace.eligibility import AfterOwner, after_owner
from linkedin_gateway.pace.schedules import in_flight_wait
from linkedin_gateway.pace.slots import Bound, Slot, Slots, Window
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One thing in the way."""

    reason: str
    description: str
    free_at: datetime | None = None
    """None if nobody can know."""
    window: Window | None = None


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
        # One pause at least; how many come first in the end says the turn, if there are turns.
        pauses = snapshot.due_ahead if rules.open else 1
        yield Obstacle(
            reason=Bound.TURN.value,
            description=f"{snapshot.due_ahead} on this account come first.",
            free_at=now + max(rules.gap.mean, rules.in_flight_check) * pauses,
        )


def blocking(
    request: ActionRequest, snapshot: Snapshot, rules: PaceRules, *, now: datetime
) -> Iterator[Obstacle]:
    """What blocks whatever the caps, hours and turns say."""
    read = request.kind in READS
    if request.kind in CONTACTS and _owner_waits(request, snapshot):
        yield owner_wrote()
    for scope in () if read else snapshot.holds:
        yield held(scope)
    if snapshot.account.state is not AccountState.CONNECTED:
        yield parked(snapshot.account.state)
    waits = rules.enrolment_policy.waits and request.kind in CONTACTS
    if snapshot.elsewhere and waits:
        yield Obstacle(reason="PERSON_IN_ANOTHER_CAMPAIGN", description=_ELSEWHERE)
    back_at = _back_at(request, snapshot)
    if back_at is not None and back_at > now:
        yield Obstacle(
            reason="PERSON_AWAY",
            description="The person's automatic reply is being waited out.",
            free_at=back_at,
        )
    if snapshot.cools_until is not None and snapshot.cools_until > now:
        yield cooling(request.kind, snapshot.cools_until)
    lookups = snapshot.reads.cools_until if snapshot.reads is not None else None
    if lookups is not None and lookups > now:
        yield cooling(Kind.LOOKUP, lookups)
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


def _owner_waits(request: ActionRequest, snapshot: Snapshot) -> bool:
    after = after_owner(request, wrote_at=snapshot.owner_wrote_at, answered_at=snapshot.answered_at)
    return after is AfterOwner.WAITS


def owner_wrote() -> Obstacle:
    """The owner talks to the person, whose answer ends the wait."""
    return Obstacle(reason="OWNER_WROTE", description=_OWNER_WROTE)


def held(scope: HoldScope) -> Obstacle:
    """A hold is in force until somebody lifts it."""
    return Obstacle(reason="HELD", description=f"A hold on {_covered(scope)} is in force.")


def _covered(scope: HoldScope) -> str:
    match scope:
        case HoldScope.CAMPAIGN:
            return "the campaign"
        case HoldScope.ACCOUNT:
            return "the account"
        case HoldScope.ORGANIZATION:
            return "the organization"
        case HoldScope.EVERYTHING:
            return "everything"
        case HoldScope.KIND:
            return "this kind of action"
        case _:
            assert_never(scope)


def parked(state: AccountState) -> Obstacle:
    """The account cannot act: its owner must do something, or it is being started anew."""
    if state is AccountState.REMOVED:
        return Obstacle(reason="ACCOUNT_REMOVED", description=describe("ACCOUNT_REMOVED"))
    return Obstacle(reason="ACCOUNT_PARKED", description=f"The account is {state.value}.")


def cooling(kind: Kind, until: datetime) -> Obstacle:
    """LinkedIn's request to slow down."""
    text = f"LinkedIn asked the account to slow down with {kind.value}s."
    return Obstacle(reason="COOLING_DOWN", description=text, free_at=until)


def slot_obstacle(slot: Slot) -> Obstacle:
    """What a slot in the future is waited for."""
    if slot.never:
        return replace(never(), free_at=slot.at)
    if slot.bound is Bound.CAP and slot.window is not None:
        cap = slot.window.cap
        return Obstacle(
            reason=Bound.CAP.value, description=cap.sentence, free_at=slot.at, window=slot.window
        )
    return Obstacle(reason=slot.bound.value, description=_description(slot.bound), free_at=slot.at)


def never() -> Obstacle:
    """The hours that an action keeps to are never open together."""
    text = "The account's working hours and the sending window never meet."
    return Obstacle(reason=Bound.HOURS.value, description=text)


def _description(bound: Bound) -> str:
    match bound:
        case Bound.NOTHING:
            return "Nothing is in the way."
        case Bound.CAP:
            return "A cap is used up."
        case Bound.HOURS:
            return "It is outside of the account's working hours or the sending window."
        case Bound.GAP:
            return "The random pause since the account's last action is not over."
        case Bound.TURN:
            return "Others on this account come first."
        case _:
            assert_never(bound)


def describe(reason: str) -> str:
    """What somebody waits for, in a sentence, when only the reason is known."""
    return _DESCRIPTIONS.get(reason, reason)


_OWNER_WROTE = "The account's owner has written to the person by hand; it waits until they answer."
_ELSEWHERE = "Another campaign of the organization works on the person."
_DESCRIPTIONS = {bound.value: _description(bound) for bound in Bound} | {
    "SUPPRESSION_UNREAD": "Who it is that a suppression names is looked up first.",
    "PERSON_AWAY": "The person's automatic reply is being waited out.",
    "OWNER_WROTE": _OWNER_WROTE,
    "PERSON_IN_ANOTHER_CAMPAIGN": _ELSEWHERE,
    "TOLD_TO_COME": "A turn came free before its own, and its caller was told to come.",
    "HELD": "A hold is in force.",
    "ACCOUNT_PARKED": "The account cannot act until its owner has connected it again.",
    "ACCOUNT_REMOVED": "The account was removed at the provider and does not come back by itself.",
    "COOLING_DOWN": "LinkedIn asked the account to slow down with this.",
}
"""A row may tell other reasons as well, for which there is no sentence."""
