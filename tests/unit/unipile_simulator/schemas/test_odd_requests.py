"""Whatever is asked of the simulator is answered by its schemas: never 500, on any route."""

import json
import random
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator
from unipile_simulator.app import OPERATIONS
from unipile_simulator.errors import ALSO_AT, STATUS_BY_TYPE
from unipile_simulator.schemas.answers import answer_schema
from unipile_simulator.schemas.parts import closed
from unipile_simulator.schemas.requests import REQUESTS

from tests.fuzzing.requests import Fuzz
from tests.fuzzing.values import ODD_TEXTS
from tests.unit.unipile_simulator.conftest import ACCOUNT, Make

QUERY = (
    *("limit", "cursor", "after", "before", "filter", "unread", "is_company", "notify"),
    *("linkedin_api", "linkedin_sections", "comment_id", "sender_id", "account_type", "sort_by"),
)
NOT_OURS = {500, *(status for status in STATUS_BY_TYPE.values() if status > 501)} - {*ALSO_AT}


def plain(text: str) -> str:
    """A text that an address can hold."""
    return text.replace("\ue000", "\ufffd").encode(errors="replace").decode()[:2_000]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda it: f"{it.method} {it.path}")
async def test_odd_requests_are_answered(make: Make, operation: Any) -> None:
    """Parts of the path, the query and the body are replaced by what nobody expects."""
    sim = make(tier="recruiter")
    provider_id = await sim.person("jane-doe", "already_connected")
    await sim.write(provider_id, "hello")
    chats = (await sim.http.get("/chats")).json()["items"]
    values = Fuzz(random.Random(f"{operation.method} {operation.path}"))
    known = ("jane-doe", provider_id, ACCOUNT, chats[0]["id"])

    def word() -> str:
        odd = values.dice.choice(ODD_TEXTS)
        return values.dice.choice(known) if values.chance(0.6) else plain(odd)

    for _ in range(60):
        path = "/".join(
            quote(word(), safe="") or "-" if part.startswith("{") else part
            for part in operation.path.split("/")
        )
        query = {name: word() for name in values.dice.sample(QUERY, values.dice.randint(0, 3))}
        if values.chance(0.9):
            query["account_id"] = ACCOUNT if values.chance(0.8) else word()
        body = {
            name: values.replaced(word(), odd=0.4)
            for name in REQUESTS.get((operation.method, operation.path), {}).get("properties", {})
            if values.chance(0.7)
        }
        if values.chance(0.8):
            body["account_id"] = ACCOUNT
        answer = await asked(sim.http, operation, path, query, body)

        assert answer.status_code not in NOT_OURS, (path, query, body, answer.text)
        schema = answer_schema(operation.method, operation.path, answer.status_code)
        Draft202012Validator(closed(schema)).validate(answer.json())


async def asked(
    http: httpx.AsyncClient, operation: Any, path: str, query: Any, body: Any
) -> httpx.Response:
    sent: dict[str, Any] = {}
    if operation.body == "multipart":
        sent["files"] = [(name, (None, plain(str(value)))) for name, value in body.items()]
        sent["files"] += [("extra", (None, "x"))]
    elif operation.body:
        sent["content"] = json.dumps(body)
        sent["headers"] = {"content-type": "application/json"}
    return await http.request(operation.method, path, params=query, **sent)
