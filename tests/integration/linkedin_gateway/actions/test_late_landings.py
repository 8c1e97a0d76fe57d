"""What lands long after its answer was lost is neither sent twice nor told as never sent."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.linkedin_gateway.test_faults import ROUTES, ready

TIMEOUT = timedelta(seconds=60)
LAG = timedelta(minutes=20)


@pytest.mark.parametrize("kind", ROUTES)
@pytest.mark.parametrize("seconds", [0, 1, 12, 25, 45, 59])
async def test_a_late_landing_is_found(house: Any, kind: str, seconds: int) -> None:
    """However long after the cut it is carried out, within the time that a call may take: once."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(
        method="POST", route=route, fault="drop_late", seconds=seconds, clock="virtual"
    )

    outcome = await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())
    await house.settle()

    assert outcome.provider_id
    assert len(house.writes(journalled)) == 1


@pytest.mark.parametrize("kind", ["send_message", "send_invitation", "comment_on_post"])
@pytest.mark.parametrize("seconds", [90, 600, 1250])
async def test_a_landing_that_is_shown_late_is_found(house: Any, kind: str, seconds: int) -> None:
    """Later than the call may take, as the store's lag makes it look: once, up to the margin."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(
        method="POST", route=route, fault="504_late", seconds=seconds, clock="virtual"
    )

    await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())
    await house.settle()

    assert len(house.writes(journalled)) == 1


async def test_what_never_lands_goes_once_more(house: Any) -> None:
    """Not before the call's timeout and the store's lag are over; then it is sent again."""
    asked = await ready(house, "send_message", "ada-example")
    await house.fault(method="POST", route="/chats", fault="drop")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(asked)
    cut_at = house.clock.now()

    await house.perform(asked)

    (written,) = house.writes("message")
    assert written.received_at - cut_at >= (TIMEOUT + LAG).total_seconds()
