"""Holds as the gateway keeps them: one for each subject, whose first reason stays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as pb
from outreach.linkedin.v1 import hold_service_pb2_grpc as rpc


@dataclass
class HoldsKept:
    """Those in force, by scope and subject, and every change of one, the oldest first."""

    held: dict[tuple[int, str], hold_pb2.Hold] = field(default_factory=dict)
    changes: list[hold_pb2.HoldChange] = field(default_factory=list)
    now: datetime = datetime(2027, 3, 1, tzinfo=UTC)

    @property
    def stub(self) -> rpc.HoldServiceStub:
        return cast("rpc.HoldServiceStub", self)

    async def PutHold(self, request: pb.PutHoldRequest) -> pb.PutHoldResponse:  # noqa: N802
        hold = hold_pb2.Hold(
            scope=request.scope, subject_id=request.subject_id, reason=request.reason
        )
        kept = self.held.setdefault((request.scope, request.subject_id), hold)
        self._note(request, lifted=False)
        return pb.PutHoldResponse(hold=kept)

    async def LiftHold(self, request: pb.LiftHoldRequest) -> pb.LiftHoldResponse:  # noqa: N802
        if self.held.pop((request.scope, request.subject_id), None):
            self._note(request, lifted=True)
        return pb.LiftHoldResponse()

    async def ListHolds(self, request: pb.ListHoldsRequest) -> pb.ListHoldsResponse:  # noqa: N802
        asked = re.fullmatch(r"scope = (\w+) AND subject_id = (\w+)", request.filter)
        assert asked
        scope = hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{asked[1]}")
        found = self.held.get((scope, asked[2]))
        return pb.ListHoldsResponse(holds=[] if found is None else [found])

    async def ListHoldChanges(  # noqa: N802
        self, request: pb.ListHoldChangesRequest
    ) -> pb.ListHoldChangesResponse:
        asked = re.fullmatch(
            r'scope = (\w+) AND subject_id = (\w+) AND lifted = true AND change_time >= "(.+)"',
            request.filter,
        )
        assert asked
        scope, since = hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{asked[1]}"), asked[3]
        found = [
            each
            for each in self.changes
            if (each.scope, each.subject_id, each.lifted) == (scope, asked[2], True)
            and each.change_time.ToJsonString() >= since
        ]
        return pb.ListHoldChangesResponse(changes=found[: request.page_size])

    def _note(self, request: pb.PutHoldRequest | pb.LiftHoldRequest, *, lifted: bool) -> None:
        change = hold_pb2.HoldChange(
            scope=request.scope, subject_id=request.subject_id, lifted=lifted
        )
        change.change_time.FromDatetime(self.now)
        self.changes.append(change)
