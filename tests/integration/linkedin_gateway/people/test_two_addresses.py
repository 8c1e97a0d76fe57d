"""A list on which everybody stands three times: by name, and by two ids of other people's eyes."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from servicekit.errors import FailedPrecondition
from unipile_simulator.config import Knobs

ROWS = list(csv.DictReader((Path(__file__).parent / "two_addresses/leads.csv").open()))

SEED = 308
"""Of the world in which these people have these ids."""


async def walked(house: Any, number: int, identifier: str) -> str:
    """One lead visited, invited and written to; why it ended before, if it did."""
    lead = f"{number}"
    for kind, fields in (
        ("visit_profile", {}),
        ("send_invitation", {"note": "May I connect?"}),
        ("send_message", {"text": "Thanks for connecting."}),
    ):
        request = house.request(kind, identifier, **fields)
        request.lead_id = f"lead_{lead}"
        try:
            await house.perform(request)
        except FailedPrecondition as told:
            return told.reason
        if kind == "send_invitation":
            person = house.world.people.find(identifier)
            await house.people(person.public_id, "accept")
    return ""


async def test_one_of_each_to_everybody(open_house: Any) -> None:
    """Six people of eighteen rows are visited, invited and written to once; twelve are told."""
    knobs = Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0, shared_provider_ids=True)
    async with open_house(knobs=knobs, seed=SEED) as house:
        for row in ROWS:
            house.world.people.find(row["LinkedIn URL"])
        ends = [
            await walked(house, number, row["LinkedIn URL"].rstrip("/").rpartition("/")[2])
            for number, row in enumerate(ROWS)
        ]

        assert Counter(ends) == {"": 6, "DUPLICATE_PERSON": 12}
        for kind in ("visit", "invite", "message"):
            assert set(Counter(each.target for each in house.writes(kind)).values()) == {1}
            assert len(house.writes(kind)) == 6
