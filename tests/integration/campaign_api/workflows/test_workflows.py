"""Workflows as they are listed, described and told, on a real Temporal."""

import json
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from campaign_api.workflows import health
from campaigns.workflow.contracts import LeadContract
from devstack.stack.keys import Keys
from outreach.campaign.v1 import workflow_pb2
from outreach.campaign.v1 import workflow_service_pb2 as pb
from servicekit.errors import InvalidArgument, NotFound, PermissionDenied, Unavailable
from webhook_dispatcher.deliveries.workflow import TASK_QUEUE as DELIVERY_TASK_QUEUE

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, Api
from tests.integration.campaign_api.workflows.conftest import (
    REPLY,
    Walking,
    guarded,
    listed,
    reply,
)

if TYPE_CHECKING:
    # Of the type checker alone.
    from outreach.campaign.v1.workflow_service_pb2_grpc import WorkflowServiceAsyncStub


async def test_a_campaigns_workflows_are_found_by_its_id(walking: Walking) -> None:
    """Its own and those of its leads; by type, by lead, by status and by what is not so."""
    of_campaign = f"campaign_id = {walking.campaign_id}"

    async def found(filter_: str, *, rows: int = 1) -> set[str]:
        request = pb.ListWorkflowsRequest(filter=f"{of_campaign} AND {filter_}")
        return {*await listed(walking.api, request, rows=rows)}

    assert await found("status = RUNNING", rows=2) == {walking.campaign, walking.lead}
    assert await found("type = WORKFLOW_TYPE_LEAD") == {walking.lead}
    assert await found("NOT type = LEAD") == {walking.campaign}
    assert await found(f"lead_id = {walking.lead_id}") == {walking.lead}
    assert await found(f"lead_id != {walking.lead_id}") == {walking.campaign}
    assert await found("NOT lead_id:*") == {walking.campaign}
    assert await found("NOT close_time:* start_time > 2020-01-01T00:00:00Z", rows=2)
    assert await found("(type = CAMPAIGN OR status = COMPLETED)") == {walking.campaign}
    assert await found("close_time > 2020-01-01T00:00:00Z", rows=0) == set()
    assert await found("lead_id = \"it's -- '\"", rows=0) == set()


async def test_a_list_comes_page_by_page(walking: Walking) -> None:
    """In the one order that there is; a token is good for the list that gave it out."""
    stubs, filter_ = walking.api.stubs.workflows, f"campaign_id = {walking.campaign_id}"
    whole = await listed(walking.api, pb.ListWorkflowsRequest(filter=filter_), rows=2)

    asked = pb.ListWorkflowsRequest(filter=filter_, page_size=1, order_by="close_time desc")
    first = await stubs.ListWorkflows(asked)
    asked.page_token = first.next_page_token
    second = await stubs.ListWorkflows(asked)

    assert [first.workflows[0].workflow_id, second.workflows[0].workflow_id] == whole
    asked.filter = ""
    with pytest.raises(InvalidArgument) as refused:
        await stubs.ListWorkflows(asked)
    assert refused.value.reason == "PAGE_TOKEN_INVALID"
    for order in ("close_time", "start_time desc"):
        with pytest.raises(InvalidArgument) as refused:
            await stubs.ListWorkflows(pb.ListWorkflowsRequest(order_by=order))
        assert refused.value.reason == "ORDER_NOT_SUPPORTED"
        assert refused.value.metadata["orders"] == "close_time desc"


async def test_a_description_says_what_a_workflow_waits_for(walking: Walking) -> None:
    """Which run it is, of what, since when, and who has asked for it."""
    answer = await walking.api.stubs.workflows.GetWorkflow(
        pb.GetWorkflowRequest(workflow_id=walking.lead)
    )

    found = answer.workflow
    assert (found.workflow_id, found.campaign_id, found.lead_id) == (
        walking.lead,
        walking.campaign_id,
        walking.lead_id,
    )
    assert found.type == workflow_pb2.WORKFLOW_TYPE_LEAD
    assert found.status == workflow_pb2.WORKFLOW_STATUS_RUNNING
    assert found.history_events > 0
    assert found.history_bytes > 0
    assert found.task_queue == "outreach"
    assert answer.search_attributes["LeadId"] == walking.lead_id
    again = pb.GetWorkflowRequest(workflow_id=walking.lead, run_id=found.run_id)
    assert (await walking.api.stubs.workflows.GetWorkflow(again)).workflow.run_id == found.run_id


async def test_a_history_is_told_page_by_page(walking: Walking) -> None:
    """Every event once, in their order, of the run that the first page was of."""
    await walking.handle(walking.lead).signal(LeadContract.reply_received, reply())
    await walking.handle(walking.lead).result()
    stubs = walking.api.stubs.workflows
    whole = await stubs.GetWorkflowHistory(pb.GetWorkflowHistoryRequest(workflow_id=walking.lead))

    told, token = [], ""
    while True:
        page = await stubs.GetWorkflowHistory(
            pb.GetWorkflowHistoryRequest(workflow_id=walking.lead, page_size=2, page_token=token)
        )
        told += page.events
        assert len(page.events) <= 2
        assert page.run_id == whole.run_id
        token = page.next_page_token
        if not token:
            break

    assert [each.event_id for each in told] == [each.event_id for each in whole.events]
    assert [each.event_id for each in told] == [*range(1, len(told) + 1)]
    assert told[0].type == "WorkflowExecutionStarted"
    begun = json.loads(told[0].attributes_json)
    assert begun["input"][0]["lead_id"] == walking.lead_id
    with pytest.raises(InvalidArgument):
        await stubs.GetWorkflowHistory(
            pb.GetWorkflowHistoryRequest(workflow_id=walking.campaign, page_token="bm90aGluZw")
        )


async def test_who_may_not_read_leads_is_told_nothing_of_a_person(
    walking: Walking, keys: Keys
) -> None:
    """A member with `leads.read` reads the reply; one without it, and our staff, a mask."""
    handle = walking.handle(walking.lead)
    await handle.signal(LeadContract.reply_received, reply())
    await handle.result()
    await walking.handle(walking.campaign).terminate(reason=REPLY)
    answers = {}
    async with guarded(walking.api, keys) as ask:
        for name, token in {
            "theirs": keys.token(org=ORGANIZATION, permissions=["workflows.read", "leads.read"]),
            "blind": keys.token(org=ORGANIZATION, permissions=["workflows.read"]),
            "staff": keys.token(operator=True, permissions=["workflows.read", "leads.read"]),
        }.items():
            told = ""
            stubs = await ask(token)
            for workflow_id in (walking.lead, walking.campaign):
                request = pb.GetWorkflowHistoryRequest(workflow_id=workflow_id)
                told += str(await stubs.workflows.GetWorkflowHistory(request))
                described = pb.GetWorkflowRequest(workflow_id=workflow_id)
                told += str(await stubs.workflows.GetWorkflow(described))
            answers[name] = told

    assert REPLY in answers["theirs"]
    assert "chat-of-grace" in answers["theirs"]
    for name in ("blind", "staff"):
        for personal in ("Grace", "Hopper", "555", "chat-of-grace"):
            assert personal not in answers[name], name
        assert "in_1" in answers[name], "what is of nobody is told"


async def test_a_stranger_and_an_unknown_id_are_told_alike(walking: Walking, keys: Keys) -> None:
    """NOT_FOUND, whatever the id names; our staff sees what belongs to no organization."""
    unknown = str(uuid.uuid4())
    async with guarded(walking.api, keys) as ask:
        stranger = await ask(keys.token(org="org_stranger", permissions=["workflows.read"]))
        staff = await ask(keys.token(operator=True, permissions=["workflows.read"]))
        for stubs, asked in (
            (stranger, pb.GetWorkflowRequest(workflow_id=walking.lead)),
            (stranger, pb.GetWorkflowRequest(workflow_id="delivery/evt_1/ep_1")),
            (stranger, pb.GetWorkflowRequest(workflow_id="campaign/camp_unknown")),
            (staff, pb.GetWorkflowRequest(workflow_id="delivery/evt_1/ep_1")),
            (staff, pb.GetWorkflowRequest(workflow_id=walking.lead, run_id=unknown)),
            (staff, pb.GetWorkflowRequest(workflow_id=walking.lead, run_id="no run's")),
        ):
            with pytest.raises(NotFound) as refused:
                await stubs.workflows.GetWorkflow(asked)
            assert refused.value.reason == "WORKFLOW_NOT_FOUND"
        await listed(walking.api, pb.ListWorkflowsRequest(), rows=2)
        assert not (await stranger.workflows.ListWorkflows(pb.ListWorkflowsRequest())).workflows
        assert (await staff.workflows.GetWorkflow(described(walking.lead))).workflow.run_id


async def test_workflows_are_of_the_accounts_of_their_campaign(
    walking: Walking, keys: Keys
) -> None:
    """Whoever is limited sees those of a campaign of theirs, and ends none that others send for."""
    walking.api.linkedin.add_account("acct_other")
    shared = await walking.api.running("shared", account_ids=[ACCOUNT, "acct_other"])
    others = await walking.api.running("others", account_ids=["acct_other"])
    for campaign_id in (walking.campaign_id, shared, others):
        filter_ = f"campaign_id = {campaign_id}"
        rows = 2 if campaign_id == walking.campaign_id else 1
        await listed(walking.api, pb.ListWorkflowsRequest(filter=filter_), rows=rows)
    may = {"permissions": ["workflows.read", "workflows.control"]}
    whose = {"org": ORGANIZATION, **may}
    why = {"request_id": "r1", "reason": "it is wrong"}
    async with guarded(walking.api, keys) as ask:
        one = (await ask(keys.token(accounts=[ACCOUNT], **whose))).workflows
        nothing = (await ask(keys.token(accounts=[], **whose))).workflows
        staff = (await ask(keys.token(operator=True, accounts=[ACCOUNT], **may))).workflows
        seen = {each.workflow_id for each in await found(one)}
        of_other = pb.ListWorkflowsRequest(filter=f"campaign_id = {others}")
        for unseen in (f"campaign/{others}", "delivery/evt_1/ep_1"):
            with pytest.raises(NotFound):
                await one.GetWorkflow(described(unseen))
        with pytest.raises(NotFound):
            await nothing.GetWorkflow(described(walking.campaign))
        run = (await one.GetWorkflow(described(f"campaign/{shared}"))).workflow
        asked = {"workflow_id": run.workflow_id, "run_id": run.run_id, **why}
        with pytest.raises(PermissionDenied) as refused:
            await one.TerminateWorkflow(pb.TerminateWorkflowRequest(**asked))
        own = (await one.GetWorkflow(described(walking.lead))).workflow
        asked |= {"workflow_id": own.workflow_id, "run_id": own.run_id}
        ended = await one.TerminateWorkflow(pb.TerminateWorkflowRequest(**asked))

        assert not (await one.ListWorkflows(of_other)).workflows
        assert not await found(nothing)
        assert {each.workflow_id for each in await found(staff)} == seen

    assert seen == {walking.campaign, walking.lead, f"campaign/{shared}"}
    assert refused.value.reason == "ACCOUNT_FORBIDDEN"
    assert ended.workflow.status == workflow_pb2.WORKFLOW_STATUS_TERMINATED


async def found(by: "WorkflowServiceAsyncStub") -> Sequence[workflow_pb2.Workflow]:
    return (await by.ListWorkflows(pb.ListWorkflowsRequest())).workflows


async def test_temporal_is_told_as_it_is_set_up(walking: Walking) -> None:
    """Its version, its namespace, our attributes, and who polls which queue."""
    stubs = walking.api.stubs.workflows
    told = (await stubs.GetTemporalHealth(pb.GetTemporalHealthRequest())).health

    assert told.reachable
    assert told.namespace == walking.handle("x")._client.namespace
    assert told.server_version
    assert told.retention.seconds > 0
    assert told.latency.nanos > 0
    assert {each.name for each in told.search_attributes if each.registered} >= {"CampaignId"}
    assert health.DELIVERY_TASK_QUEUE == DELIVERY_TASK_QUEUE
    pollers = {(each.name, each.kind): each.pollers for each in told.task_queues}
    assert pollers["outreach", workflow_pb2.TASK_QUEUE_KIND_WORKFLOW] > 0
    # Who polled it last, minutes ago, is still told: another test's, say.
    assert (DELIVERY_TASK_QUEUE, workflow_pb2.TASK_QUEUE_KIND_ACTIVITY) in pollers
    assert all(each.HasField("backlog_tasks") for each in told.task_queues)


async def test_while_temporal_is_away_that_is_said(api_without_temporal: Api) -> None:
    """UNAVAILABLE with its reason; its health is told all the same."""
    stubs = api_without_temporal.stubs.workflows
    campaign_id = await api_without_temporal.create()
    for call in (
        stubs.ListWorkflows(pb.ListWorkflowsRequest()),
        stubs.GetWorkflow(described(f"campaign/{campaign_id}")),
        stubs.GetWorkflowHistory(
            pb.GetWorkflowHistoryRequest(workflow_id=f"campaign/{campaign_id}")
        ),
    ):
        with pytest.raises(Unavailable) as refused:
            await call
        assert refused.value.reason == "TEMPORAL_UNAVAILABLE"
    told = (await stubs.GetTemporalHealth(pb.GetTemporalHealthRequest())).health
    assert not told.reachable
    assert told.why_unreachable


def described(workflow_id: str) -> pb.GetWorkflowRequest:
    return pb.GetWorkflowRequest(workflow_id=workflow_id)
