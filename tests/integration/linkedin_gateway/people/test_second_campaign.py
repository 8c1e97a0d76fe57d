"""Two campaigns of one organization over the same people, one after the other."""

from collections import Counter
from itertools import cycle
from typing import Any

import pytest

from tests.integration.linkedin_gateway.people.test_two_addresses import senders
from tests.integration.linkedin_gateway.provider import reason_of

ACCEPT, ACCEPT_AND_REPLY, REPLY_TO_INMAIL, NOTHING = "accept", "reply", "inmail", "nothing"
DEEDS = (ACCEPT, ACCEPT_AND_REPLY, REPLY_TO_INMAIL, NOTHING)
PEOPLE = {f"{deed}-{number}": deed for number in range(3) for deed in DEEDS}
SPELLINGS = ("name", "assigned name", "classic", "sales_navigator", "recruiter")


async def act(house: Any, campaign: str, person: str, kind: str, account: str, **more: Any) -> str:
    """One action of a campaign to a person, from an account; why not, if it is refused."""
    identifier = more.pop("identifier", person)
    request = house.request(kind, identifier, campaign_id=campaign, **more)
    request.account_id, request.lead_id = account, f"lead_{campaign}_{person}"
    return await reason_of(house.perform(request))


async def first_campaign(house: Any, accounts: list[tuple[str, str]]) -> None:
    """Everybody is invited, or written an InMail, and does what they do; then it is over."""
    for (person, deed), (account, at_unipile) in zip(PEOPLE.items(), cycle(accounts)):
        inmail = deed == REPLY_TO_INMAIL
        kind, more = ("send_inmail", {"text": "Hello"}) if inmail else ("send_invitation", {})
        assert await act(house, "camp_1", person, kind, account, **more) == ""
        if deed in {ACCEPT, ACCEPT_AND_REPLY}:
            await house.people(person, "accept", account_id=at_unipile)
        if deed in {ACCEPT_AND_REPLY, REPLY_TO_INMAIL}:
            await house.people(person, "reply", account_id=at_unipile, text="Not for us.")
        await house.end_lead(f"camp_1_{person}")


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_nobody_who_answered_hears_from_the_second(house: Any, spelling: str) -> None:
    """Whoever accepted or answered one of three senders gets nothing of the second campaign.

    Nine of eighteen who had accepted a colleague were invited again, six of whom had replied.
    """
    accounts = await senders(house)
    await first_campaign(house, accounts)
    before = len(house.world.journal.entries)
    ends = {}
    for (person, _), (account, at_unipile) in zip(
        PEOPLE.items(), cycle([*accounts[1:], accounts[0]])
    ):
        identifier = house.called(person, at_unipile)[spelling]
        for kind in ("visit_profile", "send_invitation", "send_message"):
            more = {"text": "Hello again"} if kind == "send_message" else {}
            ends[person, kind] = await act(
                house, "camp_2", person, kind, account, identifier=identifier, **more
            )

    written_to = Counter(
        entry.target for entry in house.world.journal.entries[before:] if entry.changed
    )
    responders = {person for person, deed in PEOPLE.items() if deed != NOTHING}
    assert not responders & set(written_to)
    assert {end for (person, _), end in ends.items() if person in responders} == {
        "PERSON_RESPONDED_BEFORE"
    }
    assert set(written_to) == set(PEOPLE) - responders
