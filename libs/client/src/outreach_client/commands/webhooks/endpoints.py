"""`outreach webhooks create`, `update` and what else becomes of an endpoint."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.webhook.v1 import webhook_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.webhooks.endpoint_options import legacy_signature, read_headers
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import (
    console,
    print_answer,
    print_details,
    print_json,
    print_rows,
)
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Etag,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    ask,
    enum_option,
    refuse,
    say_undone,
)

app = group("Webhooks: who hears what happens, and whether.")

EndpointId = Annotated[str, typer.Argument(help="For example ep_01j9z3k4x5.")]
_SCHEMES = pb.SignatureScheme.DESCRIPTOR
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event", help="What it hears: lead.completed, or lead.* for all; repeat for more."
    ),
]
Campaigns = Annotated[
    list[str] | None,
    typer.Option("--campaign", help="Only what is about this campaign; repeat for more."),
]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="Only what is about this account; repeat for more."),
]
Headers = Annotated[
    Path | None,
    typer.Option(help="A file of `name: value` lines that are sent along; - for stdin."),
]
MaxPerMinute = Annotated[
    int | None, typer.Option(help="How many requests a minute at the most; 0 for no limit.")
]
MaxConcurrency = Annotated[
    int | None, typer.Option(help="How many requests at once at the most; 0 for no limit.")
]
Channel = Annotated[
    int, enum_option(pb.Channel.DESCRIPTOR, help="By what its events come: webhook by default.")
]
Form = Annotated[
    int,
    enum_option(pb.PayloadForm.DESCRIPTOR, help="What a webhook says; with the lead by default."),
]
LegacyHeader = Annotated[str, typer.Option(help="A signature beside ours stands in this header.")]
LegacyScheme = Annotated[
    int, enum_option(_SCHEMES, help="How that is written; hexadecimal by default.")
]
LegacyPrefix = Annotated[str, typer.Option(help="What stands before it, for example sha256=.")]
LegacySecretFile = Annotated[
    Path | None, typer.Option(help="What it is made by; the endpoint's own secret by default.")
]


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="An HTTPS address, or mailto: and a mailbox.")],
    organization: Organization,
    request_id: RequestId,
    event: Events = None,
    campaign: Campaigns = None,
    account: Accounts = None,
    builder_webhook_id: Annotated[
        str, typer.Option(help="The id under which the builder's sequences name it.")
    ] = "",
    description: Annotated[str, typer.Option(help="For people.")] = "",
    headers: Headers = None,
    max_per_minute: MaxPerMinute = None,
    max_concurrency: MaxConcurrency = None,
    legacy_header: LegacyHeader = "",
    legacy_scheme: LegacyScheme = pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX,
    legacy_prefix: LegacyPrefix = "",
    legacy_secret_file: LegacySecretFile = None,
    channel: Channel = pb.CHANNEL_UNSPECIFIED,
    form: Form = pb.PAYLOAD_FORM_UNSPECIFIED,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Register an address. Keep the secret: it is not shown again."""
    request = pb.CreateEndpointRequest(
        request_id=request_id,
        organization_id=organization,
        url=url,
        event_types=event or [],
        campaign_ids=campaign or [],
        account_ids=account or [],
        builder_webhook_id=builder_webhook_id,
        description=description,
        headers=read_headers(headers),
        max_per_minute=max_per_minute or 0,
        max_concurrency=max_concurrency or 0,
        legacy_signature=legacy_signature(
            legacy_header, legacy_scheme, prefix=legacy_prefix, secret_file=legacy_secret_file
        ),
        channel=pb.Channel.ValueType(channel),
        payload_form=pb.PayloadForm.ValueType(form),
        validate_only=dry_run,
    )
    answer = ask(lambda client: client.webhooks.create_endpoint(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.endpoint)
    if answer.secret:
        console().print(f"secret: {answer.secret}")
    say_undone(dry_run=dry_run)


@app.command()
def get(
    organization: Organization,
    endpoint_id: EndpointId = "",
    builder_webhook_id: Annotated[str, typer.Option(help="Instead of the endpoint's id.")] = "",
    *,
    show_deleted: Annotated[
        bool, typer.Option("--show-deleted", help="Also if it was deleted, by its own id.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one endpoint, by its own id or the builder's."""
    if bool(endpoint_id) == bool(builder_webhook_id):
        refuse("give an endpoint's id or --builder-webhook-id")
    request = pb.GetEndpointRequest(organization_id=organization, show_deleted=show_deleted)
    if endpoint_id:
        request.endpoint_id = endpoint_id
    else:
        request.builder_webhook_id = builder_webhook_id
    answer = ask(lambda client: client.webhooks.get_endpoint(request))
    print_answer(answer, answer.endpoint, as_json=as_json)


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    show_deleted: Annotated[bool, typer.Option("--show-deleted", help="Deleted ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List endpoints, oldest first unless asked otherwise."""
    request = pb.ListEndpointsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
        show_deleted=show_deleted,
    )
    answer = ask(lambda client: client.webhooks.list_endpoints(request))
    if as_json:
        print_json(answer)
        return
    columns = ["endpoint_id", "channel", "url", "event_types", "builder_webhook_id", "description"]
    columns += ["disable_time", "disable_reason"]
    if any(each.HasField("delete_time") for each in answer.endpoints):
        columns += ["delete_time", "purge_time"]
    print_rows(
        answer.endpoints,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
    if answer.removed_endpoints:
        print_rows(answer.removed_endpoints, "id", "delete_time", title="Removed")


@app.command()
def update(
    endpoint_id: EndpointId,
    organization: Organization,
    url: Annotated[str | None, typer.Option(help="An HTTPS address.")] = None,
    event: Events = None,
    campaign: Campaigns = None,
    account: Accounts = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    headers: Headers = None,
    max_per_minute: MaxPerMinute = None,
    max_concurrency: MaxConcurrency = None,
    legacy_header: LegacyHeader = "",
    legacy_scheme: LegacyScheme = pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX,
    legacy_prefix: LegacyPrefix = "",
    legacy_secret_file: LegacySecretFile = None,
    form: Form = pb.PAYLOAD_FORM_UNSPECIFIED,
    *,
    everything: Annotated[
        bool, typer.Option("--everything", help="It hears every type, as by default.")
    ] = False,
    every_campaign: Annotated[
        bool, typer.Option("--every-campaign", help="It hears of all campaigns again.")
    ] = False,
    every_account: Annotated[
        bool, typer.Option("--every-account", help="It hears of all accounts again.")
    ] = False,
    no_legacy_signature: Annotated[
        bool, typer.Option("--no-legacy-signature", help="Only ours signs from now on.")
    ] = False,
    etag: Etag = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Change what is given; the endpoint's id and secret stay."""
    if (event and everything) or (campaign and every_campaign) or (account and every_account):
        refuse("give some, or say that it is all of them")
    legacy = legacy_signature(
        legacy_header, legacy_scheme, prefix=legacy_prefix, secret_file=legacy_secret_file
    )
    given = {
        "url": url,
        "event_types": event or everything or None,
        "campaign_ids": campaign or every_campaign or None,
        "account_ids": account or every_account or None,
        "description": description,
        "headers": headers,
        "max_per_minute": max_per_minute,
        "max_concurrency": max_concurrency,
        "legacy_signature": legacy or no_legacy_signature or None,
        "payload_form": form or None,
    }
    request = pb.UpdateEndpointRequest(
        endpoint=pb.Endpoint(
            organization_id=organization,
            endpoint_id=endpoint_id,
            url=url or "",
            event_types=event or [],
            campaign_ids=campaign or [],
            account_ids=account or [],
            description=description or "",
            headers=read_headers(headers),
            max_per_minute=max_per_minute or 0,
            max_concurrency=max_concurrency or 0,
            legacy_signature=legacy,
            payload_form=pb.PayloadForm.ValueType(form),
            etag=etag,
        ),
        validate_only=dry_run,
    )
    request.update_mask.paths.extend(name for name, value in given.items() if value is not None)
    answer = ask(lambda client: client.webhooks.update_endpoint(request))
    print_answer(answer, answer.endpoint, as_json=as_json)
    say_undone(dry_run=dry_run)
