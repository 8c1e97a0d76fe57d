"""What callers ask for: actions, and reads of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outreach.linkedin.v1 import action_service_pb2 as pb
from servicekit.tables import total

from linkedin_gateway.convert.hours import working_hours, zone_of
from linkedin_gateway.convert.people import person_named, recent_within
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.kinds.engagement import COMMENT
from linkedin_gateway.kinds.inmail import INMAIL
from linkedin_gateway.kinds.invitation import INVITATION
from linkedin_gateway.kinds.message import MESSAGE
from linkedin_gateway.kinds.registry import KIND_ASKED_BY, WRITES
from linkedin_gateway.models import ActionRequest, Kind, OwnerMessages

_OWNER_MESSAGES: Mapping[int, OwnerMessages] = {
    pb.OWNER_MESSAGES_UNSPECIFIED: OwnerMessages.END,
    **{pb.OwnerMessages.Value(f"OWNER_MESSAGES_{each.name}"): each for each in OwnerMessages},
}


def action_request(request: pb.PerformActionRequest) -> ActionRequest:
    """What a caller asks for."""
    wrong = Violations()
    which = request.WhichOneof("action")
    if which is None:
        # Refused before by the contract's rules.
        raise AssertionError
    window = None
    if request.HasField("sending_window"):
        window = working_hours(request.sending_window, "sending_window", wrong)
    if request.person_time_zone:
        zone_of(request.person_time_zone, "person_time_zone", wrong)
    kind = KIND_ASKED_BY[which]
    details = _DETAILS[kind](request, wrong)
    identifier = person_named(request.person.public_identifier, wrong)
    made = ActionRequest(
        action_id=request.action_id,
        organization_id=request.organization_id,
        account_id=request.account_id,
        campaign_id=request.campaign_id,
        lead_id=request.lead_id,
        identifier=identifier,
        kind=kind,
        email=request.person.email,
        company=request.person.company,
        weight=request.weight or 1,
        continue_after_reply=request.continue_after_reply,
        contact_responders=request.contact_responders,
        owner_messages=_OWNER_MESSAGES[request.owner_messages],
        automatic_reply_wait=request.automatic_reply_wait.ToTimedelta()
        if request.HasField("automatic_reply_wait")
        else None,
        sending_window=window,
        person_time_zone=request.person_time_zone,
        **details,
    )
    wrong.end()
    return made


def _reaction(request: pb.PerformActionRequest, _wrong: Violations) -> dict[str, Any]:
    action = request.react_to_post
    return {"reaction": action.reaction or "like", "recent_within": recent_within(action)}


def _comment(request: pb.PerformActionRequest, wrong: Violations) -> dict[str, Any]:
    action = request.comment_on_post
    return {
        "text": wrong.limit("comment_on_post.text", action.text, COMMENT.longest_text),
        "post_id": action.post_id,
        "recent_within": recent_within(action),
    }


def _invitation(request: pb.PerformActionRequest, wrong: Violations) -> dict[str, Any]:
    note = request.send_invitation.note.strip()
    return {
        "text": wrong.limit("send_invitation.note", note, INVITATION.longest_text),
        "leave_received": request.send_invitation.leave_received,
    }


def _message(request: pb.PerformActionRequest, wrong: Violations) -> dict[str, Any]:
    action = request.send_message
    text = wrong.limit("send_message.text", action.text, MESSAGE.longest_text)
    return {"text": text, "only_if_no_reply": action.only_if_no_reply}


def _inmail(request: pb.PerformActionRequest, wrong: Violations) -> dict[str, Any]:
    action = request.send_inmail
    return {
        "text": wrong.limit("send_inmail.text", action.text, INMAIL.longest_text),
        "subject": wrong.limit("send_inmail.subject", action.subject, INMAIL.longest_subject),
    }


def _nothing_more(_request: pb.PerformActionRequest, _wrong: Violations) -> dict[str, Any]:
    return {}


_Details = Callable[[pb.PerformActionRequest, Violations], dict[str, Any]]
_DETAILS: Mapping[Kind, _Details] = total(
    WRITES,
    {
        Kind.VISIT: _nothing_more,
        Kind.REACTION: _reaction,
        Kind.COMMENT: _comment,
        Kind.INVITATION: _invitation,
        Kind.MESSAGE: _message,
        Kind.INMAIL: _inmail,
        Kind.WITHDRAWAL: _nothing_more,
    },
)
