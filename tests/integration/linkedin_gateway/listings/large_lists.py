"""The gateway's lists, each of many rows, half of which are another organization's."""

from linkedin_gateway.listings.accounts import ACCOUNTS
from linkedin_gateway.listings.actions import ACTIONS
from linkedin_gateway.listings.cool_downs import COOL_DOWNS
from linkedin_gateway.listings.holds import (
    EVERYBODYS_HOLD_CHANGES,
    EVERYBODYS_HOLDS,
    HOLD_CHANGES,
    HOLDS,
)
from linkedin_gateway.listings.suppressions import SUPPRESSIONS
from linkedin_gateway.storage.kind_conditions import IS_PUBLIC
from linkedin_gateway.storage.rows import ACTION_COLUMNS
from servicekit.lists.conditions import Scope
from servicekit.lists.schemas import ListSchema

from tests.lists.questions import Questions

_AT = "timestamptz '2026-03-02Z' + number * interval '1 second'"
_OF = "CASE number % 2 WHEN 0 THEN 'org_north' ELSE 'org_south' END"
_SERIES = "FROM generate_series(1, $1::int) AS number"
_ACTIONS = f"""
    INSERT INTO {{table}} (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
                          person_id, kind, state, created_at, sent_at, finished_at, {{more}})
    SELECT format('{{table}}/%s', number), {_OF}, format('acct_%s', number % 20),
           format('camp_%s', number % 60), format('lead_%s', number / 6 * 2 + number % 2), '',
           format('per_%s', number / 6),
           (ARRAY['visit', 'invitation', 'message', 'lookup'])[1 + number / 2 % 4],
           CASE number / 2 % 20 WHEN 3 THEN 'unknown' WHEN 7 THEN 'failed' ELSE 'done' END,
           {_AT}, {_AT}, {_AT}, {{values}}
      {_SERIES}
"""
ACTION_ROWS = _ACTIONS.format(table="actions", more="reason", values="''")
ARCHIVED_ROWS = _ACTIONS.format(
    table="archived_actions",
    more="""noted, text_hash, reason, message, attempt, priority, virtual_finish, verifications,
            provider_id, post_id, hours, caller, caps, earlier_ids, needs_lookup""",
    values="false, '', '', '', 1, 2, number, 0, '', '', '', '', '', '', false",
)
OPEN_MONTH = "SELECT open_archive_month('2026-03-01')"
ACCOUNT_ROWS = f"""
    INSERT INTO accounts (account_id, organization_id, unipile_account_id, tier, state, state_at,
                          working_hours, caps, created_at)
    SELECT format('acct_%s', number), {_OF}, format('uni_%s', number), 'premium',
           (ARRAY['connected', 'restricted'])[1 + number / 2 % 2], {_AT}, '', '', {_AT}
      {_SERIES}
"""
HOLD_ROWS = f"""
    INSERT INTO holds (scope, subject_id, organization_id, reason, created_at)
    SELECT 'account', format('acct_%s', number), {_OF}, 'lunch', {_AT} {_SERIES}
"""
HOLD_CHANGE_ROWS = f"""
    INSERT INTO hold_audit (scope, subject_id, organization_id, deed, reason, caller, at)
    SELECT 'account', format('acct_%s', number), {_OF},
           (ARRAY['put', 'lifted'])[1 + number % 4 / 2], 'lunch', 'mem_1', {_AT} {_SERIES}
"""
SUPPRESSION_ROWS = f"""
    INSERT INTO suppressions (suppression_id, organization_id, subject, key, label, reason,
                              created_at, person_id)
    SELECT format('sup_%s', number), {_OF}, 'person', format('key_%s', number), '', 'asked', {_AT},
           CASE number / 2 % 2 WHEN 0 THEN 'per_1' ELSE '' END {_SERIES}
"""
COOL_DOWN_ROWS = f"""
    INSERT INTO cool_downs (organization_id, account_id, kind, level, cause, opened_at, until)
    SELECT 'org_north', format('acct_%s', number % 2),
           CASE WHEN number < 3 THEN 'invitation' ELSE format('invitation_%s', number) END, 0,
           'too_many_requests', {_AT}, {_AT} {_SERIES}
"""
ROWS = {
    "actions": ACTION_ROWS,
    "archived_actions": ARCHIVED_ROWS,
    "accounts": ACCOUNT_ROWS,
    "holds": HOLD_ROWS,
    "hold_audit": HOLD_CHANGE_ROWS,
    "suppressions": SUPPRESSION_ROWS,
    "cool_downs": COOL_DOWN_ROWS,
}
_NORTH = ("org_north", "text")
_OF_NORTH = Scope("organization_id = {0}", [_NORTH])
_LISTS = {
    "actions": (ACTIONS, _OF_NORTH),
    "accounts": (ACCOUNTS, _OF_NORTH),
    "holds": (HOLDS, Scope("organization_id = {0} AND lifted_at IS NULL", [_NORTH])),
    "everybody's holds": (EVERYBODYS_HOLDS, Scope("lifted_at IS NULL")),
    "hold changes": (HOLD_CHANGES, _OF_NORTH),
    "everybody's hold changes": (EVERYBODYS_HOLD_CHANGES, Scope("true")),
    "suppressions": (SUPPRESSIONS, _OF_NORTH),
    "cool-downs": (COOL_DOWNS, Scope("account_id = {0}", [("acct_1", "text")])),
}
NAMES = [*_LISTS]


def table_of(name: str) -> str:
    """The table of a list, of which its archive is another."""
    schema: ListSchema = _LISTS[name][0]
    return schema.table if schema is not ACTIONS else "actions"


def questions(name: str) -> Questions:
    """What is asked of a list."""
    schema, within = _LISTS[name]
    return Questions(
        schema=schema,
        within=within,
        but=Scope(IS_PUBLIC) if schema is ACTIONS else Scope(""),
        columns=ACTION_COLUMNS if schema is ACTIONS else "*",
        examples={
            "account_id": "acct_4",
            "campaign_id": "camp_8",
            "lead_id": "lead_400",
            "state": "FAILED" if schema is ACTIONS else "CONNECTED",
            "kind": "INVITATION",
            "scope": "ACCOUNT",
            "subject_id": "acct_4000",
        },
    )
