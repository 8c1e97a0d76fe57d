"""Replays of an organization as they are listed."""

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from webhook_dispatcher.replays.models import Replay, ReplayState
from webhook_dispatcher.replays.replay_repository import REPLAYS as COLUMNS

REPLAYS = ListSchema(
    name="replays",
    table="replays",
    fields=[
        Field(name="endpoint_id", column="endpoint_id", type=FieldType.ID),
        enum_field("state", ReplayState, prefix="REPLAY_STATE_"),
        Field(name="failed_only", column="failed_only", type=FieldType.BOOLEAN),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="finish_time", column="finished_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant("create_time", "created_at", then="replay_id", index="replays_of_organization")
    ],
    default="create_time desc",
)
FOLLOWING = Following(key=["replay_id"], index="replays_by_change")


class ReplayList:
    """Reads replays page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            REPLAYS,
            columns=str(COLUMNS),
            read=COLUMNS.read,
            counted=True,
            following=FOLLOWING,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[Replay]:
        """Raises what `ListReader.page` does."""
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(asked, of=(organization_id,), within=within)
