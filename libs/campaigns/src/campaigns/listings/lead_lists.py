"""Lists of people as they are listed, and the people of one."""

from functools import partial

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import Key, ListSchema, Lookup, Order, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.lead_list_import import LeadList, LeadListEntry
from campaigns.repositories.lead_lists.entry_repository import ENTRY_COLUMNS, EntryRows
from campaigns.repositories.lead_lists.lead_list_repository import LEAD_LISTS

LEAD_LIST_LIST = ListSchema(
    name="lead lists",
    table="lead_lists",
    fields=[
        Field(name="name", column="name", type=FieldType.TEXT),
        Field(name="entry_count", column="entry_count", type=FieldType.INTEGER),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="update_time", column="updated_at", type=FieldType.INSTANT),
    ],
    orders=[
        by_instant("create_time", "created_at", then="id", index="lead_lists_newest_first"),
        by_instant("update_time", "updated_at", then="id", index="lead_lists_by_update"),
    ],
    default="create_time desc",
)
# By the address alone, as a whole: see `campaigns.listings.leads`.
ENTRIES = ListSchema(
    name="entries of lead lists",
    table="lead_list_entries",
    fields=[
        Field(name="public_identifier", column="public_identifier", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
    ],
    orders=[
        Order(
            name="position",
            keys=[Key(column="position", type=FieldType.INTEGER)],
            index="lead_list_entries_in_order",
        )
    ],
    default="position",
    lookups=[
        Lookup(field="public_identifier", order="position", index="lead_list_entries_pkey"),
    ],
)

FOLLOWING = Following(key=["id"], index="lead_lists_by_change")
# Of a list that is there no entry is ever taken out.
FOLLOWING_ENTRIES = Following(
    key=["position"], type=FieldType.INTEGER, index="lead_list_entries_by_change"
)

# A list is of the accounts that its maker is limited to, and of those of campaigns that took from
# it; see `LeadListRepository.accounts_of_users`.
_OF_ACCOUNTS = """(account_ids && {0} OR EXISTS (
    SELECT FROM lead_list_uses JOIN campaigns ON campaigns.id = lead_list_uses.campaign_id
     WHERE lead_list_uses.lead_list_id = lead_lists.id AND campaigns.deleted_at IS NULL
       AND campaigns.account_ids && {0}))"""
# To who follows: whose it is by its campaigns changes without a word of the list itself, and is
# a part of their view.
_TAKEN_FROM = """
    SELECT DISTINCT lead_list_uses.lead_list_id AS id
      FROM campaigns JOIN lead_list_uses ON campaigns.id = lead_list_uses.campaign_id
     WHERE campaigns.organization_id = $1 AND campaigns.deleted_at IS NULL
       AND campaigns.account_ids && $2::text[]
     ORDER BY id
"""
_OF_VIEW = "(account_ids && {0} OR id = ANY ({1}))"


class LeadListPages:
    """Whose lists are asked for is the caller's matter."""

    def __init__(self, pool: Pool, seal: Seal, tokens: PageTokens) -> None:
        self._pool, self._rows = pool, EntryRows(seal)
        self._lists = ListReader(
            pool,
            tokens,
            LEAD_LIST_LIST,
            columns=LEAD_LISTS.selected(),
            read=LEAD_LISTS.read,
            counted=True,
            following=FOLLOWING,
        )
        self._entries = ListReader(
            pool,
            tokens,
            ENTRIES,
            columns=ENTRY_COLUMNS,
            read=self._rows.read,
            following=FOLLOWING_ENTRIES,
        )

    async def lists(
        self, organization_id: str, asked: Asked, *, account_ids: frozenset[str] | None = None
    ) -> Page[LeadList]:
        """The lists of an organization; with accounts those that are of one of them.

        Raises what `ListReader.page` does.
        """
        but = Scope("")
        if account_ids is not None:
            accounts = (sorted(account_ids), "text[]")
            but = Scope(_OF_ACCOUNTS, [accounts])
            if asked.changes is not None:
                taken_from = await self._pool.fetch(_TAKEN_FROM, organization_id, accounts[0])
                but = Scope(_OF_VIEW, [accounts, ([row["id"] for row in taken_from], "text[]")])
        return await self._lists.page(
            asked,
            of=(organization_id,),
            within=Scope("organization_id = {0}", [(organization_id, "text")]),
            but=but,
            listed=Scope("deleted_at IS NULL"),
        )

    async def entries(self, of: LeadList, asked: Asked) -> Page[LeadListEntry]:
        """The people of a list; raises what `ListReader.page` does."""
        within = Scope("lead_list_id = {0}", [(of.id, "text")])
        return await self._entries.page(
            asked,
            of=(of.organization_id, of.id),
            within=within,
            spelled=partial(self._rows.people.filtered, of.organization_id),
        )
