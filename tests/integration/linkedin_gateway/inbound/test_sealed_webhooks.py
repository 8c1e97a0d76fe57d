"""What people wrote lies sealed: webhooks as they came, and what campaign-api is to be told."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from linkedin_gateway.composition import Gateway
from linkedin_gateway.inbound.inbound_repository import MOST_ATTEMPTS
from linkedin_gateway.storage.reseal import reseal
from linkedin_gateway.storage.sealed_columns import SEALED
from pydantic import SecretStr
from servicekit.errors import FailedPrecondition
from servicekit.postgres.scope import acting_for
from servicekit.sealing.rotation import DataKeyRotation
from servicekit.startup.rewrapping import rewrap

from tests.fakes.sealing import FIRST, SECOND, sealing, sealing_by
from tests.integration.linkedin_gateway.conftest import StandingClock

SAID = "Gladly, on Tuesday"
HASHES = base64.urlsafe_b64encode(bytes([7]) * 32).decode()
"""The hash key of `sealing`."""
_LIES = """
SELECT (SELECT bool_or(position($1::bytea IN raw) > 0) FROM inbound) AS came,
       (SELECT bool_or(position($1::bytea IN event) > 0) FROM outbox) AS told
"""
_COPY_EVENT = """
UPDATE outbox SET event = (SELECT event FROM outbox WHERE event_id LIKE 'reply/%'
                            ORDER BY position LIMIT 1)
 WHERE position = (SELECT max(position) FROM outbox WHERE event_id LIKE 'reply/%')
"""
_COPY_WEBHOOK = """
UPDATE inbound SET understood_at = NULL, attempts = 0, retry_at = received_at,
       raw = (SELECT raw FROM inbound ORDER BY received_at, dedupe_key LIMIT 1)
 WHERE dedupe_key = (SELECT max(dedupe_key) FROM inbound WHERE dedupe_key LIKE 'message/%')
"""
# As releases long before have kept them: what it said, and not what came.
_AS_BODIES = "UPDATE inbound SET body = convert_from(raw, 'UTF8')::jsonb, raw = NULL"
_LIES_IN_INBOUND = """
SELECT bool_or(position($1 IN inbound::text) > 0
               OR coalesce(position(convert_to($1, 'UTF8') IN raw), 0) > 0) FROM inbound
"""
_PARK = "UPDATE inbound SET understood_at = NULL, organization_id = '', attempts = $1"
_KEYS = "SELECT key_id FROM data_keys WHERE created_at < 'infinity'"
# Of replies alone: that somebody accepted may be read later than they are relayed.
_WAITING = """
SELECT count(*) FROM outbox
 WHERE delivered_at IS NULL AND refused_at IS NULL AND event_id LIKE 'reply/%'
"""


async def answered(house: Any, lead: str = "ada") -> None:
    """Somebody accepted and answered; nobody was told of it yet."""
    await house.perform(house.request("send_invitation", lead, note="Hello"))
    await house.people(lead, "accept")
    house.clock.advance(3600)
    await house.people(lead, "reply", text=SAID)


def told(house: Any) -> list[str]:
    return [event.reply_received.text for event in house.reported.of("reply_received")]


@pytest.mark.parametrize("on", [True, False])
async def test_what_they_wrote_lies_nowhere(open_house: Callable[..., Any], *, on: bool) -> None:
    """Not in what came, and not in what is to be told; with sealing off it lies in both."""
    async with open_house(seal=sealing(on=on)) as house:
        await answered(house)
        lies = await house.pool.fetchrow(_LIES, SAID.encode())
        await house.relay()

        assert told(house) == [SAID]
        assert set(lies.values()) == {not on}


async def test_what_was_kept_in_clear_is_read(open_house: Callable[..., Any]) -> None:
    """An upgrade: what was kept before anything was sealed is told, and followed again."""
    async with open_house(seal=sealing(on=False)) as house:
        began = house.clock.now()
        await answered(house)
        sealed = house.another_process(house.pool, house.sender)
        await relayed(sealed)
        await sealed.inbound.replay(since=datetime.fromtimestamp(began, UTC), account=None)
        await relayed(sealed)

    assert told(house) == [SAID, SAID]


@pytest.mark.parametrize("as_bodies", [False, True], ids=["as it came", "as a body"])
async def test_webhooks_of_before_are_sealed(
    open_house: Callable[..., Any], *, as_bodies: bool
) -> None:
    """By one run of the job, in either form of before; they are followed again as ever."""
    async with open_house(seal=sealing(on=False)) as house:
        began = datetime.fromtimestamp(house.clock.now(), UTC)
        await answered(house)
        if as_bodies:
            await house.pool.execute(_AS_BODIES)
        lay = await house.pool.fetchval(_LIES_IN_INBOUND, SAID)
        settings = house.settings.model_copy(
            update={"sealing_keys": SecretStr(FIRST), "sealing_hash_key": SecretStr(HASHES)}
        )
        clock = StandingClock(house.clock)
        code = await reseal(settings, clock)
        lies = await house.pool.fetchval(_LIES_IN_INBOUND, SAID)
        rows = await house.pool.fetch("SELECT * FROM inbound")
        again = await reseal(settings, clock)
        process = house.another_process(house.pool, house.sender, seal=sealing())
        await relayed(process)
        await process.inbound.replay(since=began, account=None)
        await relayed(process)

        assert (code, again) == (0, 0)
        assert (lay, lies) == (True, False)
        assert await house.pool.fetch("SELECT * FROM inbound") == rows
    assert told(house) == [SAID, SAID]


async def test_a_webhook_as_large_as_any_is_sealed(open_house: Callable[..., Any]) -> None:
    """As long as what the port takes: it is kept, sealed, and opens again."""
    raw = b'{"said": "' + SAID.encode() + b"x" * (4 * 1024 * 1024 - 64) + b'"}'
    async with open_house(seal=sealing()) as house:
        assert await house.gateway.inbound.receive(raw)
        lies = await house.pool.fetchval(_LIES_IN_INBOUND, SAID)
        since = datetime.fromtimestamp(house.clock.now() - 60, UTC)
        found = [each.raw async for each in house.gateway.repositories.inbound.since(since)]

    assert lies is False
    assert found == [raw]


async def test_an_event_that_was_copied_is_not_told(open_house: Callable[..., Any]) -> None:
    """Into another one's row: it is named and left aside, and the others go on."""
    unreadable: list[str] = []
    async with open_house(seal=sealing(on_unreadable=unreadable.append)) as house:
        await answered(house, "ada")
        await answered(house, "bob")
        await house.pool.execute(_COPY_EVENT)
        await house.relay()

        assert told(house) == [SAID]
        assert unreadable == ["outbox.event: it was changed, or belongs elsewhere"]
        assert await house.pool.fetchval(_WAITING) == 1


async def test_a_webhook_that_was_copied_is_not_followed(open_house: Callable[..., Any]) -> None:
    """Into another one's row: it is named, tried as what nobody understands, and then parked."""
    unreadable: list[str] = []
    async with open_house(seal=sealing(on_unreadable=unreadable.append)) as house:
        await answered(house)
        await house.relay()
        await house.pool.execute(_COPY_WEBHOOK)
        for _ in range(MOST_ATTEMPTS):
            await house.gateway.inbound.retry_due()
            house.clock.advance(86_400)
        parked = await house.gateway.repositories.inbound.parked()

    assert set(unreadable) == {"inbound.raw: it was changed, or belongs elsewhere"}
    assert (len(unreadable), parked) == (MOST_ATTEMPTS, 1)
    assert told(house) == [SAID]


async def test_a_reply_stops_its_lead_though_all_keys_are_lost(
    open_house: Callable[..., Any],
) -> None:
    """What was sealed before is named and waits for its key; who answers now is heard."""
    keys, unreadable = [FIRST], list[str]()
    async with open_house(seal=sealing_by(keys, on_unreadable=unreadable.append)) as house:
        await house.perform(house.request("send_invitation", "ada", note="Hello"))
        await house.people("ada", "accept")
        keys[:] = [SECOND]
        await house.people("ada", "reply", text=SAID)
        await house.relay()
        heard, accepted = told(house), house.reported.of("invitation_accepted")
        with pytest.raises(FailedPrecondition):
            await house.perform(house.request("send_message", "ada", text="Still there?"))
        both = house.another_process(house.pool, house.sender, seal=sealing(SECOND, FIRST))
        await relayed(both)

    assert (heard, accepted) == ([SAID], [])
    assert any(why.startswith("outbox.event: the wrapping key") for why in unreadable)
    assert len(house.reported.of("invitation_accepted")) == 1


async def test_the_wrapping_key_is_changed(open_house: Callable[..., Any]) -> None:
    """While an event waits: once every key is wrapped anew it is told without the old one."""
    async with open_house(seal=sealing(FIRST)) as house:
        await answered(house)
        both = house.settings.model_copy(
            update={
                "sealing_keys": SecretStr(f"{SECOND},{FIRST}"),
                "sealing_hash_key": SecretStr(FIRST),
            }
        )
        exit_code = await rewrap(
            both, StandingClock(house.clock), service="linkedin-gateway", schema="gateway"
        )
        new = house.another_process(house.pool, house.sender, seal=sealing(SECOND))
        await relayed(new)

        assert exit_code == 0
        assert told(house) == [SAID]


async def test_data_keys_are_changed(open_house: Callable[..., Any]) -> None:
    """While an event waits: it is told, and its webhook followed again, by keys of today."""
    async with open_house(seal=sealing()) as house:
        began = house.clock.now()
        await answered(house)
        before = set(await house.pool.fetch(_KEYS))
        done = await DataKeyRotation(house.pool, sealing(), SEALED).rotate(
            older_than=timedelta(0), kept=timedelta(0)
        )
        after = set(await house.pool.fetch(_KEYS))
        new = house.another_process(house.pool, house.sender, seal=sealing())
        await relayed(new)
        await new.inbound.replay(since=datetime.fromtimestamp(began, UTC), account=None)
        await relayed(new)

        assert (done.unreadable, done.left) == (0, 0)
        assert done.destroyed == len(before) == len(after) == 2
        assert not before & after
        assert told(house) == [SAID, SAID]


async def test_a_member_has_what_was_parked_followed(open_house: Callable[..., Any]) -> None:
    """What nobody understood is nobody's: it is marked all the same, whoever has it replayed."""
    async with open_house(seal=sealing()) as house:
        began = datetime.fromtimestamp(house.clock.now(), UTC)
        await answered(house)
        organization_id = await house.pool.fetchval("SELECT organization_id FROM accounts")
        await house.pool.execute(_PARK, MOST_ATTEMPTS)
        before = await house.gateway.repositories.inbound.parked()
        with acting_for(organization_id):
            await house.gateway.inbound.replay(since=began, account=None)

        whose = await house.pool.fetch("SELECT DISTINCT organization_id FROM inbound")
        assert before > 0
        assert await house.gateway.repositories.inbound.parked() == 0
        assert [row["organization_id"] for row in whose] == [organization_id]


async def test_what_a_member_replays_in_vain_is_tried_again(
    open_house: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its attempt counts: it is not due at once, as if nobody had tried."""
    async with open_house(seal=sealing()) as house:
        began = datetime.fromtimestamp(house.clock.now(), UTC)
        await answered(house)
        organization_id = await house.pool.fetchval("SELECT organization_id FROM accounts")
        await house.pool.execute(_PARK, 1)

        async def failing(*_: Any, **__: Any) -> bool:
            raise RuntimeError("what it needs is away")

        monkeypatch.setattr(house.gateway.inbound, "_follow", failing)
        with acting_for(organization_id):
            await house.gateway.inbound.replay(since=began, account=None)

        tried = await house.pool.fetch("SELECT DISTINCT attempts FROM inbound")
        assert [row["attempts"] for row in tried] == [2]


async def relayed(gateway: Gateway) -> None:
    while not await gateway.relay.relay_batch():
        pass
