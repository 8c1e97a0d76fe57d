"""Who of those who are ready may be contacted, which the gateway alone knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from campaigns.models import Person
from campaigns.repositories.admission.candidate_repository import ReleaseCandidate

_ASKED_AT_ONCE = 1000


class Suppressions(Protocol):
    """The gateway; raises what it raises."""

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> Collection[int]:
        """The places, among at most a thousand people, of those who must not be contacted."""


async def contactable(
    suppressions: Suppressions, organization_id: str, ready: Sequence[ReleaseCandidate]
) -> list[ReleaseCandidate]:
    """Without those who must not be contacted: they would take a place, and end at once."""
    found: list[ReleaseCandidate] = []
    for begin in range(0, len(ready), _ASKED_AT_ONCE):
        part = ready[begin : begin + _ASKED_AT_ONCE]
        people = [each.person for each in part]
        suppressed = await suppressions.suppressed(organization_id, people)
        found += [each for place, each in enumerate(part) if place not in suppressed]
    return found
