"""What the gateway tells of who somebody is, asked by a name or an id."""

from collections.abc import Sequence
from typing import Any

from outreach.linkedin.v1 import person_service_pb2 as pb

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, UNIPILE_ACCOUNT


async def known(house: Any, *identifiers: str) -> pb.FindPeopleResponse:
    request = pb.FindPeopleRequest(organization_id=ORGANIZATION, identifiers=identifiers)
    return await house.stubs.people.FindPeople(request)


def leads_of(answer: pb.FindPeopleResponse) -> Sequence[tuple[str, str]]:
    return [(each.campaign_id, each.lead_id) for each in answer.leads]


async def test_a_person_is_told_by_all_that_a_profile_has_shown(house: Any) -> None:
    """Asked by the name, or by the id that one of the accounts knows them by."""
    request = house.request("visit_profile", "ada")
    await house.perform(request)
    provider_id = house.called("ada", UNIPILE_ACCOUNT)["classic"]

    for asked in ("ada", "in/ada", "@ada", provider_id):
        answer = await known(house, asked)
        assert {"ada", provider_id} <= set(answer.identifiers)
        assert leads_of(answer) == [(request.campaign_id, request.lead_id)]


async def test_who_is_not_known_is_the_name_alone(house: Any) -> None:
    """Nobody at LinkedIn is asked, and nobody becomes known by it."""
    before = len(house.world.journal.entries)
    people = await house.pool.fetchval("SELECT count(*) FROM people")

    answer = await known(house, "nobody-yet", "https://example.com/x")

    assert list(answer.identifiers) == ["nobody-yet"]
    assert leads_of(answer) == []
    assert len(house.world.journal.entries) == before
    assert await house.pool.fetchval("SELECT count(*) FROM people") == people
