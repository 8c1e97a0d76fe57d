"""Registers at Unipile where to send its webhooks: once each, however often it is tried."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.backoff import Backoff
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.inbound.http import SECRET_HEADER
from linkedin_gateway.inbound.webhook_registration_repository import WebhookRegistrationRepository
from linkedin_gateway.unipile import Unipile, UnipileError, WebhookSeen

_EVENTS = {
    "messaging": ("message_received",),
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
    secret: str

    @property
    def url(self) -> str:
        return f"{self.public_url.rstrip('/')}/webhooks/unipile/{self.token}"

    @property
    def headers(self) -> dict[str, str]:
        return {SECRET_HEADER: self.secret, "Content-Type": "application/json"}


class WebhookRegistration:
    def __init__(
        self,
        unipile: Unipile,
        repository: WebhookRegistrationRepository,
        destination: WebhookDestination,
    ) -> None:
        self._unipile = unipile
        self._repository = repository
        self._destination = destination
        self.registered = not destination.public_url

    async def check(self) -> None:
        """Raise `ConnectionError` until the webhooks are registered; for people to know."""
        if not self.registered:
            raise ConnectionError("Unipile does not know yet where to send webhooks")

    async def run(self) -> None:
        """Register, however long it takes until Unipile can be reached."""
        backoff = Backoff()
        while not self.registered:
            try:
                # One process at a time: two that list before either creates would create two.
                async with self._repository.alone():
                    await self._register()
            except UnipileError as error:
                log.warning("webhooks_not_registered", error=str(error))
                await backoff.wait()
            else:
                self.registered = True
                log.info("webhooks_registered", sources=list(_EVENTS))

    async def _register(self) -> None:
        ours = [
            webhook
            async for webhook in self._unipile.webhooks.all()
            if webhook.request_url == self._destination.url
        ]
        for source, source_events in _EVENTS.items():
            name = f"linkedin-gateway {source}"
            found = [webhook for webhook in ours if webhook.name == name]
            good = next((webhook for webhook in found if self._fits(webhook)), None)
            for webhook in found:
                # There is no update: what does not fit is replaced, doubles are removed.
                if webhook is not good:
                    await self._unipile.webhooks.delete(webhook.webhook_id)
            if good is None:
                await self._unipile.webhooks.create(
                    source=source,
                    events=source_events,
                    name=name,
                    url=self._destination.url,
                    headers=self._destination.headers,
                )

    def _fits(self, webhook: WebhookSeen) -> bool:
        return webhook.enabled and dict(webhook.headers) == self._destination.headers
