"""SQL on what is said to leads, kept before it is sent, and by them, kept before it is told."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal

from campaigns.models import HeardMessage, MessageAuthor
from campaigns.sealing.words import HEARD_MESSAGE, STEP_POST, STEP_TEXT, LeadKey, WordSeal

_SAID = ("text", "chat_id", "message_id")
"""Fields of `HeardMessage`, and columns where it lies in clear."""
_KEPT = f"""
    organization_id, text_key, text, post_id, sealed, sealed_post_id,
    {wrapped_key("step_texts", "sealed")} AS wrapped,
    {wrapped_key("step_texts", "sealed_post_id")} AS wrapped_post_id
"""
_GET = f"SELECT {_KEPT} FROM step_texts WHERE lead_id = $1 AND text_key = $2"
# A step that was taken back has a further text under its key, `~` and how often.
_LATEST = f"""
    SELECT {_KEPT} FROM step_texts
     WHERE lead_id = $1 AND (text_key = $2 OR starts_with(text_key, $2 || '~'))
     ORDER BY length(text_key) DESC, text_key DESC LIMIT 1
"""
# The first text written is the one that is sent.
_SAVE = """
    INSERT INTO step_texts
           (organization_id, lead_id, text_key, text, sealed, post_id, sealed_post_id)
    SELECT organization_id, id, $2, $3, $4, $5, $6 FROM leads WHERE id = $1
    ON CONFLICT DO NOTHING
"""

# Of a lead that is forgotten nothing is kept any more. Heard twice is kept once.
_KEEP = Statement("""
    INSERT INTO heard_messages
        (organization_id, lead_id, event_id, text, sealed, chat_id, message_id, author, heard_at)
    SELECT organization_id, id, :event_id, :text, :sealed, :chat_id, :message_id, :author, :heard_at
      FROM leads WHERE id = :lead_id
    ON CONFLICT DO NOTHING
""")
_FIND = f"""
    SELECT heard_messages.organization_id, text, chat_id, message_id, sealed,
           {wrapped_key("heard_messages", "sealed")} AS wrapped
      FROM heard_messages
      JOIN leads ON leads.id = lead_id AND leads.organization_id = heard_messages.organization_id
     WHERE lead_id = $1 AND event_id = $2
"""


class StepTextRepository:
    """A text for each action of a lead, by the step's id and which of its posts it is about.

    What does not open raises `TextUnreadable`: nobody is written to in its place.
    """

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._words = WordSeal(seal)

    async def find(self, lead_id: str, text_key: str) -> tuple[str, str] | None:
        """The text kept under this key and the post it is about, if there is one."""
        row = await self._pool.fetchrow(_GET, lead_id, text_key)
        return None if row is None else (self._opened(lead_id, row), self._post_of(lead_id, row))

    async def latest(self, lead_id: str, text_key: str) -> str | None:
        """What was said last under this key, however often the step was taken back."""
        row = await self._pool.fetchrow(_LATEST, lead_id, text_key)
        return None if row is None else self._opened(lead_id, row)

    async def keep(
        self, lead_id: str, text_key: str, text: str, *, post_id: str = ""
    ) -> tuple[str, str]:
        """Keep a text unless there is one; returns the one that is kept."""
        by = await self._words.key_of(self._pool, lead_id)
        if by is not None:
            row = f"{lead_id}/{text_key}"
            kept = self._words.sealed(STEP_TEXT, row, text, by)
            post = self._words.sealed(STEP_POST, row, post_id, by) if post_id else ("", None)
            await self._pool.execute(_SAVE, lead_id, text_key, *kept, *post)
        return await self.find(lead_id, text_key) or (text, post_id)

    def _opened(self, lead_id: str, row: Row) -> str:
        return self._words.opened(STEP_TEXT, f"{lead_id}/{row['text_key']}", row, row["text"])

    def _post_of(self, lead_id: str, row: Row) -> str:
        kept = {
            "organization_id": row["organization_id"],
            "sealed": row["sealed_post_id"],
            "wrapped": row["wrapped_post_id"],
        }
        return self._words.opened(STEP_POST, f"{lead_id}/{row['text_key']}", kept, row["post_id"])


class HeardMessageRepository:
    """By lead and by the id of the event that told of it."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._words = WordSeal(seal)

    async def keep(
        self,
        lead_id: str,
        event_id: str,
        message: HeardMessage,
        *,
        by: MessageAuthor | None = None,
        at: datetime | None = None,
    ) -> None:
        """Keep what was written, by whom and when if that is known; the first time counts.

        Also where the lead's key is lost: it stops the sequence, whatever opens.
        """
        key = await self._words.key_of(self._pool, lead_id, replaced=True)
        if key is None:
            return
        row = f"{lead_id}/{event_id}"
        text, sealed, chat_id, message_id = heard_message_to_row(self._words, row, message, key)
        given = _KEEP.given(
            lead_id=lead_id,
            event_id=event_id,
            text=text,
            sealed=sealed,
            chat_id=chat_id,
            message_id=message_id,
            author="" if by is None else by.value,
            heard_at=at,
        )
        await self._pool.execute(_KEEP.sql, *given)

    async def find(self, lead_id: str, event_id: str) -> HeardMessage | None:
        """What was written; None where it was never kept, or is forgotten.

        Raises `TextUnreadable`.
        """
        row = await self._pool.fetchrow(_FIND, lead_id, event_id)
        if row is None:
            return None
        sealed = self._words.opened(HEARD_MESSAGE, f"{lead_id}/{event_id}", row, "")
        if sealed:
            return HeardMessage(**json.loads(sealed))
        return HeardMessage(**{name: row[name] for name in _SAID})


def heard_message_to_row(
    words: WordSeal, row: str, message: HeardMessage, by: LeadKey
) -> tuple[Any, ...]:
    """Its text, what is sealed of it, and the provider's ids; all of it is sealed, or nothing."""
    said = {name: getattr(message, name) for name in _SAID}
    _, sealed = words.sealed(HEARD_MESSAGE, row, json.dumps(said, ensure_ascii=False), by)
    text, chat_id, message_id = said.values() if sealed is None else ("", "", "")
    return text, sealed, chat_id, message_id
