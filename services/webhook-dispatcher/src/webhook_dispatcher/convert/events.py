"""Events."""

import hashlib
from collections.abc import Sequence
from datetime import UTC

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.payload import payload, type_name
from webhook_dispatcher.convert.violations import REQUIRED, Violations
from webhook_dispatcher.models import SEQUENCE_WEBHOOK, Event

_MAX_PAYLOAD_BYTES = 256 * 1024


def published_event(request: pb.PublishEventRequest) -> Event:
    """The event to publish, as its receivers will read it."""
    violations = Violations()
    event = _event(request, violations)
    violations.refuse()
    return event


def published_events(request: pb.PublishEventsRequest) -> Sequence[Event]:
    """The events to publish, all of the organization that the request names."""
    violations, events = Violations(), list[Event]()
    for place, each in enumerate(request.events):
        within = f"events[{place}]."
        if each.event.organization_id != request.organization_id:
            violations.add(f"{within}event.organization_id", "is another than the request's")
        events.append(_event(each, violations, within=within))
    violations.refuse()
    return events


def _event(request: pb.PublishEventRequest, violations: Violations, *, within: str = "") -> Event:
    event = request.event
    if type_name(event.type) == SEQUENCE_WEBHOOK and not request.endpoint_id:
        violations.add(f"{within}endpoint_id", "is required for a sequence's webhook", REQUIRED)
    if bool(event.subject) != bool(event.sequence_number):
        violations.add(f"{within}event.sequence_number", "goes with a subject, and none without")
    text = payload(event)
    if len(text.encode()) > _MAX_PAYLOAD_BYTES:
        violations.add(f"{within}event", f"is larger than {_MAX_PAYLOAD_BYTES} bytes")
    content = pb.PublishEventRequest(event=event, endpoint_id=request.endpoint_id)
    return Event(
        id=event.event_id,
        organization_id=event.organization_id,
        type=type_name(event.type),
        payload=text,
        occurred_at=event.occur_time.ToDatetime(UTC),
        campaign_id=event.campaign.id,
        lead_id=event.lead.id,
        account_id=event.account.id or event.lead.account_id,
        only_to=request.endpoint_id,
        subject=event.subject,
        number=event.sequence_number,
        digest=hashlib.sha256(content.SerializeToString(deterministic=True)).digest(),
        trace=request.trace,
    )
