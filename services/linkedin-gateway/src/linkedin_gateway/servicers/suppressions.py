"""SuppressionService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from __future__ import annotations

from collections.abc import AsyncIterator

from outreach.linkedin.v1 import suppression_service_pb2 as pb
from outreach.linkedin.v1 import suppression_service_pb2_grpc as rpc
from servicekit.auth import visible_organization
from servicekit.clock import Clock
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from linkedin_gateway.controls.person_suppression_repository import PersonSuppressionRepository
from linkedin_gateway.controls.reply_repository import ReplyRepository
from linkedin_gateway.controls.suppressions import Suppressions
from linkedin_gateway.convert.holds import wire_message
from linkedin_gateway.convert.suppressions import (
    import_message,
    list_header,
    listed_message,
    people_asked,
    person_asked,
    replied_leads,
    suppressed_people_of,
    suppression_message,
    suppressions_of,
)
from linkedin_gateway.listings.suppressions import SuppressionList


class SuppressionServicer(rpc.SuppressionServiceServicer):
    """Keeps who must not be contacted."""

    def __init__(
        self,
        *,
        suppressions: Suppressions,
        of_person: PersonSuppressionRepository,
        suppression_list: SuppressionList,
        replies: ReplyRepository,
        clock: Clock,
    ) -> None:
        self._suppressions = suppressions
        self._of_person = of_person
        self._list = suppression_list
        self._replies = replies
        self._clock = clock

    async def AddSuppressions(
        self, request: pb.AddSuppressionsRequest, _: Context
    ) -> pb.AddSuppressionsResponse:
        suppressions = suppressions_of(request, now=self._clock.now())
        people = suppressed_people_of(request)
        added, begun = await self._suppressions.add(suppressions, people)
        return pb.AddSuppressionsResponse(
            suppressions=[suppression_message(each) for each in added],
            on_the_wire=wire_message(begun),
        )

    async def RemoveSuppression(
        self, request: pb.RemoveSuppressionRequest, _: Context
    ) -> pb.RemoveSuppressionResponse:
        await self._suppressions.remove(
            request.suppression_id,
            organization_id=visible_organization(),
            allow_missing=request.allow_missing,
        )
        return pb.RemoveSuppressionResponse()

    async def AllowContact(
        self, request: pb.AllowContactRequest, _: Context
    ) -> pb.AllowContactResponse:
        allowed = await self._of_person.allow(
            request.organization_id, person_asked(request), allow_missing=request.allow_missing
        )
        return pb.AllowContactResponse(
            suppressions=map(listed_message, allowed.removed),
            remaining=map(listed_message, allowed.remaining),
        )

    async def CheckSuppression(
        self, request: pb.CheckSuppressionRequest, _: Context
    ) -> pb.CheckSuppressionResponse:
        found = await self._of_person.covering(request.organization_id, person_asked(request))
        return pb.CheckSuppressionResponse(
            suppressed=bool(found), suppressions=map(listed_message, found)
        )

    async def ListSuppressions(
        self, request: pb.ListSuppressionsRequest, _: Context
    ) -> pb.ListSuppressionsResponse:
        page = await self._list.page(
            request.organization_id,
            followed_of(request),
        )
        return pb.ListSuppressionsResponse(
            suppressions=[listed_message(each) for each in page.rows],
            total_size=page.total_size,
            removed_suppressions=page.removed_ids(),
            **page.answered(),
        )

    async def FindSuppressed(
        self, request: pb.FindSuppressedRequest, _: Context
    ) -> pb.FindSuppressedResponse:
        found = await self._suppressions.find(request.organization_id, people_asked(request))
        return pb.FindSuppressedResponse(suppressed=found)

    async def ImportSuppressions(
        self, request_iterator: AsyncIterator[pb.ImportSuppressionsRequest], _: Context
    ) -> pb.ImportSuppressionsResponse:
        first = await anext(request_iterator, None)
        header, expires_at = list_header(first, now=self._clock.now())
        content = (request.content async for request in request_iterator)
        listed, added, begun = await self._suppressions.import_list(
            content,
            organization_id=header.organization_id,
            reason=header.reason,
            expires_at=expires_at,
        )
        return import_message(
            rows=listed.rows, added=added, row_errors=listed.errors, on_the_wire=begun
        )

    async def RecordReplies(
        self, request: pb.RecordRepliesRequest, _: Context
    ) -> pb.RecordRepliesResponse:
        leads, at = replied_leads(request)
        await self._replies.record(request.organization_id, leads, at=at)
        return pb.RecordRepliesResponse()
