"""Three processes reserve on one database; the judge finds nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from devstack.bench.reservations import reserve


@pytest.mark.lasts(seconds=10)
async def test_no_reservation_over_a_limit(new_database: Callable[..., str]) -> None:
    """Thousands of random reservations from three processes: no window over, no write too close.

    `python -m devstack.bench.pace --reservations 1000000` does the same with a million.
    """
    url = new_database(("gateway", "linkedin_gateway"))

    made = await reserve(
        url, reservations=3600, processes=3, accounts=24, span=timedelta(days=8), seed=7
    )

    assert made["over_limit"] == 0
    # Caps and pauses did bind, and windows did roll.
    assert 300 < made["counted"] < made["reservations"] / 2
