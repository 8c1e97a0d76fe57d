"""Temporal knows less than the rows: a lost or another namespace, a backup that was put back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from campaign_api.clients.temporal import CampaignWorkflows, TemporalConnection
from campaigns.models import Campaign, LeadState
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.witness_repository import WitnessRepository
from campaigns.workflow.contracts import (
    CampaignContract,
    LeadContract,
    LeadInput,
    campaign_workflow_id,
    lead_workflow_id,
)
from outreach_worker.campaigns.missing import lead_tour
from outreach_worker.campaigns.missing.executions import described, running
from outreach_worker.campaigns.missing.lead_tour import LeadTour
from outreach_worker.campaigns.missing.witnesses import Witnesses
from outreach_worker.campaigns.workflow_sweep import WorkflowSweep
from outreach_worker.metrics import Metrics
from prometheus_client import CollectorRegistry
from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Worker

from tests.integration.outreach_worker.campaigns.test_workflow_sweep import (
    NEVER,
    ONE_VISIT,
    delete,
    runs_again,
    swept,
)
from tests.integration.outreach_worker.conftest import Engine, people

MANY = 13
"""More than the few that were ended even where everything was missing."""


async def begun(engine: Engine, leads: int = MANY) -> Campaign:
    """A campaign whose leads all wait for their turn."""
    engine.gateway.always("visit_profile", NEVER)
    campaign = await engine.new_campaign(
        people(leads), steps=ONE_VISIT, lead_processing_delay=timedelta()
    )
    await engine.start(campaign.id)
    await engine.until(lambda: len(engine.gateway.asked) == leads)
    return campaign


async def lose(engine: Engine, campaign: Campaign, *, with_campaign: bool, witness: bool) -> None:
    """As if Temporal's data had gone, as far back as that is said."""
    lost = [engine.lead(each).id for each in await engine.all_leads(campaign.id)]
    if with_campaign:
        lost.append(campaign_workflow_id(campaign.id))
    if witness:
        lost += [row[0] for row in await engine.pool.fetch("SELECT workflow_id FROM witnesses")]
    for workflow_id in lost:
        await delete(engine, workflow_id)
    await engine.until(lambda: unknown(engine, lost))


async def unknown(engine: Engine, workflow_ids: Sequence[str]) -> bool:
    """Nor listed; lists are a moment late."""
    if await running(engine.client, workflow_ids):
        return False
    found = [await described(engine.client, each) for each in workflow_ids]
    return not any(found)


def another(engine: Engine, registry: CollectorRegistry) -> WorkflowSweep:
    """The sweep of another process."""
    rows, sweep = WitnessRepository(engine.pool), engine.sweep
    tour = LeadTour(engine.client, rows, Witnesses(engine.client, rows), metrics=Metrics(registry))
    return WorkflowSweep(
        engine.client,
        engine.campaigns,
        tour,
        sweep._gone,
        sweep._orphaned,
        sweep._parked,
        sweep._acts,
        sweep._untold,
    )


def alone(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("leads_without_workflow")


async def nobody_ends(engine: Engine, campaign: Campaign, leads: int = MANY) -> None:
    """However often it is looked at, and people are told of each."""
    for _ in range(3):
        await engine.sweep.sweep()
        assert alone(engine.registry) == leads
    assert await engine.count(campaign.id, LeadState.RUNNING) == leads


async def api(engine: Engine) -> CampaignWorkflows:
    """What campaign-api signals campaigns by, and starts their workflows anew."""

    async def connecting() -> Client:
        return engine.client

    connection = TemporalConnection()
    await connection.connect(connecting())
    return CampaignWorkflows(connection, engine.clock)


STARTS: dict[str, Callable[[CampaignWorkflows, Campaign], Awaitable[None]]] = {
    "start": lambda api, campaign: api.start(campaign),
    "leads added": lambda api, campaign: api.leads_added(campaign),
    "pause": lambda api, campaign: api.pause(campaign),
    "resume": lambda api, campaign: api.resume(campaign),
    "update": lambda api, campaign: api.update(campaign),
    "ask anew": lambda api, campaign: api.ask_anew(campaign, within=timedelta()),
}


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize("witness", [True, False], ids=["all is lost", "the witness is left"])
@pytest.mark.parametrize("verb", STARTS)
async def test_a_campaign_that_the_api_has_started_again_vouches_for_nobody(
    engine: Engine, verb: str, *, witness: bool
) -> None:
    """One call before the next sweep, and all leads that ran were ended as deleted."""
    async with engine.working():
        campaign = await begun(engine)
        await engine.sweep.sweep()
    await lose(engine, campaign, with_campaign=True, witness=witness)
    await STARTS[verb](await api(engine), campaign)

    await nobody_ends(engine, campaign)


@pytest.mark.lasts(seconds=8)
async def test_a_backup_from_before_the_leads_began_ends_none_of_them(engine: Engine) -> None:
    """The campaign is in it, and was there all along: it said that they had been deleted.

    Who is there afterwards is seen anew, and who is deleted then ends.
    """
    async with engine.working():
        campaign = await begun(engine)
        await engine.sweep.sweep()
        await lose(engine, campaign, with_campaign=False, witness=True)

        await nobody_ends(engine, campaign)
        found, *_ = await engine.all_leads(campaign.id)
        await engine.client.start_workflow(
            LeadContract.run,
            LeadInput(campaign_id=campaign.id, lead_id=found.id),
            id=lead_workflow_id(campaign.id, found.id),
            task_queue="nobody's",
        )
        await engine.sweep.sweep()
        assert alone(engine.registry) == MANY - 1
        await delete(engine, engine.lead(found).id)
        await engine.until(lambda: unknown(engine, [engine.lead(found).id]))
        await nobody_ends(engine, campaign, MANY - 1)

    row = await engine.leads.get(campaign.id, found.id)
    assert (row.state, row.reason) == (LeadState.STOPPED, "WORKFLOW_DELETED")


@pytest.mark.lasts(seconds=5)
async def test_who_was_never_seen_may_have_been_lost(engine: Engine) -> None:
    """A backup from a moment before they began, whose witness is older: nothing says who it was."""
    async with engine.working():
        await engine.sweep.sweep()
        campaign = await begun(engine)
    await lose(engine, campaign, with_campaign=False, witness=False)

    await nobody_ends(engine, campaign)


@pytest.mark.lasts(seconds=5)
async def test_a_list_of_another_day_has_seen_nobody(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Visibility is a store of its own: it may list as running what Temporal itself has lost."""
    async with engine.working():
        campaign = await begun(engine)
        await engine.sweep.sweep()
    await lose(engine, campaign, with_campaign=True, witness=True)

    async def as_before(_: Client, workflow_ids: Iterable[str]) -> Mapping[str, datetime]:
        return dict.fromkeys(workflow_ids, datetime.min.replace(tzinfo=UTC))

    with monkeypatch.context() as patched:
        patched.setattr(lead_tour, "running", as_before)
        await nobody_ends(engine, campaign)
    await nobody_ends(engine, campaign)


@pytest.mark.lasts(seconds=8)
@pytest.mark.parametrize("leads", [8, 9])
async def test_they_are_counted_by_the_round_and_none_ends_with_its_last_stretch(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, leads: int
) -> None:
    """They were counted by the stretch: of its last few were ended, and the alert never fired."""
    monkeypatch.setattr(lead_tour, "MOST_LEADS", 4)
    async with engine.working():
        campaign = await begun(engine, leads)
        for _ in range(3):
            await engine.sweep.sweep()
    await lose(engine, campaign, with_campaign=True, witness=True)

    told = []
    for _ in range(9):
        await engine.sweep.sweep()
        told.append(alone(engine.registry))

    assert told == sorted(told)
    assert told[3:] == [leads] * 6
    assert await engine.count(campaign.id, LeadState.RUNNING) == leads


@pytest.mark.lasts(seconds=8)
@pytest.mark.parametrize(
    "dies_at",
    [(OrphanedLeadRepository, "note_lost_pause"), (StatusRepository, "note_restart")],
    ids=["before", "after"],
)
async def test_a_process_that_dies_while_it_starts_a_campaign_leaves_the_doubt(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, dies_at: tuple[type, str]
) -> None:
    """The campaign ran again before the doubt was written, and whoever came next ended all."""
    async with engine.working():
        campaign = await begun(engine)
        await engine.sweep.sweep()
    await lose(engine, campaign, with_campaign=True, witness=False)

    async def dies(*_: object, **__: object) -> None:
        raise KeyError

    async def has_died() -> bool:
        try:
            await engine.sweep.sweep()
        except KeyError:
            return True
        return False

    with monkeypatch.context() as patched:
        patched.setattr(*dies_at, dies)
        await engine.until(has_died)
    registry = CollectorRegistry()
    other = another(engine, registry)
    for _ in range(3):
        await other.sweep()

    assert alone(registry) == MANY
    await nobody_ends(engine, campaign)


@pytest.mark.lasts(seconds=8)
@pytest.mark.parametrize("witness", [True, False], ids=["all is lost", "the witness is left"])
async def test_of_two_processes_neither_ends_what_the_other_doubts(
    engine: Engine, *, witness: bool
) -> None:
    """Both sweep at the same moments, before the loss and after it; they have one witness."""
    registry = CollectorRegistry()
    other = another(engine, registry)

    async def both() -> None:
        await asyncio.gather(engine.sweep.sweep(), other.sweep())

    async with engine.working():
        campaign = await begun(engine)
        await both()
        await lose(engine, campaign, with_campaign=True, witness=witness)
        for _ in range(4):
            await both()

    assert (alone(engine.registry), alone(registry)) == (MANY, MANY)
    assert await engine.count(campaign.id, LeadState.RUNNING) == MANY
    assert len(await engine.pool.fetch("SELECT FROM witnesses")) == 1


@pytest.mark.lasts(seconds=8)
async def test_a_doubt_outlives_the_next_end_of_the_campaigns_workflow(engine: Engine) -> None:
    """It stood in why the campaign was started last: terminated after that, all its leads ended."""
    async with engine.working():
        campaign = await begun(engine)
        await engine.sweep.sweep()
    await lose(engine, campaign, with_campaign=True, witness=False)
    await nobody_ends(engine, campaign)
    handle = engine.client.get_workflow_handle_for(
        CampaignContract.run, campaign_workflow_id(campaign.id)
    )
    run_id = (await handle.describe()).run_id
    await handle.terminate()
    await engine.until(lambda: runs_again(engine, campaign.id, ended_run=run_id))

    await nobody_ends(engine, campaign)


@workflow.defn(sandboxed=False)
class GoesOn:
    """Goes on as new each time it is told to."""

    def __init__(self) -> None:
        self._told = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._told)
        workflow.continue_as_new()

    @workflow.signal
    def go_on(self) -> None:
        self._told = True


@pytest.mark.lasts(seconds=5)
async def test_a_campaign_that_goes_on_as_new_is_the_one_of_then(engine: Engine) -> None:
    """Its run is younger than the leads that were deleted, and it was there all along."""
    campaign = await engine.new_campaign(people(2))
    leads = await engine.all_leads(campaign.id)
    await engine.pool.execute(
        "UPDATE leads SET state = 'running', started_at = now(), workflow_started = true"
    )
    handle = await engine.client.start_workflow(
        GoesOn.run, id=campaign_workflow_id(campaign.id), task_queue=engine.task_queue
    )
    for lead in leads:
        await engine.client.start_workflow(
            LeadContract.run,
            LeadInput(campaign_id=campaign.id, lead_id=lead.id),
            id=lead_workflow_id(campaign.id, lead.id),
            task_queue="nobody's",
        )
    await engine.sweep.sweep()
    first = (await handle.describe()).run_id

    async def is_another() -> bool:
        return (await handle.describe()).run_id != first

    async with Worker(engine.client, task_queue=engine.task_queue, workflows=[GoesOn]):
        await handle.signal(GoesOn.go_on)
        handle = engine.client.get_workflow_handle_for(GoesOn.run, handle.id)
        await engine.until(is_another)
    await lose(engine, campaign, with_campaign=False, witness=False)
    await engine.until(lambda: swept(engine, campaign.id, LeadState.STOPPED, 2))

    assert alone(engine.registry) == 0


async def test_a_witness_is_followed_by_one_and_the_same(engine: Engine) -> None:
    """Whoever comes at once: the others end theirs, and who is followed is ended."""
    rows = WitnessRepository(engine.pool)
    processes = [Witnesses(engine.client, rows) for _ in range(3)]

    first = await asyncio.gather(*(each.current() for each in processes))
    then = await asyncio.gather(*(each.renewed(first[0]) for each in processes))

    assert len({each.workflow_id for each in first}) == 1
    assert then[0].begun_at > first[0].begun_at
    last = await processes[0].current()
    assert last.unbroken_since == first[0].unbroken_since
    assert await processes[0].vouch(first[0])
    for witness, status in (
        (first[0], WorkflowExecutionStatus.TERMINATED),
        (last, WorkflowExecutionStatus.RUNNING),
    ):
        execution = await described(engine.client, witness.workflow_id)
        assert execution is not None
        assert execution.status is status


async def test_what_was_seen_counts_in_its_namespace_until_the_chain_breaks(
    engine: Engine,
) -> None:
    """Nor after its campaign was doubted, nor once the lead is to be started anew."""
    campaign = await engine.new_campaign(people(1))
    rows = WitnessRepository(engine.pool)
    (lead,) = await engine.all_leads(campaign.id)
    await engine.pool.execute(
        "UPDATE leads SET state = 'running', workflow_started = true WHERE id = $1", lead.id
    )
    for namespace in ("one", "two"):
        await rows.note_first(namespace, workflow_id="witness/1", begun_at=engine.clock.now())

    async def vouched(namespace: str) -> bool:
        (row,) = await rows.started_leads(campaign.id, namespace=namespace, after=-1, limit=9)
        return row.vouched

    async def see() -> None:
        (row,) = await rows.started_leads(campaign.id, namespace="one", after=-1, limit=9)
        await rows.see([lead.id], namespace="one", at=row.read_at)
        assert await vouched("one")

    await see()
    assert not await vouched("two")
    await rows.doubt(campaign.id)
    assert not await vouched("one")
    await see()
    before = await rows.noted("one")
    assert before is not None
    for unbroken in (True, False):
        assert await vouched("one")
        await rows.follow(
            "one",
            before,
            workflow_id="witness/1",
            begun_at=engine.clock.now(),
            unbroken=unbroken,
        )
    assert not await vouched("one")
    await see()
    await OrphanedLeadRepository(engine.pool).unconfirm(campaign.id, lead.id)
    await engine.admissions.confirm_started(campaign.id, [lead.id])
    assert not await vouched("one")
