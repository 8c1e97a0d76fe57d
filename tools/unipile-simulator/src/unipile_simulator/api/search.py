"""LinkedIn search: people, companies, posts and jobs by keywords, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.companies import company_item, company_names, job_item, openings
from unipile_simulator.api.engagement.posts import shown_post
from unipile_simulator.api.pagination import encode_cursor, read_window
from unipile_simulator.api.profiles import read_product
from unipile_simulator.errors import Refusal
from unipile_simulator.network.relationships import DISTANCES, distance
from unipile_simulator.people.ids import Product
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES
from unipile_simulator.people.people import Person


@dataclass(frozen=True, kw_only=True)
class _Search:
    """What is searched for."""

    product: Product
    category: str
    keywords: str


@dataclass(frozen=True, kw_only=True)
class _Found:
    """How many there are, and how to show one of them."""

    total: int
    item: Callable[[int], dict[str, Any]]


def search(call: Call) -> Reply:
    """`POST /linkedin/search?account_id`; raises a `Refusal` of what nobody knows the shape of."""
    product = read_product(call.body.get("api", Product.CLASSIC), "/api")
    if product is not Product.CLASSIC:
        call.account.demand_product(product)
    wanted = _wanted(call, product)
    category = _CATEGORIES.get(wanted.category)
    if category is None or product not in category.products:
        raise Refusal(
            "feature_not_implemented", f"No {wanted.category} by {product} are simulated."
        )
    most = 50 if product is Product.CLASSIC else 100
    cursor = call.query.get("cursor") or call.text("cursor")
    window = read_window(call.query.get("limit"), cursor, default=10, most=most, least=0)
    ceiling = 1000 if product is Product.CLASSIC else 2500
    found = category.find(call, wanted)
    total = min(ceiling, found.total)
    end = min(total, window.start + window.limit)
    items = [found.item(index) for index in range(window.start, end)]
    following = encode_cursor(end, window.limit) if end < total and window.limit else None
    params = {"api": product, "category": wanted.category, "keywords": wanted.keywords}
    return Reply(
        200,
        {
            "object": "LinkedinSearch",
            "items": items,
            "config": {"params": params},
            "paging": {"start": window.start, "page_count": len(items), "total_count": total},
            "cursor": following,
        },
    )


def _wanted(call: Call, product: Product) -> _Search:
    url = call.text("url")
    if not url:
        category = str(call.body.get("category", "people"))
        return _Search(product=product, category=category, keywords=call.text("keywords") or "")
    address = urlsplit(url)
    words = parse_qs(address.query).get("keywords", [""])[0]
    parts = address.path.strip("/").split("/")
    named = [_BY_PATH[part] for part in parts if part in _BY_PATH]
    return _Search(product=product, category=(named or ["people"])[0], keywords=words)


def _people(call: Call, wanted: _Search) -> _Found:
    known = call.world.people.search(wanted.keywords) if wanted.keywords else []
    return _Found(
        total=len(known) + _crowd(call, wanted.keywords),
        item=lambda index: _item(
            call, _person(call, known, wanted.keywords, index), wanted.product
        ),
    )


def _companies(call: Call, wanted: _Search) -> _Found:
    words = wanted.keywords.lower().split()
    found = [name for name in company_names(call) if all(word in name.lower() for word in words)]
    return _Found(total=len(found), item=lambda index: company_item(call, found[index]))


def _posts(call: Call, wanted: _Search) -> _Found:
    words, world = wanted.keywords.lower().split(), call.world
    found = [
        post
        for person in world.people
        if not person.kind.profile_error
        for post in world.posts.of(person, call.now)
        if all(word in post.text(world.dice).lower() for word in words)
    ]
    found.sort(key=lambda post: (-post.at, post.id))
    return _Found(
        total=len(found),
        item=lambda index: {
            **shown_post(call, found[index]),
            "object": "SearchResult",
            "type": "POST",
        },
    )


def _jobs(call: Call, wanted: _Search) -> _Found:
    words = wanted.keywords.lower().split()
    found = [
        opening
        for opening in openings(call, company_names(call))
        if all(word in f"{opening.title} {opening.company}".lower() for word in words)
    ]
    return _Found(total=len(found), item=lambda index: job_item(call, found[index]))


@dataclass(frozen=True, kw_only=True)
class _Category:
    """How things of a kind are found, and by which products."""

    find: Callable[[Call, _Search], _Found]
    products: frozenset[Product]


_CATEGORIES = {
    "people": _Category(find=_people, products=frozenset(Product)),
    "companies": _Category(
        find=_companies, products=frozenset({Product.CLASSIC, Product.SALES_NAVIGATOR})
    ),
    "posts": _Category(find=_posts, products=frozenset({Product.CLASSIC})),
    "jobs": _Category(find=_jobs, products=frozenset({Product.CLASSIC})),
}
"""What is not here is answered with 501."""
_BY_PATH = {
    "people": "people",
    "companies": "companies",
    "company": "companies",
    "content": "posts",
    "jobs": "jobs",
}
"""The word of a search's address that says what is searched for."""


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
        summary="Search people, companies, posts or jobs; account_id is in the query",
        account="query",
        body="json",
    ),
)
