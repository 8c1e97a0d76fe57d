"""Tests of an endpoint among all that it is sent a minute; by the database's clock."""

from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool

from webhook_dispatcher.channels.carrier import Recipient
from webhook_dispatcher.errors import EndpointNotFound
from webhook_dispatcher.limits.turns import Pace, drawn

# Locks what all that send have in common, for deliveries as well.
PACE = """
    INSERT INTO endpoint_paces AS pace (organization_id, endpoint_id, next_at, free_at)
    SELECT organization_id, endpoint_id, clock_timestamp(), clock_timestamp()
      FROM endpoints WHERE organization_id = $1 AND endpoint_id = $2
        ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET next_at = pace.next_at
 RETURNING next_at, free_at, clock_timestamp() AS now
"""
KEEP = """
    UPDATE endpoint_paces SET next_at = $3, free_at = $4
     WHERE organization_id = $1 AND endpoint_id = $2
"""
_MINUTE = timedelta(minutes=1)


class TrialTurns:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def until_turn(self, to: Recipient) -> timedelta:
        """How long it is, in real time, until a test may be sent; zero takes the turn.

        Nobody waits for a test: a turn that is later is given to whoever comes then. Raises
        `EndpointNotFound`.
        """
        most = to.channel.most_per_minute(to.max_per_minute)
        if not most:
            return timedelta(0)
        of = to.signing.organization_id, to.signing.endpoint_id
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(PACE, *of)
            if row is None:
                raise EndpointNotFound
            now: datetime = row["now"]
            came = drawn(
                Pace(next_at=row["next_at"], free_at=row["free_at"]),
                turn_at=None,
                apart=_MINUTE / most,
                now=now,
            )
            if came.turn_at is not None:
                return came.turn_at - now
            await connection.execute(KEEP, *of, came.pace.next_at, came.pace.free_at)
        return timedelta(0)
