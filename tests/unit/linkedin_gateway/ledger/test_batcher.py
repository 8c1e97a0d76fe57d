"""Decision batches: requests that come at once are one; none fails or holds up the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from linkedin_gateway.ledger.batcher import (
    BATCH_SIZE,
    BATCH_SIZE_PER_ACCOUNT,
    DecisionBatcher,
    PendingRequest,
)
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.pace.decisions import Decision, Wait
from linkedin_gateway.pace.obstacles import Obstacle
from servicekit.errors import Unavailable
from servicekit.postgres.errors import DatabaseBusy

from tests.contracts.ledger import NOW, asked, resolved

WAIT = Wait(obstacle=Obstacle(reason="HELD", description=""), retry_after=timedelta(hours=1))


class Batches:
    """Decides that all wait, and remembers which requests were in a batch."""

    def __init__(self, before: Callable[[Sequence[str]], Awaitable[None]] | None = None) -> None:
        self.made: list[list[str]] = []
        self._before = before
        self._batcher = DecisionBatcher(self._decide)

    async def _decide(self, batch: Sequence[PendingRequest]) -> None:
        names = [pending.request.action_id for pending in batch]
        self.made.append(names)
        if self._before is not None:
            await self._before(names)
        for pending in batch:
            pending.answer(WAIT)

    async def decide(self, name: str, account: str = "acct_1") -> Decision:
        request: ActionRequest = asked(action_id=name, account_id=account)
        return await self._batcher.decide(
            PendingRequest(request=request, now=NOW, resolve=resolved, post_id="")
        )


async def test_requests_at_once_are_one_batch() -> None:
    """Ten that come in one turn of the loop are one batch, in the order in which they came."""
    batches = Batches()

    await asyncio.gather(*(batches.decide(f"r{number}", f"acct_{number}") for number in range(10)))

    assert batches.made == [[f"r{number}" for number in range(10)]]


async def test_batches_are_bounded_and_shared() -> None:
    """A hot account has a part of a batch, however many ask for it; all are answered in the end."""
    batches = Batches()

    hot = [batches.decide(f"hot{number}") for number in range(3 * BATCH_SIZE)]
    await asyncio.gather(*hot, batches.decide("cold", "acct_2"))

    assert len(batches.made[0]) == BATCH_SIZE_PER_ACCOUNT + 1
    assert "cold" in batches.made[0]
    assert max(len(names) for names in batches.made) <= BATCH_SIZE
    assert sum(len(names) for names in batches.made) == 3 * BATCH_SIZE + 1


async def test_who_has_left_is_in_no_batch() -> None:
    """A caller that gave up before its turn is not decided about."""
    batches = Batches()
    asking = [asyncio.create_task(batches.decide(f"r{number}")) for number in range(2)]
    await asyncio.sleep(0)
    asking[0].cancel()

    await asyncio.wait(asking)

    assert batches.made == [["r1"]]


async def test_a_request_that_fails_a_batch_fails_only_itself() -> None:
    """What the database cannot read of one does not fail the others."""

    async def spoil(names: Sequence[str]) -> None:
        if "bad" in names:
            raise ValueError("a character that no text may have")

    batches = Batches(spoil)

    told = await asyncio.gather(
        batches.decide("good", "acct_1"), batches.decide("bad", "acct_2"), return_exceptions=True
    )

    assert told[0] == WAIT
    assert isinstance(told[1], ValueError)


async def test_all_are_told_that_the_database_is_away() -> None:
    """An outage is everybody's: it is not asked again for each."""

    async def away(_names: Sequence[str]) -> None:
        raise Unavailable("away")

    batches = Batches(away)

    told = await asyncio.gather(batches.decide("a"), batches.decide("b"), return_exceptions=True)

    assert [type(answer) for answer in told] == [Unavailable, Unavailable]
    assert len(batches.made) == 1


async def test_one_held_up_holds_up_only_its_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a lock is waited for, other accounts are decided; those of that account wait."""
    monkeypatch.setattr("linkedin_gateway.ledger.batcher.HELD_UP_AFTER", 0.01)
    released = asyncio.Event()

    async def lock(names: Sequence[str]) -> None:
        if "stuck" in names:
            await released.wait()

    batches = Batches(lock)
    stuck = asyncio.create_task(batches.decide("stuck", "acct_1"))
    async with asyncio.timeout(5):
        while not batches.made:  # noqa: ASYNC110 - a step of the loop at a time
            await asyncio.sleep(0)
    behind = asyncio.create_task(batches.decide("behind", "acct_1"))

    async with asyncio.timeout(5):
        other = await batches.decide("other", "acct_2")
    before = list(batches.made)
    released.set()
    await asyncio.gather(stuck, behind)

    assert other == WAIT
    assert before == [["stuck"], ["other"]]
    assert batches.made[2:] == [["behind"]]


async def test_nobody_waits_when_the_process_ends() -> None:
    """A batch that is cut short leaves nobody waiting, and the next one begins."""

    async def end(names: Sequence[str]) -> None:
        task = asyncio.current_task()
        assert task is not None
        if "last" in names:
            task.cancel()
            await asyncio.sleep(0)

    batches = Batches(end)
    (told,) = await asyncio.gather(batches.decide("last"), return_exceptions=True)
    async with asyncio.timeout(5):
        after = await batches.decide("after")

    assert isinstance(told, asyncio.CancelledError)
    assert after == WAIT


async def test_a_lock_fails_only_its_own_account() -> None:
    """A batch given up for one account's lock is decided anew by account: only that one is told."""

    async def locked(names: Sequence[str]) -> None:
        if any(name.startswith("locked") for name in names):
            raise DatabaseBusy

    batches = Batches(before=locked)

    told = await asyncio.gather(
        batches.decide("before", "acct_2"),
        batches.decide("locked", "acct_1"),
        batches.decide("after", "acct_3"),
        return_exceptions=True,
    )

    assert [type(each) for each in told] == [Wait, DatabaseBusy, Wait]
    assert batches.made == [["before", "locked", "after"], ["before"], ["locked"], ["after"]]


async def test_an_account_that_was_locked_is_alone_until_it_is_decided_about() -> None:
    """Nobody waits again in one batch with an account whose lock was waited for in vain."""
    busy = True

    async def locked(names: Sequence[str]) -> None:
        if busy and "locked" in names:
            raise DatabaseBusy

    batches = Batches(before=locked)
    for _ in range(2):
        await asyncio.gather(
            batches.decide("locked", "acct_1"),
            batches.decide("other", "acct_2"),
            return_exceptions=True,
        )
    busy = False
    await asyncio.gather(batches.decide("locked", "acct_1"), batches.decide("other", "acct_2"))
    await asyncio.gather(batches.decide("locked", "acct_1"), batches.decide("other", "acct_2"))

    assert batches.made == [
        ["locked", "other"],
        ["locked"],
        ["other"],
        ["locked"],
        ["other"],
        ["locked"],
        ["other"],
        ["locked", "other"],
    ]
