"""The process dies, at every point at which it touches the world; nothing is sent twice."""

from itertools import count
from typing import Any

import pytest
from servicekit.errors import FailedPrecondition, NotYet

from tests import laws
from tests.integration.linkedin_gateway.mortal import (
    Fate,
    Killed,
    MortalPool,
    MortalTransport,
)
from tests.integration.linkedin_gateway.provider import reason_of

ACTIONS: dict[str, tuple[str, dict[str, str], int]] = {
    "visit_profile": ("visit", {}, 8),
    "react_to_post": ("reaction", {}, 20),
    "comment_on_post": ("comment", {"text": "Well said."}, 20),
    "send_invitation": ("invite", {"note": "Hello"}, 8),
    "send_message": ("message", {"text": "Hello again"}, 8),
    "withdraw_invitation": ("withdraw", {}, 8),
}
"""What is journalled, what is asked for, and at how many points it dies at least."""


async def prepared(house: Any, kind: str, lead: str) -> Any:
    """A request for something that could be done to the lead."""
    if kind in {"send_message", "withdraw_invitation"}:
        await house.perform(house.request("send_invitation", lead))
    if kind == "send_message":
        await house.people(lead, "accept")
    house.clock.advance(3600)
    return house.request(kind, lead, **ACTIONS[kind][1])


@pytest.mark.lasts(seconds=10)
@pytest.mark.law
@pytest.mark.parametrize("kind", ACTIONS)
async def test_killed_at_every_touch(house: Any, kind: str) -> None:
    """It dies before and after each of its statements and requests, one after the other, until
    it lives through all of them. Whenever it died, another process finishes the work, and the
    person hears once.

    A death after one touch is a death before the next: the suite tries one of the two, `make laws`
    both."""
    journalled, _, at_least = ACTIONS[kind]
    touches, survived, leads = 0, False, count()
    while not survived:
        asked = await prepared(house, kind, f"ada-{next(leads)}")
        before = len(house.writes(journalled))
        survived = await lives(house, asked, touches)
        house.clock.advance(house.settings.unipile_timeout.total_seconds() + 30)
        refused = await reason_of(house.perform(asked))

        if refused == "NO_POSTS":
            # Not everybody writes: somebody else takes their place.
            survived = False
            continue
        sent = len(house.writes(journalled)) - before
        assert refused == "" or (kind, refused) == ("visit_profile", "OUTCOME_UNKNOWN")
        assert sent == 1 or (kind == "visit_profile" and sent == 0), f"at touch {touches}"
        touches += 1 if touches == 0 or laws.drawn_anew() else 2
    assert touches > at_least, touches


async def lives(house: Any, asked: Any, touches: int) -> bool:
    """Perform in a process that dies after so many touches; whether it lived through it."""
    fate = Fate(touches)
    process = house.another_process(
        MortalPool(house.pool, fate), MortalTransport(house.sender, fate)
    )
    while True:
        try:
            await fate.of(process.actions.perform(house.asked(asked)))
        except Killed:
            return False
        except FailedPrecondition:
            return True
        except NotYet as wait:
            house.come_again(wait)
        else:
            return True
