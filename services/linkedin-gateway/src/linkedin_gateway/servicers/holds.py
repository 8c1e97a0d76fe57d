"""HoldService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import hold_service_pb2 as pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as rpc
from servicekit.auth import CallerKind, current_caller, visible_accounts, visible_organization
from servicekit.grpc.calls import Context
from servicekit.lists.listing import asked_of, followed_of
from servicekit.postgres.write_refusals import WriteRefusals

from linkedin_gateway.controls.holds import Holds
from linkedin_gateway.convert.holds import (
    hold_change_message,
    hold_message,
    hold_scope,
    removed_message,
    wire_message,
)
from linkedin_gateway.listings.holds import HoldList
from linkedin_gateway.servicers.access import Access


class HoldServicer(rpc.HoldServiceServicer):
    """Puts and lifts holds; each is in force when the call returns."""

    def __init__(
        self,
        holds: Holds,
        hold_list: HoldList,
        access: Access,
        write_refusals: WriteRefusals,
    ) -> None:
        self._holds = holds
        self._list = hold_list
        self._access = access
        self._write_refusals = write_refusals

    async def PutHold(self, request: pb.PutHoldRequest, _: Context) -> pb.PutHoldResponse:
        scope, subject_id = hold_scope(request.scope, request.subject_id)
        await self._access.hold(scope, subject_id)
        hold, begun = await self._holds.put(
            scope,
            subject_id,
            vouched=_vouched(request.organization_id),
            reason=request.reason,
            caller=current_caller().subject,
        )
        return pb.PutHoldResponse(hold=hold_message(hold), on_the_wire=wire_message(begun))

    async def LiftHold(self, request: pb.LiftHoldRequest, _: Context) -> pb.LiftHoldResponse:
        scope, subject_id = hold_scope(request.scope, request.subject_id)
        await self._access.hold(scope, subject_id)
        await self._holds.lift(
            scope,
            subject_id,
            organization_id=visible_organization(),
            caller=current_caller().subject,
            # Services say that it goes on, those of the release before without saying this.
            allow_missing=request.allow_missing or current_caller().kind is CallerKind.SERVICE,
        )
        return pb.LiftHoldResponse()

    async def ListHolds(self, request: pb.ListHoldsRequest, _: Context) -> pb.ListHoldsResponse:
        page = await self._list.page(
            visible_organization(), followed_of(request), account_ids=visible_accounts()
        )
        # Whoever asks what holds everything up hears of a disk that others have found full.
        refused = await self._write_refusals.tried()
        return pb.ListHoldsResponse(
            holds=[hold_message(hold) for hold in page.rows],
            total_size=page.total_size,
            write_refusal=refused.message if refused else "",
            removed_holds=map(removed_message, page.removed),
            **page.answered(),
        )

    async def ListHoldChanges(
        self, request: pb.ListHoldChangesRequest, _: Context
    ) -> pb.ListHoldChangesResponse:
        page = await self._list.changes(
            visible_organization(), asked_of(request), account_ids=visible_accounts()
        )
        return pb.ListHoldChangesResponse(
            changes=[hold_change_message(change) for change in page.rows],
            next_page_token=page.next_page_token,
        )


def _vouched(organization_id: str) -> str:
    """Whose a subject is by the word of somebody who knows: one of our services, or its own."""
    caller = current_caller()
    return organization_id if caller.vouches else caller.organization_id
