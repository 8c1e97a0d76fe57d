"""`outreach decisions …`."""

from datetime import datetime
from textwrap import fill
from typing import Annotated

import typer
from outreach.automation.v1 import decision_pb2
from outreach.automation.v1 import decision_service_pb2 as pb

from outreach_client.commands.automation.filters import narrowed
from outreach_client.commands.automation.told_leads import print_leads, who, who_to_whom
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import enum_text, value_name
from outreach_client.formats.output import print_json, print_sentence
from outreach_client.formats.times import instant_text
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
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
    enum_option,
)

app = group("Decisions: what programs have decided, and what people answer.")

DecisionId = Annotated[str, typer.Argument(help="For example dec_01j9z3k4x5.")]
DecisionIds = Annotated[list[str], typer.Argument(help="One, or up to 100 of a program.")]
_WIDTH = 80
"""Of the question before an answer: its words part between words."""
_STATES, _KINDS = decision_pb2.DecisionState.DESCRIPTOR, decision_pb2.DecisionKind.DESCRIPTOR


@app.command("list")
def list_(
    organization: Organization,
    program: Annotated[str, typer.Option(help="Of this program alone.")] = "",
    state: Annotated[int, enum_option(_STATES, "--state", help="In this state alone.")] = 0,
    kind: Annotated[int, enum_option(_KINDS, "--kind", help="Of this kind alone.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List decisions, each in one sentence, unless asked otherwise newest first."""
    request = pb.ListDecisionsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=narrowed(
            filter_,
            program_id=program,
            state=value_name(_STATES, state),
            kind=value_name(_KINDS, kind),
        ),
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.decisions.list(request))
    if as_json:
        print_json(answer)
        return
    for each in answer.decisions:
        _tell(each)
    if not answer.decisions:
        print_sentence("none")
    if answer.next_page_token:
        print_sentence(f"more: --page-token {answer.next_page_token}")
    if answer.next_sync_token:
        print_sentence(f"what changes from here on: --sync-token {answer.next_sync_token}")


@app.command()
def show(decision: DecisionId, *, as_json: AsJson = False) -> None:
    """Show a decision: from what, what it changes, what became of it, whom a release is of."""
    answer = _read(decision)
    if as_json:
        print_json(answer)
        return
    found = answer.decision
    _tell(found)
    for told, facts in (
        ("from", found.inputs_json),
        ("before", found.before_json),
        ("after", found.after_json),
    ):
        if facts:
            print_sentence(f"  {told} {facts}")
    for told, at, by in (
        ("made", found.create_time, found.run_id or found.program_id),
        ("waits until", found.expire_time, ""),
        ("answered", found.answer_time, found.answered_by),
        ("took effect", found.apply_time, ""),
        ("asked to be taken back", found.revert_ask_time, found.revert_asked_by),
        ("ended", found.end_time, ""),
    ):
        if at.seconds:
            print_sentence(f"  {told} {instant_text(at)}{f' by {by}' if by else ''}")
    print_leads(answer.leads)


@app.command()
def approve(
    decisions: DecisionIds,
    program: Annotated[
        str, typer.Option(help="Whose several are; read of each if it is not said.")
    ] = "",
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have what is proposed be done; of several each is answered by itself."""
    confirm(lambda: _of("Approves", decisions, "and has it done"), yes=yes, dry_run=dry_run)
    if len(decisions) > 1:
        _decide(program, decisions, pb.DECISION_ANSWER_APPROVE, request_id, as_json=as_json)
        return
    request = pb.ApproveDecisionRequest(decision_id=decisions[0], request_id=request_id)
    _answered(ask(lambda client: client.decisions.approve(request)), as_json=as_json)


@app.command()
def reject(
    decisions: DecisionIds,
    program: Annotated[
        str, typer.Option(help="Whose several are; read of each if it is not said.")
    ] = "",
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End what is proposed, without an effect; of several each is answered by itself."""
    confirm(lambda: _of("Rejects", decisions, "for good"), yes=yes, dry_run=dry_run)
    if len(decisions) > 1:
        _decide(program, decisions, pb.DECISION_ANSWER_REJECT, request_id, as_json=as_json)
        return
    request = pb.RejectDecisionRequest(decision_id=decisions[0], request_id=request_id)
    _answered(ask(lambda client: client.decisions.reject(request)), as_json=as_json)


@app.command()
def revert(
    decision: DecisionId,
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a decision back, for 30 days after its effect; what a person changed since stays."""
    confirm(
        lambda: _of("Takes back", [decision], "as far as nobody has changed it since"),
        yes=yes,
        dry_run=dry_run,
    )
    request = pb.RevertDecisionRequest(decision_id=decision, request_id=request_id)
    _answered(ask(lambda client: client.decisions.revert(request)), as_json=as_json)


def _decide(
    program: str,
    decisions: list[str],
    answer: pb.DecisionAnswer.ValueType,
    request_id: str,
    *,
    as_json: bool,
) -> None:
    by_program: dict[str, list[str]] = {}
    for each in decisions:
        of = program or _read(each).decision.program_id
        by_program.setdefault(of, []).append(each)
    for number, (of, theirs) in enumerate(by_program.items()):
        request = pb.BatchDecideRequest(
            program_id=of,
            decision_ids=theirs,
            answer=answer,
            # Each is a request of its own; a repeat names them alike.
            request_id=f"{request_id}/{number}" if number else request_id,
        )
        _batch(request, as_json=as_json)


def _batch(request: pb.BatchDecideRequest, *, as_json: bool) -> None:
    found = ask(lambda client: client.decisions.batch_decide(request))
    if as_json:
        print_json(found)
        return
    for each in found.results:
        _tell(each.decision)
        if each.reason:
            print_sentence(f"  not answered: {each.reason}")


def _read(decision_id: str) -> pb.GetDecisionResponse:
    request = pb.GetDecisionRequest(decision_id=decision_id)
    return ask(lambda client: client.decisions.get(request))


def _of(verb: str, decision_ids: list[str], what: str) -> str:
    """What is answered, in the decisions' own sentences."""
    count = f"{len(decision_ids)} decision{'s' if len(decision_ids) > 1 else ''}"
    told = [f"{verb} {count}, {what}:"]
    for each in decision_ids:
        found = _read(each)
        told.append(fill(f"{each}: {found.decision.sentence}", _WIDTH, subsequent_indent="  "))
        told += [f"    {who_to_whom(lead)}" for lead in found.leads if who(lead)]
    return "\n".join(told)


def _answered(
    answer: pb.ApproveDecisionResponse | pb.RejectDecisionResponse | pb.RevertDecisionResponse,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(answer)
    else:
        _tell(answer.decision)


def _tell(decision: decision_pb2.Decision) -> None:
    state = enum_text(_STATES, decision.state)
    at = instant_text(decision.create_time)
    print_sentence(f"{decision.decision_id}  {state}  {at}  {decision.program_id}")
    print_sentence(f"  {decision.sentence}")
    if decision.failure:
        print_sentence(f"  because of {decision.failure}")
