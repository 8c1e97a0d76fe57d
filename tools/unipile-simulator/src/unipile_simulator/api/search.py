"""LinkedIn search: people by keywords, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.pagination import encode_cursor, read_window
from unipile_simulator.api.profiles import read_product
from unipile_simulator.errors import Refusal
from unipile_simulator.network.relationships import DISTANCES, distance
from unipile_simulator.people.ids import Product
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES
from unipile_simulator.people.people import Person


def search(call: Call) -> Reply:
    """`POST /linkedin/search?account_id`."""
    product = read_product(call.body.get("api", Product.CLASSIC), "/api")
    if product is not Product.CLASSIC:
        call.account.demand_product(product)
    keywords = _keywords(call)
    most = 50 if product is Product.CLASSIC else 100
    cursor = call.query.get("cursor") or call.text("cursor")
    window = read_window(call.query.get("limit"), cursor, default=10, most=most, least=0)
    ceiling = 1000 if product is Product.CLASSIC else 2500
    known = call.world.people.search(keywords) if keywords else []
    total = min(ceiling, len(known) + _crowd(call, keywords))
    end = min(total, window.start + window.limit)
    items = [
        _item(call, _person(call, known, keywords, index), product)
        for index in range(window.start, end)
    ]
    following = encode_cursor(end, window.limit) if end < total and window.limit else None
    return Reply(
        200,
        {
            "object": "LinkedinSearch",
            "items": items,
            "config": {"params": {"api": product, "category": "people", "keywords": keywords}},
            "paging": {"start": window.start, "page_count": len(items), "total_count": total},
            "cursor": following,
        },
    )


def _keywords(call: Call) -> str:
    keywords, url = call.text("keywords"), call.text("url")
    if url:
        found = parse_qs(urlsplit(url).query).get("keywords", [])
        return found[0] if found else ""
    if call.body.get("category", "people") != "people":
        raise Refusal("feature_not_implemented", "Only people are simulated.")
    return keywords or ""


def _crowd(call: Call, keywords: str) -> int:
    """How many people are found who are not known yet; they are invented as they are shown."""
    if not call.world.config.invent_people:
        return 0
    return 25 + call.world.dice.number(300, "crowd of", keywords)


def _person(call: Call, known: list[Person], keywords: str, index: int) -> Person:
    if index < len(known):
        return known[index]
    dice, keys = call.world.dice, (keywords, index - len(known))
    first, last = dice.pick(FIRST_NAMES, "found", *keys), dice.pick(LAST_NAMES, "found of", *keys)
    tag = dice.number(1 << 32, "found tag", *keys)
    public_id = f"{first}-{last}-{tag:08x}".lower()
    people = call.world.people
    person = people.known(public_id)
    if person is None:
        person = people.add(public_id, seen_in="found")
        headline = f"{person.title} | {keywords}" if keywords else None
        visible = "never_answers" if person.kind.profile_error else None
        people.add(public_id, seen_in="found", headline=headline, temperament=visible)
    return person


def _item(call: Call, person: Person, product: Product) -> dict[str, Any]:
    tie = call.world.relationships.between(call.account, person, call.now)
    return {
        "object": "SearchResult",
        "type": "PEOPLE",
        "id": call.world.people.provider_id(person, call.account.id, product),
        "public_identifier": person.public_identifier,
        "public_profile_url": person.url,
        "profile_url": person.url,
        "profile_picture_url": call.world.people.picture(person),
        "profile_picture_url_large": call.world.people.picture(person, 400),
        "member_urn": f"urn:li:member:{person.member_id}",
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "network_distance": DISTANCES[distance(call.world.dice, person, tie)],
        "location": person.location,
        "industry": None,
        "headline": person.title,
        "pending_invitation": tie.pending,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/linkedin/search",
        perform=search,
        summary="Search people; account_id is in the query",
        account="query",
        body="json",
    ),
)
