"""Values of several messages: instants, and the page of a list."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.violations import MAX_ID_CHARACTERS, Violations
from webhook_dispatcher.paging import DEFAULT_SIZE, MAX_SIZE, Paging, Position


def timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted


def paging_of(request: pb.ListEndpointsRequest | pb.ListDeliveriesRequest) -> Paging:
    """Which page of an organization's list is asked for."""
    violations = Violations()
    violations.require(request, "organization_id")
    if isinstance(request, pb.ListDeliveriesRequest):
        violations.limit("endpoint_id", request.endpoint_id, MAX_ID_CHARACTERS)
        violations.limit("event_id", request.event_id, MAX_ID_CHARACTERS)
    if not 0 <= request.page_size <= MAX_SIZE:
        violations.add("page_size", f"must be 1 to {MAX_SIZE}, or 0 for {DEFAULT_SIZE}")
    after = None
    if request.page_token:
        try:
            after = Position.from_token(request.page_token)
        except ValueError as error:
            violations.add("page_token", str(error))
    violations.refuse()
    return Paging(request.page_size or DEFAULT_SIZE, after)
