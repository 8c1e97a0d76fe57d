"""Whoever asks again by one request id gets the first answer, and nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    lead_list_service_pb2,
    lead_service_pb2,
)
from servicekit.auth import Caller, set_caller
from servicekit.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    OutcomeUnknown,
    Unavailable,
)
from servicekit.grpc.calls import Call, Layer
from servicekit.postgres import pool as postgres
from servicekit.postgres.companions import accompanied_by
from servicekit.request_ids.answer_repository import AnswerRepository
from servicekit.request_ids.errors import RequestIdReused, RequestUnderWay
from servicekit.request_ids.layer import answered_once
from servicekit.request_ids.named_request import NamedRequest
from servicekit.request_ids.repeats import begun_before
from servicekit.request_ids.table import ADD_SUBJECT, CREATE, GONE, sealed_rows
from servicekit.sealing import data_keys
from servicekit.sealing.rotation import DataKeyRotation

from tests.fakes.sealing import sealing

METHOD = "/outreach.campaign.v1.CampaignService/UpdateCampaign"
ANN, BOB = Caller("mem_ann", "org_1"), Caller("mem_bob", "org_1")

Handler = Callable[[], Awaitable[Message]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[postgres.Pool]:
    async with postgres.connect_pool(database_url, "public", max_size=8) as pool:
        await pool.execute("CREATE TABLE changes (what text)")
        async with pool.acquire() as connection:
            await connection.execute(f"{CREATE}; {ADD_SUBJECT}; {data_keys.CREATE}")
            await connection.execute(f"CREATE UNIQUE INDEX {data_keys.IN_USE} ON {data_keys.INDEX}")
        yield pool


@pytest.fixture
def answers(pool: postgres.Pool) -> AnswerRepository:
    return AnswerRepository(pool, sealing(), schema="public")


@pytest.fixture
def once(answers: AnswerRepository) -> Layer:
    return answered_once(answers, lambda _method: None)


def update(request_id: str = "one", name: str = "Spring", **more: Any) -> Message:
    campaign = campaign_pb2.Campaign(campaign_id="camp_1", name=name)
    return campaign_service_pb2.UpdateCampaignRequest(
        campaign=campaign, request_id=request_id, **more
    )


class Context:
    """What a layer asks of gRPC's own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def time_remaining(self) -> float:
        return self._seconds


def call_of(request: Message, *, within: float, caller: Caller = ANN) -> Call:
    set_caller(caller)
    context: Any = Context(within)
    return Call(METHOD, context, {}, request=request)


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
        call = call_of(request or update(), within=within, caller=caller)
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


async def test_an_answer_lies_sealed(once: Layer, pool: postgres.Pool, changing: Changing) -> None:
    """Moved to another request it is not told: nothing is done again, and it is asked for later."""
    first = await ask(once, changing)
    await ask(once, changing, update("two"))
    answers = await pool.fetch("SELECT request_id, answer FROM request_answers ORDER BY request_id")
    await pool.execute("UPDATE request_answers SET answer = $1", answers[1]["answer"])

    with pytest.raises(RequestUnderWay):
        await ask(once, changing)
    await pool.execute("UPDATE request_answers SET answer = $1", answers[0]["answer"])

    assert not any(b"changed" in row["answer"] for row in answers)
    assert await ask(once, changing) == first
    assert await changing.changes() == 2


async def test_an_answer_outlives_its_key(
    once: Layer, pool: postgres.Pool, changing: Changing
) -> None:
    """Keys are changed: whoever asks again is told the same."""
    first = await ask(once, changing)

    done = await DataKeyRotation(pool, sealing(), [sealed_rows("public")]).rotate(
        older_than=timedelta(0), kept=timedelta(0)
    )

    assert (done.sealed, done.destroyed, done.left) == (1, 1, 0)
    assert await ask(once, changing) == first


async def test_of_many_at_once_one_changes_something(once: Layer, changing: Changing) -> None:
    """The others are told to ask again, and are told what came of it."""
    told_to_wait = 0

    async def slowly() -> Message:
        while told_to_wait < 5:  # noqa: ASYNC110 - it is a count that is waited for
            await asyncio.sleep(0.01)
        return await changing()

    async def one() -> Message | None:
        nonlocal told_to_wait
        try:
            return await ask(once, slowly)
        except RequestUnderWay:
            told_to_wait += 1
            return None

    ended = await asyncio.gather(*(one() for _ in range(6)))

    (answer,) = (each for each in ended if each is not None)
    assert await changing.changes() == 1
    assert await ask(once, changing) == answer


async def test_another_request_by_the_same_id_is_refused(once: Layer, changing: Changing) -> None:
    """An id is of one request of one caller; another caller's is theirs."""
    first = await ask(once, changing)

    with pytest.raises(RequestIdReused):
        await ask(once, changing, update(name="Autumn"))
    assert await ask(once, changing, update(name="Autumn"), caller=BOB) != first
    assert await changing.changes() == 2


async def test_a_refusal_is_no_answer(once: Layer, changing: Changing) -> None:
    """Whoever was refused is served when they ask again, at once, for that or for another thing."""

    async def refuses() -> Message:
        await changing()
        raise FailedPrecondition("something else is away")

    for name in ("Spring", "Autumn"):
        with pytest.raises(FailedPrecondition):
            await ask(once, refuses, update(name=name))

    assert await ask(once, changing)
    assert await changing.changes() == 3


async def test_what_acts_outside_acts_once(once: Layer) -> None:
    """Although it writes nothing here: a post to a receiver, an account that is restarted."""
    acted = 0
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def posts() -> Message:
        nonlocal acted
        acted += 1
        begun.set()
        await goes_on.wait()
        return campaign_service_pb2.UpdateCampaignResponse()

    first = asyncio.create_task(ask(once, posts))
    await begun.wait()
    with pytest.raises(RequestUnderWay) as refused:
        await ask(once, posts)
    goes_on.set()
    answer = await first

    assert refused.value.retry_after
    assert await ask(once, posts) == answer
    assert acted == 1


async def test_a_call_that_broke_off_is_served_again(once: Layer, changing: Changing) -> None:
    """Nobody serves it any more: whoever asks again need not wait for its deadline, and is served
    by what knows that it may be done.
    """
    changed, begun = asyncio.Event(), list[bool]()

    async def hangs() -> Message:
        await changing()
        changed.set()
        return await asyncio.Future()

    broken = asyncio.create_task(ask(once, hangs))
    await changed.wait()
    broken.cancel()
    await asyncio.wait({broken})

    async def served() -> Message:
        begun.append(begun_before())
        return await changing()

    assert await ask(once, served)
    assert begun == [True]
    with pytest.raises(RequestIdReused):
        await ask(once, served, update(name="Autumn"))


@pytest.mark.parametrize(
    "error", [Unavailable, DeadlineExceeded, OutcomeUnknown, Internal, KeyError]
)
async def test_what_may_be_done_was_begun(
    once: Layer, changing: Changing, error: type[Exception]
) -> None:
    """Whatever is no refusal may have come after the deed; a refusal came before it."""
    begun = list[bool]()

    async def ends_with(error: type[Exception]) -> Message:
        begun.append(begun_before())
        await changing()
        raise error

    for each in (FailedPrecondition, error, error):
        with pytest.raises(each):
            await ask(once, lambda each=each: ends_with(each))

    assert begun == [False, False, True]


async def test_a_process_that_died_is_followed_by_one(
    once: Layer, answers: AnswerRepository, changing: Changing
) -> None:
    """Once its time is over: until then it may still serve. What it lets go then is another's."""
    named = NamedRequest.of(call_of(update(), within=30))
    assert named is not None
    dead = await answers.claim(named, within=timedelta(seconds=0.5))
    assert dead is not None
    with pytest.raises(RequestUnderWay):
        await ask(once, changing)
    serving, goes_on = asyncio.Event(), asyncio.Event()

    async def serves() -> Message:
        serving.set()
        await goes_on.wait()
        return await changing()

    async def comes_back() -> Message:
        while True:
            with suppress(RequestUnderWay):
                return await ask(once, serves)
            await asyncio.sleep(0.05)

    coming = [asyncio.create_task(comes_back()) for _ in range(4)]
    await serving.wait()
    await answers.let_go(named, until=dead.until)
    goes_on.set()
    back = await asyncio.gather(*coming)

    assert [each == back[0] for each in back] == [True] * 4
    assert await changing.changes() == 1


async def test_what_is_only_validated_is_asked_anew(once: Layer, pool: postgres.Pool) -> None:
    """Whoever asks what would come of it wants to know it of now, and nothing of it is kept."""
    told = iter(("now", "then"))

    async def says() -> Message:
        campaign = campaign_pb2.Campaign(name=next(told))
        return campaign_service_pb2.UpdateCampaignResponse(campaign=campaign)

    asked = lead_list_service_pb2.AddLeadListRequest(request_id="one", validate_only=True)
    assert await ask(once, says, asked) != await ask(once, says, asked)
    assert await pool.fetchval("SELECT count(*) FROM request_answers") == 0


async def test_what_a_call_does_is_recorded_once_it_is_done(
    once: Layer, changing: Changing
) -> None:
    """What the layer itself writes has no companion: it would say DONE of what is refused."""
    noted: list[bool] = []

    class Recording:
        wanted = True

        async def before_write(self, _connection: Any) -> None:
            noted.append(False)

        async def before_commit(self, _connection: Any) -> None:
            noted.append(True)

        def created(self, _noun: str, _new_id: str) -> None:
            raise AssertionError

        def committed(self, _connection: Any, *, for_good: bool) -> None:
            assert for_good

    async def refuses() -> Message:
        raise FailedPrecondition

    accompanied_by(Recording())
    with pytest.raises(FailedPrecondition):
        await ask(once, refuses)
    assert noted == []
    await ask(once, changing)
    assert noted == [False, True]


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


async def test_what_an_answer_shows_can_be_forgotten(
    pool: postgres.Pool, answers: AnswerRepository, changing: Changing
) -> None:
    """Whoever asks again is served by what is now, and knows that it may be done already.

    The id stays one of that request alone.
    """
    once = answered_once(answers, lambda _method: None, subject_field="lead_id")
    begun = []

    async def served() -> Message:
        begun.append(begun_before())
        return await changing()

    def stop(lead_id: str) -> Message:
        return lead_service_pb2.StopLeadRequest(lead_id=lead_id, request_id="one")

    await ask(once, served, stop("lead_1"))
    forget = f"UPDATE request_answers SET {GONE} WHERE subject = $1 RETURNING answer"
    assert await pool.fetch(forget, "lead_2") == []
    assert len(await pool.fetch(forget, "lead_1")) == 1
    with pytest.raises(RequestIdReused):
        await ask(once, served, stop("lead_2"))
    await ask(once, served, stop("lead_1"))

    assert begun == [False, True]
    assert await changing.changes() == 2
