"""Where Unipile sends what it hears."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from linkedin_gateway.unipile.transport import Answers, Transport
from linkedin_gateway.unipile.values import parts, path_part, text, texts


@dataclass(frozen=True, kw_only=True)
class WebhookSeen:
    """A webhook that is registered."""

    webhook_id: str
    source: str
    request_url: str
    enabled: bool
    headers: Mapping[str, str]
    events: Sequence[str]
    """Empty when the list does not tell them."""


class Webhooks:
    """Calls about webhooks of the whole tenant."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def all(self) -> AsyncIterator[WebhookSeen]:
        """Every webhook there is."""
        pages = self._transport.pages("webhook_list", "/webhooks", answers=Answers.STORE)
        async for item in pages:
            yield WebhookSeen(
                webhook_id=text(item, "id"),
                source=text(item, "source"),
                request_url=text(item, "request_url"),
                enabled=item.get("enabled") is not False,
                headers={text(h, "key"): text(h, "value") for h in parts(item, "headers")},
                events=texts(item, "events"),
            )

    async def create(
        self,
        *,
        source: str,
        events: Sequence[str],
        name: str,
        url: str,
        headers: Mapping[str, str],
    ) -> str:
        """Register one for every account of the tenant."""
        body = {
            "source": source,
            "events": list(events),
            "name": name,
            "request_url": url,
            "format": "json",
            "headers": [{"key": key, "value": value} for key, value in headers.items()],
        }
        answer = await self._transport.call(
            "webhook_create", "POST", "/webhooks", answers=Answers.STORE, json=body
        )
        return text(answer, "webhook_id")

    async def delete(self, webhook_id: str) -> None:
        """Remove one."""
        path = f"/webhooks/{path_part(webhook_id)}"
        await self._transport.call("webhook_delete", "DELETE", path, answers=Answers.STORE)
