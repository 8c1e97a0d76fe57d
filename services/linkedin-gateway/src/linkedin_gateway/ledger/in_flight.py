"""What is on the wire when a stop comes into force: named to whoever stopped it, not waited for."""

from __future__ import annotations

from servicekit.postgres.columns import Row

from linkedin_gateway.models import OnTheWire

_NAMED = 100

WIRE_COLUMNS = f"""count(*) AS actions, max(lease_until) AS until,
       (array_agg(action_id ORDER BY lease_until DESC, action_id))[1:{_NAMED}] AS action_ids"""


def on_the_wire_of(row: Row | None) -> OnTheWire:
    """What a reading of `WIRE_COLUMNS` has shown."""
    if row is None:
        raise AssertionError("an aggregate has one row")
    return OnTheWire(
        actions=row["actions"], action_ids=tuple(row["action_ids"] or ()), until=row["until"]
    )
