"""What was written to people and by them, sealed by the key of the lead's person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import Database, keys_of, wrapped_key
from servicekit.sealing.seal import DataKey, Seal, SealedColumn, ValueUnreadable

from campaigns.errors import TextUnreadable
from campaigns.sealing.people import PERSON

REPLY = SealedColumn("campaign", "leads", "sealed_reply")
IMPORT_PIECE = SealedColumn("campaign", "import_pieces", "content")
"""By the organization's key: whose a piece of a file is, nobody knows before it is read."""
HELD_DETAIL = SealedColumn("campaign", "leads", "sealed_held_detail")
STEP_TEXT = SealedColumn("campaign", "step_texts", "sealed")
STEP_POST = SealedColumn("campaign", "step_texts", "sealed_post_id")
STEP_DETAIL = SealedColumn("campaign", "step_executions", "sealed_detail")
HEARD_MESSAGE = SealedColumn("campaign", "heard_messages", "sealed")

_LEAD = f"""
    SELECT organization_id, public_identifier, person, {wrapped_key("leads", "person")} AS wrapped
      FROM leads WHERE id = $1
"""  # noqa: S608 - columns of ours


@dataclass(frozen=True, kw_only=True)
class LeadKey:
    """Whose a lead is, and by what its words are sealed; None where they are not."""

    organization_id: str
    key: DataKey | None


class WordSeal:
    """Seals texts in rows of leads, and opens them there."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    async def key_of(
        self, database: Database, lead_id: str, *, replaced: bool = False
    ) -> LeadKey | None:
        """By what a lead's words are sealed; None if there is no such lead.

        Where its key is lost, `replaced` gives the person another one: what they write from now on
        is not to be lost as well. Otherwise raises `TextUnreadable`: nobody is written to.
        """
        rows = await database.fetch(_LEAD, lead_id)
        if not rows:
            return None
        organization_id = rows[0]["organization_id"]
        key = await self._key(database, rows[0], replaced=replaced) if self._seal.on else None
        return LeadKey(organization_id=organization_id, key=key)

    async def _key(self, database: Database, lead: Row, *, replaced: bool) -> DataKey:
        organization_id, person = lead["organization_id"], lead["person"]
        subject = lead["public_identifier"]
        if person is None:
            subject = self._seal.hashed(organization_id, PERSON, subject)
        try:
            if person is not None:
                return self._seal.key_by(organization_id, person, lead["wrapped"])
            return (await keys_of(database, self._seal, organization_id, [subject]))[subject]
        except ValueUnreadable as unreadable:
            if not replaced:
                raise TextUnreadable(str(unreadable)) from unreadable
        return await sealed_values.key_of(database, self._seal, organization_id, subject)

    def key_beside(self, lead: Row) -> LeadKey:
        """By what is sealed what is said of a lead that was read: by what its person is.

        Where that is in clear, so are its words. Raises `TextUnreadable`.
        """
        organization_id, person = lead["organization_id"], lead["person"]
        if person is None or not self._seal.on:
            return LeadKey(organization_id=organization_id, key=None)
        try:
            key = self._seal.key_by(organization_id, person, lead["person_key"])
        except ValueUnreadable as unreadable:
            raise TextUnreadable(str(unreadable)) from unreadable
        return LeadKey(organization_id=organization_id, key=key)

    def sealed(self, place: SealedColumn, row: str, text: str, by: LeadKey) -> tuple[str, Any]:
        """A text as a row has it: in clear, and sealed; one of them is empty."""
        if by.key is None:
            return text, None
        value = self._seal.seal(by.key, place, by.organization_id, row, text.encode())
        return "", value

    def opened(
        self, place: SealedColumn, row: str, kept: Row | Mapping[str, Any], text: str
    ) -> str:
        """The text of a row with `organization_id`, `sealed` and `wrapped`; `text` if in clear.

        Raises `TextUnreadable`.
        """
        sealed = kept["sealed"]
        if sealed is None:
            return text
        try:
            return self._seal.open(
                place, kept["organization_id"], row, sealed, kept["wrapped"]
            ).decode()
        except ValueUnreadable as unreadable:
            raise TextUnreadable(str(unreadable)) from unreadable
