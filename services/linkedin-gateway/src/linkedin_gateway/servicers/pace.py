"""What an account may do, and why not more."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import grpc
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit.auth import current_caller
from servicekit.clock import Clock

from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health_monitor import HealthMonitor
from linkedin_gateway.convert.accounts import usage_message
from linkedin_gateway.convert.pace import (
    any_request,
    cool_down_message,
    day_messages,
    forecast_days,
    health_message,
    queued_message,
    rank_of,
    rank_token,
    required_kind,
    waiting_message,
    waiting_of,
)
from linkedin_gateway.convert.paging import page_size
from linkedin_gateway.convert.values import kind_of
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.models import Kind
from linkedin_gateway.pace.forecast import capacity, days_ahead
from linkedin_gateway.pace.schedules import ramp_of, schedule_of, tightest, windows
from linkedin_gateway.pace.slots import Schedule, Window
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot
from linkedin_gateway.servicers.access import Access, visible_organization

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]


class PaceServicer:
    """Mixed into `LinkedInServicer`."""

    _ledger: Ledger
    _access: Access
    _health: HealthMonitor
    _cool_downs: CoolDowns
    _queue: QueueRepository
    _rules: PaceRules
    _clock: Clock

    async def GetAccountUsage(
        self, request: pb.GetAccountUsageRequest, _: Context
    ) -> pb.GetAccountUsageResponse:
        account = await self._access.named(request.account_id)
        now = self._clock.now()
        snapshots = await self._ledger.usage(account.account_id, now=now)
        return pb.GetAccountUsageResponse(
            usages=[
                usage_message(kind, window, tier=account.tier, now=now)
                for kind, snapshot in snapshots.items()
                if kind is not Kind.POST_LIST
                for window in self._told(kind, snapshot, now)
            ]
        )

    def _told(self, kind: Kind, snapshot: Snapshot, now: datetime) -> Sequence[Window]:
        """Of several caps over the same time the tightest; those of notes beside them."""
        found = windows(snapshot, kind, self._rules, noted=True, now=now)
        return [
            *tightest([each for each in found if not each.cap.noted], now=now),
            *(each for each in found if each.cap.noted),
        ]

    async def GetAccountHealth(
        self, request: pb.GetAccountHealthRequest, _: Context
    ) -> pb.GetAccountHealthResponse:
        account = await self._access.named(request.account_id)
        found = await self._health.of(account)
        ramp = ramp_of(account, now=self._clock.now())
        return pb.GetAccountHealthResponse(health=health_message(account, found, ramp=ramp))

    async def ForecastAccount(
        self, request: pb.ForecastAccountRequest, _: Context
    ) -> pb.ForecastAccountResponse:
        account = await self._access.named(request.account_id)
        days = forecast_days(request)
        now, zone = self._clock.now(), account.working_hours.time_zone
        snapshots = await self._ledger.usage(account.account_id, now=now)
        schedules: dict[Kind, Schedule] = {
            kind: schedule_of(any_request(account, kind), snapshot, self._rules, now=now)
            for kind, snapshot in snapshots.items()
            if kind is not Kind.POST_LIST
        }
        planned = await self._queue.planned(account.account_id, now=now, time_zone=zone)
        # Thousands of slots may be looked at; others are answered meanwhile.
        slots = await asyncio.to_thread(_capacities, schedules, now, zone, days)
        return pb.ForecastAccountResponse(
            days=day_messages(days_ahead(now, zone, days), slots, planned)
        )

    async def GetQueue(self, request: pb.GetQueueRequest, _: Context) -> pb.GetQueueResponse:
        account = await self._access.named(request.account_id)
        limit = page_size(request.page_size)
        found, waiting = await self._queue.list(
            account.account_id,
            kind_of(request.kind),
            after=rank_of(request.page_token),
            limit=limit + 1,
            now=self._clock.now(),
        )
        shown = found[:limit]
        token = rank_token(shown[-1].action) if len(found) > limit else ""
        return pb.GetQueueResponse(
            actions=[queued_message(each, account) for each in shown],
            next_page_token=token,
            waiting=waiting,
        )

    async def CountWaiting(
        self, request: pb.CountWaitingRequest, _: Context
    ) -> pb.CountWaitingResponse:
        campaign_id, account_ids = waiting_of(request)
        counted = await self._queue.counted(
            campaign_id, account_ids, organization_id=visible_organization()
        )
        return pb.CountWaitingResponse(waiting=[waiting_message(each) for each in counted])

    async def ListCoolDowns(
        self, request: pb.ListCoolDownsRequest, _: Context
    ) -> pb.ListCoolDownsResponse:
        account = await self._access.named(request.account_id)
        found = await self._cool_downs.list(account)
        return pb.ListCoolDownsResponse(
            cool_downs=[
                cool_down_message(each) for each in found if each.kind is not Kind.POST_LIST
            ]
        )

    async def EndCoolDown(
        self, request: pb.EndCoolDownRequest, _: Context
    ) -> pb.EndCoolDownResponse:
        account = await self._access.named(request.account_id)
        kind = required_kind(request.kind)
        await self._cool_downs.end(account, kind, caller=current_caller().subject)
        return pb.EndCoolDownResponse()


def _capacities(
    schedules: dict[Kind, Schedule], now: datetime, time_zone: str, days: int
) -> dict[Kind, Counter[date]]:
    return {
        kind: capacity(each, now=now, rested_at=now, time_zone=time_zone, days=days)
        for kind, each in schedules.items()
    }
