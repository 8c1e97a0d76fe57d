"""InMails by the product that has the credits, on real PostgreSQL and a simulated Unipile."""

import json
from typing import Any

import httpx
import pytest

from tests.integration.linkedin_gateway.conftest import UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.provider import reason_of

PRODUCTS = ("sales_navigator", "recruiter")


def credits_of(house: Any) -> dict[str, int]:
    left: dict[str, int] = house.world.accounts.get(UNIPILE_ACCOUNT).inmail_credits
    return dict(left)


def profile_reads(house: Any) -> list[Any]:
    return [entry for entry in house.world.journal.entries if entry.budget == "profiles"]


class Unnumbered(httpx.AsyncBaseTransport):
    """A provider whose profiles do not tell a member's number, which they need not."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._own.handle_async_request(request)
        raw = await answer.aread()
        if not request.url.path.startswith("/api/v1/users/"):
            return answer
        told = {name: value for name, value in json.loads(raw).items() if name != "member_urn"}
        return httpx.Response(answer.status_code, json=told)


@pytest.mark.parametrize("product", PRODUCTS)
async def test_by_the_product_with_the_credits(open_house: Any, product: str) -> None:
    """Its credit is used, at its id of the person; the acting id stays the classic one."""
    async with open_house(tier=product) as house:
        house.world.accounts.get(UNIPILE_ACCOUNT).grant({"premium": 0, product: 2})

        sent = await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))
        await house.perform(house.request("send_invitation", "ada"))

        called = house.called("ada")
        assert credits_of(house) == {"premium": 0, product: 1}
        assert [each.target_provider_id for each in house.writes("inmail")] == [called[product]]
        assert [each.target_provider_id for each in house.writes("invite")] == [called["classic"]]
        assert sent.provider_id == called["classic"]
        assert len(profile_reads(house)) == 2, "who they are, and their id of the product"


async def test_premium_credits_come_first(open_house: Any) -> None:
    """With credits of the classic product nothing of another one is read or used."""
    async with open_house(tier="sales_navigator") as house:
        house.world.accounts.get(UNIPILE_ACCOUNT).grant({"premium": 1, "sales_navigator": 2})

        await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))
        await house.perform(house.request("send_inmail", "bob", text="Hello Bob"))

        assert credits_of(house) == {"premium": 0, "sales_navigator": 1}
        assert [each.target_provider_id for each in house.writes("inmail")] == [
            house.called("ada")["classic"],
            house.called("bob")["sales_navigator"],
        ]


@pytest.mark.parametrize("product", PRODUCTS)
async def test_no_credits_anywhere(open_house: Any, product: str) -> None:
    """Nothing is sent, and no id of the product is read for it."""
    async with open_house(tier=product) as house:
        house.world.accounts.get(UNIPILE_ACCOUNT).grant({"premium": 0, product: 0})

        refused = await reason_of(
            house.perform(house.request("send_inmail", "ada", text="Hello Ada"))
        )

        assert refused == "INMAIL_CREDITS_EXHAUSTED"
        assert not house.writes("inmail")
        assert len(profile_reads(house)) == 1


async def test_an_open_profile_costs_nothing(open_house: Any) -> None:
    """An InMail to an open profile goes by the classic product, and leaves all credits."""
    async with open_house(tier="sales_navigator") as house:
        house.world.people.add("ada", seen_in="control", temperament="open_profile")
        before = credits_of(house)

        await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))

        (written,) = house.writes("inmail")
        assert written.target_provider_id == house.called("ada")["classic"]
        assert credits_of(house) == before


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("fault", ["504_after", "504"])
async def test_a_lost_answer(open_house: Any, product: str, fault: str) -> None:
    """It is looked for in the product's inbox, lands once, and its id is read once."""
    async with open_house(tier=product) as house:
        before = credits_of(house)
        await house.fault(method="POST", route="/chats", fault=fault)

        outcome = await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))

        assert outcome.chat_id
        assert len(house.writes("inmail")) == 1
        assert credits_of(house)[product] == before[product] - 1
        assert len(profile_reads(house)) == 2


@pytest.mark.parametrize("product", PRODUCTS)
async def test_a_reply_in_the_products_inbox(open_house: Any, product: str) -> None:
    """Who answers there, under the product's id, has answered the lead."""
    async with open_house(tier=product) as house:
        await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))
        await house.people("ada", "reply", text="Yes, please.", inbox=product)
        await house.relay()

        (reply,) = house.reported.of("reply_received")
        assert reply.reply_received.text == "Yes, please."
        assert [lead.lead_id for lead in reply.leads] == ["lead_ada"]


@pytest.mark.parametrize("since", ["number is not told", "plan is over"])
async def test_a_lost_reply_in_the_products_inbox(open_house: Any, since: str) -> None:
    """It is heard before the next message by the id that the product has for the person."""
    unnumbered = since == "number is not told"
    changes = {"transport": Unnumbered} if unnumbered else {}
    async with open_house(tier="sales_navigator", **changes) as house:
        await house.perform(house.request("send_inmail", "ada", text="Hello Ada"))
        house.world.webhooks._by_id.clear()
        await house.people("ada", "reply", text="Not for us", inbox="sales_navigator")
        if not unnumbered:
            await house.pool.execute("UPDATE accounts SET tier = 'free'")
        account, ada = house.world.accounts.get("unipile-1"), house.world.people.known("ada")
        tie = house.world.relationships.between(account, ada, house.clock.now())
        tie.connected_at = house.clock.now()
        house.world.relationships.save(tie)
        house.clock.advance(2 * 86_400)

        follow_up = house.request("send_message", "ada", text="Still there?")

        assert await reason_of(house.perform(follow_up)) == "ALREADY_REPLIED"
        assert not house.writes("message")
