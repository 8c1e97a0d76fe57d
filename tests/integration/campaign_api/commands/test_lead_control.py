"""A parked lead is sent on, a lead is stopped, one that nobody has contacted is removed."""

import asyncio
from typing import Any

import pytest
from campaigns.models import CampaignState, Lead, LeadState, StepExecution, StepState
from campaigns.repositories.edits.lead_edit_repository import LeadEditRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.sequences.sequence import StepKind
from campaigns.workflow.contracts import TASK_QUEUE, LeadInput
from outreach.campaign.v1 import campaign_service_pb2, lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.linkedin.v1 import action_pb2
from servicekit.errors import FailedPrecondition, NotFound, Unavailable
from temporalio.client import WorkflowHandle

from tests.fakes.campaign_workflows import StandInLead, Told
from tests.integration.campaign_api.conftest import LEADS, NOON, Api


async def admitted(api: Api) -> tuple[str, Lead]:
    """A lead in the sequence, without a workflow."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    start = campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    await api.stubs.campaigns.StartCampaign(start)
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    ((_, lead),) = await api.leads.page(campaign_id, limit=1)
    return campaign_id, lead


async def walking(api: Api, campaign_id: str, lead: Lead) -> WorkflowHandle[StandInLead, object]:
    assert api.temporal is not None
    return await api.temporal.start_workflow(
        StandInLead.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead.id),
        id=f"lead/{campaign_id}/{lead.id}",
        task_queue=TASK_QUEUE,
    )


async def test_a_parked_lead_is_sent_on_once(api: Api) -> None:
    """Its workflow hears it and the row says it; whoever asks again is told that it runs."""
    campaign_id, lead = await admitted(api)
    handle = await walking(api, campaign_id, lead)
    await api.park(campaign_id, lead.id)
    asked = pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=lead.id)

    answer = await api.stubs.leads.RetryLead(asked)
    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.leads.RetryLead(asked)

    assert (answer.lead.state, answer.lead.trace_id) == (lead_pb2.LEAD_STATE_RUNNING, "")
    assert await handle.query(StandInLead.told) == [Told("retry")]
    assert refused.value.reason == "LEAD_NOT_PARKED"
    assert refused.value.metadata == {"state": "running"}


async def test_a_parked_lead_is_told(api: Api) -> None:
    """GetLead says why and where the log has it; its campaign says how many there are."""
    campaign_id, lead = await admitted(api)
    await api.park(campaign_id, lead.id)

    got = await api.stubs.leads.GetLead(pb.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.id))
    campaign = await api.stubs.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    )
    status = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )

    assert (got.lead.state, got.lead.reason) == (lead_pb2.LEAD_STATE_PARKED, "ACTIVITY_FAILED")
    assert got.lead.trace_id == "7f"
    assert [wait.reason for wait in got.waiting_for] == ["ACTIVITY_FAILED"]
    assert campaign.campaign.parked_leads == 1
    assert (status.status.parked, status.status.running) == (1, 0)
    assert any("1 lead is parked" in each for each in status.status.explanations)


async def test_a_lead_without_its_workflow_stays_parked(api: Api) -> None:
    """It would be told as running, and nothing would ever move it."""
    campaign_id, lead = await admitted(api)
    await api.park(campaign_id, lead.id)
    asked = pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=lead.id)

    with pytest.raises(Unavailable):
        await api.stubs.leads.RetryLead(asked)

    assert (await api.leads.get(campaign_id, lead.id)).trace_id == "7f"


async def test_all_parked_leads_are_sent_on_page_by_page(api: Api) -> None:
    """Each once, nobody else; who has no workflow stays parked and is counted."""
    campaign_id, first = await admitted(api)
    names = [f"Ada,linkedin.com/in/ada-{number}-example" for number in range(4)]
    await api.import_leads(campaign_id, "\n".join(["first_name,linkedin_url", *names]).encode())
    await api.pool.execute("UPDATE leads SET state = 'running' WHERE state = 'ready'")
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=9)]
    running = [lead for lead in leads if lead.state is LeadState.RUNNING]
    *parked, left, gone = running
    assert first in parked
    handles = [await walking(api, campaign_id, lead) for lead in (*parked, left)]
    for lead in (*parked, gone):
        await api.park(campaign_id, lead.id)
    asked = pb.RetryParkedLeadsRequest(campaign_id=campaign_id, page_size=1)

    answers = [await api.stubs.leads.RetryParkedLeads(asked)]
    while token := answers[-1].next_page_token:
        asked.page_token = token
        answers.append(await api.stubs.leads.RetryParkedLeads(asked))

    assert len(answers) == len(parked) + 1
    assert sum(each.sent_on for each in answers) == len(parked)
    assert sum(each.gone for each in answers) == 1
    told = [await handle.query(StandInLead.told) for handle in handles]
    assert told == [*[[Told("retry")]] * len(parked), []]
    still = await api.leads.page(campaign_id, state=LeadState.PARKED, limit=9)
    assert [lead.id for _, lead in still] == [gone.id]


async def test_a_lead_that_nobody_knows(api: Api) -> None:
    """Another campaign's, or none."""
    campaign_id, _ = await admitted(api)

    with pytest.raises(NotFound):
        await api.stubs.leads.RetryLead(
            pb.RetryLeadRequest(campaign_id=campaign_id, lead_id="lead_none")
        )


async def stop(api: Api, campaign_id: str, lead_id: str) -> lead_pb2.Lead:
    request = pb.StopLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    return (await api.stubs.leads.StopLead(request)).lead


async def remove(api: Api, campaign_id: str, lead_id: str) -> None:
    request = pb.RemoveLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    await api.stubs.leads.RemoveLead(request)


async def test_removing_what_is_not_there_is_told(api: Api) -> None:
    """Unless that is allowed; a call that is repeated by its request id gets its answer again."""
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    named = {"campaign_id": campaign_id, "lead_id": lead.id}
    request = pb.RemoveLeadRequest(**named, request_id="r1")

    for _ in range(2):
        await api.stubs.leads.RemoveLead(request)
    with pytest.raises(NotFound) as refused:
        await remove(api, campaign_id, lead.id)
    await api.stubs.leads.RemoveLead(pb.RemoveLeadRequest(**named, allow_missing=True))

    assert refused.value.reason == "LEAD_NOT_FOUND"


async def test_a_lead_that_has_not_begun_is_stopped_at_once(api: Api) -> None:
    """Twice is once; its campaign looks whether anybody is left, and never admits it."""
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)

    told = [await stop(api, campaign_id, lead.id) for _ in range(2)]

    assert [(each.state, each.reason) for each in told] == [
        (lead_pb2.LEAD_STATE_STOPPED, "LEAD_STOPPED")
    ] * 2
    assert told[0] == told[1]
    assert await api.told(campaign_id) == ["leads_added"]
    admitted_ = await api.admissions.admit(campaign_id, now=NOON, limit=5)
    assert lead.id not in {each.lead_id for each in admitted_.leads}


async def test_a_lead_in_the_sequence_is_told_to_end(api: Api) -> None:
    """Its workflow records how it has ended, once what is on the wire is known."""
    campaign_id, lead = await admitted(api)
    await api.leads.begin(lead.id, now=NOON)
    handle = await walking(api, campaign_id, lead)

    told = await stop(api, campaign_id, lead.id)

    assert told.state == lead_pb2.LEAD_STATE_RUNNING
    assert await handle.query(StandInLead.told) == [Told("end", text="LEAD_STOPPED")]


async def test_a_lead_that_begins_beside_its_stop_is_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was ready when it was looked at, and walked on: nobody told it."""
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    handle = await walking(api, campaign_id, lead)
    stop_unbegun = LeadEditRepository.stop_unbegun

    async def overtaken(*args: Any, **given: Any) -> bool:
        await api.admissions.admit(campaign_id, now=NOON, limit=5)
        await api.leads.begin(lead.id, now=NOON)
        return await stop_unbegun(*args, **given)

    monkeypatch.setattr(LeadEditRepository, "stop_unbegun", overtaken)
    told = await stop(api, campaign_id, lead.id)

    assert told.state == lead_pb2.LEAD_STATE_RUNNING
    assert await handle.query(StandInLead.told) == [Told("end", text="LEAD_STOPPED")]


async def test_a_lead_that_was_stopped_does_not_begin(api: Api) -> None:
    """Its workflow had looked at the row before, and went its way."""
    campaign_id, lead = await admitted(api)

    await stop(api, campaign_id, lead.id)

    assert await api.leads.begin(lead.id, now=NOON) is None
    assert (await api.leads.get(campaign_id, lead.id)).started_at is None


async def test_a_lead_whose_workflow_is_gone_is_stopped_all_the_same(api: Api) -> None:
    """Nobody else would write it down; what is to be told of it is the worker's, by the row."""
    campaign_id, lead = await admitted(api)
    await api.leads.begin(lead.id, now=NOON)

    told = await stop(api, campaign_id, lead.id)

    assert (told.state, told.reason) == (lead_pb2.LEAD_STATE_STOPPED, "LEAD_STOPPED")
    untold = await OrphanedLeadRepository(api.pool).untold(limit=9)
    assert [each.lead_id for each in untold] == [lead.id]


async def test_who_was_not_contacted_is_removed_and_can_be_imported_anew(api: Api) -> None:
    """In no list and no count any more."""
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)

    await remove(api, campaign_id, lead.id)
    left = [each.id for _, each in await api.leads.page(campaign_id, limit=5)]
    again = await api.import_leads(campaign_id, LEADS)

    assert len(left) == 1
    assert lead.id not in left
    assert (again.imported, again.duplicates) == (1, 1)


async def test_who_was_stopped_before_anything_was_done_is_removed(api: Api) -> None:
    """Walking it is refused; once it is stopped nothing of it is left."""
    campaign_id, lead = await admitted(api)

    with pytest.raises(FailedPrecondition) as walks:
        await remove(api, campaign_id, lead.id)
    await stop(api, campaign_id, lead.id)
    await remove(api, campaign_id, lead.id)

    assert walks.value.reason == "LEAD_IN_SEQUENCE"
    assert lead.id not in [each.id for _, each in await api.leads.page(campaign_id, limit=5)]


async def test_who_was_contacted_stays(api: Api) -> None:
    """What was sent is accounted for, and it is said that it was."""
    campaign_id, lead = await admitted(api)
    visited = StepExecution(step_id="visit", state=StepState.DONE, ended_at=NOON)
    await api.steps.record(campaign_id, lead.id, StepKind.PROFILE_VISIT, visited)
    await api.leads.finish(lead.id, state=LeadState.STOPPED, reason="", now=NOON)

    with pytest.raises(FailedPrecondition) as refused:
        await remove(api, campaign_id, lead.id)

    assert (refused.value.reason, refused.value.metadata) == (
        "LEAD_CONTACTED",
        {"contact": "contacted"},
    )
    assert await api.leads.exists(campaign_id, lead.id)


async def test_a_stop_beside_an_admission_leaves_nobody_walking(api: Api) -> None:
    """Whichever is first, the lead has no place in the sequence afterwards."""
    campaign_id = await api.running()
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=5)]

    await asyncio.gather(
        *(stop(api, campaign_id, lead.id) for lead in leads),
        api.admissions.admit(campaign_id, now=NOON, limit=5),
    )

    states = {lead.state for _, lead in await api.leads.page(campaign_id, limit=5)}
    assert states == {LeadState.STOPPED}


async def test_a_removal_beside_an_admission_is_one_or_the_other(api: Api) -> None:
    """A lead is removed, or it is in the sequence and its removal was refused."""
    campaign_id = await api.running()
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=5)]

    *told, entered = await asyncio.gather(
        *(remove(api, campaign_id, lead.id) for lead in leads),
        api.admissions.admit(campaign_id, now=NOON, limit=5),
        return_exceptions=True,
    )

    refused = {
        lead.id for lead, each in zip(leads, told, strict=True) if isinstance(each, Exception)
    }
    assert not isinstance(entered, BaseException)
    assert {each.lead_id for each in entered.leads} == refused
    assert {lead.id for _, lead in await api.leads.page(campaign_id, limit=5)} == refused


async def test_whoever_follows_is_told_who_was_taken_out(api: Api) -> None:
    """By id and time, and of nothing else that was known of them."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    (_, gone), (_, stays) = await api.leads.page(campaign_id, limit=2)
    await remove(api, campaign_id, gone.id)

    async def told(**asked: Any) -> pb.ListLeadsResponse:
        return await api.stubs.leads.ListLeads(
            pb.ListLeadsRequest(campaign_id=campaign_id, **asked)
        )

    async with asyncio.timeout(20):
        while not (first := await told(updated_since={"seconds": 1})).removed_leads:
            pass  # transactions of others on the server are waited for
    again = await told(sync_token=first.next_sync_token)

    assert [each.lead_id for each in first.removed_leads] == [gone.id]
    assert first.removed_leads[0].delete_time.seconds > 0
    assert [each.lead.lead_id for each in first.leads] == [stays.id]
    assert (list(again.removed_leads), list(again.leads)) == ([], [])


@pytest.mark.parametrize("state", CampaignState)
async def test_who_waits_for_a_lead_hears_that_it_is_stopped(
    api: Api, state: CampaignState
) -> None:
    """One that is being stopped waited for its slow look at the list; one that is over never."""
    campaign_id, lead = await admitted(api)
    before = await api.told(campaign_id)
    await api.pool.execute("UPDATE campaigns SET state = $2 WHERE id = $1", campaign_id, state)

    await api.stubs.leads.StopLead(pb.StopLeadRequest(campaign_id=campaign_id, lead_id=lead.id))

    walks = {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPING}
    after = await api.told(campaign_id)
    assert after[len(before) :] == (["leads_added"] if state in walks else [])


async def skip_step(api: Api, campaign_id: str, lead_id: str, step_id: str) -> lead_pb2.Lead:
    request = pb.SkipStepRequest(campaign_id=campaign_id, lead_id=lead_id, step_id=step_id)
    return (await api.stubs.leads.SkipStep(request)).lead


async def at_a_step(
    api: Api, state: StepState = StepState.WAITING, **more: Any
) -> tuple[str, Lead, WorkflowHandle[StandInLead, object]]:
    """A lead that walks, and stands at the first step."""
    campaign_id, lead = await admitted(api)
    handle = await walking(api, campaign_id, lead)
    visit = StepExecution(step_id="visit", state=state, started_at=NOON, **more)
    await api.steps.record(campaign_id, lead.id, StepKind.PROFILE_VISIT, visit)
    return campaign_id, lead, handle


async def test_a_step_at_which_a_lead_waits_is_skipped(api: Api) -> None:
    """Its workflow hears which one and who asked; a double click names the same one."""
    campaign_id, lead, handle = await at_a_step(api)

    told = [await skip_step(api, campaign_id, lead.id, "visit") for _ in range(2)]

    assert [each.state for each in told] == [lead_pb2.LEAD_STATE_RUNNING] * 2
    heard = await handle.query(StandInLead.told)
    assert {(each.signal, each.event_id) for each in heard} == {("skip_step", "visit")}


async def test_a_step_that_was_skipped_is_skipped_again(api: Api) -> None:
    """Whoever has not heard the first answer asks again, and changes nothing."""
    ended = {"reason": "STEP_SKIPPED", "ended_at": NOON}
    campaign_id, lead, handle = await at_a_step(api, StepState.SKIPPED, **ended)

    told = await skip_step(api, campaign_id, lead.id, "visit")

    assert told.lead_id == lead.id
    assert await handle.query(StandInLead.told) == []


@pytest.mark.parametrize(
    ("state", "step_id", "said"),
    [
        (StepState.DONE, "visit", "done"),
        (StepState.SKIPPED, "visit", "skipped"),
        (StepState.WAITING, "invite", "not_reached"),
        (StepState.WAITING, "elsewhere", "not_reached"),
    ],
)
async def test_a_step_at_which_a_lead_does_not_wait_is_not_skipped(
    api: Api, state: StepState, step_id: str, said: str
) -> None:
    """It was left already, or is not reached: the metadata says which."""
    ended = {} if state is StepState.WAITING else {"reason": "ALREADY_SO", "ended_at": NOON}
    campaign_id, lead, handle = await at_a_step(api, state, **ended)

    with pytest.raises(FailedPrecondition) as refused:
        await skip_step(api, campaign_id, lead.id, step_id)

    assert (refused.value.reason, refused.value.metadata) == ("STEP_NOT_WAITING", {"state": said})
    assert await handle.query(StandInLead.told) == []


@pytest.mark.parametrize(
    "state", [action_pb2.ACTION_STATE_SENDING, action_pb2.ACTION_STATE_UNKNOWN]
)
async def test_a_step_that_is_under_way_is_not_skipped(
    api: Api, state: action_pb2.ActionState.ValueType
) -> None:
    """On the wire, or looked for: what it comes to is waited for."""
    campaign_id, lead, handle = await at_a_step(api)
    open_action = action_pb2.Action(
        action_id="act_1", campaign_id=campaign_id, lead_id=lead.id, state=state
    )
    api.linkedin.actions.append(open_action)

    with pytest.raises(FailedPrecondition) as refused:
        await skip_step(api, campaign_id, lead.id, "visit")

    assert refused.value.reason == "STEP_UNDER_WAY"
    assert await handle.query(StandInLead.told) == []


async def test_a_lead_that_does_not_walk_skips_nothing(api: Api) -> None:
    """One that is parked is sent on first; the metadata's `state` says what it is."""
    campaign_id, lead, _ = await at_a_step(api)
    await api.park(campaign_id, lead.id)

    with pytest.raises(FailedPrecondition) as refused:
        await skip_step(api, campaign_id, lead.id, "visit")

    assert (refused.value.reason, refused.value.metadata) == (
        "LEAD_NOT_IN_SEQUENCE",
        {"state": "parked"},
    )


async def test_a_lead_whose_workflow_is_gone_is_not_told_as_skipping(api: Api) -> None:
    """Nothing would ever leave the step out."""
    campaign_id, lead = await admitted(api)
    visit = StepExecution(step_id="visit", state=StepState.WAITING, started_at=NOON)
    await api.steps.record(campaign_id, lead.id, StepKind.PROFILE_VISIT, visit)

    with pytest.raises(Unavailable):
        await skip_step(api, campaign_id, lead.id, "visit")
