"""automation.selection.contactable: the front of a list, without who must not be contacted."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime

import pytest
from automation.selection import contactable
from automation.selection.contactable import Front, front_of
from campaigns.models import Person
from campaigns.repositories.admission.candidate_repository import ReleaseCandidate

A_PAGE = 500


class Gateway:
    """Suppresses the first so many of the list."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.asked = 0

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> Collection[int]:
        assert organization_id == "org_north"
        assert len(people) <= 1000
        self.asked += len(people)
        numbers = [int(each.public_identifier) for each in people]
        return {place for place, number in enumerate(numbers) if number < self._first}


async def listed(count: int) -> AsyncIterator[list[ReleaseCandidate]]:
    """A list, page after page."""
    for begin in range(0, count, A_PAGE):
        yield [candidate(number) for number in range(begin, min(begin + A_PAGE, count))]


def candidate(number: int) -> ReleaseCandidate:
    return ReleaseCandidate(
        lead_id=f"lead_{number}",
        person=Person(public_identifier=str(number)),
        company_key="",
        lead_list_id="",
        imported_at=datetime(2027, 1, 4, tzinfo=UTC),
    )


async def front(gateway: Gateway, count: int, *without: str) -> Front:
    return await front_of(gateway, "org_north", listed(count), without=without)


async def test_whoever_stands_behind_the_suppressed_is_found() -> None:
    """However many stand before them: a list is not empty because its front is."""
    found = await front(Gateway(first=12_000), 12_300)

    assert [each.lead_id for each in found.ready] == [f"lead_{n}" for n in range(12_000, 12_300)]
    assert found.suppressed == 12_000


async def test_a_front_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are ranked, and no page after them; nor is a list looked through without end."""
    monkeypatch.setattr(contactable, "MOST", 700)
    gateway = Gateway(first=0)
    found = await front(gateway, 5_000)
    assert (len(found.ready), gateway.asked) == (700, 1_000)

    monkeypatch.setattr(contactable, "_MOST_LOOKED_AT", 2_000)
    gateway = Gateway(first=10_000)
    assert await front(gateway, 10_000) == Front(ready=[], suppressed=2_000)
    assert gateway.asked == 2_000


async def test_who_is_left_out_is_not_asked_about() -> None:
    """Their release is approved already: they are neither ready nor suppressed."""
    gateway = Gateway(first=1)

    found = await front(gateway, 3, "lead_0", "lead_1")

    assert ([each.lead_id for each in found.ready], found.suppressed) == (["lead_2"], 0)
    assert gateway.asked == 1
