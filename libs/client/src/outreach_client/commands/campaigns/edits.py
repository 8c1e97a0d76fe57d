"""`outreach campaigns update`, `duplicate`, `replace-sender` and `export`: of one that was read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.common.v1.sending_window_pb2 import SendingWindow

from outreach_client.commands.campaigns.campaigns import CampaignId, show_campaign
from outreach_client.commands.consequences import of_replacing
from outreach_client.commands.exported import write_pieces
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_duration, to_timestamp
from outreach_client.formats.output import console, print_json
from outreach_client.session import (
    AsJson,
    DryRun,
    RequestId,
    Yes,
    ask,
    confirmed,
    duration_option,
    enum_option,
    instant_option,
    say_undone,
    window_option,
)

app = group()

_SCOPES = campaign_pb2.ReplyScope.DESCRIPTOR
_AUTOMATIC = campaign_pb2.AutomaticReplies.DESCRIPTOR
_OWNER = campaign_pb2.OwnerMessages.DESCRIPTOR
_ADMISSION = campaign_pb2.Admission.DESCRIPTOR
_CONTACTED = campaign_pb2.ContactedLeads.DESCRIPTOR
_PARKED = campaign_pb2.ParkedSenders.DESCRIPTOR


@app.command()
def update(
    campaign_id: CampaignId,
    name: Annotated[str | None, typer.Option(help="1 to 200 characters.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="An account that sends, each of them; repeat for more.")
    ] = None,
    max_concurrent_leads: Annotated[
        int | None, typer.Option(help="Leads in the sequence at once.")
    ] = None,
    lead_delay: Annotated[
        timedelta | None, duration_option(help="Pause between two leads' starts.")
    ] = None,
    leads_per_day: Annotated[
        int | None, typer.Option(help="Leads started a day; 0 means no limit.")
    ] = None,
    start_at: Annotated[datetime | None, instant_option(help="Not before this moment.")] = None,
    window: Annotated[SendingWindow | None, window_option(help="When it may send.")] = None,
    *,
    continue_after_reply: Annotated[
        bool | None, typer.Option(help="Go on after the person has replied.")
    ] = None,
    reply_scope: Annotated[
        int | None, enum_option(_SCOPES, help="Whose leads a reply ends.")
    ] = None,
    contact_responders: Annotated[
        bool | None, typer.Option(help="Turn to people too who answered before.")
    ] = None,
    automatic_replies: Annotated[
        int | None, enum_option(_AUTOMATIC, help="What an out-of-office note means.")
    ] = None,
    automatic_reply_wait: Annotated[
        timedelta | None, duration_option(help="How long such a note is waited out.")
    ] = None,
    parked_senders: Annotated[
        int | None, enum_option(_PARKED, help="Leads not contacted, when their account is parked.")
    ] = None,
    leave_received_invitations: Annotated[
        bool | None, typer.Option(help="Do not accept who has invited the account.")
    ] = None,
    end_at: Annotated[
        datetime | None, instant_option(help="From then on nobody begins, and all end.")
    ] = None,
    max_lead_duration: Annotated[
        timedelta | None, duration_option(help="For how long a lead goes on at the most.")
    ] = None,
    owner_messages: Annotated[
        int | None, enum_option(_OWNER, help="Leads to whom the account's owner writes by hand.")
    ] = None,
    admission: Annotated[
        int | None, enum_option(_ADMISSION, help="Which leads of the list are admitted.")
    ] = None,
    keep_open: Annotated[
        bool | None, typer.Option(help="Wait for more once every lead has ended.")
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(help="A setting that takes its default, such as sending_window; repeat."),
    ] = None,
    etag: Annotated[
        str, typer.Option(help="Of the campaign as you read it; * for whatever it is now.")
    ] = "*",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change a campaign, also while it runs; what is not named stays."""
    settings = {
        "max_concurrent_leads": max_concurrent_leads,
        "lead_processing_delay": to_duration(lead_delay),
        "leads_per_day": leads_per_day,
        "start_time": to_timestamp(start_at),
        "sending_window": window,
        "continue_after_reply": continue_after_reply,
        "reply_scope": reply_scope,
        "contact_responders": contact_responders,
        "automatic_replies": automatic_replies,
        "automatic_reply_wait": to_duration(automatic_reply_wait),
        "parked_senders": parked_senders,
        "leave_received_invitations": leave_received_invitations,
        "end_time": to_timestamp(end_at),
        "max_lead_duration": to_duration(max_lead_duration),
        "owner_messages": owner_messages,
        "admission": admission,
        "keep_open": keep_open,
    }
    campaign = campaign_pb2.Campaign(
        campaign_id=campaign_id, etag=etag, name=name or "", account_ids=account
    )
    paths = [f"settings.{setting}" for setting in (*_set(campaign, settings), *(clear or ()))]
    paths += ["name"] * (name is not None) + ["account_ids"] * bool(account)
    request = pb.UpdateCampaignRequest(
        campaign=campaign, update_mask=FieldMask(paths=paths), validate_only=dry_run
    )
    answer = ask(lambda client: client.campaigns.update(request))
    show_campaign(answer, as_json=as_json)
    say_undone(dry_run=dry_run)


def _set(campaign: campaign_pb2.Campaign, settings: Mapping[str, Any]) -> list[str]:
    """Those of the settings that are given, which the campaign has now."""
    given = {setting: value for setting, value in settings.items() if value is not None}
    campaign.settings.MergeFrom(campaign_pb2.CampaignSettings(**given))
    return [*given]


@app.command()
def duplicate(
    campaign_id: CampaignId,
    request_id: RequestId,
    name: Annotated[str, typer.Option(help="1 to 200 characters; by default the same.")] = "",
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a draft of a campaign: its sequence, settings and accounts, and none of its leads."""
    request = pb.DuplicateCampaignRequest(
        request_id=request_id, campaign_id=campaign_id, name=name, validate_only=dry_run
    )
    answer = ask(lambda client: client.campaigns.duplicate(request))
    show_campaign(answer, as_json=as_json)
    say_undone(dry_run=dry_run)


@app.command("replace-sender")
def replace_sender(
    campaign_id: CampaignId,
    account_id: Annotated[str, typer.Argument(help="The account that does not come back.")],
    replacement: Annotated[str, typer.Option("--with", help="A connected account.")],
    contacted: Annotated[int, enum_option(_CONTACTED, help="Leads that it has contacted.")] = 0,
    connected: Annotated[int, enum_option(_CONTACTED, help="Leads connected to it.")] = 0,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put another account in the place of one that does not come back."""
    request = pb.ReplaceSenderRequest(
        campaign_id=campaign_id,
        account_id=account_id,
        replacement_account_id=replacement,
        contacted_leads=campaign_pb2.ContactedLeads.ValueType(contacted),
        connected_leads=campaign_pb2.ContactedLeads.ValueType(connected),
        validate_only=dry_run,
    )
    answer = confirmed(
        lambda: of_replacing(campaign_id, account_id, replacement),
        lambda client: client.campaigns.replace_sender(request),
        yes=yes,
        dry_run=dry_run,
    )
    if as_json:
        print_json(answer)
        return
    console().print(
        f"{answer.moved} moved, {answer.moved_contacted} moved though contacted,"
        f" {answer.ended} ended, {answer.stayed_contacted} stay contacted,"
        f" {answer.stayed_connected} stay connected"
    )


@app.command()
def export(
    campaign_id: CampaignId,
    file: Annotated[Path, typer.Option("--to", help="Where it is written; - for stdout.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write all of a campaign into a file: a line of JSON for it, each revision, and each lead.

    With --json the pieces are printed as they come, each with where the next begins.
    """
    request = pb.ExportCampaignRequest(campaign_id=campaign_id)
    write_pieces(request, lambda client: client.campaigns.export(request), file, as_json=as_json)
