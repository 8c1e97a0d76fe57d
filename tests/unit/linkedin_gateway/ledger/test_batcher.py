"""Sittings: who asks at once sits together; nobody spoils it for another, nobody holds all up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from linkedin_gateway.ledger.batcher import SEATS, SEATS_OF_ONE_ACCOUNT, DecisionBatcher, Seat
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.pace.decisions import Decision, Wait
from linkedin_gateway.pace.obstacles import Obstacle
from servicekit.errors import Unavailable

from tests.contracts.ledger import NOW, aimed, asked

WAIT = Wait(obstacle=Obstacle(reason="HELD", description=""), retry_after=timedelta(hours=1))


class Table:
    """Decides that all wait, and remembers who sat together."""

    def __init__(self, before: Callable[[Sequence[str]], Awaitable[None]] | None = None) -> None:
        self.sat: list[list[str]] = []
        self._before = before
        self.sittings = DecisionBatcher(self._decide)

    async def _decide(self, seats: Sequence[Seat]) -> None:
        names = [seat.request.action_id for seat in seats]
        self.sat.append(names)
        if self._before is not None:
            await self._before(names)
        for seat in seats:
            seat.tell(WAIT)

    async def ask(self, name: str, account: str = "acct_1") -> Decision:
        request: ActionRequest = asked(action_id=name, account_id=account)
        return await self.sittings.ask(Seat(request=request, now=NOW, resolve=aimed, post_id=""))


async def test_who_asks_at_once_sits_together() -> None:
    """Ten who ask in one breath are one sitting, in the order in which they asked."""
    table = Table()

    await asyncio.gather(*(table.ask(f"r{number}", f"acct_{number}") for number in range(10)))

    assert table.sat == [[f"r{number}" for number in range(10)]]


async def test_seats_are_bounded_and_shared() -> None:
    """A hot account has some of the seats, however many ask for it; all are told in the end."""
    table = Table()

    hot = [table.ask(f"hot{number}") for number in range(3 * SEATS)]
    await asyncio.gather(*hot, table.ask("cold", "acct_2"))

    assert len(table.sat[0]) == SEATS_OF_ONE_ACCOUNT + 1
    assert "cold" in table.sat[0]
    assert max(len(names) for names in table.sat) <= SEATS
    assert sum(len(names) for names in table.sat) == 3 * SEATS + 1


async def test_who_has_left_has_no_seat() -> None:
    """A caller that gave up before its turn is not decided about."""
    table = Table()
    asking = [asyncio.create_task(table.ask(f"r{number}")) for number in range(2)]
    await asyncio.sleep(0)
    asking[0].cancel()

    await asyncio.wait(asking)

    assert table.sat == [["r1"]]


async def test_who_spoils_a_sitting_spoils_only_their_own() -> None:
    """What the database cannot read of one does not fail the others."""

    async def spoil(names: Sequence[str]) -> None:
        if "bad" in names:
            raise ValueError("a character that no text may have")

    table = Table(spoil)

    told = await asyncio.gather(
        table.ask("good", "acct_1"), table.ask("bad", "acct_2"), return_exceptions=True
    )

    assert told[0] == WAIT
    assert isinstance(told[1], ValueError)


async def test_all_are_told_that_the_database_is_away() -> None:
    """An outage is everybody's: it is not asked again for each."""

    async def away(_names: Sequence[str]) -> None:
        raise Unavailable("away")

    table = Table(away)

    told = await asyncio.gather(table.ask("a"), table.ask("b"), return_exceptions=True)

    assert [type(answer) for answer in told] == [Unavailable, Unavailable]
    assert len(table.sat) == 1


async def test_one_held_up_holds_up_only_its_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a lock is waited for, other accounts are decided; those of that account wait."""
    monkeypatch.setattr("linkedin_gateway.ledger.batcher.PATIENCE", 0.01)
    released = asyncio.Event()

    async def lock(names: Sequence[str]) -> None:
        if "stuck" in names:
            await released.wait()

    table = Table(lock)
    stuck = asyncio.create_task(table.ask("stuck", "acct_1"))
    async with asyncio.timeout(5):
        while not table.sat:  # noqa: ASYNC110 - a step of the loop at a time
            await asyncio.sleep(0)
    behind = asyncio.create_task(table.ask("behind", "acct_1"))

    async with asyncio.timeout(5):
        other = await table.ask("other", "acct_2")
    before = list(table.sat)
    released.set()
    await asyncio.gather(stuck, behind)

    assert other == WAIT
    assert before == [["stuck"], ["other"]]
    assert table.sat[2:] == [["behind"]]


async def test_who_sits_when_the_process_ends_waits_no_longer() -> None:
    """A sitting that is cut short leaves nobody waiting, and the next one begins."""

    async def end(names: Sequence[str]) -> None:
        sitting = asyncio.current_task()
        assert sitting is not None
        if "last" in names:
            sitting.cancel()
            await asyncio.sleep(0)

    table = Table(end)
    (told,) = await asyncio.gather(table.ask("last"), return_exceptions=True)
    async with asyncio.timeout(5):
        after = await table.ask("after")

    assert isinstance(told, asyncio.CancelledError)
    assert after == WAIT
