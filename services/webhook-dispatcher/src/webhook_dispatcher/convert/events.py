"""Events."""

from datetime import UTC

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.payload import payload, type_name
from webhook_dispatcher.convert.violations import REQUIRED, Violations
from webhook_dispatcher.models import SEQUENCE_WEBHOOK, Event

_MAX_PAYLOAD_BYTES = 256 * 1024


def published_event(request: pb.PublishEventRequest) -> Event:
    """The event to publish, as its receivers will read it."""
    event = request.event
    violations = Violations()
    if type_name(event.type) == SEQUENCE_WEBHOOK and not request.endpoint_id:
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
        occurred_at=event.occur_time.ToDatetime(UTC),
        campaign_id=event.campaign.id,
        lead_id=event.lead.id,
        account_id=event.account.id or event.lead.account_id,
    )
