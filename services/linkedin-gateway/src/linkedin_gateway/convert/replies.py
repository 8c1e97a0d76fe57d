"""Replies heard elsewhere, as they come in."""

from datetime import UTC, datetime

from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from linkedin_gateway.convert.findings import Findings
from linkedin_gateway.outbox.linkedin_events import Lead

_MOST_LEADS = 1000


def replied_leads(request: pb.RecordRepliesRequest) -> tuple[list[Lead], datetime]:
    """Who is to be left in peace, and since when."""
    wrong = Findings()
    wrong.require("organization_id", request.organization_id)
    if not 0 < len(request.leads) <= _MOST_LEADS:
        wrong.add("leads", f"between 1 and {_MOST_LEADS} are taken at once")
    for number, lead in enumerate(request.leads):
        wrong.require(f"leads[{number}].campaign_id", lead.campaign_id)
        wrong.require(f"leads[{number}].lead_id", lead.lead_id)
    if not request.HasField("reply_time"):
        wrong.add("reply_time", "is required", "FIELD_REQUIRED")
    wrong.end()
    leads = [Lead(campaign_id=lead.campaign_id, lead_id=lead.lead_id) for lead in request.leads]
    return leads, request.reply_time.ToDatetime(UTC)
