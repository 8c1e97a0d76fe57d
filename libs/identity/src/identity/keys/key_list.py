"""API keys of an organization as they are listed."""

from dataclasses import replace

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from identity.keys.key_repository import KEY_COLUMNS, key_of
from identity.models import ApiKey

API_KEYS = ListSchema(
    name="keys",
    table="api_keys",
    fields=[
        Field(name="member_id", column="member_id", type=FieldType.ID),
        Field(name="prefix", column="prefix", type=FieldType.ID),
        Field(name="scopes", column="scopes", type=FieldType.IDS),
        Field(name="account_ids", column="account_ids", type=FieldType.IDS, nullable=True),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="expire_time", column="expires_at", type=FieldType.INSTANT, nullable=True),
        Field(name="revoke_time", column="revoked_at", type=FieldType.INSTANT, nullable=True),
        Field(name="last_use_time", column="last_used_at", type=FieldType.INSTANT, nullable=True),
        Field(name="replaced_by", column="replaced_by", type=FieldType.ID),
    ],
    orders=[by_instant("create_time", "created_at", then="key_id", index="api_keys_in_order")],
    default="create_time",
    lookups=[Lookup(field="member_id", order="create_time", index="api_keys_of_member")],
)
FOLLOWING = Following(key=["key_id"], index="api_keys_by_change")


class KeyList:
    """Whose keys are asked for is the caller's matter: see `ApiKeys`."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            API_KEYS,
            columns=KEY_COLUMNS,
            read=key_of,
            counted=True,
            following=FOLLOWING,
        )

    async def page(
        self, organization_id: str, asked: Asked, *, member_id: str = ""
    ) -> Page[ApiKey]:
        """Those of a member, where one is named; raises what `ListReader.page` does."""
        within, but = Scope("organization_id = {0}", [(organization_id, "text")]), Scope("")
        if member_id and asked.changes is not None:
            but = Scope("member_id = {0}", [(member_id, "text")])
        elif member_id:
            # By the index of a member's keys.
            asked = replace(asked, equal={"member_id": member_id})
        return await self._reader.page(asked, of=(organization_id,), within=within, but=but)
