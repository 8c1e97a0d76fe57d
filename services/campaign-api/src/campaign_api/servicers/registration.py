"""Every service of the packages `campaign` and `identity`, and how it is added to a server."""

from dataclasses import dataclass

from outreach.campaign.v1.campaign_service_pb2_grpc import add_CampaignServiceServicer_to_server
from outreach.campaign.v1.import_service_pb2_grpc import add_ImportServiceServicer_to_server
from outreach.campaign.v1.lead_list_service_pb2_grpc import add_LeadListServiceServicer_to_server
from outreach.campaign.v1.lead_service_pb2_grpc import add_LeadServiceServicer_to_server
from outreach.campaign.v1.linkedin_event_service_pb2_grpc import (
    add_LinkedInEventServiceServicer_to_server,
)
from outreach.campaign.v1.sequence_service_pb2_grpc import add_SequenceServiceServicer_to_server
from outreach.campaign.v1.workflow_service_pb2_grpc import add_WorkflowServiceServicer_to_server
from outreach.identity.v1.api_key_service_pb2_grpc import add_ApiKeyServiceServicer_to_server
from outreach.identity.v1.member_service_pb2_grpc import add_MemberServiceServicer_to_server
from outreach.identity.v1.organization_service_pb2_grpc import (
    add_OrganizationServiceServicer_to_server,
)
from outreach.identity.v1.token_service_pb2_grpc import add_TokenServiceServicer_to_server
from servicekit.grpc.server import GrpcServer

from campaign_api.servicers.api_keys import ApiKeyServicer
from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.imports import ImportServicer
from campaign_api.servicers.lead_lists import LeadListServicer
from campaign_api.servicers.leads import LeadServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.members import MemberServicer
from campaign_api.servicers.organizations import OrganizationServicer
from campaign_api.servicers.sequences import SequenceServicer
from campaign_api.servicers.tokens import TokenServicer
from campaign_api.servicers.workflows import WorkflowServicer


@dataclass(frozen=True, kw_only=True)
class Servicers:
    """One for each service."""

    campaigns: CampaignServicer
    leads: LeadServicer
    imports: ImportServicer
    lead_lists: LeadListServicer
    sequences: SequenceServicer
    linkedin_events: LinkedInEventServicer
    workflows: WorkflowServicer
    identity: "IdentityServicers"

    def add_to(self, server: GrpcServer) -> None:
        """Have a server that has not started serve all of them."""
        server.add(add_CampaignServiceServicer_to_server, self.campaigns)
        server.add(add_LeadServiceServicer_to_server, self.leads)
        server.add(add_ImportServiceServicer_to_server, self.imports)
        server.add(add_LeadListServiceServicer_to_server, self.lead_lists)
        server.add(add_SequenceServiceServicer_to_server, self.sequences)
        server.add(add_LinkedInEventServiceServicer_to_server, self.linkedin_events)
        server.add(add_WorkflowServiceServicer_to_server, self.workflows)
        self.identity.add_to(server)


@dataclass(frozen=True, kw_only=True)
class IdentityServicers:
    """Those that know who may do what."""

    organizations: OrganizationServicer
    members: MemberServicer
    api_keys: ApiKeyServicer
    tokens: TokenServicer

    def add_to(self, server: GrpcServer) -> None:
        """See `Servicers`."""
        server.add(add_OrganizationServiceServicer_to_server, self.organizations)
        server.add(add_MemberServiceServicer_to_server, self.members)
        server.add(add_ApiKeyServiceServicer_to_server, self.api_keys)
        server.add(add_TokenServiceServicer_to_server, self.tokens)
