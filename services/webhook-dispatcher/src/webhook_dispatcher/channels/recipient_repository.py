"""SQL on where an endpoint's events go, and how."""

from servicekit.postgres.pool import Pool

from webhook_dispatcher.channels.carrier import Recipient
from webhook_dispatcher.endpoints.rows import SIGNING_COLUMNS, signing_of
from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.models import Channel, PayloadForm

GET = f"""
    SELECT organization_id, endpoint_id, url, channel, payload_form, max_per_minute,
           {SIGNING_COLUMNS}
      FROM endpoints
     WHERE organization_id = $1 AND endpoint_id = $2 AND deleted_at IS NULL
"""


class RecipientRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def recipient(self, organization_id: str, endpoint_id: str) -> Recipient:
        """Where events of an endpoint go; raises `EndpointNotFound`."""
        row = await self._pool.fetchrow(GET, organization_id, endpoint_id)
        if row is None:
            raise EndpointNotFound
        return Recipient(
            url=row["url"],
            channel=Channel(row["channel"]),
            form=PayloadForm(row["payload_form"]),
            signing=signing_of(row),
            max_per_minute=row["max_per_minute"],
        )
