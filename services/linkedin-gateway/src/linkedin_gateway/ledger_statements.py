"""The ledger's SQL. Each statement is one transition or one reading."""

_ACTION = """
    request_id organization_id account_id campaign_id lead_id person kind noted text_hash
    state reason effect message attempt priority tag created_at turn_at sent_at finished_at
    lease_until verify_at absences verifications target outcome hours
"""
_FACTS = """
    person provider_id public_identifier first_name last_name headline location connected
    open_profile read_at invited_at invitation_id chat_id
"""

ACTION_COLUMNS = ", ".join(_ACTION.split())


def _prefixed(table: str, prefix: str, columns: str) -> str:
    return ", ".join(f"{table}.{column} AS {prefix}{column}" for column in columns.split())


def _counted(alias: str, kind: str, *, noted: bool = False) -> str:
    only = "AND noted" if noted else ""
    return f"""
      (SELECT array_agg(finished_at ORDER BY finished_at) FROM actions
        WHERE account_id = $1 AND kind = {kind} AND sent_at IS NOT NULL
          AND finished_at > $10 {only}) AS {alias}ended,
      (SELECT count(*) FROM actions
        WHERE account_id = $1 AND kind = {kind} AND sent_at IS NOT NULL
          AND finished_at IS NULL AND request_id <> $2 {only}) AS {alias}open_ends"""  # noqa: S608


# Everything a decision rests on, in one reading.
# $1 account $2 request $3 campaign $4 lead $5 person $6 organization $7 kind $8 sibling kind
# $9 now $10 counted since $11 live since $12 priority $13 priority when answering $14 weight
# $15 whether it is a read $16 the post it was prepared for $17 by what the person may be suppressed
LOAD = f"""
SELECT a.account_id, a.organization_id, a.unipile_account_id, a.name, a.tier, a.provider_id,
       a.state, a.state_reason, a.state_at, a.working_hours, a.caps, a.created_at,
       a.since, a.restored_at, a.resumed_at, a.multiplier, a.connections,
       {_prefixed("r", "r_", _ACTION)},
       {_prefixed("p", "p_", _FACTS)},
       (SELECT array_agg(scope ORDER BY created_at) FROM holds
         WHERE (scope, subject_id) IN (('campaign', $3), ('account', $1), ('organization', $6),
                                       ('everything', ''), ('kind', $7))) AS holds,
       EXISTS (SELECT 1 FROM suppressions s
                WHERE s.organization_id = $6 AND s.key = ANY($17)
                  AND (s.expires_at IS NULL OR s.expires_at > $9)) AS suppressed,
       reply.replied,
       $16 <> '' AND EXISTS (
         SELECT 1 FROM actions t
          WHERE t.account_id = $1 AND t.person = $5 AND t.kind = $7 AND t.post_id = $16
            AND t.request_id <> $2 AND (t.sent_at IS NOT NULL OR t.state = 'done')
       ) AS post_taken,
       (SELECT until FROM cool_downs c WHERE c.account_id = $1 AND c.kind = $7) AS cools_until,
       {_counted("own_", "$7")},
       {_counted("noted_", "$7", noted=True)},
       {_counted("sibling_", "$8")},
       (SELECT max(lease_until) FROM actions w
         WHERE w.account_id = $1 AND w.sent_at IS NOT NULL AND w.finished_at IS NULL
           AND w.state = 'sending' AND w.kind NOT IN ('lookup', 'post_list')
           AND w.request_id <> $2) AS wire_busy_until,
       last.request_id AS last_write, last.finished_at AS last_write_at,
       rank.priority AS rank_priority, rank.tag AS rank_tag,
       CASE WHEN $15::boolean THEN 0 ELSE
         (SELECT count(*) FROM actions d
           WHERE d.account_id = $1 AND d.state = 'queued' AND d.turn_at <= $9
             AND d.turn_at > $11
             AND (d.priority, d.tag, d.request_id) < (rank.priority, rank.tag, $2))
       END AS due_ahead
  FROM accounts a
  LEFT JOIN actions r ON r.request_id = $2
  LEFT JOIN profiles p ON p.account_id = a.account_id AND p.person = $5
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT 1 FROM replies WHERE campaign_id = $3 AND lead_id = $4) AS replied
       ) reply
 CROSS JOIN LATERAL (
       SELECT coalesce(r.priority, CASE WHEN reply.replied THEN $13::smallint
                                     ELSE $12::smallint END) AS priority
       ) class
 CROSS JOIN LATERAL (
       SELECT class.priority,
              CASE WHEN r.request_id IS NOT NULL THEN r.tag
                   WHEN $15::boolean THEN 0
                   ELSE greatest(
                     (SELECT max(tag) FROM actions
                       WHERE account_id = $1 AND priority = class.priority
                         AND sent_at IS NOT NULL),
                     (SELECT max(tag) FROM actions
                       WHERE account_id = $1 AND priority = class.priority
                         AND campaign_id = $3 AND state <> 'cancelled'),
                     0) + 1 / $14::double precision
              END AS tag
       ) rank
  LEFT JOIN LATERAL (
       SELECT request_id, finished_at FROM actions
        WHERE account_id = $1 AND sent_at IS NOT NULL AND finished_at IS NOT NULL
          AND kind NOT IN ('lookup', 'post_list')
        ORDER BY finished_at DESC LIMIT 1
       ) last ON true
 WHERE a.account_id = $1 AND a.organization_id = $6
"""  # noqa: S608 - made of constants

# The person by another spelling, as a profile tells it.
SUPPRESSED = """
SELECT EXISTS (SELECT 1 FROM suppressions
                WHERE organization_id = $1 AND key = $2 AND (expires_at IS NULL OR expires_at > $3))
"""

# Invitations to a person from anybody of an organization that went out, or may have, and how
# each ended: withdrawn, or gone from the provider's lists. Who accepted is connected, and no
# invitation is pending. $1 organization $2 person $3 this request
INVITED = """
SELECT i.account_id, i.campaign_id, i.sent_at, ended.at AS ended_at
  FROM every_action i
  LEFT JOIN profiles p ON p.account_id = i.account_id AND p.person = i.person
 CROSS JOIN LATERAL (
       SELECT greatest(
                (SELECT max(coalesce(w.sent_at, w.finished_at)) FROM every_action w
                  WHERE w.organization_id = $1 AND w.person = $2 AND w.kind = 'withdrawal'
                    AND w.account_id = i.account_id AND w.state = 'done'
                    AND NOT (w.outcome ? 'connected')
                    AND coalesce(w.sent_at, w.finished_at) >= i.sent_at),
                CASE WHEN p.invitation_gone_at >= i.sent_at THEN p.invitation_gone_at END
              ) AS at
       ) ended
 WHERE i.organization_id = $1 AND i.person = $2 AND i.kind = 'invitation'
   AND i.request_id <> $3 AND i.sent_at IS NOT NULL AND i.state IN ('sending', 'done', 'unknown')
   AND NOT coalesce(p.connected, false)
"""

# Better-ranked requests that still come for their turn: the next ones singly, the rest counted.
# $1 account $2 priority $3 tag $4 request $5 live since $6 kind $7 how many singly
QUEUE = """
WITH ahead AS MATERIALIZED (
    SELECT kind, turn_at
      FROM actions
     WHERE account_id = $1 AND state = 'queued' AND turn_at > $5
       AND (priority, tag, request_id) < ($2::smallint, $3::double precision, $4)
)
SELECT (SELECT count(*) FROM ahead WHERE kind = $6) AS same_kind_total,
       (SELECT array_agg(turn_at ORDER BY turn_at)
          FROM (SELECT turn_at FROM ahead WHERE kind = $6 ORDER BY turn_at LIMIT $7) s)
       AS same_kind,
       (SELECT array_agg(turn_at ORDER BY turn_at)
          FROM (SELECT turn_at FROM ahead WHERE kind <> $6 ORDER BY turn_at LIMIT $7) o)
       AS other_kinds
"""

# A row is written as decided, if it is new or waits; the account's lock makes it so.
WRITE = """
INSERT INTO actions AS a (request_id, organization_id, account_id, campaign_id, lead_id, person,
       kind, noted, text_hash, state, reason, effect, message, attempt, priority, tag, created_at,
       turn_at, sent_at, finished_at, lease_until, absences, provider_id, post_id, target, outcome,
       hours)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27)
ON CONFLICT (request_id) DO UPDATE
   SET state = excluded.state, reason = excluded.reason, effect = excluded.effect,
       message = excluded.message, attempt = excluded.attempt, turn_at = excluded.turn_at,
       sent_at = excluded.sent_at, finished_at = excluded.finished_at,
       lease_until = excluded.lease_until, absences = excluded.absences,
       provider_id = excluded.provider_id, post_id = excluded.post_id, target = excluded.target,
       outcome = excluded.outcome, hours = excluded.hours
 WHERE a.state = 'queued'
RETURNING request_id
"""

# The attempt that was on the wire has ended. A late answer still counts while the row is
# unknown; once the row was queued again, or has ended, it is no longer this attempt's to say.
# What was learnt of the person is kept with it.
FINISH = """
WITH finished AS (
    UPDATE actions
       SET state = $3, reason = $4, effect = $5, message = $6, outcome = $7, finished_at = $8,
           sent_at = CASE WHEN $9 THEN NULL ELSE sent_at END,
           turn_at = coalesce($10, turn_at), verify_at = $11, lease_until = NULL,
           provider_id = CASE WHEN provider_id = '' THEN $14 ELSE provider_id END
     WHERE request_id = $1 AND attempt = $2 AND finished_at IS NULL
       AND state IN ('sending', 'unknown')
 RETURNING request_id
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
UPDATE actions SET reason = $2, turn_at = $3 WHERE request_id = $1 AND state = 'queued'
"""

SETTLE = f"""
UPDATE actions
   SET state = 'failed', reason = $2, effect = $3, message = $4, finished_at = $5
 WHERE request_id = $1 AND state = 'queued'
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

# A request that was never made is recorded as cancelled, so that a late one sends nothing.
CANCEL = f"""
INSERT INTO actions AS a (request_id, organization_id, account_id, campaign_id, lead_id, person,
       kind, state, reason, effect, created_at, finished_at)
SELECT $1, '', '', '', '', '', 'lookup', 'cancelled', 'ACTION_CANCELLED', 'step_failed',
       $2::timestamptz, $2::timestamptz
 WHERE NOT EXISTS (SELECT 1 FROM archived_actions WHERE request_id = $1)
ON CONFLICT (request_id) DO UPDATE
   SET state = 'cancelled', reason = 'ACTION_CANCELLED', effect = 'step_failed', finished_at = $2
 WHERE a.state = 'queued'
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

READ = f"SELECT {ACTION_COLUMNS} FROM every_action WHERE request_id = $1"  # noqa: S608
ARCHIVED = f"SELECT {ACTION_COLUMNS} FROM archived_actions WHERE request_id = $1"  # noqa: S608
LOCK = "SELECT pg_advisory_xact_lock($1)"

LIST = f"""
SELECT {ACTION_COLUMNS}
  FROM every_action
 WHERE organization_id = $1 AND kind <> 'post_list'
   AND ($2 = '' OR account_id = $2) AND ($3 = '' OR campaign_id = $3)
   AND ($4 = '' OR lead_id = $4) AND ($5 = '' OR kind = $5) AND ($6 = '' OR state = $6)
   AND ($7::timestamptz IS NULL OR (created_at, request_id) < ($7, $8))
 ORDER BY created_at DESC, request_id DESC
 LIMIT $9
"""  # noqa: S608

# An attempt whose lease is over has lost its answer; and of those whose answer is lost, the
# ones that are due are lent to this asker until $2.
CLAIM_LOST = f"""
UPDATE actions
   SET state = 'unknown', verify_at = $2, lease_until = NULL
 WHERE request_id IN (
       SELECT request_id FROM actions
        WHERE ((state = 'sending' AND lease_until <= $1)
            OR (state = 'unknown' AND finished_at IS NULL AND verify_at <= $1))
          AND ($4::text IS NULL OR request_id = $4)
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
 WHERE request_id = $1 AND attempt = $2 AND state = 'unknown' AND finished_at IS NULL
RETURNING {ACTION_COLUMNS}
"""  # noqa: S608

UNDECIDED = """
UPDATE actions
   SET verify_at = $3, verifications = verifications + $4::integer
 WHERE request_id = $1 AND attempt = $2 AND state = 'unknown' AND finished_at IS NULL
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

ON_THE_WIRE = """
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
