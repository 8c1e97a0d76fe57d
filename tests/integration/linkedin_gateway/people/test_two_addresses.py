"""Lists on which everybody stands three times: by names, and by ids of other people's eyes."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from unipile_simulator.config import Knobs
from unipile_simulator.people.ids import Product, encode

from tests.integration.linkedin_gateway.conftest import UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague

ROWS = list(csv.DictReader((Path(__file__).parent / "two_addresses/leads.csv").open()))
NAMES = [row["LinkedIn URL"].rpartition("/")[2] for row in ROWS if row["Source"] == "apollo"]

SEED = 308
"""Of the world in which these people have these ids."""
STRICT = Knobs(
    webhook_retry_floor=0.01, new_relation_delay_hours=0.0, foreign_provider_ids="refused"
)


async def senders(house: Any) -> list[tuple[str, str]]:
    """Three accounts of the organization: their ids here and at the provider."""
    others = [(await colleague(house, name), name) for name in ("unipile-2", "unipile-3")]
    return [(house.account.account_id, UNIPILE_ACCOUNT), *others]


async def walked(house: Any, lead: str, identifier: str, sender: tuple[str, str]) -> str:
    """One lead visited, invited, connected and written to; why it ended before, if it did."""
    account_id, unipile_account_id = sender
    for kind, fields in (
        ("visit_profile", {}),
        ("send_invitation", {"note": "May I connect?"}),
        ("send_message", {"text": "Thanks for connecting."}),
    ):
        request = house.request(kind, identifier, **fields)
        request.lead_id, request.account_id = f"lead_{lead}", account_id
        reason = await reason_of(house.perform(request))
        if reason:
            return reason
        if kind == "send_invitation":
            person = house.world.people.known(house.writes("invite")[-1].target)
            await house.people(person.public_id, "accept", account_id=unipile_account_id)
    return ""


async def walk(house: Any, identifiers: Iterable[str]) -> Counter[str]:
    """Every lead of a list, from one of three accounts after the other; how they ended."""
    of_lead = cycle(await senders(house))
    return Counter(
        [
            await walked(house, str(number), identifier, next(of_lead))
            for number, identifier in enumerate(identifiers)
        ]
    )


def of_the_list(house: Any) -> list[str]:
    """The list as it was given."""
    del house
    return [row["LinkedIn URL"].rstrip("/").rpartition("/")[2] for row in ROWS]


def by_old_names(house: Any) -> list[str]:
    """The name of today, the one before, and the one that LinkedIn gave at the beginning."""
    people = house.world.people
    identifiers = []
    for name in NAMES:
        person = people.find(name)
        people.rename(person, f"{name}-weaves")
        identifiers += [name, people.assigned_name(person), f"{name}-weaves"]
    return identifiers


def by_ids_of(product: Product) -> Callable[[Any], list[str]]:
    """The name, and two ids of a product as two strangers were given them."""

    def identifiers(house: Any) -> list[str]:
        world = house.world
        return [
            each
            for name in NAMES
            for member_id in [world.people.find(name).member_id]
            for each in (
                encode(world.dice, member_id, "a-stranger", product),
                name,
                encode(world.dice, member_id, "another-stranger", product),
            )
        ]

    return identifiers


LISTS = {
    "as given": of_the_list,
    "old names": by_old_names,
    **{product.value: by_ids_of(product) for product in Product},
}


@pytest.mark.parametrize("listed", list(LISTS.values()), ids=list(LISTS))
async def test_one_of_each_to_everybody(
    open_house: Any, listed: Callable[[Any], list[str]]
) -> None:
    """Six people of eighteen rows are visited, invited and written to once; twelve are told."""
    async with open_house(seed=SEED) as house:
        for name in NAMES:
            house.world.people.find(name)

        ends = await walk(house, listed(house))

        assert ends == {"": 6, "DUPLICATE_PERSON": 12}
        for kind in ("visit", "invite", "message"):
            assert Counter(each.target for each in house.writes(kind)) == dict.fromkeys(NAMES, 1)


async def test_an_id_that_opens_nothing_sends_nothing(open_house: Any) -> None:
    """Were a stranger's id refused, its leads would end unreachable; the others go on."""
    async with open_house(seed=SEED, knobs=STRICT) as house:
        for name in NAMES:
            house.world.people.find(name)

        ends = await walk(house, of_the_list(house))

        assert ends == {"": 6, "PERSON_UNREACHABLE": 12}
        for kind in ("visit", "invite", "message"):
            assert Counter(each.target for each in house.writes(kind)) == dict.fromkeys(NAMES, 1)
