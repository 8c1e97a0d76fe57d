"""How many invitations a program's senders can send in the days that come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date

from outreach.linkedin.v1 import action_pb2, pace_service_pb2, pace_service_pb2_grpc
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

DAYS = 7
_INVITATION = action_pb2.ACTION_KIND_INVITATION
_AT_ONCE = 8

log = logs.get_logger(__name__)


class Forecasts:
    """Asks the gateway; a sender of which it tells nothing now is left out."""

    def __init__(self, pace: pace_service_pb2_grpc.PaceServiceStub) -> None:
        self._pace = pace

    async def of(self, account_ids: Sequence[str]) -> list[tuple[date, int]]:
        """All of them together, day by day, today first; nothing where nobody is known."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(account_id: str) -> Counter[date]:
            async with turns:
                try:
                    return await self._of_sender(account_id)
                except ServiceError as error:
                    log.info("sender_not_forecast", account_id=account_id, reason=error.reason)
                    return Counter()

        found: dict[date, int] = {}
        for slots in await asyncio.gather(*map(one, account_ids)):
            for day, number in slots.items():
                found[day] = found.get(day, 0) + number
        return sorted(found.items())

    async def _of_sender(self, account_id: str) -> Counter[date]:
        answer = await self._pace.ForecastAccount(
            pace_service_pb2.ForecastAccountRequest(
                account_id=account_id, days=DAYS, kinds=[_INVITATION]
            )
        )
        return Counter(
            {
                date.fromisoformat(day.date): sum(
                    max(0, kind.actions - kind.planned)
                    for kind in day.kinds
                    if kind.kind == _INVITATION
                )
                for day in answer.days
            }
        )
