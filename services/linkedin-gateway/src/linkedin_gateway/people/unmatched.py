"""SQL on messages of and to people whom nobody knew then, until a profile shows who it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from linkedin_gateway.models import Account
from linkedin_gateway.people.aliases import Alias, AliasKind
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.sealed_ids import SealedIds

CLOCK_DIFFERENCE = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""

KEEP = """
INSERT INTO unmatched_messages
       (organization_id, account_id, provider_id, dedupe_key, written_at, automatic, by_owner)
SELECT $1, $2, provider_id, $4, $5, $6, $7 FROM unnest($3::text[]) AS author (provider_id)
ON CONFLICT DO NOTHING
"""
# What they wrote after somebody of the organization had turned to them is an answer, remembered at
# once; so is what an owner wrote to them by hand, for the leads that the account acts for. The
# webhook is followed again, as if it came now, and stops the leads that it concerns.
FOLLOW = """
WITH theirs AS (
    DELETE FROM unmatched_messages u
     USING unnest($3::text[], $4::text[]) AS shown (account_id, provider_id)
     WHERE u.organization_id = $1 AND u.account_id = shown.account_id
       AND u.provider_id = shown.provider_id
 RETURNING u.account_id, u.dedupe_key, u.written_at, u.automatic, u.by_owner
), remembered AS (
    INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
    SELECT $1, $2, theirs.account_id, min(theirs.written_at)
      FROM theirs
     WHERE NOT theirs.automatic
       AND EXISTS (SELECT FROM every_action a
                    WHERE a.organization_id = $1 AND a.person_id = $2 AND a.campaign_id <> ''
                      AND (a.sent_at IS NOT NULL OR a.state = 'done')
                      AND coalesce(a.sent_at, a.finished_at) <= theirs.written_at + $6::interval)
     GROUP BY theirs.account_id
    ON CONFLICT DO NOTHING
), noted AS (
    INSERT INTO owner_messages AS known
           (organization_id, campaign_id, lead_id, account_id, written_at)
    SELECT $1, a.campaign_id, a.lead_id, a.account_id, max(theirs.written_at)
      FROM theirs
      JOIN every_action a USING (account_id)
     WHERE theirs.by_owner AND a.organization_id = $1 AND a.person_id = $2
       AND a.campaign_id <> '' AND a.state <> 'cancelled'
       AND NOT EXISTS (SELECT 1 FROM enrolments e
                        WHERE e.organization_id = $1 AND e.campaign_id = a.campaign_id
                          AND e.lead_id = a.lead_id AND e.ended_at IS NOT NULL)
     GROUP BY a.campaign_id, a.lead_id, a.account_id
    HAVING min(a.created_at) <= max(theirs.written_at) + $6::interval
    ON CONFLICT (organization_id, campaign_id, lead_id)
    DO UPDATE SET written_at = greatest(known.written_at, excluded.written_at)
)
UPDATE inbound SET understood_at = NULL, attempts = 0, retry_at = $5
 WHERE dedupe_key IN (SELECT dedupe_key FROM theirs)
"""


async def keep_unmatched(
    connection: Connection,
    ids: SealedIds,
    account: Account,
    provider_ids: Sequence[str],
    *,
    dedupe_key: str,
    written_at: datetime,
    automatic: bool,
    by_owner: bool,
) -> None:
    """Keep that somebody wrote whom nobody knows, by the ids that the account has of them.

    Or that the account's owner wrote to them: then nobody has answered.
    """
    await connection.execute(
        KEEP,
        account.organization_id,
        account.account_id,
        ids.all_sealed(account.organization_id, provider_ids),
        dedupe_key,
        written_at,
        automatic or by_owner,
        by_owner,
    )


async def follow_unmatched(
    connection: Connection,
    organization_id: str,
    person_id: str,
    shown: Sequence[Alias],
    *,
    now: datetime,
) -> None:
    """Whoever was shown by these is known now: what they wrote before is followed again.

    They are given as they are kept.
    """
    await connection.execute(
        FOLLOW,
        organization_id,
        person_id,
        *provider_ids_of(shown),
        now,
        CLOCK_DIFFERENCE,
    )


def provider_ids_of(shown: Sequence[Alias]) -> tuple[list[str], list[str]]:
    """The accounts that were shown an id of the provider, and the id that each was shown."""
    ids = [each for each in shown if each.kind is AliasKind.PROVIDER_ID]
    return [each.viewer_account_id for each in ids], [each.value for each in ids]
