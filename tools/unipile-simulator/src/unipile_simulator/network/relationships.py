"""How each account stands to each person."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.clock import DAY
from unipile_simulator.dice import Dice
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES
from unipile_simulator.people.people import People, Person
from unipile_simulator.store import Store

DISTANCES = {
    "FIRST_DEGREE": "DISTANCE_1",
    "SECOND_DEGREE": "DISTANCE_2",
    "THIRD_DEGREE": "DISTANCE_3",
    "OUT_OF_NETWORK": "OUT_OF_NETWORK",
}
"""The words of profiles, and those of searches and chats."""
Shows = Callable[[float, float], bool]
"""Whether a read knows already what happened then, by the virtual and by the real clock."""
PENDING, ACCEPTED, WITHDRAWN, IGNORED = "PENDING", "ACCEPTED", "WITHDRAWN", "IGNORED"


def always(_at: float, _real_at: float) -> bool:
    """A read that lags behind nothing."""
    return True


@dataclass(kw_only=True)
class Invitation:
    """The latest invitation between an account and a person."""

    id: str
    type: str
    """SENT | RECEIVED"""
    status: str
    sent_at: float
    note: str | None = None
    ended_at: float | None = None
    real_sent_at: float = 0.0
    real_ended_at: float = 0.0
    shared_secret: str | None = None

    def open_to(self, shows: Shows) -> bool:
        """Whether a read that may lag sees it pending."""
        if not shows(self.sent_at, self.real_sent_at):
            return False
        ended = self.ended_at is not None and shows(self.ended_at, self.real_ended_at)
        return self.status == PENDING or not ended


@dataclass(kw_only=True)
class Relationship:
    """One account, one person."""

    account_id: str
    public_id: str
    invitation: Invitation | None = None
    invitations: int = 0
    connected_at: float | None = None
    real_connected_at: float = 0.0
    visits: list[float] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        """First degree."""
        return self.connected_at is not None

    def as_seen(self, shows: Shows) -> Relationship:
        """As a read sees it that may lag."""
        seen, invitation = replace(self), self.invitation
        if self.connected_at is not None and not shows(self.connected_at, self.real_connected_at):
            seen.connected_at = None
        if invitation is not None and not shows(invitation.sent_at, invitation.real_sent_at):
            seen.invitation = None
        elif invitation is not None and invitation.open_to(shows):
            seen.invitation = replace(invitation, status=PENDING, ended_at=None)
        return seen

    @property
    def pending(self) -> bool:
        """Invited, and no answer yet."""
        return (
            self.invitation is not None
            and self.invitation.type == "SENT"
            and self.invitation.status == PENDING
        )


class Relationships:
    """By account and person, with the pending invitations of each account."""

    def __init__(self, dice: Dice, people: People, store: Store) -> None:
        self._dice = dice
        self._people = people
        self._store = store
        self._by_pair: dict[tuple[str, str], Relationship] = {}
        self._by_invitation: dict[str, Relationship] = {}
        self._by_account: dict[str, dict[str, Relationship]] = {}
        self.on_first_look: Callable[[Relationship, Person], None] = lambda _tie, _person: None
        for kept in store.documents("relationship"):
            invitation = kept.pop("invitation")
            tie = Relationship(**kept)
            tie.invitation = Invitation(**invitation) if invitation else None
            self._index(tie)

    def between(self, account: Account, person: Person, now: float) -> Relationship:
        """How they stand; at the first look this follows from the person's temperament."""
        tie = self._by_pair.get((account.id, person.public_id))
        if tie is None:
            tie = Relationship(account_id=account.id, public_id=person.public_id)
            self._begin(tie, person, now)
            self._index(tie)
            if tie.invitation or tie.connected:
                self.save(tie)
                self.on_first_look(tie, person)
        return tie

    def known(self, account_id: str, public_id: str) -> Relationship | None:
        """How they stand, if either has met the other."""
        return self._by_pair.get((account_id, public_id))

    def of_person(self, public_id: str) -> list[Relationship]:
        """Everybody who has met a person."""
        return [ties[public_id] for ties in self._by_account.values() if public_id in ties]

    def of_account(self, account_id: str) -> list[Relationship]:
        """Everybody an account has met."""
        return list(self._by_account.get(account_id, {}).values())

    def by_invitation(self, account_id: str, invitation_id: str) -> Relationship | None:
        """Whose invitation this is, if the account has a part in it."""
        tie = self._by_invitation.get(invitation_id)
        return tie if tie is not None and tie.account_id == account_id else None

    def invite(
        self, tie: Relationship, *, note: str | None, now: float, kind: str = "SENT"
    ) -> Invitation:
        """A new invitation takes the place of the former one."""
        tie.invitations += 1
        keys = (tie.account_id, tie.public_id, tie.invitations)
        tie.invitation = Invitation(
            id=self._dice.digits("invitation", *keys),
            type=kind,
            status=PENDING,
            sent_at=now,
            note=note,
            real_sent_at=time.time(),
            shared_secret=self._dice.token("secret", *keys)[:8],
        )
        self._index(tie)
        self.save(tie)
        return tie.invitation

    def end_invitation(self, tie: Relationship, status: str, now: float) -> None:
        """The invitation is accepted, withdrawn or ignored; raises `LookupError` without one."""
        if tie.invitation is None:
            raise LookupError("there is no invitation to end")
        tie.invitation.status = status
        tie.invitation.ended_at = now
        tie.invitation.real_ended_at = time.time()
        if status == ACCEPTED:
            tie.connected_at = now
            tie.real_connected_at = time.time()
        self.save(tie)

    def disconnect(self, tie: Relationship) -> None:
        """No longer first degree."""
        tie.connected_at = None
        self.save(tie)

    def save(self, tie: Relationship) -> None:
        """Keep a changed relationship."""
        self._store.put("relationship", f"{tie.account_id}:{tie.public_id}", tie)

    def pending(
        self, account: Account, kind: str, now: float, shows: Shows = always
    ) -> list[Relationship]:
        """Pending invitations, newest first."""
        self._look_around(account, now)
        ties = [
            (tie.invitation.sent_at, tie.invitation.id, tie)
            for tie in self._by_account.get(account.id, {}).values()
            if tie.invitation and tie.invitation.type == kind and tie.invitation.open_to(shows)
        ]
        return [tie for _, _, tie in sorted(ties, key=lambda item: item[:2], reverse=True)]

    def connections(
        self, account: Account, now: float, shows: Shows = always
    ) -> list[tuple[float, str]]:
        """When and with whom, newest first; those from before the account came are made up."""
        self._look_around(account, now)
        met = [
            (tie.connected_at, tie.public_id)
            for tie in self._by_account.get(account.id, {}).values()
            if tie.connected_at is not None and shows(tie.connected_at, tie.real_connected_at)
        ]
        names = {public_id for _, public_id in met}
        old = [
            (account.created_at - (index + 1) * 1.5 * DAY, public_id)
            for index in range(account.connections)
            if (public_id := self._old_friend(account, index)) not in names
        ]
        return sorted(met + old, reverse=True)

    def friend(self, account: Account, public_id: str, since: float) -> Person:
        """The person behind a connection, made real at the first look."""
        person = self._people.known(public_id)
        if person is not None:
            return person
        person = self._people.add(public_id, seen_in="friend", temperament="already_connected")
        tie = self.between(account, person, since)
        tie.connected_at = since
        self.save(tie)
        return person

    def _old_friend(self, account: Account, index: int) -> str:
        first = self._dice.pick(FIRST_NAMES, "friend", account.id, index)
        last = self._dice.pick(LAST_NAMES, "friend of", account.id, index)
        tag = self._dice.number(1 << 32, "friend tag", account.id, index)
        return f"{first}-{last}-{tag:08x}".lower()

    def _look_around(self, account: Account, now: float) -> None:
        for person in self._people.acquainted():
            self.between(account, person, now)

    def _begin(self, tie: Relationship, person: Person, now: float) -> None:
        match person.kind.at_first:
            case "stranger":
                pass
            case "connected":
                days = self._dice.between(20, 900, "connected", tie.account_id, tie.public_id)
                tie.connected_at = now - days * DAY
            case "invited":
                self._first_invitation(tie, now - 5 * DAY)
            case "inviting":
                invitation = self._first_invitation(tie, now - 2 * DAY)
                invitation.type = "RECEIVED"
                keys = (tie.account_id, tie.public_id, 1)
                invitation.shared_secret = self._dice.token("secret", *keys)[:8]
            case "withdrawn":
                invitation = self._first_invitation(tie, now - 17 * DAY)
                invitation.status = WITHDRAWN
                invitation.ended_at = now - 7 * DAY
            case _:
                assert_never(person.kind.at_first)

    def _first_invitation(self, tie: Relationship, sent_at: float) -> Invitation:
        tie.invitations = 1
        tie.invitation = Invitation(
            id=self._dice.digits("invitation", tie.account_id, tie.public_id, 1),
            type="SENT",
            status=PENDING,
            sent_at=sent_at,
        )
        return tie.invitation

    def _index(self, tie: Relationship) -> None:
        self._by_pair[tie.account_id, tie.public_id] = tie
        self._by_account.setdefault(tie.account_id, {})[tie.public_id] = tie
        if tie.invitation:
            self._by_invitation[tie.invitation.id] = tie


def distance(dice: Dice, person: Person, tie: Relationship) -> str:
    """`network_distance` in the words of profiles."""
    if tie.connected:
        return "FIRST_DEGREE"
    farther = ("SECOND_DEGREE", "SECOND_DEGREE", "THIRD_DEGREE", "OUT_OF_NETWORK")
    return dice.pick(farther, "distance", tie.account_id, person.public_id)


def invitation_json(invitation: Invitation | None) -> dict[str, Any] | None:
    """What a profile says about the invitation; an accepted one is no longer there."""
    if invitation is None or invitation.status == ACCEPTED:
        return None
    return {"type": invitation.type, "status": invitation.status}
