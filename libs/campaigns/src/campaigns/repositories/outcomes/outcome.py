"""One person who was invited, and what they have done since. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LEFT_IN_PEACE = (
    "PERSON_SUPPRESSED",
    "PERSON_IN_ANOTHER_CAMPAIGN",
    "PERSON_RESPONDED_BEFORE",
    "DUPLICATE_PERSON",
    "ALREADY_INVITED",
)
"""Why a lead ends that the organization itself, or a colleague, has something against: nothing is
wrong with its step. Who cannot be found or reached is not among them: their list may be bad."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One invitation, and what came of it.

    `replied_at` is of a lead whose person has written themselves, `automatic_reply_at` of one for
    whom nothing but a machine has; `opted_out` says that they asked for no further contact, or that
    a suppression ended it; `release_id` by which release they have begun, and is empty of who began
    by none.
    """

    lead_id: str
    step_id: str
    variant: str
    account_id: str
    sent_at: datetime
    accepted_at: datetime | None = None
    replied_at: datetime | None = None
    automatic_reply_at: datetime | None = None
    opted_out: bool = False
    release_id: str = ""


@dataclass(frozen=True, kw_only=True)
class StepErrors:
    """How often a step was tried, and how often it failed."""

    step_id: str
    tried: int
    failed: int
