"""Where customers want to be notified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.dice import Dice
from unipile_simulator.errors import not_found
from unipile_simulator.store import Store

EVENTS: dict[str, tuple[str, ...]] = {
    "messaging": (
        "message_received",
        "message_read",
        "message_reaction",
        "message_edited",
        "message_deleted",
        "message_delivered",
    ),
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
    "email": ("mail_received", "mail_sent", "mail_moved"),
    "email_tracking": ("mail_opened", "mail_link_clicked"),
    "calendar_event": (),
}
DEFAULT_EVENTS: dict[str, tuple[str, ...]] = {
    "messaging": ("message_received",),
    "users": ("new_relation",),
    "account_status": tuple(
        name for name in EVENTS["account_status"] if name not in {"ok", "connecting", "stopped"}
    ),
    "email": ("mail_received",),
    "email_tracking": ("mail_opened",),
    "calendar_event": (),
}


@dataclass(kw_only=True)
class Webhook:
    """One registration."""

    id: str
    number: int
    request_url: str
    source: str
    name: str | None = None
    format: str = "json"
    account_ids: list[str] | None = None
    enabled: bool = True
    created_at: float = 0.0
    headers: list[dict[str, str]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    data: list[dict[str, str]] = field(default_factory=list)

    def wants(self, source: str, event: str, account_id: str) -> bool:
        """Whether this event is for it."""
        return (
            self.enabled
            and self.source == source
            and event in self.events
            and (self.account_ids is None or account_id in self.account_ids)
        )

    def select(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The payload under the names that were asked for."""
        if not self.data or self.source == "account_status":
            return payload
        return {item["name"]: payload.get(item["key"]) for item in self.data}


class Webhooks:
    """All registrations; the same one twice is delivered to twice."""

    def __init__(self, dice: Dice, store: Store) -> None:
        self._dice = dice
        self._store = store
        kept = [Webhook(**stored) for stored in store.documents("webhook")]
        self._by_id = {webhook.id: webhook for webhook in sorted(kept, key=lambda it: it.number)}
        self._count = max((webhook.number for webhook in kept), default=0)

    def __iter__(self) -> Iterator[Webhook]:
        return iter(list(self._by_id.values()))

    def find(self, webhook_id: str) -> Webhook | None:
        """By id."""
        return self._by_id.get(webhook_id)

    def create(self, **given: Any) -> Webhook:
        """Register."""
        self._count += 1
        webhook = Webhook(
            id=f"we_{self._dice.token('webhook', self._count)}", number=self._count, **given
        )
        webhook.events = webhook.events or list(DEFAULT_EVENTS[webhook.source])
        self._by_id[webhook.id] = webhook
        self._store.put("webhook", webhook.id, webhook)
        return webhook

    def enable(self, webhook: Webhook, *, enabled: bool) -> None:
        """Switch a registration on or off, as Unipile does by itself."""
        webhook.enabled = enabled
        self._store.put("webhook", webhook.id, webhook)

    def delete(self, webhook_id: str) -> None:
        """Unregister."""
        if self._by_id.pop(webhook_id, None) is None:
            raise not_found("Webhook")
        self._store.drop("webhook", webhook_id)
