"""The ids by which people are known, as they lie in the schema: sealed, the same each time.

The addresses of profiles and whatever ids the provider gives: of people, chats, messages,
invitations and posts. An equal id is an equal text within an organization, so statements compare,
join and merge them as they lie; what is asked of them is sealed before, what is needed of an
answer is opened after. Keyed hashes by which suppressions are found stand beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.sealing.seal import Seal

from linkedin_gateway.models import Action, Profile
from linkedin_gateway.storage import rows

TARGET_IDS = ("provider_id", "invitation_id", "chat_id", "post_id", "post_ref", "product_id")
OUTCOME_IDS = ("provider_id", "invitation_id", "chat_id", "message_id", "post_id")
PROFILE_IDS = ("provider_id", "public_identifier", "invitation_id", "chat_id")
DOCUMENT_IDS = frozenset(TARGET_IDS) | frozenset(OUTCOME_IDS)
"""What of a target or an outcome is sealed, by the names that they have in its document."""


class SealedIds:
    """Seals and opens them by the keys of the organization whose row it is."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self.opened = seal.open_alike
        self.sealed = seal.seal_alike

    def all_sealed(self, organization_id: str, values: Iterable[str]) -> list[str]:
        """Several of an organization."""
        return [self.sealed(organization_id, each) for each in values]

    def all_opened(self, organization_id: str, kept: Iterable[str]) -> frozenset[str]:
        """Several of an organization."""
        return frozenset(self.opened(organization_id, each) for each in kept)

    def suppression(self, organization_id: str, plain: str) -> str:
        """A suppression's key, as what people are called by is compared with it."""
        return self._seal.hashed(organization_id, "suppression", plain)

    # --- Profiles ------------------------------------------------------------------------

    def profile_sealed(self, organization_id: str, values: dict[str, Any], prefix: str = "") -> Any:
        """The values of a profile's columns, as they are written."""
        for name in PROFILE_IDS:
            values[prefix + name] = self.sealed(organization_id, values[prefix + name])
        return values

    def profile_of(self, organization_id: str, row: Row, prefix: str = "") -> Profile:
        """The profile of a row."""
        profile = rows.profile_of(row, prefix)
        self._open(organization_id, profile, PROFILE_IDS)
        return profile

    # --- Actions -------------------------------------------------------------------------

    def actions_sealed(self, actions: Sequence[Action]) -> dict[str, list[Any]]:
        """The values of the columns of actions, as they are written."""
        arrays = rows.ACTIONS.arrays(actions)
        whose = arrays["organization_id"]
        for name in ("identifier", "provider_id", "post_id"):
            arrays[name] = list(map(self.sealed, whose, arrays[name]))
        arrays["earlier_ids"] = list(map(self.joined, whose, [a.earlier_ids for a in actions]))
        for name in ("target", "outcome"):
            arrays[name] = list(map(self.document, whose, arrays[name]))
        return arrays

    def joined(self, organization_id: str, ids: Iterable[str]) -> str:
        """Ids in one column, parted by spaces."""
        return " ".join(self.all_sealed(organization_id, ids))

    def document(
        self, organization_id: str, document: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        """A target or an outcome as it is written."""
        if document is None:
            return None
        return {
            name: self.sealed(organization_id, value) if name in DOCUMENT_IDS else value
            for name, value in document.items()
        }

    def action_of(self, row: Row, prefix: str = "") -> Action:
        """The action of a row."""
        action, whose = rows.action_of(row, prefix), row[prefix + "organization_id"]
        self._open(whose, action, ("identifier",))
        self._open(whose, action.target, TARGET_IDS)
        if action.outcome is not None:
            self._open(whose, action.outcome, OUTCOME_IDS)
        if action.earlier_ids:
            earlier = tuple(self.opened(whose, each) for each in action.earlier_ids)
            vars(action)["earlier_ids"] = earlier
        return action

    def _open(self, organization_id: str, read: Any, names: Iterable[str]) -> None:
        # In place, for nobody else has what was just read: a copy takes several times as long.
        fields = vars(read)
        for name in names:
            if kept := fields[name]:
                fields[name] = self.opened(organization_id, kept)
