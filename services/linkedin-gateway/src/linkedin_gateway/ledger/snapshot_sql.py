"""The SQL of what a batch of decisions is based on.

Each statement serves the whole batch, in one round trip. What it looks up for each request is a
lateral of its own with a limit, so that it stays an index probe whatever the tables' sizes.
`ordinal` numbers the requests of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from servicekit.postgres.columns import Columns, column
from servicekit.postgres.statement import Statement

from linkedin_gateway.kinds.registry import PRIORITY, READS, REPLY_PRIORITY, sibling
from linkedin_gateway.ledger.clock import NOW
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.models.suppression_keys import keys_of
from linkedin_gateway.storage.hold_scopes import holds_on
from linkedin_gateway.storage.kind_conditions import IS_WRITE
from linkedin_gateway.storage.members import others_of_member
from linkedin_gateway.storage.rows import ACCOUNTS, ACTIONS, PROFILES
from linkedin_gateway.storage.suppressions import person_keys


def _ended(alias: str, kind: str, condition: str) -> str:
    noted = "AND noted" if alias == "noted" else ""
    # One kind in the order of its index: read together, hundreds would have to be sorted.
    return f"""
       CASE WHEN q.counts AND {condition} THEN
         ARRAY(SELECT date_part('epoch', finished_at) FROM actions
                WHERE account_id = q.account_id AND kind = {kind} AND sent_at IS NOT NULL
                  AND finished_at > reading.now - q.counted_for {noted}
                ORDER BY finished_at)
       END AS {alias}_ended"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request whose snapshot is to be read."""

    request: ActionRequest
    post_id: str
    """The post that it was prepared for, if any."""
    counted_for: timedelta
    counts: bool
    """Set for one request of each account and kind: what has ended is read once."""
    due_within: timedelta
    """Better-ranked requests whose turn comes so soon are waited for."""


def _sibling(asked: Asked) -> str:
    other = sibling(asked.request.kind)
    return other.value if other else ""


def _suppression_keys(asked: Asked) -> str:
    request = asked.request
    return ",".join(
        keys_of(
            request.organization_id,
            person=request.identifier,
            email=request.email,
            company=request.company,
        )
    )


ASKED: Columns[Asked] = Columns(
    column("action_id", write=attrgetter("request.action_id")),
    column("account_id", write=attrgetter("request.account_id")),
    column("organization_id", write=attrgetter("request.organization_id")),
    column("campaign_id", write=attrgetter("request.campaign_id")),
    column("lead_id", write=attrgetter("request.lead_id")),
    column("person_id", write=attrgetter("request.person_id")),
    column("kind", write=attrgetter("request.kind.value")),
    column("sibling", write=_sibling),
    column("counted_for", "interval"),
    column("noted", "boolean", write=attrgetter("request.noted")),
    column("priority", "smallint", write=lambda asked: PRIORITY[asked.request.kind]),
    column("reply_priority", "smallint", write=lambda asked: REPLY_PRIORITY[asked.request.kind]),
    column("weight", "double precision", write=lambda asked: float(max(1, asked.request.weight))),
    column("is_read", "boolean", write=lambda asked: asked.request.kind in READS),
    column("post_id"),
    column("suppression_keys", write=_suppression_keys),
    column("counts", "boolean"),
    column("due_within", "interval"),
)

# Everything that decisions are based on, in one reading; a row for each request whose account is
# there. `r` is the request's own row, `p` what the account knows of the person. The database's
# clock is read here, after the locks were taken. Most of what it costs is to start each scan and
# to carry columns from join to join: so wide rows come last.
LOAD = Statement(f"""
SELECT q.ordinal, reading.now AS reading, {ACCOUNTS.selected("a")},
       {ACTIONS.selected("r", prefix="r_")},
       {PROFILES.selected("p", prefix="p_")},
       (SELECT array_agg(h.scope ORDER BY h.created_at)
          FROM (VALUES {holds_on("q")}) AS s(scope, subject_id)
         CROSS JOIN LATERAL (SELECT * FROM holds
                              WHERE organization_id IN ('', q.organization_id)
                                AND scope = s.scope AND subject_id = s.subject_id LIMIT 1) h
       ) AS holds,
       EXISTS (SELECT 1 FROM suppressions s
                WHERE s.key = ANY(string_to_array(q.suppression_keys, ','))
                  AND (s.expires_at IS NULL OR s.expires_at > reading.now))
         OR NOT q.is_read AND EXISTS (
           SELECT 1 FROM suppressions s WHERE s.hashed = ANY({person_keys("q")})
              AND (s.expires_at IS NULL OR s.expires_at > reading.now))
         OR NOT q.is_read AND EXISTS (
           SELECT 1 FROM suppressions s WHERE s.person_id = q.person_id AND s.person_id <> ''
              AND (s.expires_at IS NULL OR s.expires_at > reading.now)) AS suppressed,
       NOT q.is_read AND EXISTS (
         SELECT 1 FROM suppressed_ids WHERE organization_id = q.organization_id
       ) AS suppressions_unread,
       who.resolved_at IS NOT NULL AS resolved, who.merged_into,
       own_enrolment.enrolled_at IS NOT NULL AS enrolled, others.duplicate, others.elsewhere,
       -- A lead that began as somebody else began before it was known who has responded.
       NOT q.is_read AND EXISTS (
         SELECT 1 FROM person_responses
          WHERE organization_id = q.organization_id AND person_id = q.person_id
            AND responded_at < coalesce(own_enrolment.enrolled_at, 'infinity')
       ) AS responded_before,
       reply.answered_at, reply.automatic_at, reply.owner_wrote_at,
       q.post_id <> '' AND EXISTS (
         SELECT 1 FROM actions t
          WHERE t.organization_id = q.organization_id AND t.person_id = q.person_id
            AND t.account_id = q.account_id AND t.kind = q.kind
            AND t.post_id = q.post_id AND t.action_id <> q.action_id
            AND (t.sent_at IS NOT NULL OR t.state = 'done')
       ) AS post_taken,
       -- By `EXISTS`, planned while the archive is small, all of it would be read.
       known.action_id IS NULL AND NOT q.is_read AND (
         SELECT true FROM archived_actions
          WHERE organization_id = q.organization_id AND action_id = q.action_id LIMIT 1
       ) IS NOT NULL AS archived,
       (SELECT until FROM cool_downs c
         WHERE c.account_id = q.account_id AND c.kind = q.kind
           AND c.organization_id = q.organization_id) AS cools_until,
       {_ended("own", "q.kind", "true")},
       {_ended("noted", "q.kind", "q.noted")},
       {_ended("sibling", "q.sibling", "q.sibling <> ''")},
       CASE WHEN q.counts THEN {others_of_member("a")} END AS others_of_member,
       open.own AS own_open_ends, open.noted AS noted_open_ends,
       open.sibling AS sibling_open_ends, open.in_flight_until, open.since AS open_since,
       last.action_id AS last_write, last.finished_at AS last_write_at,
       rank.priority AS rank_priority, rank.virtual_finish AS rank_virtual_finish,
       CASE WHEN q.is_read THEN 0 ELSE
         (SELECT count(*) FROM actions d
           WHERE d.account_id = q.account_id AND d.state = 'queued'
             AND d.turn_at <= rank.due_until
             AND d.turn_at > reading.live_since
             -- By turn there are few; `+ 0` keeps it from being looked up by rank.
             AND (d.priority + 0, d.virtual_finish, d.action_id)
               < (rank.priority, rank.virtual_finish, q.action_id))
       END AS due_ahead
  FROM {ASKED.unnested("q", ordinal=True)}
 CROSS JOIN (
       -- Both as they are: what has to be computed first makes an index look dear.
       SELECT {NOW} AS now, {NOW} - :grace::interval AS live_since OFFSET 0
       ) reading
  LEFT JOIN LATERAL (
       SELECT action_id, priority, virtual_finish, reason FROM actions
        WHERE organization_id = q.organization_id AND action_id = q.action_id LIMIT 1) known ON true
  LEFT JOIN LATERAL (
       SELECT resolved_at, merged_into FROM people
        WHERE organization_id = q.organization_id AND person_id = q.person_id LIMIT 1
       ) who ON NOT q.is_read
  LEFT JOIN LATERAL (
       SELECT enrolled_at FROM enrolments
        WHERE organization_id = q.organization_id AND campaign_id = q.campaign_id
          AND lead_id = q.lead_id LIMIT 1
       ) own_enrolment ON NOT q.is_read
 CROSS JOIN LATERAL (
       -- Of two who began before it was known that they are one, the first goes on.
       SELECT coalesce(bool_or(campaign_id = q.campaign_id), false) AS duplicate,
              coalesce(bool_or(campaign_id <> q.campaign_id AND ended_at IS NULL
                               AND enrolled_at > reading.now - interval '180 days'), false)
              AS elsewhere
         FROM enrolments
        WHERE organization_id = q.organization_id AND person_id = q.person_id AND NOT q.is_read
          AND (campaign_id, lead_id) <> (q.campaign_id, q.lead_id)
          AND (enrolled_at, lead_id)
            < (coalesce(own_enrolment.enrolled_at, 'infinity'), q.lead_id)
       OFFSET 0
       ) others
 CROSS JOIN LATERAL (
       SELECT (SELECT coalesce(last_at, replied_at) FROM replies
                WHERE organization_id = q.organization_id AND campaign_id = q.campaign_id
                  AND lead_id = q.lead_id) AS answered_at,
              (SELECT written_at FROM owner_messages
                WHERE organization_id = q.organization_id AND campaign_id = q.campaign_id
                  AND lead_id = q.lead_id) AS owner_wrote_at,
              (SELECT replied_at FROM automatic_replies
                WHERE organization_id = q.organization_id AND campaign_id = q.campaign_id
                  AND lead_id = q.lead_id) AS automatic_at
       OFFSET 0
       ) reply
 CROSS JOIN LATERAL (
       SELECT coalesce(known.priority, CASE WHEN reply.answered_at IS NULL THEN q.priority
                                     ELSE q.reply_priority END) AS priority
       OFFSET 0
       ) class
 CROSS JOIN LATERAL (
       SELECT class.priority,
              CASE WHEN known.action_id IS NOT NULL THEN known.virtual_finish
                   WHEN q.is_read THEN 0
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
              END AS virtual_finish,
              CASE WHEN known.reason = 'TOLD_TO_COME' THEN reading.now
                   ELSE reading.now + q.due_within END AS due_until
       OFFSET 0
       ) rank
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE kind = q.kind) AS own,
              count(*) FILTER (WHERE kind = q.kind AND noted) AS noted,
              count(*) FILTER (WHERE kind = q.sibling) AS sibling,
              max(lease_until) FILTER (WHERE state = 'sending'
                                         AND {IS_WRITE})
              AS in_flight_until,
              max(sent_at) AS since
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
          AND {IS_WRITE}
        ORDER BY account_id DESC, finished_at DESC LIMIT 1
       ) last ON true
  JOIN LATERAL (
       SELECT * FROM accounts
        WHERE account_id = q.account_id AND organization_id = q.organization_id LIMIT 1
       ) a ON true
  LEFT JOIN LATERAL (
       SELECT * FROM actions
        WHERE organization_id = q.organization_id AND action_id = q.action_id LIMIT 1) r ON true
  LEFT JOIN LATERAL (
       SELECT * FROM profiles
        WHERE organization_id = q.organization_id AND account_id = q.account_id
          AND person_id = q.person_id LIMIT 1
       ) p ON true
""")

# Of those whose row is in the archive.
ARCHIVED = f"""
SELECT {ACTIONS.selected("h")}
  FROM unnest($1::text[], $2::text[]) AS q (organization_id, action_id), LATERAL (
       SELECT * FROM archived_actions
        WHERE organization_id = q.organization_id AND action_id = q.action_id LIMIT 1) h
"""

INVITING: Columns[ActionRequest] = Columns(
    column("organization_id"), column("person_id"), column("action_id")
)
# Invitations to a person from anybody of an organization that went out, or may have, and how
# each ended: withdrawn, or gone from the provider's lists. Who accepted is connected, and no
# invitation is pending.
INVITED = Statement(f"""
SELECT q.ordinal, i.account_id, i.campaign_id, i.sent_at, ended.at AS ended_at
  FROM {INVITING.unnested("q", ordinal=True)}
 CROSS JOIN LATERAL (
       SELECT * FROM every_action e
        WHERE e.organization_id = q.organization_id AND e.person_id = q.person_id
          AND e.kind = 'invitation' AND e.action_id <> q.action_id
          AND e.sent_at IS NOT NULL AND e.state IN ('sending', 'done', 'unknown')
       OFFSET 0
       ) i
  LEFT JOIN LATERAL (
       SELECT * FROM profiles WHERE account_id = i.account_id AND person_id = i.person_id LIMIT 1
       ) p ON true
 CROSS JOIN LATERAL (
       SELECT greatest(
                (SELECT max(coalesce(w.sent_at, w.finished_at)) FROM every_action w
                  WHERE w.organization_id = q.organization_id AND w.person_id = q.person_id
                    AND w.kind = 'withdrawal'
                    AND w.account_id = i.account_id AND w.state = 'done'
                    AND NOT (w.outcome ? 'connected')
                    AND coalesce(w.sent_at, w.finished_at) >= i.sent_at),
                CASE WHEN p.invitation_gone_at >= i.sent_at THEN p.invitation_gone_at END
              ) AS at
       OFFSET 0
       ) ended
 WHERE NOT coalesce(p.connected, false)
""")
