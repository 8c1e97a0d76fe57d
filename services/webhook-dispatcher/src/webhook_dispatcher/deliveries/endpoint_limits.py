"""What whoever owns an endpoint has asked for: so many requests a minute, and so many at once."""

from collections import Counter
from datetime import timedelta

from servicekit.postgres.pool import Pool

from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails
from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.limits.turns import Pace, drawn

# Locks what all that send have in common; by the database's clock, in real time.
PACE = """
    INSERT INTO endpoint_paces AS pace (organization_id, endpoint_id, next_at, free_at)
    SELECT organization_id, endpoint_id, clock_timestamp(), clock_timestamp()
      FROM deliveries WHERE delivery_id = $1
        ON CONFLICT (organization_id, endpoint_id) DO UPDATE SET next_at = pace.next_at
 RETURNING next_at, free_at, clock_timestamp() AS now,
           (SELECT turn_at FROM deliveries WHERE delivery_id = $1) AS turn_at
"""
KEEP = """
    WITH delivery AS (
        UPDATE deliveries SET turn_at = $4 WHERE delivery_id = $1
     RETURNING organization_id, endpoint_id
    )
    UPDATE endpoint_paces AS pace SET next_at = $2, free_at = $3
      FROM delivery
     WHERE pace.organization_id = delivery.organization_id
       AND pace.endpoint_id = delivery.endpoint_id
"""
_MINUTE = timedelta(minutes=1)


class EndpointLimits:
    """Turns are given by all processes together; what is under way is counted by each."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._under_way: Counter[str] = Counter()

    async def until_turn(self, delivery_id: str, details: DeliveryDetails) -> timedelta:
        """How long it is, in real time, until the delivery may be posted.

        Zero if it may now: it has taken its turn then. Raises `DeliveryNotFound`.
        """
        most = details.channel.most_per_minute(details.max_per_minute)
        if not most:
            return timedelta(0)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(PACE, delivery_id)
            if row is None:
                raise DeliveryNotFound
            came = drawn(
                Pace(next_at=row["next_at"], free_at=row["free_at"]),
                turn_at=row["turn_at"],
                apart=_MINUTE / most,
                now=row["now"],
            )
            kept = came.pace.next_at, came.pace.free_at, came.turn_at
            await connection.execute(KEEP, delivery_id, *kept)
        return timedelta(0) if came.turn_at is None else came.turn_at - row["now"]

    def take(self, details: DeliveryDetails) -> bool:
        """Whether there is room for one more request; it is to be given back then."""
        if details.max_concurrency and self._under_way[details.endpoint_id] >= (
            details.max_concurrency
        ):
            return False
        self._under_way[details.endpoint_id] += 1
        return True

    def give_back(self, details: DeliveryDetails) -> None:
        self._under_way[details.endpoint_id] -= 1
        if not self._under_way[details.endpoint_id]:
            del self._under_way[details.endpoint_id]
