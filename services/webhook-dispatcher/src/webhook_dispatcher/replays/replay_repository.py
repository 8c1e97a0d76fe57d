"""SQL on replays."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.errors import RequestIdReused

from webhook_dispatcher.database_clock import NEWEST
from webhook_dispatcher.errors import ReplayNotFound
from webhook_dispatcher.replays.models import Replay, ReplayState

if TYPE_CHECKING:
    # Generic to the type checker only.
    Connection = PoolConnectionProxy[asyncpg.Record]
else:
    Connection = PoolConnectionProxy


def _listed(name: str) -> Any:
    return lambda replay: list(getattr(replay, name))


REPLAYS: Table[Replay] = Table(
    Replay,
    column("replay_id", write=attrgetter("id"), fields=("id",)),
    column("organization_id"),
    column("request_id"),
    column("endpoint_id"),
    column("start_at", "timestamptz"),
    column("end_at", "timestamptz"),
    column("event_types", "text[]", write=_listed("event_types"), read=tuple),
    column("campaign_ids", "text[]", write=_listed("campaign_ids"), read=tuple),
    column("failed_only", "boolean"),
    column("max_per_minute", "integer"),
    column("state", read=ReplayState),
    column("after_time", "timestamptz"),
    column("after_subject"),
    column("after_number", "bigint"),
    column("after_event_id"),
    column("after_id"),
    column("examined_events", "bigint"),
    column("deliveries", "bigint"),
    column("created_at", "timestamptz"),
    column("created_by"),
    column("finished_at", "timestamptz"),
)
CREATE = Statement(f"""
    INSERT INTO replays ({REPLAYS})
    VALUES ({REPLAYS.parameters()})
        ON CONFLICT (organization_id, request_id) DO NOTHING
 RETURNING {REPLAYS}
""")
BY_REQUEST = f"SELECT {REPLAYS} FROM replays WHERE organization_id = $1 AND request_id = $2"
GET = f"SELECT {REPLAYS} FROM replays WHERE organization_id = $1 AND replay_id = $2"
CANCEL = f"""
    UPDATE replays
       SET state = 'cancelled', finished_at = $3
     WHERE organization_id = $1 AND replay_id = $2 AND state = 'running'
 RETURNING {REPLAYS}
"""
# Whoever locks it makes its next step; the others look for another one.
DUE = f"""
    SELECT {REPLAYS}
      FROM replays
     WHERE state = 'running' AND next_step_at <= now()
     ORDER BY next_step_at
     LIMIT 1
       FOR UPDATE SKIP LOCKED
"""
STEPPED = Statement("""
    UPDATE replays
       SET after_time = :after_time, after_subject = :after_subject,
           after_number = :after_number, after_event_id = :after_event_id, after_id = :after_id,
           state = :state, examined_events = :examined_events, deliveries = :deliveries,
           finished_at = :finished_at, next_step_at = now() + :pause::interval
     WHERE replay_id = :replay_id
""")


@dataclass(frozen=True)
class DueReplay:
    """A replay whose next step is due, locked for whoever makes it."""

    replay: Replay
    connection: Connection


class ReplayRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, replay: Replay) -> Replay:
        """Keep a replay, or find the one that its request made before.

        Raises `RequestIdReused` if that one was asked for something else, and `ReplayNotFound` if
        it is gone by now.
        """
        row = await self._pool.fetchrow(CREATE.sql, *CREATE.given(**REPLAYS.values(replay)))
        if row is not None:
            return REPLAYS.read(row)
        row = await self._pool.fetchrow(BY_REQUEST, replay.organization_id, replay.request_id)
        if row is None:
            raise ReplayNotFound
        kept = REPLAYS.read(row)
        if _asked(kept) != _asked(replay):
            raise RequestIdReused
        return kept

    async def get(self, organization_id: str, replay_id: str) -> Replay:
        """Raises `ReplayNotFound`."""
        row = await self._pool.fetchrow(GET, organization_id, replay_id)
        if row is None:
            raise ReplayNotFound
        return REPLAYS.read(row)

    async def newest(self, organization_id: str) -> datetime | None:
        """The latest time at which an event of an organization was published; None if none was."""
        newest: datetime | None = await self._pool.fetchval(NEWEST, organization_id)
        return newest

    async def cancel(self, organization_id: str, replay_id: str, *, now: datetime) -> Replay:
        """End a replay that runs; one that has ended stays as it is. Raises `ReplayNotFound`."""
        row = await self._pool.fetchrow(CANCEL, organization_id, replay_id, now)
        return REPLAYS.read(row) if row else await self.get(organization_id, replay_id)

    @asynccontextmanager
    async def due(self) -> AsyncIterator[DueReplay | None]:
        """A replay whose next step is due, in a transaction; None if there is none."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(DUE)
            yield None if row is None else DueReplay(REPLAYS.read(row), connection)

    async def stepped(self, connection: Connection, replay: Replay, *, pause: timedelta) -> None:
        """Keep how far it has come, and when it goes on (real time)."""
        values = STEPPED.given(
            replay_id=replay.id,
            after_time=replay.after_time,
            after_subject=replay.after_subject,
            after_number=replay.after_number,
            after_event_id=replay.after_event_id,
            after_id=replay.after_id,
            state=replay.state,
            examined_events=replay.examined_events,
            deliveries=replay.deliveries,
            finished_at=replay.finished_at,
            pause=pause,
        )
        await connection.execute(STEPPED.sql, *values)


def _asked(replay: Replay) -> Sequence[Any]:
    """What its customer asked for; without an end it ends where it was made, or behind that."""
    ends = replay.end_at if replay.end_at < replay.created_at else None
    return (
        replay.endpoint_id,
        replay.start_at,
        ends,
        replay.event_types,
        replay.campaign_ids,
        replay.failed_only,
        replay.max_per_minute,
    )
