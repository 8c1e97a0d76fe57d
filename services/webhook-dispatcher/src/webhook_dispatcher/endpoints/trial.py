"""A test of an endpoint: one signed event, posted at once and told of, that is no event."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from servicekit.clock import Clock
from servicekit.ids import new_id

from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.endpoints.secret_box import SecretBox, SecretUnreadable
from webhook_dispatcher.http.sender import UNSIGNED, Answer, Sender
from webhook_dispatcher.http.signature import signed_headers
from webhook_dispatcher.models import Attempt

TEST_TYPE = "endpoint.test"


def _real_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was posted, and what came of it."""

    body: str
    headers: Mapping[str, str]
    attempt: Attempt


class EndpointTrials:
    def __init__(
        self,
        repository: EndpointRepository,
        *,
        secrets: SecretBox,
        sender: Sender,
        clock: Clock,
        real_now: Callable[[], datetime] = _real_now,
    ) -> None:
        self._repository = repository
        self._secrets = secrets
        self._sender = sender
        self._clock = clock
        self._real_now = real_now

    async def make(self, organization_id: str, endpoint_id: str) -> Trial:
        """Post a test event, once; raises `EndpointNotFound`."""
        kept = await self._repository.sealed(organization_id, endpoint_id)
        event_id, attempted_at = new_id("evt"), self._clock.now()
        content = {
            "id": event_id,
            "type": TEST_TYPE,
            "timestamp": attempted_at.isoformat().replace("+00:00", "Z"),
            "data": {"endpointId": endpoint_id},
        }
        body = json.dumps(content, separators=(",", ":"))
        try:
            secret = self._secrets.open(kept.secret)
        except SecretUnreadable:
            headers, answer = {}, Answer(latency=timedelta(0), error=UNSIGNED)
        else:
            headers = signed_headers(secret, event_id=event_id, body=body, sent_at=self._real_now())
            answer = await self._sender.post(kept.endpoint.url, body=body, headers=headers)
        attempt = Attempt(
            number=1,
            attempted_at=attempted_at,
            latency=answer.latency,
            status_code=answer.status_code,
            error=answer.error,
        )
        return Trial(body=body, headers=headers, attempt=attempt)
