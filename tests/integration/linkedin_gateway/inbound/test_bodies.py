"""Whatever comes by webhook is kept as it came, and heard if a person wrote it."""

import asyncio
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linkedin_gateway.inbound import inbound_repository
from servicekit.errors import FailedPrecondition
from servicekit.postgres.errors import DatabaseUnavailable

from tests.integration.linkedin_gateway.conftest import SECRET, TOKEN

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
MIB = 1024 * 1024


async def post(house: Any, raw: bytes, *, to: str = "") -> int:
    """One webhook, byte by byte."""
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        answer = await http.post(
            f"/webhooks/unipile/{TOKEN}{to}", content=raw, headers={"Unipile-Auth": SECRET}
        )
        return answer.status_code


async def kept(house: Any) -> list[bytes | None]:
    """The bodies that are stored, as they came."""
    stored = house.gateway.repositories.inbound.since(datetime.min.replace(tzinfo=UTC))
    return [each.raw async for each in stored]


async def written_to(house: Any, lead: str) -> dict[str, str]:
    """A lead who accepted and got a message; from then on no webhook comes by itself."""
    await house.perform(house.request("send_invitation", lead))
    await house.people(lead, "accept")
    outcome = await house.perform(house.request("send_message", lead, text="Hello"))
    house.world.webhooks._by_id.clear()
    return {
        "LEAD": outcome.provider_id,
        "OWNER": (await house.account_row()).provider_id,
        "CHAT": outcome.chat_id,
        "LEAD-NAME": lead,
        "ACw-of-LEAD": "ACwAAAAnother-id-of-the-same-person",
    }


def filled_in(case: dict[str, Any], values: dict[str, str], at: str) -> bytes:
    """The body of a case with the simulator's ids; what is to be an escape stays one."""
    body = copy.deepcopy(case["body"])
    if body["timestamp"].startswith("2026"):
        body["timestamp"] = at
    text = json.dumps(body)
    for name in sorted(values, key=len, reverse=True):
        text = text.replace(f'"{name}"', json.dumps(values[name]))
    text = text.replace("/in/LEAD-NAME", f"/in/{values['LEAD-NAME']}")
    return text.replace("\\\\ud83d", "\\ud83d").encode()


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
async def test_cases(house: Any, case: dict[str, Any]) -> None:
    """Each body is stored, and heard as it is right; who was heard gets no follow-up."""
    values = await written_to(house, "ada")
    house.clock.advance(60)
    at = house.gateway.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    raw = filled_in(case, values, at)

    assert await post(house, raw) == 200
    await house.relay()

    assert raw in await kept(house)
    heard = not case["right"].startswith("no reply")
    assert len(house.reported.of("reply_received")) == int(heard)
    follow_up = house.request("send_message", "ada", text="Still there?")
    if heard:
        with pytest.raises(FailedPrecondition):
            await house.perform(follow_up)
    else:
        await house.perform(follow_up)
    assert len(house.writes("message")) == 2 - int(heard)


def reply(values: dict[str, str], number: int, **fields: Any) -> dict[str, Any]:
    return {
        "event": "message_received",
        "account_id": "unipile-1",
        "account_info": {"user_id": values["OWNER"]},
        "chat_id": values["CHAT"],
        "message_id": f"m-{number}",
        "message": "Yes",
        "sender": {"attendee_provider_id": values["LEAD"]},
        **fields,
    }


@pytest.mark.parametrize(
    "extra",
    [
        b'"deep": ' + b"[" * 300_000 + b"]" * 300_000,
        b'"nan": NaN, "more": -Infinity',
        b'"long": ' + b"9" * 10_000,
        b'"large": "' + b"x" * (4 * MIB - 2_000) + b'"',
        b'"nul": "\\u0000", "half": "\\ud83d", "bytes": "\xff\xfe"',
    ],
    ids=["deep", "nan", "long", "large", "unprintable"],
)
async def test_what_else_a_body_holds_hides_no_reply(house: Any, extra: bytes) -> None:
    """Size, depth and odd values beside a message take nothing away from it; replay too."""
    values = await written_to(house, "ada")
    began = house.gateway.clock.now()
    raw = b"{" + extra + b", " + json.dumps(reply(values, 1)).encode()[1:]

    assert await post(house, raw) == 200
    await house.relay()
    again = await house.gateway.inbound.replay(since=began, account=None)

    assert len(house.reported.of("reply_received")) == 1
    assert again >= 1


async def test_what_is_too_large_is_refused(house: Any) -> None:
    """Beyond four MiB nothing is taken in."""
    assert await post(house, b"x" * (4 * MIB + 1)) == 413


async def test_what_cannot_be_read_is_kept_too(house: Any) -> None:
    """It is refused, once stored: a later release may know what it is."""
    assert await post(house, b"<html>") == 400
    assert await kept(house) == [b"<html>"]


async def test_an_edit_is_heard(house: Any) -> None:
    """An automatic reply that its author rewrites is a reply of theirs."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.people("ada", "reply", text="Automatic reply: I am out of the office.")
    await house.people("ada", "edit", text="I am back. Not for us.")
    await house.relay()

    told = [event.reply_received.automatic for event in house.reported.of("reply_received")]
    assert told == [True, False]
    with pytest.raises(FailedPrecondition):
        await house.perform(house.request("send_message", "ada", text="Still there?"))


async def test_one_that_nobody_understands_holds_up_no_other(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried less and less often, then is parked and counted; others are followed."""
    values = await written_to(house, "ada")
    follow = house.gateway.inbound._follow

    async def failing(key: str, body: Any, *, final: bool) -> bool:
        if body.get("message") == "poison":
            raise RuntimeError("nobody understands it")
        return bool(await follow(key, body, final=final))

    monkeypatch.setattr(house.gateway.inbound, "_follow", failing)
    assert await post(house, json.dumps(reply(values, 1, message="poison")).encode()) == 200
    for _ in range(12):
        house.clock.advance(86_400)
        await house.gateway.inbound.retry_due()
    parked = await house.gateway.repositories.inbound.parked()
    await house.pool.execute(
        "INSERT INTO inbound (dedupe_key, raw, received_at) VALUES ('left', $1, $2)",
        json.dumps(reply(values, 999)).encode(),
        house.gateway.clock.now(),
    )
    await house.gateway.inbound.retry_due()
    await house.relay()

    assert parked == 1
    assert len(house.reported.of("reply_received")) == 1


class Killed(BaseException):
    """The process is no more."""


async def killed(*_: Any, **__: Any) -> Any:
    raise Killed


def dies_as_it_is_opened(_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*given: Any) -> bytes:
        raise Killed(given)

    monkeypatch.setattr(inbound_repository, "webhook_opened", opened)


def dies_as_it_is_read(_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound_repository, "read_body", killed)


def dies_as_it_is_followed(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.gateway.inbound, "_follow", killed)


@pytest.mark.parametrize("dies", [dies_as_it_is_opened, dies_as_it_is_read, dies_as_it_is_followed])
async def test_what_takes_the_process_with_it_is_parked(
    house: Any, monkeypatch: pytest.MonkeyPatch, dies: Callable[..., None]
) -> None:
    """No process lives to say that it failed: the next ones would take it up for ever."""
    values = await written_to(house, "ada")
    with monkeypatch.context() as first:
        dies_as_it_is_followed(house, first)
        with pytest.raises(Killed):
            await house.gateway.inbound.receive(json.dumps(reply(values, 1)).encode())
    dies(house, monkeypatch)

    deaths = 0
    for deaths in range(100):  # noqa: B007 - how many there were
        house.clock.advance(86_400)
        try:
            await house.gateway.inbound.retry_due()
            break
        except Killed:
            continue

    assert inbound_repository.MOST_ATTEMPTS <= deaths < 99
    assert await house.gateway.repositories.inbound.parked() >= 1


async def test_one_is_tried_by_one_process_at_a_time(house: Any) -> None:
    """Another one has found it due as well, and comes second: it is counted once."""
    values = await written_to(house, "ada")
    kept = house.gateway.repositories.inbound
    began = house.gateway.clock.now()
    raw = json.dumps(reply(values, 1)).encode()
    await kept.store("left", raw, received_at=began, retry_at=began)
    (due,) = await kept.not_understood(now=began)

    first = await kept.take_up(due, again_at=began)
    second = await kept.take_up(due, again_at=began)

    assert first is not None
    assert (first.raw, second) == (raw, None)
    assert [each.attempts for each in await kept.not_understood(now=began)] == [1]


async def test_what_was_parked_is_followed_by_a_replay(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the gateway is mended it is parked no more; it stayed so until it was forgotten."""
    values = await written_to(house, "ada")
    began = house.gateway.clock.now()
    follow = house.gateway.inbound._follow

    async def failing(key: str, body: Any, *, final: bool) -> bool:
        if body.get("message_id") == "m-1":
            raise RuntimeError("a bug of ours")
        return bool(await follow(key, body, final=final))

    monkeypatch.setattr(house.gateway.inbound, "_follow", failing)
    assert await post(house, json.dumps(reply(values, 1)).encode()) == 200
    for _ in range(12):
        house.clock.advance(86_400)
        await house.gateway.inbound.retry_due()
    parked = house.gateway.repositories.inbound.parked
    before = await parked()
    await house.gateway.inbound.replay(since=began, account=None)
    unmended = await parked()

    monkeypatch.setattr(house.gateway.inbound, "_follow", follow)
    await house.gateway.inbound.replay(since=began, account=None)
    await house.relay()

    assert (before, unmended, await parked()) == (1, 1, 0)
    assert len(house.reported.of("reply_received")) == 1


async def test_a_replay_gives_up_nothing_that_is_still_tried(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed a moment ago is tried again as soon as without it, a state of an account too.

    Such a state was taken for understood, and a message was left alone for half a day.
    """
    values = await written_to(house, "ada")
    began = house.gateway.clock.now()
    follow = house.gateway.inbound._follow

    async def failing(*_: Any, **__: Any) -> bool:
        raise RuntimeError("what it needs is away")

    monkeypatch.setattr(house.gateway.inbound, "_follow", failing)
    assert await post(house, json.dumps(reply(values, 1)).encode()) == 200
    status = {"account_id": "unipile-1", "message": "CREDENTIALS"}
    assert await post(house, json.dumps({"AccountStatus": status}).encode()) == 200
    await house.gateway.inbound.replay(since=began, account=None)

    monkeypatch.setattr(house.gateway.inbound, "_follow", follow)
    house.clock.advance(120)
    await house.gateway.inbound.retry_due()
    await house.relay()

    assert len(house.reported.of("reply_received")) == 1
    assert (await house.account_row()).state.value == "disconnected"


async def test_while_the_database_is_away_the_sender_comes_again(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not stored is never answered as if it were."""

    async def away(*_args: Any, **_more: Any) -> bool:
        raise OSError("the disk is full")

    monkeypatch.setattr(house.gateway.repositories.inbound, "store", away)

    assert await post(house, b"{}") == 503


async def test_while_the_database_is_away_an_owner_is_not_told_to_be_unknown(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback of a sign-in is kept before it is answered, as webhooks are."""

    async def away(*_args: Any, **_more: Any) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(house.gateway.repositories.sign_ins, "claim", away)
    body = json.dumps({"status": "CREATION_SUCCESS", "account_id": "new", "name": "token"})

    assert await post(house, body.encode(), to="/connected") == 503


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "event", "account_id", "account_info", "chat_id", "message_id", "message", "sender",
    "attendees", "timestamp", "is_sender", "is_event", "is_group", "AccountStatus", "found",
]  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    change=st.dictionaries(st.sampled_from(FIELDS), json_values),
    event=st.sampled_from(["message_received", "message_edited", "new_relation", "message_found"]),
)
async def test_no_body_is_an_error(house: Any, change: dict[str, Any], event: str) -> None:
    """Whatever stands in the fields of a webhook, it is stored and answered."""
    body = {"event": event, "account_id": "unipile-1", "sender": {}, **change}

    assert await post(house, json.dumps(body).encode()) == 200
    failed = await house.pool.fetchval("SELECT count(*) FROM inbound WHERE attempts > 0")
    assert failed == 0


@pytest.mark.parametrize("own", [False, True], ids=["of theirs", "by the owner's hand"])
@pytest.mark.parametrize("store_is_away", [False, True])
async def test_an_id_of_a_product_alone(open_house: Any, *, own: bool, store_is_away: bool) -> None:
    """Who wrote in a product's inbox, and to whom, the store tells if the webhook does not.

    A poll that finds the same message later comes too late for that: it is known by then.
    """
    async with open_house(tier="sales_navigator") as house:
        await house.perform(house.request("send_invitation", "ada"))
        house.world.webhooks._by_id.clear()
        await house.people("ada", "write" if own else "reply", text="So", inbox="sales_navigator")
        (chat,) = house.world.chats.of("unipile-1")
        theirs = {"attendee_provider_id": house.called("ada")["sales_navigator"]}
        owner = {"attendee_provider_id": (await house.account_row()).provider_id}
        body = {
            "event": "message_received",
            "account_id": "unipile-1",
            "chat_id": chat.id,
            "message_id": chat.messages[-1].id,
            "message": "So",
            "is_sender": own,
            "sender": owner if own else theirs,
            "attendees": [theirs],
        }
        if store_is_away:
            await house.fault(route="/chats/*", method="GET", fault="503", times=None)

        assert await post(house, json.dumps(body).encode()) == 200
        await house.control.delete("/_simulator/faults")
        house.clock.advance(60)
        await house.gateway.inbound.retry_due()
        await house.gateway.message_polling.poll_due()
        await house.relay()

        (event,) = house.reported.of("owner_wrote" if own else "reply_received")
        assert [lead.lead_id for lead in event.leads] == ["lead_ada"]


async def test_others_are_served_meanwhile(house: Any) -> None:
    """Reading the longest body takes seconds, in which nothing else stands still."""
    whole = b'{"event":"message_received","attendees":[' + b"{}," * (MIB + MIB // 4) + b"{}]}"
    posted = asyncio.ensure_future(post(house, whole))
    turns = 0
    while not posted.done():
        turns += 1
        await asyncio.sleep(0)

    assert posted.result() == 200
    assert turns > 1_000
