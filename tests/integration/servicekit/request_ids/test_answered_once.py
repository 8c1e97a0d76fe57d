"""Whoever asks again by one request id gets the first answer, and nothing is done twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from servicekit.auth import Caller, set_caller
from servicekit.errors import FailedPrecondition
from servicekit.grpc.calls import Call, Layer
from servicekit.postgres import pool as postgres
from servicekit.request_ids.answer_repository import AnswerRepository
from servicekit.request_ids.errors import RequestIdReused, RequestUnderWay
from servicekit.request_ids.layer import answered_once
from servicekit.request_ids.table import CREATE

METHOD = "/outreach.campaign.v1.CampaignService/UpdateCampaign"
ANN, BOB = Caller("mem_ann", "org_1"), Caller("mem_bob", "org_1")

Handler = Callable[[], Awaitable[Message]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[postgres.Pool]:
    async with postgres.connect_pool(database_url, "public", max_size=8) as pool:
        await pool.execute("CREATE TABLE changes (what text)")
        async with pool.acquire() as connection:
            await connection.execute(CREATE)
        yield pool


@pytest.fixture
def answers(pool: postgres.Pool) -> AnswerRepository:
    return AnswerRepository(pool, schema="public")


@pytest.fixture
def once(answers: AnswerRepository) -> Layer:
    return answered_once(answers)


def update(request_id: str = "one", name: str = "Spring") -> Message:
    campaign = campaign_pb2.Campaign(campaign_id="camp_1", name=name)
    return campaign_service_pb2.UpdateCampaignRequest(campaign=campaign, request_id=request_id)


class Context:
    """What a layer asks of gRPC's own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def time_remaining(self) -> float:
        return self._seconds


async def ask(
    once: Layer,
    handler: Handler,
    request: Message | None = None,
    *,
    caller: Caller = ANN,
    within: float = 30,
) -> Message:
    """As a server does: each call in a task of its own."""

    async def served() -> Message:
        set_caller(caller)
        context: Any = Context(within)
        call = Call(METHOD, context, {}, request=request or update())
        async with once(call):
            if call.answer is None:
                call.answer = await handler()
            return call.answer

    return await asyncio.create_task(served())


class Changing:
    """A servicer's method that changes something, and answers how often it did."""

    def __init__(self, pool: postgres.Pool) -> None:
        self._pool = pool
        self.served = 0

    async def __call__(self) -> Message:
        self.served += 1
        await self._pool.execute("INSERT INTO changes VALUES ('changed')")
        return campaign_service_pb2.UpdateCampaignResponse(
            campaign=campaign_pb2.Campaign(name=f"changed {self.served} times")
        )

    async def changes(self) -> int:
        count: int = await self._pool.fetchval("SELECT count(*) FROM changes")
        return count


@pytest.fixture
def changing(pool: postgres.Pool) -> Changing:
    return Changing(pool)


async def test_the_second_call_gets_the_first_answer(once: Layer, changing: Changing) -> None:
    """Whatever became of it since; without an id each call is one of its own."""
    first = await ask(once, changing)
    again = await ask(once, changing)

    assert again == first
    assert await changing.changes() == 1
    await ask(once, changing, update(request_id=""))
    await ask(once, changing, update(request_id=""))
    assert await changing.changes() == 3


async def test_of_many_at_once_one_changes_something(once: Layer, changing: Changing) -> None:
    """The others are told to ask again, and are told what came of it."""
    together = asyncio.Barrier(6)

    async def at_once() -> Message:
        await together.wait()
        return await changing()

    ended = await asyncio.gather(*(ask(once, at_once) for _ in range(6)), return_exceptions=True)

    told = Counter(type(each).__name__ for each in ended)
    assert told == {"UpdateCampaignResponse": 1, "RequestUnderWay": 5}
    assert await changing.changes() == 1
    (answer,) = (each for each in ended if isinstance(each, Message))
    assert await ask(once, changing) == answer


async def test_another_request_by_the_same_id_is_refused(once: Layer, changing: Changing) -> None:
    """An id is of one request of one caller; another caller's is theirs."""
    first = await ask(once, changing)

    with pytest.raises(RequestIdReused):
        await ask(once, changing, update(name="Autumn"))
    assert await ask(once, changing, update(name="Autumn"), caller=BOB) != first
    assert await changing.changes() == 2


async def test_a_refusal_is_no_answer(once: Layer, changing: Changing) -> None:
    """Whoever was refused is served when they ask again, at once."""

    async def refuses() -> Message:
        await changing()
        raise FailedPrecondition("something else is away")

    for _ in range(2):
        with pytest.raises(FailedPrecondition):
            await ask(once, refuses)

    assert await ask(once, changing)
    assert await changing.changes() == 3


async def test_what_was_undone_was_not_asked(
    once: Layer, pool: postgres.Pool, changing: Changing
) -> None:
    """Of a transaction that is rolled back nothing stands, neither change nor request."""

    async def undoes() -> Message:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO changes VALUES ('undone')")
            raise FailedPrecondition

    with pytest.raises(FailedPrecondition):
        await ask(once, undoes)

    assert await pool.fetchval("SELECT count(*) FROM request_answers") == 0
    assert await ask(once, changing)


async def test_a_call_that_died_is_taken_over_by_one(once: Layer, changing: Changing) -> None:
    """Once its time is over: until then it may still be served."""
    changed = asyncio.Event()

    async def hangs() -> Message:
        await changing()
        changed.set()
        return await asyncio.Future()

    dying = asyncio.create_task(ask(once, hangs, within=0.5))
    await changed.wait()
    with pytest.raises(RequestUnderWay) as refused:
        await ask(once, changing)
    assert refused.value.retry_after

    async def comes_back() -> Message:
        while True:
            try:
                return await ask(once, changing)
            except RequestUnderWay:
                await asyncio.sleep(0.05)

    back = await asyncio.gather(*(comes_back() for _ in range(4)))
    dying.cancel()

    assert [each == back[0] for each in back] == [True] * 4
    assert await changing.changes() == 2


async def test_what_wrote_nothing_is_answered_alike(once: Layer) -> None:
    """Whoever asks for what is so already is told the same thing twice."""
    told = iter(("first", "second"))

    async def says() -> Message:
        campaign = campaign_pb2.Campaign(name=next(told))
        return campaign_service_pb2.UpdateCampaignResponse(campaign=campaign)

    assert await ask(once, says) == await ask(once, says)


async def test_answers_are_forgotten_after_a_week(
    once: Layer, pool: postgres.Pool, answers: AnswerRepository, changing: Changing
) -> None:
    """Then the id is free again; a younger answer stays."""
    await ask(once, changing)
    await ask(once, changing, update(request_id="two"))
    await pool.execute(
        "UPDATE request_answers SET asked_at = asked_at - $1::interval WHERE request_id = 'one'",
        timedelta(days=7, seconds=1),
    )

    assert await answers.forget() == 1
    await ask(once, changing)
    await ask(once, changing, update(request_id="two"))
    assert await changing.changes() == 3
