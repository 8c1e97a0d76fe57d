"""From the audit to its contract, and back."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from outreach.audit.v1 import audit_service_pb2 as pb
from outreach.audit.v1 import record_pb2
from servicekit.lists.errors import PageTokenInvalid
from servicekit.page_tokens import PageTokens, instant_of
from servicekit.tables import total

from identity.audit.chain import Fault, FaultKind
from identity.audit.record import Outcome, Record
from identity.audit.record_repository import Filter
from identity.audit.verification import SoFar, Verified

_OUTCOMES = total(
    Outcome,
    {
        Outcome.DONE: record_pb2.OUTCOME_DONE,
        Outcome.DENIED: record_pb2.OUTCOME_DENIED,
        Outcome.UNKNOWN: record_pb2.OUTCOME_UNKNOWN,
    },
)
_OUTCOME_BY_NUMBER = {number: outcome for outcome, number in _OUTCOMES.items()}
_FAULTS = total(
    FaultKind,
    {kind: record_pb2.FaultKind.Value(f"FAULT_KIND_{kind.name}") for kind in FaultKind},
)
Place = tuple[datetime, str]
"""The record that a page ends with."""


def record_to_proto(record: Record) -> record_pb2.Record:
    """As callers see it."""
    return record_pb2.Record(
        record_id=record.record_id,
        organization_id=record.organization_id,
        record_time=_timestamp(record.recorded_at),
        service=record.service,
        rpc=record.rpc,
        outcome=_OUTCOMES[record.outcome],
        code=record.code,
        reason=record.reason,
        caller_kind=record.caller_kind,
        subject=record.subject,
        actors=record.actors,
        address=record.address,
        resource_id=record.resource,
        request_id=record.request_id,
        trace_id=record.trace_id,
        digest_before=record.digest_before,
        digest_after=record.digest_after,
    )


def fault_to_proto(fault: Fault, *, seen: bool) -> record_pb2.Fault:
    """As callers see it: of what is not theirs the place alone."""
    return record_pb2.Fault(
        kind=_FAULTS[fault.kind],
        position=fault.position,
        record_id=fault.record_id if seen else "",
        record_time=_timestamp(fault.recorded_at) if seen else None,
    )


def verified_to_proto(found: Verified, *, service: str) -> pb.Verified:
    """The summary."""
    return pb.Verified(
        service=service,
        seals=found.sealed,
        position=found.position,
        chain=found.chain.hex(),
        signed_position=found.signed_position,
        sign_time=_timestamp(found.signed_at),
        unsealed=found.tail,
        unsealed_since_time=_timestamp(found.tail_since),
        dropped_before_time=_timestamp(found.dropped_before),
        faults=found.faults,
    )


def so_far_to_proto(found: SoFar) -> pb.VerifiedSoFar:
    """How far it has come."""
    return pb.VerifiedSoFar(
        position=found.position,
        chain=found.chain.hex(),
        seals=found.sealed,
        faults=found.faults,
        checkpoint=found.checkpoint,
        checkpoints_hash=found.checkpoints.hex(),
    )


def so_far_of(request: pb.VerifyRecordsRequest) -> SoFar | None:
    """From where somebody asks for the rest."""
    if not request.HasField("after"):
        return None
    after = request.after
    return SoFar(
        position=after.position,
        chain=bytes.fromhex(after.chain),
        sealed=after.seals,
        faults=after.faults,
        checkpoint=after.checkpoint,
        checkpoints=bytes.fromhex(after.checkpoints_hash),
    )


def filter_of(asked: pb.RecordFilter, organization_id: str | None) -> Filter:
    """What is asked for, of an organization; None for all of them."""
    return Filter(
        organization_id=organization_id,
        since=_instant(asked, "start_time"),
        until=_instant(asked, "end_time"),
        subject=asked.actor_id or None,
        resource=asked.resource_id or None,
        rpc=asked.rpc or None,
        outcome=_OUTCOME_BY_NUMBER.get(asked.outcome),
    )


class RecordTokens:
    """The tokens of pages of records: of one filter, and of whose records it is asked."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens

    async def place(self, token: str, wanted: Filter) -> Place | None:
        """After which record a page begins; raises `PageTokenInvalid`."""
        if not token:
            return None
        try:
            at, record_id = await self._tokens.read(token, of=_asked(wanted))
            return instant_of(at), str(record_id)
        except ValueError:
            raise PageTokenInvalid from None

    async def after(self, record: Record, wanted: Filter) -> str:
        """Where the next page goes on."""
        place = record.recorded_at.isoformat(), record.record_id
        return await self._tokens.give(place, of=_asked(wanted))


def _asked(wanted: Filter) -> Sequence[str]:
    return ("audit records", *(repr(getattr(wanted, each.name)) for each in fields(wanted)))


def _timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    made = Timestamp()
    made.FromDatetime(at)
    return made


def _instant(asked: pb.RecordFilter, name: str) -> datetime | None:
    if not asked.HasField(name):  # type: ignore[arg-type]
        return None
    instant: datetime = getattr(asked, name).ToDatetime(tzinfo=UTC)
    return instant
