"""Profiles: who somebody is, as one account sees them."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.accounts import Account
from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.sections import Section, section_fields, wanted_sections
from unipile_simulator.clock import DAY
from unipile_simulator.dice import Dice
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.journal import CallKind
from unipile_simulator.network.relationships import Relationship, distance, invitation_json
from unipile_simulator.people.ids import Product, looks_like_provider_id, product_of
from unipile_simulator.people.people import Person
from unipile_simulator.world.world import World


def get_user(call: Call) -> Reply:
    """`GET /users/{identifier}`; with `notify=true` the person sees the visit.

    Raises a `Refusal` of profiles that cannot be seen.
    """
    notify = call.query.get("notify") == "true"
    call.entry.kind = CallKind.VISIT if notify else None
    call.flag("notify")
    sections = wanted_sections(call)
    product = Product.CLASSIC
    if call.query.get("linkedin_api"):
        product = read_product(call.query["linkedin_api"], "/linkedin_api")
        if product is Product.CLASSIC:
            raise invalid("/linkedin_api: Expected union value")
        call.account.demand_product(product)
    person = resolve(call, call.path["identifier"])
    call.world.budgets.check(call.account, Budget.PROFILES, call.now)
    if person.kind.profile_error == "resource_not_found":
        raise not_found("User")
    if person.kind.profile_error:
        raise Refusal(person.kind.profile_error)
    tie = call.world.relationships.between(call.account, person, call.now)
    call.spend(Budget.PROFILES)
    if notify:
        tie.visits.append(call.now)
        call.world.relationships.save(tie)
        call.changes()
    seen = tie.as_seen(call.shows)
    shown = profile_json(call.world, call.account, person, seen, sections, call.now)
    shown["provider_id"] = call.world.people.provider_id(person, call.account.id, product)
    rate = call.world.config.knobs.nameless_profiles
    if call.world.dice.chance(rate, "nameless", person.public_id, int(call.now // DAY)):
        shown |= dict.fromkeys(("public_identifier", "first_name", "last_name"))
        del shown["public_profile_url"]
    return Reply(200, shown)


def get_me(call: Call) -> Reply:
    """`GET /users/me`; raises the `Refusal` of an account whose owner is not told."""
    world, account = call.world, call.account
    if not account.owner_told:
        raise Refusal("no_client_session")
    owner = world.accounts.owner(account)
    owner_id = world.accounts.owner_id(account)
    seat = {"owner_seat_id": str(owner.member_id), "contract_id": str(owner.member_id // 7)}
    return Reply(
        200,
        {
            "object": "AccountOwnerProfile",
            "provider": "LINKEDIN",
            "provider_id": owner_id,
            "entity_urn": f"urn:li:fsd_profile:{owner_id}",
            "object_urn": f"urn:li:member:{owner.member_id}",
            "first_name": owner.first_name,
            "last_name": owner.last_name,
            "profile_picture_url": world.people.picture(owner),
            "public_profile_url": owner.url,
            "public_identifier": owner.public_identifier,
            "headline": owner.title,
            "location": owner.location,
            "email": owner.email or f"{owner.public_id}@example.com",
            "premium": account.tier != "free",
            "open_profile": False,
            "occupation": owner.title,
            "organizations": [],
            "recruiter": seat if account.tier == "recruiter" else None,
            "sales_navigator": seat if account.tier == "sales_navigator" else None,
        },
    )


def get_followers(_call: Call) -> Reply:
    """`GET /users/followers`: nobody follows without being connected here."""
    return Reply(200, {"object": "UserFollowersList", "items": [], "cursor": None})


def get_following(_call: Call) -> Reply:
    """`GET /users/following`: the owner follows nobody here."""
    return Reply(200, {"object": "UserFollowingList", "items": [], "cursor": None})


def get_relations(call: Call) -> Reply:
    """`GET /users/relations`, newest first."""
    world, account = call.world, call.account
    wanted = (call.query.get("filter") or "").lower()
    window = call.window(default=100, most=1000)
    met = world.relationships.connections(account, call.now, call.shows)
    if wanted:
        met = [item for item in met if wanted in item[1].replace("-", " ")]
    page = window.of(met)
    items = []
    for since, public_id in page.items:
        person = world.relationships.friend(account, public_id, since)
        provider_id = world.people.provider_id(person, account.id)
        items.append(
            {
                "object": "UserRelation",
                "first_name": person.first_name,
                "last_name": person.last_name,
                "headline": person.title,
                "public_identifier": person.public_identifier,
                "public_profile_url": person.url,
                "created_at": int(since * 1000),
                "member_id": provider_id,
                "member_urn": f"urn:li:fsd_profile:{provider_id}",
                "connection_urn": f"urn:li:fsd_connection:{provider_id}",
                **_pictures(world, person, large=False),
            }
        )
    return Reply(200, {"object": "UserRelationsList", "items": items, "cursor": page.cursor})


def resolve(call: Call, identifier: str) -> Person:
    """The person whose profile is behind a public identifier or an id of any product.

    An id out of somebody else's list opens the profile, as its address does in a browser; only
    acts need the one that this account was given. Raises a `Refusal` of others.
    """
    people = call.world.people
    if looks_like_provider_id(identifier):
        return _known(call, identifier, people.shown_by(identifier, call.account.id))
    found = people.find(identifier)
    if found is None:
        raise not_found("User")
    call.concerns(found)
    return found


def resolve_provider_id(call: Call, provider_id: str, product: Product = Product.CLASSIC) -> Person:
    """The person on whom this account acts by an id of this product.

    Raises a `Refusal` of anything else.
    """
    call.entry.target_provider_id = provider_id
    if product_of(provider_id) is not product:
        raise Refusal("invalid_recipient")
    person = call.world.people.by_provider_id(provider_id, call.account.id)
    return _known(call, provider_id, person)


def _known(call: Call, provider_id: str, person: Person | None) -> Person:
    if person is None:
        raise Refusal("invalid_recipient")
    call.concerns(person)
    call.entry.target_provider_id = provider_id
    return person


def read_product(given: object, path: str) -> Product:
    """The product that a request names; raises a `Refusal` of others."""
    if not isinstance(given, str) or given not in set(Product):
        raise invalid(f"{path}: Expected union value")
    return Product(given)


def _pictures(world: World, person: Person, *, large: bool) -> dict[str, str]:
    """Who has no picture has no such fields."""
    small, big = world.people.picture(person), world.people.picture(person, 400)
    if small is None or big is None:
        return {}
    found = {"profile_picture_url": small}
    return found | {"profile_picture_url_large": big} if large else found


def _badges(dice: Dice, person: Person) -> dict[str, bool]:
    return {
        "can_send_inmail": person.kind.open_profile,
        "is_open_profile": person.kind.open_profile,
        "is_premium": dice.chance(0.3, "premium", person.public_id),
        "is_influencer": False,
        "is_creator": dice.chance(0.2, "creator", person.public_id),
        "is_hiring": False,
        "is_open_to_work": False,
    }


def profile_json(
    world: World,
    account: Account,
    person: Person,
    tie: Relationship,
    sections: list[Section],
    now: float,
) -> dict[str, Any]:
    """A `UserProfile` object."""
    dice, public_id = world.dice, person.public_id
    is_self = public_id == account.owner
    shown: dict[str, Any] = {
        "object": "UserProfile",
        "provider": "LINKEDIN",
        "provider_id": world.people.provider_id(person, account.id),
        "public_identifier": person.public_identifier,
        "member_urn": str(person.member_id),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "headline": person.title,
        "location": person.location,
        "primary_locale": {"country": "US", "language": "en"},
        "websites": [],
        "public_profile_url": person.url,
        "network_distance": distance(dice, person, tie),
        "is_relationship": tie.connected,
        **_badges(dice, person),
        "is_self": is_self,
        "follower_count": 100 + dice.number(5000, "followers", public_id),
        "connections_count": len(world.relationships.connections(account, now))
        if is_self
        else 50 + dice.number(450, "connections", public_id),
        "shared_connections_count": dice.number(12, "shared", account.id, public_id),
    }
    shown |= _pictures(world, person, large=True)
    invitation = invitation_json(tie.invitation)
    if invitation is not None:
        shown["invitation"] = invitation
    if tie.connected_at is not None:
        shown["connected_at"] = int(tie.connected_at * 1000)
        email = person.email or f"{public_id}@example.com"
        shown["contact_info"] = {"emails": [email], "phones": [], "adresses": [], "socials": []}
    if sections:
        shown |= section_fields(world, person, sections, now)
    return shown


OPERATIONS = (
    Operation(
        method="GET",
        path="/users/me",
        perform=get_me,
        summary="Profile of the account's owner",
        account="query",
        lags=False,
    ),
    Operation(
        method="GET",
        path="/users/relations",
        perform=get_relations,
        summary="First degree connections, newest first",
        account="query",
    ),
    Operation(
        method="GET",
        path="/users/followers",
        perform=get_followers,
        summary="Followers; always empty",
        account="query",
    ),
    Operation(
        method="GET",
        path="/users/following",
        perform=get_following,
        summary="Whom the owner follows; always empty",
        account="query",
    ),
    Operation(
        method="GET",
        path="/users/{identifier}",
        perform=get_user,
        summary="Profile; notify=true makes it a visit",
        account="query",
        lags=False,
    ),
)
