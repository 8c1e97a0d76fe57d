"""What becomes of a lead whose sender is replaced. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never


class Contact(StrEnum):
    """How far a lead and the account that is replaced have come with each other."""

    NONE = "none"
    CONTACTED = "contacted"
    CONNECTED = "connected"


class ContactedLeads(StrEnum):
    """What a caller wants of leads that the account has contacted."""

    STAY = "stay"
    END = "end"
    MOVE = "move"


@dataclass(frozen=True, kw_only=True)
class ReplacementPolicy:
    """By default whoever has heard from one account hears from no other."""

    contacted: ContactedLeads = ContactedLeads.STAY
    connected: ContactedLeads = ContactedLeads.STAY

    def of(self, contact: Contact) -> ContactedLeads:
        """What becomes of a lead; one that nobody has contacted always moves."""
        match contact:
            case Contact.NONE:
                return ContactedLeads.MOVE
            case Contact.CONTACTED:
                return self.contacted
            case Contact.CONNECTED:
                return self.connected
            case _:
                assert_never(contact)


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """The leads of the account that was replaced, by how far they were with it."""

    lead_ids: Mapping[Contact, tuple[str, ...]] = field(default_factory=dict)
    policy: ReplacementPolicy

    def count(self, contact: Contact, becomes: ContactedLeads) -> int:
        """How many of those with this contact became that."""
        return len(self.lead_ids.get(contact, ())) if self.policy.of(contact) is becomes else 0

    def which(self, become: ContactedLeads) -> tuple[str, ...]:
        """The leads of which that becomes."""
        return tuple(
            lead_id
            for contact, lead_ids in self.lead_ids.items()
            if self.policy.of(contact) is become
            for lead_id in lead_ids
        )
