"""Every answer and webhook is valid by the schemas that the simulator itself hands out."""

from contextlib import suppress
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, ValidationError
from unipile_simulator.app import OPERATIONS
from unipile_simulator.errors import STATUS_BY_TYPE
from unipile_simulator.schemas.answers import SUCCESSES, answer_schema, error_schema
from unipile_simulator.schemas.document import catalogue
from unipile_simulator.schemas.events import EVENT_SCHEMAS
from unipile_simulator.schemas.parts import closed
from unipile_simulator.schemas.requests import REQUESTS

from tests.unit.unipile_simulator.conftest import (
    ACCOUNT,
    DAY,
    Make,
    Simulator,
    route_of,
    validator,
)
from tests.unit.unipile_simulator.schemas.tour import Tour

SAMPLES = {"identifier": "jane-doe", "account_id": ACCOUNT}


async def test_every_success_of_every_route_is_valid(make: Make) -> None:
    """A tour by all of them: each status that a route has was answered, and is valid."""
    tour = Tour(make())
    await tour.run()

    seen = set()
    for answer in tour.answers:
        route = route_of(answer.request)
        assert route is not None
        assert answer.status_code in SUCCESSES[route], (route, answer.text)
        validator(*route, answer.status_code).validate(answer.json())
        seen.add((*route, answer.status_code))
    assert seen == {(*route, status) for route, known in SUCCESSES.items() for status in known}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda it: f"{it.method} {it.path}")
async def test_every_error_of_every_route_is_valid(sim: Simulator, operation: Any) -> None:
    """Whatever of the catalogue a route is made to answer is valid as an error of its status."""
    path = operation.path
    for name in ("account_id", "identifier"):
        path = path.replace(f"{{{name}}}", SAMPLES[name])
    for kind, status in STATUS_BY_TYPE.items():
        await sim.control("POST", "/faults", route="*", fault="error", type=kind)
        answer = await sim.http.request(
            operation.method, path, params={"account_id": ACCOUNT}, json={"account_id": ACCOUNT}
        )
        if operation.body != "multipart":
            assert answer.status_code == status
        Draft202012Validator(closed(error_schema(answer.status_code))).validate(answer.json())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda it: f"{it.method} {it.path}")
async def test_what_stands_before_it_is_declared_too(sim: Simulator, operation: Any) -> None:
    """A page of a proxy's on any route, and where a connection is to be cut no answer at all: the
    client of these tests takes no body that no schema has."""
    path = operation.path
    for name in ("account_id", "identifier"):
        path = path.replace(f"{{{name}}}", SAMPLES[name])
    for fault in ("html_502", "html_502_after", "html_502_late", "drop", "drop_after", "drop_late"):
        await sim.control("POST", "/faults", route="*", fault=fault)
        with suppress(httpx.RemoteProtocolError):
            await sim.http.request(
                operation.method, path, params={"account_id": ACCOUNT}, json={"account_id": ACCOUNT}
            )
        await sim.control("DELETE", "/faults")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda it: f"{it.method} {it.path}")
async def test_what_a_route_refuses_by_itself_is_valid(sim: Simulator, operation: Any) -> None:
    """Without a key, without an account, and of things that are not there."""
    for headers in ({"X-API-KEY": "other"}, {}):
        for account in ({}, {"account_id": "nobody"}, {"account_id": ACCOUNT}):
            answer = await sim.http.request(
                operation.method, operation.path, params=account, json=account, headers=headers
            )
            known = SUCCESSES[operation.method, operation.path]
            if answer.status_code not in known:
                schema = closed(error_schema(answer.status_code))
                Draft202012Validator(schema).validate(answer.json())


def test_every_route_and_body_has_a_schema() -> None:
    """No route without its successes, no body without its request; each schema is one."""
    routes = {(operation.method, operation.path) for operation in OPERATIONS}
    bodies = {(each.method, each.path) for each in OPERATIONS if each.body}

    assert SUCCESSES.keys() == routes
    assert REQUESTS.keys() == bodies
    every = [*REQUESTS.values(), *EVENT_SCHEMAS.values()]
    every += [schema for known in SUCCESSES.values() for schema in known.values()]
    for schema in every:
        Draft202012Validator.check_schema(schema)


def test_a_schema_is_lenient_until_it_is_closed() -> None:
    """Integrators read leniently; the simulator's own tests allow no field that is not named."""
    schema = answer_schema("POST", "/posts/reaction", 201)
    more = {"object": "ReactionAdded", "new_field": 1}

    Draft202012Validator(schema).validate(more)
    with pytest.raises(ValidationError):
        Draft202012Validator(closed(schema)).validate(more)


async def test_webhooks_of_all_sources_are_valid(make: Make) -> None:
    """Messages, relations, statuses and sign-ins, as the receiver checks each that it is sent."""
    sim = make(tier="sales_navigator")
    await sim.listen("messaging", events=["message_received", "message_edited"])
    await sim.listen("users", name="relations")
    await sim.listen("account_status")
    await sim.person("jane-doe", "invitation_pending")
    await sim.get("/users/jane-doe")
    await sim.control("POST", "/people/jane-doe/accept")
    for inbox in ("classic", "sales_navigator"):
        await sim.control("POST", "/people/jane-doe/reply", text="hi", inbox=inbox)
    await sim.control("POST", "/people/jane-doe/edit", text="ho")
    await sim.control("POST", f"/accounts/{ACCOUNT}/history", messages=2)
    sim.clock.advance(DAY)
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="CREDENTIALS")
    await sim.control("POST", f"/accounts/{ACCOUNT}/status", status="RECONNECTED")
    await sim.world.deliveries.drain()

    told = [sim.receiver.requests.get_nowait()[1] for _ in range(sim.receiver.requests.qsize())]
    events = [body.get("event", "account_status") for body in told]
    assert {name: events.count(name) for name in sorted(set(events))} == {
        "account_status": 2,
        "message_edited": 1,
        "message_received": 4,
        "new_relation": 1,
    }


async def test_the_schemas_are_served(sim: Simulator) -> None:
    """As one catalogue and inside the OpenAPI document, the same as in the package."""
    served = await sim.control("GET", "/schemas")
    document = (await sim.http.get("http://simulator/api-json")).json()

    assert served == catalogue()
    profile = document["paths"]["/api/v1/users/{identifier}"]["get"]["responses"]["200"]
    assert (
        profile["content"]["application/json"]["schema"]
        == (served["answers"]["GET /users/{identifier}"]["200"])
    )
    invite = document["paths"]["/api/v1/users/invite"]["post"]
    assert (
        invite["requestBody"]["content"]["application/json"]["schema"]
        == (served["requests"]["POST /users/invite"])
    )
    assert document["webhooks"].keys() == EVENT_SCHEMAS.keys()
