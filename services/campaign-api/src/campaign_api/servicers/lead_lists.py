"""LeadListService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from campaigns.listings.lead_lists import LeadListPages
from outreach.campaign.v1 import lead_list_service_pb2 as pb
from outreach.campaign.v1 import lead_list_service_pb2_grpc as rpc
from servicekit.auth import visible_accounts
from servicekit.grpc.calls import Context
from servicekit.grpc.interceptors import validates_alone
from servicekit.lists.listing import followed_of

from campaign_api.convert import leads as convert
from campaign_api.convert.requests import lead_list_edit_from_proto
from campaign_api.lead_lists.addition import LeadListAddition
from campaign_api.lead_lists.lead_lists import LeadLists
from campaign_api.servicers.access import CampaignAccess, LeadListAccess


class LeadListServicer(rpc.LeadListServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: LeadListAccess,
        campaigns: CampaignAccess,
        lead_lists: LeadLists,
        pages: LeadListPages,
        addition: LeadListAddition,
    ) -> None:
        self._access = access
        self._campaigns = campaigns
        self._lead_lists = lead_lists
        self._pages = pages
        self._addition = addition

    async def CreateLeadList(
        self, request: pb.CreateLeadListRequest, _: Context
    ) -> pb.CreateLeadListResponse:
        created = await self._lead_lists.create(
            request.organization_id,
            name=request.name.strip(),
            description=request.description,
            account_ids=self._access.of_maker(),
            request_id=request.request_id,
        )
        made = await self._access.made(created)
        return pb.CreateLeadListResponse(lead_list=convert.lead_list_to_proto(made))

    async def GetLeadList(
        self, request: pb.GetLeadListRequest, _: Context
    ) -> pb.GetLeadListResponse:
        found = await self._access.lead_list(request.lead_list_id)
        return pb.GetLeadListResponse(lead_list=convert.lead_list_to_proto(found))

    async def ListLeadLists(
        self, request: pb.ListLeadListsRequest, _: Context
    ) -> pb.ListLeadListsResponse:
        page = await self._pages.lists(
            request.organization_id, followed_of(request), account_ids=visible_accounts()
        )
        return pb.ListLeadListsResponse(
            lead_lists=[convert.lead_list_to_proto(each) for each in page.rows],
            total_size=page.total_size,
            removed_lead_lists=page.removed_ids(),
            **page.answered(),
        )

    async def ListLeadListEntries(
        self, request: pb.ListLeadListEntriesRequest, _: Context
    ) -> pb.ListLeadListEntriesResponse:
        found = await self._access.lead_list(request.lead_list_id)
        page = await self._pages.entries(found, followed_of(request))
        return pb.ListLeadListEntriesResponse(
            entries=[convert.entry_to_proto(found, each) for each in page.rows],
            **page.answered(),
        )

    async def UpdateLeadList(
        self, request: pb.UpdateLeadListRequest, _: Context
    ) -> pb.UpdateLeadListResponse:
        edit = lead_list_edit_from_proto(request)
        found = await self._access.lead_list(request.lead_list.lead_list_id)
        updated = await self._lead_lists.update(found.id, edit)
        return pb.UpdateLeadListResponse(lead_list=convert.lead_list_to_proto(updated))

    async def DeleteLeadList(
        self, request: pb.DeleteLeadListRequest, _: Context
    ) -> pb.DeleteLeadListResponse:
        found = await self._access.lead_list(request.lead_list_id, deleted=True)
        await self._lead_lists.delete(found.id, force=request.force, etag=request.etag)
        return pb.DeleteLeadListResponse()

    @validates_alone
    async def AddLeadList(
        self, request: pb.AddLeadListRequest, _: Context
    ) -> pb.AddLeadListResponse:
        campaign = await self._campaigns.campaign(request.campaign_id)
        source = await self._access.lead_list(request.lead_list_id, taking=True)
        add = self._addition.validate if request.validate_only else self._addition.add
        return convert.addition_to_proto(await add(campaign, source))
