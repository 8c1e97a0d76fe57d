"""Accounts of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Collection

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account, AccountState, Tier
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, account_of

# Not by its name, which is its owner's.
ACCOUNTS = ListSchema(
    name="accounts",
    table="accounts",
    fields=[
        enum_field("state", AccountState, prefix="ACCOUNT_STATE_"),
        enum_field("tier", Tier, prefix="ACCOUNT_TIER_"),
        Field(name="state_reason", column="state_reason", type=FieldType.ID),
        Field(name="unipile_account_id", column="unipile_account_id", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
        Field(name="state_time", column="state_at", type=FieldType.INSTANT),
    ],
    orders=[
        by_instant("create_time", "created_at", then="account_id", index="accounts_by_organization")
    ],
    default="create_time",
)
# No account is ever deleted: one that was removed says so by its state.
FOLLOWING = Following(key=["account_id"], index="accounts_by_change")


class AccountList:
    """Reads accounts page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            ACCOUNTS,
            columns=ACCOUNT_COLUMNS,
            read=account_of,
            counted=True,
            following=FOLLOWING,
        )

    async def page(
        self,
        organization_id: str,
        asked: Asked,
        *,
        named: Collection[str],
        visible: frozenset[str] | None,
    ) -> Page[Account]:
        """Those that are `named`, or all where none is; of what is `visible`, None for all.

        Raises what `ListReader.page` does.
        """
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        among = _among(named, visible)
        if among is not None:
            # By their ids, of which there are no more than a request or a token holds.
            text = f"{within.text} AND account_id = ANY ({{1}})"
            within = Scope(text, [*within.values, (sorted(among), "text[]")])
        of = (organization_id, *sorted({*named}))
        return await self._reader.page(asked, of=of, within=within)


def _among(named: Collection[str], visible: frozenset[str] | None) -> frozenset[str] | None:
    """Which accounts are listed; None for all of them."""
    if not named:
        return visible
    return frozenset(named) if visible is None else visible.intersection(named)
