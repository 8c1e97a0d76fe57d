"""Who must not be contacted, as linkedin-gateway knows it."""

from collections.abc import Collection, Sequence

from campaigns.models import Person
from campaigns.texts.lengths import within
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import suppression_service_pb2 as pb
from outreach.linkedin.v1 import suppression_service_pb2_grpc as rpc
from servicekit.errors import PermissionDenied, Unavailable

_LONGEST_EMAIL = 320
_LONGEST_COMPANY = 500


class SuppressedPeople:
    """Asked by what a list says of people; raises what the gateway raises.

    A gateway of a release before, that does not let the worker ask, is asked again later: while
    both are rolled out one comes first.
    """

    def __init__(self, suppressions: rpc.SuppressionServiceStub) -> None:
        self._suppressions = suppressions

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> Collection[int]:
        """The places, among at most a thousand people, of those who must not be contacted.

        Raises `Unavailable` of a gateway that does not tell yet.
        """
        request = pb.FindSuppressedRequest(
            organization_id=organization_id,
            people=[
                person_pb2.Person(
                    public_identifier=person.public_identifier,
                    # One that is too long would have nobody of them looked up.
                    email=within(person.email, _LONGEST_EMAIL),
                    company=within(person.company, _LONGEST_COMPANY),
                )
                for person in people
            ],
        )
        try:
            answer = await self._suppressions.FindSuppressed(request)
        except PermissionDenied as error:
            raise Unavailable("linkedin-gateway does not tell yet who is suppressed") from error
        return frozenset(answer.suppressed)
