"""SQL on the events that a replay comes by: which it wants, and which come along with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.statement import Statement

from webhook_dispatcher.models import SEQUENCE_WEBHOOK, PayloadForm
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.replay_repository import Connection
from webhook_dispatcher.sealed_payloads import HAS_BODY

_ENDPOINT = """
    WITH endpoint AS (
        SELECT event_types, campaign_ids, account_ids, payload_form FROM endpoints
         WHERE organization_id = :organization_id AND endpoint_id = :endpoint_id
    )
"""
_FROM = """
      FROM endpoint CROSS JOIN events
      LEFT JOIN deliveries ON deliveries.organization_id = events.organization_id
                          AND deliveries.event_id = events.event_id
                          AND deliveries.endpoint_id = :endpoint_id
     WHERE events.organization_id = :organization_id
"""
# What was never sent to the endpoint is what it would hear today.
_WANTED = f"""
           (:event_types::text[] = '{{}}' OR type = ANY (:event_types)
            OR split_part(type, '.', 1) || '.*' = ANY (:event_types))
           AND (:campaign_ids::text[] = '{{}}' OR events.campaign_id = ANY (:campaign_ids))
           AND {HAS_BODY} AND replayed_by IS DISTINCT FROM :replay_id
           AND CASE
                 WHEN delivery_id IS NOT NULL
                 THEN NOT :failed_only::boolean OR state IN ('lapsed', 'dropped')
                 ELSE NOT :failed_only AND type <> '{SEQUENCE_WEBHOOK}'
                  AND (endpoint.event_types = '{{}}' OR type = ANY (endpoint.event_types)
                       OR split_part(type, '.', 1) || '.*' = ANY (endpoint.event_types))
                  AND (endpoint.campaign_ids = '{{}}'
                       OR events.campaign_id = ANY (endpoint.campaign_ids))
                  AND (endpoint.account_ids = '{{}}' OR account_id = ANY (endpoint.account_ids))
                  AND (payload_form <> '{PayloadForm.LEAD_RECORD}' OR events.lead_id <> '')
               END
"""
# Where the database's clock was set back, what came later in a subject has an earlier time. Whoever
# comes by it first takes those before it along; where they stand they are passed over, for this
# replay has sent them. What was published behind where the replay stands it does not come by any
# more: that has taken nothing along. Each `OFFSET 0` has a subject's events found by their numbers:
# there are few, and many of a time.
_OF_SUBJECT = """
    (SELECT event_id, subject, number, published_at FROM events AS one
      WHERE one.organization_id = events.organization_id AND one.subject = events.subject
        AND one.number > 0 AND {which} OFFSET 0)
"""
_AFTER = "(:after_time::timestamptz, :after_subject, :after_number::bigint, :after_event_id)"
_TO_COME = f"""
    {{of}}.published_at >= :start_at::timestamptz
    AND ({{of}}.published_at, {{of}}.subject, {{of}}.number, {{of}}.event_id) > {_AFTER}
"""
_PUBLISHED_AFTER_A_LATER_ONE = f"""
           EXISTS (SELECT FROM {_OF_SUBJECT.format(which="one.number > events.number")} AS later
                    WHERE events.number > 0 AND later.published_at < events.published_at
                      AND {_TO_COME.format(of="later")})
"""
_COMES_WITH_IT = f"""
           ARRAY(SELECT earlier.event_id
                   FROM {_OF_SUBJECT.format(which="one.number < events.number")} AS earlier
                  WHERE earlier.published_at > events.published_at
                    AND earlier.published_at < :end_at::timestamptz
                    AND NOT EXISTS (
                        SELECT
                          FROM {_OF_SUBJECT.format(which="one.number > earlier.number")} AS first
                         WHERE (first.published_at, first.number)
                             < (events.published_at, events.number)
                           AND {_TO_COME.format(of="first")}))
"""  # noqa: S608 - names of ours
# The next events of a replay, whether it wants them or not. What was published in one call has one
# time: a lead goes by its numbers.
LOOK = Statement(f"""
    {_ENDPOINT}
    SELECT events.event_id, published_at, events.subject, events.number,
           {_WANTED} AND NOT {_PUBLISHED_AFTER_A_LATER_ONE} AS wanted,
           {_COMES_WITH_IT} AS with_it
    {_FROM}
       AND (published_at, events.subject, events.number, events.event_id) > {_AFTER}
       AND published_at >= :start_at::timestamptz AND published_at < :end_at::timestamptz
     ORDER BY published_at, events.subject, events.number, events.event_id
     LIMIT :limit
""")
WANTED = Statement(f"""
    {_ENDPOINT}
    SELECT events.event_id {_FROM} AND events.event_id = ANY (:event_ids) AND {_WANTED}
""")


@dataclass(frozen=True)
class LookedAt:
    """An event that a replay came by."""

    event_id: str
    published_at: datetime
    wanted: bool
    subject: str = ""
    number: int = 0
    with_it: Sequence[str] = ()
    """Of its subject, those before it that were published after it."""


async def look(connection: Connection, replay: Replay, *, limit: int) -> Sequence[LookedAt]:
    """The next events after those that a replay has looked at, in its order."""
    known = not replay.after_id
    values = LOOK.given(
        **_asked(replay),
        after_time=replay.after_time,
        after_subject=replay.after_subject if known else "",
        after_number=replay.after_number if known else 0,
        after_event_id=replay.after_event_id if known else "",
        start_at=replay.start_at,
        end_at=replay.end_at,
        limit=limit,
    )
    rows = await connection.fetch(LOOK.sql, *values)
    return [LookedAt(**dict(row)) for row in rows]


async def wanted_of(
    connection: Connection, replay: Replay, event_ids: Sequence[str]
) -> Sequence[str]:
    """Those of these events that a replay wants, wherever they stand."""
    if not event_ids:
        return []
    values = WANTED.given(**_asked(replay), event_ids=list(event_ids))
    return [row["event_id"] for row in await connection.fetch(WANTED.sql, *values)]


def _asked(replay: Replay) -> dict[str, Any]:
    return {
        "replay_id": replay.id,
        "organization_id": replay.organization_id,
        "endpoint_id": replay.endpoint_id,
        "event_types": list(replay.event_types),
        "campaign_ids": list(replay.campaign_ids),
        "failed_only": replay.failed_only,
    }
