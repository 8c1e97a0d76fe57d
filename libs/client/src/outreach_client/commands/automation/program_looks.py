"""`outreach programs preview`, `next-runs` and `review`: looks at a program, ahead and by hand."""

from typing import Annotated

import typer
from outreach.automation.v1 import decision_pb2, program_pb2, run_pb2, selection_pb2
from outreach.automation.v1 import program_service_pb2 as pb

from outreach_client.commands.automation.told_leads import print_leads, tell_closed
from outreach_client.commands.groups import group
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import print_json, print_sentence
from outreach_client.formats.times import instant_text, zoned_text
from outreach_client.session import AsJson, RequestId, ask

app = group()

ProgramId = Annotated[str, typer.Argument(help="For example prog_01j9z3k4x5.")]
_BOUNDS, _TYPES = selection_pb2.SlotBound.DESCRIPTOR, run_pb2.RunType.DESCRIPTOR
_STATES = decision_pb2.DecisionState.DESCRIPTOR


def read_program(program_id: str) -> program_pb2.Program:
    """The program as it is now, also a deleted one."""
    request = pb.GetProgramRequest(program_id=program_id)
    return ask(lambda client: client.programs.get(request)).program


@app.command()
def preview(program: ProgramId, *, as_json: AsJson = False) -> None:
    """Tell who would be released next, by which sender, and why other slots stay empty.

    Where the next day is decided already, what was decided for it.
    Nobody is released, and nobody contacted.
    """
    request = pb.PreviewSelectionRequest(program_id=program)
    answer = ask(lambda client: client.programs.preview_selection(request))
    if as_json:
        print_json(answer)
        return
    if answer.HasField("decision"):
        by = f"{answer.decision.decision_id}, {enum_text(_STATES, answer.decision.state)}"
        print_sentence(f"{answer.day} is decided ({by}): its run decides nothing else.")
        print_sentence(f"  {answer.decision.sentence}")
        print_leads(answer.leads)
        return
    chance = f", {answer.explored} of them by chance" if answer.explored else ""
    of = f"{answer.selected} of {answer.candidates} ready leads"
    print_sentence(f"{answer.day}: would release {of}{chance}; nobody is released now.")
    if answer.suppressed:
        print_sentence(f"{answer.suppressed} more must not be contacted")
    tell_closed(answer)
    for sender in answer.senders:
        print_sentence(_of_sender(sender))
    if answer.model_refusal:
        print_sentence(f"the promoted model does not rank: {answer.model_refusal}")
    print_leads(answer.leads)


@app.command("next-runs")
def next_runs(
    program: ProgramId,
    days: Annotated[int, typer.Option(help="How many days ahead, 1 to 90.")] = 14,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell when a program is due, by the calendar of its schedules and in its zone."""
    request = pb.ListNextRunsRequest(program_id=program, days=days)
    answer = ask(lambda client: client.programs.list_next_runs(request))
    if as_json:
        print_json(answer)
        return
    if answer.state == program_pb2.PROGRAM_STATE_PAUSED:
        print_sentence(f"{program} is paused: none of these begins until it is resumed")
    for each in answer.next_runs:
        at = zoned_text(each.start_time, answer.time_zone)
        print_sentence(f"{at}  {enum_text(_TYPES, each.type)}")
    if not answer.next_runs:
        print_sentence("none")


@app.command()
def review(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Look at a program's week now: guardrails and experiments; twice in a minute is once."""
    request = pb.TriggerProgramRequest(
        program_id=program, type=run_pb2.RUN_TYPE_WEEKLY, request_id=request_id
    )
    answer = ask(lambda client: client.programs.trigger(request))
    if as_json:
        print_json(answer)
    else:
        at = instant_text(answer.nominal_time)
        print_sentence(f"A review of {at}: see `outreach runs list`, `outreach decisions list`.")


def _of_sender(sender: selection_pb2.SenderSelection) -> str:
    told = f"{sender.account_id}: {sender.selected} of {sender.possible} slots"
    unused = [
        f"{each.slots or ''} {enum_text(_BOUNDS, each.bound)}".strip() for each in sender.unused
    ]
    if unused:
        told += f"; unused: {', '.join(unused)}"
    if sender.failure:
        known = instant_text(sender.read_time) if sender.read_time.seconds else "never"
        told += f"; not asked ({sender.failure}), last known {known}"
    return told
