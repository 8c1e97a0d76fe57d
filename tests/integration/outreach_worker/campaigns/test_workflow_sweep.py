"""Workflows that somebody ended or deleted at Temporal."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest
from campaigns.models import HeldBack, Lead, LeadState, Person
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import (
    CampaignContract,
    EndLead,
    LeadContract,
    ReplyReceived,
    UpdateWorkflow,
    campaign_workflow_id,
)
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports
from outreach_worker.campaigns.gone_workflows import GoneWorkflows
from outreach_worker.campaigns.missing.lead_tour import GONE
from outreach_worker.senders.queued_actions import QueuedActions
from servicekit.errors import Internal
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people
from tests.integration.outreach_worker.test_main import running

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
NEVER = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))


async def delete(engine: Engine, workflow_id: str) -> None:
    await engine.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=engine.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        )
    )


async def swept(engine: Engine, campaign_id: str, state: LeadState, leads: int) -> bool:
    await engine.sweep.sweep()
    return await engine.count(campaign_id, state) == leads


async def runs_again(engine: Engine, campaign_id: str, *, ended_run: str) -> bool:
    """Another run than the one that was ended; ending one takes Temporal a moment."""
    await engine.sweep.sweep()
    handle = engine.client.get_workflow_handle(campaign_workflow_id(campaign_id))
    try:
        described = await handle.describe()
    except RPCError:
        return False
    runs = described.status is WorkflowExecutionStatus.RUNNING
    return runs and described.run_id != ended_run


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("ended", ["terminated", "cancelled", "deleted", "never started"])
async def test_a_campaign_goes_on(engine: Engine, ended: str) -> None:
    """Its row says that it runs, and nobody admitted its leads any more."""
    if ended != "never started":
        engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, max_concurrent_leads=1, lead_processing_delay=timedelta()
    )

    ended_run = ""
    async with engine.working():
        if ended != "never started":
            handle = await engine.start(campaign.id)
            await engine.until(lambda: len(engine.gateway.asked) == 1)
            ended_run = (await handle.describe()).run_id
            await {
                "terminated": handle.terminate,
                "cancelled": handle.cancel,
                "deleted": lambda: delete(engine, handle.id),
            }[ended]()
        await engine.until(lambda: runs_again(engine, campaign.id, ended_run=ended_run))
        engine.gateway.comes.pop("visit_profile", None)
        first, *_ = await engine.all_leads(campaign.id)
        if ended != "never started":
            await engine.lead(first).cancel()
        again = engine.client.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign.id)
        )
        result = await asyncio.wait_for(again.result(), 20)

    assert result.state == "completed"
    assert engine.dispatcher.types().count("CAMPAIGN_STARTED") == 1
    restart = (await engine.statuses.counts(campaign.id)).restart
    assert restart is not None
    told = {"cancelled": "canceled", "deleted": "missing", "never started": "missing"}
    assert restart.because == told.get(ended, ended)


@pytest.mark.lasts(seconds=10)
async def test_a_campaign_that_was_being_stopped_goes_on_to_its_end(engine: Engine) -> None:
    """As its row says: its leads are called off, not sent on; nobody is contacted any more."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 2)
        await handle.terminate()
        await engine.campaigns.stop(campaign.id, complete_current_executions=False)
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 2))
        again = engine.client.get_workflow_handle_for(
            CampaignContract.run, campaign_workflow_id(campaign.id)
        )
        result = await asyncio.wait_for(again.result(), 20)

    assert result.state == "stopped"
    assert not engine.gateway.sent
    rows = await engine.all_leads(campaign.id)
    assert {row.reason for row in rows} == {"CAMPAIGN_STOPPED"}


@pytest.mark.lasts(seconds=10)
async def test_leads_end_with_their_true_reason(engine: Engine) -> None:
    """Customers hear of each, and the campaign completes; nobody's campaign was stopped."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        terminated, cancelled, deleted = await engine.all_leads(campaign.id)
        await engine.sweep.sweep()
        await engine.lead(terminated).terminate()
        await engine.lead(cancelled).cancel()
        await delete(engine, engine.lead(deleted).id)
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 3))
        result = await asyncio.wait_for(handle.result(), 20)

    rows = await engine.all_leads(campaign.id)
    assert [row.reason for row in rows] == [
        "WORKFLOW_TERMINATED",
        "WORKFLOW_CANCELLED",
        "WORKFLOW_DELETED",
    ]
    for row in rows:
        assert not engine.gateway.queued(row.id)
        told = ["LEAD_STARTED", "STEP_COMPLETED", "LEAD_COMPLETED"]
        assert engine.dispatcher.types(row.id) == told
        step = engine.dispatcher.event("STEP_COMPLETED", lead_id=row.id, step_id="visit").step
        assert (step.state, step.reason) == ("skipped", row.reason)
    assert result.state == "completed"


@pytest.mark.lasts(seconds=10)
async def test_a_row_of_before_ends_as_its_workflow_did(engine: Engine) -> None:
    """Rows that were restored said that two leads run, and nobody ever ended them: their
    workflows had come to their ends, of which they knew the reasons themselves.
    """
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    restored = "UPDATE leads SET state = 'running', reason = '', ended_at = NULL WHERE id = $1"

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        replied, ended, walking = await engine.all_leads(campaign.id)
        reply = ReplyReceived(event_id="evt_1", at=engine.clock.now(), text="Hi")
        await engine.lead(replied).signal(LeadContract.reply_received, reply)
        await engine.lead(ended).signal(LeadContract.end, EndLead(reason="LEAD_STOPPED"))
        for lead in (replied, ended):
            await asyncio.wait_for(engine.lead(lead).result(), 20)
            await engine.pool.execute(restored, lead.id)

        async def mended() -> bool:
            await engine.sweep.sweep()
            return await engine.count(campaign.id, LeadState.RUNNING) == 1

        await engine.until(mended)

    rows = await engine.all_leads(campaign.id)
    assert [(row.state, row.reason) for row in rows] == [
        (LeadState.REPLIED, "PERSON_REPLIED"),
        (LeadState.STOPPED, "LEAD_STOPPED"),
        (LeadState.RUNNING, ""),
    ]
    gone = {"workflow": "lead", "outcome": "ended"}
    assert engine.registry.get_sample_value("workflows_gone_total", gone) == 2
    assert engine.gateway.queued(walking.id)


@pytest.mark.lasts(seconds=12)
async def test_a_campaign_that_is_there_says_that_its_leads_were_deleted(engine: Engine) -> None:
    """All of them, and more than a few: each is ended and told, and the campaign completes."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(13), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 13)
        await engine.sweep.sweep()
        for row in await engine.all_leads(campaign.id):
            await delete(engine, engine.lead(row).id)
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 13))
        result = await asyncio.wait_for(handle.result(), 20)

    assert {row.reason for row in await engine.all_leads(campaign.id)} == {"WORKFLOW_DELETED"}
    assert result.state == "completed"


@pytest.mark.lasts(seconds=12)
async def test_where_the_campaign_is_missing_too_nobody_is_ended(engine: Engine) -> None:
    """It may be another namespace than before: people are told, and leads stay as they are."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(13), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 13)
        for row in await engine.all_leads(campaign.id):
            await delete(engine, engine.lead(row).id)
        await delete(engine, handle.id)

        async def told() -> bool:
            await engine.sweep.sweep()
            return engine.registry.get_sample_value("leads_without_workflow") == 13

        await engine.until(told)
        assert await engine.count(campaign.id, LeadState.RUNNING) == 13


async def closed(engine: Engine, campaign_id: str, leads: int) -> bool:
    """Whether Temporal lists so many leads as ended; its lists are a moment late."""
    query = f"WorkflowId STARTS_WITH 'lead/{campaign_id}/' AND ExecutionStatus = 'Terminated'"
    return (await engine.client.count_workflows(query)).count == leads


@pytest.mark.lasts(seconds=15)
async def test_a_process_that_dies_forgets_no_end(engine: Engine, keys: Keys) -> None:
    """It ended leads while the dispatcher was away, and was killed: what was to be told of them
    stood in its memory alone, and their customers never heard of them.
    """
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    (port,) = free_ports(1)
    environ = {
        **keys.environment("outreach-worker"),
        **engine.environ,
        "OUTREACH_WORKER_HTTP_PORT": str(port),
        "OUTREACH_WORKER_HTTP_HOST": "127.0.0.1",
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
    }

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        engine.dispatcher.away = True
        leads = await engine.all_leads(campaign.id)
        for lead in leads:
            await engine.lead(lead).terminate()
        await engine.until(lambda: closed(engine, campaign.id, 3))
        async with running(environ) as process:
            await engine.until(lambda: ended(engine, campaign.id, LeadState.STOPPED, 3), within=60)
            process.kill()
            await process.wait()
        untold = [engine.dispatcher.types(lead.id) for lead in leads]
        engine.dispatcher.away = False
        async with running(environ):
            await engine.until(lambda: told(engine, leads), within=60)

    assert untold == [["LEAD_STARTED"]] * 3
    for lead in leads:
        everything = ["LEAD_STARTED", "STEP_COMPLETED", "LEAD_COMPLETED"]
        assert engine.dispatcher.types(lead.id) == everything
        assert not engine.gateway.queued(lead.id)


async def ended(engine: Engine, campaign_id: str, state: LeadState, leads: int) -> bool:
    return await engine.count(campaign_id, state) == leads


def told(engine: Engine, leads: Sequence[Lead]) -> bool:
    return all("LEAD_COMPLETED" in engine.dispatcher.types(lead.id) for lead in leads)


@pytest.mark.lasts(seconds=10)
async def test_what_a_workflow_had_still_to_tell_is_told(engine: Engine) -> None:
    """It had ended its lead, waited for the dispatcher, and was terminated: nobody told it."""
    campaign = await engine.new_campaign(
        people(1), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    engine.dispatcher.away = True

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: ended(engine, campaign.id, LeadState.COMPLETED, 1))
        (lead,) = await engine.all_leads(campaign.id)
        await engine.lead(lead).terminate()
        await engine.until(lambda: closed(engine, campaign.id, 1))
        await engine.sweep.sweep()
        assert engine.dispatcher.types(lead.id) == []
        engine.dispatcher.away = False
        await engine.until(lambda: told_after_sweep(engine, lead))
        await engine.sweep.sweep()

    assert engine.dispatcher.types(lead.id) == ["LEAD_STARTED", "STEP_COMPLETED", "LEAD_COMPLETED"]
    assert engine.dispatcher.event("LEAD_COMPLETED", lead_id=lead.id).lead.state == "completed"


async def gone(engine: Engine, workflow_id: str) -> bool:
    """Whether Temporal has nothing of it any more, or has ended it."""
    try:
        described = await engine.client.get_workflow_handle(workflow_id).describe()
    except RPCError:
        return True
    return described.status is WorkflowExecutionStatus.TERMINATED


@pytest.mark.lasts(seconds=15)
@pytest.mark.parametrize("how", ["terminated", "deleted"])
async def test_what_a_campaign_had_still_to_tell_is_told(
    engine: Engine, keys: Keys, how: str
) -> None:
    """Its workflow waited for the dispatcher, the worker was killed, and the workflow ended: that
    it was paused, went on and has completed stood nowhere else, and nobody was told. Nor of who
    failed with its end, and they are told of before it.
    """
    campaign = await engine.new_campaign(
        people(1), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    await engine.leads.add(
        campaign.id,
        [Person(public_identifier="nameless")],
        now=engine.clock.now(),
        check=lambda _id, _person: HeldBack(reason="VARIABLE_MISSING", detail="It needs a name."),
    )
    (port,) = free_ports(1)
    environ = {
        **keys.environment("outreach-worker"),
        **engine.environ,
        "OUTREACH_WORKER_HTTP_PORT": str(port),
        "OUTREACH_WORKER_HTTP_HOST": "127.0.0.1",
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
    }
    engine.gateway.always("visit_profile", NEVER)
    engine.dispatcher.away = True
    workflow_id = campaign_workflow_id(campaign.id)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 1)
        await handle.signal(CampaignContract.pause)
        await handle.signal(CampaignContract.resume)
        await engine.until(lambda: notes(engine, 3))
        lead, held = await engine.all_leads(campaign.id)
        await engine.lead(lead).signal(LeadContract.end, EndLead(reason="LEAD_STOPPED"))
        await engine.until(lambda: notes(engine, 4))
    await {"terminated": handle.terminate, "deleted": lambda: delete(engine, workflow_id)}[how]()
    await engine.until(lambda: gone(engine, workflow_id))
    async with running(environ) as process:
        process.kill()
        await process.wait()
    untold = engine.dispatcher.types()
    engine.dispatcher.away = False
    async with running(environ):
        await engine.until(lambda: notes(engine, 0), within=60)

    assert untold == []
    told = ["CAMPAIGN_STARTED", "CAMPAIGN_PAUSED", "CAMPAIGN_RESUMED", "CAMPAIGN_COMPLETED"]
    assert engine.dispatcher.types() == told
    assert engine.dispatcher.types(held.id) == ["LEAD_FAILED"]
    in_order = [each.lead.id for each in engine.dispatcher.events.values()]
    assert in_order[-2:] == [held.id, ""]
    ended = await engine.campaigns.get(campaign.id)
    assert (
        engine.dispatcher.event("CAMPAIGN_COMPLETED", lead_id="").occur_time.ToDatetime(tzinfo=UTC)
        == ended.ended_at
    )


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("how", ["terminated", "deleted"])
async def test_a_pause_that_no_worker_heard_is_told(engine: Engine, how: str) -> None:
    """The campaign was paused, and its workflow ended before it had heard so: nobody was told.

    Once, whoever finds it; and what its workflows have told themselves is not told again.
    """
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)
    engine.gateway.always("visit_profile", NEVER)

    async def lost() -> None:
        handle = engine.client.get_workflow_handle(campaign_workflow_id(campaign.id))
        run = (await handle.describe()).run_id
        workflow_id = campaign_workflow_id(campaign.id)
        end = {"terminated": handle.terminate, "deleted": lambda: delete(engine, workflow_id)}[how]
        await end()
        await engine.until(lambda: runs_again(engine, campaign.id, ended_run=run))
        await engine.sweep.sweep()

    async def told(event: str) -> bool:
        return event in engine.dispatcher.types()

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: told("CAMPAIGN_STARTED"))
    await engine.campaigns.pause(campaign.id)
    await handle.signal(CampaignContract.pause)
    await lost()
    await lost()
    paused = engine.dispatcher.types()
    await engine.campaigns.resume(campaign.id)
    await lost()
    resumed = engine.dispatcher.types()
    async with engine.working():
        again = engine.client.get_workflow_handle(campaign_workflow_id(campaign.id))
        await engine.campaigns.pause(campaign.id)
        await again.signal(CampaignContract.pause)
        await engine.until(lambda: notes(engine, 0))
        await engine.until(lambda: twice(engine, "CAMPAIGN_PAUSED"))
    await lost()

    assert paused == ["CAMPAIGN_STARTED", "CAMPAIGN_PAUSED"]
    assert resumed == [*paused, "CAMPAIGN_RESUMED"]
    assert engine.dispatcher.types() == [*resumed, "CAMPAIGN_PAUSED"]


async def twice(engine: Engine, event: str) -> bool:
    return engine.dispatcher.types().count(event) == 2


async def notes(engine: Engine, events: int) -> bool:
    """Whether so many events of campaigns are still to be told."""
    unsent = "SELECT count(*) = $1 FROM outbox WHERE state = 'unsent' AND type LIKE 'campaign.%'"
    return bool(await engine.pool.fetchval(unsent, events))


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
async def test_who_waits_to_begin_hears_of_the_end_when_it_comes(
    engine: Engine, *, paused: bool
) -> None:
    """The campaign's end was moved closer than their start: they were told, and their people
    free, only once their workflows had begun, years after.
    """
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta(days=1_000_000)
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: ended(engine, campaign.id, LeadState.COMPLETED, 1))
        waiting = [
            lead
            for lead in await engine.all_leads(campaign.id)
            if lead.state is not LeadState.COMPLETED
        ]
        await engine.until(lambda: ended(engine, campaign.id, LeadState.RUNNING, 2))
        if paused:
            await engine.campaigns.pause(campaign.id)
            await handle.signal(CampaignContract.pause)
        await engine.pool.execute(
            "UPDATE campaigns SET settings = settings || jsonb_build_object('end_at', $2::text)"
            " WHERE id = $1",
            campaign.id,
            engine.clock.now().isoformat(),
        )
        if not paused:
            await handle.signal(CampaignContract.update_workflow, UpdateWorkflow())
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 2))
        await engine.sweep.sweep()

    for lead in waiting:
        row = await engine.leads.get(campaign.id, lead.id)
        assert row.reason == "CAMPAIGN_TIME_OVER"
        assert engine.dispatcher.types(lead.id) == ["LEAD_COMPLETED"]
        assert (campaign.id, lead.id) in engine.gateway.ended


@pytest.mark.lasts(seconds=5)
async def test_what_was_told_leaves_no_row(engine: Engine) -> None:
    """A campaign whose workflow tells everything leaves nothing to the sweep."""
    campaign = await engine.new_campaign(
        people(1), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    assert engine.dispatcher.types() == ["CAMPAIGN_STARTED", "CAMPAIGN_COMPLETED"]
    assert await notes(engine, 0)


@pytest.mark.lasts(seconds=10)
async def test_a_bug_with_one_lead_holds_up_no_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what comes after it in a sweep; it is raised in the end, and mended it is made good.

    The sweep ended where it met the bug, every minute anew: whoever came later never ended.
    """
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    close, bugs = GoneWorkflows.close, set[str]()

    async def buggy(self: GoneWorkflows, campaign_id: str, lead_id: str, *, reason: str) -> None:
        if lead_id in bugs:
            raise KeyError(lead_id)
        await close(self, campaign_id, lead_id, reason=reason)

    async def others_end() -> bool:
        with pytest.raises(KeyError):
            await engine.sweep.sweep()
        return await ended(engine, campaign.id, LeadState.STOPPED, 2)

    monkeypatch.setattr(GoneWorkflows, "close", buggy)
    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        leads = await engine.all_leads(campaign.id)
        bugs.add(leads[0].id)
        for lead in leads:
            await engine.lead(lead).terminate()
        await engine.until(lambda: closed(engine, campaign.id, 3))
        await engine.until(others_end)
        assert told(engine, leads[1:])
        bugs.clear()
        await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 3))

    assert told(engine, leads)


@pytest.mark.lasts(seconds=10)
async def test_a_bug_of_another_service_with_one_lead_holds_up_no_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody heard of whoever stood behind it: such a bug was taken for a service that is away."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    withdraw, bugs = QueuedActions.withdraw, set[str]()

    async def buggy(self: QueuedActions, campaign_id: str, lead_id: str) -> int:
        if lead_id in bugs:
            raise Internal
        return await withdraw(self, campaign_id, lead_id)

    async def others_are_told() -> bool:
        with pytest.raises(Internal):
            await engine.sweep.sweep()
        return told(engine, others)

    monkeypatch.setattr(QueuedActions, "withdraw", buggy)
    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        # In the order in which they are told.
        first, *others = sorted(await engine.all_leads(campaign.id), key=lambda lead: lead.id)
        bugs.add(first.id)
        for lead in (first, *others):
            await engine.lead(lead).terminate()
        await engine.until(lambda: closed(engine, campaign.id, 3))
        await engine.until(others_are_told)
        bugs.clear()
        await engine.sweep.sweep()

    assert told(engine, [first])


async def told_after_sweep(engine: Engine, lead: Lead) -> bool:
    await engine.sweep.sweep()
    return told(engine, [lead])


async def test_leads_that_run_are_left_alone(engine: Engine) -> None:
    """However often it is compared: the same workflows run, and nobody is told anything."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        run_id = (await handle.describe()).run_id
        for _ in range(3):
            await engine.sweep.sweep()

        assert await engine.count(campaign.id, LeadState.RUNNING) == 3
        assert (await handle.describe()).run_id == run_id
    assert "LEAD_COMPLETED" not in {
        each
        for lead in await engine.all_leads(campaign.id)
        for each in engine.dispatcher.types(lead.id)
    }


def test_only_what_ended_from_outside_ends_a_row() -> None:
    """A workflow that runs, goes on as new or has completed leaves the row to itself."""
    kept = {status for status, reason in GONE.items() if not reason}

    assert kept == {
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.CONTINUED_AS_NEW,
        WorkflowExecutionStatus.COMPLETED,
    }
