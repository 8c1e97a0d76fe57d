"""`outreach leads …`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.commands.exported import write_pieces
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import print_answer, print_details, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    Filter,
    OrderBy,
    PageSize,
    PageToken,
    SyncToken,
    ask,
    enum_option,
    follow,
)

app = group("Leads: the people of a campaign.")

CampaignId = Annotated[str, typer.Argument(help="For example camp_01j9z3k4x5.")]
LeadId = Annotated[str, typer.Argument(help="For example lead_01j9z3k4x5.")]
_FORMATS = pb.ExportFormat.DESCRIPTOR
_STATES = lead_pb2.LeadState.DESCRIPTOR


@app.command("list")
def list_(
    campaign_id: CampaignId,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    *,
    steps: Annotated[bool, typer.Option("--steps", help="With each lead's steps.")] = False,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    as_json: AsJson = False,
) -> None:
    """List the leads of a campaign, unless asked otherwise in the order of the list."""
    request = pb.ListLeadsRequest(
        campaign_id=campaign_id,
        state=lead_pb2.LeadState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
        include_steps=steps,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.leads.list(request))
    if as_json:
        print_json(answer)
        return
    fields = ["lead_id", "public_identifier", "state", "reason", "connection", "account_id"]
    if any(lead.lead.detail for lead in answer.leads):
        fields.append("detail")
    if any(lead.lead.trace_id for lead in answer.leads):
        fields.append("trace_id")
    columns = [f"lead.{field}" for field in fields]
    print_rows(
        answer.leads,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
    if answer.removed_leads:
        print_rows(answer.removed_leads, "lead_id", "delete_time", title="Taken out")
    for lead in answer.leads if steps else ():
        print_rows(lead.steps, title=lead.lead.public_identifier)


@app.command()
def get(
    campaign_id: CampaignId,
    lead_id: Annotated[str, typer.Argument(help="For example lead_01j9z3k4x5.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one lead, its steps, and what it waits for."""
    request = pb.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    answer = ask(lambda client: client.leads.get(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.lead)
    print_rows(answer.steps, title="steps")
    if answer.waiting_for:
        print_rows(answer.waiting_for, title="waiting for")


@app.command()
def export(
    campaign_id: CampaignId,
    file: Annotated[Path, typer.Option("--to", help="Where it is written; - for stdout.")],
    form: Annotated[int, enum_option(_FORMATS, "--format", help="How it is written.")] = 0,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Write all leads of a campaign into a file, in the order of the list.

    With --json the pieces are printed as they come, each with where the next begins.
    """
    request = pb.ExportLeadsRequest(
        campaign_id=campaign_id,
        format=pb.ExportFormat.ValueType(form),
        state=lead_pb2.LeadState.ValueType(state),
    )
    write_pieces(request, lambda client: client.leads.export(request), file, as_json=as_json)


@app.command()
def watch(
    campaign_id: CampaignId,
    resume_token: Annotated[
        str, typer.Option(help="Of an earlier answer, or the sync token of a list.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Follow the leads of a campaign as they change; with --json one line per answer."""
    request = pb.WatchLeadsRequest(campaign_id=campaign_id, resume_token=resume_token)

    def tell(answer: pb.WatchLeadsResponse) -> None:
        request.resume_token = answer.resume_token
        if as_json:
            print_json(answer, one_line=True)
            return
        for lead in answer.leads:
            state = enum_text(_STATES, lead.state)
            typer.echo(f"{lead.lead_id}: {state}{f' ({lead.reason})' if lead.reason else ''}")
        for removed in answer.removed_leads:
            typer.echo(f"{removed.lead_id}: taken out")

    follow(lambda client: client.leads.watch(request), tell, patient=True)


@app.command()
def imports(
    campaign_id: CampaignId,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the lead lists that were imported into a campaign, newest first."""
    request = pb.ListImportsRequest(
        campaign_id=campaign_id,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.leads.list_imports(request))
    if as_json:
        print_json(answer)
        return
    fields = ("import_id", "create_time", "rows", "imported", "duplicates", "rejected", "failure")
    print_rows(
        answer.imports,
        *fields,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


@app.command("get-import")
def get_import(
    campaign_id: CampaignId,
    import_id: Annotated[str, typer.Argument(help="For example imp_01j9z3k4x5.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one import: the file's hash, how it was read, and what became of it."""
    request = pb.GetImportRequest(campaign_id=campaign_id, import_id=import_id)
    answer = ask(lambda client: client.leads.get_import(request))
    print_answer(answer, answer.lead_import, as_json=as_json)
