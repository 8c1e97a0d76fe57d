"""The ledger's SQL beside the decision's. Each statement is one transition or one reading."""

ACTION = """
    action_id organization_id account_id campaign_id lead_id person kind noted text_hash
    state reason effect message attempt priority virtual_finish created_at turn_at sent_at
    finished_at lease_until verify_at absences verifications target outcome hours
    caller caps
"""
FACTS = """
    person provider_id public_identifier first_name last_name headline location connected
    open_profile read_at invited_at invitation_id chat_id
"""

ACTION_COLUMNS = ", ".join(ACTION.split())

# The attempt that was on the wire has ended. A late answer still counts while the row is
# unknown; once the row was queued again, or has ended, it is no longer this attempt's to say.
# What was learnt of the person is kept with it.
FINISH = """
WITH finished AS (
    UPDATE actions
       SET state = $3, reason = $4, effect = $5, message = $6, outcome = $7,
           -- By whatever clock: an answer has not come before it was asked for.
           finished_at = CASE WHEN $8::timestamptz IS NOT NULL THEN greatest($8, sent_at) END,
           sent_at = CASE WHEN $9 THEN NULL ELSE sent_at END,
           turn_at = coalesce($10, turn_at), verify_at = $11, lease_until = NULL,
           provider_id = CASE WHEN provider_id = '' THEN $14 ELSE provider_id END
     WHERE action_id = $1 AND attempt = $2 AND finished_at IS NULL
       AND state IN ('sending', 'unknown')
 RETURNING action_id
), learnt AS (
    INSERT INTO profiles AS p (account_id, person, provider_id, public_identifier, first_name,
           last_name, headline, location, connected, open_profile, read_at, invited_at,
           invitation_id, chat_id)
    SELECT $12::text, $13::text, $14::text, $15::text, $16::text, $17::text, $18::text, $19::text,
           $20::boolean, $21::boolean, $22::timestamptz, $23::timestamptz, $24::text, $25::text
     WHERE $13 <> ''
    ON CONFLICT (account_id, person) DO UPDATE
       SET provider_id = coalesce(nullif(excluded.provider_id, ''), p.provider_id),
           public_identifier = coalesce(nullif(excluded.public_identifier, ''),
                                        p.public_identifier),
           first_name = coalesce(nullif(excluded.first_name, ''), p.first_name),
           last_name = coalesce(nullif(excluded.last_name, ''), p.last_name),
           headline = coalesce(nullif(excluded.headline, ''), p.headline),
           location = coalesce(nullif(excluded.location, ''), p.location),
           invitation_id = coalesce(nullif(excluded.invitation_id, ''), p.invitation_id),
           chat_id = coalesce(nullif(excluded.chat_id, ''), p.chat_id),
           -- A newer reading tells who is connected; anything else can only add to it.
           connected = CASE WHEN excluded.read_at > coalesce(p.read_at, '-infinity')
                            THEN excluded.connected ELSE p.connected OR excluded.connected END,
           open_profile = CASE WHEN excluded.read_at > coalesce(p.read_at, '-infinity')
                               THEN excluded.open_profile ELSE p.open_profile END,
           read_at = greatest(p.read_at, excluded.read_at),
           invited_at = greatest(p.invited_at, excluded.invited_at)
)
SELECT true FROM finished
"""

DEFER = """
UPDATE actions SET reason = $2, turn_at = $3 WHERE action_id = $1 AND state = 'queued'
"""

SETTLE = f"""
UPDATE actions
   SET state = 'failed', reason = $2, effect = $3, message = $4, finished_at = $5
 WHERE action_id = $1 AND state = 'queued'
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

# A request that was never made is recorded as cancelled, so that a late one sends nothing.
CANCEL = f"""
INSERT INTO actions AS a (action_id, organization_id, account_id, campaign_id, lead_id, person,
       kind, state, reason, effect, created_at, finished_at)
SELECT $1, '', '', '', '', '', 'lookup', 'cancelled', 'ACTION_CANCELLED', 'step_failed',
       $2::timestamptz, $2::timestamptz
 WHERE NOT EXISTS (SELECT 1 FROM archived_actions WHERE action_id = $1)
ON CONFLICT (action_id) DO UPDATE
   SET state = 'cancelled', reason = 'ACTION_CANCELLED', effect = 'step_failed', finished_at = $2
 WHERE a.state = 'queued'
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

READ = f"SELECT {ACTION_COLUMNS} FROM every_action WHERE action_id = $1"  # noqa: S608

LIST = f"""
SELECT {ACTION_COLUMNS}
  FROM every_action
 WHERE organization_id = $1 AND kind <> 'post_list'
   AND ($2 = '' OR account_id = $2) AND ($3 = '' OR campaign_id = $3)
   AND ($4 = '' OR lead_id = $4) AND ($5 = '' OR kind = $5) AND ($6 = '' OR state = $6)
   AND ($7::timestamptz IS NULL OR (created_at, action_id) < ($7, $8))
 ORDER BY created_at DESC, action_id DESC
 LIMIT $9
"""  # noqa: S608

# An attempt whose lease is over has lost its answer; and of those whose answer is lost, the
# ones that are due are lent to this asker until $2.
CLAIM_LOST = f"""
UPDATE actions
   SET state = 'unknown', verify_at = $2, lease_until = NULL
 WHERE action_id IN (
       SELECT action_id FROM actions
        WHERE ((state = 'sending' AND lease_until <= $1)
            OR (state = 'unknown' AND finished_at IS NULL AND verify_at <= $1))
          AND ($4::text IS NULL OR action_id = $4)
        ORDER BY coalesce(verify_at, lease_until)
        LIMIT $3
          FOR UPDATE SKIP LOCKED)
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

# It is not there: looked up again later, and queued again once it was absent often enough.
ABSENT = f"""
UPDATE actions
   SET absences = absences + 1,
       verifications = verifications + 1,
       state = CASE WHEN absences + 1 >= $4 THEN 'queued' ELSE state END,
       sent_at = CASE WHEN absences + 1 >= $4 THEN NULL ELSE sent_at END,
       turn_at = CASE WHEN absences + 1 >= $4 THEN $5::timestamptz ELSE turn_at END,
       verify_at = CASE WHEN absences + 1 >= $4 THEN NULL ELSE $3::timestamptz END
 WHERE action_id = $1 AND attempt = $2 AND state = 'unknown' AND finished_at IS NULL
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

UNDECIDED = """
UPDATE actions
   SET verify_at = $3, verifications = verifications + $4::integer
 WHERE action_id = $1 AND attempt = $2 AND state = 'unknown' AND finished_at IS NULL
"""

COUNTED_BY_KIND = """
SELECT a.account_id, a.organization_id, a.unipile_account_id, a.name, a.tier, a.provider_id,
       a.state, a.state_reason, a.state_at, a.working_hours, a.caps, a.created_at,
       a.since, a.restored_at, a.resumed_at, a.multiplier, a.connections,
       c.kind AS counted_kind, c.noted AS counted_noted, c.ended, c.open_ends
  FROM accounts a
  LEFT JOIN LATERAL (
       SELECT kind, noted,
              array_agg(finished_at ORDER BY finished_at)
                FILTER (WHERE finished_at IS NOT NULL) AS ended,
              count(*) FILTER (WHERE finished_at IS NULL) AS open_ends
         FROM actions
        WHERE account_id = a.account_id AND sent_at IS NOT NULL
          AND (finished_at IS NULL OR finished_at > $2)
        GROUP BY kind, noted
       ) c ON true
 WHERE a.account_id = $1
"""

QUEUED = "SELECT kind, count(*) AS actions FROM actions WHERE state = 'queued' GROUP BY kind"

COUNT_IN_FLIGHT = """
SELECT count(*)
  FROM actions
 WHERE state = 'sending' AND lease_until > $3 AND kind NOT IN ('lookup', 'post_list')
   AND CASE $1::text WHEN 'campaign' THEN campaign_id = $2
                     WHEN 'account' THEN account_id = $2
                     WHEN 'organization' THEN organization_id = $2
                     WHEN 'kind' THEN kind = $2
                     ELSE true END
"""

USED_POSTS = """
SELECT post_id
  FROM every_action
 WHERE account_id = $1 AND person = $2 AND kind = $3 AND post_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
"""
