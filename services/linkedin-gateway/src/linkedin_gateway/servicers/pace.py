"""PaceService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import pace_service_pb2 as pb
from outreach.linkedin.v1 import pace_service_pb2_grpc as rpc
from servicekit.auth import current_caller, sees_accounts, visible_organization
from servicekit.clock import Clock
from servicekit.grpc.calls import Context

from linkedin_gateway.accounts.capacity import AccountCapacity
from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health_monitor import HealthMonitor
from linkedin_gateway.convert.accounts import usage_message
from linkedin_gateway.convert.pace import (
    cool_down_message,
    day_messages,
    forecast_days,
    forecast_kinds,
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
from linkedin_gateway.kinds.registry import PUBLIC
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.pace.schedules import ramp_of
from linkedin_gateway.servicers.access import Access


class PaceServicer(rpc.PaceServiceServicer):
    """Tells what an account may do, and why not more."""

    def __init__(
        self,
        *,
        queue: QueueRepository,
        capacity: AccountCapacity,
        health: HealthMonitor,
        cool_downs: CoolDowns,
        access: Access,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._capacity = capacity
        self._health = health
        self._cool_downs = cool_downs
        self._access = access
        self._clock = clock

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
        account_ids = [each for each in account_ids if sees_accounts([each])]
        counted = await self._queue.counted(
            campaign_id, account_ids, organization_id=visible_organization()
        )
        return pb.CountWaitingResponse(waiting=[waiting_message(each) for each in counted])

    async def ForecastAccount(
        self, request: pb.ForecastAccountRequest, _: Context
    ) -> pb.ForecastAccountResponse:
        account = await self._access.named(request.account_id)
        forecast = await self._capacity.forecast(
            account, days=forecast_days(request), kinds=forecast_kinds(request)
        )
        return pb.ForecastAccountResponse(days=day_messages(forecast))

    async def GetAccountUsage(
        self, request: pb.GetAccountUsageRequest, _: Context
    ) -> pb.GetAccountUsageResponse:
        account = await self._access.named(request.account_id)
        now = self._clock.now()
        used = await self._capacity.usage(account, now=now)
        return pb.GetAccountUsageResponse(
            usages=[
                usage_message(kind, window, tier=account.tier, now=now) for kind, window in used
            ]
        )

    async def GetAccountHealth(
        self, request: pb.GetAccountHealthRequest, _: Context
    ) -> pb.GetAccountHealthResponse:
        account = await self._access.named(request.account_id)
        found = await self._health.of(account)
        ramp = ramp_of(account, now=self._clock.now())
        return pb.GetAccountHealthResponse(health=health_message(account, found, ramp=ramp))

    async def ListCoolDowns(
        self, request: pb.ListCoolDownsRequest, _: Context
    ) -> pb.ListCoolDownsResponse:
        account = await self._access.named(request.account_id)
        found = await self._cool_downs.list(account)
        return pb.ListCoolDownsResponse(
            cool_downs=[cool_down_message(each) for each in found if each.kind in PUBLIC]
        )

    async def EndCoolDown(
        self, request: pb.EndCoolDownRequest, _: Context
    ) -> pb.EndCoolDownResponse:
        account = await self._access.named(request.account_id)
        kind = required_kind(request.kind)
        await self._cool_downs.end(account, kind, caller=current_caller().subject)
        return pb.EndCoolDownResponse()
