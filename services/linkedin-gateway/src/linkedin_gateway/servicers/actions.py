"""ActionService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import action_service_pb2_grpc as rpc
from servicekit.auth import current_caller, visible_accounts
from servicekit.clock import Clock
from servicekit.grpc.calls import Context
from servicekit.telemetry.logs import bound

from linkedin_gateway.actions.perform import Actions
from linkedin_gateway.controls.enrolment_repository import EnrolmentRepository
from linkedin_gateway.convert.action_requests import action_request
from linkedin_gateway.convert.actions import (
    action_message,
    asked_actions,
    obstacle_message,
    outcome_message,
)
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.listings.actions import ActionList
from linkedin_gateway.servicers.access import Access


class ActionServicer(rpc.ActionServiceServicer):
    """Performs, calls off, explains and lists actions."""

    def __init__(
        self,
        *,
        actions: Actions,
        ledger: Ledger,
        action_list: ActionList,
        access: Access,
        enrolments: EnrolmentRepository,
        clock: Clock,
        on_published: Callable[[], None],
    ) -> None:
        self._actions = actions
        self._ledger = ledger
        self._list = action_list
        self._access = access
        self._enrolments = enrolments
        self._on_published = on_published
        self._clock = clock

    async def PerformAction(
        self, request: pb.PerformActionRequest, _: Context
    ) -> pb.PerformActionResponse:
        asked = replace(action_request(request), caller=current_caller().subject)
        await self._access.acts_for_lead(asked)
        with bound(
            action_id=asked.action_id,
            account_id=asked.account_id,
            campaign_id=asked.campaign_id,
            lead_id=asked.lead_id,
        ):
            action = await self._actions.perform(asked)
        return pb.PerformActionResponse(outcome=outcome_message(action))

    async def CancelAction(
        self, request: pb.CancelActionRequest, _: Context
    ) -> pb.CancelActionResponse:
        key = self._access.action_key(request.organization_id, request.action_id)
        await self._access.cancellable(key)
        action = await self._ledger.cancel(key, now=self._clock.now())
        return pb.CancelActionResponse(action=action_message(action))

    async def EndLead(self, request: pb.EndLeadRequest, _: Context) -> pb.EndLeadResponse:
        woken = await self._enrolments.end(
            request.organization_id, request.campaign_id, request.lead_id, now=self._clock.now()
        )
        if woken:
            self._on_published()
        return pb.EndLeadResponse()

    async def ExplainAction(
        self, request: pb.ExplainActionRequest, _: Context
    ) -> pb.ExplainActionResponse:
        key = self._access.action_key(request.organization_id, request.action_id)
        action = await self._access.action(key)
        obstacles = await self._ledger.explain(key, now=self._clock.now())
        return pb.ExplainActionResponse(
            action=action_message(action),
            obstacles=[obstacle_message(obstacle) for obstacle in obstacles],
        )

    async def ListActions(
        self, request: pb.ListActionsRequest, _: Context
    ) -> pb.ListActionsResponse:
        page = await self._list.page(
            request.organization_id, asked_actions(request), account_ids=visible_accounts()
        )
        return pb.ListActionsResponse(
            actions=[action_message(action) for action in page.rows], **page.answered()
        )
