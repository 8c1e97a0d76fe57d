"""Holds, and the record of them."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from linkedin_gateway.convert.findings import Findings
from linkedin_gateway.convert.values import (
    timestamp,
)
from linkedin_gateway.kinds.registry import WRITES
from linkedin_gateway.models import Hold, HoldChange, HoldScope

_SCOPES = {scope: pb.HoldScope.Value(f"HOLD_SCOPE_{scope.name}") for scope in HoldScope}


def hold_scope(number: int, subject_id: str) -> tuple[HoldScope, str]:
    """What a hold covers."""
    wrong = Findings()
    scopes: Mapping[int, HoldScope] = {value: each for each, value in _SCOPES.items()}
    scope = scopes.get(number)
    if scope is None:
        wrong.add("scope", "is required", "FIELD_REQUIRED")
    elif scope is HoldScope.EVERYTHING:
        subject_id = ""
    elif scope is HoldScope.KIND:
        subject_id = subject_id.strip().lower()
        if subject_id not in {kind.value for kind in WRITES}:
            wrong.add("subject_id", f"must be one of {', '.join(sorted(WRITES))}")
    else:
        wrong.require("subject_id", subject_id)
    wrong.end()
    return scope or HoldScope.EVERYTHING, subject_id


def hold_message(hold: Hold) -> pb.Hold:
    return pb.Hold(
        scope=_SCOPES[hold.scope],
        subject_id=hold.subject_id,
        reason=hold.reason,
        create_time=timestamp(hold.created_at),
    )


def hold_change_message(change: HoldChange) -> pb.HoldChange:
    return pb.HoldChange(
        scope=_SCOPES[change.scope],
        subject_id=change.subject_id,
        lifted=change.lifted,
        reason=change.reason,
        caller=change.caller,
        change_time=timestamp(change.at),
    )
