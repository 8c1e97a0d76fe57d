"""SQL on events as they were published, for who looks."""

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal, ValueUnreadable

from webhook_dispatcher.errors import EventNotFound, EventUnreadable
from webhook_dispatcher.models import PublishedEvent
from webhook_dispatcher.sealed_payloads import PAYLOAD_COLUMNS, opened

PUBLISHED_COLUMNS = (
    "organization_id, event_id, type, occurred_at, published_at, campaign_id, lead_id, account_id,"
    " subject, number"
)
GET = f"""
    SELECT {PUBLISHED_COLUMNS}, {PAYLOAD_COLUMNS}
      FROM events
     WHERE organization_id = $1 AND event_id = $2
"""


class PublishedEventRepository:
    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    async def get(self, organization_id: str, event_id: str) -> PublishedEvent:
        """An event and what it says; raises `EventNotFound` and `EventUnreadable`."""
        row = await self._pool.fetchrow(GET, organization_id, event_id)
        if row is None:
            raise EventNotFound
        try:
            return published_event_of(row, payload=opened(self._seal, row))
        except ValueUnreadable as unreadable:
            raise EventUnreadable from unreadable


def published_event_of(row: Row, *, payload: str = "") -> PublishedEvent:
    """An event from its row, without what it says unless that is given."""
    return PublishedEvent(
        id=row["event_id"],
        organization_id=row["organization_id"],
        type=row["type"],
        occurred_at=row["occurred_at"],
        published_at=row["published_at"],
        campaign_id=row["campaign_id"],
        lead_id=row["lead_id"],
        account_id=row["account_id"],
        subject=row["subject"],
        number=row["number"],
        payload=payload,
    )
