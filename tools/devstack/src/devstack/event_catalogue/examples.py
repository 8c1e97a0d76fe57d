"""An event of every type as the dispatcher writes it; of people that there are not."""

import json
from typing import Any, Final

from outreach.webhook.v1 import event_pb2 as pb
from webhook_dispatcher.convert.payload import payload, type_of

from devstack.event_catalogue.types import TRIAL, CataloguedType

_ID = "evt_5f0c1d3b9a7e42d68c2f4b7a91e3d05c"
_AT = "2026-03-02T09:30:00.250Z"
_LEAD_ID = "lead_01j9z3k4x5"
_STATES: Final = {
    "campaign.paused": "paused",
    "campaign.stopped": "stopped",
    "campaign.completed": "completed",
}


def example_of(of: CataloguedType) -> dict[str, Any]:
    """What an endpoint receives of an event of this type."""
    if of.name == TRIAL:
        data = {"endpointId": "ep_01j9z3k4x5"}
        return {"id": _ID, "type": TRIAL, "timestamp": _AT, "data": data}
    written: dict[str, Any] = json.loads(payload(event_of(of)))
    return written


def event_of(of: CataloguedType) -> pb.Event:
    """Such an event, as it is published."""
    event = pb.Event(event_id=_ID, type=type_of(of.name), organization_id="org_01j9z3k4x5")
    event.occur_time.FromJsonString(_AT)
    for part in of.parts:
        getattr(event, part).CopyFrom(_PARTS[part](of.name))
    if "lead" in of.parts:
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
        linkedin_url="https://www.linkedin.com/in/zoe-example",
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


_PARTS: Final = {
    "campaign": _campaign,
    "lead": _lead,
    "step": _step,
    "account": _account,
    "reply": _reply,
    "owner_message": _owner_message,
    "endpoint": _endpoint,
}
