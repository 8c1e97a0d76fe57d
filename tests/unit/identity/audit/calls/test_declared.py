"""What the contract says of a method, and the id that a request names."""

from identity.audit.calls.declared import Declared, declared_of
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2, linkedin_event_service_pb2


def test_a_change_and_a_read_are_told_apart() -> None:
    """By the options of the method; what is not of the contract is neither."""
    start = declared_of("/outreach.campaign.v1.CampaignService/StartCampaign")
    perform = declared_of("/outreach.linkedin.v1.ActionService/PerformAction")
    assert (start.changes, start.has_own_row) == (True, False)
    assert (perform.changes, perform.has_own_row) == (True, True)
    assert declared_of("/outreach.campaign.v1.LeadService/GetLead").reads
    assert declared_of("/outreach.campaign.v1.CampaignService/GetCampaign") == Declared()
    assert declared_of("/grpc.health.v1.Health/Check") == Declared()


def test_the_id_is_found_in_the_request() -> None:
    """In a field, in a message, in the first of a list; in nothing there is none."""
    start = declared_of("/outreach.campaign.v1.CampaignService/StartCampaign")
    imports = declared_of("/outreach.campaign.v1.LeadService/ImportLeads")
    reports = declared_of("/outreach.campaign.v1.LinkedInEventService/ReportLinkedInEvents")

    assert start.resource(campaign_service_pb2.StartCampaignRequest(campaign_id="camp_1")) == (
        "camp_1"
    )
    header = lead_service_pb2.ImportLeadsHeader(campaign_id="camp_2")
    assert imports.resource(lead_service_pb2.ImportLeadsRequest(header=header)) == "camp_2"
    events = [linkedin_event_service_pb2.LinkedInEvent(event_id=each) for each in ("in_1", "in_2")]
    several = linkedin_event_service_pb2.ReportLinkedInEventsRequest(events=events)
    assert reports.resource(several) == "in_1"
    assert reports.resource(linkedin_event_service_pb2.ReportLinkedInEventsRequest()) == ""
    assert start.resource(None) == ""
