"""A call of the API, what goes back, and the route that it came by."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.accounts.limits import Budget, budget_of
from unipile_simulator.api.pagination import Window, read_window
from unipile_simulator.errors import invalid
from unipile_simulator.journal import CallKind, Entry
from unipile_simulator.people.people import Person
from unipile_simulator.store import encode
from unipile_simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    content: Any

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - what 2xx means

    def response(self) -> Response:
        """On the wire."""
        if isinstance(self.content, bytes):
            return Response(self.content, self.status, media_type="text/html")
        raw = encode(self.content).encode()
        return Response(raw, self.status, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Lag:
    """How old something is before a read shows it."""

    seconds: float
    real: bool


@dataclass(slots=True)
class Call:
    """A call whose access token was good."""

    world: World
    path: dict[str, str]
    query: QueryParams
    body: dict[str, Any]
    form: FormData | None
    entry: Entry
    base_url: str
    now: float = 0.0
    lag: Lag | None = None
    """How far behind the world the answer is."""
    _account: Account | None = None

    @property
    def account(self) -> Account:
        """The account that acts; raises `LookupError` when the operation names none."""
        if self._account is None:
            raise LookupError("the operation names no account")
        return self._account

    def act_as(self, account_id: str, *, live: bool) -> Account:
        """Choose the account that acts; refuse if it is unknown or, for live routes, offline."""
        self.entry.account_id = account_id
        self._account = self.world.accounts.get(account_id)
        if live:
            self._account.demand_live()
        return self._account

    def shows(self, at: float, real_at: float) -> bool:
        """Whether the answer knows already what happened then, by either clock."""
        if self.lag is None:
            return True
        age = time.time() - real_at if self.lag.real else self.now - at
        return age >= self.lag.seconds

    def concerns(self, person: Person) -> None:
        """Note in the journal who it is about."""
        self.entry.target = person.public_id
        self.entry.target_provider_id = self.world.people.provider_id(person, self.account.id)

    def spend(self, *budgets: Budget) -> None:
        """Count the call against limits of the account."""
        self.entry.budget = "+".join(budgets)
        for budget in budgets:
            self.world.budgets.spend(self.account.id, budget, self.now)

    def require_spent(self) -> None:
        """Raise `LookupError` when a call was carried out that its limit did not count.

        Such a call would be unlimited, and nobody would notice.
        """
        budget = budget_of(self.entry.kind) if self.entry.kind else None
        if budget is not None and budget not in (self.entry.budget or "").split("+"):
            raise LookupError(f"a {self.entry.kind} was not counted against {budget}")

    def changes(self, object_id: str | None = None, *, changed: bool = True) -> None:
        """Note in the journal that the world is another one now."""
        self.entry.changed = changed
        self.entry.applied_at = self.now if changed else None
        if object_id is not None:
            self.entry.object_id = object_id

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A text of the body."""
        value = self.body.get(name)
        if value is None or value == "":
            if required:
                raise invalid(f"/{name}: Expected required property")
            return None
        if not isinstance(value, str):
            raise invalid(f"/{name}: Expected string")
        return value

    def window(self, *, default: int = 100, most: int = 250, least: int = 1) -> Window:
        """The page asked for."""
        return read_window(
            self.query.get("limit"),
            self.query.get("cursor"),
            default=default,
            most=most,
            least=least,
        )

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean of the query."""
        value = self.query.get(name)
        if value is None:
            return default
        if value not in {"true", "false"}:
            raise invalid(f"/{name}: Expected boolean")
        return value == "true"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A route: where it is, who acts, and what it does."""

    method: str
    path: str
    perform: Callable[[Call], Reply]
    summary: str
    account: str | None = None
    """Where `account_id` is: query | body | None"""
    live: bool = True
    """Whether it needs LinkedIn itself, not only what Unipile has synchronised."""
    body: str | None = None
    """json | multipart | None"""
    kind: CallKind | None = None
    """What the journal calls it."""
    lags: bool = True
    """Whether the knob for a lagging store is about it."""
    open: bool = field(default=False)
    """Whether it needs no access token."""


def units(text: str) -> int:
    """How long LinkedIn's own pages take a text to be: UTF-16 units, two for most pictures."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
