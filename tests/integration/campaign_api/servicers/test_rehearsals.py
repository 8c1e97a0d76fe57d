"""`validate_only` of campaign-api: judged and answered as the deed, and nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from campaigns.models import LeadState
from campaigns.workflow.contracts import (
    TASK_QUEUE,
    LeadInput,
    campaign_workflow_id,
    lead_workflow_id,
)
from devstack.stack.keys import Keys, every_permission
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2 as programs
from outreach.campaign.v1 import campaign_pb2, lead_list_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2 as leads
from outreach.campaign.v1 import sequence_service_pb2 as sequences
from outreach.linkedin.v1 import account_pb2
from prometheus_client import CollectorRegistry
from servicekit.errors import ServiceError
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.campaign_workflows import StandInLead
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.automation.test_programs import RELEASED_ONLY, created
from tests.integration.campaign_api.commands.test_drafts import URL, sequence
from tests.integration.campaign_api.commands.test_lead_control import admitted, at_a_step
from tests.integration.campaign_api.commands.test_sender_replacement import END, MOVE, three_leads
from tests.integration.campaign_api.commands.test_sender_replacement import request as replacing
from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    NOON,
    Api,
    connected,
    new_campaign,
    running_api,
)
from tests.integration.campaign_api.lead_lists.lists import filled_at_once
from tests.integration.campaign_api.workflows.conftest import guarded
from tests.rehearsals import (
    RECORDED,
    all_rows,
    differing,
    question,
    refusal,
    rehearsed_methods,
    told,
)

NEW = "acct_grace"
HOOK = sequence(targetUrl=URL)
FORBIDDEN = sequence(targetUrl="http://10.0.0.1/")
MADE = {"campaignId", "revisionId", "programId", "endpointId"}
"""Ids that only the deed makes."""
_LIVES = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
_TOLD = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
Case = Callable[[Api], Awaitable[Message]]


async def walks(api: Api, campaign_id: str, lead_id: str) -> None:
    """It has a workflow, which hears what it is told."""
    assert api.temporal is not None
    await api.temporal.start_workflow(
        StandInLead.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead_id),
        id=lead_workflow_id(campaign_id, lead_id),
        task_queue=TASK_QUEUE,
    )


async def creating(api: Api) -> Message:
    del api
    return new_campaign("asked", sequence_json=HOOK)


async def duplicating(api: Api) -> Message:
    return pb.DuplicateCampaignRequest(campaign_id=await api.running(), name="Copy")


async def updating(api: Api) -> Message:
    api.linkedin.add_account(NEW)
    campaign = campaign_pb2.Campaign(
        campaign_id=await api.running(), etag="*", name="Autumn", account_ids=[ACCOUNT, NEW]
    )
    campaign.settings.leads_per_day = 7
    paths = ["name", "account_ids", "settings.leads_per_day"]
    return pb.UpdateCampaignRequest(campaign=campaign, update_mask=FieldMask(paths=paths))


async def starting(api: Api) -> Message:
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    return pb.StartCampaignRequest(campaign_id=campaign_id)


async def stopping(api: Api) -> Message:
    return pb.StopCampaignRequest(campaign_id=await api.running())


async def deleting(api: Api) -> Message:
    return pb.DeleteCampaignRequest(campaign_id=await api.running(), force=True)


async def replacing_a_sender(api: Api) -> Message:
    """Some move, and the workflow of one is told to end."""
    campaign_id, lead_ids = await three_leads(api)
    await walks(api, campaign_id, lead_ids["cy"])
    return replacing(campaign_id, contacted_leads=MOVE, connected_leads=END)


async def changing_a_sequence(api: Api) -> Message:
    return sequences.UpdateSequenceRequest(
        campaign_id=await api.running(), sequence_json=HOOK, base_revision_id="*"
    )


async def rolling_back(api: Api) -> Message:
    asked: Any = await changing_a_sequence(api)
    await api.stubs.sequences.UpdateSequence(asked)
    return sequences.RollbackSequenceRequest(
        campaign_id=asked.campaign_id, number=1, base_revision_id="*"
    )


async def moving(api: Api) -> Message:
    api.linkedin.add_account(NEW)
    campaign_id = await api.running(account_ids=[ACCOUNT, NEW])
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    ((_, lead),) = await api.leads.page(campaign_id, state=LeadState.RUNNING, limit=1)
    await walks(api, campaign_id, lead.id)
    (other,) = {ACCOUNT, NEW} - {lead.sender_id}
    return leads.MoveLeadRequest(campaign_id=campaign_id, lead_id=lead.id, account_id=other)


async def stopping_a_lead(api: Api) -> Message:
    campaign_id, lead = await admitted(api)
    await walks(api, campaign_id, lead.id)
    return leads.StopLeadRequest(campaign_id=campaign_id, lead_id=lead.id)


async def removing_a_lead(api: Api) -> Message:
    campaign_id = await api.running()
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    return leads.RemoveLeadRequest(campaign_id=campaign_id, lead_id=lead.id)


async def skipping(api: Api) -> Message:
    campaign_id, lead, _ = await at_a_step(api)
    return leads.SkipStepRequest(campaign_id=campaign_id, lead_id=lead.id, step_id="visit")


async def creating_a_program(api: Api) -> Message:
    return programs.CreateProgramRequest(
        organization_id=ORGANIZATION, campaign_id=await api.create(), time_zone="Europe/Berlin"
    )


async def updating_a_program(api: Api) -> Message:
    program = await created(api, await api.create())
    program.name = "Autumn"
    return programs.UpdateProgramRequest(program=program, update_mask=FieldMask(paths=["name"]))


async def setting_a_mode(api: Api) -> Message:
    program = await created(api, await api.create(settings=RELEASED_ONLY))
    return programs.SetProgramModeRequest(
        program_id=program.program_id, mode=program_pb2.PROGRAM_MODE_REVIEW
    )


async def deleting_a_program(api: Api) -> Message:
    program = await created(api, await api.create())
    return programs.DeleteProgramRequest(program_id=program.program_id)


CASES: dict[str, Case] = {
    "CreateCampaign": creating,
    "DuplicateCampaign": duplicating,
    "UpdateCampaign": updating,
    "StartCampaign": starting,
    "StopCampaign": stopping,
    "DeleteCampaign": deleting,
    "ReplaceSender": replacing_a_sender,
    "UpdateSequence": changing_a_sequence,
    "RollbackSequence": rolling_back,
    "MoveLead": moving,
    "StopLead": stopping_a_lead,
    "RemoveLead": removing_a_lead,
    "SkipStep": skipping,
    "CreateProgram": creating_a_program,
    "UpdateProgram": updating_a_program,
    "SetProgramMode": setting_a_mode,
    "DeleteProgram": deleting_a_program,
}


@dataclass
class Member:
    """Somebody of the organization who may do everything there, and sees its rows alone."""

    stubs: CampaignStubs
    registry: CollectorRegistry
    """Of the replica that they ask."""


@pytest.fixture
async def member(api: Api, keys: Keys) -> AsyncIterator[Member]:
    assert api.temporal is not None
    settings = ServiceSettings(**keys.settings("campaign-api"))
    identity = Identity.of_server(settings, service="campaign-api", sandbox=False, calls=True)
    token = keys.token(org=ORGANIZATION, sub="mem_ada", permissions=sorted(every_permission()))
    async with (
        running_api(
            api.url,
            await connected(api.temporal),
            client=api.temporal,
            identity=identity,
            beside=api.neighbours,
            limits_file=keys.limits,
        ) as replica,
        grpc_client.channel(replica.address, token=lambda: token) as channel,
    ):
        yield Member(CampaignStubs(channel), replica.registry)


def test_every_method_that_only_asks_is_tried() -> None:
    """A method that takes `validate_only` has a case here."""
    asked = {*rehearsed_methods("campaign.v1"), *rehearsed_methods("automation.v1")}

    assert {*CASES} == asked


@pytest.mark.parametrize("method", CASES)
async def test_what_is_only_asked_changes_nothing(api: Api, member: Member, method: str) -> None:
    """No row, no workflow, no neighbour; then the deed answers the same, by the same id."""
    request: Any = await CASES[method](api)
    request.request_id = "asked"
    before, records = await everything(api, member), await api.pool.fetch(RECORDED)

    would = await member.stubs.method(method)(question(request))
    after, recorded = await everything(api, member), await api.pool.fetch(RECORDED)
    done = await member.stubs.method(method)(request)

    assert differing(before, after) == {}
    assert differing(after, await everything(api, member)) != {}
    new = MADE if method.startswith(("Create", "Duplicate")) else {"revisionId", "endpointId"}
    assert told(would, without=new) == told(done, without=new)
    ((rpc, *said),) = [tuple(each) for each in recorded if each not in records]
    assert rpc.endswith(method)
    assert said == ["done", "OK", "VALIDATE_ONLY", "asked"]


@pytest.mark.parametrize("method", ["CreateCampaign", "DuplicateCampaign", "CreateProgram"])
async def test_what_is_never_made_has_no_id(api: Api, member: Member, method: str) -> None:
    """Nor an etag: nobody could ever read it, nor edit it."""
    request: Any = await CASES[method](api)
    request.request_id = "asked"

    would = await member.stubs.method(method)(question(request))

    made = getattr(would, "campaign", None) or would.program
    assert made.name
    assert (getattr(made, made.DESCRIPTOR.fields[0].name), made.etag) == ("", "")


async def everything(api: Api, member: Member) -> dict[str, Any]:
    """What could differ: rows, what Temporal was told, what neighbours keep, what is counted."""
    assert api.temporal is not None
    rows: dict[str, Any] = dict(await all_rows(api.pool))
    ids = [campaign_workflow_id(each["id"]) for each in await api.pool.fetch(_CAMPAIGNS)]
    ids += [lead_workflow_id(*each) for each in await api.pool.fetch(_LEADS)]
    linkedin, webhooks = api.linkedin, api.neighbours.webhooks
    return {
        **rows,
        **{id_: await heard(api.temporal, id_) for id_ in ids},
        "neighbours": [dict(linkedin.held), list(linkedin.asked), len(webhooks.endpoints)],
        "counted": counted(member.registry),
    }


_CAMPAIGNS = "SELECT id FROM campaigns"
_LEADS = "SELECT campaign_id, id FROM leads"


async def heard(client: Client, workflow_id: str) -> list[Any]:
    """That a workflow was begun, and what it was told; nothing where there is none."""
    try:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
    except RPCError:
        return []
    return [each.event_id for each in history.events if each.event_type in (_LIVES, _TOLD)]


def counted(registry: CollectorRegistry) -> dict[Any, float]:
    """What was done, in numbers."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name in {"campaigns_created_total", "campaign_transitions_total"}
    }


async def unknown_campaign(api: Api) -> Message:
    await api.create()
    return pb.StartCampaignRequest(campaign_id="camp_none")


async def without_leads(api: Api) -> Message:
    return pb.StartCampaignRequest(campaign_id=await api.create())


async def every_lead_held_back(api: Api) -> Message:
    """As the review of this very call finds, and writes."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, b"first_name,linkedin_url\n,linkedin.com/in/ada\n")
    await api.pool.execute("UPDATE leads SET state = 'ready' WHERE state = 'held_back'")
    return pb.StartCampaignRequest(campaign_id=campaign_id)


async def not_connected(api: Api) -> Message:
    request = await starting(api)
    api.linkedin.add_account(ACCOUNT, state=account_pb2.ACCOUNT_STATE_REMOVED)
    return request


async def unknown_account_and_drawing(api: Api) -> Message:
    del api
    return new_campaign("asked", account_ids=["acct_none"], sequence_json=sequence(webhookId="x"))


async def forbidden_address(api: Api) -> Message:
    del api
    return new_campaign("asked", sequence_json=FORBIDDEN)


async def id_of_another_request(api: Api) -> Message:
    await api.create("asked")
    return new_campaign("asked", name="Another")


async def forbidden_address_of_an_edit(api: Api) -> Message:
    return sequences.UpdateSequenceRequest(
        campaign_id=await api.running(), sequence_json=FORBIDDEN, base_revision_id="*"
    )


async def edited_since(api: Api) -> Message:
    campaign = campaign_pb2.Campaign(campaign_id=await api.running(), etag="other", name="Autumn")
    return pb.UpdateCampaignRequest(campaign=campaign, update_mask=FieldMask(paths=["name"]))


async def revised_since(api: Api) -> Message:
    return sequences.UpdateSequenceRequest(
        campaign_id=await api.running(), sequence_json=HOOK, base_revision_id="seq_other"
    )


async def no_such_revision(api: Api) -> Message:
    return sequences.RollbackSequenceRequest(
        campaign_id=await api.running(), number=9, base_revision_id="*"
    )


async def not_over(api: Api) -> Message:
    return pb.DeleteCampaignRequest(campaign_id=await api.running())


async def sender_that_can_act(api: Api) -> Message:
    api.linkedin.add_account(NEW)
    return replacing(await api.running())


async def lead_of_nobody(api: Api) -> Message:
    return leads.MoveLeadRequest(
        campaign_id=await api.running(), lead_id="lead_none", account_id=ACCOUNT
    )


async def skipped_without_a_workflow(api: Api) -> Message:
    """Its workflow is gone: Temporal alone knows."""
    request: Any = await skipping(api)
    assert api.temporal is not None
    workflow_id = lead_workflow_id(request.campaign_id, request.lead_id)
    await api.temporal.get_workflow_handle(workflow_id).terminate()
    return request  # type: ignore[no-any-return]


async def second_program(api: Api) -> Message:
    request: Any = await creating_a_program(api)
    await created(api, request.campaign_id)
    return request  # type: ignore[no-any-return]


async def program_of_nobody(api: Api) -> Message:
    await api.create()
    return programs.DeleteProgramRequest(program_id="prog_none")


REFUSED: dict[Case, str] = {
    unknown_campaign: "StartCampaign",
    without_leads: "StartCampaign",
    every_lead_held_back: "StartCampaign",
    not_connected: "StartCampaign",
    unknown_account_and_drawing: "CreateCampaign",
    forbidden_address: "CreateCampaign",
    id_of_another_request: "CreateCampaign",
    forbidden_address_of_an_edit: "UpdateSequence",
    edited_since: "UpdateCampaign",
    revised_since: "UpdateSequence",
    no_such_revision: "RollbackSequence",
    not_over: "DeleteCampaign",
    sender_that_can_act: "ReplaceSender",
    lead_of_nobody: "MoveLead",
    skipped_without_a_workflow: "SkipStep",
    second_program: "CreateProgram",
    program_of_nobody: "DeleteProgram",
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.__name__)
async def test_what_would_be_refused_is_refused_alike(api: Api, member: Member, case: Case) -> None:
    """By its code, its reason, its words and each field; and nothing is changed."""
    request: Any = await case(api)
    request.request_id = "asked"
    ask = member.stubs.method(REFUSED[case])
    before = await everything(api, member)

    with pytest.raises(ServiceError) as would:
        await ask(question(request))
    after = await everything(api, member)
    with pytest.raises(ServiceError) as done:
        await ask(request)

    assert refusal(would.value) == refusal(done.value)
    assert differing(before, after) == {}


async def test_who_may_not_do_it_may_not_ask_either(api: Api, keys: Keys) -> None:
    """PERMISSION_MISSING; and of another organization's campaign, that there is none."""
    request = pb.StartCampaignRequest(campaign_id=await api.create(), validate_only=True)
    async with guarded(api, keys) as ask:
        reader = await ask(keys.token(org=ORGANIZATION, permissions=["campaigns.read"]))
        stranger = await ask(keys.token(org="org_south", permissions=sorted(every_permission())))
        with pytest.raises(ServiceError) as missing:
            await reader.campaigns.StartCampaign(request)
        with pytest.raises(ServiceError) as foreign:
            await stranger.campaigns.StartCampaign(request)

    assert missing.value.reason == "PERMISSION_MISSING"
    assert foreign.value.reason == "CAMPAIGN_NOT_FOUND"


async def test_a_list_that_would_be_added_says_so_in_the_audit(api: Api, member: Member) -> None:
    """It was recorded as if the people had been added."""
    campaign_id, lead_list_id = await api.create(), await filled_at_once(api, "first", LEADS)
    request = lead_list_service_pb2.AddLeadListRequest(
        campaign_id=campaign_id, lead_list_id=lead_list_id, validate_only=True
    )

    await member.stubs.lead_lists.AddLeadList(request)

    *_, last = await api.pool.fetch(RECORDED)
    assert (last["rpc"].rpartition("/")[2], last["reason"]) == ("AddLeadList", "VALIDATE_ONLY")
