"""Leads whose workflow's tasks fail."""

import pytest
from campaigns.models import Lead, LeadState, Person
from campaigns.workflow.contracts import LeadContract, LeadInput, LeadResult
from outreach_worker.campaigns.workflow import CampaignWorkflow
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.integration.outreach_worker.conftest import Engine

LONG = 120.0


@workflow.defn(name="Lead")
class BrokenLead(LeadContract):
    """Code with a bug, which no workflow task of it outlives."""

    @workflow.run
    async def run(self, lead: LeadInput) -> LeadResult:
        raise KeyError(lead.lead_id)


@pytest.mark.lasts(seconds=30)
async def test_a_lead_whose_workflow_fails_is_marked_and_goes_on_by_itself(engine: Engine) -> None:
    """Nobody heard of it before; once the code is mended Temporal goes on, and so does the lead."""
    campaign = await engine.new_campaign([Person(public_identifier="ada", first_name="Ada")])

    async def swept() -> Lead:
        await engine.sweep.sweep()
        (lead,) = await engine.all_leads(campaign.id)
        return lead

    async def is_parked() -> bool:
        return (await swept()).state is LeadState.PARKED

    async def goes_on() -> bool:
        return (await swept()).state is not LeadState.PARKED

    async with Worker(
        engine.client,
        task_queue=engine.task_queue,
        workflows=[CampaignWorkflow, BrokenLead],
        activities=engine.activities.all(),
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        await engine.start(campaign.id)
        await engine.until(is_parked, within=LONG)
    (parked,) = await engine.all_leads(campaign.id)
    async with engine.working():
        await engine.until(goes_on, within=LONG)
        await engine.until(lambda: engine.gateway.sent_to("ada"), within=LONG)

    assert parked.reason == "WORKFLOW_TASK_FAILING"
    assert "goes on by itself" in parked.detail
