"""SQL on what was said to leads and heard of them, to be read by people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, SealedColumn

from campaigns.errors import TextUnreadable
from campaigns.models import MessageAuthor
from campaigns.repositories.rows import UNREADABLE
from campaigns.sealing.words import HEARD_MESSAGE, STEP_TEXT, WordSeal
from campaigns.sequences.text_keys import step_of

# A step that is not done has said nothing, though its text may be ready.
_SAID = f"""
    SELECT organization_id, lead_id, text_key, text, sealed,
           {wrapped_key("step_texts", "sealed")} AS wrapped
      FROM step_texts WHERE lead_id = ANY($1)
     ORDER BY lead_id, length(text_key), text_key
"""
_DONE = """
    SELECT lead_id, step_id, ended_at FROM step_executions
     WHERE lead_id = ANY($1) AND state = 'done'
"""
_HEARD = f"""
    SELECT organization_id, lead_id, event_id, text, sealed, author, heard_at,
           {wrapped_key("heard_messages", "sealed")} AS wrapped
      FROM heard_messages WHERE lead_id = ANY($1)
     ORDER BY lead_id, heard_at NULLS FIRST, event_id
"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something that was written to a person, or by them."""

    text: str
    author: MessageAuthor | None
    """None where that was not kept."""
    written_at: datetime | None
    step_id: str = ""


class ConversationRepository:
    """Reads what a lead's person and its sequence have written to one another."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool, self._words = pool, WordSeal(seal)

    async def of(self, lead_ids: Sequence[str]) -> dict[str, list[Message]]:
        """The messages of each lead, in their order; those of whom no time was kept come first."""
        said: dict[str, list[Message]] = {lead_id: [] for lead_id in lead_ids}
        done = {
            (row["lead_id"], row["step_id"]): row["ended_at"]
            for row in await self._pool.fetch(_DONE, list(lead_ids))
        }
        texts = await self._pool.fetch(_SAID, list(lead_ids))
        heard = await self._pool.fetch(_HEARD, list(lead_ids))
        for lead_id, message in chain(self._said(texts, done), map(self._heard, heard)):
            said[lead_id].append(message)
        for messages in said.values():
            messages.sort(key=_when)
        return said

    def _said(
        self, rows: Sequence[Row], done: dict[tuple[str, str], datetime | None]
    ) -> list[tuple[str, Message]]:
        # Of a step that was taken back the text of before was not sent.
        last = {(row["lead_id"], row["text_key"].partition("~")[0]): row for row in rows}
        return [
            (
                lead_id,
                Message(
                    text=self._opened(STEP_TEXT, f"{lead_id}/{row['text_key']}", row),
                    author=MessageAuthor.SEQUENCE,
                    written_at=done[lead_id, step_of(row["text_key"])],
                    step_id=step_of(row["text_key"]),
                ),
            )
            for (lead_id, _), row in last.items()
            if (lead_id, step_of(row["text_key"])) in done
        ]

    def _heard(self, row: Row) -> tuple[str, Message]:
        opened = self._opened(HEARD_MESSAGE, f"{row['lead_id']}/{row['event_id']}", row)
        if row["sealed"] is not None and opened != UNREADABLE:
            opened = json.loads(opened)["text"]
        author = MessageAuthor(row["author"]) if row["author"] else None
        return row["lead_id"], Message(text=opened, author=author, written_at=row["heard_at"])

    def _opened(self, place: SealedColumn, name: str, row: Row) -> str:
        try:
            return self._words.opened(place, name, row, row["text"])
        except TextUnreadable:
            return UNREADABLE


def _when(message: Message) -> tuple[bool, float]:
    at = message.written_at
    return at is not None, at.timestamp() if at is not None else 0.0
