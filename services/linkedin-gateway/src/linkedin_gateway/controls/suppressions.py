"""Who must not be contacted: people, and all of a domain or a company."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from servicekit.ids import new_id
from servicekit.postgres.companions import note_created

from linkedin_gateway.controls.suppression_csv import Listed, collected, read_list
from linkedin_gateway.controls.suppression_repository import SuppressionRepository
from linkedin_gateway.errors import SuppressionNotFound
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.models import AskedPerson, OnTheWire, SuppressedPerson, Suppression
from linkedin_gateway.models.suppression_keys import Subject, key, masked, spelling_of

_AT_ONCE = 5000
"""Rows of a list in one transaction, during which nothing is decided."""


def suppression(
    organization_id: str,
    subject: Subject,
    label: str,
    *,
    reason: str,
    expires_at: datetime | None,
    now: datetime,
) -> Suppression:
    """Somebody who must not be contacted, as they are kept."""
    spelling = spelling_of(subject, label)
    return Suppression(
        suppression_id=new_id("supp"),
        organization_id=organization_id,
        subject=subject.value,
        key=key(organization_id, subject, spelling),
        label=masked(subject, spelling if subject is not Subject.COMPANY else label.strip()),
        reason=reason,
        created_at=now,
        expires_at=expires_at,
    )


def suppressed_people(
    organization_id: str, named: Iterable[tuple[Subject, str]]
) -> list[SuppressedPerson]:
    """The people among those who are named: by an id of the provider or by an address."""
    return [
        SuppressedPerson(
            organization_id=organization_id,
            identifier=spelling,
            key=key(organization_id, subject, spelling),
        )
        for subject, label in named
        if subject is Subject.PERSON and (spelling := spelling_of(subject, label))
    ]


class Suppressions:
    def __init__(self, repository: SuppressionRepository, clock: DatabaseClock) -> None:
        self._repository = repository
        self._clock = clock

    async def add(
        self, suppressions: Sequence[Suppression], people: Sequence[SuppressedPerson]
    ) -> tuple[Sequence[Suppression], OnTheWire]:
        """Forbid contact. When this returns nothing to these people begins; what has is named.

        Whoever of the `people` is not known yet is looked up before anybody is contacted. Raises
        `StopNotInForce` if that is not so within two seconds, and `TooManySuppressedIds`.
        """
        if suppressions:
            note_created("suppression_id", suppressions[0].suppression_id)
        added = await self._repository.add(suppressions, people, now=self._clock.now())
        return added, await self._repository.on_the_wire(added, clock=self._clock)

    async def add_listed(
        self, suppressions: Sequence[Suppression], people: Sequence[SuppressedPerson]
    ) -> tuple[int, OnTheWire]:
        """Forbid contact with a whole list; returns how many were not on it before.

        Raises `TooManySuppressedIds`, before anything is added.
        """
        new = 0
        await self._repository.add_unread(people, now=self._clock.now())
        for start in range(0, len(suppressions), _AT_ONCE):
            chunk = suppressions[start : start + _AT_ONCE]
            new += await self._repository.add_all(chunk)
        for start in range(0, len(people), _AT_ONCE):
            await self._repository.cover(people[start : start + _AT_ONCE])
        return new, await self._repository.on_the_wire(suppressions, clock=self._clock)

    async def import_list(
        self,
        content: AsyncIterator[bytes],
        *,
        organization_id: str,
        reason: str,
        expires_at: datetime | None,
    ) -> tuple[Listed, int, OnTheWire]:
        """Forbid contact with everybody of a list; its bad rows are returned, not added.

        Returns what was read of the list, how many were not suppressed before, and what is on
        the wire to them. Raises `TooManySuppressedIds`, before anything is added.
        """
        listed = await asyncio.to_thread(read_list, await collected(content))
        now = self._clock.now()
        named = [
            suppression(
                organization_id, subject, label, reason=reason, expires_at=expires_at, now=now
            )
            for subject, label in listed.named
        ]
        people = suppressed_people(organization_id, listed.named)
        added, begun = await self.add_listed(named, people)
        return listed, added, begun

    async def remove(
        self, suppression_id: str, *, organization_id: str, allow_missing: bool = False
    ) -> None:
        """Allow contact again; with an organization, only if it is that one's.

        Raises `SuppressionNotFound` when there is nothing to remove, unless that is allowed.
        """
        removed = await self._repository.remove(suppression_id, organization_id=organization_id)
        if not removed and not allow_missing:
            raise SuppressionNotFound

    async def find(self, organization_id: str, people: Sequence[AskedPerson]) -> Sequence[int]:
        """The places of those people who are suppressed now."""
        return await self._repository.find(organization_id, people, clock=self._clock)
