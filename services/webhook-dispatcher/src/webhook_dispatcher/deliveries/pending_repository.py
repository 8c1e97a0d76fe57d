"""SQL on deliveries that are still to be made: whose turn it is, and which nobody is making."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from servicekit.postgres.columns import Row, numbered
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.deliveries.health_repository import PROBE_IS_DUE
from webhook_dispatcher.limits.batches import Batches
from webhook_dispatcher.models import Dispatch

_GAP_WAITED_FOR = timedelta(minutes=1)
"""How long an event waits for the one before it, if nobody has published that."""
_AT_ONCE = 50
_SET_BACK = timedelta(minutes=10)
"""What was published that much later than it is now was so before the database's clock was set
back: it is older than it says, and waits for none."""

# An endpoint gets what concerns one subject in order. Of the events before this one those that it
# hears must have ended there; and if one was never published, that is waited for, not for ever.
# An event of before there were numbers waits for none.
BLOCKED = """
    (deliveries.number > 0 AND (
        EXISTS (SELECT FROM deliveries AS before
                 WHERE before.endpoint_id = deliveries.endpoint_id
                   AND before.subject = deliveries.subject
                   AND before.state = 'pending' AND before.number > 0
                   AND before.number < deliveries.number)
     OR (deliveries.number > 1
         AND deliveries.created_at > :gap_since AND deliveries.created_at < :gap_until
         AND NOT EXISTS (SELECT FROM events AS before
                          WHERE before.organization_id = deliveries.organization_id
                            AND before.subject = deliveries.subject
                            AND before.number = deliveries.number - 1))))
"""
_DISPATCH = (
    "delivery_id, event_id, deliveries.endpoint_id, deliveries.created_at, deliveries.number,"
    " deliveries.organization_id"
)
READY = Statement(f"""
    SELECT delivery_id FROM deliveries
     WHERE delivery_id = ANY (:delivery_ids) AND NOT {BLOCKED}
""")
# Of each that ended, the one that it was before, unless that has a workflow that looks after it.
NEXT = f"""
    SELECT ordinal, following.*
      FROM unnest($1::text[], $2::text[], $3::bigint[])
           WITH ORDINALITY AS ended (endpoint_id, subject, number, ordinal)
     CROSS JOIN LATERAL (
               SELECT {_DISPATCH}
                 FROM deliveries
                WHERE deliveries.endpoint_id = ended.endpoint_id
                  AND deliveries.subject = ended.subject
                  AND deliveries.state = 'pending' AND deliveries.number > ended.number
                  AND deliveries.workflow_started_at IS NULL
                ORDER BY deliveries.number LIMIT 1) AS following
"""
# One that somebody has locked is passed over wherever there may be many: whoever looks next has it.
# What was parked since a while before they were started has none any more, or one that is ending:
# it was tried before this is noted. The look for orphans finds it; starting it twice is harmless.
WORKFLOWS_STARTED = """
    UPDATE deliveries SET workflow_started_at = $2
     WHERE delivery_id IN (
        SELECT delivery_id FROM deliveries
         WHERE delivery_id = ANY ($1) AND (parked_at IS NULL OR parked_at < $3)
           FOR UPDATE SKIP LOCKED)
"""
# Its workflow ends without it: it goes on when its turn comes, or its endpoint is back. Also where
# nobody has noted yet that there is a workflow: whoever is about to sees this.
PARK = """
    UPDATE deliveries SET workflow_started_at = NULL, parked_at = $2
     WHERE delivery_id = $1 AND state = 'pending'
"""
# They have no workflow, and no process is trying them: they were tried since they were sent, or
# sent again, wait for a turn that comes before the next look, or are too old. So is what is later
# than it can be: the database's clock was set back since.
ORPHANED = Statement(f"""
    SELECT {_DISPATCH}
      FROM deliveries JOIN endpoints USING (organization_id, endpoint_id)
     WHERE state = 'pending' AND workflow_started_at IS NULL
       AND (attempts > earlier_attempts OR turn_at IS NOT NULL
            OR greatest(deliveries.created_at, sent_again_at) < :before
            OR greatest(deliveries.created_at, sent_again_at) > :ahead)
       AND (turn_at IS NULL OR turn_at < clock_timestamp() + :look_every::interval)
       AND delivery_id > :after
       AND (parked_at IS NULL OR parked_at < :parked_before OR parked_at > :ahead)
       AND deleted_at IS NULL AND disabled_at IS NULL
       AND NOT EXISTS (SELECT FROM endpoint_health AS health
                        WHERE health.organization_id = deliveries.organization_id
                          AND health.endpoint_id = deliveries.endpoint_id
                          AND probe_at IS NOT NULL)
       AND NOT {BLOCKED}
     ORDER BY delivery_id
     LIMIT :limit
""")
# Of each endpoint whose circuit is open and that is due one, the oldest.
PROBES = Statement(f"""
    SELECT {_DISPATCH.replace("deliveries.", "oldest.")}
      FROM endpoint_health AS health
      JOIN endpoints USING (organization_id, endpoint_id)
     CROSS JOIN LATERAL (
               SELECT * FROM deliveries
                WHERE deliveries.endpoint_id = health.endpoint_id AND state = 'pending'
                  AND workflow_started_at IS NULL
                  AND (parked_at IS NULL OR parked_at < :parked_before OR parked_at > :ahead)
                  AND NOT {BLOCKED}
                ORDER BY created_at LIMIT 1) AS oldest
     WHERE {PROBE_IS_DUE} AND deleted_at IS NULL AND disabled_at IS NULL
     LIMIT :limit
""")
# Nobody has enabled their endpoint again, nor does while they lapse.
LAPSE_KEPT = """
    UPDATE deliveries SET state = 'lapsed', ended_at = $2
     WHERE delivery_id IN (
        SELECT delivery_id
          FROM deliveries JOIN endpoints USING (organization_id, endpoint_id)
         WHERE disabled_at < $1 AND state = 'pending'
         LIMIT $3
           FOR SHARE OF endpoints SKIP LOCKED
           FOR UPDATE OF deliveries SKIP LOCKED)
 RETURNING delivery_id
"""
# There were more than one statement drops when their endpoint was deleted, or they were published
# at that moment by a process that died: who tries one sees that, and drops it.
DROP_LEFT = """
    UPDATE deliveries SET state = 'dropped', ended_at = $2
     WHERE delivery_id IN (
        SELECT delivery_id
          FROM deliveries JOIN endpoints USING (organization_id, endpoint_id)
         WHERE deleted_at < $1 AND state = 'pending'
         LIMIT $3
           FOR UPDATE OF deliveries SKIP LOCKED)
 RETURNING delivery_id
"""
# Their workflow was seen long ago. Most of them wait; one that was ended at Temporal does not.
UNSEEN = f"""
    SELECT {_DISPATCH}
      FROM deliveries
     WHERE state = 'pending' AND workflow_started_at < $1
     ORDER BY workflow_started_at
     LIMIT $2
"""


def gap_values(now: datetime) -> dict[str, datetime]:
    """What `BLOCKED` is given."""
    return {"gap_since": now - _GAP_WAITED_FOR, "gap_until": now + _SET_BACK}


def _as_far_ahead(now: datetime, before: datetime) -> datetime:
    """As long after now as that is before it: nobody has given it that time since."""
    return now + (now - before)


class PendingDeliveryRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._following = Batches(self._read_following, most=_AT_ONCE)

    async def ready(self, delivery_ids: Sequence[str], *, now: datetime) -> set[str]:
        """Those whose turn it is at their endpoint."""
        given = READY.given(delivery_ids=list(delivery_ids), **gap_values(now))
        return {row["delivery_id"] for row in await self._pool.fetch(READY.sql, *given)}

    async def next(self, endpoint_id: str, subject: str, *, after: int) -> Dispatch | None:
        """The next one of a subject to an endpoint that nobody is making; None if there is none."""
        return await self._following.ask((endpoint_id, subject, after))

    async def _read_following(
        self, ended: Sequence[tuple[str, str, int]]
    ) -> Sequence[Dispatch | None]:
        rows = await self._pool.fetch(NEXT, *map(list, zip(*ended, strict=True)))
        found = {at: _dispatch(row) for at, row in numbered(rows)}
        return [found.get(at) for at in range(len(ended))]

    async def park(self, delivery_id: str, *, now: datetime) -> None:
        """It has no workflow any more, and is tried again when its turn comes."""
        await self._pool.execute(PARK, delivery_id, now)

    async def workflows_started(
        self, delivery_ids: Sequence[str], *, now: datetime, parked_before: datetime
    ) -> None:
        """Keep that each of them has a workflow, as of now, unless it was parked since."""
        await self._pool.execute(WORKFLOWS_STARTED, list(delivery_ids), now, parked_before)

    async def orphaned(
        self,
        *,
        before: datetime,
        parked_before: datetime,
        now: datetime,
        look_every: timedelta,
        after: str,
        limit: int,
    ) -> Sequence[Dispatch]:
        """Pending deliveries without a workflow whose turn it is, by id.

        Or has come, where they are sent so many a minute, before `look_every` (real time) is over.

        Those that were tried, and those sent, or sent again, `before`: no process is trying either
        any more. Of what was parked since `parked_before` the workflow may not have ended yet.
        """
        given = ORPHANED.given(
            before=before,
            parked_before=parked_before,
            look_every=look_every,
            after=after,
            limit=limit,
            ahead=_as_far_ahead(now, before),
            **gap_values(now),
        )
        return [_dispatch(row) for row in await self._pool.fetch(ORPHANED.sql, *given)]

    async def probes(
        self, *, now: datetime, parked_before: datetime, limit: int
    ) -> Sequence[Dispatch]:
        """One pending delivery of each endpoint whose circuit is open and that is due one."""
        given = PROBES.given(
            now=now,
            parked_before=parked_before,
            ahead=_as_far_ahead(now, parked_before),
            limit=limit,
            **gap_values(now),
        )
        return [_dispatch(row) for row in await self._pool.fetch(PROBES.sql, *given)]

    async def lapse_kept(self, *, before: datetime, now: datetime, limit: int) -> int:
        """Give up some of what waits for endpoints that were disabled `before`; how many."""
        return len(await self._pool.fetch(LAPSE_KEPT, before, now, limit))

    async def drop_left(self, *, before: datetime, now: datetime, limit: int) -> int:
        """End some of what is left of endpoints that were deleted `before`; how many."""
        return len(await self._pool.fetch(DROP_LEFT, before, now, limit))

    async def unseen(self, *, before: datetime, limit: int) -> Sequence[Dispatch]:
        """Pending deliveries whose workflow was started or seen last `before`, those first."""
        return [_dispatch(row) for row in await self._pool.fetch(UNSEEN, before, limit)]


def _dispatch(row: Row) -> Dispatch:
    return Dispatch(
        row["delivery_id"],
        row["event_id"],
        row["endpoint_id"],
        row["created_at"],
        numbered=row["number"] > 0,
        organization_id=row["organization_id"],
    )
