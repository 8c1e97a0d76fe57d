"""outreach_worker.senders.suppressed_people: asked of a gateway that may be of a release before."""

from typing import Any, cast

import pytest
from campaigns.models import Person
from outreach.linkedin.v1 import suppression_service_pb2 as pb
from outreach_worker.senders.suppressed_people import SuppressedPeople
from servicekit.errors import PermissionDenied, Unavailable


class Gateway:
    """Answers with one place, or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self._refusal = refusal

    async def FindSuppressed(  # noqa: N802 - as the rpc is called
        self, request: pb.FindSuppressedRequest
    ) -> pb.FindSuppressedResponse:
        if self._refusal is not None:
            raise self._refusal
        return pb.FindSuppressedResponse(suppressed=[len(request.people) - 1])


PEOPLE = [Person(public_identifier=each) for each in ("ada", "bob")]


async def test_places_are_those_of_the_people() -> None:
    """As they were asked of."""
    asked = SuppressedPeople(cast("Any", Gateway()))

    assert await asked.suppressed("org_north", PEOPLE) == {1}


async def test_who_may_not_ask_yet_asks_again() -> None:
    """A gateway of a release before lets the worker ask nothing: no day and no release ends so."""
    asked = SuppressedPeople(cast("Any", Gateway(PermissionDenied())))

    with pytest.raises(Unavailable) as refused:
        await asked.suppressed("org_north", PEOPLE)

    assert refused.value.retried
