"""The ledger's SQL: each statement is one transition, or one reading beside the decisions'."""

from __future__ import annotations

from functools import cache
from typing import Any

from servicekit.postgres.statement import Statement

from linkedin_gateway.ledger.clock import NOW
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import Action, ActionState, Profile
from linkedin_gateway.storage.column_values import json_of
from linkedin_gateway.storage.hold_scopes import holds_on
from linkedin_gateway.storage.kind_conditions import IS_PUBLIC, IS_WRITE, MAKES_MESSAGE
from linkedin_gateway.storage.members import others_of_member
from linkedin_gateway.storage.rows import (
    ACCOUNTS,
    ACTION_COLUMNS,
    ACTIONS,
    PROFILES,
    WIRE_COLUMNS,
)
from linkedin_gateway.storage.sealed_ids import SealedIds

# Rows are written as decided, if they are new or wait; the locks of their accounts make it so.
# In the order of their key: whoever else writes several at once takes them in the same order.
# The leads of those in `:beginning` act on their people from now on, who did before began then.
# Of a row that was cancelled meanwhile nothing is written.
WRITE = Statement(f"""
WITH written AS (
    INSERT INTO actions AS a ({ACTIONS.names})
    SELECT * FROM {ACTIONS.unnested("decided")}
     ORDER BY decided.organization_id, decided.action_id
    ON CONFLICT (organization_id, action_id) DO UPDATE SET {ACTIONS.updates}
     WHERE a.state = 'queued'
 RETURNING action_id, organization_id, campaign_id, lead_id, person_id, sent_at
), enrolled AS (
    INSERT INTO enrolments (organization_id, campaign_id, lead_id, person_id, enrolled_at)
    SELECT organization_id, campaign_id, lead_id, person_id, sent_at
      FROM written
     WHERE (organization_id, action_id)
        IN (SELECT * FROM unnest(:beginning_of::text[], :beginning::text[]))
     ORDER BY organization_id, campaign_id, lead_id
    ON CONFLICT (organization_id, campaign_id, lead_id) DO NOTHING
)
SELECT organization_id, action_id FROM written
""")

_LEARNT = ", ".join(f"learnt.{each.name}" for each in PROFILES.columns if each.name != "person_id")

# An attempt has ended. A late answer still counts while the row is unknown; once the row was
# queued again, or has ended, it is no longer this attempt's to say. What was learnt of the
# person is kept with it.
_FINISH = f"""
WITH finished AS (
    UPDATE actions
       SET state = :state, reason = :reason, effect = :effect, message = :message,
           outcome = :outcome,
           -- By whatever database's clock: an answer has not come before it was asked for.
           finished_at = CASE WHEN :ends THEN greatest({NOW}, sent_at) END,
           sent_at = CASE WHEN :not_sent THEN NULL ELSE sent_at END,
           turn_at = coalesce(:turn_at, turn_at), verify_at = :verify_at, lease_until = NULL,
           provider_id = CASE WHEN provider_id = '' THEN :learnt_provider_id ELSE provider_id END
     WHERE organization_id = :organization_id::text AND action_id = :action_id
       AND attempt = :attempt AND finished_at IS NULL
       AND state IN ('sending', 'unknown') AND {{free}}
 RETURNING person_id
), learnt AS (
    INSERT INTO profiles AS p (organization_id, account_id, {PROFILES.names})
    -- Two people may have become one since the attempt began: the row knows.
    SELECT :organization_id::text, :account_id::text,
           coalesce((SELECT person_id FROM finished), learnt.person_id),
           {_LEARNT}
      FROM (VALUES ({PROFILES.parameters("learnt_")})) AS learnt ({PROFILES.names})
     WHERE learnt.person_id <> ''
    ON CONFLICT (account_id, person_id) DO UPDATE
       SET provider_id = coalesce(nullif(excluded.provider_id, ''), p.provider_id),
           public_identifier = coalesce(nullif(excluded.public_identifier, ''),
                                        p.public_identifier),
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
FINISH = Statement(_FINISH.format(free="true"))

# What other actions to the person have made, under whatever address: by the person, and by whom
# the provider says they are. A withdrawal names what another has made.
OTHERS = f"""
  FROM actions o
 WHERE o.account_id = :account_id AND o.action_id <> :action_id AND o.{MAKES_MESSAGE}
   AND (o.person_id = :person_id OR (o.provider_id = :provider_id AND o.provider_id <> ''))
"""
MADE = "coalesce(o.outcome ->> 'message_id', o.outcome ->> 'invitation_id')"

# An attempt was found by an id, which is of one action only. Under the account's lock.
FINISH_CLAIMING = Statement(
    _FINISH.format(free=f"NOT EXISTS (SELECT {OTHERS} AND :claims = {MADE})")
)


def finish_values(action: Action, result: AttemptResult, ids: SealedIds) -> dict[str, Any]:
    """What `FINISH` is given, beside the clock."""
    not_sent = result.untouched or result.state in {ActionState.QUEUED, ActionState.CANCELLED}
    whose = action.organization_id
    learnt = PROFILES.values(result.profile or Profile(person_id=""), "learnt_")
    open_end = result.state is ActionState.QUEUED or result.verify_at is not None
    return {
        "action_id": action.action_id,
        "attempt": action.attempt,
        "account_id": action.account_id,
        "organization_id": action.organization_id,
        "state": result.state.value,
        "reason": result.reason,
        "effect": result.effect.value if result.effect else None,
        "message": result.message,
        "outcome": ids.document(whose, json_of(result.outcome)),
        "ends": not open_end,
        "not_sent": not_sent,
        "turn_at": result.turn_at,
        "verify_at": result.verify_at,
        **ids.profile_sealed(whose, learnt, "learnt_"),
    }


def claiming_values(action: Action, result: AttemptResult, ids: SealedIds) -> dict[str, Any]:
    """What `FINISH_CLAIMING` is given, beside the clock."""
    return {
        **finish_values(action, result, ids),
        "person_id": action.person_id,
        "provider_id": ids.sealed(action.organization_id, action.target.provider_id),
        "claims": ids.sealed(action.organization_id, result.claims),
    }


DEFER = """
UPDATE actions SET reason = $3, turn_at = $4
 WHERE organization_id = $1 AND action_id = $2 AND state = 'queued'
"""

FAIL_QUEUED = Statement(f"""
UPDATE actions
   SET state = 'failed', reason = :reason, effect = :effect, message = :message, finished_at = :now
 WHERE organization_id = :organization_id AND action_id = :action_id AND state = 'queued'
RETURNING {ACTION_COLUMNS}
""")

# A request that was never made is recorded as cancelled, so that a late one sends nothing.
CANCEL = f"""
INSERT INTO actions AS a (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
       kind, state, reason, effect, created_at, finished_at)
SELECT $2, $1, '', '', '', '', 'lookup', 'cancelled', 'ACTION_CANCELLED', 'step_failed',
       $3::timestamptz, $3::timestamptz
 WHERE NOT EXISTS (
       SELECT 1 FROM archived_actions WHERE organization_id = $1 AND action_id = $2)
ON CONFLICT (organization_id, action_id) DO UPDATE
   SET state = 'cancelled', reason = 'ACTION_CANCELLED', effect = 'step_failed', finished_at = $3
 WHERE a.state = 'queued'
RETURNING {ACTION_COLUMNS}
"""

READ = f"""
SELECT {ACTION_COLUMNS} FROM every_action WHERE organization_id = $1 AND action_id = $2
"""


# Only what is filtered by is said, and the state itself: a plan for every filter that there may
# be fits none, and no index of some states can be used for a state that comes later.
@cache
def listing(
    filters: frozenset[str], state: ActionState | None, *, after: bool, limited: bool
) -> Statement:
    """Actions of an organization, newest first, by the columns in `filters`.

    Of some accounts, where it is limited.
    """
    conditions = [f"{column} = :{column}" for column in sorted(filters)]
    if state is not None:
        conditions.append(f"state = '{state.value}'")
    if limited:
        conditions.append("account_id = ANY (:visible_accounts)")
    if after:
        conditions.append("(created_at, action_id) < (:after_created_at, :after_action_id)")
    return Statement(f"""
SELECT {ACTION_COLUMNS}
  FROM every_action
 WHERE organization_id = :organization_id AND {IS_PUBLIC}
   {"".join(f" AND {condition}" for condition in conditions)}
 ORDER BY created_at DESC, action_id DESC
 LIMIT :limit
""")


# An attempt whose lease is over has lost its answer; and of those whose answer is lost, the
# ones that are due are lent to this asker until `:until`.
CLAIM_LOST = Statement(f"""
UPDATE actions
   SET state = 'unknown', verify_at = :until, lease_until = NULL
 WHERE (organization_id, action_id) IN (
       SELECT organization_id, action_id FROM actions
        WHERE ((state = 'sending' AND lease_until <= {NOW})
            OR (state = 'unknown' AND finished_at IS NULL AND verify_at <= {NOW}))
          AND (:action_id::text IS NULL
               OR (organization_id = :organization_id AND action_id = :action_id))
        ORDER BY coalesce(verify_at, lease_until)
        LIMIT :limit
          FOR UPDATE SKIP LOCKED)
RETURNING {ACTION_COLUMNS}
""")

# It is not there: looked for again later, or queued again if it would have appeared by then.
RECORD_NOT_FOUND = Statement(f"""
UPDATE actions
   SET verifications = CASE WHEN :settled THEN 0 ELSE verifications END,
       state = CASE WHEN :settled THEN 'queued' ELSE state END,
       sent_at = CASE WHEN :settled THEN NULL ELSE sent_at END,
       turn_at = CASE WHEN :settled THEN :now::timestamptz ELSE turn_at END,
       verify_at = CASE WHEN :settled THEN NULL ELSE :verify_at::timestamptz END
 WHERE organization_id = :organization_id AND action_id = :action_id AND attempt = :attempt
   AND state = 'unknown' AND finished_at IS NULL
RETURNING {ACTION_COLUMNS}
""")

RECORD_INCONCLUSIVE = Statement("""
UPDATE actions
   SET verify_at = :verify_at, verifications = verifications + :counted::integer
 WHERE organization_id = :organization_id AND action_id = :action_id AND attempt = :attempt
   AND state = 'unknown' AND finished_at IS NULL
""")

COUNTED_BY_KIND = f"""
SELECT {ACCOUNTS.selected("a")},
       c.kind AS counted_kind, c.noted AS counted_noted, c.ended, c.open_ends
  FROM accounts a
  LEFT JOIN LATERAL (
       SELECT kind, noted,
              array_agg(finished_at ORDER BY finished_at)
                FILTER (WHERE finished_at IS NOT NULL) AS ended,
              count(*) FILTER (WHERE finished_at IS NULL) AS open_ends
         FROM actions
        WHERE account_id = ANY(a.account_id || coalesce({others_of_member("a")}, '{{}}'))
          AND sent_at IS NOT NULL AND (finished_at IS NULL OR finished_at > $2)
        GROUP BY kind, noted
       ) c ON true
 WHERE a.account_id = $1
"""

QUEUED = "SELECT kind, count(*) AS actions FROM actions WHERE state = 'queued' GROUP BY kind"

# Of a scope; a hold on everything names nothing.
ON_THE_WIRE = Statement(f"""
SELECT {WIRE_COLUMNS}
  FROM actions a
 WHERE state = 'sending' AND lease_until > {NOW} AND {IS_WRITE}
   AND (:scope::text, :subject_id::text) IN ({holds_on("a")})
""")

NOTE_EARLIER = """
UPDATE actions SET earlier_ids = $4
 WHERE organization_id = $1 AND action_id = $2 AND attempt = $3 AND state = 'sending'
"""

USED_POSTS = """
SELECT organization_id, post_id
  FROM every_action
 WHERE organization_id = (SELECT organization_id FROM accounts WHERE account_id = $1)
   AND account_id = $1 AND person_id = $2 AND kind = $3 AND post_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
"""
