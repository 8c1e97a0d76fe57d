"""The webhooks that Unipile sends; those of an account that is away are held until it is back."""

from __future__ import annotations

from typing import Any, Protocol

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.network.chats import Chat, Message
from unipile_simulator.people.people import Person
from unipile_simulator.webhooks.deliveries import Deliveries
from unipile_simulator.world.payloads import (
    Known,
    message_payload,
    relation_payload,
    status_payload,
)


class Publishing(Known, Protocol):
    """What payloads are made of, and where they go."""

    deliveries: Deliveries


class Publisher:
    """Makes the payload of what happened and has it delivered."""

    def __init__(self, world: Publishing) -> None:
        self._world = world

    def publish_message(
        self, account: Account, chat: Chat, message: Message, *, event: str = "message_received"
    ) -> None:
        """What happened to a message, for the owner's own messages too."""
        payload = message_payload(self._world, account, chat, message, event=event)
        self._publish(account, "messaging", event, payload)

    def publish_relation(self, account: Account, person: Person, at: float) -> None:
        """A connection that Unipile has found out."""
        payload = relation_payload(self._world, account, person, at)
        self._publish(account, "users", "new_relation", payload)

    def publish_status(self, account_id: str, message: str) -> None:
        """An account's health, at once, whatever it is."""
        payload = status_payload(account_id, message)
        self._world.deliveries.emit("account_status", message.lower(), account_id, payload)

    def publish_held(self, account: Account) -> None:
        """The account is back: what was missed is published now."""
        held, account.held = account.held, []
        for item in held:
            self._world.deliveries.emit(item["source"], item["event"], account.id, item["payload"])
        if held:
            self._world.accounts.save(account)

    def _publish(self, account: Account, source: str, event: str, payload: dict[str, Any]) -> None:
        if account.status == "OK":
            self._world.deliveries.emit(source, event, account.id, payload)
            return
        account.held.append({"source": source, "event": event, "payload": payload})
        self._world.accounts.save(account)
