"""An invitation is withdrawn when its state says so, not when no list has it."""

from typing import Any

import pytest
from servicekit.errors import FailedPrecondition

SENT_LIST = {"method": "GET", "route": "/users/invite/sent"}
SHOWS_NOTHING_NEW = {"fault": "stale", "seconds": 30 * 86_400, "clock": "virtual", "times": None}


async def forget_id(house: Any, invitation_id: str = "") -> None:
    """The gateway does not know by which id the invitation is withdrawn."""
    await house.pool.execute("UPDATE profiles SET invitation_id = $1", invitation_id)


async def test_pending_and_in_no_list(house: Any) -> None:
    """What is pending by their profile and in no list is not told as withdrawn."""
    await house.perform(house.request("send_invitation", "ada"))
    await forget_id(house)
    await house.fault(**SENT_LIST, **SHOWS_NOTHING_NEW)

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("withdraw_invitation", "ada"))

    assert told.value.reason == "REFUSED_BY_LINKEDIN"
    assert told.value.metadata["effect"] == "step_failed"
    assert (await house.resolve("ada")).public_identifier == "ada"
    assert not house.writes("withdraw")


@pytest.mark.parametrize("listed", [True, False])
async def test_known_by_the_id_of_an_earlier_one(house: Any, *, listed: bool) -> None:
    """An id that is refused while an invitation is pending is not its id: the list has that."""
    await house.perform(house.request("send_invitation", "ada"))
    await forget_id(house, "7000000000000000001")
    if not listed:
        await house.fault(**SENT_LIST, **SHOWS_NOTHING_NEW)
    withdrawal = house.request("withdraw_invitation", "ada")

    if listed:
        assert not (await house.perform(withdrawal)).already_so
    else:
        with pytest.raises(FailedPrecondition):
            await house.perform(withdrawal)

    assert len(house.writes("withdraw")) == listed
