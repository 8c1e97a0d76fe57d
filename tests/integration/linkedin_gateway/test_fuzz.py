"""The gateway's RPCs, and its port for Unipile, asked what nobody foresaw."""

import json
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from outreach.linkedin.v1 import (
    account_service_pb2,
    person_pb2,
    person_service_pb2,
    sign_in_pb2,
    sign_in_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)

from tests.fuzzing.calls import fuzz, fuzz_http, messages, methods_at, seed
from tests.fuzzing.requests import Fuzz
from tests.integration.linkedin_gateway.conftest import (
    ALWAYS,
    ORGANIZATION,
    SECRET,
    TOKEN,
    UNIPILE_ACCOUNT,
)

WEBHOOKS: tuple[dict[str, Any], ...] = (
    {
        "event": "message_received",
        "account_id": UNIPILE_ACCOUNT,
        "account_info": {"user_id": "ACoOWNER", "type": "LINKEDIN", "feature": "classic"},
        "chat_id": "chat-1",
        "message_id": "message-1",
        "message": "Yes, please.",
        "message_type": "MESSAGE",
        "timestamp": "2026-03-02T12:00:00.000Z",
        "is_sender": 0,
        "is_event": 0,
        "is_group": False,
        "sender": {"attendee_id": "a", "attendee_provider_id": "ACoADA", "attendee_name": "Ada"},
        "attendees": [{"attendee_provider_id": "ACoADA"}, {"attendee_provider_id": "ACoOWNER"}],
        "attachments": [],
    },
    {
        "event": "new_relation",
        "account_id": UNIPILE_ACCOUNT,
        "account_type": "LINKEDIN",
        "user_full_name": "Ada",
        "user_provider_id": "ACoADA",
        "user_public_identifier": "ada",
        "user_profile_url": "https://linkedin.example/in/ada",
    },
    {
        "AccountStatus": {
            "account_id": UNIPILE_ACCOUNT,
            "account_type": "LINKEDIN",
            "message": "OK",
        }
    },
    {"status": "CREATION_SUCCESS", "account_id": UNIPILE_ACCOUNT, "name": "nobody"},
)


@pytest.mark.lasts(seconds=5)
async def test_rpcs(house: Any) -> None:
    """Whatever is asked is answered or refused with a reason: never INTERNAL, never a hang."""
    values = Fuzz(random.Random(seed()))
    values.learn(house.account)
    values.known["organization_id"] += [ORGANIZATION, "org_other"]
    values.known["unipile_account_id"] += [UNIPILE_ACCOUNT, "unipile-2"]
    values.known["public_identifier"] += ["ada", "bob", "grace"]
    values.known["campaign_id"] += ["camp_1", "camp_2"]
    values.known["lead_id"] += ["lead_ada", "lead_bob"]
    values.known["time_zone"] += ["UTC", "Europe/Berlin"]
    values.known["content"] += ["linkedin_url,reason\nhttps://linkedin.example/in/ada,asked\n"]
    house.world.add_account("unipile-2")
    values.keep(*in_order(house))

    faults = await fuzz(
        house.address,
        methods_at("gateway"),
        values,
        count=messages(400),
        on_wait=lambda: house.clock.advance(600),
    )

    faults.check("gateway")


def in_order(house: Any) -> Iterator[Any]:
    """Requests that go far."""
    person = person_pb2.Person(public_identifier="ada")
    about = {"account_id": house.account.account_id, "campaign_id": "camp_1", "lead_id": "lead_ada"}
    yield person_service_pb2.GetProfileRequest(person=person, **about)
    yield person_service_pb2.ListPostsRequest(person=person, **about)
    yield account_service_pb2.RegisterAccountRequest(
        organization_id=ORGANIZATION, unipile_account_id="unipile-2", working_hours=ALWAYS
    )
    yield sign_in_service_pb2.ConnectAccountRequest(
        organization_id=ORGANIZATION,
        credentials=sign_in_pb2.Credentials(username="ada", password="correct-horse"),
    )
    yield suppression_service_pb2.AddSuppressionsRequest(
        suppressions=[
            suppression_pb2.Suppression(
                organization_id=ORGANIZATION, public_identifier="carla", reason="Asked."
            )
        ]
    )
    for lead in ("ada", "bob", "grace"):
        for kind in ("visit_profile", "react_to_post", "send_invitation", "withdraw_invitation"):
            yield house.request(kind, lead)
        yield house.request("comment_on_post", lead, text="Well said.")
        yield house.request("send_message", lead, text="Hello!")
        yield house.request("send_inmail", lead, subject="Hello", text="Hello!")


async def test_what_unipile_sends(house: Any) -> None:
    """Whatever is posted is kept or refused: never 500, never a hang."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:

        async def post(body: bytes) -> int:
            path = "/connected" if b"CREATION" in body else ""
            answer = await http.post(
                f"/webhooks/unipile/{TOKEN}{path}",
                content=body,
                headers={"Unipile-Auth": SECRET},
            )
            return answer.status_code

        faults = await fuzz_http(post, bodies(messages(400)), {200, 400, 404, 413})

    faults.check("inbound port")
    assert faults.ended["200"] > faults.ended["400"]


def bodies(count: int) -> Iterator[bytes]:
    """Webhooks, and what looks like them."""
    values = Fuzz(random.Random(seed()))
    for _ in range(count):
        odd = values.dice.choice((0.01, 0.05, 0.3))
        body = values.replaced(values.dice.choice(WEBHOOKS), odd=odd)
        raw = json.dumps(body, ensure_ascii=values.chance(0.8)).encode(errors="surrogatepass")
        yield values.mangled(raw) if values.chance(0.05) else raw
