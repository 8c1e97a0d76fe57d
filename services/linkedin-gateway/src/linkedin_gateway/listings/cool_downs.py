"""Cool-downs of an account as they are listed."""

from __future__ import annotations

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from linkedin_gateway.accounts.cool_down_repository import (
    COOL_DOWN_COLUMNS,
    CoolDown,
    cool_down_of,
)
from linkedin_gateway.kinds.registry import PUBLIC
from linkedin_gateway.models import Account
from linkedin_gateway.storage.kind_conditions import IS_PUBLIC

# Those in force end later than those that are over.
COOL_DOWNS = ListSchema(
    name="cool-downs",
    table="cool_downs",
    fields=[
        Field(
            name="kind",
            column="kind",
            type=FieldType.ENUM,
            values={kind.name: kind.value for kind in sorted(PUBLIC)},
            prefix="ACTION_KIND_",
        ),
        Field(name="cause", column="cause", type=FieldType.ID),
        Field(name="level", column="(level + 1)", type=FieldType.INTEGER),
        Field(name="open_time", column="opened_at", type=FieldType.INSTANT),
        Field(name="end_time", column="until", type=FieldType.INSTANT),
    ],
    orders=[
        by_instant("end_time", "until", then="kind", index="cool_downs_by_end"),
        by_instant("open_time", "opened_at", then="kind", index="cool_downs_by_start"),
    ],
    default="end_time desc",
)


class CoolDownList:
    """Reads cool-downs page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool, tokens, COOL_DOWNS, columns=COOL_DOWN_COLUMNS, read=cool_down_of, counted=True
        )

    async def page(self, account: Account, asked: Asked) -> Page[CoolDown]:
        """Of what is public; raises what `ListReader.page` does."""
        within = Scope("account_id = {0}", [(account.account_id, "text")])
        of = (account.organization_id, account.account_id)
        return await self._reader.page(asked, of=of, within=within, but=Scope(IS_PUBLIC))
