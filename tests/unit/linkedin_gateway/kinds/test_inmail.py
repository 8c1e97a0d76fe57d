"""An InMail goes by the product that has the credits, to the id of that product."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from linkedin_gateway.errors import ActionFailed
from linkedin_gateway.kinds.action_kind import Known, Missing, Ports, Sending, Twins
from linkedin_gateway.kinds.inmail import INMAIL
from linkedin_gateway.kinds.message import find_text, send_text
from linkedin_gateway.kinds.targets import Resolved
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    Kind,
    Person,
    Product,
    Profile,
    Target,
    Tier,
)
from linkedin_gateway.unipile import PostSeen, ProfileSeen, Timeouts, Unipile, connect
from prometheus_client import CollectorRegistry
from servicekit.credentials.secrets import Secret

from tests.contracts.ledger import ACCOUNT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
REQUEST = ActionRequest(
    action_id="a",
    organization_id="org_1",
    account_id="acct_1",
    campaign_id="c",
    lead_id="l",
    identifier="ada",
    person_id="per_ada",
    kind=Kind.INMAIL,
    text="Hello",
    subject="A word",
)
ACTION = Action(
    action_id="a",
    organization_id="org_1",
    account_id="acct_1",
    campaign_id="c",
    lead_id="l",
    identifier="ada",
    person_id="per_ada",
    kind=Kind.INMAIL,
    created_at=NOW,
    sent_at=NOW,
)
PROFILE = Profile(person_id="per_ada", provider_id="ACo-ada", read_at=NOW - timedelta(hours=1))
BY_SALES_NAVIGATOR = Target(
    provider_id="ACo-ada", product=Product.SALES_NAVIGATOR, product_id="ACw-ada"
)


class Provider(httpx.AsyncBaseTransport):
    """Has these credits, takes every text, knows no chat, and remembers what it was asked."""

    def __init__(self, **left: int | None) -> None:
        self._left = left
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if request.url.path.endswith("/inmail_balance"):
            return httpx.Response(200, json={"object": "LinkedinInmailBalance", **self._left})
        if request.method == "POST":
            return httpx.Response(201, json={"object": "ChatStarted", "chat_id": "chat-1"})
        return httpx.Response(200, json={"items": [], "cursor": None})

    def form(self) -> dict[str, str]:
        """The fields of the only text that was sent."""
        (sent,) = [each for each in self.asked if each.method == "POST"]
        boundary = b"--" + sent.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = [part.partition(b"\r\n\r\n") for part in sent.content.split(boundary)[1:-1]]
        return {
            unquote(head.decode().partition('name="')[2].partition('"')[0]): body.decode().strip()
            for head, _, body in parts
        }


class Reads:
    """Every person has an id in every product; remembers which were asked for."""

    def __init__(self) -> None:
        self.products: list[Product] = []

    async def look_up(self, _account: Account, _person: Person) -> ProfileSeen:
        raise AssertionError("the profile is fresh")

    async def product_id(self, _account: Account, person: Person, product: Product) -> str:
        self.products.append(product)
        return f"{product.value}-{person.person_id}"

    async def posts(self, _account: Account, _person: Person) -> tuple[str, Sequence[PostSeen]]:
        raise AssertionError("an InMail needs no post")


def unipile(provider: Provider) -> Unipile:
    client = connect("127.0.0.1:1", Secret.of("token"), connections=2, transport=provider)
    timeouts = Timeouts(linkedin=timedelta(seconds=60), store=timedelta(seconds=20))
    return Unipile(client, timeouts=timeouts, metrics=Metrics(CollectorRegistry()))


def ports(provider: Provider, reads: Reads) -> Ports:
    async def nothing(*_asked: Any) -> Sequence[str]:
        return ()

    async def alone(*_asked: Any) -> Twins:
        return Twins()

    return Ports(unipile=unipile(provider), reads=reads, used_posts=nothing, twins=alone)


def known(profile: Profile = PROFILE, *, tier: Tier = Tier.PREMIUM, **more: Any) -> Known:
    account = replace(ACCOUNT, tier=tier)
    return Known(request=REQUEST, account=account, profile=profile, now=NOW, **more)


@pytest.mark.parametrize(
    ("left", "product"),
    [
        ({"premium": 1, "sales_navigator": 50, "recruiter": 150}, Product.CLASSIC),
        ({"premium": 0, "sales_navigator": 50, "recruiter": 150}, Product.SALES_NAVIGATOR),
        ({"premium": None, "sales_navigator": 50, "recruiter": None}, Product.SALES_NAVIGATOR),
        ({"premium": None, "sales_navigator": 0, "recruiter": 1}, Product.RECRUITER),
    ],
)
async def test_the_first_product_with_credits(
    left: dict[str, int | None], product: Product
) -> None:
    """A credit is good in its own product; the id there is read only of another than classic."""
    reads = Reads()

    target = await INMAIL.prepare(known(), ports(Provider(**left), reads))

    other = product is not Product.CLASSIC
    assert (target.provider_id, target.product) == ("ACo-ada", product)
    assert target.product_id == (f"{product.value}-per_ada" if other else "")
    assert reads.products == ([product] if other else [])


@pytest.mark.parametrize("left", [{}, {"premium": 0, "sales_navigator": 0, "recruiter": None}])
async def test_no_credits(left: dict[str, int | None]) -> None:
    """Without a credit in any product it is never sent, and nobody is looked up for it."""
    reads = Reads()

    with pytest.raises(ActionFailed) as told:
        await INMAIL.prepare(known(), ports(Provider(**left), reads))

    assert told.value.reason == "INMAIL_CREDITS_EXHAUSTED"
    assert not reads.products


@pytest.mark.parametrize("free", [{"open_profile": True}, {"connected": True}])
async def test_what_costs_nothing_is_classic(free: dict[str, bool]) -> None:
    """To an open profile and to a connection no credit is looked for."""
    provider = Provider(sales_navigator=50)
    reads = Reads()

    target = await INMAIL.prepare(known(replace(PROFILE, **free)), ports(provider, reads))

    assert target == Target(provider_id="ACo-ada")
    assert not reads.products
    assert not provider.asked


def test_the_product_is_aimed_at() -> None:
    """What the preparation found of the product is part of what the InMail is aimed at."""
    found = INMAIL.resolve(known(prepared=BY_SALES_NAVIGATOR))

    assert found == Resolved(target=BY_SALES_NAVIGATOR)


@pytest.mark.parametrize(
    ("target", "api", "recipient"),
    [
        (Target(provider_id="ACo-ada"), "classic", "ACo-ada"),
        (BY_SALES_NAVIGATOR, "sales_navigator", "ACw-ada"),
        (replace(BY_SALES_NAVIGATOR, connected=True), None, "ACo-ada"),
    ],
)
async def test_sent_by_the_product(target: Target, api: str | None, recipient: str) -> None:
    """It goes by its product to the id there; to a connection, as a message to the classic id."""
    provider = Provider()
    action = replace(ACTION, target=target)

    sent = await send_text(
        Sending(request=REQUEST, action=action, account=ACCOUNT, name="ada", now=NOW),
        unipile(provider),
    )

    form = provider.form()
    assert (form.get("linkedin[api]"), form["attendees_ids"]) == (api, recipient)
    assert sent.profile.provider_id == sent.outcome.provider_id == "ACo-ada"


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        (Target(provider_id="ACo-ada", chat_id="chat-0"), "/chat_attendees/ACo-ada/chats"),
        (replace(BY_SALES_NAVIGATOR, chat_id="chat-0"), "/chat_attendees/ACw-ada/chats"),
        (Target(provider_id="ACo-ada", chat_id="chat-0", connected=True), "/chats/chat-0/messages"),
    ],
)
async def test_looked_for_where_it_can_be(target: Target, asked: str) -> None:
    """An InMail is looked for in the chats of its product, one that went as a message in its."""
    provider = Provider()

    found = await find_text(replace(ACTION, target=target), ACCOUNT, ports(provider, Reads()))

    assert found == Missing()
    assert [each.url.path for each in provider.asked] == [f"/api/v1{asked}"]
