"""Every service of `outreach.campaign.v1`, and how it is added to a server."""

from dataclasses import dataclass

from outreach.campaign.v1.campaign_service_pb2_grpc import add_CampaignServiceServicer_to_server
from outreach.campaign.v1.lead_service_pb2_grpc import add_LeadServiceServicer_to_server
from outreach.campaign.v1.linkedin_event_service_pb2_grpc import (
    add_LinkedInEventServiceServicer_to_server,
)
from outreach.campaign.v1.sequence_service_pb2_grpc import add_SequenceServiceServicer_to_server
from servicekit.grpc.server import GrpcServer

from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.leads import LeadServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.sequences import SequenceServicer


@dataclass(frozen=True, kw_only=True)
class Servicers:
    """One for each service."""

    campaigns: CampaignServicer
    leads: LeadServicer
    sequences: SequenceServicer
    linkedin_events: LinkedInEventServicer

    def add_to(self, server: GrpcServer) -> None:
        """Have a server that has not started serve all of them."""
        server.add(add_CampaignServiceServicer_to_server, self.campaigns)
        server.add(add_LeadServiceServicer_to_server, self.leads)
        server.add(add_SequenceServiceServicer_to_server, self.sequences)
        server.add(add_LinkedInEventServiceServicer_to_server, self.linkedin_events)
