"""Lists of many rows, and everything that they can be asked."""

from servicekit.lists.changes import SETTLED
from servicekit.lists.conditions import Scope
from servicekit.lists.schemas import ListSchema

from tests.lists.questions import Questions

CAMPAIGN_ROWS = """
    INSERT INTO campaigns (id, organization_id, request_id, name, state, account_ids, settings,
                           revision_id, created_at)
    SELECT format('camp_%s', number), CASE number % 2 WHEN 0 THEN 'org_north' ELSE 'org_south' END,
           number, 'Spring', (ARRAY['draft', 'running', 'paused'])[1 + number % 3],
           ARRAY['acct_ada'], '{}', '', timestamptz '2026-03-02Z' + number * interval '1 minute'
      FROM generate_series(1, $1::int) AS number
"""
LEAD_ROWS = """
    INSERT INTO leads (id, organization_id, campaign_id, public_identifier, first_name, last_name,
                       company, title, email, phone, location, industry, variables, state,
                       account_id, lead_list_id, created_at, updated_at)
    SELECT format('lead_%s', number), 'org_north', format('camp_%s', 2 + 2 * (number % 2)),
           format('person-%s', number), 'Ada', 'Example', 'Acme', '', '', '', '', '', '{}',
           (ARRAY['ready', 'running', 'completed', 'failed'])[1 + number % 4],
           format('acct_%s', number % 10), format('list_%s', number % 7),
           timestamptz '2026-03-02Z', timestamptz '2026-03-02Z' + number * interval '1 second'
      FROM generate_series(1, $1::int) AS number
"""
LIST_ROWS = """
    INSERT INTO lead_lists (id, organization_id, name, description, request_id, request_hash,
                            entry_count, created_at, updated_at)
    SELECT format('list_%s', number), CASE number % 2 WHEN 0 THEN 'org_north' ELSE 'org_south' END,
           'Fair', '', number, '', number % 100,
           timestamptz '2026-03-02Z' + number * interval '1 minute',
           timestamptz '2026-03-02Z' + number * interval '1 second'
      FROM generate_series(1, $1::int) AS number
"""
ENTRY_ROWS = """
    INSERT INTO lead_list_entries (organization_id, lead_list_id, public_identifier, first_name,
                                   last_name, company, title, email, phone, location, industry,
                                   variables, time_zone, literal, created_at)
    SELECT 'org_north', format('list_%s', 2 + 2 * (number % 2)), format('person-%s', number),
           'Ada', 'Example', 'Acme', '', '', '', '', '', '{}', '', '[]',
           timestamptz '2026-03-02Z' + number * interval '1 second'
      FROM generate_series(1, $1::int) AS number
"""
IMPORT_ROWS = """
    INSERT INTO lead_imports (organization_id, import_id, campaign_id, lead_list_id, created_at,
                              column_by_field, literal, content_hash, failure)
    SELECT 'org_north', format('imp_%s', number),
           CASE number % 4 < 2 WHEN true THEN format('camp_%s', 2 + 2 * (number % 2)) END,
           CASE number % 4 < 2 WHEN false THEN format('list_%s', 2 + 2 * (number % 2)) END,
           timestamptz '2026-03-02Z' + number * interval '1 second', '{}', '[]', number, ''
      FROM generate_series(1, $1::int) AS number
"""
_OF_CAMPAIGN = Scope("campaign_id = {0}", [("camp_2", "text")])
_OF_LIST = Scope("lead_list_id = {0}", [("list_2", "text")])
_OF_ORGANIZATION = Scope("organization_id = {0} AND deleted_at IS NULL", [("org_north", "text")])
WITHIN = {
    "leads": _OF_CAMPAIGN,
    "campaigns": _OF_ORGANIZATION,
    "imports": _OF_CAMPAIGN,
    "imports into lists": _OF_LIST,
    "lead lists": _OF_ORGANIZATION,
    "entries of lead lists": _OF_LIST,
    "changes of leads": Scope(f"{_OF_CAMPAIGN.text} AND {SETTLED}", _OF_CAMPAIGN.values),
    "changes of campaigns": Scope(
        f"organization_id = {{0}} AND {SETTLED}", _OF_ORGANIZATION.values
    ),
}


def questions(schema: ListSchema, columns: str = "*") -> Questions:
    """What is asked of a list."""
    return Questions(
        schema=schema,
        within=WITHIN[schema.name],
        columns=columns,
        examples={
            "state": "RUNNING",
            "account_id": "acct_3",
            "public_identifier": "person-4000",
            "lead_list_id": "list_3",
        },
    )
