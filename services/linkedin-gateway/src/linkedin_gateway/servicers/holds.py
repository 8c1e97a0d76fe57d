"""HoldService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import hold_service_pb2 as pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as rpc
from servicekit.auth import current_caller, visible_accounts, visible_organization
from servicekit.grpc.calls import Context
from servicekit.postgres.write_refusals import WriteRefusals

from linkedin_gateway.controls.holds import Holds
from linkedin_gateway.convert.holds import (
    hold_change_message,
    hold_message,
    hold_scope,
    wire_message,
)
from linkedin_gateway.convert.paging import page_size, position_of, token_of
from linkedin_gateway.convert.violations import required
from linkedin_gateway.servicers.access import Access


class HoldServicer(rpc.HoldServiceServicer):
    """Puts and lifts holds; each is in force when the call returns."""

    def __init__(
        self,
        holds: Holds,
        access: Access,
        write_refusals: WriteRefusals,
    ) -> None:
        self._holds = holds
        self._access = access
        self._write_refusals = write_refusals

    async def PutHold(self, request: pb.PutHoldRequest, _: Context) -> pb.PutHoldResponse:
        scope, subject_id = hold_scope(request.scope, request.subject_id)
        required("reason", request.reason)
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
        )
        return pb.LiftHoldResponse()

    async def ListHolds(self, request: pb.ListHoldsRequest, _: Context) -> pb.ListHoldsResponse:
        limit = page_size(request.page_size)
        holds = await self._holds.list(
            visible_organization(),
            visible_accounts(),
            after=position_of(request.page_token),
            limit=limit + 1,
        )
        shown = holds[:limit]
        last = shown[-1] if len(holds) > limit else None
        key = f"{last.scope.value}/{last.subject_id}" if last else ""
        refused = await self._write_refusals.now()
        return pb.ListHoldsResponse(
            holds=[hold_message(hold) for hold in shown],
            next_page_token=token_of(last.created_at, key) if last else "",
            write_refusal=refused.message if refused else "",
        )

    async def ListHoldChanges(
        self, request: pb.ListHoldChangesRequest, _: Context
    ) -> pb.ListHoldChangesResponse:
        limit = page_size(request.page_size)
        changes = await self._holds.changes(
            visible_organization(),
            visible_accounts(),
            after=position_of(request.page_token),
            limit=limit + 1,
        )
        shown = changes[:limit]
        last = shown[-1] if len(changes) > limit else None
        return pb.ListHoldChangesResponse(
            changes=[hold_change_message(change) for change in shown],
            next_page_token=token_of(last.at, str(last.number)) if last else "",
        )


def _vouched(organization_id: str) -> str:
    """Whose a subject is by the word of somebody who knows: one of our services, or its own."""
    caller = current_caller()
    return organization_id if caller.vouches else caller.organization_id
