"""Stops: by campaign, account, organization, kind of action, or everything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import assert_never

from servicekit.clock import Clock
from servicekit.postgres.errors import DatabaseBusy
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.controls.hold_repository import HoldRepository
from linkedin_gateway.errors import HoldNotFound, HoldSubjectUnknown
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.models import Hold, HoldScope, OnTheWire

log = get_logger(__name__)


class Holds:
    def __init__(
        self,
        repository: HoldRepository,
        ledger: Ledger,
        clock: Clock,
        *,
        on_published: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._ledger = ledger
        self._clock = clock
        self._on_published = on_published

    async def put(
        self, scope: HoldScope, subject_id: str, *, vouched: str, reason: str, caller: str
    ) -> tuple[Hold, OnTheWire]:
        """Stop a scope. When this returns nothing more of it begins; what has is named.

        `vouched` is the organization whose it is by the word of somebody who knows; empty if
        nobody says. Raises `StopNotInForce` if it is not in force within two seconds, and
        `HoldSubjectUnknown` if nobody knows of what is to be held.
        """
        owner = await self._owner(scope, subject_id, vouched=vouched)
        hold = await self._repository.put(
            scope, subject_id, owner=owner, reason=reason, caller=caller, now=self._clock.now()
        )
        begun = await self._ledger.on_the_wire(scope, subject_id)
        log.info(
            "hold_put",
            scope=scope.value,
            subject_id=subject_id,
            why=reason,
            caller=caller,
            on_the_wire=begun.actions,
        )
        return hold, begun

    async def _owner(self, scope: HoldScope, subject_id: str, *, vouched: str) -> str:
        """The organization whose subject it is; empty for what is everybody's."""
        match scope:
            case HoldScope.KIND | HoldScope.EVERYTHING:
                return ""
            case HoldScope.CAMPAIGN | HoldScope.ACCOUNT | HoldScope.ORGANIZATION:
                known = await self._repository.owner(scope, subject_id, asking=vouched)
            case _:
                assert_never(scope)
        if scope is HoldScope.ORGANIZATION and vouched == subject_id:
            return subject_id
        if known is None and vouched and scope is HoldScope.CAMPAIGN:
            # It has asked for no action yet, and may be held all the same.
            return vouched
        if known is None or (vouched and vouched != known):
            raise HoldSubjectUnknown
        return known

    async def lift(
        self,
        scope: HoldScope,
        subject_id: str,
        *,
        organization_id: str,
        caller: str,
        allow_missing: bool,
    ) -> None:
        """Let a scope go on, of an organization or at all; those who waited are woken.

        A campaign for which many wait goes on a moment later (`end_lifted`). Raises `HoldNotFound`
        if there is no such hold, unless that is allowed.
        """
        owners = await self._repository.lift(
            scope,
            subject_id,
            organization_id=organization_id,
            caller=caller,
            now=self._clock.now(),
        )
        for owner in owners if scope is HoldScope.CAMPAIGN else ():
            # What cannot move now, for somebody has it, does a moment later.
            with suppress(DatabaseBusy):
                await self._repository.go_on(subject_id, owner=owner, now=self._clock.now())
        if not owners and not allow_missing:
            raise HoldNotFound
        if owners:
            log.info("hold_lifted", scope=scope.value, subject_id=subject_id, caller=caller)
            self._on_published()

    async def end_lifted(self) -> None:
        """End the holds of campaigns for which so many wait that their lift has not ended them."""
        for campaign_id, owner in await self._repository.lifted():
            # Who has something of one is in no other's way; it is tried again.
            with suppress(DatabaseBusy):
                await self._end(campaign_id, owner)

    async def _end(self, campaign_id: str, owner: str) -> None:
        while not await self._repository.go_on(campaign_id, owner=owner, now=self._clock.now()):
            pass
        self._on_published()
