"""`outreach campaigns launch`: from a list and a drawing to a campaign that runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import sequence_service_pb2

from outreach_client.commands.campaigns import runs
from outreach_client.commands.campaigns.texts import print_lead
from outreach_client.commands.consequences import leads_text
from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.output import console, print_json, print_rows, print_sentence
from outreach_client.session import (
    AsJson,
    DryRun,
    Organization,
    RequestId,
    Yes,
    ask,
    confirm,
    end_as,
    read_bytes,
    read_text,
    refuse,
)

app = group()

_PREVIEWED = 3


@app.command()
def launch(
    leads: Annotated[Path, typer.Option(help="A lead list (CSV or .xlsx).")],
    flow: Annotated[Path, typer.Option(help="What the builder exported (JSON).")],
    sender: Annotated[
        list[str], typer.Option(help="An account that sends, by its name or id; repeat for more.")
    ],
    organization: Organization,
    request_id: RequestId,
    name: Annotated[
        str, typer.Option(help="1 to 200 characters; by default what the list is called.")
    ] = "",
    *,
    watched: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Follow it until it has ended.")
    ] = True,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Validate, create, import, show what three leads would get, ask, start and watch.

    Until it is started nothing is sent. Whoever says no leaves nothing behind.
    """
    if not (yes or dry_run or (sys.stdin is not None and sys.stdin.isatty())):
        refuse("Nobody can be asked here: say --yes, or look with --dry-run")
    drawing, people = read_text(flow), read_bytes(leads)
    _validate(organization, drawing, quiet=as_json)
    request = pb.CreateCampaignRequest(
        request_id=request_id,
        organization_id=organization,
        name=name or leads.stem or "launched",
        account_ids=sender,
        sequence_json=drawing,
    )
    campaign = ask(lambda client: client.campaigns.create(request)).campaign
    campaign_id = campaign.campaign_id
    with _deleted_unless_wanted(campaign_id):
        told = _imported(campaign_id, people, quiet=as_json)
        _preview(campaign_id, quiet=as_json)
        senders = f"{len(sender)} account{'' if len(sender) == 1 else 's'}"
        sentence = f"Starts {campaign.name!r} ({campaign_id}) with {told}, from {senders}."
        start = pb.StartCampaignRequest(campaign_id=campaign_id, validate_only=dry_run)
        if dry_run:
            ask(lambda client: client.campaigns.start(start))
        confirm(sentence, yes=yes, dry_run=dry_run)
    answer = ask(lambda client: client.campaigns.start(start))
    if as_json:
        print_json(answer)
        return
    console().print(f"{campaign_id} is started")
    if watched:
        runs.watch(campaign_id)


@contextmanager
def _deleted_unless_wanted(campaign_id: str) -> Iterator[None]:
    """Whatever ends the block early, a no as well, deletes the draft."""
    try:
        yield
    except BaseException:
        delete = pb.DeleteCampaignRequest(campaign_id=campaign_id)
        ask(lambda client: client.campaigns.delete(delete))
        raise


def _validate(organization: str, drawing: str, *, quiet: bool) -> None:
    """End with exit code 4 where the drawing cannot run; raises `Exit`."""
    request = sequence_service_pb2.ValidateSequenceRequest(
        organization_id=organization, sequence_json=drawing
    )
    answer = ask(lambda client: client.sequences.validate(request))
    if answer.violations:
        if quiet:
            print_json(answer)
        else:
            print_rows(answer.violations, title="violations")
        end_as(ExitCode.WRONG_INPUT)
    if not quiet:
        print_sentence(f"{len(answer.steps)} steps, which can run")
        if answer.warnings:
            print_rows(answer.warnings, title="warnings")


def _imported(campaign_id: str, people: bytes, *, quiet: bool) -> str:
    """How many of the list can begin, in words."""
    answer = ask(lambda client: client.import_leads(campaign_id, people))
    if not quiet:
        print_sentence(
            f"{answer.imported} of {answer.rows} rows imported, {answer.duplicates} duplicates,"
            f" {answer.rejected} rejected, {answer.held_back} held back"
        )
        if answer.row_errors:
            print_rows(answer.row_errors, title="rejected rows")
    return leads_text(answer.imported - answer.held_back)


def _preview(campaign_id: str, *, quiet: bool) -> None:
    if quiet:
        return
    request = sequence_service_pb2.PreviewMessagesRequest(campaign_id=campaign_id, leads=_PREVIEWED)
    answer = ask(lambda client: client.sequences.preview_messages(request))
    console().print()
    for each in answer.leads:
        print_lead(each)
