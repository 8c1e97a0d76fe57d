"""The law of landings: however late what was sent is carried out and shown, there is one of it."""

import random
from collections import Counter
from contextlib import nullcontext
from typing import Any

import pytest
from linkedin_gateway.kinds.registry import WRITES, write
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.test_faults import ready
from tests.laws import record, seed, worlds

ROUTES = {
    "visit_profile": ("GET", "/users/{identifier}", "visit"),
    "send_invitation": ("POST", "/users/invite", "invite"),
    "send_message": ("POST", "/chats*", "message"),
    "send_inmail": ("POST", "/chats", "inmail"),
    "comment_on_post": ("POST", "/posts/{post_id}/comments", "comment"),
    "react_to_post": ("POST", "/posts/reaction", "reaction"),
    "withdraw_invitation": ("DELETE", "/users/invite/sent/{invitation_id}", "withdraw"),
}
FAULTS = ("drop_late", "500_late", "504_late", "html_502_late")
MARGIN = 60.0 + 20.0 + 20 * 60.0
"""Until when after its decision an action may appear: the call, its beginning, the store's lag."""
ANSWERED_WITHIN = 60.0
"""Later than the call may take, no answer is waited for and nothing is carried out."""


def landings(count: int) -> list[tuple[str, str, float, float]]:
    """Each kind, how its answer is lost, how late it is carried out, and how late it is shown."""
    dice, drawn = random.Random(seed()), []
    for number in range(count):
        kind = list(ROUTES)[number % len(ROUTES)]
        late = dice.choice([0.0, dice.uniform(0, ANSWERED_WITHIN), ANSWERED_WITHIN])
        lag = dice.choice([0.0, dice.uniform(0, MARGIN - late), MARGIN - late - 1])
        drawn.append((kind, dice.choice(FAULTS), round(late, 1), round(lag, 1)))
    return drawn


async def possible(house: Any, kind: str, lead: str) -> Any:
    """A request for something that could be done to the lead."""
    if kind in {"send_invitation", "send_message", "comment_on_post", "react_to_post"}:
        return await ready(house, kind, lead)
    if kind == "send_inmail":
        return house.request(kind, lead, subject="A question", text="Hello")
    if kind == "visit_profile":
        await house.resolve(lead)
        return house.request(kind, lead)
    await house.perform(house.request("send_invitation", lead))
    return house.request(kind, lead)


@pytest.mark.law
@pytest.mark.parametrize(("kind", "fault", "late", "lag"), landings(worlds(42)))
async def test_one_lands(open_house: Any, kind: str, fault: str, late: float, lag: float) -> None:
    """The connection is cut, the call is carried out so long after, and Unipile's store shows it
    so long after that, up to the margin in all: by the provider's journal it happened once."""
    knobs = Knobs(
        webhook_retry_floor=0.01,
        new_relation_delay_hours=0.0,
        store_lag_seconds=lag,
        store_lag_clock="virtual",
    )
    async with open_house(knobs=knobs) as house:
        asked = await possible(house, kind, "ada-example")
        method, route, journalled = ROUTES[kind]
        await house.fault(method=method, route=route, fault=fault, seconds=late, clock="virtual")
        # A visit leaves nothing to look for: it is told as unknown, and never made again.
        visit = kind == "visit_profile"
        with pytest.raises(FailedPrecondition if visit else NotYet):
            await house.until_sent(asked)

        with pytest.raises(FailedPrecondition) if visit else nullcontext():
            await house.perform(asked)
        house.clock.advance(2 * MARGIN)
        await house.settle()

        record(f"landings of {kind}", Counter(worlds=1, landed=len(house.writes(journalled))))
        assert len(house.writes(journalled)) == 1


def test_every_write_has_a_landing() -> None:
    """A kind that is new is in the law, or this fails."""
    assert {write(kind).request_field for kind in WRITES} == {*ROUTES}
