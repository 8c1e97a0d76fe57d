"""What kinds of people there are, and what each does when somebody gets in touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from unipile_simulator.clock import DAY, HOUR, MINUTE

Span = tuple[float, float]
"""At the earliest and at the latest, in virtual seconds."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A message that will be written, some time after what prompted it."""

    after: Span
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Temperament:
    """One way to be."""

    what: str
    weight: float = 0.0
    """How many in a hundred are so."""
    at_first: Literal["stranger", "connected", "invited", "inviting", "withdrawn"] = "stranger"
    accepts: Span | None = None
    chooses: bool = False
    """Accepts and answers by who gets in touch, with which words, and when."""
    ignores: Span | None = None
    leaves: Span | None = None
    """Removes the connection, so long after accepting."""
    on_acceptance: Answer | None = None
    on_message: Mapping[int, Answer] = field(default_factory=dict)
    """Answers to the first, second, … message after the connection; 0 is every message."""
    on_inmail: Answer | None = None
    posts: str = "own"
    """own | none | reposts"""
    comments: bool = True
    reactions: bool = True
    already_reacted: bool = False
    open_profile: bool = False
    takes_inmail: bool = True
    needs_email: bool = False
    profile_error: str | None = None
    invitation_error: str | None = None
    message_error: str | None = None


INTERESTED = (
    "Thanks for reaching out! Yes, happy to hear more. What does it cost?",
    "Interesting timing, we were just discussing this. Can you send me some details?",
    "Hi! Sure, let's have a quick call next week.",
)
POLITE = (
    "Thanks for connecting! What made you get in touch?",
    "Nice to meet you. How can I help?",
)
NOT_NOW = ("Thanks, but this is not a priority for us this quarter.",)
_AWAY = (
    (
        "Thank you for your message. I am out of the office with limited access to messages "
        "and will reply when I am back."
    ),
)
REFUSING = ("No, thank you. We have what we need.", "This is not for us.")
STOP = (
    "Please stop messaging me and remove me from your list.",
    "Stop.",
    "Not interested, please remove me. Thanks",
    "Kein Interesse, bitte löschen. \N{PERSON WITH FOLDED HANDS}",
)
_DAYS = (1 * DAY, 6 * DAY)
_SOON = (4 * HOUR, 2 * DAY)

TEMPERAMENTS: dict[str, Temperament] = {
    "accepts_quickly": Temperament(
        what="accepts within hours, never writes", weight=10, accepts=(5 * MINUTE, 4 * HOUR)
    ),
    "accepts_after_days": Temperament(
        what="accepts after 1-6 days, never writes", weight=15, accepts=_DAYS
    ),
    "chooses": Temperament(
        what="accepts after 1-6 days, and answers after hours to days, whom and what they like",
        chooses=True,
        accepts=_DAYS,
    ),
    "accepts_late": Temperament(
        what="accepts after 11-18 days", weight=5, accepts=(11 * DAY, 18 * DAY)
    ),
    "never_answers": Temperament(what="leaves every invitation pending for ever", weight=14),
    "ignores": Temperament(
        what="clicks Ignore after 1-4 days", weight=6, ignores=(1 * DAY, 4 * DAY)
    ),
    "replies_on_acceptance": Temperament(
        what="accepts after hours to days and writes at once",
        weight=6,
        accepts=(2 * HOUR, 3 * DAY),
        on_acceptance=Answer(after=(1 * MINUTE, 10 * MINUTE), texts=POLITE),
    ),
    "replies_to_first_followup": Temperament(
        what="accepts, replies hours to days after the first message",
        weight=12,
        accepts=_SOON,
        on_message={1: Answer(after=(2 * HOUR, 2 * DAY), texts=INTERESTED)},
        on_inmail=Answer(after=(2 * HOUR, 2 * DAY), texts=INTERESTED),
    ),
    "replies_to_second_followup": Temperament(
        what="accepts, replies hours to days after the second message",
        weight=6,
        accepts=_DAYS,
        on_message={2: Answer(after=(2 * HOUR, 2 * DAY), texts=NOT_NOW)},
    ),
    "out_of_office": Temperament(
        what="accepts; every message is answered by a machine within minutes",
        weight=3,
        accepts=_SOON,
        on_message={0: Answer(after=(5, 3 * MINUTE), texts=_AWAY)},
        on_inmail=Answer(after=(5, 3 * MINUTE), texts=_AWAY),
    ),
    "opts_out": Temperament(
        what="accepts, asks to be left alone after the first message",
        weight=2,
        accepts=_SOON,
        on_message={1: Answer(after=(10 * MINUTE, 1 * DAY), texts=STOP)},
    ),
    "removes_connection": Temperament(
        what="accepts, and removes the connection 1-2 days later",
        weight=1,
        accepts=_SOON,
        leaves=(1 * DAY, 2 * DAY),
    ),
    "no_posts": Temperament(
        what="accepts; has never posted", weight=4, accepts=_DAYS, posts="none"
    ),
    "only_reposts": Temperament(
        what="accepts; only reposts others", weight=2, accepts=_DAYS, posts="reposts"
    ),
    "comments_disabled": Temperament(
        what="accepts; nobody may comment their posts", weight=2, accepts=_DAYS, comments=False
    ),
    "reactions_disabled": Temperament(
        what="accepts; nobody may react to or comment their posts",
        weight=1,
        accepts=_DAYS,
        comments=False,
        reactions=False,
    ),
    "already_reacted": Temperament(
        what="accepts; the account liked all their posts before",
        weight=1,
        accepts=_DAYS,
        already_reacted=True,
    ),
    "already_connected": Temperament(
        what="is a first degree connection from the start", weight=3, at_first="connected"
    ),
    "invitation_pending": Temperament(
        what="was invited 5 days ago, by hand; never answers", weight=1, at_first="invited"
    ),
    "invitation_pending_accepts": Temperament(
        what="was invited 5 days ago, by hand; accepts 1-4 days after the first look",
        weight=1,
        at_first="invited",
        accepts=(1 * DAY, 4 * DAY),
    ),
    "withdrawn_recently": Temperament(
        what="was invited by hand, and the invitation withdrawn a week ago",
        weight=0.5,
        at_first="withdrawn",
    ),
    "invites_first": Temperament(
        what="has invited the account's owner 2 days ago, and waits", at_first="inviting"
    ),
    "open_profile": Temperament(
        what="open profile: InMail is free and gets an answer; never accepts",
        weight=1,
        open_profile=True,
        on_inmail=Answer(after=(2 * HOUR, 1 * DAY), texts=INTERESTED),
    ),
    "refuses_inmail": Temperament(
        what="accepts; takes no InMail", weight=0.5, accepts=_DAYS, takes_inmail=False
    ),
    "needs_email": Temperament(
        what="can be invited only with their email address", weight=0.5, needs_email=True
    ),
    "cannot_be_invited": Temperament(
        what="takes no invitations", weight=0.5, invitation_error="cannot_invite_attendee"
    ),
    "unreachable": Temperament(
        what="cannot be reached by invitation or message",
        weight=0.5,
        invitation_error="user_unreachable",
        message_error="user_unreachable",
        takes_inmail=False,
    ),
    "blocks": Temperament(
        what="has blocked the account",
        weight=0.5,
        invitation_error="blocked_recipient",
        message_error="blocked_recipient",
        takes_inmail=False,
    ),
    "locked_profile": Temperament(
        what="the profile is locked: 422 invalid_recipient",
        weight=1,
        profile_error="invalid_recipient",
        invitation_error="invalid_recipient",
        message_error="invalid_recipient",
    ),
    "not_found": Temperament(
        what="there is no such person: 404", weight=1, profile_error="resource_not_found"
    ),
}

WEIGHTS: dict[str, float] = {name: kind.weight for name, kind in TEMPERAMENTS.items()}


def check(name: str) -> str:
    """The name, if there is such a temperament.

    Raises:
        ValueError: there is none.
    """
    if name not in TEMPERAMENTS:
        raise ValueError(f"no such temperament: {name!r}; known: {', '.join(TEMPERAMENTS)}")
    return name
