"""What the gateway reports reaches the leads, the customers and nobody twice."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.models import HeardMessage
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.workflow.contracts import (
    PERFORM_STEP,
    TASK_QUEUE,
    LeadInput,
    lead_workflow_id,
)
from campaigns.workflow.late_answer_contracts import LateAcceptance, LateAnswer, LateReply
from outreach.campaign.v1 import lead_service_pb2
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from outreach.webhook.v1 import event_pb2
from servicekit.errors import BadInput, FieldViolation, Unavailable
from servicekit.sealing.seal import ValueUnreadable
from servicekit.temporal.worker import run_worker
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner
from webhook_dispatcher.convert.payload import payload

from tests.event_catalogue import differences
from tests.fakes.campaign_workflows import StandInLateAnswer, StandInLead, Told, WaitingLead
from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    SCHEMA,
    Api,
    connected,
    event,
    reply,
    report,
    running_api,
)


async def leads_of(api: Api, campaign_id: str) -> list[str]:
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    return [each.lead.lead_id for each in listed.leads]


async def started(api: Api) -> tuple[str, str]:
    """A lead whose workflow runs."""
    campaign_id = await api.running()
    lead_id = (await leads_of(api, campaign_id))[0]
    assert api.temporal is not None
    await api.temporal.start_workflow(
        StandInLead.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead_id),
        id=lead_workflow_id(campaign_id, lead_id),
        task_queue=TASK_QUEUE,
    )
    return campaign_id, lead_id


async def drafted(api: Api) -> tuple[str, str]:
    """A lead of a campaign that has not begun."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    return campaign_id, (await leads_of(api, campaign_id))[0]


async def told(api: Api, lead: tuple[str, str]) -> list[Told]:
    assert api.temporal is not None
    return await api.temporal.get_workflow_handle(lead_workflow_id(*lead)).query(StandInLead.told)


async def late_answer(api: Api, workflow_id: str) -> LateAnswer:
    assert api.temporal is not None
    handle = api.temporal.get_workflow_handle(workflow_id)
    answer = await handle.query(StandInLateAnswer.answer)
    assert answer is not None
    return answer


async def test_events_of_a_person_arrive_in_order(api: Api) -> None:
    """The acceptance is heard before the reply that came after it."""
    lead = await started(api)
    accepted = pb.InvitationAccepted(provider_id="p")

    await report(api, event("evt_1", lead, invitation_accepted=accepted), reply("evt_2", lead))

    assert await told(api, lead) == [
        Told("invitation_accepted", "evt_1"),
        Told("reply_received", "evt_2"),
    ]
    heard = HeardMessageRepository(api.pool, SEAL)
    assert await heard.find(lead[1], "evt_2") == HeardMessage(text="Hello!")


async def test_an_answer_after_the_end_is_handed_on_once(api: Api) -> None:
    """A reply and an acceptance after the end each start one workflow, however often reported."""
    campaign_id = await api.running()
    lead_id = (await leads_of(api, campaign_id))[0]
    accepted = event(
        "evt_2", (campaign_id, lead_id), invitation_accepted=pb.InvitationAccepted(provider_id="p")
    )

    for _ in range(2):
        await report(api, reply("evt_1", (campaign_id, lead_id), text="Call me."), accepted)

    replied = await late_answer(api, f"answer/{campaign_id}/{lead_id}/evt_1")
    connected = await late_answer(api, f"answer/{campaign_id}/{lead_id}/evt_2")
    assert isinstance(replied, LateReply)
    assert replied.reply.text == ""
    heard = await HeardMessageRepository(api.pool, SEAL).find(lead_id, "evt_1")
    assert heard == HeardMessage(text="Call me.")
    assert isinstance(connected, LateAcceptance)
    assert (
        api.registry.get_sample_value(
            "linkedin_events_total", {"event": "ReplyReceived", "outcome": "too_late"}
        )
        == 2
    )


async def test_a_request_to_stop_after_the_end_is_handed_on_as_one(api: Api) -> None:
    """With the suppression that the gateway has made of it."""
    campaign_id = await api.running()
    lead_id = (await leads_of(api, campaign_id))[0]
    asked = reply("evt_1", (campaign_id, lead_id), text="Please stop.")
    asked.reply_received.suppression_id = "supp_1"

    await report(api, asked)

    replied = await late_answer(api, f"answer/{campaign_id}/{lead_id}/evt_1")
    assert isinstance(replied, LateReply)
    assert replied.reply.suppression_id == "supp_1"


async def test_a_reply_is_told_though_the_key_of_its_lead_is_lost(api: Api) -> None:
    """The lead is signalled, and what was written is kept by another key of theirs."""
    lead = await started(api)
    await api.pool.execute("DELETE FROM data_keys")

    await report(api, reply("evt_1", lead, text="Please stop."))

    assert await told(api, lead) == [Told("reply_received", "evt_1")]
    heard = await HeardMessageRepository(api.pool, SEAL).find(lead[1], "evt_1")
    assert heard == HeardMessage(text="Please stop.")


@pytest.mark.parametrize("refusal", [TextUnreadable, PersonUnreadable, ValueUnreadable])
async def test_an_event_waits_for_what_does_not_open(
    api: Api, monkeypatch: pytest.MonkeyPatch, refusal: type[Exception]
) -> None:
    """A refusal for good would have the gateway set it aside; it is told once it opens."""
    lead = await started(api)

    async def unreadable(*_: Any, **__: Any) -> None:
        raise refusal("the wrapping key is not there")

    with monkeypatch.context() as broken:
        broken.setattr(HeardMessageRepository, "keep", unreadable)
        with pytest.raises(Unavailable) as refused:
            await report(api, reply("evt_1", lead))
    assert refused.value.retried
    await report(api, reply("evt_1", lead))

    assert await told(api, lead) == [Told("reply_received", "evt_1")]


async def test_what_the_owner_wrote_is_told_to_leads_in_the_sequence(api: Api) -> None:
    """The lead is signalled; one that has ended is not concerned, and keeps nobody waiting."""
    lead = await started(api)
    over = (lead[0], (await leads_of(api, lead[0]))[1])
    wrote = pb.OwnerWrote(provider_id="p", chat_id="chat_1", message_id="msg_1")

    await report(api, event("evt_1", lead, over, owner_wrote=wrote))

    assert await told(api, lead) == [Told("owner_wrote", "evt_1")]
    heard = await HeardMessageRepository(api.pool, SEAL).find(lead[1], "evt_1")
    assert heard == HeardMessage(chat_id="chat_1", message_id="msg_1")
    with pytest.raises(RPCError):
        await late_answer(api, f"answer/{over[0]}/{over[1]}/evt_1")


async def test_an_answer_for_a_lead_that_never_was_is_dropped(api: Api) -> None:
    """An event that names no lead of ours starts nothing."""
    await report(api, reply("evt_1", ("camp_0", "lead_0")))

    with pytest.raises(RPCError):
        await late_answer(api, "answer/camp_0/lead_0/evt_1")


async def test_a_person_in_two_campaigns_is_heard_in_both(api: Api) -> None:
    """Every lead that an event names is told, also when another one is over."""
    lead = await started(api)
    over = (lead[0], (await leads_of(api, lead[0]))[1])

    await report(api, reply("evt_1", over, lead))

    assert [each.event_id for each in await told(api, lead)] == ["evt_1"]
    late = await late_answer(api, f"answer/{over[0]}/{over[1]}/evt_1")
    assert isinstance(late, LateReply)
    assert late.reply.event_id == "evt_1"


async def test_freed_actions_of_leads_that_do_not_wait(api: Api) -> None:
    """Waking who does not wait, or is over, is fine."""
    lead = await started(api)
    over = (lead[0], (await leads_of(api, lead[0]))[1])

    freed = pb.ActionsFreed(cause="A hold was lifted.")
    await report(api, event("evt_1", lead, over, actions_freed=freed))

    assert (
        api.registry.get_sample_value(
            "linkedin_events_total", {"event": "ActionsFreed", "outcome": "too_late"}
        )
        == 2
    )


async def test_customers_hear_of_accounts_once(api: Api) -> None:
    """The event's id is made from the inbound one, so a repeated report is one event."""
    lost = event("in_1", account_disconnected=pb.AccountDisconnected(reason="CREDENTIALS"))
    back = event("in_2", account_reconnected=pb.AccountReconnected())

    for _ in range(2):
        await report(api, lost, back)

    events = list(api.neighbours.webhooks.events.values())
    assert [each.type for each in events] == [
        event_pb2.EVENT_TYPE_ACCOUNT_DISCONNECTED,
        event_pb2.EVENT_TYPE_ACCOUNT_RECONNECTED,
    ]
    assert events[0].account == event_pb2.AccountSnapshot(id=ACCOUNT, reason="CREDENTIALS")
    assert [differences(json.loads(payload(each))) for each in events] == [[]] * len(events)
    assert events[0].occur_time == lost.occur_time


async def test_customers_hear_of_cool_downs(api: Api) -> None:
    """Which kind rests, why and until when; and that it may go on."""
    cooling = pb.AccountCoolingDown(action="invitation", cause="cannot_resend_yet")
    cooling.end_time.FromDatetime(datetime(2026, 3, 3, 12, tzinfo=UTC))
    opened = event("in_1", account_cooling_down=cooling)
    over = event("in_2", account_cooled_down=pb.AccountCooledDown(action="invitation"))

    await report(api, opened, over)

    events = list(api.neighbours.webhooks.events.values())
    assert [each.type for each in events] == [
        event_pb2.EVENT_TYPE_ACCOUNT_COOLING_DOWN,
        event_pb2.EVENT_TYPE_ACCOUNT_COOLED_DOWN,
    ]
    assert [each.account.reason for each in events] == ["cannot_resend_yet", ""]
    assert [differences(json.loads(payload(each))) for each in events] == [[], []]
    rests, rested = (each.account.cool_down for each in events)
    assert (rests.action, rests.end_time) == ("invitation", cooling.end_time)
    assert (rested.action, rested.end_time) == ("invitation", over.occur_time)


async def test_a_dispatcher_that_is_away_has_them_reported_again(api: Api) -> None:
    """UNAVAILABLE, but what could be passed on was."""
    lead = await started(api)
    api.neighbours.webhooks.go_away()
    lost = event("in_1", account_disconnected=pb.AccountDisconnected(reason="CREDENTIALS"))

    with pytest.raises(Unavailable) as refused:
        await report(api, lost, reply("evt_1", lead))

    assert refused.value.metadata["dependency"] == "webhook-dispatcher"
    assert [each.event_id for each in await told(api, lead)] == ["evt_1"]


async def test_an_event_of_an_unknown_kind_does_not_stop_the_others(api: Api) -> None:
    """A newer gateway must not be blocked by an older campaign-api."""
    lead = await started(api)

    await report(api, event("evt_0", lead), reply("evt_1", lead))

    assert [each.event_id for each in await told(api, lead)] == ["evt_1"]


async def test_an_event_that_is_refused_for_good_does_not_stop_the_others(api: Api) -> None:
    """What the dispatcher will never take is counted, and the rest goes on."""
    lead = await started(api)
    api.neighbours.webhooks.refusal = BadInput([FieldViolation("event", "Not like this.")])
    lost = event("in_1", account_disconnected=pb.AccountDisconnected(reason="?"))

    await report(api, lost, reply("evt_1", lead))

    assert [each.event_id for each in await told(api, lead)] == ["evt_1"]
    assert (
        api.registry.get_sample_value(
            "linkedin_events_total", {"event": "AccountDisconnected", "outcome": "refused"}
        )
        == 1
    )


async def test_without_temporal_all_are_reported_again(api_without_temporal: Api) -> None:
    """TEMPORAL_UNAVAILABLE, so the gateway keeps them."""
    lead = await drafted(api_without_temporal)

    with pytest.raises(Unavailable) as refused:
        await report(api_without_temporal, reply("evt_1", lead))

    assert refused.value.reason == "TEMPORAL_UNAVAILABLE"


async def test_many_leads_are_told_within_bounds(api: Api) -> None:
    """An event about many leads reaches all of them, whatever the order of the calls."""
    campaign_id = await api.create()
    people = "".join(f"https://www.linkedin.com/in/person-{n},P,Q\n" for n in range(100))
    await api.import_leads(campaign_id, b"linkedin_url,first_name,last_name\n" + people.encode())
    leads = [(campaign_id, lead.id) for _, lead in await api.leads.page(campaign_id, limit=200)]
    assert len(leads) == 100

    async with asyncio.timeout(30):
        await report(api, reply("evt_1", *leads))

    assert (
        api.registry.get_sample_value(
            "linkedin_events_total", {"event": "ReplyReceived", "outcome": "too_late"}
        )
        == 100
    )


async def test_freed_actions_are_tried_again_at_once(
    new_database: Callable[..., str], temporal_client: Client
) -> None:
    """An action that was told to come back in an hour comes back when its leads are freed."""
    refused, performed = asyncio.Event(), asyncio.Event()

    @activity.defn(name=PERFORM_STEP)
    async def perform() -> None:
        if refused.is_set():
            performed.set()
            return
        refused.set()
        raise ApplicationError("Not yet.", next_retry_delay=timedelta(hours=1))

    async with (
        asyncio.timeout(30),
        run_worker(
            temporal_client,
            "waiting-leads",
            workflows=[WaitingLead],
            activities=[perform],
            workflow_runner=UnsandboxedWorkflowRunner(),
            pollers=2,
        ),
        running_api(
            new_database(SCHEMA),
            await connected(temporal_client),
            wake_spread=timedelta(milliseconds=50),
        ) as api,
    ):
        lead = await drafted(api)
        handle = await temporal_client.start_workflow(
            WaitingLead.run, id=lead_workflow_id(*lead), task_queue="waiting-leads"
        )
        await until_backing_off(handle, refused)
        await report(api, event("evt_1", lead, actions_freed=pb.ActionsFreed(cause="Resumed.")))
        await handle.result()

    assert performed.is_set()


async def until_backing_off(handle: WorkflowHandle[Any, Any], refused: asyncio.Event) -> None:
    """Return once Temporal keeps the refused activity for its next attempt."""
    await refused.wait()
    while True:
        described = (await handle.describe()).raw_description
        if any(pending.attempt > 1 for pending in described.pending_activities):
            return
