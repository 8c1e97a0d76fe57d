"""SQL on leads whose actions need wait no longer; campaign-api wakes them."""

from __future__ import annotations

from datetime import datetime

from linkedin_gateway.models import Account
from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import About, Lead
from linkedin_gateway.storage.connection import Connection

# Leads whose actions wait for what is over now, the ones that go first at the front.
WAITING_FOR = """
SELECT campaign_id, lead_id
  FROM actions
 WHERE account_id = $1 AND state = 'queued' AND reason = ANY($2)
 GROUP BY campaign_id, lead_id
 ORDER BY min(priority), min(virtual_finish)
 LIMIT $3
"""


async def wake(
    connection: Connection,
    account: Account,
    reasons: list[str],
    cause: str,
    *,
    now: datetime,
    most: int | None = None,
) -> None:
    """Publish whose actions need to wait no longer, in the caller's transaction."""
    rows = await connection.fetch(WAITING_FOR, account.account_id, reasons, most)
    leads = [Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows]
    freed = linkedin_events.actions_freed(About.of(account, now), cause=cause, leads=leads)
    await outbox_repository.append(connection, freed, now=now)
