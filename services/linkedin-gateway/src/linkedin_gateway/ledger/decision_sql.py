"""The SQL of a sitting: what is read for its decisions, and what they write.

Each statement serves all who sit, in one round trip. What it looks up for each of them is a
lateral of its own with a limit, so that it stays an index probe whatever the tables' sizes.
"""

from linkedin_gateway.ledger.sql import ACTION, ACTION_COLUMNS, FACTS


def _prefixed(table: str, prefix: str, columns: str) -> str:
    return ", ".join(f"{table}.{column} AS {prefix}{column}" for column in columns.split())


def _ended(alias: str, kind: str, condition: str) -> str:
    noted = "AND noted" if alias == "noted" else ""
    return f"""
       CASE WHEN q.counts AND {condition} THEN
         (SELECT array_agg(finished_at ORDER BY finished_at) FROM actions
           WHERE account_id = q.account_id AND kind = {kind} AND sent_at IS NOT NULL
             AND finished_at > q.counted_since {noted})
       END AS {alias}_ended"""  # noqa: S608


# Everything that decisions rest on, in one reading; a row for each whose account is there.
# `counts` is set for one request of each account and kind: what has ended is read once.
# $18 now $19 live since
LOAD = f"""
SELECT q.seat,
       a.account_id, a.organization_id, a.unipile_account_id, a.name, a.tier, a.provider_id,
       a.state, a.state_reason, a.state_at, a.working_hours, a.caps, a.created_at,
       a.since, a.restored_at, a.resumed_at, a.multiplier, a.connections,
       {_prefixed("r", "r_", ACTION)},
       {_prefixed("p", "p_", FACTS)},
       (SELECT array_agg(h.scope ORDER BY h.created_at)
          FROM (VALUES ('campaign', q.campaign_id), ('account', q.account_id),
                       ('organization', q.organization_id), ('everything', ''),
                       ('kind', q.kind)) AS s(scope, subject_id)
         CROSS JOIN LATERAL (SELECT * FROM holds
                              WHERE scope = s.scope AND subject_id = s.subject_id LIMIT 1) h
       ) AS holds,
       EXISTS (SELECT 1 FROM suppressions s
                WHERE s.organization_id = q.organization_id
                  AND s.key = ANY(string_to_array(q.keys, ','))
                  AND (s.expires_at IS NULL OR s.expires_at > $18)) AS suppressed,
       reply.replied, reply.automatic_at,
       q.post_id <> '' AND EXISTS (
         SELECT 1 FROM actions t
          WHERE t.account_id = q.account_id AND t.person = q.person AND t.kind = q.kind
            AND t.post_id = q.post_id AND t.action_id <> q.action_id
            AND (t.sent_at IS NOT NULL OR t.state = 'done')
       ) AS post_taken,
       r.action_id IS NULL AND NOT q.read AND EXISTS (
         SELECT 1 FROM archived_actions h WHERE h.action_id = q.action_id) AS archived,
       (SELECT until FROM cool_downs c
         WHERE c.account_id = q.account_id AND c.kind = q.kind) AS cools_until,
       {_ended("own", "q.kind", "true")},
       {_ended("noted", "q.kind", "q.noted")},
       {_ended("sibling", "q.sibling", "q.sibling <> ''")},
       open.own AS own_open_ends, open.noted AS noted_open_ends,
       open.sibling AS sibling_open_ends, open.in_flight_until,
       last.action_id AS last_write, last.finished_at AS last_write_at,
       rank.priority AS rank_priority, rank.virtual_finish AS rank_virtual_finish,
       CASE WHEN q.read THEN 0 ELSE
         (SELECT count(*) FROM actions d
           WHERE d.account_id = q.account_id AND d.state = 'queued' AND d.turn_at <= $18
             AND d.turn_at > $19
             -- By turn there are few; `+ 0` keeps it from being looked up by rank.
             AND (d.priority + 0, d.virtual_finish, d.action_id)
               < (rank.priority, rank.virtual_finish, q.action_id))
       END AS due_ahead
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::timestamptz[], $10::boolean[], $11::smallint[], $12::smallint[],
              $13::double precision[], $14::boolean[], $15::text[], $16::text[], $17::boolean[])
       WITH ORDINALITY
       AS q(action_id, account_id, organization_id, campaign_id, lead_id, person, kind,
            sibling, counted_since, noted, priority, answering,
            weight, read, post_id, keys, counts, seat)
  JOIN LATERAL (
       SELECT * FROM accounts
        WHERE account_id = q.account_id AND organization_id = q.organization_id LIMIT 1
       ) a ON true
  LEFT JOIN LATERAL (
       SELECT * FROM actions WHERE action_id = q.action_id LIMIT 1
       ) r ON true
  LEFT JOIN LATERAL (
       SELECT * FROM profiles WHERE account_id = q.account_id AND person = q.person LIMIT 1
       ) p ON true
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT 1 FROM replies
                       WHERE campaign_id = q.campaign_id AND lead_id = q.lead_id) AS replied,
              (SELECT replied_at FROM automatic_replies
                WHERE campaign_id = q.campaign_id AND lead_id = q.lead_id) AS automatic_at
       OFFSET 0
       ) reply
 CROSS JOIN LATERAL (
       SELECT coalesce(r.priority, CASE WHEN reply.replied THEN q.answering
                                     ELSE q.priority END) AS priority
       OFFSET 0
       ) class
 CROSS JOIN LATERAL (
       SELECT class.priority,
              CASE WHEN r.action_id IS NOT NULL THEN r.virtual_finish
                   WHEN q.read THEN 0
                   ELSE greatest(
                     (SELECT virtual_finish FROM actions
                       WHERE account_id = q.account_id AND priority = class.priority
                         AND sent_at IS NOT NULL
                       ORDER BY virtual_finish DESC LIMIT 1),
                     (SELECT virtual_finish FROM actions
                       WHERE account_id = q.account_id AND priority = class.priority
                         AND campaign_id = q.campaign_id AND state <> 'cancelled'
                       ORDER BY virtual_finish DESC LIMIT 1),
                     0) + 1 / q.weight
              END AS virtual_finish
       OFFSET 0
       ) rank
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE kind = q.kind) AS own,
              count(*) FILTER (WHERE kind = q.kind AND noted) AS noted,
              count(*) FILTER (WHERE kind = q.sibling) AS sibling,
              max(lease_until) FILTER (WHERE state = 'sending'
                                         AND kind NOT IN ('lookup', 'post_list'))
              AS in_flight_until
         FROM actions
        WHERE account_id = q.account_id AND sent_at IS NOT NULL AND finished_at IS NULL
          AND action_id <> q.action_id
       ) open
  LEFT JOIN LATERAL (
       -- A range of one account: by `=` the order would fit the index of all accounts too,
       -- and walking that one to the account's last costs as much as others have written.
       SELECT action_id, finished_at FROM actions
        WHERE account_id BETWEEN q.account_id AND q.account_id
          AND sent_at IS NOT NULL AND finished_at IS NOT NULL
          AND kind NOT IN ('lookup', 'post_list')
        ORDER BY account_id DESC, finished_at DESC LIMIT 1
       ) last ON true
"""  # noqa: S608 - made of constants

ARCHIVED = f"SELECT {ACTION_COLUMNS} FROM archived_actions WHERE action_id = ANY($1)"  # noqa: S608

# Persons by another spelling, as profiles tell it. $1 organizations $2 keys $3 now
SUPPRESSED = """
SELECT q.seat
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q(organization_id, key, seat)
 WHERE EXISTS (SELECT 1 FROM suppressions s
                WHERE s.organization_id = q.organization_id AND s.key = q.key
                  AND (s.expires_at IS NULL OR s.expires_at > $3))
"""

# Invitations to a person from anybody of an organization that went out, or may have, and how
# each ended: withdrawn, or gone from the provider's lists. Who accepted is connected, and no
# invitation is pending. $1 organizations $2 persons $3 their requests
INVITED = """
SELECT q.seat, i.account_id, i.campaign_id, i.sent_at, ended.at AS ended_at
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
       AS q(organization_id, person, action_id, seat)
 CROSS JOIN LATERAL (
       SELECT * FROM every_action e
        WHERE e.organization_id = q.organization_id AND e.person = q.person
          AND e.kind = 'invitation' AND e.action_id <> q.action_id
          AND e.sent_at IS NOT NULL AND e.state IN ('sending', 'done', 'unknown')
       OFFSET 0
       ) i
  LEFT JOIN LATERAL (
       SELECT * FROM profiles WHERE account_id = i.account_id AND person = i.person LIMIT 1
       ) p ON true
 CROSS JOIN LATERAL (
       SELECT greatest(
                (SELECT max(coalesce(w.sent_at, w.finished_at)) FROM every_action w
                  WHERE w.organization_id = q.organization_id AND w.person = q.person
                    AND w.kind = 'withdrawal'
                    AND w.account_id = i.account_id AND w.state = 'done'
                    AND NOT (w.outcome ? 'connected')
                    AND coalesce(w.sent_at, w.finished_at) >= i.sent_at),
                CASE WHEN p.invitation_gone_at >= i.sent_at THEN p.invitation_gone_at END
              ) AS at
       OFFSET 0
       ) ended
 WHERE NOT coalesce(p.connected, false)
"""

# Better-ranked requests that still come for their turn: the next ones singly, the rest counted.
# $1 accounts $2 priorities $3 virtual finish times $4 requests $5 kinds $6 live since
# $7 how many singly
QUEUE = """
SELECT q.seat, ahead.same_kind_total, ahead.same_kind[1:$7] AS same_kind,
       ahead.other_kinds[1:$7] AS other_kinds
  FROM unnest($1::text[], $2::smallint[], $3::double precision[], $4::text[], $5::text[])
       WITH ORDINALITY AS q(account_id, priority, virtual_finish, action_id, kind, seat)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE w.kind = q.kind) AS same_kind_total,
              array_agg(w.turn_at ORDER BY w.turn_at) FILTER (WHERE w.kind = q.kind) AS same_kind,
              array_agg(w.turn_at ORDER BY w.turn_at) FILTER (WHERE w.kind <> q.kind)
              AS other_kinds
         FROM actions w
        WHERE w.account_id = q.account_id AND w.state = 'queued' AND w.turn_at > $6
          AND (w.priority, w.virtual_finish, w.action_id)
            < (q.priority, q.virtual_finish, q.action_id)
       ) ahead
"""

# Rows are written as decided, if they are new or wait; the locks of their accounts make it so.
# In the order of their ids: whoever else writes several at once takes them in the same order.
WRITE = """
INSERT INTO actions AS a (action_id, organization_id, account_id, campaign_id, lead_id, person,
       kind, noted, text_hash, state, reason, effect, message, attempt, priority, virtual_finish,
       created_at, turn_at, sent_at, finished_at, lease_until, absences, provider_id, post_id,
       target, outcome, hours, caller, caps)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::boolean[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
              $14::integer[], $15::smallint[], $16::double precision[], $17::timestamptz[],
              $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[],
              $22::smallint[], $23::text[], $24::text[], $25::jsonb[], $26::jsonb[],
              $27::text[], $28::text[], $29::text[])
       AS written(action_id)
 ORDER BY written.action_id
ON CONFLICT (action_id) DO UPDATE
   SET state = excluded.state, reason = excluded.reason, effect = excluded.effect,
       message = excluded.message, attempt = excluded.attempt, turn_at = excluded.turn_at,
       sent_at = excluded.sent_at, finished_at = excluded.finished_at,
       lease_until = excluded.lease_until, absences = excluded.absences,
       provider_id = excluded.provider_id, post_id = excluded.post_id, target = excluded.target,
       outcome = excluded.outcome, hours = excluded.hours, caps = excluded.caps
 WHERE a.state = 'queued'
RETURNING action_id
"""
