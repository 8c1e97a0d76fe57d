"""Every kind of action reaches a route of the simulator, which knows it by its name."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from devstack.demo.journal import RULES
from linkedin_gateway.kinds.action_kind import Sending
from linkedin_gateway.kinds.registry import WRITES, write
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, Action, ActionRequest, Kind, Target, WorkingHours
from linkedin_gateway.unipile import Timeouts, Unipile, UnipileError, connect
from outreach.linkedin.v1 import action_pb2
from prometheus_client import CollectorRegistry
from servicekit.credentials.secrets import Secret
from unipile_simulator import Config, World, create_app
from unipile_simulator.journal import CallKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def sent_as(kind: Kind) -> tuple[str | None, CallKind | None]:
    """The route by which an action of the kind came to the simulator, and what it is there."""
    world = World(Config(default_temperament="open_profile"))
    account = world.add_account("unipile-1", tier="premium")
    person = world.people.add("ada", seen_in="a list")
    provider_id = world.people.provider_id(person, account.id)
    transport = httpx.ASGITransport(app=create_app(world))
    client = connect(
        "127.0.0.1:1", Secret.of("simulator-token"), connections=1, transport=transport
    )
    timeouts = Timeouts(linkedin=timedelta(seconds=20), store=timedelta(seconds=20))
    ids = {
        "action_id": "act",
        "organization_id": "org",
        "account_id": "acct",
        "campaign_id": "camp",
        "lead_id": "lead",
        "identifier": "ada",
        "person_id": "per",
    }
    target = Target(provider_id=provider_id, invitation_id="inv", post_id="post", chat_id="")
    sending = Sending(
        request=ActionRequest(**ids, kind=kind, text="Hello"),
        action=Action(**ids, kind=kind, target=target, created_at=NOON),
        account=Account(
            account_id="acct",
            organization_id="org",
            unipile_account_id=account.id,
            working_hours=WorkingHours(),
            state_at=NOON,
            created_at=NOON,
        ),
        name="ada",
        now=NOON,
    )
    async with client:
        unipile = Unipile(client, timeouts=timeouts, metrics=Metrics(CollectorRegistry()))
        # Perhaps it is refused; but by a route.
        with suppress(UnipileError):
            await write(kind).send(sending, unipile)
    entry = world.journal.entries[-1]
    await world.close()
    return entry.route, entry.kind


@pytest.mark.parametrize("kind", sorted(WRITES))
async def test_a_kind_has_a_route_in_the_simulator(kind: Kind) -> None:
    """Once a kind without a route was refused as unknown, and every test went on."""
    number = action_pb2.ActionKind.Value(f"ACTION_KIND_{kind.name}")
    (name,) = (name for name, rules in RULES.items() if rules.action == number)

    route, known_as = await sent_as(kind)

    assert route is not None
    assert known_as == name


def test_the_demo_knows_every_call_of_the_journal() -> None:
    """What the simulator writes down as done to people is held to its rules by the demo."""
    assert {*RULES} == {*CallKind} - {CallKind.WEBHOOK}
