"""Campaigns of an organization as they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.lists.changes import SETTLED, Rows, changes_schema
from servicekit.lists.conditions import Parameters
from servicekit.lists.fetching import fetch_page
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.pages import Cursor, PageRequest, page_query
from servicekit.lists.schemas import Key, ListSchema, Lookup, by_instant
from servicekit.postgres.pool import Pool

from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CAMPAIGN_COLUMNS
from campaigns.repositories.rows import campaign_from_row

CAMPAIGNS = ListSchema(
    name="campaigns",
    table="campaigns",
    fields=[
        enum_field("state", CampaignState, prefix="CAMPAIGN_STATE_"),
        Field(name="name", column="name", type=FieldType.TEXT),
        Field(name="account_ids", column="account_ids", type=FieldType.IDS),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
        Field(name="start_time", column="started_at", type=FieldType.INSTANT, nullable=True),
        Field(name="end_time", column="ended_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant("create_time", "created_at", then="id", index="campaigns_newest_first"),
        by_instant("update_time", "updated_at", then="id", index="campaigns_by_update"),
    ],
    default="create_time desc",
    lookups=[Lookup(field="state", order="create_time", index="campaigns_by_state")],
)

CAMPAIGN_CHANGES = changes_schema(
    "changes of campaigns",
    "campaigns",
    last=Key(column="id", type=FieldType.ID),
    index="campaigns_by_change",
)


@dataclass(frozen=True, kw_only=True)
class ChangedCampaigns:
    """What has changed of campaigns, and where that ends."""

    campaigns: Sequence[Campaign]
    removed: Sequence[str]
    """By their ids those that had one of the accounts, and have it no more."""
    last: Cursor | None
    more: bool
    """There are further rows, whatever is among these."""


class CampaignPages:
    """Reads campaigns page by page; those that were deleted are not listed, but changes tell."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(
        self,
        organization_id: str,
        request: PageRequest,
        *,
        account_ids: frozenset[str] | None = None,
        show_deleted: bool = False,
    ) -> tuple[Sequence[Campaign], Cursor | None]:
        """The campaigns of a page, and behind which one the next page begins.

        Where `account_ids` are given, those that have one of them. Those that were deleted are
        among them if that is asked for, until they are purged.
        """
        hidden = "purged_at" if show_deleted else "deleted_at"
        parameters = Parameters()
        within = f"organization_id = {parameters.add(organization_id, 'text')}"
        but = _of_accounts(account_ids, parameters)
        query = page_query(
            CAMPAIGNS,
            CAMPAIGN_COLUMNS,
            request,
            parameters=parameters,
            within=f"{within} AND {hidden} IS NULL",
            but=but,
        )
        page = await fetch_page(self._pool, query)
        return [campaign_from_row(row) for row in page.rows], page.next

    def changing(self, organization_id: str) -> Rows:
        """The campaigns of an organization, to be followed."""
        return Rows(
            schema=CAMPAIGN_CHANGES,
            within="organization_id = $1",
            parent=organization_id,
            of=(organization_id,),
        )

    async def changed(
        self,
        organization_id: str,
        request: PageRequest,
        *,
        account_ids: frozenset[str] | None = None,
    ) -> ChangedCampaigns:
        """A page in the order of the last changes.

        Where `account_ids` are given, campaigns that have one of them, and those that had.
        """
        parameters = Parameters()
        within = f"organization_id = {parameters.add(organization_id, 'text')} AND {SETTLED}"
        seen = _of_accounts(account_ids, parameters)
        query = page_query(
            CAMPAIGN_CHANGES,
            f"{CAMPAIGN_COLUMNS}, {seen or 'true'} AS is_seen",
            request,
            parameters=parameters,
            within=within,
            but=seen and f"({seen} OR left_{seen})",
        )
        page = await fetch_page(self._pool, query)
        return ChangedCampaigns(
            campaigns=[campaign_from_row(row) for row in page.rows if row["is_seen"]],
            removed=[row["id"] for row in page.rows if not row["is_seen"]],
            last=page.last,
            more=page.next is not None,
        )


def _of_accounts(account_ids: frozenset[str] | None, parameters: Parameters) -> str:
    """The condition of a campaign that has one of the accounts; none where any is meant."""
    if account_ids is None:
        return ""
    return f"account_ids && {parameters.add(sorted(account_ids), 'text[]')}"
