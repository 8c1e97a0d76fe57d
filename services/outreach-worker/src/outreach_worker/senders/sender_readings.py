"""What a program's senders can do now, as the gateway tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from automation.selection.capacity import DAYS
from automation.selection.reading_repository import ReadingRepository, SenderReading
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    account_service_pb2_grpc,
    action_pb2,
    hold_service_pb2,
    hold_service_pb2_grpc,
    pace_service_pb2,
    pace_service_pb2_grpc,
)
from servicekit.errors import NotFound, ServiceError
from servicekit.telemetry import logs

_INVITATION = action_pb2.ACTION_KIND_INVITATION
_EVERYTHING = "scope = EVERYTHING"
_PENDING = "pending_invitations"
_AT_ONCE = 8

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class FailedSource:
    """What did not answer about a sender, and why."""

    account_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What is known of senders, and what could not be asked."""

    readings: Mapping[str, SenderReading]
    failed: tuple[FailedSource, ...] = ()


class SenderReadings:
    """A sender that cannot be asked is reported and passed over; the others are read."""

    def __init__(
        self,
        accounts: account_service_pb2_grpc.AccountServiceStub,
        pace: pace_service_pb2_grpc.PaceServiceStub,
        holds: hold_service_pb2_grpc.HoldServiceStub,
        readings: ReadingRepository,
    ) -> None:
        self._accounts = accounts
        self._pace = pace
        self._holds = holds
        self._readings = readings

    async def read(
        self, organization_id: str, account_ids: Sequence[str], *, now: datetime
    ) -> Readings:
        """Ask about each, keep what was heard, and answer with the last of each."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(account_id: str) -> SenderReading | FailedSource:
            async with turns:
                try:
                    return await self._one(organization_id, account_id, now)
                except ServiceError as error:
                    log.info("sender_unread", account_id=account_id, reason=error.reason)
                    return FailedSource(account_id=account_id, reason=error.reason)

        heard = await asyncio.gather(*(one(each) for each in account_ids))
        read = [each for each in heard if isinstance(each, SenderReading)]
        if read:
            await self._readings.keep(organization_id, read)
        return Readings(
            readings=await self._readings.of(organization_id, account_ids),
            failed=tuple(each for each in heard if isinstance(each, FailedSource)),
        )

    async def _one(self, organization_id: str, account_id: str, now: datetime) -> SenderReading:
        connected = await self._connected(account_id)
        if not connected:
            return SenderReading(
                account_id=account_id,
                invitations=0,
                pending=0,
                multiplier=0.0,
                connected=False,
                on_hold=False,
                read_at=now,
            )
        health = await self._pace.GetAccountHealth(
            pace_service_pb2.GetAccountHealthRequest(account_id=account_id)
        )
        forecast = await self._pace.ForecastAccount(
            pace_service_pb2.ForecastAccountRequest(
                account_id=account_id, days=DAYS, kinds=[_INVITATION]
            )
        )
        pending = [each.value for each in health.health.factors if each.name == _PENDING]
        return SenderReading(
            account_id=account_id,
            invitations=invitations(forecast),
            pending=int(sum(pending)),
            multiplier=health.health.multiplier,
            connected=True,
            on_hold=await self._on_hold(organization_id, account_id),
            read_at=now,
        )

    async def _connected(self, account_id: str) -> bool:
        request = account_service_pb2.GetAccountRequest(account_id=account_id)
        try:
            found = await self._accounts.GetAccount(request)
        except NotFound:
            return False
        return found.account.state == account_pb2.ACCOUNT_STATE_CONNECTED

    async def _on_hold(self, organization_id: str, account_id: str) -> bool:
        subjects = f"subject_id = {account_id} OR subject_id = {organization_id}"
        held = await self._holds.ListHolds(
            hold_service_pb2.ListHoldsRequest(page_size=1, filter=f"{_EVERYTHING} OR {subjects}")
        )
        return bool(held.holds or held.write_refusal)


def invitations(forecast: pace_service_pb2.ForecastAccountResponse) -> int:
    """How many can go in the days of a forecast beside those that wait for their turn."""
    return sum(
        max(0, kind.actions - kind.planned)
        for day in forecast.days
        for kind in day.kinds
        if kind.kind == _INVITATION
    )
