"""What operators do and see with Temporal's own command line and search."""

import asyncio
import json
import sysconfig
from datetime import timedelta
from pathlib import Path
from typing import Any

from campaigns.models import Campaign, CampaignState, LeadState
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow import search_attributes as visibility
from campaigns.workflow.contracts import campaign_workflow_id, lead_workflow_id
from servicekit.temporal import search_attributes
from servicekit.temporal.search_attributes import SearchAttributes

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine, people

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
AT_ONCE = {"lead_processing_delay": timedelta()}


async def cli(engine: Engine, *arguments: str) -> str:
    """What `temporal workflow …` prints; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        str(TEMPORAL),
        "workflow",
        *arguments,
        "--address",
        engine.client.service_client.config.target_host,
        "--namespace",
        engine.client.namespace,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def signal(engine: Engine, campaign: Campaign, name: str, argument: Any = None) -> None:
    given = () if argument is None else ("--input", json.dumps(argument))
    workflow = campaign_workflow_id(campaign.id)
    await cli(engine, "signal", "--workflow-id", workflow, "--name", name, *given)


async def query(engine: Engine, workflow_id: str, name: str) -> Any:
    said = await cli(
        engine, "query", "--workflow-id", workflow_id, "--name", name, "--output", "json"
    )
    (result,) = json.loads(said)["queryResult"]
    return result


def waiting(engine: Engine) -> None:
    """Nobody's turn comes by itself."""
    engine.gateway.always(
        "visit_profile", not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
    )


async def test_a_pause_from_the_command_line_is_a_pause(engine: Engine) -> None:
    """It holds at the gateway, changes the row and stops admission; the resume undoes all three."""
    waiting(engine)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, max_concurrent_leads=1, **AT_ONCE
    )

    async def state() -> CampaignState:
        return (await engine.campaigns.get(campaign.id)).state

    async def is_(expected: CampaignState) -> bool:
        return await state() is expected

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked)
        await signal(engine, campaign, "pauseCampaign", "The copy is wrong.")
        await engine.until(lambda: is_(CampaignState.PAUSED))
        held = dict(engine.gateway.held)
        workflow = campaign_workflow_id(campaign.id)
        paused = await query(engine, workflow, "getCampaignStatus")
        await signal(engine, campaign, "resumeCampaign")
        await engine.until(lambda: is_(CampaignState.RUNNING))
        counted = await query(engine, workflow, "getWorkflowMetrics")

    assert held == {campaign.id: "The copy is wrong."}
    assert (paused["state"], paused["running"], paused["ready"]) == ("paused", 1, 2)
    assert not engine.gateway.held
    assert counted["counts"]["admitted"] == 1
    assert counted["history_events"] > 0


async def test_a_stop_from_the_command_line_ends_the_campaign(engine: Engine) -> None:
    """Without input it calls the leads off, as the RPC does by default."""
    waiting(engine)
    campaign = await engine.new_campaign(
        people(3), steps=ONE_VISIT, max_concurrent_leads=2, **AT_ONCE
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) >= 2)
        await signal(engine, campaign, "stopCampaign")
        result = await asyncio.wait_for(handle.result(), 20)

    assert result.state == "stopped"
    assert campaign.id in engine.gateway.held
    assert await engine.count(campaign.id, LeadState.STOPPED) == 3
    assert not engine.gateway.sent


async def test_a_stop_that_lets_leads_finish_holds_nothing(engine: Engine) -> None:
    """The RPC's own field, as the signal's input."""
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await signal(
            engine,
            campaign,
            "stopCampaign",
            {"complete_current_executions": True, "reason": "Done"},
        )
        await asyncio.wait_for(handle.result(), 20)

    assert not engine.gateway.held
    assert (await engine.campaigns.get(campaign.id)).state in (
        CampaignState.STOPPED,
        CampaignState.COMPLETED,
    )


async def test_a_signal_that_comes_too_often_does_no_harm(engine: Engine) -> None:
    """A resume of a campaign that is not paused, and a stop said twice, end in the same."""
    waiting(engine)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await handle.signal("resumeCampaign")
        await handle.signal("stopCampaign")
        await handle.signal("stopCampaign")
        result = await asyncio.wait_for(handle.result(), 20)

    assert result.state == "stopped"


async def test_a_lead_says_where_it_is(engine: Engine) -> None:
    """Its step, what it waits for, and what it has done."""
    waiting(engine)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked)
        (lead,) = await engine.all_leads(campaign.id)
        status = await query(engine, lead_workflow_id(campaign.id, lead.id), "getLeadStatus")

    assert (status["state"], status["step_id"], status["waits_for"]) == ("running", "visit", "turn")
    assert not status["path"]


async def test_leads_are_found_by_what_people_know_of_them(engine: Engine) -> None:
    """Once the attributes are registered; what runs is told from what has ended, and how."""
    await search_attributes.register(engine.client, visibility.KEYS)
    await search_attributes.register(engine.client, visibility.KEYS)
    engine.activities.campaign._indexed = SearchAttributes(visibility.KEYS)
    campaign = await engine.new_campaign(people(2), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        await (await engine.start(campaign.id)).result()
        one, _ = await engine.all_leads(campaign.id)
        await engine.until(lambda: found(engine, f"CampaignId='{campaign.id}'", 2))
        ended = f"CampaignId='{campaign.id}' AND LeadState='completed'"
        await engine.until(lambda: found(engine, ended, 2))
        await engine.until(lambda: found(engine, f"LeadId='{one.id}' AND AccountId IS NOT NULL", 1))
        description = await engine.lead(one).describe()

    assert await description.static_summary() == "Lead of Spring"
    assert f"outreach leads get {campaign.id} {one.id}" in str(await description.static_details())


async def test_leads_run_where_nothing_is_registered(engine: Engine) -> None:
    """A worker that is deployed before the attributes are there starts its leads without them."""

    class Nobody(SearchAttributes):
        async def known(self, client: object) -> bool:  # noqa: ARG002 - the contract's
            return False

    engine.activities.campaign._indexed = Nobody(visibility.KEYS)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        result = await (await engine.start(campaign.id)).result()

    assert result.state == "completed"


async def found(engine: Engine, by: str, leads: int) -> bool:
    return (await engine.client.count_workflows(f"WorkflowType='Lead' AND {by}")).count == leads
