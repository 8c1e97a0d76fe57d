"""Organizations as they are listed."""

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from identity.members.organization_repository import ORGANIZATION_COLUMNS, organization
from identity.models import Organization

ORGANIZATIONS = ListSchema(
    name="organizations",
    table="organizations",
    fields=[
        Field(name="name", column="name", type=FieldType.TEXT),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="disable_time", column="disabled_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant(
            "create_time", "created_at", then="organization_id", index="organizations_in_order"
        )
    ],
    default="create_time",
)
FOLLOWING = Following(key=["organization_id"], index="organizations_by_change")


class OrganizationList:
    """Whose organizations are asked for is the caller's matter: see `Directory`."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            ORGANIZATIONS,
            columns=ORGANIZATION_COLUMNS,
            read=organization,
            counted=True,
            following=FOLLOWING,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[Organization]:
        """All of them for "", else the one; raises what `ListReader.page` does."""
        within = Scope("true")
        if organization_id:
            within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(asked, of=(organization_id,), within=within)
