"""campaign_api.automation: programs as people make, change and run them; PostgreSQL, Temporal."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from automation.programs.program_repository import ProgramRepository
from automation.programs.temporal_schedules import ProgramSchedules
from automation.runs.contracts import run_workflow_id
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RunRepository
from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.audit.v1 import audit_service_pb2
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.automation.v1 import program_pb2, run_pb2, run_service_pb2
from outreach.automation.v1 import program_service_pb2 as pb
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.common.v1 import sending_window_pb2
from servicekit.clock import Clock
from servicekit.errors import (
    AlreadyExists,
    EtagMismatch,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from servicekit.ids import new_id
from servicekit.postgres.pool import connect_pool
from temporalio.client import WorkflowFailureError, WorkflowHandle

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, Api
from tests.integration.campaign_api.workflows.conftest import guarded

RELEASED_ONLY = campaign_pb2.CampaignSettings(admission=campaign_pb2.ADMISSION_RELEASED_ONLY)
RULES = json.dumps({"rules": [{"feature": "seniority", "levels": ["vp"], "points": 20}]})
ALL = ["programs.read", "programs.write", "programs.control"]


async def created(api: Api, campaign_id: str, **given: Any) -> program_pb2.Program:
    request = {
        "request_id": "p1",
        "organization_id": ORGANIZATION,
        "campaign_id": campaign_id,
        "name": "Spring",
        "time_zone": "Europe/Berlin",
    }
    answer = await api.stubs.programs.CreateProgram(pb.CreateProgramRequest(**{**request, **given}))
    return answer.program


async def updated(api: Api, program: program_pb2.Program, *paths: str) -> program_pb2.Program:
    request = pb.UpdateProgramRequest(program=program, update_mask=FieldMask(paths=paths))
    return (await api.stubs.programs.UpdateProgram(request)).program


async def test_a_program_is_made_once_and_only_looks(api: Api) -> None:
    """The same request twice is one; another of the campaign is refused, until it is deleted."""
    campaign_id = await api.create()
    program = await created(api, campaign_id, rules_json=RULES)
    again = await created(api, campaign_id, rules_json=RULES)
    with pytest.raises(AlreadyExists) as refused:
        await created(api, campaign_id, request_id="p2")

    assert again == program
    assert (program.mode, program.state) == (
        program_pb2.PROGRAM_MODE_DRY_RUN,
        program_pb2.PROGRAM_STATE_ACTIVE,
    )
    assert (program.plan_per_day, program.time_of_day, len(program.weekdays)) == (20, "06:00", 7)
    assert (program.weekly_review.weekday, program.weekly_review.time) == (1, "06:00")
    assert json.loads(program.rules_json) == json.loads(RULES)
    assert refused.value.reason == "CAMPAIGN_HAS_PROGRAM"

    naming = {"program_id": program.program_id}
    await api.stubs.programs.DeleteProgram(pb.DeleteProgramRequest(**naming))
    found = (await api.stubs.programs.GetProgram(pb.GetProgramRequest(**naming))).program
    with pytest.raises(FailedPrecondition) as deleted:
        await api.stubs.programs.TriggerProgram(pb.TriggerProgramRequest(**naming))
    other = await created(api, campaign_id, request_id="p3")
    listing = pb.ListProgramsRequest(organization_id=ORGANIZATION)
    listed = (await api.stubs.programs.ListPrograms(listing)).programs

    assert found.state == program_pb2.PROGRAM_STATE_DELETED
    assert deleted.value.reason == "PROGRAM_DELETED"
    assert [each.program_id for each in listed] == [other.program_id]


async def test_a_list_is_filtered_by_what_it_can_have(api: Api) -> None:
    """Deleted programs are in none: to ask for them is refused, with the states that there are."""
    paused = pb.ListProgramsRequest(organization_id=ORGANIZATION, filter="state = PAUSED")
    deleted = pb.ListProgramsRequest(organization_id=ORGANIZATION, filter="state = DELETED")

    assert not (await api.stubs.programs.ListPrograms(paused)).programs
    with pytest.raises(InvalidArgument) as refused:
        await api.stubs.programs.ListPrograms(deleted)
    assert refused.value.reason == "FILTER_INVALID"
    assert "ACTIVE, PAUSED" in str(refused.value.violations)


async def test_a_program_is_found_by_what_was_asked(api: Api) -> None:
    """Not by what its campaign said of it then: one that was renamed has another name since."""
    campaign_id = await api.create()
    program = await created(api, campaign_id, name="", time_zone="")
    await api.pool.execute("UPDATE campaigns SET name = 'Autumn'")

    assert await created(api, campaign_id, name="", time_zone="") == program
    assert await created(api, campaign_id, name="Spring", time_zone="UTC") == program
    for other in ({"name": "Autumn"}, {"name": "", "plan_per_day": 7}):
        with pytest.raises(AlreadyExists) as refused:
            await created(api, campaign_id, **{"time_zone": "", **other})
        assert refused.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"time_of_day": "02:30"}, {"time_of_day"}),
        (
            {"weekly_review": program_pb2.WeeklyReview(weekday=7, time="02:30")},
            {"weekly_review.time"},
        ),
        ({"time_zone": "Europe/Atlantis"}, {"time_zone"}),
        ({"rules_json": '{"rules": [{"feature": "age"}]}'}, {"rules_json.rules[0].feature"}),
        ({"rules_json": '{"rules": NaN}'}, {"rules_json"}),
        ({"guardrails_json": '{"luck": 1}'}, {"guardrails_json"}),
        ({"rules_json": '{"version": "\\ud800"}'}, {"rules_json"}),
        ({"rules_json": '{"\\udfff": 1}'}, {"rules_json"}),
        ({"rules_json": '{"version": 1e400}'}, {"rules_json"}),
        ({"rules_json": '{"version": -1e400}'}, {"rules_json"}),
        ({"rules_json": f'{{"version": {"[" * 945}{"]" * 945}}}'}, {"rules_json"}),
        ({"rules_json": f'{{"version": {"[" * 40}{"]" * 40}}}'}, {"rules_json"}),
        (
            {"rules_json": RULES.replace("seniority", "industry").replace("vp", r"foo \ud800")},
            {"rules_json"},
        ),
        ({"rules_json": RULES.replace("20", f"1{'0' * 400}")}, {"rules_json.rules[0].points"}),
        ({"guardrails_json": f'{{"most_pending": 1{"0" * 400}}}'}, {"guardrails_json"}),
        ({"guardrails_json": f'{{"most_pending": 1{"0" * 9000}}}'}, {"guardrails_json"}),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_field(
    api: Api, given: dict[str, Any], fields: set[str]
) -> None:
    """A time that the clocks leave out is told with its day."""
    with pytest.raises(InvalidArgument) as refused:
        await created(api, await api.create(), **given)

    assert fields <= {each.field for each in refused.value.violations}
    if "02:30" in str(given):
        (hole,) = refused.value.violations
        assert hole.reason == "TIME_DOES_NOT_EXIST"
        assert "-03-" in hole.description


async def test_a_field_is_told_once(api: Api) -> None:
    """A blank time broke a rule and was no time, and was called required, which it is not."""
    with pytest.raises(InvalidArgument) as refused:
        await created(api, await api.create(), time_of_day=" ")

    assert [(each.field, each.reason) for each in refused.value.violations] == [
        ("time_of_day", "FIELD_INVALID")
    ]


async def test_of_two_who_have_read_the_same_the_second_is_refused(api: Api) -> None:
    """And what the mask does not name stays."""
    program = await created(api, await api.create(), rules_json=RULES)
    edit = program_pb2.Program(
        program_id=program.program_id, etag=program.etag, plan_per_day=7, time_of_day="07:15"
    )

    changed = await updated(api, edit, "plan_per_day", "time_of_day", "weekly_review")
    with pytest.raises(EtagMismatch):
        await updated(api, replace_plan(edit, 9), "plan_per_day")

    assert (changed.plan_per_day, changed.time_of_day) == (7, "07:15")
    assert not changed.HasField("weekly_review")
    assert (changed.rules_json, changed.time_zone) == (program.rules_json, "Europe/Berlin")
    assert changed.etag != program.etag
    with pytest.raises(InvalidArgument):
        await updated(api, edit, "mode")


def replace_plan(program: program_pb2.Program, plan: int) -> program_pb2.Program:
    other = program_pb2.Program()
    other.CopyFrom(program)
    other.plan_per_day = plan
    return other


@pytest.mark.parametrize(
    "mode", [program_pb2.PROGRAM_MODE_REVIEW, program_pb2.PROGRAM_MODE_AUTOPILOT]
)
async def test_a_campaign_that_admits_everybody_is_not_left_to_a_program(
    api: Api, mode: program_pb2.ProgramMode
) -> None:
    """Its order would have no effect: it may look, and more once released leads alone enter."""
    campaign_id = await api.create()
    program = await created(api, campaign_id)
    setting = pb.SetProgramModeRequest(program_id=program.program_id, mode=mode)

    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.programs.SetProgramMode(setting)
    looking = pb.SetProgramModeRequest(
        program_id=program.program_id, mode=program_pb2.PROGRAM_MODE_DRY_RUN
    )
    await api.stubs.programs.SetProgramMode(looking)
    await api.stubs.campaigns.UpdateCampaign(
        campaign_service_pb2.UpdateCampaignRequest(
            campaign=campaign_pb2.Campaign(
                campaign_id=campaign_id, etag="*", settings=RELEASED_ONLY
            ),
            update_mask=FieldMask(paths=["settings.admission"]),
        )
    )
    answer = await api.stubs.programs.SetProgramMode(setting)

    assert refused.value.reason == "CAMPAIGN_ADMITS_ALL"
    assert answer.program.mode == mode


async def test_what_is_not_said_of_a_program_is_its_campaigns(api: Api) -> None:
    """Its name, and the zone of its window; that was UTC, however near the campaign was."""
    window = sending_window_pb2.SendingWindow(
        time_zone="America/Lima", weekdays=[1], opens="09:00", closes="17:00"
    )
    settings = campaign_pb2.CampaignSettings(sending_window=window)
    campaign_id = await api.create(settings=settings)
    request = pb.CreateProgramRequest(
        request_id="p1", organization_id=ORGANIZATION, campaign_id=campaign_id
    )

    made = (await api.stubs.programs.CreateProgram(request)).program
    other = await created(api, await api.create("other"), request_id="p2", time_zone="")

    campaign = await api.campaigns.get(campaign_id)
    assert (made.name, made.time_zone) == (campaign.name, "America/Lima")
    assert made.mode == program_pb2.PROGRAM_MODE_DRY_RUN
    assert (other.name, other.time_zone) == ("Spring", "UTC")


async def test_a_program_may_begin_with_more_than_a_look(api: Api, keys: Keys) -> None:
    """By who may let it, of a campaign where it has an effect; else there is none."""
    campaign_id, open_to_all = (
        await api.create(settings=RELEASED_ONLY),
        await api.create("other"),
    )
    request = pb.CreateProgramRequest(
        request_id="p1",
        organization_id=ORGANIZATION,
        campaign_id=campaign_id,
        mode=program_pb2.PROGRAM_MODE_REVIEW,
    )
    async with guarded(api, keys) as ask:
        member = await ask(keys.token(org=ORGANIZATION, sub="mem_bob", permissions=ALL[:2]))
        manager = await ask(keys.token(org=ORGANIZATION, sub="mem_ann", permissions=ALL))
        with pytest.raises(PermissionDenied) as refused:
            await member.programs.CreateProgram(request)
        made = (await manager.programs.CreateProgram(request)).program
        request.request_id, request.campaign_id = "p2", open_to_all
        with pytest.raises(FailedPrecondition) as without_effect:
            await manager.programs.CreateProgram(request)

    assert refused.value.reason == "PERMISSION_MISSING"
    assert made.mode == program_pb2.PROGRAM_MODE_REVIEW
    assert without_effect.value.reason == "CAMPAIGN_ADMITS_ALL"


async def test_how_a_program_stands_is_told_with_it(api: Api) -> None:
    """Its last day and what became of it, and when the next is due; of one that rests nothing."""
    program = await created(api, await api.create())
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        runs = RunRepository(pool)
        for back in (2, 0):
            nominal_at = at - timedelta(days=back)
            run = await runs.begin(run_of(program, nominal_at, workflow_id=f"w{back}"))
        await runs.end(run.run_id, at, RunState.FAILED, at=at)
    listing = pb.ListProgramsRequest(organization_id=ORGANIZATION)
    naming = {"program_id": program.program_id}

    (listed,) = (await api.stubs.programs.ListPrograms(listing)).programs
    await api.stubs.programs.PauseProgram(pb.PauseProgramRequest(**naming))
    paused = (await api.stubs.programs.GetProgram(pb.GetProgramRequest(**naming))).program
    due = await api.stubs.programs.ListNextRuns(pb.ListNextRunsRequest(**naming))

    assert (listed.last_run_id, listed.last_run_state) == (run.run_id, run_pb2.RUN_STATE_FAILED)
    assert listed.last_run_time.ToDatetime(UTC) == at
    assert listed.next_run_time.ToDatetime(UTC) > at + timedelta(days=1)
    assert not paused.HasField("next_run_time")
    assert (due.state, due.time_zone) == (program_pb2.PROGRAM_STATE_PAUSED, "Europe/Berlin")
    assert due.next_runs


async def test_who_may_write_does_not_touch_what_acts_by_itself(api: Api, keys: Keys) -> None:
    """The mode takes programs.control, and so does an edit in AUTOPILOT; both are audited."""
    program = await created(api, await api.create(settings=RELEASED_ONLY))
    edit = pb.UpdateProgramRequest(
        program=program_pb2.Program(program_id=program.program_id, plan_per_day=7),
        update_mask=FieldMask(paths=["plan_per_day"]),
    )
    setting = pb.SetProgramModeRequest(
        program_id=program.program_id, mode=program_pb2.PROGRAM_MODE_AUTOPILOT
    )
    pausing = pb.PauseProgramRequest(program_id=program.program_id)
    async with guarded(api, keys) as ask:
        member = await ask(keys.token(org=ORGANIZATION, sub="mem_bob", permissions=ALL[:2]))
        manager = await ask(keys.token(org=ORGANIZATION, sub="mem_ann", permissions=ALL))
        await member.programs.UpdateProgram(edit)
        with pytest.raises(PermissionDenied):
            await member.programs.SetProgramMode(setting)
        mode = (await manager.programs.SetProgramMode(setting)).program.mode
        edit.program.plan_per_day = 8
        with pytest.raises(PermissionDenied) as refused:
            await member.programs.UpdateProgram(edit)
        await manager.programs.UpdateProgram(edit)
        paused = (await manager.programs.PauseProgram(pausing)).program
        resumed = (
            await manager.programs.ResumeProgram(
                pb.ResumeProgramRequest(program_id=program.program_id)
            )
        ).program

    assert mode == program_pb2.PROGRAM_MODE_AUTOPILOT
    assert refused.value.reason == "PERMISSION_MISSING"
    assert paused.state == program_pb2.PROGRAM_STATE_PAUSED
    assert resumed.state == program_pb2.PROGRAM_STATE_ACTIVE
    records = await AuditServiceStub(api.channel).ListRecords(
        audit_service_pb2.ListRecordsRequest(
            filter=audit_service_pb2.RecordFilter(rpc="SetProgramMode")
        )
    )
    assert ("mem_ann", program.program_id) in {
        (each.subject, each.resource_id) for each in records.records
    }


async def test_who_is_limited_changes_programs_of_their_accounts_alone(
    api: Api, keys: Keys
) -> None:
    """They see those of campaigns with one of theirs; another organization's does not exist."""
    other = await api.create("other", account_ids=[ACCOUNT])
    program = await created(api, await api.create())
    second = await created(api, other, request_id="p2")
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = $1 WHERE id = $2", [ACCOUNT, "acct_eve"], other
    )
    listing = pb.ListProgramsRequest(organization_id=ORGANIZATION)
    pausing = [pb.PauseProgramRequest(program_id=each.program_id) for each in (program, second)]
    whose = {"org": ORGANIZATION, "permissions": ALL}
    async with guarded(api, keys) as ask:
        one = (await ask(keys.token(accounts=[ACCOUNT], **whose))).programs
        nothing = (await ask(keys.token(accounts=["acct_bob"], **whose))).programs
        foreign = (await ask(keys.token(org="org_other", permissions=ALL))).programs
        seen = (await one.ListPrograms(listing)).programs
        unseen = (await nothing.ListPrograms(listing)).programs
        await one.PauseProgram(pausing[0])
        with pytest.raises(PermissionDenied) as refused:
            await one.PauseProgram(pausing[1])
        for stranger in (nothing, foreign):
            with pytest.raises(NotFound) as missing:
                await stranger.PauseProgram(pausing[0])
            assert missing.value.reason == "PROGRAM_NOT_FOUND"

    assert {each.program_id for each in seen} == {program.program_id, second.program_id}
    assert not unseen
    assert refused.value.reason == "ACCOUNT_FORBIDDEN"


async def test_two_who_trigger_at_once_have_one_run(api: Api) -> None:
    """One nominal time, one workflow; the second is told of the same."""
    program = await created(api, await api.create())
    asked = [
        pb.TriggerProgramRequest(program_id=program.program_id, request_id=each)
        for each in ("t1", "t2")
    ]

    first, second = await asyncio.gather(*map(api.stubs.programs.TriggerProgram, asked))

    # Between the two a minute may have begun.
    nominal = {each.nominal_time.ToDatetime(UTC) for each in (first, second)}
    expected = {run_workflow_id(program.program_id, RunType.DAILY, each) for each in nominal}
    assert {first.workflow_id, second.workflow_id} == expected
    for each in expected:
        given = await input_of(handle(api, each))
        assert (given["trigger"], given["program_id"]) == ("manual", program.program_id)


async def test_days_that_are_over_are_filled_in_once(api: Api) -> None:
    """By runs that say they are backfill, which release nobody, and none of today."""
    program = await created(api, await api.create())
    asked = {"program_id": program.program_id, "days": 5}

    filled = await api.stubs.programs.BackfillProgram(pb.BackfillProgramRequest(**asked))
    again = await api.stubs.programs.BackfillProgram(pb.BackfillProgramRequest(**asked))
    ahead = await api.stubs.programs.ListNextRuns(
        pb.ListNextRunsRequest(program_id=program.program_id, days=8)
    )

    assert (filled.started_runs, filled.known_runs) == (5, 0)
    assert (again.started_runs, again.known_runs) == (0, 5)
    berlin = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    today = berlin.replace(hour=6, minute=0, second=0, microsecond=0)
    # Runs are spread over half an hour: of the first and the last day one may be over, or to come.
    whole = {today.date() + timedelta(days=n) for n in range(1, 8)}
    due = [
        (each.type, day)
        for each in ahead.next_runs
        if (day := each.start_time.ToDatetime(UTC).astimezone(berlin.tzinfo).date()) in whole
    ]
    assert {day for kind, day in due if kind == run_pb2.RUN_TYPE_DAILY} == whole
    types = [kind for kind, _ in due]
    assert (types.count(run_pb2.RUN_TYPE_DAILY), types.count(run_pb2.RUN_TYPE_WEEKLY)) == (7, 1)
    for back in range(1, 6):
        day = (today - timedelta(days=back)).astimezone(UTC)
        given = await input_of(handle(api, run_workflow_id(program.program_id, RunType.DAILY, day)))
        assert given["trigger"] == "backfill"


async def test_trainings_are_told_where_they_are_due(api: Api) -> None:
    """Where a deployment fits models programs have a schedule more; nobody else makes it."""
    program = await created(api, await api.create())
    assert api.temporal is not None
    client = api.temporal
    request = pb.ListNextRunsRequest(program_id=program.program_id, days=14)

    before = await api.stubs.programs.ListNextRuns(request)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        row = await ProgramRepository(pool).get(program.program_id)
    await ProgramSchedules(lambda: client, Clock.real_time(), types=[*RunType]).put(row)
    after = await api.stubs.programs.ListNextRuns(request)

    assert run_pb2.RUN_TYPE_TRAINING not in {each.type for each in before.next_runs}
    assert run_pb2.RUN_TYPE_TRAINING in {each.type for each in after.next_runs}


async def test_days_that_ran_are_known_by_their_rows(api: Api) -> None:
    """Temporal forgets a workflow after its retention: what is complete is not started again."""
    program = await created(api, await api.create())
    berlin = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    today = berlin.replace(hour=6, minute=0, second=0, microsecond=0)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        runs = RunRepository(pool)
        for back, state in ((1, RunState.COMPLETED), (2, RunState.FAILED)):
            at = (today - timedelta(days=back)).astimezone(UTC)
            run = await runs.begin(run_of(program, at, workflow_id=f"forgotten-{back}"))
            await runs.end(run.run_id, at, state, at=at)

    filled = await api.stubs.programs.BackfillProgram(
        pb.BackfillProgramRequest(program_id=program.program_id, days=3)
    )

    assert (filled.started_runs, filled.known_runs) == (2, 1)


async def test_a_run_is_listed_shown_and_asked_to_end(api: Api) -> None:
    """What has ended is not; a foreign one does not exist."""
    program = await created(api, await api.create())
    begun = await api.stubs.programs.TriggerProgram(
        pb.TriggerProgramRequest(program_id=program.program_id)
    )
    nominal_at = begun.nominal_time.ToDatetime(UTC)
    async with connect_pool(api.url, "automation", max_size=1) as pool:
        runs = RunRepository(pool)
        run = await runs.begin(run_of(program, nominal_at, workflow_id=begun.workflow_id))
        listing = run_service_pb2.ListRunsRequest(
            organization_id=ORGANIZATION,
            filter=f"state = RUNNING AND type = DAILY AND program_id = {program.program_id}",
        )
        listed = (await api.stubs.runs.ListRuns(listing)).runs
        naming = {"run_id": run.run_id}
        shown = (await api.stubs.runs.GetRun(run_service_pb2.GetRunRequest(**naming))).run
        await api.stubs.runs.CancelRun(run_service_pb2.CancelRunRequest(**naming))
        with pytest.raises(WorkflowFailureError):
            await handle(api, begun.workflow_id).result()
        await runs.end(
            run.run_id, nominal_at, RunState.FAILED, at=nominal_at, error="select_day: Nothing"
        )
        with pytest.raises(FailedPrecondition) as ended:
            await api.stubs.runs.CancelRun(run_service_pb2.CancelRunRequest(**naming))
        failed = (await api.stubs.runs.GetRun(run_service_pb2.GetRunRequest(**naming))).run

    assert list(listed) == [shown]
    assert (shown.run_id, shown.trigger) == (run.run_id, run_pb2.RUN_TRIGGER_MANUAL)
    assert ended.value.reason == "RUN_ENDED"
    assert (failed.state, failed.error) == (run_pb2.RUN_STATE_FAILED, "select_day: Nothing")
    assert failed.HasField("took")


def run_of(program: program_pb2.Program, nominal_at: datetime, *, workflow_id: str) -> Run:
    return Run(
        organization_id=program.organization_id,
        run_id=new_id("run"),
        program_id=program.program_id,
        type=RunType.DAILY,
        nominal_at=nominal_at,
        nominal_day=nominal_at.date(),
        workflow_id=workflow_id,
        trigger=RunTrigger.MANUAL,
        started_at=nominal_at,
    )


def handle(api: Api, workflow_id: str) -> WorkflowHandle[object, object]:
    assert api.temporal is not None
    return api.temporal.get_workflow_handle(workflow_id)


async def input_of(of: WorkflowHandle[object, object]) -> dict[str, Any]:
    """What a workflow was started with."""
    (started, *_) = (await of.fetch_history()).events
    (payload,) = started.workflow_execution_started_event_attributes.input.payloads
    given: dict[str, Any] = json.loads(payload.data)
    return given
