"""Events of the dispatcher's own: what the other endpoints of an organization hear of one."""

import hashlib
import json
from datetime import datetime

from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.models import DisableReason, Event

_TYPE = "endpoint.disabled"


class Announcements:
    """Published in the transaction of what they tell; the look for orphans delivers them."""

    def __init__(self, events: EventRepository) -> None:
        self._events = events

    async def disabled(
        self,
        organization_id: str,
        endpoint_id: str,
        *,
        reason: DisableReason,
        failing_since: datetime,
        at: datetime,
    ) -> None:
        """An endpoint was disabled, though nobody asked for it."""
        digest = hashlib.sha256(f"{endpoint_id}/{at.isoformat()}".encode())
        event_id = f"evt_{digest.hexdigest()[:32]}"
        content = {
            "id": event_id,
            "type": _TYPE,
            "timestamp": _text(at),
            "data": {
                "endpoint": {
                    "id": endpoint_id,
                    "reason": reason,
                    "firstFailureTime": _text(failing_since),
                }
            },
        }
        event = Event(
            id=event_id,
            organization_id=organization_id,
            type=_TYPE,
            payload=json.dumps(content, separators=(",", ":")),
            occurred_at=at,
            digest=digest.digest(),
        )
        await self._events.publish([event])


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
