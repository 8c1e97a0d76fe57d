"""Every call that came in and every webhook that went out, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from unipile_simulator.clock import iso_micros
from unipile_simulator.store import Store


class CallKind(StrEnum):
    """What a call does to people; reads and administration are of no kind."""

    VISIT = "visit"
    INVITE = "invite"
    MESSAGE = "message"
    INMAIL = "inmail"
    COMMENT = "comment"
    REACTION = "reaction"
    WITHDRAW = "withdraw"
    WEBHOOK = "webhook"
    """Not a call that came in, but one that went out."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One call, or one attempt to deliver a webhook."""

    seq: int = 0
    direction: str = "in"
    """in: a call | late: a call carried out after its answer was lost | out: a webhook |
    world: what people, Unipile or an order did by themselves"""
    received_at: float
    answered_at: float = 0.0
    method: str
    path: str
    route: str | None = None
    account_id: str | None = None
    target: str | None = None
    """Public identifier of the person concerned."""
    target_provider_id: str | None = None
    object_id: str | None = None
    """The invitation, chat, post or delivery concerned."""
    kind: CallKind | None = None
    changed: bool = False
    applied_at: float | None = None
    """When the world became another one by it."""
    status: int | None = None
    """`None`: the connection was dropped, or nobody answered."""
    error: str | None = None
    text: str | None = None
    fault: str | None = None
    landing: str | None = None
    """Names a call that is carried out late, on its own entry and on that of its landing."""
    budget: str | None = None
    """Which of the account's limits the call was counted against."""
    event: str | None = None
    attempt: int | None = None
    payload: dict[str, Any] | None = None


WORLD = "world"
_NAMES = tuple(item.name for item in fields(Entry))


class Journal:
    """Append-only; `seq` counts from 1 without gaps."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.entries = [Entry(**stored) for stored in store.entries()]

    def add(self, entry: Entry) -> None:
        """Number an entry and keep it."""
        entry.seq = len(self.entries) + 1
        self.entries.append(entry)
        self._store.append(entry.seq, {name: getattr(entry, name) for name in _NAMES})

    def select(
        self,
        *,
        kind: str | None = None,
        account_id: str | None = None,
        target: str | None = None,
        changed: bool | None = None,
        since_seq: int = 0,
        world: bool = False,
    ) -> Iterator[Entry]:
        """Entries after `since_seq` that agree with everything given.

        What happened by itself is among them only with `world`.
        """
        for entry in self.entries[max(0, since_seq) :]:
            if (
                (world or entry.direction != WORLD)
                and (kind is None or entry.kind == kind)
                and (account_id is None or entry.account_id == account_id)
                and (target is None or entry.target == target)
                and (changed is None or entry.changed == changed)
            ):
                yield entry


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry with its instants as text."""
    shown = {name: getattr(entry, name) for name in _NAMES}
    shown["received_at"] = iso_micros(entry.received_at)
    shown["answered_at"] = iso_micros(entry.answered_at)
    shown["applied_at"] = None if entry.applied_at is None else iso_micros(entry.applied_at)
    return shown


def happened_at(entry: Entry) -> float:
    """The instant that counts: when it was carried out, else when it was received."""
    return entry.received_at if entry.applied_at is None else entry.applied_at
