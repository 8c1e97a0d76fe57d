"""Protos <-> what was found of a person."""

from __future__ import annotations

from campaigns.models import MessageAuthor
from campaigns.repositories.people.conversation_repository import Message
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.tables import total

from campaign_api.convert.instants import timestamp
from campaign_api.convert.leads import history_to_proto, lead_to_proto
from campaign_api.people.finding import Asked, Found

_AUTHORS = total(
    MessageAuthor,
    {
        MessageAuthor.SEQUENCE: pb.LEAD_MESSAGE_AUTHOR_SEQUENCE,
        MessageAuthor.PERSON: pb.LEAD_MESSAGE_AUTHOR_PERSON,
        MessageAuthor.OWNER: pb.LEAD_MESSAGE_AUTHOR_OWNER,
    },
)


def asked_from_proto(request: pb.FindLeadsRequest) -> Asked:
    return Asked(address=request.address, email=request.email, show_deleted=request.show_deleted)


def found_to_proto(found: Found) -> pb.FoundLead:
    return pb.FoundLead(
        lead=lead_to_proto(found.view.lead),
        campaign_name=found.campaign_name,
        steps=history_to_proto(found.view.history, found.view.sequence),
        messages=map(_message_to_proto, found.messages),
    )


def _message_to_proto(message: Message) -> pb.LeadMessage:
    author = message.author
    return pb.LeadMessage(
        author=pb.LEAD_MESSAGE_AUTHOR_UNSPECIFIED if author is None else _AUTHORS[author],
        text=message.text,
        write_time=timestamp(message.written_at),
        step_id=message.step_id,
    )
