"""A human at LinkedIn, as an account knows them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, assert_never
from urllib.parse import unquote

from linkedin_gateway.models.texts import clean_text


class InvitationScope(StrEnum):
    """Whose open invitation stands in the way of another to the same person."""

    CAMPAIGN = "campaign"
    ORGANIZATION = "organization"

    @property
    def crosses_campaigns(self) -> bool:
        """Whether an invitation counts in every campaign of the organization."""
        match self:
            case InvitationScope.ORGANIZATION:
                return True
            case InvitationScope.CAMPAIGN:
                return False
            case _:
                assert_never(self)


class EnrolmentPolicy(StrEnum):
    """What becomes of a lead whose person another campaign works on."""

    WAIT = "wait"
    END = "end"
    ALLOW = "allow"

    @property
    def waits(self) -> bool:
        """Whether the lead waits until the other campaign is done with the person."""
        match self:
            case EnrolmentPolicy.WAIT:
                return True
            case EnrolmentPolicy.END | EnrolmentPolicy.ALLOW:
                return False
            case _:
                assert_never(self)

    @property
    def ends(self) -> bool:
        """Whether the lead ends."""
        match self:
            case EnrolmentPolicy.END:
                return True
            case EnrolmentPolicy.WAIT | EnrolmentPolicy.ALLOW:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A human at LinkedIn, and how they were called by whoever asked."""

    person_id: str
    identifier: str
    """An address, or an id of the provider."""


class SentInvitation(StrEnum):
    """What a profile says of the invitation that its person was sent."""

    NONE = ""
    PENDING = "PENDING"
    IGNORED = "IGNORED"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "unknown"
    """A word that is new to us: it ends nothing and proves nothing."""

    @classmethod
    def of(cls, word: str) -> Self:
        """What the provider's word means."""
        known = (each for each in cls if each is not cls.UNKNOWN)
        return next((each for each in known if each == word), cls.UNKNOWN)

    @property
    def explains_refusal(self) -> bool:
        """Whether another invitation is refused for this one, and not for the account's sake."""
        match self:
            case SentInvitation.PENDING | SentInvitation.WITHDRAWN:
                return True
            case SentInvitation.NONE | SentInvitation.IGNORED | SentInvitation.UNKNOWN:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, kw_only=True)
class ProfileWords:
    """What a profile says of a person: told to who asks, and no part of any decision."""

    first_name: str = ""
    last_name: str = ""
    headline: str = ""
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an account knows of a person."""

    person_id: str
    provider_id: str = ""
    public_identifier: str = ""
    connected: bool = False
    open_profile: bool = False
    read_at: datetime | None = None
    invited_at: datetime | None = None
    invitation_id: str = ""
    chat_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """An earlier invitation to the same person, from anybody of the organization."""

    account_id: str
    campaign_id: str
    at: datetime
    ended_at: datetime | None = None
    """When it was withdrawn, or was found to be pending no more; None while it is pending."""


def person_key(public_identifier: str) -> str:
    """One spelling per person: LinkedIn ignores case and escapes in addresses.

    Ids of the provider (`ACo…`) are case-sensitive and stay as they are.
    """
    # An escape may stand for what no check of the request has seen.
    unescaped = clean_text(unquote(public_identifier))
    text = unicodedata.normalize("NFC", unescaped.strip().strip("/"))
    return text if is_provider_id(text) else text.lower()


def is_provider_id(identifier: str) -> bool:
    """Whether it is an id of the provider and not the last part of an address."""
    return identifier.startswith(("ACo", "ACw", "ADo", "AE")) and len(identifier) > 20  # noqa: PLR2004
