"""PaceService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import pace_service_pb2 as pb
from outreach.linkedin.v1 import pace_service_pb2_grpc as rpc
from servicekit.auth import current_caller, sees_accounts, visible_organization
from servicekit.clock import Clock
from servicekit.grpc.calls import Context
from servicekit.lists.listing import asked_of, page_limit
from servicekit.page_tokens import PageTokens

from linkedin_gateway.accounts.capacity import AccountCapacity
from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health_monitor import HealthMonitor
from linkedin_gateway.convert.accounts import usage_message
from linkedin_gateway.convert.pace import (
    cool_down_message,
    day_messages,
    forecast_kinds,
    health_message,
    queued_message,
    rank_in,
    rank_parts,
    waiting_message,
    waiting_of,
)
from linkedin_gateway.convert.values import KINDS, kind_of
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.listings.cool_downs import CoolDownList
from linkedin_gateway.pace.schedules import ramp_of
from linkedin_gateway.servicers.access import Access

_DAYS_AHEAD = 7


class PaceServicer(rpc.PaceServiceServicer):
    """Tells what an account may do, and why not more."""

    def __init__(
        self,
        *,
        queue: QueueRepository,
        capacity: AccountCapacity,
        health: HealthMonitor,
        cool_downs: CoolDowns,
        cool_down_list: CoolDownList,
        tokens: PageTokens,
        access: Access,
        clock: Clock,
        confirm_clock: Callable[[], Awaitable[timedelta]],
    ) -> None:
        self._queue = queue
        self._capacity = capacity
        self._health = health
        self._cool_downs = cool_downs
        self._cool_down_list = cool_down_list
        self._tokens = tokens
        self._access = access
        self._clock = clock
        self._confirm_clock = confirm_clock

    async def GetQueue(self, request: pb.GetQueueRequest, _: Context) -> pb.GetQueueResponse:
        account = await self._access.account(request.account_id)
        limit = page_limit(request.page_size)
        kind = kind_of(request.kind)
        of = ("queue", account.organization_id, account.account_id, kind.value if kind else "")
        found, waiting = await self._queue.list(
            account.account_id,
            kind,
            after=await rank_in(request.page_token, self._tokens, of=of),
            limit=limit + 1,
            now=self._clock.now(),
        )
        shown = found[:limit]
        token = ""
        if len(found) > limit:
            token = await self._tokens.give(rank_parts(shown[-1].action), of=of)
        return pb.GetQueueResponse(
            actions=[queued_message(each, account) for each in shown],
            next_page_token=token,
            waiting=waiting,
        )

    async def CountWaiting(
        self, request: pb.CountWaitingRequest, _: Context
    ) -> pb.CountWaitingResponse:
        campaign_ids, account_ids = waiting_of(request)
        account_ids = [each for each in account_ids if sees_accounts([each])]
        counted = await self._queue.counted(
            campaign_ids, account_ids, organization_id=visible_organization()
        )
        return pb.CountWaitingResponse(waiting=[waiting_message(each) for each in counted])

    async def ForecastAccount(
        self, request: pb.ForecastAccountRequest, _: Context
    ) -> pb.ForecastAccountResponse:
        account = await self._access.account(request.account_id)
        forecast = await self._capacity.forecast(
            account, days=request.days or _DAYS_AHEAD, kinds=forecast_kinds(request)
        )
        return pb.ForecastAccountResponse(days=day_messages(forecast))

    async def GetAccountUsage(
        self, request: pb.GetAccountUsageRequest, _: Context
    ) -> pb.GetAccountUsageResponse:
        account = await self._access.account(request.account_id)
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
        account = await self._access.account(request.account_id)
        found = await self._health.of(account)
        ramp = ramp_of(account, now=self._clock.now())
        return pb.GetAccountHealthResponse(health=health_message(account, found, ramp=ramp))

    async def ListCoolDowns(
        self, request: pb.ListCoolDownsRequest, _: Context
    ) -> pb.ListCoolDownsResponse:
        account = await self._access.account(request.account_id)
        page = await self._cool_down_list.page(
            account,
            asked_of(request),
        )
        return pb.ListCoolDownsResponse(
            cool_downs=[cool_down_message(each) for each in page.rows],
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def EndCoolDown(
        self, request: pb.EndCoolDownRequest, _: Context
    ) -> pb.EndCoolDownResponse:
        account = await self._access.account(request.account_id)
        await self._cool_downs.end(account, KINDS[request.kind], caller=current_caller().subject)
        return pb.EndCoolDownResponse()

    async def ConfirmClock(
        self, _request: pb.ConfirmClockRequest, _: Context
    ) -> pb.ConfirmClockResponse:
        held_back = Duration()
        held_back.FromTimedelta(await self._confirm_clock())
        return pb.ConfirmClockResponse(held_back=held_back)
