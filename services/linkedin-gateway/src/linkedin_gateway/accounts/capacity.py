"""How much of its caps an account has used, and what it can still do day by day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from servicekit.clock import Clock

from linkedin_gateway.kinds.registry import CONTACTS, PUBLIC
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.models import Account, ActionRequest, Kind
from linkedin_gateway.pace.forecast import capacity, days_ahead, together
from linkedin_gateway.pace.schedules import schedule_of, tightest, windows
from linkedin_gateway.pace.slots import Schedule, Window
from linkedin_gateway.pace.snapshot import PaceRules, ProfileReads, Snapshot


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What an account can do, and has planned, on each of some days."""

    days: Sequence[date]
    free: Mapping[Kind, Mapping[date, int]]
    new_people: Mapping[Kind, Mapping[date, int]]
    """The same, of people who must be looked up first."""
    together: Mapping[Kind, Mapping[date, int]]
    """Beside what waits, of new people, with what all of some kinds share."""
    planned: Mapping[tuple[Kind, date], int]


class AccountCapacity:
    """Counts from the ledger what the caps of the kinds that callers know leave."""

    def __init__(
        self, ledger: Ledger, queue: QueueRepository, rules: PaceRules, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._queue = queue
        self._rules = rules
        self._clock = clock

    async def usage(self, account: Account, *, now: datetime) -> Sequence[tuple[Kind, Window]]:
        """The windows of every kind, with what counts in them."""
        return [
            (kind, window)
            for kind, snapshot in await self._snapshots(account, now)
            for window in self._windows(kind, snapshot, now)
        ]

    async def forecast(self, account: Account, *, days: int, kinds: Collection[Kind]) -> Forecast:
        """So many days ahead, today included, if nothing changes.

        `kinds` are those that are counted together; all by which people are turned to if none is.
        """
        now, zone = self._clock.now(), account.working_hours.time_zone
        snapshots = dict(await self._snapshots(account, now))
        schedules = {kind: self._schedule(kind, each, now) for kind, each in snapshots.items()}
        reads = ProfileReads(
            lookups=snapshots[Kind.LOOKUP].counted, visits=snapshots[Kind.VISIT].counted
        )
        of_new_people = schedules | {
            kind: self._schedule(kind, replace(each, reads=reads), now)
            for kind, each in snapshots.items()
            if kind in CONTACTS
        }
        planned = await self._queue.planned(account.account_id, now=now, time_zone=zone)
        # Thousands of slots may be looked at; others are answered meanwhile.
        free = await asyncio.to_thread(_capacities, schedules, now, zone, days)
        new_people = await asyncio.to_thread(_capacities, of_new_people, now, zone, days)
        ahead = days_ahead(now, zone, days)
        slots = {
            kind: each.slots(now=now, rested_at=now)
            for kind, each in of_new_people.items()
            if kind in CONTACTS and (not kinds or kind in kinds)
        }
        waiting = await self._queue.turns(account.account_id, before=now + timedelta(days=days))
        counted = {kind: each.counted for kind, each in snapshots.items()}
        shared = await asyncio.to_thread(
            together, slots, waiting, counted, time_zone=zone, ahead=ahead
        )
        return Forecast(
            days=ahead, free=free, new_people=new_people, together=shared, planned=planned
        )

    def _schedule(self, kind: Kind, snapshot: Snapshot, now: datetime) -> Schedule:
        return schedule_of(_any_request(snapshot.account, kind), snapshot, self._rules, now=now)

    async def _snapshots(self, account: Account, now: datetime) -> Sequence[tuple[Kind, Snapshot]]:
        snapshots = await self._ledger.usage(account.account_id, now=now)
        return [(kind, snapshot) for kind, snapshot in snapshots.items() if kind in PUBLIC]

    def _windows(self, kind: Kind, snapshot: Snapshot, now: datetime) -> Iterator[Window]:
        """Of several caps over the same time the tightest; those of notes beside them."""
        found = windows(snapshot, kind, self._rules, noted=True, now=now)
        yield from tightest([each for each in found if not each.cap.noted], now=now)
        yield from (each for each in found if each.cap.noted)


def _any_request(account: Account, kind: Kind) -> ActionRequest:
    """A request that only the account's own limits bind."""
    return ActionRequest(
        action_id="",
        organization_id=account.organization_id,
        account_id=account.account_id,
        campaign_id="",
        lead_id="",
        identifier="",
        kind=kind,
    )


def _capacities(
    schedules: dict[Kind, Schedule], now: datetime, time_zone: str, days: int
) -> dict[Kind, Counter[date]]:
    return {
        kind: capacity(each, now=now, rested_at=now, time_zone=time_zone, days=days)
        for kind, each in schedules.items()
    }
