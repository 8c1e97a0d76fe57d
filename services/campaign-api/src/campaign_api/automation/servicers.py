"""ProgramService and RunService: unpack, call, pack."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from automation.listings.organization_pages import OrganizationPages
from automation.programs.program import Program, ProgramMode, ProgramState
from automation.runs.run import Run, RunType
from outreach.automation.v1 import program_pb2, program_service_pb2_grpc, run_pb2
from outreach.automation.v1 import program_service_pb2 as pb
from outreach.automation.v1 import run_service_pb2 as run_service
from outreach.automation.v1 import run_service_pb2_grpc as run_rpc
from servicekit.grpc.calls import Context
from servicekit.grpc.requests.rules import tells_the_rest
from servicekit.lists.listing import followed_of
from servicekit.request_ids.named_request import said_by

from campaign_api.automation import decision_wire, requests, wire
from campaign_api.automation.access import ProgramAccess, sees_people
from campaign_api.automation.previews import ProgramPreviews
from campaign_api.automation.programs import ProgramCommands
from campaign_api.automation.who import WhoIsWho


class ProgramServicer(program_service_pb2_grpc.ProgramServiceServicer):
    """Every method first finds out whether the caller may see what it is about."""

    def __init__(
        self,
        *,
        access: ProgramAccess,
        commands: ProgramCommands,
        previews: ProgramPreviews,
        pages: OrganizationPages[Program],
        with_deleted: OrganizationPages[Program],
        who: WhoIsWho,
    ) -> None:
        self._access = access
        self._commands = commands
        self._previews = previews
        self._pages = pages
        self._with_deleted = with_deleted
        self._who = who

    @tells_the_rest
    async def CreateProgram(
        self, request: pb.CreateProgramRequest, _: Context
    ) -> pb.CreateProgramResponse:
        settings = requests.settings_from_proto(request)
        campaign = await self._access.campaign(request.campaign_id, request.organization_id)
        settings = requests.of_campaign(request, settings, campaign)
        program = await self._commands.create(
            requests.new_program(campaign, settings),
            request_id=request.request_id,
            said=said_by(request),
        )
        return pb.CreateProgramResponse(program=wire.program_to_proto(program))

    async def GetProgram(self, request: pb.GetProgramRequest, _: Context) -> pb.GetProgramResponse:
        program = await self._access.program(request.program_id)
        standing = (await self._commands.standings([program]))[program.program_id]
        return pb.GetProgramResponse(program=wire.program_to_proto(program, standing))

    async def ListPrograms(
        self, request: pb.ListProgramsRequest, _: Context
    ) -> pb.ListProgramsResponse:
        asked = followed_of(request)
        campaign_ids = await self._access.campaigns(request.organization_id)
        # Who follows changes is told that they are gone.
        shown = request.show_deleted and asked.changes is None
        pages = self._with_deleted if shown else self._pages
        page = await pages.page(request.organization_id, asked, campaign_ids=campaign_ids)
        standings = await self._commands.standings(page.rows)
        return pb.ListProgramsResponse(
            programs=[
                wire.program_to_proto(each, standings[each.program_id]) for each in page.rows
            ],
            removed_programs=page.removed_ids(),
            **page.answered(),
        )

    @tells_the_rest
    async def UpdateProgram(
        self, request: pb.UpdateProgramRequest, _: Context
    ) -> pb.UpdateProgramResponse:
        edit = requests.edit_from_proto(request)
        program = await self._access.program(request.program.program_id)
        program = await self._commands.update(program, edit)
        return pb.UpdateProgramResponse(program=wire.program_to_proto(program))

    async def SetProgramMode(
        self, request: pb.SetProgramModeRequest, _: Context
    ) -> pb.SetProgramModeResponse:
        program = await self._access.program(request.program_id)
        name = program_pb2.ProgramMode.Name(request.mode).removeprefix("PROGRAM_MODE_")
        program = await self._commands.to_mode(program, ProgramMode[name])
        return pb.SetProgramModeResponse(program=wire.program_to_proto(program))

    async def PauseProgram(
        self, request: pb.PauseProgramRequest, _: Context
    ) -> pb.PauseProgramResponse:
        program = await self._access.program(request.program_id)
        program = await self._commands.to_state(program, ProgramState.PAUSED)
        return pb.PauseProgramResponse(program=wire.program_to_proto(program))

    async def ResumeProgram(
        self, request: pb.ResumeProgramRequest, _: Context
    ) -> pb.ResumeProgramResponse:
        program = await self._access.program(request.program_id)
        program = await self._commands.to_state(program, ProgramState.ACTIVE)
        return pb.ResumeProgramResponse(program=wire.program_to_proto(program))

    async def TriggerProgram(
        self, request: pb.TriggerProgramRequest, _: Context
    ) -> pb.TriggerProgramResponse:
        program = await self._access.program(request.program_id)
        of = RunType.DAILY
        if request.type:
            of = RunType[run_pb2.RunType.Name(request.type).removeprefix("RUN_TYPE_")]
        begun = await self._commands.trigger(program, of)
        return pb.TriggerProgramResponse(
            nominal_time=wire.timestamp(begun.nominal_at), workflow_id=begun.workflow_id
        )

    async def BackfillProgram(
        self, request: pb.BackfillProgramRequest, _: Context
    ) -> pb.BackfillProgramResponse:
        program = await self._access.program(request.program_id)
        filled = await self._commands.backfill(program, days=request.days)
        return pb.BackfillProgramResponse(started_runs=filled.started, known_runs=filled.known)

    async def ListNextRuns(
        self, request: pb.ListNextRunsRequest, _: Context
    ) -> pb.ListNextRunsResponse:
        program = await self._access.program(request.program_id)
        due = await self._commands.due(program, days=request.days)
        told = wire.program_to_proto(program)
        return pb.ListNextRunsResponse(
            next_runs=map(wire.due_to_proto, due), state=told.state, time_zone=told.time_zone
        )

    async def PreviewSelection(
        self, request: pb.PreviewSelectionRequest, _: Context
    ) -> pb.PreviewSelectionResponse:
        program = await self._access.program(request.program_id)
        preview = await self._previews.selection(program)
        who = None
        if sees_people():
            who = await self._who.of(
                program.organization_id,
                program.campaign_id,
                [each.lead_id for each in preview.leads[: decision_wire.MOST_LEADS]],
                {each.account_id for each in preview.leads},
            )
        return decision_wire.selection_to_proto(preview, who)

    async def DeleteProgram(
        self, request: pb.DeleteProgramRequest, _: Context
    ) -> pb.DeleteProgramResponse:
        program = await self._access.program(request.program_id)
        await self._commands.to_state(program, ProgramState.DELETED, etag=request.etag)
        return pb.DeleteProgramResponse()

    async def UndeleteProgram(
        self, request: pb.UndeleteProgramRequest, _: Context
    ) -> pb.UndeleteProgramResponse:
        program = await self._access.program(request.program_id)
        program = await self._commands.undelete(program)
        return pb.UndeleteProgramResponse(program=wire.program_to_proto(program))


class RunServicer(run_rpc.RunServiceServicer):
    """A run is its program's."""

    def __init__(
        self, *, access: ProgramAccess, commands: ProgramCommands, pages: OrganizationPages[Run]
    ) -> None:
        self._access = access
        self._commands = commands
        self._pages = pages

    async def ListRuns(
        self, request: run_service.ListRunsRequest, _: Context
    ) -> run_service.ListRunsResponse:
        campaign_ids = await self._access.campaigns(request.organization_id)
        page = await self._pages.page(
            request.organization_id, followed_of(request), campaign_ids=campaign_ids
        )
        return run_service.ListRunsResponse(
            runs=map(wire.run_to_proto, page.rows), **page.answered()
        )

    async def GetRun(
        self, request: run_service.GetRunRequest, _: Context
    ) -> run_service.GetRunResponse:
        run = await self._access.run(request.run_id)
        return run_service.GetRunResponse(run=wire.run_to_proto(run))

    async def CancelRun(
        self, request: run_service.CancelRunRequest, _: Context
    ) -> run_service.CancelRunResponse:
        run = await self._access.run(request.run_id)
        await self._commands.cancel(run)
        run = await self._access.run(request.run_id)
        return run_service.CancelRunResponse(run=wire.run_to_proto(run))
