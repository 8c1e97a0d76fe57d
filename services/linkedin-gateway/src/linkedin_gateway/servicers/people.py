"""PersonService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from outreach.linkedin.v1 import person_service_pb2 as pb
from outreach.linkedin.v1 import person_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from linkedin_gateway.actions.person_reader import PersonReader
from linkedin_gateway.convert.people import (
    identifiers_of,
    known_message,
    person,
    post_message,
    profile_message,
    recent_within,
)
from linkedin_gateway.people.known_people_repository import KnownPeopleRepository
from linkedin_gateway.servicers.access import Access


class PersonServicer(rpc.PersonServiceServicer):
    """Reads people through an account."""

    def __init__(
        self,
        person_reader: PersonReader,
        known: KnownPeopleRepository,
        access: Access,
    ) -> None:
        self._person_reader = person_reader
        self._known = known
        self._access = access

    async def GetProfile(self, request: pb.GetProfileRequest, _: Context) -> pb.GetProfileResponse:
        account = await self._access.account(request.account_id)
        identifier = person(request.person)
        profile, words = await self._person_reader.profile(account, identifier)
        return pb.GetProfileResponse(profile=profile_message(profile, words, asked_for=identifier))

    async def ListPosts(self, request: pb.ListPostsRequest, _: Context) -> pb.ListPostsResponse:
        account = await self._access.account(request.account_id)
        posts = await self._person_reader.posts(
            account, person(request.person), within=recent_within(request)
        )
        return pb.ListPostsResponse(posts=[post_message(post) for post in posts])

    async def FindPeople(self, request: pb.FindPeopleRequest, _: Context) -> pb.FindPeopleResponse:
        known = await self._known.find(request.organization_id, identifiers_of(request))
        return known_message(known)
