"""campaigns.repositories.outcomes: what is known of people who were invited."""

from campaigns.models import Person
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign


async def test_people_are_read_by_their_leads(
    pool: Pool, leads: LeadRepository, new_campaign: NewCampaign
) -> None:
    """Colleagues have one hash, whatever the spelling; who is not there is left out."""
    campaign = await new_campaign()
    people = [
        Person(public_identifier="ann", title="VP Sales", company="Acme GmbH"),
        Person(public_identifier="ben", title="Engineer", company="ACME"),
        Person(public_identifier="cleo"),
    ]
    await leads.add(campaign.id, people, now=NOW)
    ids = [lead.id for _, lead in await leads.page(campaign.id, limit=9)]

    known = await InvitedPeopleRepository(pool, SEAL).among(campaign.id, [*ids, "lead_gone"])

    by_title = {each.person.title: each for each in known}
    assert {*by_title} == {"VP Sales", "Engineer", ""}
    assert by_title["VP Sales"].company_hash == by_title["Engineer"].company_hash != ""
    assert by_title[""].company_hash == ""
    assert await InvitedPeopleRepository(pool, SEAL).among("camp_other", ids) == []
