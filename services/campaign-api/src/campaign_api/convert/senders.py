"""Protos <-> models of a sender that is replaced."""

from collections.abc import Mapping

from campaigns.senders.replacement import Contact, ContactedLeads, Replaced, ReplacementPolicy
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb

from campaign_api.commands.sender_replacement import ReplaceSender

_CHOICES: Mapping[int, ContactedLeads] = {
    campaign_pb2.CONTACTED_LEADS_UNSPECIFIED: ContactedLeads.STAY,
    campaign_pb2.CONTACTED_LEADS_STAY: ContactedLeads.STAY,
    campaign_pb2.CONTACTED_LEADS_END: ContactedLeads.END,
    campaign_pb2.CONTACTED_LEADS_MOVE: ContactedLeads.MOVE,
}


def replacement_from_proto(request: pb.ReplaceSenderRequest) -> ReplaceSender:
    """What is asked for."""
    return ReplaceSender(
        account_id=request.account_id,
        replacement_account_id=request.replacement_account_id,
        policy=ReplacementPolicy(
            contacted=_CHOICES[request.contacted_leads],
            connected=_CHOICES[request.connected_leads],
        ),
    )


def replaced_to_proto(
    campaign: campaign_pb2.Campaign, replaced: Replaced
) -> pb.ReplaceSenderResponse:
    contacted, connected = Contact.CONTACTED, Contact.CONNECTED
    return pb.ReplaceSenderResponse(
        campaign=campaign,
        moved=replaced.count(Contact.NONE, ContactedLeads.MOVE),
        moved_contacted=replaced.count(contacted, ContactedLeads.MOVE)
        + replaced.count(connected, ContactedLeads.MOVE),
        ended=len(replaced.which(ContactedLeads.END)),
        stayed_contacted=replaced.count(contacted, ContactedLeads.STAY),
        stayed_connected=replaced.count(connected, ContactedLeads.STAY),
    )
