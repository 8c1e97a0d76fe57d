"""The gateway's lists that are followed."""

from linkedin_gateway.listings import accounts, actions, holds, suppressions
from linkedin_gateway.models import WorkingHours
from linkedin_gateway.storage.column_values import hours_text
from linkedin_gateway.storage.sealed_ids import SealedIds
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import sealing
from tests.lists.following import FollowedList, Open, Read

_ORG = "org_north"
_HOURS = hours_text(WorkingHours())
_ACCOUNT = f"""
    INSERT INTO accounts (account_id, organization_id, unipile_account_id, name, tier, state,
                          state_at, working_hours, caps, created_at)
    VALUES (format('acct_%s', $1::int), '{{of}}', format('{{of}}/%s', $1::int), {{word}}, 'premium',
            'connected', now(), '{_HOURS.replace("{", "{{").replace("}", "}}")}', '[]', now())
    ON CONFLICT (account_id) DO UPDATE SET name = excluded.name
"""
_HOLD = """
    INSERT INTO holds (scope, subject_id, organization_id, reason, created_at)
    VALUES ('account', format('acct_%s', $1::int), '{of}', {word}, now())
    ON CONFLICT (organization_id, scope, subject_id)
    DO UPDATE SET reason = excluded.reason, lifted_at = NULL
"""
_SUPPRESSION = """
    INSERT INTO suppressions (suppression_id, organization_id, subject, key, label, reason,
                              created_at, person_id)
    VALUES (format('sup_{of}_%s', $1::int), '{of}', 'person', format('key_%s', $1::int), '',
            {word}, now(), '')
    ON CONFLICT (organization_id, key) DO UPDATE SET reason = excluded.reason
"""
_OF_HOLD = "organization_id = 'org_north' AND subject_id = format('acct_%s', $1::int)"
_SOME = frozenset({"acct_1", "acct_3", "acct_4"})
_ACTION = """
    WITH archived AS (
        UPDATE archived_actions SET caller = {word}
         WHERE organization_id = '{of}' AND action_id = format('act_%s', $1::int)
     RETURNING true
    )
    INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
                         person_id, kind, state, caller, created_at, finished_at)
    SELECT format('act_%s', $1::int), '{of}', format('acct_%s', $1::int), '', '', '', '', 'visit',
           'done', {word}, timestamptz '2026-03-02Z', timestamptz '2026-03-02Z'
     WHERE NOT EXISTS (SELECT FROM archived)
    ON CONFLICT (organization_id, action_id) DO UPDATE SET caller = excluded.caller
"""
_ARCHIVE = """
    WITH moved AS (
        DELETE FROM actions
         WHERE organization_id = 'org_north' AND action_id = format('act_%s', $1::int)
     RETURNING *
    )
    INSERT INTO archived_actions SELECT * FROM moved
"""


def _accounts(visible: frozenset[str] | None) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = accounts.AccountList(pool, tokens)
        return lambda asked: pages.page(_ORG, asked, named=(), visible=visible)

    return opened


def _holds(account_ids: frozenset[str] | None) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = holds.HoldList(pool, tokens)
        return lambda asked: pages.page(_ORG, asked, account_ids=account_ids)

    return opened


def _actions(account_ids: frozenset[str] | None) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = actions.ActionList(pool, tokens, SealedIds(sealing()))
        return lambda asked: pages.page(_ORG, asked, account_ids=account_ids)

    return opened


def _suppressions(pool: Pool, tokens: PageTokens) -> Read:
    pages = suppressions.SuppressionList(pool, tokens)
    return lambda asked: pages.page(_ORG, asked)


LISTS = {
    "ListAccounts": FollowedList(
        schema="gateway",
        listed=accounts.ACCOUNTS,
        following=accounts.FOLLOWING,
        open=_accounts(None),
        limited=_accounts(_SOME),
        key=lambda account: [account.account_id],
        put=_ACCOUNT.format(of="org_north", word="$2"),
        others=_ACCOUNT.format(of="org_south", word="'theirs'").replace("acct_", "acct_south_"),
    ),
    "ListActions": FollowedList(
        schema="gateway",
        listed=actions.ACTIONS,
        following=actions.FOLLOWING,
        first=["SELECT open_archive_month('2026-03-01')"],
        open=_actions(None),
        limited=_actions(_SOME),
        key=lambda action: [action.action_id],
        put=_ACTION.format(of="org_north", word="$2"),
        moves=[_ARCHIVE],
        others=_ACTION.format(of="org_south", word="'theirs'"),
    ),
    "ListHolds": FollowedList(
        schema="gateway",
        listed=holds.HOLDS,
        following=holds.FOLLOWING,
        open=_holds(None),
        limited=_holds(_SOME),
        key=lambda hold: [hold.scope.value, hold.subject_id],
        put=_HOLD.format(of="org_north", word="$2"),
        takes=[
            f"DELETE FROM holds WHERE {_OF_HOLD}",
            f"UPDATE holds SET lifted_at = clock_timestamp() WHERE {_OF_HOLD}",
        ],
        others=_HOLD.format(of="org_south", word="'theirs'").replace("acct_", "acct_south_"),
    ),
    "ListSuppressions": FollowedList(
        schema="gateway",
        listed=suppressions.SUPPRESSIONS,
        following=suppressions.FOLLOWING,
        open=_suppressions,
        key=lambda each: [each.suppression.suppression_id],
        put=_SUPPRESSION.format(of="org_north", word="$2"),
        takes=[
            "DELETE FROM suppressions WHERE suppression_id = format('sup_org_north_%s', $1::int)"
        ],
        others=_SUPPRESSION.format(of="org_south", word="'theirs'"),
    ),
}
