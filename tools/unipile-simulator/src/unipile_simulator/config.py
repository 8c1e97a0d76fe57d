"""How a simulated Unipile is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

T = TypeVar("T")
TasteKind = Literal["seeded", "indifferent"]
"""Whether it makes a difference to people who choose what a sender does, or none."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where LinkedIn stops an account, per rolling day or week; `None` never stops it."""

    invitations_day: int | None = 100
    invitations_week: int | None = 200
    invitations_week_free: int | None = 150
    noted_invitations_month_free: int | None = 5
    profiles_day: int | None = 100
    profiles_day_sales_navigator: int | None = 150
    messages_day: int | None = 150
    inmails_day: int | None = 50
    comments_day: int | None = 100
    reactions_day: int | None = 100
    posts_day: int | None = 200

    @classmethod
    def off(cls) -> Limits:
        """No limit at all; for load runs."""
        return cls(**{item.name: None for item in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """Variants of behaviour that the real thing is known or suspected to have."""

    duplicate_webhooks: float = 0.0
    """How often a webhook is delivered twice."""
    late_webhooks: float = 0.0
    """How often a webhook is overtaken by later ones (held back for 1-30 virtual minutes)."""
    lost_webhooks: float = 0.0
    """How often a webhook is never sent."""
    reordered_webhooks: float = 0.0
    """How often a webhook is sent only after the next one to the same address."""
    registrations_disabled_after_hours: float = 0.0
    """Unipile switches a registration off so long after it was made; 0 never."""
    registrations_deleted_after_hours: float = 0.0
    """Unipile forgets a registration so long after it was made; 0 never."""
    history_messages: int = 0
    """How many messages of two years ago each connection's history brings at a sign-in."""
    webhook_retry_floor: float = 0.2
    """Least real seconds before the first retry of a webhook; doubles with each one."""
    new_relation_delay_hours: float = 8.0
    """`new_relation` is found out this late at most."""
    null_chat_id: float = 0.0
    """How often `ChatStarted` comes without ids though the message was sent."""
    store_lag_seconds: float = 0.0
    """How far lists, chats and messages lag behind; profiles and searches do not."""
    store_lag_clock: str = "real"
    """By which clock: real | virtual"""
    product_inbox_replies: float = 0.0
    """How often the answer to a classic message comes in the account's product inbox."""
    throttled_sections: float = 0.0
    """How often a profile comes with throttled, empty sections."""
    nameless_profiles: float = 0.0
    """How often a profile comes without public identifier and names, which may be null."""
    anonymous_comments: float = 0.0
    """How often a comment does not say by whom it is."""
    ended_invitation_error: str = "invalid_parameters"
    """What the withdrawal of an invitation that is not pending gets."""
    invitation_ceiling_error: str = "cannot_resend_yet"
    """What an account over its invitation ceiling gets."""
    not_connected_error: str = "no_connection_with_recipient"
    """What a message to somebody who is not connected gets."""
    free_note_length_error: str = "too_many_characters"
    """What a free account's note of more than 200 characters gets."""
    free_note_quota_error: str = "limit_exceeded"
    """What a free account over its monthly noted invitations gets."""
    foreign_provider_ids: str = "read"
    """What an id that another account was given is good for: refused | read | act"""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that is fixed for one world."""

    seed: int = 7
    access_token: str = "simulator-token"  # noqa: S105 - opens nothing real
    invent_people: bool = True
    default_temperament: str | None = None
    """Everybody's temperament, unless theirs is given; `None` draws it from the seed."""
    tastes: TasteKind = "seeded"
    renames: Mapping[str, str] = field(default_factory=dict)
    """Public identifiers that people once had, and the ones they have now."""
    limits: Limits = field(default_factory=Limits)
    knobs: Knobs = field(default_factory=Knobs)


def override(settings: T, assignments: list[str]) -> dict[str, Any]:
    """Read `name=value` texts against the fields of a settings object.

    Raises:
        ValueError: no such name, or a value of the wrong kind.
    """
    known = {item.name: getattr(settings, item.name) for item in fields(settings)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in known:
            raise ValueError(f"no such name: {name!r}; known: {', '.join(known)}")
        changes[name] = _read(text.strip(), known[name])
    return changes


def _read(text: str, default: Any) -> Any:
    if text.lower() in {"none", "off"} and not isinstance(default, bool | float | str):
        return None
    if isinstance(default, bool):
        return text.lower() in {"true", "1", "yes", "on"}
    if isinstance(default, str):
        return text
    return float(text) if isinstance(default, float) else int(text)
