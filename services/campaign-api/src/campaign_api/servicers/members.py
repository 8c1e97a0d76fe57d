"""MemberService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from identity.members.directory import Directory
from identity.models import Member
from outreach.identity.v1 import member_service_pb2 as pb
from outreach.identity.v1 import member_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from campaign_api.convert import identity as convert


class MemberServicer(rpc.MemberServiceServicer):
    """The directory knows what is the caller's to see and to give."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def CreateMember(
        self, request: pb.CreateMemberRequest, _: Context
    ) -> pb.CreateMemberResponse:
        made = await self._directory.create_member(
            request.organization_id,
            name=request.name.strip(),
            role=convert.ROLE_BY_NUMBER[request.role],
            account_ids=convert.accounts_from_proto(request.account_ids),
            request_id=request.request_id,
        )
        return pb.CreateMemberResponse(member=convert.member_to_proto(made))

    async def GetMember(self, request: pb.GetMemberRequest, _: Context) -> pb.GetMemberResponse:
        found = await self._directory.member(request.member_id)
        return pb.GetMemberResponse(member=convert.member_to_proto(found))

    async def ListMembers(
        self, request: pb.ListMembersRequest, _: Context
    ) -> pb.ListMembersResponse:
        page = await self._directory.members(request.organization_id, followed_of(request))
        return pb.ListMembersResponse(
            members=[convert.member_to_proto(each) for each in page.rows],
            total_size=page.total_size,
            **page.answered(),
        )

    async def UpdateMember(
        self, request: pb.UpdateMemberRequest, _: Context
    ) -> pb.UpdateMemberResponse:
        asked = convert.accounts_from_proto(request.limit.account_ids)
        limits = request.HasField("limit")

        def account_ids(member: Member) -> frozenset[str] | None:
            return asked if limits else member.account_ids

        changed = await self._directory.update_member(
            request.member_id,
            role=convert.role_from_proto(request.role),
            account_ids=account_ids,
            etag=request.etag,
        )
        return pb.UpdateMemberResponse(member=convert.member_to_proto(changed))

    async def DisableMember(
        self, request: pb.DisableMemberRequest, _: Context
    ) -> pb.DisableMemberResponse:
        disabled = await self._directory.disable_member(request.member_id)
        return pb.DisableMemberResponse(member=convert.member_to_proto(disabled))

    async def EnableMember(
        self, request: pb.EnableMemberRequest, _: Context
    ) -> pb.EnableMemberResponse:
        enabled = await self._directory.enable_member(request.member_id)
        return pb.EnableMemberResponse(member=convert.member_to_proto(enabled))
