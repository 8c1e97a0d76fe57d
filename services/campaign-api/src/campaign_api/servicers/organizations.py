"""OrganizationService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from identity.members.directory import Directory
from outreach.identity.v1 import organization_service_pb2 as pb
from outreach.identity.v1 import organization_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context
from servicekit.lists.listing import followed_of

from campaign_api.convert import identity as convert


class OrganizationServicer(rpc.OrganizationServiceServicer):
    """The directory knows what is the caller's to see."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def CreateOrganization(
        self, request: pb.CreateOrganizationRequest, _: Context
    ) -> pb.CreateOrganizationResponse:
        made = await self._directory.create_organization(
            request.organization_id,
            name=request.name.strip(),
        )
        return pb.CreateOrganizationResponse(organization=convert.organization_to_proto(made))

    async def GetOrganization(
        self, request: pb.GetOrganizationRequest, _: Context
    ) -> pb.GetOrganizationResponse:
        found = await self._directory.organization(request.organization_id)
        return pb.GetOrganizationResponse(organization=convert.organization_to_proto(found))

    async def ListOrganizations(
        self, request: pb.ListOrganizationsRequest, _: Context
    ) -> pb.ListOrganizationsResponse:
        page = await self._directory.organizations(followed_of(request))
        return pb.ListOrganizationsResponse(
            organizations=[convert.organization_to_proto(each) for each in page.rows],
            total_size=page.total_size,
            **page.answered(),
        )

    async def DisableOrganization(
        self, request: pb.DisableOrganizationRequest, _: Context
    ) -> pb.DisableOrganizationResponse:
        disabled = await self._directory.disable_organization(request.organization_id)
        return pb.DisableOrganizationResponse(organization=convert.organization_to_proto(disabled))

    async def EnableOrganization(
        self, request: pb.EnableOrganizationRequest, _: Context
    ) -> pb.EnableOrganizationResponse:
        enabled = await self._directory.enable_organization(request.organization_id)
        return pb.EnableOrganizationResponse(organization=convert.organization_to_proto(enabled))
