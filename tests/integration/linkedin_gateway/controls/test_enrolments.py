"""One lead of a person acts at a time: two of a campaign are one, those of others wait."""

import itertools
from collections.abc import Callable
from datetime import timedelta
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


DAY = timedelta(days=1).total_seconds()


async def waiting_for(house: Any, lead: str) -> Any:
    """A lead of another campaign that waits for the end of the first one's."""
    await house.perform(house.request("visit_profile", lead))
    other = house.request("visit_profile", lead, campaign_id="camp_2")
    with pytest.raises(NotYet):
        await house.until_sent(other)
    return other


async def test_a_lost_end_is_found_out_within_a_day(house: Any) -> None:
    """It kept the person from every other campaign for 180 days: the owner is asked, and tells."""
    other = await waiting_for(house, "ada")
    house.reported.over = {"lead_ada"}
    house.clock.advance(DAY)

    await house.gateway.enrolment_check.check_due()
    await house.relay()

    (freed,) = house.reported.of("actions_freed")
    assert [lead.lead_id for lead in freed.leads] == [other.lead_id]
    await house.perform(other)


async def test_a_lead_that_runs_keeps_its_person(house: Any) -> None:
    """However often it is checked; and a day passes before it is asked again."""
    other = await waiting_for(house, "ada")
    asked = []
    running = house.reported.running

    async def counted(organization_id: str, leads: Any) -> Any:
        asked.append(len(leads))
        return await running(organization_id, leads)

    house.reported.running = counted
    for hours in (1, 23, 1, 22, 1, 24):
        house.clock.advance(hours * 3600)
        await house.gateway.enrolment_check.check_due()

    assert asked == [1, 1, 1]
    with pytest.raises(NotYet) as told:
        await house.until_sent(other)
    assert told.value.reason == "PERSON_IN_ANOTHER_CAMPAIGN"


async def test_who_cannot_be_asked_about_stays_enrolled(house: Any) -> None:
    """No answer is no end: it is asked again within minutes, not a day later."""
    other = await waiting_for(house, "ada")
    house.reported.over, house.reported.failures = {"lead_ada"}, 1
    house.clock.advance(DAY)

    await house.gateway.enrolment_check.check_due()
    with pytest.raises(NotYet):
        await house.until_sent(other)
    house.clock.advance(600)
    await house.gateway.enrolment_check.check_due()

    await house.perform(other)
