"""Leads of a campaign as they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from servicekit.lists.changes import SETTLED, Rows, changes_schema
from servicekit.lists.conditions import Parameters
from servicekit.lists.fetching import fetch_page, fetch_unfiltered, merged
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.pages import Cursor, PageQuery, PageRequest, page_query
from servicekit.lists.schemas import Key, ListSchema, Lookup, Order
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.models import Campaign, ConnectionState, Lead, LeadState
from campaigns.repositories.rows import LEAD_COLUMNS, LEAD_REASON, LEAD_STATE, LeadRows

LEADS = ListSchema(
    name="leads",
    table="leads",
    fields=[
        enum_field("state", LeadState, prefix="LEAD_STATE_", column=f"({LEAD_STATE})"),
        enum_field("connection", ConnectionState, prefix="CONNECTION_STATE_"),
        Field(name="account_id", column="account_id", type=FieldType.ID),
        Field(name="lead_list_id", column="lead_list_id", type=FieldType.ID),
        Field(name="reason", column=f"({LEAD_REASON})", type=FieldType.ID),
        # The one thing of a person that is asked for, as a whole: what is known of them is sealed
        # where it lies, and cannot be compared.
        Field(name="public_identifier", column="public_identifier", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
        Field(name="start_time", column="started_at", type=FieldType.INSTANT, nullable=True),
        Field(name="release_id", column="release_id", type=FieldType.ID),
        Field(name="release_time", column="released_at", type=FieldType.INSTANT, nullable=True),
        Field(name="end_time", column="ended_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        Order(
            name="position",
            keys=[Key(column="position", type=FieldType.INTEGER)],
            index="leads_in_order",
        ),
        Order(
            name="update_time",
            keys=[
                Key(column="updated_at", type=FieldType.INSTANT),
                Key(column="position", type=FieldType.INTEGER),
            ],
            index="leads_by_update",
        ),
    ],
    default="position",
    lookups=[
        # Of one person there is one lead at the most, in whichever order.
        Lookup(
            field="public_identifier",
            order="position",
            index="leads_campaign_id_public_identifier_key",
        ),
        Lookup(
            field="public_identifier",
            order="update_time",
            index="leads_campaign_id_public_identifier_key",
        ),
        Lookup(field="account_id", order="position", index="leads_by_account"),
        Lookup(field="lead_list_id", order="position", index="leads_by_list"),
        Lookup(field="state", order="position", index="leads_by_state"),
    ],
)

LEAD_CHANGES = changes_schema(
    "changes of leads",
    "leads",
    last=Key(column="position", type=FieldType.INTEGER),
    index="leads_by_change",
)
LEAD_REMOVALS = changes_schema(
    "removals of leads",
    "removed_leads",
    last=Key(column="position", type=FieldType.INTEGER),
    index="removed_leads_by_change",
)


@dataclass(frozen=True, kw_only=True)
class RemovedLead:
    """A lead that was taken out of its campaign."""

    id: str
    removed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangedLeads:
    """What has changed of a campaign's leads, and where that ends."""

    leads: Sequence[Lead]
    removed: Sequence[RemovedLead]
    last: Cursor | None


class LeadPages:
    """Reads leads page by page."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows = LeadRows(seal)

    async def page(
        self, organization_id: str, campaign_id: str, request: PageRequest
    ) -> tuple[Sequence[Lead], Cursor | None]:
        """The leads of a page, and behind which one the next page begins."""
        filtered = self._rows.people.filtered(organization_id, request.expression)
        request = replace(request, expression=filtered)
        parameters = Parameters()
        query = page_query(
            LEADS,
            LEAD_COLUMNS,
            request,
            parameters=parameters,
            within=f"campaign_id = {parameters.add(campaign_id, 'text')}",
        )
        page = await fetch_page(self._pool, query)
        return [self._rows.read(row) for row in page.rows], page.next

    def changing(self, campaign: Campaign) -> Rows:
        """The leads of a campaign, to be followed."""
        return Rows(
            schema=LEAD_CHANGES,
            within="campaign_id = $1",
            parent=campaign.id,
            of=(campaign.organization_id, campaign.id),
            removed=LEAD_REMOVALS.table,
            forgotten="forgotten_removals",
        )

    async def changed(self, campaign_id: str, request: PageRequest) -> ChangedLeads:
        """A page in the order of the last changes: leads as they are, and those that are gone."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            # Of one state: of both nothing is missed up to the same transaction.
            pages = [
                await fetch_unfiltered(
                    connection, _of_campaign(campaign_id, schema, columns, request)
                )
                for schema, columns in (
                    (LEAD_CHANGES, f"{LEAD_COLUMNS}, false AS is_removed"),
                    (LEAD_REMOVALS, "lead_id, updated_at, true AS is_removed"),
                )
            ]
        page = merged(pages, limit=request.limit)
        return ChangedLeads(
            leads=[self._rows.read(row) for row in page.rows if not row["is_removed"]],
            removed=[
                RemovedLead(id=row["lead_id"], removed_at=row["updated_at"])
                for row in page.rows
                if row["is_removed"]
            ],
            last=page.last,
        )


def _of_campaign(
    campaign_id: str, schema: ListSchema, columns: str, request: PageRequest
) -> PageQuery:
    parameters = Parameters()
    within = f"campaign_id = {parameters.add(campaign_id, 'text')} AND {SETTLED}"
    asked = replace(request, ordering=schema.ordering(""))
    return page_query(schema, columns, asked, parameters=parameters, within=within)
