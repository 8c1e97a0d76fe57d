"""LinkedInEventService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from campaigns.repositories.lead_repository import LeadRepository
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from outreach.campaign.v1 import linkedin_event_service_pb2_grpc as rpc
from servicekit.grpc.calls import Context

from campaign_api.convert.linkedin_events import event_from_proto, leads_from_proto
from campaign_api.linkedin_events.relay import LinkedInEventRelay


class LinkedInEventServicer(rpc.LinkedInEventServiceServicer):
    """Passes on what the gateway reports, and answers what it asks."""

    def __init__(self, relay: LinkedInEventRelay, leads: LeadRepository) -> None:
        self._relay = relay
        self._leads = leads

    async def ReportLinkedInEvents(
        self, request: pb.ReportLinkedInEventsRequest, _: Context
    ) -> pb.ReportLinkedInEventsResponse:
        events = [event_from_proto(event) for event in request.events]
        await self._relay.report([event for event in events if event is not None])
        return pb.ReportLinkedInEventsResponse()

    async def FindRunningLeads(
        self, request: pb.FindRunningLeadsRequest, _: Context
    ) -> pb.FindRunningLeadsResponse:
        leads = leads_from_proto(request)
        running = await self._leads.running_among(request.organization_id, leads)
        return pb.FindRunningLeadsResponse(
            leads=[
                pb.LeadRef(campaign_id=campaign_id, lead_id=lead_id)
                for campaign_id, lead_id in running
            ]
        )
