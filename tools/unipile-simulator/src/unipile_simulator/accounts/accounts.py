"""The LinkedIn accounts that customers have connected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.clock import DAY, iso
from unipile_simulator.dice import Dice
from unipile_simulator.errors import Refusal, not_found
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES
from unipile_simulator.people.people import People, Person
from unipile_simulator.store import Store

TIERS = ("free", "premium", "sales_navigator", "recruiter")
STATUSES = ("OK", "STOPPED", "ERROR", "CREDENTIALS", "PERMISSIONS", "CONNECTING")
RESTRICTED = "RESTRICTED"
"""Ours: sources say OK, yet LinkedIn refuses every act (403 account_restricted)."""
INMAIL_CREDITS = {"premium": 15, "sales_navigator": 50, "recruiter": 150}
"""A month's, by the subscription that has them."""


ESTABLISHED = 400 * DAY
"""The age of an account that was there before the simulation began."""


@dataclass(kw_only=True)
class Account:
    """One connected account, and its owner."""

    id: str
    name: str
    tier: str
    owner: str
    """Public identifier of the owner."""
    connections: int
    created_at: float
    status: str = "OK"
    restricted: bool = False
    offline_since: float | None = None
    """What happened since then is not seen before the account is back."""
    inmail_credits: dict[str, int] = field(default_factory=dict)
    """Left this month, by subscription: premium | sales_navigator | recruiter."""
    inmail_renewed_at: float = 0.0
    held: list[dict[str, Any]] = field(default_factory=list)
    """Events that wait for the account to be back."""
    syncing: bool = False
    same_member_as: str = ""
    """An account of the same member, for whom ids are the same."""
    owner_told: bool = True
    """Whether Unipile tells already who the owner is."""

    @property
    def subscriptions(self) -> list[str]:
        """What it pays for: its tier, and whatever it was granted credits of."""
        tier = [self.tier] if self.tier in INMAIL_CREDITS else []
        return list(dict.fromkeys([*tier, *self.inmail_credits]))

    @property
    def open(self) -> bool:
        """Whether live routes work."""
        return self.status == "OK" and not self.restricted

    def demand_live(self) -> None:
        """Raise the `Refusal` of an account through which LinkedIn cannot be reached."""
        if self.status == "CONNECTING":
            raise Refusal("no_client_session")
        if self.status != "OK":
            raise Refusal("disconnected_account")
        if self.restricted:
            raise Refusal("account_restricted", "The provider has restricted this account.")

    def demand_product(self, product: str) -> None:
        """Raise a `Refusal` of a product that the account does not have."""
        if product not in self.subscriptions:
            raise Refusal("feature_not_subscribed", "The account lacks the needed subscription.")

    def renew_inmail(self, now: float) -> None:
        """Credits come every 30 days and pile up to three months' worth."""
        while now - self.inmail_renewed_at >= 30 * DAY:
            self.inmail_renewed_at += 30 * DAY
            for name, left in self.inmail_credits.items():
                grant = INMAIL_CREDITS[name]
                self.inmail_credits[name] = max(left, min(left + grant, 3 * grant))

    def grant(self, credits_by_name: Mapping[str, int]) -> None:
        """Set what is left of each subscription; one that is new comes with it.

        Raises:
            ValueError: no such subscription, or less than nothing.
        """
        for name, left in credits_by_name.items():
            if name not in INMAIL_CREDITS or isinstance(left, bool) or left < 0:
                raise ValueError(f"no such credits: {name}={left}; known: {[*INMAIL_CREDITS]}")
        self.inmail_credits |= credits_by_name


class Accounts:
    """All accounts, by id; changes go out as `account_status` events."""

    def __init__(self, dice: Dice, people: People, store: Store) -> None:
        self._dice = dice
        self._people = people
        self._store = store
        self._by_id = {
            account.id: account
            for account in (Account(**kept) for kept in store.documents("account"))
        }
        for account in self:
            if account.same_member_as:
                people.see_alike(account.id, account.same_member_as)
        self.on_status: Callable[[str, str], None] = lambda _account_id, _message: None
        self.on_return: Callable[[Account], None] = lambda _account: None

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_id.values())

    def get(self, account_id: str) -> Account:
        """The account, or 404."""
        account = self._by_id.get(account_id)
        if account is None:
            raise not_found("Account")
        return account

    def find(self, account_id: str) -> Account | None:
        """The account, if there is one."""
        return self._by_id.get(account_id)

    def add(
        self,
        *,
        now: float,
        account_id: str | None = None,
        name: str | None = None,
        tier: str = "premium",
        connections: int = 480,
        age: float = 0.0,
        same_member_as: str = "",
        owner_told: bool = True,
    ) -> Account:
        """Connect an account, quietly; `age` seconds ago.

        With `same_member_as` its owner is that account's, though that may be gone meanwhile.

        Raises `ValueError` for a tier that does not exist, or an id that is taken.
        """
        if tier not in TIERS:
            raise ValueError(f"no such tier: {tier!r}; known: {', '.join(TIERS)}")
        number = len(self._by_id)
        while account_id is None or account_id in self._by_id:
            if account_id is not None and number == len(self._by_id):
                raise ValueError(f"there is an account {account_id!r} already")
            account_id, number = self._dice.token("account", number), number + 1
        if same_member_as:
            self._people.see_alike(account_id, same_member_as)
        owner = self._owner(self._people.viewer_of(account_id), name)
        account = Account(
            id=account_id,
            name=name or owner.name,
            tier=tier,
            owner=owner.public_id,
            connections=connections,
            created_at=now - age,
            inmail_credits={tier: INMAIL_CREDITS[tier]} if tier in INMAIL_CREDITS else {},
            inmail_renewed_at=now,
            same_member_as=same_member_as,
            owner_told=owner_told,
        )
        self._by_id[account.id] = account
        self.save(account)
        return account

    def save(self, account: Account) -> None:
        """Keep a changed account."""
        self._store.put("account", account.id, account)

    def owner(self, account: Account) -> Person:
        """Who the account belongs to."""
        return self._people.must(account.owner)

    def owner_id(self, account: Account) -> str:
        """The provider id of the owner, as the account itself sees it."""
        return self._people.provider_id(self.owner(account), account.id)

    def tell_owner(self, account: Account, *, told: bool) -> None:
        """From now on Unipile tells who the owner is, or does not."""
        account.owner_told = told
        self.save(account)

    def set_status(self, account: Account, status: str, now: float) -> None:
        """Move to another health; a move to where it is already says nothing."""
        if status == RESTRICTED:
            account.restricted = True
        elif status == account.status and not account.restricted:
            return
        else:
            account.restricted = False
            account.status = status
            if status == "OK":
                account.offline_since = None
            elif account.offline_since is None:
                account.offline_since = now
            self.on_status(account.id, status)
        self.save(account)
        if account.status == "OK":
            self.on_return(account)

    def reconnect(self, account: Account, now: float, *, member: Person | None = None) -> None:
        """The owner has signed in again: RECONNECTED, then OK, under the same id.

        `member` is who has signed in, if that is somebody else.
        """
        if member is not None:
            account.owner = member.public_id
        self.on_status(account.id, "RECONNECTED")
        self.set_status(account, "OK", now)

    def delete(self, account: Account) -> None:
        """Forget an account; its id then gives 404."""
        del self._by_id[account.id]
        self._store.drop("account", account.id)
        self.on_status(account.id, "DELETED")

    def _owner(self, account_id: str, name: str | None) -> Person:
        first, _, last = (name or "").partition(" ")
        slug = f"owner-{self._dice.number(1 << 32, 'owner', account_id):x}"
        facts = {"first_name": first, "last_name": last} if last else {}
        if not facts:
            facts = {
                "first_name": self._dice.pick(FIRST_NAMES, "owner first", account_id),
                "last_name": self._dice.pick(LAST_NAMES, "owner last", account_id),
            }
        return self._people.add(slug, seen_in="account", temperament="never_answers", **facts)


def account_json(account: Account, owner: Person, owner_id: str) -> dict[str, Any]:
    """An `Account` object."""
    paid = bool(account.subscriptions)
    return {
        "object": "Account",
        "type": "LINKEDIN",
        "id": account.id,
        "name": account.name,
        "created_at": iso(account.created_at),
        "groups": [],
        "sources": [{"id": f"{account.id}_MESSAGING", "status": account.status}],
        "connection_params": {
            "im": {
                **({"id": owner_id} if account.owner_told else {}),
                "publicIdentifier": owner.public_identifier,
                "username": owner.name,
                "premiumId": str(owner.member_id) if paid else None,
                "premiumContractId": None,
                "premiumFeatures": account.subscriptions,
                "organizations": [],
            }
        },
    }
