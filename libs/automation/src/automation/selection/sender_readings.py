"""What a program's senders can do now: asked of a source, which services give a way to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from automation.selection.capacity import DAYS
from automation.selection.reading_repository import ReadingRepository, SenderReading

_AT_ONCE = 8
_PENDING = "pending_invitations"

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class SenderHealth:
    """How an account's health scales its caps, and how many invitations nobody has answered."""

    multiplier: float
    pending: int

    @classmethod
    def of(cls, multiplier: float, factors: Mapping[str, float]) -> SenderHealth:
        """By the gateway's factors, of which one counts invitations that wait for an answer."""
        return cls(multiplier=multiplier, pending=int(factors.get(_PENDING, 0)))


def free_of(days: Iterable[tuple[int, int]]) -> list[int]:
    """Invitations that each day of a forecast leaves, of (actions, those planned already)."""
    return [max(0, actions - planned) for actions, planned in days]


def holds_of(organization_id: str, account_id: str) -> str:
    """The filter of holds that stop all that an account does."""
    subjects = f"subject_id = {account_id} OR subject_id = {organization_id}"
    return f"scope = EVERYTHING OR {subjects}"


class SenderSource(Protocol):
    """The gateway, which alone decides what accounts may do; raises what it raises."""

    async def connected(self, account_id: str) -> bool:
        """Whether there is such an account, and it acts."""

    async def health(self, account_id: str) -> SenderHealth:
        """How it stands."""

    async def free_invitations(self, account_id: str, *, days: int) -> Sequence[int]:
        """How many can go on each of so many days beside those that wait for their turn."""

    async def on_hold(self, organization_id: str, account_id: str) -> bool:
        """Whether a hold, or a database that takes no rows, stops all that it does."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What senders told, by account; and why the others did not, as errors have it."""

    readings: Mapping[str, SenderReading]
    failed: Mapping[str, str]


class SenderReadings:
    """A sender that cannot be asked is reported and passed over; the others are read."""

    def __init__(self, source: SenderSource, kept: ReadingRepository) -> None:
        self._source = source
        self._kept = kept

    async def read(
        self, organization_id: str, account_ids: Sequence[str], *, days: int, now: datetime
    ) -> Heard:
        """Ask about each for so many days, and keep what was heard for when one cannot be asked."""
        heard = await self.hear(organization_id, account_ids, days=days, now=now)
        if heard.readings:
            await self._kept.keep(organization_id, [*heard.readings.values()])
        return heard

    async def hear(
        self, organization_id: str, account_ids: Sequence[str], *, days: int, now: datetime
    ) -> Heard:
        """Ask about each for so many days, today included; nothing is kept."""
        turns = asyncio.Semaphore(_AT_ONCE)
        readings: dict[str, SenderReading] = {}
        failed: dict[str, str] = {}

        async def one(account_id: str) -> None:
            async with turns:
                try:
                    readings[account_id] = await self._one(organization_id, account_id, days, now)
                except ServiceError as error:
                    log.info("sender_unread", account_id=account_id, reason=error.reason)
                    failed[account_id] = error.reason

        await asyncio.gather(*(one(each) for each in account_ids))
        return Heard(readings=readings, failed=failed)

    async def _one(
        self, organization_id: str, account_id: str, days: int, now: datetime
    ) -> SenderReading:
        if not await self._source.connected(account_id):
            return SenderReading(
                account_id=account_id,
                invitations=0,
                pending=0,
                multiplier=0.0,
                connected=False,
                on_hold=False,
                read_at=now,
            )
        health = await self._source.health(account_id)
        free = await self._source.free_invitations(account_id, days=days)
        return SenderReading(
            account_id=account_id,
            invitations=sum(free[:DAYS]),
            free_by_day=free,
            pending=health.pending,
            multiplier=health.multiplier,
            connected=True,
            on_hold=await self._source.on_hold(organization_id, account_id),
            read_at=now,
        )
