"""SQL by which two people become one: everything that went by the one goes by the other."""

from __future__ import annotations

from collections.abc import Sequence

from linkedin_gateway.storage.connection import Connection

# $1 the organization  $2 those who are no more  $3 who stays
ALIASES = """
UPDATE person_aliases SET person_id = $3 WHERE organization_id = $1 AND person_id = ANY($2)
"""
ACTIONS = """
UPDATE actions SET person_id = $3 WHERE organization_id = $1 AND person_id = ANY($2)
"""
ARCHIVED = """
UPDATE archived_actions SET person_id = $3 WHERE organization_id = $1 AND person_id = ANY($2)
"""
ENROLMENTS = """
UPDATE enrolments SET person_id = $3 WHERE organization_id = $1 AND person_id = ANY($2)
"""
# What the one has answered themselves, the leads heed for which the other had been turned to by
# then. Before enrolments say that both are one.
REPLIES = """
INSERT INTO replies (organization_id, campaign_id, lead_id, account_id, replied_at, last_at)
SELECT $1, another.campaign_id, another.lead_id, max(r.account_id), min(r.replied_at),
       max(coalesce(r.last_at, r.replied_at))
  FROM enrolments own
  JOIN replies r USING (organization_id, campaign_id, lead_id)
  JOIN person_responses p
    ON p.organization_id = $1 AND p.person_id = own.person_id AND p.account_id = r.account_id
  JOIN enrolments another
    ON another.organization_id = $1 AND (another.person_id = ANY($2) OR another.person_id = $3)
   AND another.person_id <> own.person_id
   AND another.enrolled_at <= coalesce(r.last_at, r.replied_at)
 WHERE own.organization_id = $1 AND (own.person_id = ANY($2) OR own.person_id = $3)
 GROUP BY another.campaign_id, another.lead_id
ON CONFLICT (organization_id, campaign_id, lead_id) DO NOTHING
"""
# What an account's owner wrote by hand to the one concerns the leads that the account acted for as
# the other, which had begun by then and are not over. Before actions say that both are one.
OWNER_MESSAGES = """
WITH of_them AS MATERIALIZED (
    SELECT person_id, account_id, campaign_id, lead_id, min(created_at) AS began_at
      FROM every_action a
     WHERE organization_id = $1 AND (person_id = ANY($2) OR person_id = $3)
       AND campaign_id <> '' AND state <> 'cancelled'
       AND NOT EXISTS (SELECT 1 FROM enrolments e
                        WHERE e.organization_id = $1 AND e.campaign_id = a.campaign_id
                          AND e.lead_id = a.lead_id AND e.ended_at IS NOT NULL)
     GROUP BY person_id, account_id, campaign_id, lead_id
), written AS MATERIALIZED (
    SELECT a.person_id, o.account_id, max(o.written_at) AS written_at
      FROM owner_messages o
      JOIN every_action a USING (organization_id, campaign_id, lead_id)
     WHERE organization_id = $1 AND (a.person_id = ANY($2) OR a.person_id = $3)
     GROUP BY a.person_id, o.account_id
)
INSERT INTO owner_messages AS known
       (organization_id, campaign_id, lead_id, account_id, written_at)
SELECT $1, another.campaign_id, another.lead_id, written.account_id, max(written.written_at)
  FROM of_them another
  JOIN written USING (account_id)
 WHERE written.person_id <> another.person_id AND another.began_at <= written.written_at
 GROUP BY another.campaign_id, another.lead_id, written.account_id
ON CONFLICT (organization_id, campaign_id, lead_id)
DO UPDATE SET written_at = greatest(known.written_at, excluded.written_at)
"""
# A machine that answered for the one is as much away for the other.
AUTOMATIC_REPLIES = """
INSERT INTO automatic_replies AS known
       (organization_id, campaign_id, lead_id, account_id, replied_at)
SELECT $1, another.campaign_id, another.lead_id, max(r.account_id), max(r.replied_at)
  FROM enrolments own
  JOIN automatic_replies r USING (organization_id, campaign_id, lead_id)
  JOIN enrolments another
    ON another.organization_id = $1 AND (another.person_id = ANY($2) OR another.person_id = $3)
   AND another.person_id <> own.person_id AND another.enrolled_at <= r.replied_at
 WHERE own.organization_id = $1 AND (own.person_id = ANY($2) OR own.person_id = $3)
 GROUP BY another.campaign_id, another.lead_id
ON CONFLICT (organization_id, campaign_id, lead_id)
DO UPDATE SET replied_at = greatest(known.replied_at, excluded.replied_at)
"""
RESPONSES = """
WITH gone AS (
    DELETE FROM person_responses WHERE organization_id = $1 AND person_id = ANY($2)
    RETURNING account_id, responded_at
)
INSERT INTO person_responses AS kept (organization_id, person_id, account_id, responded_at)
SELECT $1, $3, account_id, min(responded_at) FROM gone GROUP BY account_id
ON CONFLICT (organization_id, person_id, account_id)
DO UPDATE SET responded_at = least(kept.responded_at, excluded.responded_at)
"""
# What an account knows of them: of what is known twice, what was read last; what can only be
# added to (a connection, an invitation, a chat) is kept whoever it was known of.
PROFILES = """
WITH all_of_them AS (
    SELECT p.* FROM profiles p JOIN accounts a USING (organization_id, account_id)
     WHERE a.organization_id = $1 AND (p.person_id = ANY($2) OR p.person_id = $3)
), known AS (
    SELECT account_id,
           max(read_at) AS read_at, max(invited_at) AS invited_at,
           max(accepted_at) AS accepted_at, max(invitation_gone_at) AS invitation_gone_at,
           (array_agg(connected ORDER BY read_at DESC NULLS LAST))[1]
             OR bool_or(accepted_at IS NOT NULL) AS connected,
           (array_agg(open_profile ORDER BY read_at DESC NULLS LAST))[1] AS open_profile,
           max(invitation_id) AS invitation_id, max(chat_id) AS chat_id,
           coalesce((array_agg(provider_id ORDER BY read_at DESC NULLS LAST)
             FILTER (WHERE provider_id <> ''))[1], '') AS provider_id,
           coalesce((array_agg(public_identifier ORDER BY read_at DESC NULLS LAST)
             FILTER (WHERE public_identifier <> ''))[1], '') AS public_identifier,
           -- Sealed with the id of the same row.
           (array_agg(words ORDER BY read_at DESC NULLS LAST)
             FILTER (WHERE provider_id <> ''))[1] AS words
      FROM all_of_them
     GROUP BY account_id
), gone AS (
    DELETE FROM profiles p USING known
     WHERE p.account_id = known.account_id AND p.person_id = ANY($2)
)
INSERT INTO profiles (organization_id, account_id, person_id, provider_id, public_identifier,
       words, connected, open_profile, read_at, invited_at, invitation_id, chat_id, accepted_at,
       invitation_gone_at)
SELECT $1, account_id, $3, provider_id, public_identifier, words, connected, open_profile, read_at,
       invited_at, invitation_id, chat_id, accepted_at, invitation_gone_at
  FROM known
ON CONFLICT (account_id, person_id) DO UPDATE
   SET provider_id = excluded.provider_id, public_identifier = excluded.public_identifier,
       words = excluded.words, connected = excluded.connected, open_profile = excluded.open_profile,
       read_at = excluded.read_at, invited_at = excluded.invited_at,
       invitation_id = excluded.invitation_id, chat_id = excluded.chat_id,
       accepted_at = excluded.accepted_at, invitation_gone_at = excluded.invitation_gone_at
"""
SUPPRESSIONS = """
UPDATE suppressions SET person_id = $3
 WHERE person_id = ANY($2) AND person_id <> '' AND organization_id = $1
"""
# When the one or the other asked last, with the suppression of that.
OPT_OUTS = """
WITH gone AS (
    DELETE FROM opt_outs WHERE organization_id = $1 AND person_id = ANY($2)
    RETURNING written_at, suppression_id
)
INSERT INTO opt_outs AS kept (organization_id, person_id, written_at, suppression_id)
SELECT $1, $3, written_at, suppression_id FROM gone ORDER BY written_at DESC LIMIT 1
ON CONFLICT (organization_id, person_id) DO UPDATE
   SET written_at = excluded.written_at, suppression_id = excluded.suppression_id
 WHERE kept.written_at < excluded.written_at
"""
PEOPLE = """
UPDATE people SET merged_into = $3
 WHERE organization_id = $1 AND (person_id = ANY($2) OR merged_into = ANY($2))
"""
_STATEMENTS = (
    ALIASES,
    OWNER_MESSAGES,
    ACTIONS,
    ARCHIVED,
    REPLIES,
    AUTOMATIC_REPLIES,
    ENROLMENTS,
    RESPONSES,
    PROFILES,
    SUPPRESSIONS,
    OPT_OUTS,
    PEOPLE,
)


async def merge(
    connection: Connection, organization_id: str, people: Sequence[str], *, into: str
) -> None:
    """Make one person of several, in a transaction that has the lock of each."""
    for statement in _STATEMENTS:
        await connection.execute(statement, organization_id, list(people), into)
