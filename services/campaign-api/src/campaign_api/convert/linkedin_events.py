"""What LinkedIn told the gateway, as it comes in."""

from typing import assert_never

from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from servicekit.telemetry import logs

from campaign_api.convert.instants import instant
from campaign_api.linkedin_events import events

log = logs.get_logger(__name__)


def event_from_proto(event: pb.LinkedInEvent) -> events.LinkedInEvent | None:
    """The event; None for one that cannot be passed on: incomplete, or newer than this code.

    It is logged and no error: it would be reported again for ever, and keep
    those behind it from being passed on.
    """
    what = _what(event)
    complete = event.event_id and event.account_id and event.HasField("occur_time")
    if what is None or not complete:
        log.error("linkedin_event_ignored", event_id=event.event_id)
        return None
    return events.LinkedInEvent(
        id=event.event_id,
        organization_id=event.organization_id,
        account_id=event.account_id,
        at=instant(event.occur_time),
        leads=tuple(
            events.LeadRef(campaign_id=lead.campaign_id, lead_id=lead.lead_id)
            for lead in event.leads
        ),
        what=what,
    )


def leads_from_proto(request: pb.FindRunningLeadsRequest) -> list[tuple[str, str]]:
    """The leads (campaign, lead) that are asked about."""
    return [(lead.campaign_id, lead.lead_id) for lead in request.leads]


def _what(event: pb.LinkedInEvent) -> events.What | None:  # noqa: PLR0911 - one each
    which = event.WhichOneof("event")
    match which:
        case "invitation_accepted":
            return events.InvitationAccepted(provider_id=event.invitation_accepted.provider_id)
        case "reply_received":
            reply = event.reply_received
            return events.ReplyReceived(
                provider_id=reply.provider_id,
                chat_id=reply.chat_id,
                message_id=reply.message_id,
                text=reply.text,
                automatic=reply.automatic,
                suppression_id=reply.suppression_id,
            )
        case "owner_wrote":
            return events.OwnerWrote(
                provider_id=event.owner_wrote.provider_id,
                chat_id=event.owner_wrote.chat_id,
                message_id=event.owner_wrote.message_id,
            )
        case "account_disconnected":
            return events.AccountDisconnected(reason=event.account_disconnected.reason)
        case "account_reconnected":
            return events.AccountReconnected()
        case "account_cooling_down":
            cooling = event.account_cooling_down
            return events.AccountCoolingDown(
                action=cooling.action, cause=cooling.cause, ends_at=instant(cooling.end_time)
            )
        case "account_cooled_down":
            return events.AccountCooledDown(action=event.account_cooled_down.action)
        case "actions_freed":
            return events.ActionsFreed(cause=event.actions_freed.cause)
        case None:
            return None
        case _:
            assert_never(which)
