"""What whoever owns an endpoint has asked for: so many requests a minute, and so many at once."""

from collections import Counter
from datetime import timedelta

from servicekit.postgres.pool import Pool

from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails

# A delivery keeps the turn that it was given until it is posted: whoever waits for theirs asks
# once more when it has come, and not over and over. By the database's clock, for all that send.
TURN = """
    WITH mine AS (
        SELECT organization_id, endpoint_id, turn_at FROM deliveries
         WHERE delivery_id = $1 FOR UPDATE
    ), given AS (
        INSERT INTO endpoint_paces AS pace (organization_id, endpoint_id, next_at)
        SELECT organization_id, endpoint_id, clock_timestamp() + $2::interval
          FROM mine WHERE turn_at IS NULL
            ON CONFLICT (organization_id, endpoint_id) DO UPDATE
           SET next_at = greatest(pace.next_at, clock_timestamp()) + $2::interval
     RETURNING next_at - $2::interval AS turn_at
    ), kept AS (
        UPDATE deliveries SET turn_at = given.turn_at FROM given WHERE delivery_id = $1
    )
    SELECT coalesce(given.turn_at, mine.turn_at) - clock_timestamp()
      FROM mine LEFT JOIN given ON true
"""
_MINUTE = timedelta(minutes=1)


class EndpointLimits:
    """Turns are given by all processes together; what is under way is counted by each."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._under_way: Counter[str] = Counter()

    async def until_turn(self, delivery_id: str, details: DeliveryDetails) -> timedelta:
        """How long it is, in real time, until the delivery may be posted; zero if it may now."""
        if not details.max_per_minute:
            return timedelta(0)
        apart = _MINUTE / details.max_per_minute
        left: timedelta | None = await self._pool.fetchval(TURN, delivery_id, apart)
        return max(timedelta(0), left or timedelta(0))

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
