"""From rows to the event that a customer receives. Pure."""

from urllib.parse import quote

from campaigns.models import Campaign, ConnectionState, HeardMessage, Lead
from campaigns.sequences.sequence import Step
from campaigns.sequences.variants import variant_of
from outreach.webhook.v1 import event_pb2 as pb
from servicekit.tables import total

from outreach_worker.events.contracts import OWNER_WROTE, REPLY_RECEIVED, CustomerEvent

_CONNECTION_STATUS = total(
    ConnectionState,
    {
        ConnectionState.NONE: "not_connected",
        ConnectionState.INVITED: "pending",
        ConnectionState.CONNECTED: "accepted",
        ConnectionState.NOT_ACCEPTED: "not_accepted",
        ConnectionState.WITHDRAWN: "withdrawn",
    },
)


def event_to_proto(
    event: CustomerEvent,
    *,
    campaign: Campaign,
    lead: Lead | None,
    step: Step | None,
    heard: HeardMessage | None = None,
) -> pb.Event:
    """The event, with a snapshot of everything that it is about.

    `heard` is what was written; None where the event itself brings it along.
    """
    written = heard or HeardMessage(
        text=event.message, chat_id=event.chat_id, message_id=event.message_id
    )
    made = pb.Event(
        event_id=event.event_id,
        type=pb.EventType.Value(f"EVENT_TYPE_{event.type.upper().replace('.', '_')}"),
        organization_id=campaign.organization_id,
        campaign=pb.CampaignSnapshot(id=campaign.id, name=campaign.name, state=campaign.state),
    )
    made.occur_time.FromDatetime(event.at)
    if lead is not None:
        made.lead.CopyFrom(_lead(lead))
    if step is not None:
        made.step.CopyFrom(_step(step, event))
        variant = variant_of(step, lead_id=event.lead_id)
        made.step.variant = variant.name if variant else ""
    if event.type == REPLY_RECEIVED:
        made.reply.CopyFrom(
            pb.ReplySnapshot(
                message=written.text,
                chat_id=written.chat_id,
                message_id=written.message_id,
                automatic=event.automatic,
                opted_out=bool(event.suppression_id),
                suppression_id=event.suppression_id,
            )
        )
    if event.type == OWNER_WROTE:
        made.owner_message.CopyFrom(
            pb.OwnerMessageSnapshot(chat_id=written.chat_id, message_id=written.message_id)
        )
    return made


def _lead(lead: Lead) -> pb.LeadSnapshot:
    person = lead.person
    made = pb.LeadSnapshot(
        id=lead.id,
        first_name=person.first_name,
        last_name=person.last_name,
        linkedin_url=f"https://www.linkedin.com/in/{quote(person.public_identifier, safe='')}",
        company=person.company,
        title=person.title,
        email=person.email,
        phone=person.phone,
        location=person.location,
        connection_status="replied" if lead.reply else _CONNECTION_STATUS[lead.connection],
        state=lead.state,
        reason=lead.reason,
        account_id=lead.account_id,
        variables=dict(person.variables),
        lead_list_id=lead.lead_list_id,
    )
    made.create_time.FromDatetime(lead.created_at)
    return made


def _step(step: Step, event: CustomerEvent) -> pb.StepSnapshot:
    return pb.StepSnapshot(
        id=step.step_id,
        index=step.index,
        type=step.kind,
        label=step.label,
        state=event.state,
        reason=event.reason,
        exit=event.exit_name,
    )
