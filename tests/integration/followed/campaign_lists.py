"""The lists of campaigns that are followed by their readers."""

from datetime import UTC, datetime

from campaigns.lead_list_import import Destination, LeadList
from campaigns.listings import imports, lead_lists
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import SEAL
from tests.lists.following import FollowedList, Open, Read

_SOME = frozenset({"acct_1", "acct_2"})
_LIST = """
    INSERT INTO lead_lists (id, organization_id, name, description, request_id, request_hash,
                            account_ids, created_at)
    VALUES (format('list_{of}_%s', $1::int), '{of}', {word}, '', $1::int, '',
            ARRAY[format('acct_%s', $1::int % 4)], timestamptz '2026-03-02Z')
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, deleted_at = NULL
"""
_KEPT = """
    INSERT INTO lead_lists (id, organization_id, name, description, request_id, request_hash,
                            created_at)
    VALUES ('list_1', 'org_north', '', '', '', '', now()),
           ('list_2', 'org_south', '', '', '', '', now())
"""
_ENTRY = """
    INSERT INTO lead_list_entries (organization_id, lead_list_id, public_identifier, first_name,
                                   last_name, company, title, email, phone, location, industry,
                                   variables, time_zone, literal, created_at)
    VALUES ('{of}', '{list}', format('person-%s', $1::int), {word}, '', '', '', '', '', '', '',
            '{{}}', '', '[]', timestamptz '2026-03-02Z')
    ON CONFLICT (lead_list_id, public_identifier) DO UPDATE SET first_name = excluded.first_name
"""
_IMPORT = """
    INSERT INTO lead_imports (organization_id, import_id, request_id, lead_list_id, created_at,
                              column_by_field, literal, content_hash, failure)
    VALUES ('{of}', format('imp_{of}_%s', $1::int), $1::int, '{list}', timestamptz '2026-03-02Z',
            '{{}}', '[]', '', {word})
    ON CONFLICT (lead_list_id, request_id) WHERE request_id <> ''
    DO UPDATE SET failure = excluded.failure
"""


def _lists(account_ids: frozenset[str] | None) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = lead_lists.LeadListPages(pool, SEAL, tokens)
        return lambda asked: pages.lists("org_north", asked, account_ids=account_ids)

    return opened


def _entries(pool: Pool, tokens: PageTokens) -> Read:
    pages = lead_lists.LeadListPages(pool, SEAL, tokens)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    of = LeadList(id="list_1", organization_id="org_north", name="", description="", created_at=at)
    return lambda asked: pages.entries(of, asked)


def _imports(pool: Pool, tokens: PageTokens) -> Read:
    pages = imports.ImportPages(pool, tokens)
    into = Destination(organization_id="org_north", lead_list_id="list_1")
    return lambda asked: pages.page(into, asked)


LISTS = {
    "ListLeadLists": FollowedList(
        schema="campaign",
        listed=lead_lists.LEAD_LIST_LIST,
        following=lead_lists.FOLLOWING,
        open=_lists(None),
        limited=_lists(_SOME),
        key=lambda each: [each.id],
        put=_LIST.format(of="org_north", word="$2"),
        takes=[
            (
                "UPDATE lead_lists SET deleted_at = now(), name = ''"
                " WHERE id = format('list_org_north_%s', $1::int)"
            )
        ],
        others=_LIST.format(of="org_south", word="'theirs'"),
    ),
    "ListLeadListEntries": FollowedList(
        schema="campaign",
        listed=lead_lists.ENTRIES,
        following=lead_lists.FOLLOWING_ENTRIES,
        first=[_KEPT],
        open=_entries,
        key=lambda entry: [entry.person.public_identifier],
        put=_ENTRY.format(of="org_north", list="list_1", word="$2"),
        others=_ENTRY.format(of="org_south", list="list_2", word="'theirs'"),
    ),
    "ListOperations": FollowedList(
        schema="campaign",
        listed=imports.IMPORTS_OF_LIST,
        following=imports.FOLLOWING_OF_LIST,
        first=[_KEPT],
        open=_imports,
        key=lambda each: [each.import_id],
        put=_IMPORT.format(of="org_north", list="list_1", word="$2"),
        others=_IMPORT.format(of="org_south", list="list_2", word="'theirs'"),
    ),
}
