"""Members of an organization as they are listed."""

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from identity.members.member_repository import MEMBER_COLUMNS, member_of
from identity.models import Member
from identity.roles import Role

# Not by their names: they are people.
MEMBERS = ListSchema(
    name="members",
    table="members",
    fields=[
        enum_field("role", Role, prefix="ROLE_"),
        Field(name="account_ids", column="account_ids", type=FieldType.IDS, nullable=True),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
        Field(name="disable_time", column="disabled_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[by_instant("create_time", "created_at", then="member_id", index="members_in_order")],
    default="create_time",
)
FOLLOWING = Following(key=["member_id"], index="members_by_change")


class MemberList:
    """Whose members are asked for is the caller's matter: see `Directory`."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            MEMBERS,
            columns=MEMBER_COLUMNS,
            read=member_of,
            counted=True,
            following=FOLLOWING,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[Member]:
        """Raises what `ListReader.page` does."""
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(asked, of=(organization_id,), within=within)
