"""An event of every type of the catalogue; of people and campaigns that there are not."""

from typing import Final

from outreach.webhook.v1 import event_parts_pb2
from outreach.webhook.v1 import event_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2 import SendTestEventRequest

from webhook_dispatcher.convert.payload import TYPE_NAMES, payload, type_of
from webhook_dispatcher.convert.violations import Violations

ID = "evt_5f0c1d3b9a7e42d68c2f4b7a91e3d05c"
AT = "2026-03-02T09:30:00.250Z"
_WHO = "zoe-example"
_LEAD_ID = "lead_01j9z3k4x5"
_STATES: Final = {
    "campaign.paused": "paused",
    "campaign.stopped": "stopped",
    "campaign.completed": "completed",
}


def example_asked_for(request: SendTestEventRequest) -> str:
    """The text of an event like the one that is asked for; empty for a mere test.

    Raises `InvalidFields` for a type that there is not.
    """
    violations = Violations()
    if request.event_type and request.event_type not in TYPE_NAMES:
        violations.add("event_type", "is no type of event")
    violations.refuse()
    return payload(example_of(request.event_type)) if request.event_type else ""


def parts_of(name: str) -> tuple[str, ...]:
    """What an event of a type that customers know as `name` is about: fields of Event."""
    value = pb.EventType.DESCRIPTOR.values_by_number[type_of(name)]
    return tuple(value.GetOptions().Extensions[event_parts_pb2.parts])


def example_of(name: str) -> pb.Event:
    """Such an event, as it is published."""
    event = pb.Event(event_id=ID, type=type_of(name), organization_id="org_01j9z3k4x5")
    event.occur_time.FromJsonString(AT)
    parts = parts_of(name)
    for part in parts:
        getattr(event, part).CopyFrom(_PARTS[part](name))
    if "lead" in parts:
        event.subject, event.sequence_number = _LEAD_ID, 7
    return event


def _campaign(name: str) -> pb.CampaignSnapshot:
    state = _STATES.get(name, "running")
    return pb.CampaignSnapshot(id="camp_01j9z3k4x5", name="Spring", state=state)


def _lead(name: str) -> pb.LeadSnapshot:
    ended = {"lead.completed": "completed", "lead.failed": "failed"}
    lead = pb.LeadSnapshot(
        id=_LEAD_ID,
        first_name="Zoë",
        last_name="Example",
        linkedin_url=f"https://www.linkedin.com/in/{_WHO}",
        company="Example Ltd",
        title="Head of Examples",
        email="zoe@example.com",
        phone="+1 555 0100",
        location="Berlin",
        connection_status="replied" if name == "reply.received" else "accepted",
        state=ended.get(name, "running"),
        reason="PROFILE_NOT_FOUND" if name == "lead.failed" else "",
        account_id="acct_01j9z3k4x5",
        variables={"Deal Size": "10k"},
        lead_list_id="list_01j9z3k4x5",
    )
    lead.create_time.FromJsonString("2026-02-20T08:00:00Z")
    return lead


def _step(name: str) -> pb.StepSnapshot:
    if name == "sequence.webhook":
        return pb.StepSnapshot(id="node-7", index=6, type="webhook", label="Tell us", state="done")
    failed = name == "step.failed"
    return pb.StepSnapshot(
        id="node-3",
        index=2,
        type="comment_post" if failed else "send_followup",
        label="Second message",
        state="failed" if failed else "done",
        reason="COMMENTS_DISABLED" if failed else "",
        variant="" if failed else "B",
    )


def _account(name: str) -> pb.AccountSnapshot:
    account = pb.AccountSnapshot(id="acct_01j9z3k4x5")
    if name == "account.disconnected":
        account.reason = "CREDENTIALS"
    if name in {"account.cooling_down", "account.cooled_down"}:
        account.cool_down.action = "invitation"
        account.cool_down.end_time.FromJsonString("2026-03-03T09:30:00Z")
    if name == "account.cooling_down":
        account.reason = "cannot_resend_yet"
    return account


def _reply(_: str) -> pb.ReplySnapshot:
    return pb.ReplySnapshot(message="Tell me more.", chat_id="chat_1", message_id="message_2")


def _owner_message(_: str) -> pb.OwnerMessageSnapshot:
    return pb.OwnerMessageSnapshot(chat_id="chat_1", message_id="message_2")


def _endpoint(_: str) -> pb.EndpointSnapshot:
    endpoint = pb.EndpointSnapshot(id="ep_01j9z3k4x5", reason="failing")
    endpoint.first_failure_time.FromJsonString("2026-02-25T09:00:00Z")
    return endpoint


def _report(_: str) -> pb.ReportSnapshot:
    return pb.ReportSnapshot(
        id="rep_01j9z3k4x5",
        program_id="prog_01j9z3k4x5",
        kind="weekly",
        first_day="2026-02-23",
        last_day="2026-03-01",
        headline=["People invited: 75; usual: 70"],
        markdown="# Spring\n\n- **People invited:** 75; usual: 70\n",
    )


_PARTS: Final = {
    "campaign": _campaign,
    "lead": _lead,
    "step": _step,
    "account": _account,
    "reply": _reply,
    "owner_message": _owner_message,
    "endpoint": _endpoint,
    "report": _report,
}
