"""The law over interleavings: whatever happens at once, nobody is written to who has answered."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.integration.linkedin_gateway.interleavings import (
    Life,
    answered_by,
    heard_by,
    knobs_of,
    written_after_an_answer,
)
from tests.integration.linkedin_gateway.unsteady import TouchedTransport
from tests.laws import record, seed, worlds

STEPS = 70


@pytest.mark.law
@pytest.mark.parametrize("number", range(worlds(10)))
async def test_nobody_is_written_to_who_has_answered(open_house: Any, number: int) -> None:
    """Webhooks lost, late, doubled, reordered, registrations disabled or deleted, the database
    full, away or cut off at any statement, answers of the provider lost, people who write between
    any two touches, in either inbox: no request leaves for somebody whose answer has lain in
    Unipile's store for a second, by the provider's journal and clock. And when all is mended,
    every answer is heard."""
    life = Life(random.Random(f"{seed()}/{number}"))
    async with open_house(
        knobs=knobs_of(life.dice),
        tier="sales_navigator",
        transport=lambda own: TouchedTransport(own, life.touch),
        pool=life.database.pool,
    ) as house:
        life.replica = house.another_process(
            life.database.pool(house.pool), TouchedTransport(house.sender, life.touch)
        )
        life.house = house
        await life.live(STEPS)

        wronged = written_after_an_answer(house)
        record(
            "interleavings",
            Counter(
                worlds=1,
                messages=len(house.writes("message")),
                answers=life.answers,
                failed_statements=life.database.failed,
                wronged=len(wronged),
            ),
        )
        assert not wronged, f"seed {seed()}, world {number}: {wronged}"
        await life.settle()
        assert answered_by(house) - heard_by(house) == set(), f"seed {seed()}, world {number}"
