"""What events say, and what is answered to them, lies sealed and is opened for who may read it."""

from datetime import timedelta
from typing import Any

import pytest
from outreach.webhook.v1 import webhook_service_pb2 as pb
from pydantic import SecretStr
from servicekit.errors import FailedPrecondition
from servicekit.postgres import pool as postgres
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import begin_check_anew
from servicekit.settings.refusals import SettingsRefused
from servicekit.startup.rewrapping import rewrap
from servicekit.startup.rotating import rotate
from starlette.responses import Response
from webhook_dispatcher.composition import SERVICE
from webhook_dispatcher.deliveries.sealed_answers import UNREADABLE as ANSWER_UNREADABLE
from webhook_dispatcher.http.sender import UNREADABLE
from webhook_dispatcher.reseal import SEALED, reseal
from webhook_dispatcher.settings import Settings

from tests.fakes.sealing import FIRST, SECOND
from tests.integration.webhook_dispatcher.conftest import FAST, ORGANIZATION, SCHEMA, eventually

NAME = "Zoë"
_UNREADABLE = "sealed_values_unreadable_total"
# Every value of every row, as text; bytes as what they say.
_LIES = """
SELECT (SELECT bool_or(position($1 IN e.payload) > 0
                       OR coalesce(position(convert_to($1, 'UTF8') IN e.sealed_payload), 0) > 0)
          FROM events e) AS said,
       (SELECT bool_or(position($1 IN a::text) > 0
                       OR coalesce(position(convert_to($1, 'UTF8') IN a.sealed_answer), 0) > 0)
          FROM attempts a) AS answered
"""
_COPY_PAYLOAD = """
UPDATE events SET sealed_payload = (SELECT sealed_payload FROM events WHERE event_id = $1)
 WHERE event_id = $2
"""
_COPY_ANSWER = """
UPDATE attempts SET sealed_answer = (SELECT sealed_answer FROM attempts WHERE delivery_id = $1)
 WHERE delivery_id = $2
"""


_KEYS = "SELECT key_id FROM data_keys WHERE organization_id <> ''"


def keys(*given: str) -> dict[str, Any]:
    return {"sealing_keys": SecretStr(",".join(given))}


async def said(dispatcher: Any, event_id: str) -> str:
    request = pb.GetEventRequest(organization_id=ORGANIZATION, event_id=event_id)
    return str((await dispatcher.stub.GetEvent(request)).event.body)


async def resend(dispatcher: Any, delivery: Any) -> None:
    await dispatcher.stub.ResendDelivery(
        pb.ResendDeliveryRequest(
            organization_id=ORGANIZATION,
            delivery_id=delivery.delivery_id,
        )
    )


def echo(request: Any) -> Response:
    return Response(request.body)


@pytest.mark.parametrize("on", [True, False])
async def test_what_was_said_lies_nowhere(
    start_dispatcher: Any, receiver: Any, *, on: bool
) -> None:
    """Not in events, and not where an endpoint repeats it; with sealing off it lies in both."""
    receiver.answer = echo
    async with start_dispatcher(sealing_on=on) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        (attempt,) = await dispatcher.attempts(delivery)
        body = await said(dispatcher, event_id)
        async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
            lies = await pool.fetchrow(_LIES, NAME)

    (received,) = receiver.received
    assert NAME in body
    assert received.body == body == attempt.response_excerpt
    assert set(lies.values()) == {not on}


async def test_what_was_kept_in_clear_is_sent(start_dispatcher: Any, receiver: Any) -> None:
    """An upgrade: published before anything was sealed it is known, read and sent again."""
    async with start_dispatcher(sealing_on=False) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
    async with start_dispatcher() as dispatcher:
        await dispatcher.publish(event_id=event_id)
        await resend(dispatcher, delivery)
        first, second = await receiver.heard(2)

        assert first.body == second.body == await said(dispatcher, event_id)


async def test_what_was_kept_in_clear_is_sealed(start_dispatcher: Any, receiver: Any) -> None:
    """By one run of the job: it is known by what it says, read and sent as before."""
    receiver.answer = echo
    async with start_dispatcher(sealing_on=False) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        (before,) = await dispatcher.attempts(delivery)
    url = {"database_url": SecretStr(dispatcher.database_url)}
    settings = Settings.model_validate(url)
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        lay = await pool.fetchrow(_LIES, NAME)
        code = await reseal(settings, FAST)
        lies = await pool.fetchrow(_LIES, NAME)
        rows = [await pool.fetch(f"SELECT * FROM {table}") for table in ("events", "attempts")]
        again = await reseal(settings, FAST)
        assert [
            await pool.fetch(f"SELECT * FROM {each}") for each in ("events", "attempts")
        ] == rows
    async with start_dispatcher() as dispatcher:
        (after,) = await dispatcher.attempts(delivery)
        body = await said(dispatcher, event_id)
        await dispatcher.publish(event_id=event_id)
        await resend(dispatcher, delivery)
        first, second = await receiver.heard(2)

    assert (code, again) == (0, 0)
    assert (set(lay.values()), set(lies.values())) == ({True}, {False})
    assert after == before
    assert first.body == second.body == body


async def test_an_event_that_was_copied_is_not_sent(start_dispatcher: Any, receiver: Any) -> None:
    """Into another one's row: nothing goes, the attempt says why, the endpoint is not blamed."""
    async with start_dispatcher() as dispatcher:
        await dispatcher.create(receiver.url)
        event_id, other = await dispatcher.publish(), await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        (others,) = await dispatcher.settled(other)
        async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
            await pool.execute(_COPY_PAYLOAD, other, event_id)
            await pool.execute(_COPY_ANSWER, others.delivery_id, delivery.delivery_id)
            await resend(dispatcher, delivery)
            copied, tried = await attempted(dispatcher, delivery, 2)
            failing = await pool.fetchval("SELECT count(*) FROM endpoint_health")

        assert copied.response_excerpt == ANSWER_UNREADABLE
        assert (tried.error, len(receiver.received), failing) == (UNREADABLE, 2, 0)
        assert dispatcher.count(_UNREADABLE) >= 2


async def test_a_lost_key_is_told_of_and_comes_back(start_dispatcher: Any, receiver: Any) -> None:
    """What it sealed is tried like what nobody takes, and goes once the key is back.

    Without it nobody begins, until the keys are said to be lost.
    """
    async with start_dispatcher(**keys(FIRST)) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
    with pytest.raises(SettingsRefused):
        async with start_dispatcher(**keys(SECOND)):
            pass
    url = {"database_url": SecretStr(dispatcher.database_url)}
    seal = seal_of(Settings.model_validate(url | keys(SECOND)), sandbox=True)
    async with postgres.connect_pool(dispatcher.database_url, SCHEMA[0]) as pool:
        await begin_check_anew(pool, seal)
    async with start_dispatcher(**keys(SECOND)) as dispatcher:
        with pytest.raises(FailedPrecondition) as refused:
            await said(dispatcher, event_id)
        await resend(dispatcher, delivery)
        _, tried = await attempted(dispatcher, delivery, 2)
        later = await dispatcher.publish()
        (delivered,) = await dispatcher.settled(later)
    async with start_dispatcher(**keys(SECOND, FIRST)) as dispatcher:
        (back,) = await dispatcher.settled(event_id)
        bodies = [await said(dispatcher, each) for each in (event_id, later)]

    assert refused.value.reason == "EVENT_UNREADABLE"
    assert tried.error == UNREADABLE
    assert {delivered.state, back.state} == {pb.DELIVERY_STATE_DELIVERED}
    assert len(receiver.received) == 3
    assert all(NAME in body for body in bodies)


async def test_the_wrapping_key_is_changed(
    start_dispatcher: Any, receiver: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old and new together, every key wrapped anew, then the old one is needed no more."""
    async with start_dispatcher(**keys(FIRST)) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        await dispatcher.settled(event_id)
        url = {"database_url": SecretStr(dispatcher.database_url)}
    of = {"service": SERVICE, "schema": SCHEMA[0]}
    lost = await rewrap(Settings.model_validate(url | keys(SECOND)), FAST, **of)
    done = await rewrap(Settings.model_validate(url | keys(SECOND, FIRST)), FAST, **of)
    async with start_dispatcher(**keys(SECOND)) as dispatcher:
        body = await said(dispatcher, event_id)

    assert (lost, done) == (1, 0)
    assert NAME in body
    assert "data_key_lost" in capsys.readouterr().out


async def test_data_keys_are_changed(start_dispatcher: Any, receiver: Any) -> None:
    """While it runs: what was said and answered opens by keys that were not there before."""
    receiver.answer = echo
    async with start_dispatcher(**keys(FIRST)) as dispatcher:
        await dispatcher.create(receiver.url)
        event_id = await dispatcher.publish()
        (delivery,) = await dispatcher.settled(event_id)
        async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
            before = set(await pool.fetch(_KEYS))
            exit_code = await rotate(
                Settings.model_validate(
                    {"database_url": SecretStr(dispatcher.database_url)} | keys(FIRST)
                ),
                FAST,
                SEALED,
                service=SERVICE,
                schema=SCHEMA[0],
                older_than=timedelta(0),
                kept=timedelta(0),
            )
            after = set(await pool.fetch(_KEYS))
        await resend(dispatcher, delivery)
        again, first = await attempted(dispatcher, delivery, 2)
        body = await said(dispatcher, event_id)

    assert exit_code == 0
    assert before
    assert len(after) == len(before)
    assert not before & after
    assert NAME in body
    assert body == again.response_excerpt == first.response_excerpt


async def attempted(dispatcher: Any, delivery: Any, times: int) -> list[Any]:
    """The attempts of a delivery, once there are so many."""

    async def enough() -> list[Any]:
        found = await dispatcher.attempts(delivery)
        return list(found[:times]) if len(found) >= times else []

    return list(await eventually(enough))
