"""The process dies, at every point at which it touches the world; nothing is sent twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from linkedin_gateway.ledger_postgres import PostgresLedger
from servicekit.errors import FailedPrecondition, NotYet

ACTIONS = {
    "visit_profile": ("visit", {}),
    "react_to_post": ("reaction", {}),
    "comment_on_post": ("comment", {"text": "Well said."}),
    "send_invitation": ("invite", {"note": "Hello"}),
    "send_message": ("message", {"text": "Hello again"}),
    "withdraw_invitation": ("withdraw", {}),
}


class Killed(BaseException):
    """The process is no more."""


class Fate:
    """Lets so many touches of the world happen, then kills."""

    def __init__(self, touches: int) -> None:
        self._left = touches
        self.dead = False

    async def around(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """One touch: death may come before it, or after it was made and before it is known."""
        self._step()
        answer = await call()
        self._step()
        return answer

    def _step(self) -> None:
        if self.dead or self._left == 0:
            self.dead = True
            raise Killed
        self._left -= 1


class MortalLedger:
    """A ledger that is touched only as long as the process lives."""

    def __init__(self, ledger: PostgresLedger, fate: Fate) -> None:
        self._ledger = ledger
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)

        async def touched(*args: Any, **kwargs: Any) -> Any:
            return await self._fate.around(lambda: method(*args, **kwargs))

        return touched


class MortalTransport(httpx.AsyncBaseTransport):
    """A wire that is touched only as long as the process lives."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.fate: Fate | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.fate is None:
            return await self._own.handle_async_request(request)
        answer: httpx.Response = await self.fate.around(
            lambda: self._own.handle_async_request(request)
        )
        return answer


async def prepared(house: Any, kind: str) -> Any:
    fields = ACTIONS[kind][1]
    if kind in {"send_message", "withdraw_invitation"}:
        await house.perform(house.request("send_invitation", "ada"))
    if kind == "send_message":
        await house.people("ada", "accept")
    house.clock.advance(3600)
    return house.request(kind, "ada", **fields)


@pytest.mark.parametrize("kind", ACTIONS)
async def test_killed_at_every_touch(open_house: Any, kind: str) -> None:
    """Whenever it dies, another process finishes the work, and the person hears once."""
    touches, survived = 0, False
    while not survived:
        async with open_house(transport=MortalTransport) as house:
            asked = await prepared(house, kind)
            survived = await _die(house, asked, touches)
            house.clock.advance(house.settings.unipile_timeout.total_seconds() + 30)
            refused = await _refusal(house.perform(asked))

            assert refused == "" or (kind, refused) == ("visit_profile", "OUTCOME_UNKNOWN")
            sent = len(house.writes(ACTIONS[kind][0]))
            assert sent == 1 or (kind == "visit_profile" and sent == 0)
        touches += 1
    assert touches > 4, "it died several times"


async def _refusal(performing: Awaitable[Any]) -> str:
    """Why it will never be performed; empty when it was."""
    try:
        await performing
    except FailedPrecondition as told:
        return told.reason
    return ""


async def _die(house: Any, asked: Any, touches: int) -> bool:
    """Perform in a process that dies after so many touches; true if it lived through it."""
    actions, ledger, fate = house.gateway.actions, house.gateway.ledger, Fate(touches)
    mortal, wire = MortalLedger(ledger, fate), house.wire
    parts = (actions, actions._preparation, actions._preparation._reads, actions._reconciler)
    for part in parts:
        part._ledger = mortal
    wire.fate = fate
    try:
        await house.gateway.actions.perform(house.asked(asked))
    except Killed:
        return False
    except NotYet:
        return not fate.dead
    else:
        return True
    finally:
        for part in parts:
            part._ledger = ledger
        wire.fate = None
