"""A test of an endpoint: one event, sent at once by its channel and told of, that is no event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from servicekit.clock import Clock
from servicekit.errors import FieldViolation, NotYet
from servicekit.ids import new_id

from webhook_dispatcher.channels.carrier import Carrier
from webhook_dispatcher.channels.payload_forms import as_text
from webhook_dispatcher.channels.recipient_repository import RecipientRepository
from webhook_dispatcher.channels.trial_turns import TrialTurns
from webhook_dispatcher.endpoints.request_headers import redacted
from webhook_dispatcher.errors import InvalidFields
from webhook_dispatcher.models import Attempt, PayloadForm

TEST_TYPE = "endpoint.test"
_NO_LEAD = "is about no lead: the endpoint is sent records of leads, and none of it"
_LIMITED = "The endpoint is sent so much a minute, tests among it; this one has its turn later."


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was posted, and what came of it; of what a customer has us send along, the names."""

    body: str
    headers: Mapping[str, str]
    attempt: Attempt


class EndpointTrials:
    def __init__(
        self,
        repository: RecipientRepository,
        turns: TrialTurns,
        carrier: Carrier,
        *,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._turns = turns
        self._carrier = carrier
        self._clock = clock

    async def make(self, organization_id: str, endpoint_id: str, *, example: str = "") -> Trial:
        """Send a test event, or one like `example`, once; raises `EndpointNotFound`.

        `InvalidFields` for an example that the endpoint's form says nothing of, and `NotYet` while
        the endpoint has been sent all that it is to be sent a minute.
        """
        to = await self._repository.recipient(organization_id, endpoint_id)
        content = json.loads(example) if example else _trial_of(endpoint_id)
        if example and to.form is PayloadForm.LEAD_RECORD and "lead" not in content["data"]:
            raise InvalidFields([FieldViolation("event_type", _NO_LEAD, "FIELD_INVALID")])
        if wait := await self._turns.until_turn(to):
            raise NotYet(_LIMITED, retry_after=wait)
        event_id, attempted_at = new_id("evt"), self._clock.now()
        content["id"] = event_id
        content["timestamp"] = attempted_at.isoformat().replace("+00:00", "Z")
        carried = await self._carrier.carry(to, event_id=event_id, payload=as_text(content))
        answer, headers = carried.answer, redacted(carried.headers, signing=to.signing)
        attempt = Attempt(
            number=1,
            attempted_at=attempted_at,
            latency=answer.latency,
            status_code=answer.status_code,
            error=answer.error,
            request_headers=headers,
            response_headers=answer.headers,
            response_excerpt=answer.excerpt,
        )
        return Trial(body=carried.body, headers=headers, attempt=attempt)


def _trial_of(endpoint_id: str) -> dict[str, Any]:
    return {"id": "", "type": TEST_TYPE, "timestamp": "", "data": {"endpointId": endpoint_id}}
