"""Starting, pausing, resuming and stopping, through the wire, the rows and Temporal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from campaign_api.clients.temporal import CampaignWorkflows, TemporalConnection
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl, OnTheWire
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import account_pb2
from servicekit.clock import Clock
from servicekit.errors import FailedPrecondition, Unavailable
from servicekit.temporal import connection as temporal
from servicekit.temporal.plugin import new_plugin
from temporalio.client import WorkflowExecutionStatus

from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    NOON,
    SCHEMA,
    Api,
    connected,
    reply,
    report,
    running_api,
)
from tests.servers.temporal import TemporalServer


def start(campaign_id: str) -> pb.StartCampaignRequest:
    return pb.StartCampaignRequest(campaign_id=campaign_id)


def stop(campaign_id: str, *, complete: bool = False) -> pb.StopCampaignRequest:
    return pb.StopCampaignRequest(campaign_id=campaign_id, complete_current_executions=complete)


async def test_two_starts_at_the_same_moment_are_one(api: Api) -> None:
    """Both callers get the running campaign, and one workflow runs."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    answers = await asyncio.gather(
        *(api.stubs.campaigns.StartCampaign(start(campaign_id)) for _ in range(20))
    )

    assert api.temporal is not None
    found = [
        each async for each in api.temporal.list_workflows(f"WorkflowId = 'campaign/{campaign_id}'")
    ]
    assert {answer.campaign.state for answer in answers} == {campaign_pb2.CAMPAIGN_STATE_RUNNING}
    assert len({answer.campaign.start_time.ToMicroseconds() for answer in answers}) == 1
    assert len(found) == 1


async def test_a_campaign_without_leads_does_not_start(api: Api) -> None:
    """CAMPAIGN_WITHOUT_LEADS, and it stays a draft."""
    campaign_id = await api.create()

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.StartCampaign(start(campaign_id))

    assert refused.value.reason == "CAMPAIGN_WITHOUT_LEADS"
    assert (await api.campaigns.get(campaign_id)).state is CampaignState.DRAFT


@pytest.mark.parametrize("removed", [False, True])
async def test_a_disconnected_account_keeps_it_from_starting(api: Api, *, removed: bool) -> None:
    """ACCOUNT_NOT_CONNECTED names the account, also when it is gone altogether."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    if removed:
        del api.linkedin.accounts[ACCOUNT]
    else:
        api.linkedin.add_account(ACCOUNT, state=account_pb2.ACCOUNT_STATE_DISCONNECTED)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.StartCampaign(start(campaign_id))

    assert refused.value.reason == "ACCOUNT_NOT_CONNECTED"
    assert refused.value.metadata == {"accounts": ACCOUNT}


async def test_starting_again_mends_a_missing_workflow(api: Api) -> None:
    """A crash between the row and the workflow is mended by repeating the call."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await api.campaigns.start(campaign_id, now=NOON)

    answer = await api.stubs.campaigns.StartCampaign(start(campaign_id))

    assert answer.campaign.start_time.ToJsonString() == "2026-03-02T12:00:00Z"
    assert await api.told(campaign_id) == []


async def test_a_pause_holds_first_and_a_resume_lifts(api: Api) -> None:
    """Lesson 8: a pause holds every action once it returns; it and a resume may be repeated."""
    campaign_id = await api.running()

    for _ in range(2):
        paused = await api.stubs.campaigns.PauseCampaign(
            pb.PauseCampaignRequest(campaign_id=campaign_id, reason="Holidays.")
        )
    held = dict(api.linkedin.held)
    for _ in range(2):
        resumed = await api.stubs.campaigns.ResumeCampaign(
            pb.ResumeCampaignRequest(campaign_id=campaign_id)
        )

    assert paused.campaign.state == campaign_pb2.CAMPAIGN_STATE_PAUSED
    assert held == {campaign_id: "Holidays."}
    assert resumed.campaign.state == campaign_pb2.CAMPAIGN_STATE_RUNNING
    assert api.linkedin.held == {}
    assert await api.told(campaign_id) == ["pause", "pause", "resume", "resume"]


async def test_what_has_begun_is_named(api: Api) -> None:
    """A pause, a stop and a deletion go on and say what is on the wire; none waits for it."""
    api.linkedin.on_the_wire.actions = 1
    api.linkedin.on_the_wire.action_ids.append("slow")
    paused, stopped, deleted = [await api.running(name) for name in ("one", "two", "three")]

    answers = [
        await api.stubs.campaigns.PauseCampaign(pb.PauseCampaignRequest(campaign_id=paused)),
        await api.stubs.campaigns.StopCampaign(stop(stopped)),
        await api.stubs.campaigns.DeleteCampaign(
            pb.DeleteCampaignRequest(campaign_id=deleted, force=True)
        ),
    ]

    assert [list(answer.on_the_wire.action_ids) for answer in answers] == [["slow"]] * 3
    assert (await api.campaigns.get(paused)).state is CampaignState.PAUSED


async def test_a_blank_reason_is_none(api: Api) -> None:
    """Whoever pauses or stops with one is told to have, and what holds says why."""
    paused, stopped = [await api.running(name) for name in ("one", "two")]

    await api.stubs.campaigns.PauseCampaign(
        pb.PauseCampaignRequest(campaign_id=paused, reason=" \n")
    )
    request = pb.StopCampaignRequest(campaign_id=stopped, reason="\t")
    await api.stubs.campaigns.StopCampaign(request)

    assert api.linkedin.held == {
        paused: "The campaign is paused.",
        stopped: "The campaign is stopped.",
    }


async def test_without_the_gateway_nothing_is_paused(api: Api) -> None:
    """A pause that cannot be in force is not told to be: UNAVAILABLE, and the row stays."""
    campaign_id = await api.running()
    api.linkedin.go_away()

    with pytest.raises(Unavailable) as refused:
        await api.stubs.campaigns.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))

    assert refused.value.reason == "SERVICE_UNAVAILABLE"
    assert refused.value.metadata["dependency"] == "linkedin-gateway"
    assert (await api.campaigns.get(campaign_id)).state is CampaignState.RUNNING


@pytest.mark.parametrize(
    ("rpc", "reason"),
    [
        ("PauseCampaign", "CAMPAIGN_NOT_PAUSABLE"),
        ("ResumeCampaign", "CAMPAIGN_NOT_RESUMABLE"),
        ("StopCampaign", "CAMPAIGN_NOT_STOPPABLE"),
        ("StartCampaign", "CAMPAIGN_NOT_STARTABLE"),
    ],
)
async def test_a_finished_campaign_does_not_move(api: Api, rpc: str, reason: str) -> None:
    """FAILED_PRECONDITION with the reason of each verb, and no hold is left behind."""
    campaign_id = await api.running()
    await api.campaigns.end(campaign_id, CampaignState.COMPLETED, now=NOON)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.method(rpc)(getattr(pb, f"{rpc}Request")(campaign_id=campaign_id))

    assert refused.value.reason == reason
    assert api.linkedin.held == {}


@pytest.mark.parametrize("rpc", ["PauseCampaign", "ResumeCampaign", "StopCampaign"])
async def test_a_draft_only_starts(api: Api, rpc: str) -> None:
    """What has not started cannot be paused, resumed or stopped."""
    campaign_id = await api.create()

    with pytest.raises(FailedPrecondition):
        await api.stubs.method(rpc)(getattr(pb, f"{rpc}Request")(campaign_id=campaign_id))

    assert (await api.campaigns.get(campaign_id)).state is CampaignState.DRAFT
    assert api.linkedin.asked == []


async def test_a_paused_campaign_is_not_started(api: Api) -> None:
    """It is resumed; starting it is refused."""
    campaign_id = await api.running()
    await api.stubs.campaigns.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.campaigns.StartCampaign(start(campaign_id))

    assert refused.value.reason == "CAMPAIGN_NOT_STARTABLE"


async def test_a_stop_that_calls_leads_off_holds_them(api: Api) -> None:
    """Nothing more is sent once StopCampaign returned; the workflow is told to call off."""
    campaign_id = await api.running()

    answer = await api.stubs.campaigns.StopCampaign(stop(campaign_id))

    assert answer.campaign.state == campaign_pb2.CAMPAIGN_STATE_STOPPING
    assert campaign_id in api.linkedin.held
    assert await api.told(campaign_id) == ["stop(False)"]


async def test_a_stop_that_lets_leads_finish_lifts_the_pause(api: Api) -> None:
    """Leads of a paused campaign can only finish once its hold is gone."""
    campaign_id = await api.running()
    await api.stubs.campaigns.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id))

    await api.stubs.campaigns.StopCampaign(stop(campaign_id, complete=True))

    assert api.linkedin.held == {}
    assert await api.told(campaign_id) == ["pause", "stop(True)"]


async def test_calling_off_is_not_taken_back(api: Api) -> None:
    """A stop that lets leads finish, after one that called them off, leaves the hold."""
    campaign_id = await api.running()
    await api.stubs.campaigns.StopCampaign(stop(campaign_id))

    answer = await api.stubs.campaigns.StopCampaign(stop(campaign_id, complete=True))

    assert answer.campaign.state == campaign_pb2.CAMPAIGN_STATE_STOPPING
    assert campaign_id in api.linkedin.held


async def test_stopping_a_stopped_campaign_returns_it(api: Api) -> None:
    """Nothing is held and nobody is signalled again."""
    campaign_id = await api.running()
    await api.campaigns.stop(campaign_id, complete_current_executions=True)
    await api.campaigns.end(campaign_id, CampaignState.STOPPED, now=NOON)

    answer = await api.stubs.campaigns.StopCampaign(stop(campaign_id))

    assert answer.campaign.state == campaign_pb2.CAMPAIGN_STATE_STOPPED
    assert api.linkedin.asked == []


async def test_a_workflow_that_ended_well_is_not_started_again(api: Api) -> None:
    """A late signal to an ended campaign does not bring it back to life."""
    campaign_id = await api.running()
    await api.stubs.campaigns.StopCampaign(stop(campaign_id))
    assert api.temporal is not None
    handle = api.temporal.get_workflow_handle(f"campaign/{campaign_id}")
    await handle.result()

    # The row has not followed yet.
    answer = await api.stubs.campaigns.StopCampaign(stop(campaign_id))

    assert answer.campaign.state == campaign_pb2.CAMPAIGN_STATE_STOPPING
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_pauses_and_resumes_at_once_end_in_one_state(api: Api) -> None:
    """Lesson 8: however they interleave, row, hold and workflow agree in the end."""
    campaign_id = await api.running()

    await asyncio.gather(
        *(
            call
            for _ in range(8)
            for call in (
                api.stubs.campaigns.PauseCampaign(pb.PauseCampaignRequest(campaign_id=campaign_id)),
                api.stubs.campaigns.ResumeCampaign(
                    pb.ResumeCampaignRequest(campaign_id=campaign_id)
                ),
            )
        )
    )

    state = (await api.campaigns.get(campaign_id)).state
    last = (await api.told(campaign_id))[-1]
    assert (state is CampaignState.PAUSED) == (campaign_id in api.linkedin.held)
    assert (state is CampaignState.PAUSED) == (last == "pause")


async def test_without_temporal_a_start_can_be_repeated(api_without_temporal: Api) -> None:
    """Lesson 23: a start that failed is not told as one; TEMPORAL_UNAVAILABLE says who is away."""
    api = api_without_temporal
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    with pytest.raises(Unavailable) as refused:
        await api.stubs.campaigns.StartCampaign(start(campaign_id))

    read = await api.stubs.campaigns.GetCampaign(pb.GetCampaignRequest(campaign_id=campaign_id))
    assert refused.value.reason == "TEMPORAL_UNAVAILABLE"
    assert read.campaign.state == campaign_pb2.CAMPAIGN_STATE_RUNNING


@asynccontextmanager
async def cut_off(server: TemporalServer) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """An address that leads to Temporal until it is cut."""
    host, _, port = server.address.partition(":")
    writers: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        writers.extend((writer, back))

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)

        await asyncio.gather(copy(reader, back), copy(there, writer), return_exceptions=True)

    proxy = await asyncio.start_server(pass_on, "127.0.0.1", 0)

    def cut() -> None:
        proxy.close()
        for writer in writers:
            writer.transport.abort()

    port_here = proxy.sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port_here}", cut
    finally:
        cut()


async def test_a_temporal_that_is_lost_is_named(
    new_database: Callable[..., str], temporal_server: TemporalServer
) -> None:
    """A connection that breaks later is TEMPORAL_UNAVAILABLE, for callers and the gateway."""
    async with cut_off(temporal_server) as (address, cut):
        client = await temporal.connect(
            new_plugin(Clock.real_time()), environ={"TEMPORAL_ADDRESS": address}
        )
        async with running_api(
            new_database(SCHEMA),
            await connected(client),
            client=client,
            call_timeout=timedelta(seconds=1),
        ) as api:
            campaign_id = await api.running()
            cut()
            with pytest.raises(Unavailable) as paused:
                await api.stubs.campaigns.PauseCampaign(
                    pb.PauseCampaignRequest(campaign_id=campaign_id)
                )
            ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
            event = reply("evt_1", (campaign_id, lead.id))
            with pytest.raises(Unavailable) as reported:
                await report(api, event)

            state = (await api.campaigns.get(campaign_id)).state

    assert paused.value.reason == "TEMPORAL_UNAVAILABLE"
    assert reported.value.reason == "TEMPORAL_UNAVAILABLE"
    assert (state, campaign_id in api.linkedin.held) == (CampaignState.PAUSED, True)


async def test_deleting_again_stops_what_runs_hidden(api: Api) -> None:
    """A campaign that was hidden while it ran could not be paused or stopped by anybody."""
    campaign_id = await api.running()
    await api.pool.execute("UPDATE campaigns SET deleted_at = now() WHERE id = $1", campaign_id)

    await api.stubs.campaigns.DeleteCampaign(
        pb.DeleteCampaignRequest(campaign_id=campaign_id, force=True)
    )

    assert (await api.campaigns.get(campaign_id)).state is CampaignState.STOPPING
    assert campaign_id in api.linkedin.held
    assert await api.told(campaign_id) == ["stop(False)"]


class LastLeadEnds:
    """Holds that come into force just as the campaign completes."""

    def __init__(self, campaigns: CampaignRepository) -> None:
        self._campaigns = campaigns
        self.held: set[str] = set()

    async def hold(self, campaign: Campaign, *, reason: str) -> OnTheWire:  # noqa: ARG002 - the port's
        self.held.add(campaign.id)
        await self._campaigns.end(campaign.id, CampaignState.COMPLETED, now=NOON)
        return OnTheWire()

    async def lift_hold(self, campaign: Campaign) -> None:
        self.held.remove(campaign.id)


@pytest.mark.parametrize("verb", ["pause", "stop"])
async def test_a_campaign_that_completes_meanwhile_keeps_no_hold(api: Api, verb: str) -> None:
    """A stop that came too late left its hold behind for ever."""
    campaign_id = await api.running()
    holds = LastLeadEnds(api.campaigns)
    control = CampaignControl(
        api.campaigns,
        holds=holds,
        workflows=CampaignWorkflows(TemporalConnection(), Clock.real_time()),
        locks=CampaignLocks(api.pool, connections=1),
    )

    with pytest.raises(FailedPrecondition):
        await (
            control.pause(campaign_id)
            if verb == "pause"
            else control.stop(campaign_id, complete_current_executions=False)
        )

    assert holds.held == set()
