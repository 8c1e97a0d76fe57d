"""One lead of a person acts at a time: two of a campaign are one, those of others wait."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from linkedin_gateway.models import EnrolmentPolicy
from servicekit.errors import FailedPrecondition, NotYet

SPELLINGS = ("name", "assigned name", "classic", "sales_navigator")


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(SPELLINGS, 2)))
async def test_two_leads_that_are_one_person(house: Any, first: str, second: str) -> None:
    """Whichever address comes first, the other ends before anything is sent: one of each."""
    called = house.called("ada")
    for kind in ("visit_profile", "send_invitation"):
        await house.perform(house.request(kind, called[first]))
        with pytest.raises(FailedPrecondition) as told:
            await house.perform(house.request(kind, called[second]))
        assert told.value.reason == "DUPLICATE_PERSON"
        assert told.value.metadata["effect"] == "lead_failed"
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", called[first], text="Hello"))
    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_message", called[second], text="Hello"))

    assert told.value.reason == "DUPLICATE_PERSON"
    assert [len(house.writes(kind)) for kind in ("visit", "invite", "message")] == [1, 1, 1]


async def test_a_duplicate_of_who_is_through(house: Any) -> None:
    """Whoever was through the campaign once is not taken through it again."""
    called = house.called("ada")
    await house.perform(house.request("visit_profile", "ada"))
    await house.end_lead("ada")

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("visit_profile", called["assigned name"]))

    assert told.value.reason == "DUPLICATE_PERSON"


async def test_another_campaign_waits_for_the_end(house: Any) -> None:
    """The lead of another campaign keeps its place, and is woken when the first one is over."""
    await house.perform(house.request("visit_profile", "ada"))
    other = house.request("visit_profile", house.called("ada")["classic"], campaign_id="camp_2")
    with pytest.raises(NotYet) as told:
        await house.until_sent(other)
    await house.end_lead("ada")
    await house.relay()

    assert told.value.reason == "PERSON_IN_ANOTHER_CAMPAIGN"
    (freed,) = house.reported.of("actions_freed")
    assert [(lead.campaign_id, lead.lead_id) for lead in freed.leads] == [("camp_2", other.lead_id)]
    await house.perform(other)
    assert len(house.writes("visit")) == 2


async def test_told_twice_that_it_is_over(house: Any) -> None:
    """A lead that is over, or never acted, can be said to be over again."""
    await house.perform(house.request("visit_profile", "ada"))

    await house.end_lead("ada")
    await house.end_lead("ada")
    await house.end_lead("nobody")

    await house.perform(house.request("visit_profile", "ada", campaign_id="camp_2"))
    assert len(house.writes("visit")) == 2


async def test_policies(open_house: Callable[..., Any]) -> None:
    """By policy the other campaign's lead ends, or goes on all the same."""
    for policy, expected in ((EnrolmentPolicy.END, 1), (EnrolmentPolicy.ALLOW, 2)):
        async with open_house(enrolment_policy=policy) as house:
            await house.perform(house.request("visit_profile", "ada"))
            reason = ""
            try:
                await house.perform(house.request("visit_profile", "ada", campaign_id="camp_2"))
            except FailedPrecondition as told:
                reason = told.reason

            assert reason == ("PERSON_IN_ANOTHER_CAMPAIGN" if expected == 1 else "")
            assert len(house.writes("visit")) == expected
