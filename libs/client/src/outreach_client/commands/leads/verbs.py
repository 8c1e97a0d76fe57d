"""What is done to single leads, in `outreach leads`."""

from typing import Annotated

import typer
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.commands.consequences import of_lead
from outreach_client.commands.groups import group
from outreach_client.commands.leads.leads import CampaignId, LeadId
from outreach_client.formats.output import print_answer, print_details, print_json
from outreach_client.session import AllowMissing, AsJson, DryRun, PageSize, Yes, ask, confirmed

app = group()


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
        answer = ask(lambda client: client.leads.retry(request))  # noqa: B023 - asked at once
        if as_json:
            print_json(answer)
        else:
            print_details(answer.lead)


@app.command()
def stop(
    campaign_id: CampaignId,
    lead_id: LeadId,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Stop a lead for good; its campaign goes on."""
    request = pb.StopLeadRequest(campaign_id=campaign_id, lead_id=lead_id, validate_only=dry_run)
    answer = confirmed(
        lambda: of_lead(campaign_id, lead_id, "Stops for good"),
        lambda client: client.leads.stop(request),
        yes=yes,
        dry_run=dry_run,
    )
    print_answer(answer, answer.lead, as_json=as_json)


@app.command()
def remove(
    campaign_id: CampaignId,
    lead_id: LeadId,
    *,
    allow_missing: AllowMissing = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Remove a lead that nobody has contacted."""
    request = pb.RemoveLeadRequest(
        campaign_id=campaign_id,
        lead_id=lead_id,
        allow_missing=allow_missing,
        validate_only=dry_run,
    )
    answer = confirmed(
        lambda: of_lead(campaign_id, lead_id, "Removes"),
        lambda client: client.leads.remove(request),
        yes=yes,
        dry_run=dry_run,
    )
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{lead_id} is removed")


@app.command()
def move(
    campaign_id: CampaignId,
    lead_id: LeadId,
    account: Annotated[str, typer.Option("--to", help="Another sender of the campaign.")],
    *,
    even_if_contacted: Annotated[
        bool, typer.Option("--even-if-contacted", help="The person then hears from another.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give a lead that is in the sequence to another sender."""
    request = pb.MoveLeadRequest(
        campaign_id=campaign_id,
        lead_id=lead_id,
        account_id=account,
        even_if_contacted=even_if_contacted,
        validate_only=dry_run,
    )
    answer = confirmed(
        lambda: of_lead(campaign_id, lead_id, f"Gives to {account}, for good,"),
        lambda client: client.leads.move(request),
        yes=yes,
        dry_run=dry_run,
    )
    print_answer(answer, answer.lead, as_json=as_json)


@app.command("skip-step")
def skip_step(
    campaign_id: CampaignId,
    lead_id: LeadId,
    step_id: Annotated[str, typer.Argument(help="The step at which it waits, by its id.")],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have a lead leave out the step at which it waits."""
    request = pb.SkipStepRequest(
        campaign_id=campaign_id, lead_id=lead_id, step_id=step_id, validate_only=dry_run
    )
    answer = confirmed(
        lambda: of_lead(campaign_id, lead_id, f"Leaves out the step {step_id}, for good, of"),
        lambda client: client.leads.skip_step(request),
        yes=yes,
        dry_run=dry_run,
    )
    print_answer(answer, answer.lead, as_json=as_json)


def _refuse_both(*, every: bool, named: bool) -> None:
    """Raises `BadParameter` unless leads are named or all are meant."""
    if every == named:
        raise typer.BadParameter("Name the leads, or say --all.")


def _retry_all(campaign_id: str, *, page_size: int, as_json: bool) -> None:
    """Page by page: each is a call of its own, and what it has done stays done."""
    whole = pb.RetryParkedLeadsResponse()
    request = pb.RetryParkedLeadsRequest(campaign_id=campaign_id, page_size=page_size)
    while True:
        answer = ask(lambda client: client.leads.retry_parked(request))
        whole.sent_on += answer.sent_on
        whole.gone += answer.gone
        if answer.next_page_token in ("", request.page_token):
            break
        request.page_token = answer.next_page_token
    print_answer(whole, whole, as_json=as_json)
