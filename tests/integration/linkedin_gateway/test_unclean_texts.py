"""A NUL, half an emoji and other controls in what people write of themselves, and to us."""

from typing import Any

import pytest
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb
from servicekit.errors import FailedPrecondition

UNCLEAN = "Engineer\x00 at\x0b work \ud83d"


async def test_a_profile_is_usable_and_read_once(house: Any) -> None:
    """It failed as INTERNAL for ever, and each retry read it again out of the account's budget."""
    house.world.people.add("ada", seen_in="test", headline=UNCLEAN, first_name="A\x00da")
    request = pb.GetProfileRequest(
        account_id=house.account.account_id,
        campaign_id="camp_1",
        lead_id="lead_ada",
        person=person_pb2.Person(public_identifier="ada"),
    )

    answers = [await house.stubs.people.GetProfile(request) for _ in range(3)]

    assert {answer.profile.headline for answer in answers} == {"Engineer at  work \ufffd"}
    assert {answer.profile.first_name for answer in answers} == {"Ada"}
    assert len(reads(house)) == 1


async def test_such_a_person_is_written_to(house: Any) -> None:
    """Visit, invitation and message go as they go to anybody."""
    house.world.people.add("ada", seen_in="test", headline=UNCLEAN)

    await house.perform(house.request("visit_profile", "ada"))
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", "ada", text="Thanks!"))

    assert len(house.writes("message")) == 1


async def test_such_a_reply_is_heard(house: Any) -> None:
    """The webhook was never stored and the follow-up was sent."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", "ada", text="Thanks!"))
    await house.people("ada", "reply", text=UNCLEAN)
    await house.relay()

    with pytest.raises(FailedPrecondition):
        await house.stubs.actions.PerformAction(house.request("send_message", "ada", text="?"))

    (reply,) = house.reported.of("reply_received")
    assert reply.reply_received.text == "Engineer at  work \ufffd"


def reads(house: Any) -> list[Any]:
    return [each for each in house.world.journal.entries if each.path == "/api/v1/users/ada"]
