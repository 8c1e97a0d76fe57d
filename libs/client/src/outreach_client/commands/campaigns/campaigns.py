"""`outreach campaigns …`."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, sequence_service_pb2
from outreach.common.v1.sending_window_pb2 import SendingWindow

from outreach_client.commands.groups import group
from outreach_client.commands.leads.imported import tell_import
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import to_duration, to_timestamp
from outreach_client.formats.output import (
    print_details,
    print_json,
    print_on_the_wire,
    print_rows,
)
from outreach_client.session import (
    AsJson,
    DryRun,
    Organization,
    RequestId,
    ask,
    column_by_field,
    duration_option,
    end_as,
    enum_option,
    instant_option,
    read_bytes,
    read_text,
    say_undone,
    window_option,
)

app = group("Campaigns: a lead list walked through a sequence.")

CampaignId = Annotated[str, typer.Argument(help="For example camp_01j9z3k4x5.")]
AllowLiteral = Annotated[
    list[str] | None,
    typer.Option(help="What looks like a placeholder and is meant as it stands; repeat for more."),
]
Sequence = Annotated[
    Path, typer.Option("--sequence", "-s", help="What the builder exported (JSON); - for stdin.")
]
_STATES = campaign_pb2.CampaignState.DESCRIPTOR
_SCOPES = campaign_pb2.ReplyScope.DESCRIPTOR
_AUTOMATIC = campaign_pb2.AutomaticReplies.DESCRIPTOR
_OWNER = campaign_pb2.OwnerMessages.DESCRIPTOR
_ADMISSION = campaign_pb2.Admission.DESCRIPTOR
_PARKED = campaign_pb2.ParkedSenders.DESCRIPTOR


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="1 to 200 characters.")],
    sequence: Sequence,
    account: Annotated[list[str], typer.Option(help="An account that sends; repeat for more.")],
    organization: Organization,
    request_id: RequestId,
    max_concurrent_leads: Annotated[
        int, typer.Option(help="Leads in the sequence at once; 0 means 100.")
    ] = 0,
    lead_delay: Annotated[
        timedelta | None, duration_option(help="Pause between two leads' starts; default 30s.")
    ] = None,
    leads_per_day: Annotated[int, typer.Option(help="Leads started a day; 0 means no limit.")] = 0,
    start_at: Annotated[datetime | None, instant_option(help="Not before this moment.")] = None,
    window: Annotated[SendingWindow | None, window_option(help="When it may send.")] = None,
    *,
    continue_after_reply: Annotated[
        bool, typer.Option("--continue-after-reply", help="Go on after the person has replied.")
    ] = False,
    reply_scope: Annotated[int, enum_option(_SCOPES, help="Whose leads a reply ends.")] = 0,
    contact_responders: Annotated[
        bool,
        typer.Option(
            "--contact-responders", help="Turn to people too who answered the organization before."
        ),
    ] = False,
    automatic_replies: Annotated[
        int, enum_option(_AUTOMATIC, help="What an out-of-office note means.")
    ] = 0,
    automatic_reply_wait: Annotated[
        timedelta | None, duration_option(help="How long such a note is waited out; default 7d.")
    ] = None,
    parked_senders: Annotated[
        int, enum_option(_PARKED, help="Leads not contacted yet, when their account is parked.")
    ] = 0,
    allow_literal: AllowLiteral = None,
    leave_received_invitations: Annotated[
        bool,
        typer.Option(
            "--leave-received-invitations", help="Do not accept who has invited the account."
        ),
    ] = False,
    end_at: Annotated[
        datetime | None, instant_option(help="From then on nobody begins, and all end.")
    ] = None,
    max_lead_duration: Annotated[
        timedelta | None, duration_option(help="For how long a lead goes on at the most.")
    ] = None,
    owner_messages: Annotated[
        int, enum_option(_OWNER, help="Leads to whom the account's owner writes by hand.")
    ] = 0,
    admission: Annotated[
        int, enum_option(_ADMISSION, help="Which leads of the list are admitted.")
    ] = 0,
    keep_open: Annotated[
        bool, typer.Option("--keep-open", help="Wait for more once every lead has ended.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Create a draft campaign from a builder's sequence."""
    settings = campaign_pb2.CampaignSettings(
        max_concurrent_leads=max_concurrent_leads,
        lead_processing_delay=to_duration(lead_delay),
        leads_per_day=leads_per_day,
        start_time=to_timestamp(start_at),
        sending_window=window,
        continue_after_reply=continue_after_reply,
        contact_responders=contact_responders,
        reply_scope=campaign_pb2.ReplyScope.ValueType(reply_scope),
        automatic_replies=campaign_pb2.AutomaticReplies.ValueType(automatic_replies),
        automatic_reply_wait=to_duration(automatic_reply_wait),
        parked_senders=campaign_pb2.ParkedSenders.ValueType(parked_senders),
        leave_received_invitations=leave_received_invitations,
        end_time=to_timestamp(end_at),
        max_lead_duration=to_duration(max_lead_duration),
        owner_messages=campaign_pb2.OwnerMessages.ValueType(owner_messages),
        admission=campaign_pb2.Admission.ValueType(admission),
        keep_open=keep_open,
    )
    request = campaign_service_pb2.CreateCampaignRequest(
        request_id=request_id,
        organization_id=organization,
        name=name,
        account_ids=account,
        sequence_json=read_text(sequence),
        settings=settings,
        allow_literal=allow_literal,
        validate_only=dry_run,
    )
    answer = ask(lambda client: client.campaigns.create(request))
    _tell_created(answer, dry_run=dry_run, as_json=as_json)


def _tell_created(
    answer: campaign_service_pb2.CreateCampaignResponse, *, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        print_json(answer)
        return
    _print(answer.campaign)
    if answer.warnings:
        print_rows(answer.warnings, title="warnings")
    say_undone(dry_run=dry_run)


@app.command()
def validate(
    sequence: Sequence,
    organization: Organization,
    allow_literal: AllowLiteral = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compile a sequence without keeping it; a sequence that cannot run ends with exit code 4."""
    request = sequence_service_pb2.ValidateSequenceRequest(
        organization_id=organization,
        sequence_json=read_text(sequence),
        allow_literal=allow_literal,
    )
    answer = ask(lambda client: client.sequences.validate(request))
    if as_json:
        print_json(answer)
    elif answer.violations:
        print_rows(answer.violations, title="violations")
    else:
        print_rows(answer.steps, title="steps")
    if answer.warnings and not as_json:
        print_rows(answer.warnings, title="warnings")
    if answer.violations:
        end_as(ExitCode.WRONG_INPUT)


@app.command("import-leads")
def import_leads(
    campaign_id: CampaignId,
    file: Annotated[Path, typer.Argument(help="A lead list (CSV or .xlsx); - for stdin.")],
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--mapping",
            "--column",
            help="FIELD=HEADER, or FIELD=NUMBER without a header, instead of what is recognised;"
            " repeat for more.",
        ),
    ] = None,
    allow_literal: AllowLiteral = None,
    *,
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Say what it would do, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add the people of a lead list; every bad row is told, the good ones go in."""
    content = read_bytes(file)
    answer = ask(
        lambda client: client.import_leads(
            campaign_id,
            content,
            column_by_field=column_by_field(column),
            allow_literal=allow_literal or (),
            validate_only=validate_only,
        )
    )
    tell_import(answer, would=validate_only, as_json=as_json, campaign_id=campaign_id)


@app.command()
def get(
    campaign_id: CampaignId,
    *,
    show_deleted: Annotated[
        bool, typer.Option("--show-deleted", help="Also if it was deleted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one campaign."""
    request = campaign_service_pb2.GetCampaignRequest(
        campaign_id=campaign_id, show_deleted=show_deleted
    )
    answer = ask(lambda client: client.campaigns.get(request))
    show_campaign(answer, as_json=as_json)


_HALTED = campaign_service_pb2.PauseCampaignResponse, campaign_service_pb2.StopCampaignResponse


def show_campaign(
    answer: campaign_service_pb2.StartCampaignResponse
    | campaign_service_pb2.UpdateCampaignResponse
    | campaign_service_pb2.DuplicateCampaignResponse
    | campaign_service_pb2.PauseCampaignResponse
    | campaign_service_pb2.ResumeCampaignResponse
    | campaign_service_pb2.StopCampaignResponse
    | campaign_service_pb2.UndeleteCampaignResponse
    | campaign_service_pb2.GetCampaignResponse,
    *,
    as_json: bool,
) -> None:
    """Print the campaign of an answer."""
    if as_json:
        print_json(answer)
    else:
        _print(answer.campaign)
        if isinstance(answer, _HALTED):
            print_on_the_wire(answer.on_the_wire)


def _print(campaign: campaign_pb2.Campaign) -> None:
    """The campaign in a screenful; its texts would fill several."""
    brief = campaign_pb2.Campaign()
    brief.CopyFrom(campaign)
    del brief.sequence.steps[:]
    print_details(brief)
    shown = f"outreach sequences render --campaign {campaign.campaign_id}"
    typer.echo(f"\n{len(campaign.sequence.steps)} steps: {shown if campaign.campaign_id else ''}")
