"""`outreach programs delete` and `undelete`."""

from outreach.automation.v1 import program_service_pb2 as pb

from outreach_client.commands.automation.program_looks import ProgramId, read_program
from outreach_client.commands.consequences import of_deleting_program
from outreach_client.commands.groups import group
from outreach_client.formats.output import print_answer, print_json, print_sentence
from outreach_client.session import AsJson, DryRun, Etag, RequestId, Yes, ask, confirmed

app = group()


@app.command()
def delete(
    program: ProgramId,
    *,
    request_id: RequestId,
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete a program, which comes back by undelete.

    Its runs stay, and so does what it has set at its campaign.
    """
    request = pb.DeleteProgramRequest(
        program_id=program, request_id=request_id, etag=etag, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_deleting_program(read_program(program)),
        lambda client: client.programs.delete(request),
        yes=yes,
        dry_run=dry_run,
    )
    if as_json:
        print_json(answer)
    else:
        print_sentence(f"{program} is deleted")


@app.command()
def undelete(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Bring a deleted program back, paused: it does nothing by itself until it is resumed."""
    request = pb.UndeleteProgramRequest(program_id=program, request_id=request_id)
    found = ask(lambda client: client.programs.undelete(request)).program
    print_answer(found, found, as_json=as_json)
