"""`outreach models …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.automation.v1 import model_pb2
from outreach.automation.v1 import model_service_pb2 as pb

from outreach_client.commands.automation.filters import narrowed
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import value_name
from outreach_client.formats.output import print_json, print_rows, print_sentence
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    ask,
    enum_option,
)

app = group("Models: what programs have learned, and what ranks.")

ModelId = Annotated[str, typer.Argument(help="For example mdl_01j9z3k4x5.")]
ProgramId = Annotated[str, typer.Argument(help="For example prog_01j9z3k4x5.")]
_VERDICTS = model_pb2.ModelVerdict.DESCRIPTOR
_COLUMNS = ("model_id", "verdict", "ranks", "matured", "accepted", "create_time", "program_id")


@app.command("list")
def list_(
    organization: Organization,
    program: Annotated[str, typer.Option(help="Of this program alone.")] = "",
    verdict: Annotated[int, enum_option(_VERDICTS, "--verdict", help="Of this one alone.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List models, unless asked otherwise the newest first."""
    request = pb.ListModelsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=narrowed(filter_, program_id=program, verdict=value_name(_VERDICTS, verdict)),
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.models.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.models,
            *_COLUMNS,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )


@app.command()
def show(model: ModelId, *, as_json: AsJson = False) -> None:
    """Show a model's card: whether it may rank, its figures, and what each level adds."""
    request = pb.GetModelCardRequest(model_id=model)
    card = ask(lambda client: client.models.get_card(request)).card
    if as_json:
        print_json(card)
        return
    told = card.model
    print_sentence(f"{told.model_id} of {told.program_id}{' ranks' if told.ranks else ''}")
    print_sentence(told.sentence)
    print_sentence(
        f"learned of {told.matured:g} people of {told.companies} companies;"
        f" {told.accepted:g} accepted"
    )
    for of, found in (("out of fold", card.comparison), ("chosen by chance", card.explored)):
        if found.ByteSize():
            print_sentence(
                f"{of}: log loss {found.model_loss:.4f}, of the rules {found.rules_loss:.4f},"
                f" lower by {found.gain:.4f} ± {found.gain_error:.4f}"
            )
    if card.HasField("last_weeks"):
        weeks = card.last_weeks
        print_sentence(
            f"last weeks: {weeks.people} people, slope {weeks.slope:.2f},"
            f" Brier {weeks.brier:.4f}, of the rules {weeks.rules_brier:.4f}"
        )
        for band in weeks.bands:
            print_sentence(
                f"  said {band.predicted:.0%}, came {band.accepted:.0%} of {band.people}"
            )
    if card.HasField("champion"):
        _tell(card.champion)
    if card.weights:
        print_rows(card.weights, "feature", "level", "log_odds")


@app.command()
def train(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Learn a model now; twice in a minute is once. `outreach runs list` tells how that goes.

    It takes an outreach-worker that fits models, OUTREACH_WORKER_TRAINING=here; without one it is
    refused at once (NOBODY_FITS_MODELS).
    """
    request = pb.TrainModelRequest(program_id=program, request_id=request_id)
    answer = ask(lambda client: client.models.train(request))
    if as_json:
        print_json(answer)
    else:
        print_rows([answer], "nominal_time", "workflow_id")


@app.command()
def promote(model: ModelId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Have a model rank for its program; `rollback` takes that back."""
    request = pb.PromoteModelRequest(model_id=model, request_id=request_id)
    found = ask(lambda client: client.models.promote(request)).model
    if as_json:
        print_json(found)
    else:
        print_rows([found], *_COLUMNS)


@app.command()
def rollback(program: ProgramId, *, request_id: RequestId, as_json: AsJson = False) -> None:
    """Have rank what ranked before: another model, or the rules."""
    request = pb.RollbackModelRequest(program_id=program, request_id=request_id)
    answer = ask(lambda client: client.models.rollback(request))
    if as_json:
        print_json(answer)
    elif answer.HasField("model"):
        print_rows([answer.model], *_COLUMNS)
    else:
        print_sentence("the rules rank")


def _tell(champion: model_pb2.ModelStanding) -> None:
    """How what ranked then did next to it."""
    told = f"next to {champion.model_id}, which ranked: {champion.people} people it did not know"
    if champion.unreadable:
        told = f"next to {champion.model_id}, which cannot be read"
    if champion.HasField("gain"):
        told += (
            f", log loss lower by {champion.gain:.4f} ± {champion.gain_error:.4f},"
            f" its slope {champion.slope:.2f}"
        )
    print_sentence(told)
