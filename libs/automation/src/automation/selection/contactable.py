"""Who of those who are ready may be contacted, which the gateway alone knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from campaigns.models import Person
from campaigns.repositories.admission.candidate_repository import ReleaseCandidate
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

MOST = 10_000
"""People that one selection ranks, from the front of the list: the next ones are not ranked."""
_MOST_LOOKED_AT = 100_000
"""Where nobody at the front of the list can be contacted."""
_ASKED_AT_ONCE = 1000

log = logs.get_logger(__name__)


class Suppressions(Protocol):
    """The gateway; raises what it raises."""

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> Collection[int]:
        """The places, among at most a thousand people, of those who must not be contacted."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """The front of a list: who may be released and contacted, and how many must not be."""

    ready: Sequence[ReleaseCandidate] = ()
    suppressed: int = 0
    unread: bool = False
    """Whether nobody could say who must not be contacted: some of them may have to be left out."""


async def front_of(
    suppressions: Suppressions,
    organization_id: str,
    pages: Callable[[], AsyncIterator[list[ReleaseCandidate]]],
    *,
    without: Collection[str],
) -> Front:
    """The first who can be contacted, however many before them cannot; some leads are left out.

    Raises what the gateway raises that cannot say who must not be contacted.
    """
    ready: list[ReleaseCandidate] = []
    looked_at = suppressed = 0
    async for page in pages():
        listed = [each for each in page if each.lead_id not in without]
        found = await contactable(suppressions, organization_id, listed)
        ready += found
        looked_at += len(page)
        suppressed += len(listed) - len(found)
        if len(ready) >= MOST or looked_at >= _MOST_LOOKED_AT:
            break
    return Front(ready=ready[:MOST], suppressed=suppressed)


async def look_at(
    suppressions: Suppressions,
    organization_id: str,
    pages: Callable[[], AsyncIterator[list[ReleaseCandidate]]],
    *,
    without: Collection[str],
) -> Front:
    """`front_of`, for a look: it goes on where the gateway cannot say whom to leave out."""
    try:
        return await front_of(suppressions, organization_id, pages, without=without)
    except ServiceError as error:
        log.info("suppressions_unread", reason=error.reason)
        front = await front_of(_Nobody(), organization_id, pages, without=without)
        return replace(front, unread=True)


class _Nobody:
    async def suppressed(self, _organization_id: str, _people: Sequence[Person]) -> Collection[int]:
        return ()


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
