"""Admission, pause and stop of campaigns, on the dev server and PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest
from campaigns.admission import AdmittedLead
from campaigns.models import CampaignState, LeadState
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.sequences.sequence import Step, StepKind
from campaigns.workflow.contracts import AskAnew, CampaignContract, CampaignResult, StopCampaign
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach_worker import policies
from temporalio.client import WorkflowExecutionStatus

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import DAY, Engine, people

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
AT_ONCE = {"lead_processing_delay": timedelta()}


class Crash(ConnectionError):
    """The worker died here."""


class ForgetfulLeads(AdmissionRepository):
    """Dies once between admitting leads and confirming that they were started."""

    crashes = 1

    async def confirm_started(self, campaign_id: str, lead_ids: object) -> None:
        if self.crashes:
            self.crashes -= 1
            raise Crash
        await super().confirm_started(campaign_id, lead_ids)  # type: ignore[arg-type]


class AdmitsAndDies(AdmissionRepository):
    """Dies once after the rows say running, before any workflow was started."""

    crashes = 1

    async def admit(self, campaign_id: str, **arguments: object) -> object:  # type: ignore[override]
        admission = await super().admit(campaign_id, **arguments)  # type: ignore[arg-type]
        if self.crashes:
            self.crashes -= 1
            raise Crash
        return admission


@pytest.mark.lasts(seconds=30)
async def test_never_more_leads_at_once_than_allowed(engine: Engine) -> None:
    """The rows never show more running leads than the campaign allows, and all come to an end."""
    most = 0

    async def comes(request: pb.PerformActionRequest) -> None:
        nonlocal most
        most = max(most, await engine.count(request.campaign_id, LeadState.RUNNING))

    engine.gateway.comes["visit_profile"] = comes
    campaign = await engine.new_campaign(
        people(120), steps=ONE_VISIT, max_concurrent_leads=20, **AT_ONCE
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        result = await handle.result()
    events = len((await handle.fetch_history()).events)

    assert result.state == "completed"
    assert most == 20
    assert await engine.count(campaign.id, LeadState.COMPLETED) == 120
    assert len(engine.gateway.sent) == 120
    assert events < 120 * 3


@pytest.mark.lasts(seconds=15)
@pytest.mark.parametrize("repository", [ForgetfulLeads, AdmitsAndDies])
async def test_a_crash_in_admission_starts_everybody_once(
    engine: Engine, repository: type[AdmissionRepository]
) -> None:
    """Lesson 6: dying between rows and Temporal, on either side of a start, doubles nobody."""
    engine.activities.campaign._admissions = repository(engine.pool)
    campaign = await engine.new_campaign(people(30), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        result = await (await engine.start(campaign.id)).result()

    visited = [request.person.public_identifier for request in engine.gateway.sent]
    assert result.state == "completed"
    assert sorted(visited) == sorted(f"person-{number}" for number in range(30))


async def test_starts_are_spaced(engine: Engine) -> None:
    """Nobody begins before the campaign's delay has passed once for each lead ahead of them."""
    campaign = await engine.new_campaign(people(6), steps=ONE_VISIT, lead_processing_delay=DAY)

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    first_at = campaign.started_at
    begun = [lead.started_at for lead in await engine.all_leads(campaign.id)]
    assert first_at is not None
    for number, begun_at in enumerate(begun):
        assert begun_at is not None
        assert begun_at - first_at > (number - 0.1) * DAY


@pytest.mark.lasts(seconds=10)
async def test_leads_per_day_are_kept(engine: Engine) -> None:
    """Seven leads at two a day are admitted on four days of the campaign's zone."""
    campaign = await engine.new_campaign(people(7), steps=ONE_VISIT, leads_per_day=2, **AT_ONCE)

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    days = await engine.pool.fetch(
        "SELECT (start_at AT TIME ZONE 'UTC')::date, count(*) AS leads FROM leads GROUP BY 1"
    )
    assert sum(day["leads"] for day in days) == 7
    assert max(day["leads"] for day in days) == 2


async def test_nobody_begins_before_the_start_date(engine: Engine) -> None:
    """Lesson 17: a campaign with a start date waits for it, then goes on by itself."""
    start_at = engine.clock.now() + 5 * DAY
    campaign = await engine.new_campaign(people(2), steps=ONE_VISIT, start_at=start_at)

    async with engine.working():
        result = await (await engine.start(campaign.id)).result()

    begun = [lead.started_at for lead in await engine.all_leads(campaign.id) if lead.started_at]
    assert result.state == "completed"
    assert min(begun) >= start_at


async def test_a_paused_campaign_admits_nobody(engine: Engine) -> None:
    """Paused before it began and resumed: nobody began meanwhile, everybody does afterwards."""
    campaign = await engine.new_campaign(people(3), steps=ONE_VISIT, **AT_ONCE)
    await engine.campaigns.pause(campaign.id)

    handle = await engine.start(campaign.id)
    await handle.signal(CampaignContract.pause)
    async with engine.working():
        await engine.until(lambda: "CAMPAIGN_PAUSED" in engine.dispatcher.types())
        begun = await engine.count(campaign.id, LeadState.RUNNING)
        await engine.campaigns.resume(campaign.id)
        await handle.signal(CampaignContract.resume)
        result = await handle.result()

    assert begun == 0
    assert result.state == "completed"
    assert sorted(engine.dispatcher.types()) == [
        "CAMPAIGN_COMPLETED",
        "CAMPAIGN_PAUSED",
        "CAMPAIGN_RESUMED",
        "CAMPAIGN_STARTED",
    ]


async def stopping(engine: Engine, campaign_id: str, *, complete: bool) -> None:
    """What campaign-api does: the row first, then the signal."""
    await engine.campaigns.stop(campaign_id, complete_current_executions=complete)
    handle = engine.client.get_workflow_handle(f"campaign/{campaign_id}")
    await handle.signal(CampaignContract.stop, StopCampaign(complete_current_executions=complete))


def holding(engine: Engine) -> asyncio.Event:
    """Visits wait at the gateway until the event is set."""
    free = asyncio.Event()

    async def comes(_: pb.PerformActionRequest) -> None:
        if not free.is_set():
            raise not_yet("HELD", retry_after=DAY)

    engine.gateway.comes["visit_profile"] = comes
    return free


@pytest.mark.lasts(seconds=5)
async def test_stop_calls_off_what_runs(engine: Engine) -> None:
    """Leads that wait are called off, turns are released, leads not begun never begin."""
    holding(engine)
    campaign = await engine.new_campaign(
        people(9), steps=ONE_VISIT, max_concurrent_leads=4, **AT_ONCE
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.actions) == 4)
        await stopping(engine, campaign.id, complete=False)
        result = await handle.result()

    leads = await engine.all_leads(campaign.id)
    assert result == CampaignResult(state="stopped")
    assert (await engine.campaigns.get(campaign.id)).state is CampaignState.STOPPED
    assert {(lead.state, lead.reason) for lead in leads} == {
        (LeadState.STOPPED, "CAMPAIGN_STOPPED")
    }
    assert not engine.gateway.sent
    assert engine.dispatcher.types() == ["CAMPAIGN_STARTED", "CAMPAIGN_STOPPED"]


async def test_stop_may_let_the_running_ones_finish(engine: Engine) -> None:
    """With complete_current_executions the leads in the sequence walk it to its end."""
    free = holding(engine)
    campaign = await engine.new_campaign(
        people(9), steps=ONE_VISIT, max_concurrent_leads=4, **AT_ONCE
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.actions) == 4)
        await stopping(engine, campaign.id, complete=True)
        free.set()
        result = await handle.result()

    assert result.state == "stopped"
    assert await engine.count(campaign.id, LeadState.COMPLETED) == 4
    assert await engine.count(campaign.id, LeadState.STOPPED) == 5


async def test_a_second_stop_can_call_off_what_the_first_let_finish(engine: Engine) -> None:
    """Stopping again without completing ends the leads that would have waited for ever."""
    holding(engine)
    campaign = await engine.new_campaign(people(3), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.actions) == 3)
        await stopping(engine, campaign.id, complete=True)
        await stopping(engine, campaign.id, complete=False)
        result = await handle.result()

    assert result.state == "stopped"
    assert await engine.count(campaign.id, LeadState.STOPPED) == 3


async def test_stop_does_not_wait_for_leads_that_were_to_begin_later(engine: Engine) -> None:
    """Leads admitted for months ahead are called off at once, and never begin."""
    campaign = await engine.new_campaign(
        people(5), steps=ONE_VISIT, lead_processing_delay=timedelta(days=1_000)
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.sent) == 1)
        await stopping(engine, campaign.id, complete=False)
        result = await asyncio.wait_for(handle.result(), 20)

    assert result.state == "stopped"
    assert len(engine.gateway.sent) == 1


async def test_an_admitted_lead_without_a_workflow_is_stopped(engine: Engine) -> None:
    """A crash left a row that says running and no workflow; the stop ends that row too."""
    campaign = await engine.new_campaign(people(2), steps=ONE_VISIT, **AT_ONCE)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=10)
    await engine.campaigns.stop(campaign.id, complete_current_executions=False)

    handle = await engine.start(campaign.id)
    await handle.signal(CampaignContract.stop, StopCampaign())
    async with engine.working():
        result = await handle.result()

    assert result.state == "stopped"
    assert not engine.gateway.sent


async def test_leads_added_to_a_waiting_campaign_are_admitted(engine: Engine) -> None:
    """A list that grows while the last lead walks is worked off by the same campaign."""
    free = holding(engine)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.actions) == 1)
        await engine.leads.add(campaign.id, people(3), now=engine.clock.now())
        await handle.signal(CampaignContract.leads_added)
        await engine.until(lambda: len(engine.gateway.actions) == 3)
        free.set()
        result = await handle.result()

    assert result.state == "completed"
    assert await engine.count(campaign.id, LeadState.COMPLETED) == 3


@pytest.mark.lasts(seconds=35)
async def test_a_long_campaign_continues_as_new(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lesson 16: a long campaign is several short runs, and its beginning is told once."""
    monkeypatch.setattr(policies, "ROUNDS_PER_RUN", 3)
    campaign = await engine.new_campaign(
        people(30), steps=ONE_VISIT, max_concurrent_leads=2, **AT_ONCE
    )

    async with engine.working():
        handle = await engine.start(campaign.id)
        result = await handle.result()
        first = await engine.client.get_workflow_handle(
            handle.id, run_id=handle.first_execution_run_id
        ).describe()

    assert result.state == "completed"
    assert first.status is WorkflowExecutionStatus.CONTINUED_AS_NEW
    assert len(engine.gateway.sent) == 30
    assert engine.dispatcher.types() == ["CAMPAIGN_STARTED", "CAMPAIGN_COMPLETED"]


@pytest.mark.lasts(seconds=20)
async def test_what_is_untold_goes_along(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A campaign comes to its end while the dispatcher is away; all is told once it is back.

    A run waited for it before the next one, and a long one let go of what was untold.
    """
    monkeypatch.setattr(policies, "ROUNDS_PER_RUN", 3)
    campaign = await engine.new_campaign(
        people(12), steps=ONE_VISIT, max_concurrent_leads=2, **AT_ONCE
    )
    engine.dispatcher.away = True

    async def all_ended() -> bool:
        return await engine.count(campaign.id, LeadState.COMPLETED) == 12

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(all_ended)
        assert engine.dispatcher.types() == []
        await asyncio.wait_for(handle.result(), 60)
        engine.dispatcher.away = False
        await engine.until(lambda: len(engine.dispatcher.types()) == 2)

    assert engine.dispatcher.types() == ["CAMPAIGN_STARTED", "CAMPAIGN_COMPLETED"]


async def test_starting_a_lead_twice_is_starting_it_once(engine: Engine) -> None:
    """Lesson 6: whatever is started again, a lead is walked through its sequence once."""
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        await (await engine.start(campaign.id)).result()
        (lead,) = await engine.all_leads(campaign.id)
        await engine.activities.campaign._start_one(
            campaign,
            AdmittedLead(lead_id=lead.id, start_at=engine.clock.now()),
            indexed=False,
        )

    assert len(engine.gateway.sent) == 1


async def test_what_waits_for_its_turn_asks_anew(engine: Engine) -> None:
    """Told to come back in years, when the window opened, all of them come at once."""
    wait = not_yet("WAITING_FOR_HOURS", retry_after=timedelta(days=4000))
    engine.gateway.always("visit_profile", wait)
    campaign = await engine.new_campaign(people(3), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 3)
        del engine.gateway.comes["visit_profile"]
        for _ in range(2):
            await handle.signal(CampaignContract.ask_anew, AskAnew())
        result = await handle.result()

    assert result.state == "completed"
    assert len(engine.gateway.sent) == 3
