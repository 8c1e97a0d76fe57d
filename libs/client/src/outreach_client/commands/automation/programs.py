"""`outreach programs …`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.automation.v1 import program_pb2, run_pb2
from outreach.automation.v1 import program_service_pb2 as pb

from outreach_client.commands.automation import program_deletion, program_looks
from outreach_client.commands.automation.program_looks import ProgramId, read_program
from outreach_client.commands.automation.program_settings import (
    NEVER,
    DailyTime,
    Exploration,
    Guardrails,
    PlanPerDay,
    Review,
    Rules,
    Spacing,
    TimeZone,
    Weekdays,
    given_settings,
)
from outreach_client.commands.consequences import of_mode
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_answer, print_json, print_rows, print_sentence
from outreach_client.formats.times import instant_text
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Etag,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    Yes,
    ask,
    confirm,
    confirmed,
    enum_argument,
    enum_option,
    refuse,
    say_undone,
)

app = group("Programs: who enters a campaign, and when.")
app.add_typer(program_looks.app)
app.add_typer(program_deletion.app)

_MODES, _TYPES = program_pb2.ProgramMode.DESCRIPTOR, run_pb2.RunType.DESCRIPTOR
_COMMANDS: Mapping[int, str] = {run_pb2.RUN_TYPE_TRAINING: "models train"}
"""Types of runs that commands of their own start."""


@app.command()
def create(
    campaign: Annotated[str, typer.Option(help="The campaign that it feeds.")],
    organization: Organization,
    request_id: RequestId,
    name: Annotated[
        str, typer.Option(help="How colleagues know it: as the campaign without.")
    ] = "",
    mode: Annotated[
        int, enum_option(_MODES, "--mode", help="How much it may do by itself: it looks without.")
    ] = 0,
    plan_per_day: PlanPerDay = None,
    daily_time: DailyTime = None,
    days: Weekdays = None,
    time_zone: TimeZone = None,
    review: Review = None,
    rules: Rules = None,
    exploration: Exploration = None,
    spacing: Spacing = None,
    guardrails: Guardrails = None,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Create a campaign's program. It looks, and changes nothing, unless its mode is another."""
    given = given_settings(
        plan_per_day, daily_time, days, time_zone, review, rules, exploration, spacing, guardrails
    )
    if review == NEVER:
        refuse("a new program looks at its week: `programs update --review never` ends that")
    request = pb.CreateProgramRequest(
        request_id=request_id,
        organization_id=organization,
        campaign_id=campaign,
        name=name,
        mode=program_pb2.ProgramMode.ValueType(mode),
        validate_only=dry_run,
        **given,
    )
    _tell(ask(lambda client: client.programs.create(request)).program, as_json=as_json)
    say_undone(dry_run=dry_run)


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    show_deleted: Annotated[bool, typer.Option("--show-deleted", help="Deleted ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the programs of an organization, unless asked otherwise newest first."""
    request = pb.ListProgramsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
        show_deleted=show_deleted,
    )
    answer = ask(lambda client: client.programs.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ["program_id", "name", "mode", "state", "plan_per_day"]
    columns += ["last_run_time", "last_run_state", "next_run_time"]
    if any(each.HasField("delete_time") for each in answer.programs):
        columns.append("delete_time")
    print_rows(
        answer.programs,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
    if answer.removed_programs:
        print_rows(answer.removed_programs, "id", "delete_time", title="Removed")


@app.command()
def show(program: ProgramId, *, as_json: AsJson = False) -> None:
    """Show a program, also a deleted one."""
    _tell(read_program(program), as_json=as_json)


@app.command()
def update(
    program: ProgramId,
    name: Annotated[str | None, typer.Option(help="How colleagues know it.")] = None,
    plan_per_day: PlanPerDay = None,
    daily_time: DailyTime = None,
    days: Weekdays = None,
    time_zone: TimeZone = None,
    review: Review = None,
    rules: Rules = None,
    exploration: Exploration = None,
    spacing: Spacing = None,
    guardrails: Guardrails = None,
    *,
    request_id: RequestId,
    etag: Etag = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change what is given of a program, from its next run on."""
    given = given_settings(
        plan_per_day, daily_time, days, time_zone, review, rules, exploration, spacing, guardrails
    )
    if name is not None:
        given["name"] = name
    paths = [*given, *(["weekly_review"] if review == NEVER else [])]
    if not paths:
        refuse("give what is to change")
    request = pb.UpdateProgramRequest(
        program=program_pb2.Program(program_id=program, etag=etag, **given),
        update_mask=FieldMask(paths=paths),
        request_id=request_id,
        validate_only=dry_run,
    )
    _tell(ask(lambda client: client.programs.update(request)).program, as_json=as_json)
    say_undone(dry_run=dry_run)


@app.command()
def mode(
    program: ProgramId,
    to: Annotated[int, enum_argument(_MODES, help="How much it may do by itself.")],
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say how much a program may do by itself, from its next run on."""
    asked = program_pb2.ProgramMode.ValueType(to)
    request = pb.SetProgramModeRequest(
        program_id=program, mode=asked, request_id=request_id, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_mode(read_program(program), asked),
        lambda client: client.programs.set_mode(request),
        yes=yes,
        dry_run=dry_run,
    )
    _tell(answer.program, as_json=as_json)


@app.command()
def pause(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Have a program not run until it is resumed; a run that goes on ends by itself."""
    request = pb.PauseProgramRequest(program_id=program, request_id=request_id)
    _tell(ask(lambda client: client.programs.pause(request)).program, as_json=as_json)


@app.command()
def resume(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Have a paused program run again, from the next time that is due."""
    request = pb.ResumeProgramRequest(program_id=program, request_id=request_id)
    _tell(ask(lambda client: client.programs.resume(request)).program, as_json=as_json)


@app.command()
def trigger(
    program: ProgramId,
    type_: Annotated[
        int, enum_option(_TYPES, "--type", help="What is looked at: daily without.")
    ] = run_pb2.RUN_TYPE_DAILY,
    *,
    request_id: RequestId,
    as_json: AsJson = False,
) -> None:
    """Start a run now, also of a paused program; twice in a minute is one run."""
    if type_ in _COMMANDS:
        refuse(f"`outreach {_COMMANDS[type_]}` starts runs of this type")
    request = pb.TriggerProgramRequest(
        program_id=program, type=run_pb2.RunType.ValueType(type_), request_id=request_id
    )
    answer = ask(lambda client: client.programs.trigger(request))
    if as_json:
        print_json(answer)
    else:
        print_sentence(f"A run of {instant_text(answer.nominal_time)}: see `outreach runs list`.")


@app.command()
def backfill(
    program: ProgramId,
    days: Annotated[int, typer.Option(help="How many days back, 1 to 90.")],
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Start the runs of days that are over: they collect, and release nobody."""
    confirm(
        f"Starts the daily runs of the last {days} days, which collect, and release nobody.",
        yes=yes,
        dry_run=dry_run,
    )
    request = pb.BackfillProgramRequest(program_id=program, days=days, request_id=request_id)
    answer = ask(lambda client: client.programs.backfill(request))
    if as_json:
        print_json(answer)
    else:
        told = f"{answer.started_runs} runs are started, {answer.known_runs} were there before."
        print_sentence(told)


def _tell(program: program_pb2.Program, *, as_json: bool) -> None:
    print_answer(program, program, as_json=as_json)
