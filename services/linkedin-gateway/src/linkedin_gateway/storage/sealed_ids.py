"""The ids by which people are known, as they lie in the schema: sealed, the same each time.

The addresses of profiles and whatever ids the provider gives: of people, chats, messages,
invitations and posts. An equal id is an equal text within an organization, so statements compare,
join and merge them as they lie; what is asked of them is sealed before, what is needed of an
answer is opened after. Keyed hashes by which suppressions are found stand beside.

One that does not open names nobody. What can be read again reads as if it were not known
(`known`), what must be whole is refused (`all_opened`), and where an action is aimed at it stays
as it lies, is asked of nobody (`is_unopened`), and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.sealing.alike import is_sealed
from servicekit.sealing.seal import Seal, ValueUnreadable

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

    def known(self, organization_id: str, kept: str) -> str:
        """What the provider is asked anew where it does not open: it is empty then."""
        opened = self.opened(organization_id, kept)
        return "" if is_sealed(opened) else opened

    def all_opened(self, organization_id: str, kept: Iterable[str]) -> frozenset[str]:
        """Several of an organization. Raises `ValueUnreadable` if one of them does not open."""
        opened = frozenset(self.opened(organization_id, each) for each in kept)
        if any(map(is_sealed, opened)):
            raise ValueUnreadable("an id by which somebody is known does not open")
        return opened

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
        self._open(organization_id, profile, PROFILE_IDS, self.known)
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
        self._open(whose, action, ("identifier",), self.opened)
        self._open(whose, action.target, TARGET_IDS, self.opened)
        if action.outcome is not None:
            self._open(whose, action.outcome, OUTCOME_IDS, self.opened)
        if action.earlier_ids:
            earlier = tuple(self.opened(whose, each) for each in action.earlier_ids)
            vars(action)["earlier_ids"] = earlier
        return action

    @staticmethod
    def _open(
        organization_id: str, read: Any, names: Iterable[str], opened: Callable[[str, str], str]
    ) -> None:
        # In place, for nobody else has what was just read: a copy takes several times as long.
        fields = vars(read)
        for name in names:
            if kept := fields[name]:
                fields[name] = opened(organization_id, kept)


def is_unopened(action: Action) -> bool:
    """Whether something that an action is looked for by does not open."""
    aimed_at = (getattr(action.target, name) for name in TARGET_IDS)
    return any(map(is_sealed, (action.identifier, *aimed_at, *action.earlier_ids)))
