"""A test of an endpoint: one signed event, posted at once and told of, that is no event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.ids import new_id

from webhook_dispatcher.endpoints.request_headers import RequestHeaders, redacted
from webhook_dispatcher.endpoints.secret_box import SecretUnreadable
from webhook_dispatcher.endpoints.secret_repository import SecretRepository
from webhook_dispatcher.http.sender import UNSIGNED, Answer, Sender
from webhook_dispatcher.models import Attempt

TEST_TYPE = "endpoint.test"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was posted, and what came of it; of what a customer has us send along, the names."""

    body: str
    headers: Mapping[str, str]
    attempt: Attempt


class EndpointTrials:
    def __init__(
        self,
        repository: SecretRepository,
        *,
        request_headers: RequestHeaders,
        sender: Sender,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._request_headers = request_headers
        self._sender = sender
        self._clock = clock

    async def make(self, organization_id: str, endpoint_id: str) -> Trial:
        """Post a test event, once; raises `EndpointNotFound`."""
        url, signing = await self._repository.signing(organization_id, endpoint_id)
        event_id, attempted_at = new_id("evt"), self._clock.now()
        content = {
            "id": event_id,
            "type": TEST_TYPE,
            "timestamp": attempted_at.isoformat().replace("+00:00", "Z"),
            "data": {"endpointId": endpoint_id},
        }
        body = json.dumps(content, separators=(",", ":"))
        headers: Mapping[str, str] = {}
        try:
            headers = self._request_headers.of(signing, event_id=event_id, body=body)
        except SecretUnreadable:
            answer = Answer(latency=timedelta(0), error=UNSIGNED)
        else:
            answer = await self._sender.post(url, body=body, headers=headers)
        attempt = Attempt(
            number=1,
            attempted_at=attempted_at,
            latency=answer.latency,
            status_code=answer.status_code,
            error=answer.error,
            request_headers=redacted(headers, signing=signing),
            response_headers=answer.headers,
            response_excerpt=answer.excerpt,
        )
        return Trial(body=body, headers=redacted(headers, signing=signing), attempt=attempt)
