"""automation.selection.contactable: the front of a list, without who must not be contacted."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime

import pytest
from automation.selection import contactable
from automation.selection.contactable import Front, front_of, look_at
from campaigns.models import Person
from campaigns.repositories.admission.candidate_repository import ReleaseCandidate
from servicekit.errors import Unavailable

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
    return await front_of(gateway, "org_north", lambda: listed(count), without=without)


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


async def test_a_look_says_that_nobody_could_say_whom_to_leave_out() -> None:
    """It was told as if nobody had to be; a run is refused instead."""

    class Away(Gateway):
        async def suppressed(
            self, organization_id: str, people: Sequence[Person]
        ) -> Collection[int]:
            await super().suppressed(organization_id, people)
            raise Unavailable

    for first in (0, 2):
        told = await look_at(Gateway(first), "org_north", lambda: listed(3), without=())
        assert (len(told.ready), told.suppressed, told.unread) == (3 - first, first, False)
    unread = await look_at(Away(2), "org_north", lambda: listed(3), without=())
    assert (len(unread.ready), unread.suppressed, unread.unread) == (3, 0, True)
    with pytest.raises(Unavailable):
        await front_of(Away(2), "org_north", lambda: listed(3), without=())
