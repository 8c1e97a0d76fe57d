"""Events."""

import re

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.payload import is_known, payload, type_name
from webhook_dispatcher.convert.violations import MAX_ID_CHARACTERS, REQUIRED, Violations
from webhook_dispatcher.models import SEQUENCE_WEBHOOK, Event

_MAX_PAYLOAD_BYTES = 256 * 1024
# An event's id travels in a header and in a workflow's id.
_EVENT_ID = re.compile(r"[!-~]{1,200}")


def published_event(request: pb.PublishEventRequest) -> Event:
    """The event to publish, as its receivers will read it."""
    event = request.event
    violations = Violations()
    if not event.event_id:
        violations.add("event.event_id", "is required", REQUIRED)
    elif _EVENT_ID.fullmatch(event.event_id) is None:
        violations.add("event.event_id", "must be 1 to 200 visible ASCII characters")
    if not event.organization_id.strip():
        violations.add("event.organization_id", "is required", REQUIRED)
    violations.limit("event.organization_id", event.organization_id, MAX_ID_CHARACTERS)
    violations.limit("endpoint_id", request.endpoint_id, MAX_ID_CHARACTERS)
    if not event.HasField("occur_time"):
        violations.add("event.occur_time", "is required", REQUIRED)
    if not is_known(event.type):
        violations.add("event.type", "is not a type of event", REQUIRED)
    elif type_name(event.type) == SEQUENCE_WEBHOOK and not request.endpoint_id:
        violations.add("endpoint_id", "is required for a sequence's webhook", REQUIRED)
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
