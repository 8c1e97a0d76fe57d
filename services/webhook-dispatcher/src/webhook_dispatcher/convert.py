"""Between the contract and the model; refuses bad input, every wrong field at once."""

import re
from datetime import datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import FieldViolation

from webhook_dispatcher.deliveries.payload import payload, type_name, type_of
from webhook_dispatcher.errors import DestinationForbidden, InvalidFields
from webhook_dispatcher.http.destination import Rules, parse
from webhook_dispatcher.models import (
    SEQUENCE_WEBHOOK,
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    Event,
)
from webhook_dispatcher.paging import DEFAULT_SIZE, MAX_SIZE, Paging, Position

_REQUIRED = "FIELD_REQUIRED"
_INVALID = "FIELD_INVALID"
_MAX_ID_CHARACTERS = 200
_MAX_DESCRIPTION_CHARACTERS = 500
_MAX_PAYLOAD_BYTES = 256 * 1024
# An event's id travels in a header and in a workflow's id.
_EVENT_ID = re.compile(r"[!-~]{1,200}")

_STATE_TO_PROTO = {
    DeliveryState.PENDING: pb.DELIVERY_STATE_PENDING,
    DeliveryState.DELIVERED: pb.DELIVERY_STATE_DELIVERED,
    DeliveryState.LAPSED: pb.DELIVERY_STATE_LAPSED,
    DeliveryState.DROPPED: pb.DELIVERY_STATE_DROPPED,
}
_STATE_FROM_PROTO = {number: state for state, number in _STATE_TO_PROTO.items()}


class _Violations:
    """Collects what is wrong, and refuses if anything is."""

    def __init__(self) -> None:
        self._found: list[FieldViolation] = []

    def add(self, field: str, description: str, reason: str = _INVALID) -> None:
        self._found.append(FieldViolation(field, description, reason))

    def require(self, request: Any, *fields: str) -> None:
        for field in fields:
            value = getattr(request, field)
            if not value.strip():
                self.add(field, "is required", _REQUIRED)
            else:
                self.limit(field, value, _MAX_ID_CHARACTERS)

    def limit(self, field: str, value: str, characters: int) -> None:
        if len(value) > characters:
            self.add(field, f"has more than {characters} characters")
        if "\0" in value:
            self.add(field, "has a character that cannot be kept (NUL)")

    def refuse(self) -> None:
        if len(self._found) == 1 and self._found[0].reason == DestinationForbidden.reason:
            raise DestinationForbidden(self._found[0].description)
        if self._found:
            raise InvalidFields(self._found)


def require(request: Any, *fields: str) -> None:
    """Refuse a request unless each of these texts is there."""
    violations = _Violations()
    violations.require(request, *fields)
    violations.refuse()


def new_endpoint(request: pb.CreateEndpointRequest, rules: Rules) -> dict[str, Any]:
    """The arguments of `Endpoints.create`."""
    violations = _Violations()
    violations.require(request, "request_id", "organization_id")
    violations.limit("builder_webhook_id", request.builder_webhook_id, _MAX_ID_CHARACTERS)
    violations.limit("description", request.description, _MAX_DESCRIPTION_CHARACTERS)
    if not request.url:
        violations.add("url", "is required", _REQUIRED)
    else:
        try:
            parse(request.url, rules)
        except DestinationForbidden as error:
            violations.add("url", error.message, error.reason)
    names = []
    for index, number in enumerate(request.event_types):
        if _known(number):
            names.append(type_name(number))
        else:
            violations.add(f"event_types[{index}]", "is not a type of event")
    violations.refuse()
    return {
        "request_id": request.request_id,
        "organization_id": request.organization_id,
        "url": request.url,
        "event_types": tuple(dict.fromkeys(names)),
        "builder_webhook_id": request.builder_webhook_id,
        "description": request.description,
    }


def require_key(request: pb.GetEndpointRequest) -> None:
    """Refuse a look-up without an organization or without a key."""
    violations = _Violations()
    violations.require(request, "organization_id")
    violations.limit("endpoint_id", request.endpoint_id, _MAX_ID_CHARACTERS)
    violations.limit("builder_webhook_id", request.builder_webhook_id, _MAX_ID_CHARACTERS)
    if not (request.endpoint_id or request.builder_webhook_id):
        violations.add("endpoint_id", "or builder_webhook_id is required", _REQUIRED)
    violations.refuse()


def published_event(request: pb.PublishEventRequest) -> Event:
    """The event to publish, as its receivers will read it."""
    event = request.event
    violations = _Violations()
    if not event.event_id:
        violations.add("event.event_id", "is required", _REQUIRED)
    elif _EVENT_ID.fullmatch(event.event_id) is None:
        violations.add("event.event_id", "must be 1 to 200 visible ASCII characters")
    if not event.organization_id.strip():
        violations.add("event.organization_id", "is required", _REQUIRED)
    violations.limit("event.organization_id", event.organization_id, _MAX_ID_CHARACTERS)
    violations.limit("endpoint_id", request.endpoint_id, _MAX_ID_CHARACTERS)
    if not event.HasField("occur_time"):
        violations.add("event.occur_time", "is required", _REQUIRED)
    if not _known(event.type):
        violations.add("event.type", "is not a type of event", _REQUIRED)
    elif type_name(event.type) == SEQUENCE_WEBHOOK and not request.endpoint_id:
        violations.add("endpoint_id", "is required for a sequence's webhook", _REQUIRED)
    violations.refuse()
    text = payload(event)
    if len(text.encode()) > _MAX_PAYLOAD_BYTES:
        violations.add("event", f"is larger than {_MAX_PAYLOAD_BYTES} bytes")
        violations.refuse()
    return Event(
        id=event.event_id,
        organization_id=event.organization_id,
        type=type_name(event.type),
        payload=text,
    )


def paging(request: pb.ListEndpointsRequest | pb.ListDeliveriesRequest) -> Paging:
    """Which page of an organization's list is asked for."""
    violations = _Violations()
    violations.require(request, "organization_id")
    if isinstance(request, pb.ListDeliveriesRequest):
        violations.limit("endpoint_id", request.endpoint_id, _MAX_ID_CHARACTERS)
        violations.limit("event_id", request.event_id, _MAX_ID_CHARACTERS)
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


def wanted_state(request: pb.ListDeliveriesRequest) -> DeliveryState | None:
    """The state to filter by, if any."""
    if request.state == pb.DELIVERY_STATE_UNSPECIFIED:
        return None
    state = _STATE_FROM_PROTO.get(request.state)
    if state is None:
        raise InvalidFields([FieldViolation("state", "is not a state", _INVALID)])
    return state


def endpoint_to_proto(endpoint: Endpoint) -> pb.Endpoint:
    return pb.Endpoint(
        endpoint_id=endpoint.id,
        organization_id=endpoint.organization_id,
        url=endpoint.url,
        event_types=[type_of(name) for name in endpoint.event_types],
        builder_webhook_id=endpoint.builder_webhook_id,
        description=endpoint.description,
        create_time=_timestamp(endpoint.created_at),
        disable_time=_timestamp(endpoint.disabled_at),
    )


def delivery_to_proto(delivery: Delivery) -> pb.Delivery:
    return pb.Delivery(
        delivery_id=delivery.id,
        event_id=delivery.event_id,
        event_type=type_of(delivery.event_type),
        endpoint_id=delivery.endpoint_id,
        state=_STATE_TO_PROTO[delivery.state],
        attempts=delivery.attempts,
        create_time=_timestamp(delivery.created_at),
        end_time=_timestamp(delivery.ended_at),
    )


def attempt_to_proto(attempt: Attempt) -> pb.DeliveryAttempt:
    latency = Duration()
    latency.FromTimedelta(attempt.latency)
    return pb.DeliveryAttempt(
        number=attempt.number,
        attempt_time=_timestamp(attempt.attempted_at),
        latency=latency,
        status_code=attempt.status_code,
        error=attempt.error,
    )


def _known(number: int) -> bool:
    return number != event_pb2.EVENT_TYPE_UNSPECIFIED and number in event_pb2.EventType.values()


def _timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(at)
    return timestamp
