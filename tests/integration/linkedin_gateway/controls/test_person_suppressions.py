"""Of one person: by what they are suppressed, and that contact is allowed again."""

from typing import Any

import pytest
from outreach.linkedin.v1 import suppression_service_pb2 as pb
from servicekit.errors import InvalidArgument, NotFound

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.controls.test_suppressions import named


async def checked(house: Any, **person: str) -> pb.CheckSuppressionResponse:
    request = pb.CheckSuppressionRequest(organization_id=ORGANIZATION, **person)
    return await house.stubs.suppressions.CheckSuppression(request)


async def allow(house: Any, **asked: Any) -> pb.AllowContactResponse:
    request = pb.AllowContactRequest(organization_id=ORGANIZATION, **asked)
    return await house.stubs.suppressions.AllowContact(request)


@pytest.mark.parametrize(
    ("who", "person"),
    [
        ({"public_identifier": "ada"}, {"address": "https://www.linkedin.com/in/Ada/"}),
        ({"email_domain": "Ada@example.com"}, {"email": "ada@EXAMPLE.com"}),
        ({"email_domain": "example.com"}, {"email": "ada@mail.example.com"}),
        ({"email_domain": "example.com"}, {"address": "ada", "email": "ada@example.com"}),
    ],
)
async def test_a_person_is_checked_by_address_and_email(
    house: Any, who: dict[str, str], person: dict[str, str]
) -> None:
    """In any spelling; nobody else is suppressed by it."""
    added = await house.stubs.suppressions.AddSuppressions(named(**who))

    told = await checked(house, **person)

    assert told.suppressed
    expected = [each.suppression_id for each in added.suppressions]
    assert [each.suppression_id for each in told.suppressions] == expected
    assert not (await checked(house, address="bob", email="bob@example.org")).suppressed


async def test_who_is_suppressed_by_another_name_is_told_so(house: Any) -> None:
    """Once a profile has shown that both are one person."""
    await house.perform(house.request("visit_profile", "ada"))
    provider_id = house.called("ada", UNIPILE_ACCOUNT)["classic"]
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=provider_id))

    assert (await checked(house, address="ada")).suppressed
    assert len((await allow(house, address="ada")).suppressions) == 1
    assert not (await checked(house, address=provider_id)).suppressed


HAND_OVER = """
    UPDATE person_aliases SET person_id = $2
     WHERE kind = 'address' AND person_id = $1
"""


async def test_who_has_somebodys_address_now_lifts_none_of_theirs(house: Any) -> None:
    """It is in the way of the new owner, and told as such; Ada is asked for no contact as ever.

    Contact with whoever had her address was allowed, and with her.
    """
    for name in ("ada", "bob"):
        await house.perform(house.request("visit_profile", name))
    provider_id = house.called("ada", UNIPILE_ACCOUNT)["classic"]
    await house.stubs.suppressions.AddSuppressions(named(public_identifier=provider_id))
    pool = house.pool
    ada = await pool.fetchval("SELECT person_id FROM suppressions WHERE person_id <> ''")
    bob = await pool.fetchval("SELECT person_id FROM person_aliases WHERE person_id <> $1", ada)
    await house.stubs.suppressions.AddSuppressions(named(public_identifier="ada"))
    await pool.execute("UPDATE suppressions SET person_id = $1", ada)
    await pool.execute(HAND_OVER, ada, bob)

    allowed = await allow(house, address="ada", allow_missing=True)

    assert not allowed.suppressions
    assert len(allowed.remaining) == 1
    assert len((await checked(house, address=provider_id)).suppressions) == 2


async def test_contact_is_allowed_again_but_for_the_domain(house: Any) -> None:
    """What covers others stays, and is told; a second time there is nothing to remove."""
    for who in ({"email_domain": "ada@example.com"}, {"email_domain": "example.com"}):
        await house.stubs.suppressions.AddSuppressions(named(**who))

    allowed = await allow(house, email="Ada@example.com")

    assert len(allowed.suppressions) == 1
    assert [each.email_domain for each in allowed.remaining] == ["example.com"]
    with pytest.raises(NotFound) as refused:
        await allow(house, email="ada@example.com")
    assert refused.value.reason == "SUPPRESSION_NOT_FOUND"
    again = await allow(house, email="ada@example.com", allow_missing=True)
    assert (len(again.suppressions), len(again.remaining)) == (0, 1)


@pytest.mark.parametrize("person", [{}, {"address": "https://example.com/"}, {"email": "ada"}])
async def test_who_can_be_nobody_is_refused(house: Any, person: dict[str, str]) -> None:
    """It might pass for somebody who may be contacted."""
    with pytest.raises(InvalidArgument):
        await checked(house, **person)
