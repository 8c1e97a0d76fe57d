"""`outreach programs delete` and `undelete`."""

from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2 as pb

from outreach_client.commands.automation.program_looks import ProgramId, read_program
from outreach_client.commands.groups import group
from outreach_client.formats.output import print_answer, print_json, print_sentence
from outreach_client.session import AsJson, DryRun, Etag, RequestId, Yes, ask, confirm

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
    confirm(lambda: _of_deleting(read_program(program)), yes=yes, dry_run=dry_run)
    request = pb.DeleteProgramRequest(program_id=program, request_id=request_id, etag=etag)
    answer = ask(lambda client: client.programs.delete(request))
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


def _of_deleting(program: program_pb2.Program) -> str:
    return (
        f"Deletes program {program.name} ({program.program_id}), which comes back by undelete: it "
        "releases nobody more. "
        f"Who was released still enters {program.campaign_id}, until `outreach leads withdraw` "
        "takes them back, and what it has set there stays."
    )
