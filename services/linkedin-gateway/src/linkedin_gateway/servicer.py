"""LinkedInService: unpack, call, pack."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import grpc
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc
from servicekit.auth import OrganizationForbidden, current_caller
from servicekit.clock import Clock
from servicekit.logs import bound

from linkedin_gateway import convert, convert_pace
from linkedin_gateway.access import Access, visible_organization
from linkedin_gateway.account_health import AccountHealth
from linkedin_gateway.account_life_servicer import AccountLifeServicer
from linkedin_gateway.account_repository import AccountRepository
from linkedin_gateway.accounts import Accounts
from linkedin_gateway.actions import Actions
from linkedin_gateway.connect_links import ConnectLinks
from linkedin_gateway.convert import Findings
from linkedin_gateway.convert_replies import replied_leads
from linkedin_gateway.cool_downs import CoolDowns
from linkedin_gateway.errors import AccountNotFound, ProviderUnavailable
from linkedin_gateway.forecast import capacity, days_ahead
from linkedin_gateway.holds import Holds
from linkedin_gateway.inbound import Inbound
from linkedin_gateway.kinds import Kind
from linkedin_gateway.ledger import ActionFilter, Ledger
from linkedin_gateway.models import Account
from linkedin_gateway.obstacles import PaceRules, lane, ramp_of, tightest, windows
from linkedin_gateway.pace import Lane
from linkedin_gateway.paging import page_size, position_of, token_of
from linkedin_gateway.people import People
from linkedin_gateway.queue_repository import QueueRepository
from linkedin_gateway.reply_repository import ReplyRepository
from linkedin_gateway.sign_ins import SignIns
from linkedin_gateway.suppressions import Suppressions
from linkedin_gateway.unipile import UnipileError
from linkedin_gateway.working_hours import WorkingHours

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]


class LinkedInServicer(AccountLifeServicer, rpc.LinkedInServiceServicer):
    def __init__(
        self,
        *,
        actions: Actions,
        ledger: Ledger,
        people: People,
        accounts: Accounts,
        account_repository: AccountRepository,
        links: ConnectLinks,
        sign_ins: SignIns,
        holds: Holds,
        suppressions: Suppressions,
        replies: ReplyRepository,
        inbound: Inbound,
        health: AccountHealth,
        cool_downs: CoolDowns,
        queue: QueueRepository,
        rules: PaceRules,
        clock: Clock,
    ) -> None:
        self._actions = actions
        self._ledger = ledger
        self._people = people
        self._accounts = accounts
        self._account_repository = account_repository
        self._links = links
        self._sign_ins = sign_ins
        self._access = Access(account_repository, ledger)
        self._holds = holds
        self._suppressions = suppressions
        self._replies = replies
        self._inbound = inbound
        self._health = health
        self._cool_downs = cool_downs
        self._queue = queue
        self._rules = rules
        self._clock = clock

    # --- actions -----------------------------------------------------------------------

    async def PerformAction(  # noqa: N802
        self, request: pb.PerformActionRequest, _: Context
    ) -> pb.PerformActionResponse:
        asked = convert.action_request(request)
        _own(asked.organization_id, AccountNotFound)
        with bound(
            request_id=asked.request_id,
            account_id=asked.account_id,
            campaign_id=asked.campaign_id,
            lead_id=asked.lead_id,
        ):
            action = await self._actions.perform(asked)
        return pb.PerformActionResponse(outcome=convert.outcome_message(action))

    async def CancelAction(  # noqa: N802
        self, request: pb.CancelActionRequest, _: Context
    ) -> pb.CancelActionResponse:
        _required("request_id", request.request_id)
        await self._access.cancellable(request.request_id)
        action = await self._ledger.cancel(request.request_id, now=self._clock.now())
        return pb.CancelActionResponse(action=convert.action_message(action))

    async def ExplainAction(  # noqa: N802
        self, request: pb.ExplainActionRequest, _: Context
    ) -> pb.ExplainActionResponse:
        _required("request_id", request.request_id)
        action = await self._access.action(request.request_id)
        obstacles = await self._ledger.explain(request.request_id, now=self._clock.now())
        return pb.ExplainActionResponse(
            action=convert.action_message(action),
            obstacles=[convert.obstacle_message(obstacle) for obstacle in obstacles],
        )

    async def ListActions(  # noqa: N802
        self, request: pb.ListActionsRequest, _: Context
    ) -> pb.ListActionsResponse:
        _required("organization_id", request.organization_id)
        _own(request.organization_id, AccountNotFound)
        limit = page_size(request.page_size)
        actions = await self._ledger.list(
            ActionFilter(
                organization_id=request.organization_id,
                account_id=request.account_id,
                campaign_id=request.campaign_id,
                lead_id=request.lead_id,
                kind=convert.kind_of(request.kind),
                state=convert.state_of(request.state),
            ),
            after=position_of(request.page_token),
            limit=limit + 1,
        )
        shown = actions[:limit]
        last = shown[-1] if len(actions) > limit else None
        return pb.ListActionsResponse(
            actions=[convert.action_message(action) for action in shown],
            next_page_token=token_of(last.created_at, last.request_id) if last else "",
        )

    async def ListPosts(self, request: pb.ListPostsRequest, _: Context) -> pb.ListPostsResponse:  # noqa: N802
        account = await self._account(request.account_id)
        posts = await self._people.posts(
            account, convert.person(request.person), within=convert.recent_within(request)
        )
        return pb.ListPostsResponse(posts=[convert.post_message(post) for post in posts])

    async def GetProfile(self, request: pb.GetProfileRequest, _: Context) -> pb.GetProfileResponse:  # noqa: N802
        account = await self._account(request.account_id)
        facts = await self._people.profile(account, convert.person(request.person))
        return pb.GetProfileResponse(profile=convert.profile_message(facts))

    # --- accounts ----------------------------------------------------------------------

    async def RegisterAccount(  # noqa: N802
        self, request: pb.RegisterAccountRequest, _: Context
    ) -> pb.RegisterAccountResponse:
        wrong = Findings()
        wrong.require("organization_id", request.organization_id)
        wrong.require("unipile_account_id", request.unipile_account_id)
        holidays = convert.holidays_of(request.holidays, "holidays", wrong)
        hours = WorkingHours(holidays=holidays)
        if request.HasField("working_hours"):
            hours = convert.working_hours(
                request.working_hours, "working_hours", wrong, holidays=holidays
            )
        caps = convert.caps_of(request.caps, "caps", wrong)
        wrong.end()
        _own(request.organization_id, AccountNotFound)
        try:
            account = await self._accounts.register(
                request.organization_id,
                request.unipile_account_id,
                working_hours=hours,
                caps=caps,
            )
        except UnipileError as error:
            raise ProviderUnavailable from error
        return pb.RegisterAccountResponse(account=convert.account_message(account))

    async def GetAccount(self, request: pb.GetAccountRequest, _: Context) -> pb.GetAccountResponse:  # noqa: N802
        account = await self._account(request.account_id)
        return pb.GetAccountResponse(account=convert.account_message(account))

    async def ListAccounts(  # noqa: N802
        self, request: pb.ListAccountsRequest, _: Context
    ) -> pb.ListAccountsResponse:
        _required("organization_id", request.organization_id)
        _own(request.organization_id, AccountNotFound)
        limit = page_size(request.page_size)
        accounts = await self._account_repository.list(
            request.organization_id, after=position_of(request.page_token), limit=limit + 1
        )
        shown = accounts[:limit]
        last = shown[-1] if len(accounts) > limit else None
        return pb.ListAccountsResponse(
            accounts=[convert.account_message(account) for account in shown],
            next_page_token=token_of(last.created_at, last.account_id) if last else "",
        )

    async def UpdateAccount(  # noqa: N802
        self, request: pb.UpdateAccountRequest, _: Context
    ) -> pb.UpdateAccountResponse:
        account = await self._account(request.account_id)
        wrong = Findings()
        before = account.working_hours
        holidays = before.holidays
        if request.HasField("holidays"):
            holidays = convert.holidays_of(request.holidays.dates, "holidays.dates", wrong)
        window = convert.window_message(before)
        if request.HasField("working_hours"):
            window = request.working_hours
        hours = convert.working_hours(window, "working_hours", wrong, holidays=holidays)
        caps = None
        if request.HasField("caps"):
            caps = convert.caps_of(request.caps.caps, "caps.caps", wrong)
        wrong.end()
        updated = await self._accounts.update(account.account_id, working_hours=hours, caps=caps)
        return pb.UpdateAccountResponse(account=convert.account_message(updated))

    async def GetAccountUsage(  # noqa: N802
        self, request: pb.GetAccountUsageRequest, _: Context
    ) -> pb.GetAccountUsageResponse:
        account = await self._account(request.account_id)
        now = self._clock.now()
        standings = await self._ledger.usage(account.account_id, now=now)
        return pb.GetAccountUsageResponse(
            usages=[
                convert.usage_message(kind, window, now=now)
                for kind, standing in standings.items()
                if kind is not Kind.POST_LIST
                for window in tightest(
                    windows(standing, kind, self._rules, noted=False, now=now), now=now
                )
            ]
        )

    async def GetAccountHealth(  # noqa: N802
        self, request: pb.GetAccountHealthRequest, _: Context
    ) -> pb.GetAccountHealthResponse:
        account = await self._account(request.account_id)
        found = await self._health.of(account)
        ramp = ramp_of(account, now=self._clock.now())
        return pb.GetAccountHealthResponse(
            health=convert_pace.health_message(account, found, ramp=ramp)
        )

    async def ForecastAccount(  # noqa: N802
        self, request: pb.ForecastAccountRequest, _: Context
    ) -> pb.ForecastAccountResponse:
        account = await self._account(request.account_id)
        days = convert_pace.forecast_days(request)
        now, zone = self._clock.now(), account.working_hours.time_zone
        standings = await self._ledger.usage(account.account_id, now=now)
        lanes: dict[Kind, Lane] = {
            kind: lane(convert_pace.any_request(account, kind), standing, self._rules, now=now)
            for kind, standing in standings.items()
            if kind is not Kind.POST_LIST
        }
        planned = await self._queue.planned(account.account_id, now=now, time_zone=zone)
        # Thousands of slots may be looked at; others are answered meanwhile.
        slots = await asyncio.to_thread(_capacities, lanes, now, zone, days)
        return pb.ForecastAccountResponse(
            days=convert_pace.day_messages(days_ahead(now, zone, days), slots, planned)
        )

    async def GetQueue(self, request: pb.GetQueueRequest, _: Context) -> pb.GetQueueResponse:  # noqa: N802
        account = await self._account(request.account_id)
        limit = page_size(request.page_size)
        found, waiting = await self._queue.list(
            account.account_id,
            convert.kind_of(request.kind),
            after=convert_pace.rank_of(request.page_token),
            limit=limit + 1,
            now=self._clock.now(),
        )
        shown = found[:limit]
        token = convert_pace.rank_token(shown[-1].action) if len(found) > limit else ""
        return pb.GetQueueResponse(
            actions=[convert_pace.queued_message(each, account) for each in shown],
            next_page_token=token,
            waiting=waiting,
        )

    async def ListCoolDowns(  # noqa: N802
        self, request: pb.ListCoolDownsRequest, _: Context
    ) -> pb.ListCoolDownsResponse:
        account = await self._account(request.account_id)
        found = await self._cool_downs.list(account)
        return pb.ListCoolDownsResponse(
            cool_downs=[
                convert_pace.cool_down_message(each)
                for each in found
                if each.kind is not Kind.POST_LIST
            ]
        )

    async def EndCoolDown(  # noqa: N802
        self, request: pb.EndCoolDownRequest, _: Context
    ) -> pb.EndCoolDownResponse:
        account = await self._account(request.account_id)
        kind = convert_pace.required_kind(request.kind)
        await self._cool_downs.end(account, kind, caller=current_caller().subject)
        return pb.EndCoolDownResponse()

    # --- inbound -----------------------------------------------------------------------

    async def ReplayInbound(  # noqa: N802
        self, request: pb.ReplayInboundRequest, _: Context
    ) -> pb.ReplayInboundResponse:
        since = convert.since(request)
        if not current_caller().acts_for_all:
            _required("account_id", request.account_id)
        account = await self._account(request.account_id) if request.account_id else None
        events = await self._inbound.replay(since=since, account=account)
        return pb.ReplayInboundResponse(events=events)

    # --- holds -------------------------------------------------------------------------

    async def PutHold(self, request: pb.PutHoldRequest, _: Context) -> pb.PutHoldResponse:  # noqa: N802
        scope, subject_id = convert.hold_scope(request.scope, request.subject_id)
        _required("reason", request.reason)
        await self._access.hold(scope, subject_id)
        hold = await self._holds.put(
            scope, subject_id, reason=request.reason, caller=current_caller().subject
        )
        return pb.PutHoldResponse(hold=convert.hold_message(hold))

    async def LiftHold(self, request: pb.LiftHoldRequest, _: Context) -> pb.LiftHoldResponse:  # noqa: N802
        scope, subject_id = convert.hold_scope(request.scope, request.subject_id)
        await self._access.hold(scope, subject_id)
        await self._holds.lift(scope, subject_id, caller=current_caller().subject)
        return pb.LiftHoldResponse()

    async def ListHoldChanges(  # noqa: N802
        self, request: pb.ListHoldChangesRequest, _: Context
    ) -> pb.ListHoldChangesResponse:
        limit = page_size(request.page_size)
        changes = await self._holds.changes(
            visible_organization(), after=position_of(request.page_token), limit=limit + 1
        )
        shown = changes[:limit]
        last = shown[-1] if len(changes) > limit else None
        return pb.ListHoldChangesResponse(
            changes=[convert.hold_change_message(change) for change in shown],
            next_page_token=token_of(last.at, str(last.number)) if last else "",
        )

    async def ListHolds(self, request: pb.ListHoldsRequest, _: Context) -> pb.ListHoldsResponse:  # noqa: N802
        limit = page_size(request.page_size)
        holds = await self._holds.list(
            visible_organization(), after=position_of(request.page_token), limit=limit + 1
        )
        shown = holds[:limit]
        last = shown[-1] if len(holds) > limit else None
        key = f"{last.scope.value}/{last.subject_id}" if last else ""
        return pb.ListHoldsResponse(
            holds=[convert.hold_message(hold) for hold in shown],
            next_page_token=token_of(last.created_at, key) if last else "",
        )

    # --- suppressions ------------------------------------------------------------------

    async def RecordReplies(  # noqa: N802
        self, request: pb.RecordRepliesRequest, _: Context
    ) -> pb.RecordRepliesResponse:
        if not current_caller().acts_for_all:
            # Whose leads they are, the ledger may not know yet.
            raise OrganizationForbidden
        leads, at = replied_leads(request)
        await self._replies.record(leads, at=at)
        return pb.RecordRepliesResponse()

    async def AddSuppressions(  # noqa: N802
        self, request: pb.AddSuppressionsRequest, _: Context
    ) -> pb.AddSuppressionsResponse:
        suppressions = convert.suppressions_of(request, now=self._clock.now())
        for each in suppressions:
            _own(each.organization_id, AccountNotFound)
        added = await self._suppressions.add(suppressions)
        return pb.AddSuppressionsResponse(
            suppressions=[convert.suppression_message(each) for each in added]
        )

    async def ImportSuppressions(  # noqa: N802
        self, request_iterator: AsyncIterator[pb.ImportSuppressionsRequest], _: Context
    ) -> pb.ImportSuppressionsResponse:
        header = convert.list_header(await anext(request_iterator, None))
        _own(header.organization_id, AccountNotFound)
        content = (request.content async for request in request_iterator)
        listed, added = await self._suppressions.import_list(
            content,
            organization_id=header.organization_id,
            reason=header.reason,
            expires_at=convert.instant(header.expire_time, given=header.HasField("expire_time")),
        )
        return convert.import_message(rows=listed.rows, added=added, row_errors=listed.errors)

    async def RemoveSuppression(  # noqa: N802
        self, request: pb.RemoveSuppressionRequest, _: Context
    ) -> pb.RemoveSuppressionResponse:
        _required("suppression_id", request.suppression_id)
        await self._suppressions.remove(
            request.suppression_id, organization_id=visible_organization()
        )
        return pb.RemoveSuppressionResponse()

    async def ListSuppressions(  # noqa: N802
        self, request: pb.ListSuppressionsRequest, _: Context
    ) -> pb.ListSuppressionsResponse:
        _required("organization_id", request.organization_id)
        _own(request.organization_id, AccountNotFound)
        limit = page_size(request.page_size)
        found = await self._suppressions.list(
            request.organization_id, after=position_of(request.page_token), limit=limit + 1
        )
        shown = found[:limit]
        last = shown[-1] if len(found) > limit else None
        return pb.ListSuppressionsResponse(
            suppressions=[convert.suppression_message(each) for each in shown],
            next_page_token=token_of(last.created_at, last.suppression_id) if last else "",
        )

    async def _account(self, account_id: str) -> Account:
        _required("account_id", account_id)
        return await self._access.account(account_id)


def _capacities(
    lanes: dict[Kind, Lane], now: datetime, time_zone: str, days: int
) -> dict[Kind, Counter[date]]:
    return {
        kind: capacity(each, now=now, rested_at=now, time_zone=time_zone, days=days)
        for kind, each in lanes.items()
    }


def _required(field: str, value: str) -> None:
    wrong = Findings()
    wrong.require(field, value, longest=1000)
    wrong.end()


def _own(organization_id: str, refusal: type[AccountNotFound]) -> None:
    """A caller of one organization sees nothing of another; our own services see all."""
    if not current_caller().acts_for(organization_id):
        raise refusal
