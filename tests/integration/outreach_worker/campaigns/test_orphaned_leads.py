"""Leads whose workflow somebody ended at Temporal."""

import asyncio
from datetime import timedelta

from campaigns.models import LeadState
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import CampaignContract

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)


async def test_a_terminated_lead_does_not_keep_its_campaign(engine: Engine) -> None:
    """Its row ends with the reason, customers hear of it, and the campaign completes."""
    wait = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
    engine.gateway.always("visit_profile", wait)
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 2)
        lost, other = await engine.all_leads(campaign.id)
        await engine.lead(lost).terminate()
        await engine.until(lambda: listed(engine, lost.id))
        # The look that is due once in a while is due now.
        engine.activities.campaign._orphaned_leads._looked_at.clear()
        await handle.signal(CampaignContract.leads_added)
        await engine.until(lambda: stopped(engine, campaign.id))
        await engine.lead(other).cancel()
        result = await asyncio.wait_for(handle.result(), 20)

    row = await engine.leads.get(campaign.id, lost.id)
    assert (row.state, row.reason) == (LeadState.STOPPED, "WORKFLOW_TERMINATED")
    assert "LEAD_COMPLETED" in engine.dispatcher.types(lost.id)
    assert result.state == "completed"


async def listed(engine: Engine, lead_id: str) -> bool:
    found = engine.client.list_workflows("ExecutionStatus='Terminated' AND WorkflowType='Lead'")
    return lead_id in [each.id.rpartition("/")[2] async for each in found]


async def stopped(engine: Engine, campaign_id: str) -> bool:
    return await engine.count(campaign_id, LeadState.STOPPED) == 1
