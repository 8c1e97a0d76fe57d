"""`outreach leads …`."""

from typing import Annotated

import typer
from outreach.campaign.v1 import lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.formats.output import print_details, print_json, print_rows
from outreach_client.session import AsJson, PageSize, PageToken, ask, enum_option

app = typer.Typer(no_args_is_help=True, help="Leads: the people of a campaign.")

CampaignId = Annotated[str, typer.Argument(help="For example camp_01j9z3k4x5.")]
_STATES = lead_pb2.LeadState.DESCRIPTOR


@app.command("list")
def list_(
    campaign_id: CampaignId,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    *,
    steps: Annotated[bool, typer.Option("--steps", help="With each lead's steps.")] = False,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    as_json: AsJson = False,
) -> None:
    """List the leads of a campaign, in the order of the list."""
    request = pb.ListLeadsRequest(
        campaign_id=campaign_id,
        state=lead_pb2.LeadState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
        include_steps=steps,
    )
    answer = ask(lambda client: client.leads.ListLeads(request))
    if as_json:
        print_json(answer)
        return
    fields = ["lead_id", "public_identifier", "state", "reason", "connection", "account_id"]
    if any(lead.lead.detail for lead in answer.leads):
        fields.append("detail")
    if any(lead.lead.trace_id for lead in answer.leads):
        fields.append("trace_id")
    columns = [f"lead.{field}" for field in fields]
    print_rows(answer.leads, *columns, next_page_token=answer.next_page_token)
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
    answer = ask(lambda client: client.leads.GetLead(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.lead)
    print_rows(answer.steps, title="steps")
    if answer.waiting_for:
        print_rows(answer.waiting_for, title="waiting for")


@app.command()
def retry(
    campaign_id: CampaignId,
    lead_id: Annotated[
        list[str] | None, typer.Argument(help="One or more, for example lead_01j9z3k4x5.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    page_size: PageSize = 0,
    as_json: AsJson = False,
) -> None:
    """Send parked leads on from where they stand, once what stopped them is mended."""
    _refuse_both(every=every, named=bool(lead_id))
    if every:
        _retry_all(campaign_id, page_size=page_size, as_json=as_json)
    for each in lead_id or ():
        request = pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=each)
        answer = ask(lambda client: client.leads.RetryLead(request))  # noqa: B023 - asked at once
        if as_json:
            print_json(answer)
        else:
            print_details(answer.lead)


def _refuse_both(*, every: bool, named: bool) -> None:
    """Raises `BadParameter` unless leads are named or all are meant."""
    if every == named:
        raise typer.BadParameter("Name the leads, or say --all.")


def _retry_all(campaign_id: str, *, page_size: int, as_json: bool) -> None:
    """Page by page: each is a call of its own, and what it has done stays done."""
    whole = pb.RetryParkedLeadsResponse()
    request = pb.RetryParkedLeadsRequest(campaign_id=campaign_id, page_size=page_size)
    while True:
        answer = ask(lambda client: client.leads.RetryParkedLeads(request))
        whole.sent_on += answer.sent_on
        whole.gone += answer.gone
        if answer.next_page_token in ("", request.page_token):
            break
        request.page_token = answer.next_page_token
    if as_json:
        print_json(whole)
    else:
        print_details(whole)


@app.command()
def imports(
    campaign_id: CampaignId,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the lead lists that were imported into a campaign, newest first."""
    request = pb.ListImportsRequest(
        campaign_id=campaign_id, page_size=page_size, page_token=page_token
    )
    answer = ask(lambda client: client.leads.ListImports(request))
    if as_json:
        print_json(answer)
        return
    fields = ("import_id", "create_time", "rows", "imported", "duplicates", "rejected", "failure")
    print_rows(answer.imports, *fields, next_page_token=answer.next_page_token)


@app.command("get-import")
def get_import(
    campaign_id: CampaignId,
    import_id: Annotated[str, typer.Argument(help="For example imp_01j9z3k4x5.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one import: the file's hash, how it was read, and what became of it."""
    request = pb.GetImportRequest(campaign_id=campaign_id, import_id=import_id)
    answer = ask(lambda client: client.leads.GetImport(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.lead_import)
