"""Holds, and the record of them."""

from __future__ import annotations

from typing import assert_never

from outreach.common.v1 import on_the_wire_pb2
from outreach.linkedin.v1 import hold_pb2, hold_service_pb2
from servicekit.lists.following import Removed

from linkedin_gateway.convert.values import (
    timestamp,
)
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.kinds.registry import WRITES
from linkedin_gateway.models import Hold, HoldChange, HoldScope, OnTheWire

_SCOPES = {scope: hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{scope.name}") for scope in HoldScope}
_SCOPE_BY_NUMBER = {number: scope for scope, number in _SCOPES.items()}


def hold_scope(number: hold_pb2.HoldScope.ValueType, subject_id: str) -> tuple[HoldScope, str]:
    """What a hold covers."""
    wrong, scope = Violations(), _SCOPE_BY_NUMBER[number]
    match scope:
        case HoldScope.EVERYTHING:
            subject_id = ""
        case HoldScope.KIND:
            subject_id = subject_id.strip().lower()
            if subject_id not in {kind.value for kind in WRITES}:
                wrong.add("subject_id", f"must be one of {', '.join(sorted(WRITES))}")
        case HoldScope.CAMPAIGN | HoldScope.ACCOUNT | HoldScope.ORGANIZATION:
            wrong.require("subject_id", subject_id)
        case _:
            assert_never(scope)
    wrong.end()
    return scope, subject_id


def hold_message(hold: Hold) -> hold_pb2.Hold:
    return hold_pb2.Hold(
        scope=_SCOPES[hold.scope],
        subject_id=hold.subject_id,
        reason=hold.reason,
        create_time=timestamp(hold.created_at),
    )


def removed_message(removed: Removed) -> hold_service_pb2.RemovedHold:
    """A hold that is in force no more, by what it covered."""
    *_, scope, subject_id = removed.key
    return hold_service_pb2.RemovedHold(
        scope=_SCOPES[HoldScope(scope)],
        subject_id=subject_id,
        delete_time=timestamp(removed.at),
    )


def wire_message(begun: OnTheWire) -> on_the_wire_pb2.OnTheWire:
    return on_the_wire_pb2.OnTheWire(
        actions=begun.actions, action_ids=begun.action_ids, until=timestamp(begun.until)
    )


def hold_change_message(change: HoldChange) -> hold_pb2.HoldChange:
    return hold_pb2.HoldChange(
        scope=_SCOPES[change.scope],
        subject_id=change.subject_id,
        lifted=change.lifted,
        reason=change.reason,
        caller=change.caller,
        change_time=timestamp(change.at),
    )
