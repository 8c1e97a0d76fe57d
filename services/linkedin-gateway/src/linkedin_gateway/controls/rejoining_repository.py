"""SQL on the end of a hold: who waits for it, and the place that a campaign takes again.

A campaign that was held comes back at the end of those it left, not before everybody who went on
meanwhile. So each of its actions that waits moves, by as much, and each that moves is written to
every index that it is in. Where many wait that lasts: it is done in pieces, the last ones first, so
that nobody of the campaign is overtaken; until it is done the hold is in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import milliseconds

from linkedin_gateway.models import HoldScope
from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.hold_scopes import holds_on
from linkedin_gateway.storage.locks import LONGEST_IDLE, LONGEST_LOCK_WAIT, lock_accounts

# By what there is at the moment, for a connection may have planned a statement while tables were
# empty, and by indexes: each statement reads as much as moves, whatever else waits or is over.
# Who puts the hold anew waits for it, so a piece has the limits of a decision.
PLANNED = (
    "SET LOCAL plan_cache_mode = force_custom_plan;"
    " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"
    f" SET LOCAL lock_timeout = {milliseconds(LONGEST_LOCK_WAIT)};"
    f" SET LOCAL idle_in_transaction_session_timeout = {milliseconds(LONGEST_IDLE)}"
)
AT_ONCE = 100
"""So many move in one transaction, during which whoever asks for one of them waits."""

# Those who wait for the end of a hold of an organization ($2; everybody's if it is empty), of each
# account the best-ranked ($4). $3 its scope $1 its subject. Each queue is read from its head.
HELD = f"""
SELECT held.organization_id, held.account_id, campaign_id, lead_id
  FROM (SELECT account_id FROM accounts WHERE $2 = '' OR organization_id = $2) a
 CROSS JOIN LATERAL (
       SELECT *
         FROM (SELECT * FROM actions
                WHERE account_id = a.account_id AND state = 'queued'
                ORDER BY priority, virtual_finish, action_id OFFSET 0) queue
        WHERE reason = 'HELD' AND ($3::text, $1::text) IN ({holds_on("queue")})
        ORDER BY priority, virtual_finish, action_id LIMIT $4
       ) held
 ORDER BY held.organization_id, held.account_id, priority, virtual_finish, action_id
"""
# Where a campaign ($1) has anything, one after the other: accounts, and priorities on them. Of each
# what waits begins at the head of the queue or behind it; what is before that is over.
_FLOWS = """
WITH RECURSIVE flow AS (
    (SELECT account_id, priority FROM actions
      WHERE campaign_id = $1 AND state <> 'cancelled'
      ORDER BY account_id, priority LIMIT 1)
     UNION ALL
    SELECT next.account_id, next.priority
      FROM flow
     CROSS JOIN LATERAL (
           SELECT account_id, priority FROM actions
            WHERE campaign_id = $1 AND state <> 'cancelled'
              AND (account_id, priority) > (flow.account_id, flow.priority)
            ORDER BY account_id, priority LIMIT 1
           ) next
), headed AS (
    SELECT flow.account_id, flow.priority, head.virtual_finish AS head
      FROM flow
     CROSS JOIN LATERAL (
           SELECT virtual_finish FROM actions
            WHERE account_id = flow.account_id AND priority = flow.priority AND state = 'queued'
            ORDER BY priority, virtual_finish, action_id LIMIT 1
           ) head
)"""
# What a campaign has of one of them, as only its own index can find it.
_OWN = """(SELECT * FROM actions
                 WHERE campaign_id = $1 AND account_id = {flow}.account_id
                   AND priority = {flow}.priority AND {of} AND state <> 'cancelled'
                 ORDER BY virtual_finish {order} OFFSET 0) own
         WHERE state = 'queued' AND ($2 = '' OR organization_id = $2)"""
_FIRST_ONES = _OWN.format(flow="headed", of="virtual_finish >= headed.head", order="")
_LAST_ONES = _OWN.format(flow="headed", of="virtual_finish >= headed.head", order="DESC")
HELD_BY_CAMPAIGN = f"""
{_FLOWS}
SELECT organization_id, account_id, campaign_id, lead_id
  FROM (SELECT held.*,
               row_number() OVER (
                   PARTITION BY held.account_id
                   ORDER BY held.priority, held.virtual_finish, held.action_id
               ) AS place
          FROM headed
         CROSS JOIN LATERAL (
               SELECT *
                 FROM {_FIRST_ONES} AND reason = 'HELD'
                ORDER BY virtual_finish LIMIT $3
               ) held
       ) held
 WHERE place <= $3
 ORDER BY organization_id, account_id, place
"""
TAKE = """
SELECT rejoins FROM holds
 WHERE organization_id = $2 AND scope = 'campaign' AND subject_id = $1 AND lifted_at IS NOT NULL
   FOR UPDATE SKIP LOCKED
"""
BEGUN = """
UPDATE holds SET rejoins = true
 WHERE organization_id = $2 AND scope = 'campaign' AND subject_id = $1
"""
ACCOUNTS = f"{_FLOWS} SELECT DISTINCT account_id FROM flow"
# Only what service has passed meanwhile moves.
BEGIN = f"""
{_FLOWS}
INSERT INTO rejoining
       (organization_id, campaign_id, account_id, priority, by, since, virtual_finish)
SELECT $2, $1, headed.account_id, headed.priority, served.virtual_finish - first.virtual_finish,
       first.virtual_finish, last.virtual_finish
  FROM headed
 CROSS JOIN LATERAL (
       SELECT virtual_finish
         FROM {_FIRST_ONES}
        ORDER BY virtual_finish LIMIT 1
       ) first
 CROSS JOIN LATERAL (
       SELECT virtual_finish
         FROM {_LAST_ONES}
        ORDER BY virtual_finish DESC LIMIT 1
       ) last
 CROSS JOIN LATERAL (
       SELECT virtual_finish FROM actions
        WHERE account_id = headed.account_id AND priority = headed.priority
          AND sent_at IS NOT NULL
        ORDER BY virtual_finish DESC LIMIT 1
       ) served
 WHERE first.virtual_finish < served.virtual_finish
"""
# The next ones ($3 how many, $4 of each account and priority). Rows are locked in the order in
# which batches write theirs. They are found by arrays: what is joined is joined each with each,
# where the planner does not know yet how many wait.
_LEFT = "virtual_finish BETWEEN flow.since AND flow.virtual_finish"
# The first two are what an index can be asked; of a hold of nobody's they may cross organizations.
# Texts are compared many times as fast as rows; no id has a control character in it.
_KEY = r"{0}organization_id || E'\x1f' || {0}action_id"
_AMONG = f"""a.organization_id = ANY(ARRAY(SELECT organization_id FROM {{0}}))
       AND a.action_id = ANY(ARRAY(SELECT action_id FROM {{0}}))
       AND {_KEY.format("a.")} = ANY(ARRAY(SELECT {_KEY.format("")} FROM {{0}}))"""
MOVE = f"""
WITH next AS MATERIALIZED (
    SELECT flow.account_id, flow.priority, last.organization_id, last.action_id,
           last.virtual_finish
      FROM rejoining flow
     CROSS JOIN LATERAL (
           SELECT organization_id, action_id, virtual_finish
             FROM {_OWN.format(flow="flow", of=_LEFT, order="DESC")}
              AND (flow.action_id IS NULL
                   OR (virtual_finish, own.action_id) < (flow.virtual_finish, flow.action_id))
            ORDER BY virtual_finish DESC, action_id DESC LIMIT $4
           ) last
     WHERE flow.organization_id = $2 AND flow.campaign_id = $1
     LIMIT $3
), locked AS MATERIALIZED (
    SELECT organization_id, action_id, state FROM actions a
     WHERE {_AMONG.format("next")}
     ORDER BY organization_id, action_id
       FOR UPDATE
), moved AS (
    UPDATE actions a
       SET virtual_finish = a.virtual_finish + (
           SELECT by FROM rejoining
            WHERE organization_id = $2 AND campaign_id = $1
              AND account_id = a.account_id AND priority = a.priority)
     WHERE {_AMONG.format("locked WHERE state = 'queued'")}
), reached AS (
    UPDATE rejoining flow
       SET virtual_finish = first.virtual_finish, action_id = first.action_id
      FROM (SELECT DISTINCT ON (account_id, priority) * FROM next
             ORDER BY account_id, priority, virtual_finish, action_id) first
     WHERE flow.organization_id = $2 AND flow.campaign_id = $1
       AND flow.account_id = first.account_id AND flow.priority = first.priority
)
SELECT count(*) FROM next
"""
MOVED = "DELETE FROM rejoining WHERE organization_id = $2 AND campaign_id = $1"
END = """
DELETE FROM holds WHERE organization_id = $2 AND scope = 'campaign' AND subject_id = $1
"""


async def go_on(connection: Connection, campaign_id: str, *, owner: str, now: datetime) -> bool:
    """Move the next ones of a campaign whose hold was lifted; true once the hold is over.

    Or is somebody else's to end. In the caller's transaction.
    """
    begun = await connection.fetchval(TAKE, campaign_id, owner)
    if begun is None:
        return True
    if not begun:
        # Whoever is being decided about has read the last place before it moves, and would keep
        # one behind it. Before any row: decisions take theirs under these locks.
        accounts = await connection.fetch(ACCOUNTS, campaign_id)
        await lock_accounts(connection, [row["account_id"] for row in accounts])
    while await connection.fetchval(MOVE, campaign_id, owner, AT_ONCE, AT_ONCE) < AT_ONCE:
        await connection.execute(MOVED, campaign_id, owner)
        if begun:
            await connection.execute(END, campaign_id, owner)
            held = await connection.fetch(HELD_BY_CAMPAIGN, campaign_id, owner, WOKEN_AT_ONCE)
            await _wake(connection, HoldScope.CAMPAIGN, held, now=now)
            return True
        # What was moved, if anything, was left by an end that was called off.
        await connection.execute(BEGUN, campaign_id, owner)
        await connection.execute(BEGIN, campaign_id, owner)
        # The last one of each account at once: who asks for the first time comes behind it.
        await connection.fetchval(MOVE, campaign_id, owner, None, 1)
        begun = True
    return False


async def wake_held(
    connection: Connection, scope: HoldScope, subject_id: str, *, owner: str, now: datetime
) -> None:
    """Publish whose actions need to wait for a hold no longer, in the caller's transaction."""
    held = await connection.fetch(HELD, subject_id, owner, scope.value, WOKEN_AT_ONCE)
    await _wake(connection, scope, held, now=now)


async def _wake(
    connection: Connection, scope: HoldScope, held: Sequence[Row], *, now: datetime
) -> None:
    freed: dict[tuple[str, str], dict[Lead, None]] = {}
    for row in held:
        lead = Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"])
        # Once each, the best-ranked first.
        freed.setdefault((row["organization_id"], row["account_id"]), {})[lead] = None
    for (organization_id, account_id), leads in freed.items():
        about = About(organization_id=organization_id, account_id=account_id, at=now)
        cause = f"{scope.value} hold lifted"
        event = linkedin_events.actions_freed(about, cause=cause, leads=list(leads))
        await outbox_repository.append(connection, event, now=now)
