"""SQL on what is said to leads, kept before it is sent, and by them, kept before it is told."""

from __future__ import annotations

from servicekit.postgres.pool import Pool

from campaigns.models import HeardMessage

_GET = "SELECT text, post_id FROM step_texts WHERE lead_id = $1 AND text_key = $2"
# A step that was taken back has a further text under its key, `~` and how often.
_LATEST = """
    SELECT text FROM step_texts
     WHERE lead_id = $1 AND (text_key = $2 OR starts_with(text_key, $2 || '~'))
     ORDER BY length(text_key) DESC, text_key DESC LIMIT 1
"""
# The first text written is the one that is sent.
_SAVE = """
    INSERT INTO step_texts (organization_id, lead_id, text_key, text, post_id)
    SELECT organization_id, id, $2, $3, $4 FROM leads WHERE id = $1
    ON CONFLICT DO NOTHING
"""

# Of a lead that is forgotten nothing is kept any more. Heard twice is kept once.
_KEEP = """
    INSERT INTO heard_messages (organization_id, lead_id, event_id, text, chat_id, message_id)
    SELECT organization_id, id, $2, $3, $4, $5 FROM leads WHERE id = $1
    ON CONFLICT DO NOTHING
"""
_FIND = """
    SELECT text, chat_id, message_id FROM heard_messages
      JOIN leads ON leads.id = lead_id AND leads.organization_id = heard_messages.organization_id
     WHERE lead_id = $1 AND event_id = $2
"""


class StepTextRepository:
    """A text for each action of a lead, by the step's id and which of its posts it is about."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, lead_id: str, text_key: str) -> tuple[str, str] | None:
        """The text kept under this key and the post it is about, if there is one."""
        row = await self._pool.fetchrow(_GET, lead_id, text_key)
        return None if row is None else (row["text"], row["post_id"])

    async def latest(self, lead_id: str, text_key: str) -> str | None:
        """What was said last under this key, however often the step was taken back."""
        text: str | None = await self._pool.fetchval(_LATEST, lead_id, text_key)
        return text

    async def keep(
        self, lead_id: str, text_key: str, text: str, *, post_id: str = ""
    ) -> tuple[str, str]:
        """Keep a text unless there is one; returns the one that is kept."""
        await self._pool.execute(_SAVE, lead_id, text_key, text, post_id)
        return await self.find(lead_id, text_key) or (text, post_id)


class HeardMessageRepository:
    """By lead and by the id of the event that told of it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, lead_id: str, event_id: str, message: HeardMessage) -> None:
        """Keep what was written; the first time counts."""
        given = (message.text, message.chat_id, message.message_id)
        await self._pool.execute(_KEEP, lead_id, event_id, *given)

    async def find(self, lead_id: str, event_id: str) -> HeardMessage | None:
        """What was written; None where it was never kept, or is forgotten."""
        row = await self._pool.fetchrow(_FIND, lead_id, event_id)
        return None if row is None else HeardMessage(**row)
