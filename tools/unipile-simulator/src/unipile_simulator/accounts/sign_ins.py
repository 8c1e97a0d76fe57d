"""Signing in: checkpoints that wait for a code, and hosted links that wait for a click."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.clock import MINUTE
from unipile_simulator.dice import Dice
from unipile_simulator.store import Store

INTENT_LIVES = 5 * MINUTE
IN_APP_APPROVAL = 20.0
"""So long the owner takes to approve in LinkedIn's app."""
WRONG_CODE = "000000"
WRONG = "wrong"
"""The password, or the cookie, that LinkedIn refuses."""
CHECKPOINTS = {
    "2fa": "2FA",
    "otp": "OTP",
    "in_app": "IN_APP_VALIDATION",
    "captcha": "CAPTCHA",
    "phone": "PHONE_REGISTER",
    "contract": "CONTRACT_CHOOSER",
}
"""A user name with one of these words in it meets this checkpoint."""


@dataclass(kw_only=True)
class Checkpoint:
    """A sign-in that LinkedIn wants confirmed."""

    id: str
    """The id the account will have, or has."""
    kind: str
    username: str
    started_at: float
    reconnects: bool


@dataclass(kw_only=True)
class HostedLink:
    """A page on which the owner signs in."""

    id: str
    type: str
    expires_at: float
    reconnect_account: str | None = None
    name: str | None = None
    notify_url: str | None = None
    success_redirect_url: str | None = None
    failure_redirect_url: str | None = None
    used: bool = False
    options: dict[str, Any] = field(default_factory=dict)


class Connections:
    """Sign-ins under way."""

    def __init__(self, dice: Dice, store: Store) -> None:
        self._dice = dice
        self._store = store
        self._checkpoints = {
            kept["id"]: Checkpoint(**kept) for kept in store.documents("checkpoint")
        }
        self._links = {kept["id"]: HostedLink(**kept) for kept in store.documents("hosted_link")}
        self._count = len(self._links)

    def ask(self, checkpoint: Checkpoint) -> None:
        """Wait for the owner's confirmation."""
        self._checkpoints[checkpoint.id] = checkpoint
        self._store.put("checkpoint", checkpoint.id, checkpoint)

    def checkpoint(self, account_id: str) -> Checkpoint | None:
        """What an account waits for."""
        return self._checkpoints.get(account_id)

    def forget(self, account_id: str) -> None:
        """No longer waiting."""
        if self._checkpoints.pop(account_id, None) is not None:
            self._store.drop("checkpoint", account_id)

    def link(self, **given: Any) -> HostedLink:
        """A new hosted link."""
        self._count += 1
        link = HostedLink(id=self._dice.token("hosted", self._count), **given)
        self.save(link)
        return link

    def find_link(self, link_id: str) -> HostedLink | None:
        """By its token."""
        return self._links.get(link_id)

    def save(self, link: HostedLink) -> None:
        """Keep a changed link."""
        self._links[link.id] = link
        self._store.put("hosted_link", link.id, link)


def checkpoint_for(username: str) -> str | None:
    """Which checkpoint a user name meets, if any."""
    for word, kind in CHECKPOINTS.items():
        if word in username.lower():
            return kind
    return None
