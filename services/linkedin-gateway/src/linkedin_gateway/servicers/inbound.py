"""InboundService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from datetime import UTC

from outreach.linkedin.v1 import inbound_service_pb2 as pb
from outreach.linkedin.v1 import inbound_service_pb2_grpc as rpc
from servicekit.auth import current_caller
from servicekit.grpc.calls import Context

from linkedin_gateway.convert.violations import required
from linkedin_gateway.inbound.handler import InboundHandler
from linkedin_gateway.servicers.access import Access


class InboundServicer(rpc.InboundServiceServicer):
    """Passes on again what Unipile told."""

    def __init__(
        self,
        inbound: InboundHandler,
        access: Access,
    ) -> None:
        self._inbound = inbound
        self._access = access

    async def ReplayInbound(
        self, request: pb.ReplayInboundRequest, _: Context
    ) -> pb.ReplayInboundResponse:
        begun_at = request.since_time.ToDatetime(UTC)
        if not current_caller().acts_for_all:
            required("account_id", request.account_id)
        account = await self._access.account(request.account_id) if request.account_id else None
        events = await self._inbound.replay(since=begun_at, account=account)
        return pb.ReplayInboundResponse(events=events)
