"""Bodies that the published API refuses are refused, and none makes the simulator stumble."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from unipile_simulator.schemas.answers import SUCCESSES
from unipile_simulator.schemas.checking import fault_of
from unipile_simulator.schemas.requests import REQUESTS

from tests.unit.unipile_simulator.conftest import ACCOUNT, Make, Simulator, error
from tests.unit.unipile_simulator.schemas.tour import LINK, SEARCH, SIGN_IN, WEBHOOK

MENTION = {"name": "Ada", "profile_id": "ACoAA", "is_company": False}
PROXY = {"protocol": "http", "host": "proxy", "port": 3128, "username": "a", "password": "b"}
SINCE = {"chats": "2026-01-01T00:00:00.000Z", "messages": 100}
SIGN_IN_FULLY = SIGN_IN | {
    "username": "ada",
    "user_agent": "Mozilla",
    "country": "de",
    "ip": "10.0.0.1",
    "premium_token": "li_a",
    "recruiter_contract_id": "1",
    "disabled_features": ["linkedin_recruiter"],
    "sync_limit": SINCE,
    "proxy": PROXY,
}
CHECKPOINT = {"account_id": "x", "provider": "LINKEDIN", "code": "1"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/accounts"): SIGN_IN_FULLY,
    ("POST", "/accounts/{account_id}"): SIGN_IN_FULLY,
    ("POST", "/accounts/checkpoint"): CHECKPOINT,
    ("POST", "/accounts/checkpoint/resend"): CHECKPOINT,
    ("POST", "/hosted/accounts/link"): LINK
    | {
        "name": "user-1",
        "notify_url": "http://receiver/notify",
        "success_redirect_url": "http://receiver/good",
        "failure_redirect_url": "http://receiver/bad",
        "bypass_success_screen": True,
        "disabled_features": ["linkedin_sales_navigator"],
        "disabled_options": ["proxy"],
        "proxy": PROXY,
        "sync_limit": {"MAILING": "NO_HISTORY_SYNC", "MESSAGING": SINCE},
    },
    ("POST", "/webhooks"): WEBHOOK,
    ("POST", "/users/invite"): {
        "account_id": ACCOUNT,
        "provider_id": "PROVIDER_ID",
        "message": "hello",
        "user_email": "jane@example.com",
    },
    ("POST", "/users/invite/received/{invitation_id}"): {
        "account_id": ACCOUNT,
        "provider": "LINKEDIN",
        "shared_secret": "x",
        "action": "accept",
    },
    ("POST", "/posts/reaction"): {
        "account_id": ACCOUNT,
        "post_id": "urn:li:activity:7",
        "reaction_type": "love",
        "comment_id": "1",
        "as_organization": "2",
    },
    ("POST", "/posts/{post_id}/comments"): {
        "account_id": ACCOUNT,
        "text": "Well put, {{0}}.",
        "comment_id": "1",
        "mentions": [MENTION],
        "external_link": "https://example.com",
        "as_organization": "2",
    },
    ("POST", "/chats"): {
        "account_id": ACCOUNT,
        "attendees_ids": ["PROVIDER_ID"],
        "text": "hello",
        "subject": "About looms",
        "linkedin": {"api": "classic", "inmail": True, "topic": "careers"},
    },
    ("POST", "/chats/{chat_id}/messages"): {
        "account_id": ACCOUNT,
        "text": "hello",
        "quote_id": "1",
        "thread_id": "2",
    },
    ("PATCH", "/chats/{chat_id}"): {"action": "setReadStatus", "value": True},
    ("POST", "/linkedin/search"): SEARCH
    | {
        "location": ["1"],
        "company": {"include": ["1"], "exclude": ["2"]},
        "profile_language": ["de"],
        "network_distance": [1, 2],
        "open_to": ["proBono"],
        "advanced_keywords": {"title": "founder"},
    },
}
WRONG: tuple[Any, ...] = (
    None,
    True,
    5,
    -1.5,
    "",
    "x",
    "\x00",
    "\ud83d",
    "🧵" * 9000,
    [],
    [None],
    {},
    {"x": []},
)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is a value, at every depth."""
    fields = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in fields:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from places(value, (*path, name))


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body, with another value at one place."""
    changed = copy.deepcopy(body)
    at = changed
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return changed


def without(body: Any, path: tuple[Any, ...]) -> Any:
    """The body without one of its fields."""
    changed = copy.deepcopy(body)
    at = changed
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return changed


def mutations(body: Any) -> Iterator[Any]:
    """Every field of another kind or with another value, and every field left out."""
    for path in places(body):
        yield without(body, path)
        for value in WRONG:
            yield with_value(body, path, value)


async def send(sim: Simulator, method: str, route: str, body: Any) -> Any:
    """Call a route by its template, with things in its path that are there."""
    people = sim.world.people
    friend = people.add("friend", seen_in="control", temperament="already_connected")
    chat = sim.world.chats.open(ACCOUNT, ["friend"])
    post = sim.world.posts.of(friend, sim.clock.now())[0]
    path = route.format(
        account_id=ACCOUNT, chat_id=chat.id, post_id=post.social_id, invitation_id="1"
    )
    if "PROVIDER_ID" in str(body):
        body = with_id(body, people.provider_id(friend, ACCOUNT))
    content = json.dumps(body).encode()
    query = {"account_id": ACCOUNT} if route == "/linkedin/search" else {}
    headers = {"Content-Type": "application/json"}
    return await sim.http.request(method, path, params=query, content=content, headers=headers)


def with_id(body: Any, provider_id: str) -> Any:
    """The body with an id that is somebody's."""
    return json.loads(json.dumps(body).replace("PROVIDER_ID", provider_id))


def test_every_body_has_its_example() -> None:
    """A route that takes a body is among those whose bodies are changed below."""
    assert BODIES.keys() == REQUESTS.keys()


@pytest.mark.parametrize(("method", "route"), list(BODIES))
async def test_no_body_makes_it_stumble(make: Make, method: str, route: str) -> None:
    """Whatever stands in whichever field: 4xx, or a success of the route; never 500.

    What the schema refuses is refused, whatever else is wrong with it.
    """
    sim = make()
    refused = 0
    for body in mutations(BODIES[method, route]):
        answer = await send(sim, method, route, body)
        schema_refuses = fault_of(body, REQUESTS[method, route]) is not None
        assert answer.status_code < 500 or answer.status_code == 501, (body, answer.text)
        if schema_refuses:
            refused += 1
            assert 400 <= answer.status_code < 500, (body, answer.text)
        elif answer.status_code < 400:
            assert answer.status_code in SUCCESSES[method, route]
    assert refused


@pytest.mark.parametrize(("method", "route"), list(BODIES))
def test_the_checker_agrees_with_the_standard(method: str, route: str) -> None:
    """Our few words of JSON Schema mean what they mean: both say yes, or both say no."""
    schema = REQUESTS[method, route]
    standard = Draft202012Validator(schema)

    assert fault_of(BODIES[method, route], schema) is None
    for body in mutations(BODIES[method, route]):
        assert (fault_of(body, schema) is None) == standard.is_valid(body), body


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(list(BODIES)), JSON)
def test_the_checker_stands_anything(route: tuple[str, str], body: Any) -> None:
    """Whatever JSON can say is judged, and as the standard judges it."""
    schema = REQUESTS[route]

    assert (fault_of(body, schema) is None) == Draft202012Validator(schema).is_valid(body)


@pytest.mark.parametrize(
    ("method", "route", "body", "said"),
    [
        ("POST", "/hosted/accounts/link", LINK | {"providers": {}}, "/providers: "),
        ("POST", "/hosted/accounts/link", LINK | {"expiresOn": "tomorrow"}, "/expiresOn: "),
        ("POST", "/webhooks", WEBHOOK | {"enabled": "yes"}, "/enabled: Expected boolean"),
        ("POST", "/webhooks", WEBHOOK | {"headers": [{"key": 1}]}, "/headers/0/value: "),
        ("POST", "/users/invite", {"account_id": ACCOUNT}, "/provider_id: "),
        ("PATCH", "/chats/{chat_id}", {"action": "setReadStatus", "value": 1}, "/value: "),
    ],
)
async def test_the_detail_names_the_place(
    sim: Simulator, method: str, route: str, body: Any, said: str
) -> None:
    """As the published API does: a path, and what was expected there."""
    answer = await send(sim, method, route, body)

    assert error(answer) == (400, "invalid_parameters")
    assert answer.json()["detail"].startswith(said)


@pytest.mark.parametrize("api", [[], {}, None, 5, "fax"])
async def test_a_search_by_no_product_is_refused(sim: Simulator, api: Any) -> None:
    """Of the wrong kind, or of none that there is."""
    answer = await send(sim, "POST", "/linkedin/search", SEARCH | {"api": api})

    assert error(answer) == (400, "invalid_parameters")


@pytest.mark.parametrize("limit", ["0x1", "-1", "1.5", "1" * 5000, ""])
async def test_a_limit_is_a_number(sim: Simulator, limit: str) -> None:
    """Nothing else is; an empty one is none."""
    answer = await sim.get("/users/relations", limit=limit)

    assert answer.status_code == (400 if limit else 200)
