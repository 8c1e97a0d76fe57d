"""Registers at Unipile where to send its webhooks, and sees to it that it stays so.

Registrations are disabled and deleted at the provider, and then nothing says so: they are looked
at again and again. However often that is, there is one of each source.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.inbound.http import SECRET_HEADER
from linkedin_gateway.inbound.webhook_registration_repository import WebhookRegistrationRepository
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.unipile import Unipile, UnipileError, WebhookSeen

_EVENTS = {
    "messaging": ("message_received", "message_edited"),
    "users": ("new_relation",),
    "account_status": (
        "creation_success",
        "creation_fail",
        "deleted",
        "reconnected",
        "sync_success",
        "stopped",
        "ok",
        "connecting",
        "error",
        "credentials",
        "permissions",
    ),
}

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class WebhookDestination:
    """Where webhooks are to go, and with what they prove to be Unipile's."""

    public_url: str
    token: str
    secret: Secret

    @property
    def url(self) -> str:
        return f"{self.public_url.rstrip('/')}/webhooks/unipile/{self.token}"

    @property
    def headers(self) -> dict[str, str]:
        return {SECRET_HEADER: self.secret.get(), "Content-Type": "application/json"}


class WebhookRegistration:
    """`interval` is real time between two looks at what is registered."""

    def __init__(
        self,
        unipile: Unipile,
        repository: WebhookRegistrationRepository,
        destination: WebhookDestination,
        metrics: Metrics,
        *,
        interval: timedelta,
    ) -> None:
        self._unipile = unipile
        self._repository = repository
        self._destination = destination
        self._metrics = metrics
        self._interval = interval.total_seconds()
        self.registered = False
        """As of the last look: Unipile knows where to send everything that we need."""
        self.sources: tuple[str, ...] = ()
        """Those that it sends, as of that look."""
        self.looked_at: datetime | None = None
        """When that was, real time; None before the first."""

    async def check(self) -> None:
        """Raise `ConnectionError` unless the webhooks are registered; for people to know."""
        if not self._destination.public_url:
            raise ConnectionError("no public URL is set: Unipile has nowhere to send webhooks")
        if not self.registered:
            raise ConnectionError("Unipile does not know yet where to send webhooks")

    async def run(self) -> None:
        """Register, and from then on register anew what is gone; without a public URL, nothing."""
        while self._destination.public_url:
            await self.register()
            await asyncio.sleep(self._interval)

    async def register(self) -> None:
        """See to it that all is registered, however long it takes until Unipile can be reached."""
        backoff = Backoff()
        while True:
            try:
                # One process at a time: two that list before either creates would create two.
                async with self._repository.alone():
                    made = await self._register()
            except UnipileError as error:
                # What was registered may still be: only a look could say that it is not.
                log.warning("webhooks_not_registered", error=str(error))
                await backoff.wait()
            else:
                break
        if made:
            log.info("webhooks_registered", sources=made, again=self.registered)
        self.registered, self.sources = True, tuple(_EVENTS)
        self.looked_at = datetime.now(UTC)

    async def _register(self) -> list[str]:
        """Returns the sources of which there was no registration that works."""
        made = []
        ours = [
            webhook
            async for webhook in self._unipile.webhooks.all()
            if webhook.request_url == self._destination.url
        ]
        for source, source_events in _EVENTS.items():
            found = [webhook for webhook in ours if webhook.source == source]
            good = next((each for each in found if self._fits(each, source_events)), None)
            if good is None:
                self.registered = False
                await self._unipile.webhooks.create(
                    source=source,
                    events=source_events,
                    name=f"linkedin-gateway {source}",
                    url=self._destination.url,
                    headers=self._destination.headers,
                )
                self._metrics.webhooks_created.labels(source).inc()
                made.append(source)
            for webhook in found:
                # There is no update: what does not fit is replaced, doubles are removed.
                if webhook is not good:
                    await self._unipile.webhooks.delete(webhook.webhook_id)
        return made

    def _fits(self, webhook: WebhookSeen, events: tuple[str, ...]) -> bool:
        # Of some sources the list does not tell the events.
        told = not webhook.events or set(events) <= set(webhook.events)
        return webhook.enabled and told and dict(webhook.headers) == self._destination.headers
