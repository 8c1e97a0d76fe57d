"""`outreach actions …`."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from outreach.common.v1.sending_window_pb2 import SendingWindow
from outreach.linkedin.v1 import action_pb2, action_service_pb2, pace_service_pb2, person_pb2

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_calling_off
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import print_answer, print_details, print_json, print_rows
from outreach_client.formats.requested_action import Wanted, action_field
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    SyncToken,
    Yes,
    ask,
    confirm,
    duration_option,
    enum_argument,
    enum_option,
    made_id,
    refuse,
    window_option,
)

app = group("Actions: what accounts do on LinkedIn, and when.")

AnActionId = Annotated[str, typer.Argument(metavar="ACTION_ID", help="As it was asked for.")]
NewActionId = Annotated[
    str,
    typer.Option(
        help="The same id twice is one action. Give your own to repeat a command safely.",
        default_factory=lambda: made_id("act"),
        show_default="a new one",
    ),
]
_KINDS = action_pb2.ActionKind.DESCRIPTOR
_STATES = action_pb2.ActionState.DESCRIPTOR


@app.command()
def queue(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT_ID", help="The account.")],
    kind: Annotated[int, enum_option(_KINDS, help="Only of this kind.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List who waits on an account, in the order in which they will go."""
    request = pace_service_pb2.GetQueueRequest(
        account_id=account,
        kind=action_pb2.ActionKind.ValueType(kind),
        page_size=page_size,
        page_token=page_token,
    )
    answer = ask(lambda client: client.pace.get_queue(request))
    if as_json:
        print_json(answer)
        return
    typer.echo(f"{answer.waiting} waiting")
    columns = ("place", "action.kind", "action.action_id", "action.turn_time", "obstacle.reason")
    print_rows(answer.actions, *columns, next_page_token=answer.next_page_token)


@app.command("count-waiting")
def count_waiting(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", help="The campaign.")],
    account: Annotated[list[str], typer.Option(help="An account; repeat for more.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Count what waits for a campaign, by what it waits for."""
    request = pace_service_pb2.CountWaitingRequest(campaign_id=campaign, account_ids=account)
    answer = ask(lambda client: client.pace.count_waiting(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.waiting)


@app.command()
def perform(
    kind: Annotated[int, enum_argument(_KINDS, help="What to do.")],
    person: Annotated[str, typer.Argument(help="The last part of the profile's address.")],
    account: Annotated[str, typer.Option(help="The account that acts.")],
    campaign: Annotated[str, typer.Option(help="Who asks.")],
    lead: Annotated[str, typer.Option(help="The lead that the person is.")],
    organization: Organization,
    action_id: NewActionId,
    text: Annotated[str, typer.Option(help="A comment, note, message or InMail.")] = "",
    subject: Annotated[str, typer.Option(help="Of an InMail.")] = "",
    reaction: Annotated[str, typer.Option(help="like, celebrate, support, love, …")] = "",
    post: Annotated[str, typer.Option(help="The post to comment on.")] = "",
    recent_within: Annotated[
        timedelta | None, duration_option(help="How old the post may be.")
    ] = None,
    *,
    only_if_no_reply: Annotated[
        bool, typer.Option("--only-if-no-reply", help="Write only if the person has not.")
    ] = False,
    continue_after_reply: Annotated[
        bool, typer.Option("--continue-after-reply", help="Act although the person has replied.")
    ] = False,
    window: Annotated[SendingWindow | None, window_option(help="When it may go.")] = None,
    person_time_zone: Annotated[
        str, typer.Option(help="Keep to the window's hours there too, for example Asia/Tokyo.")
    ] = "",
    weight: Annotated[int, typer.Option(help="The campaign's share; 0 means 1.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Perform one action, or be told when to ask again (exit code 8)."""
    wanted = Wanted(
        text=text,
        subject=subject,
        reaction=reaction,
        post_id=post,
        recent_within=recent_within,
        only_if_no_reply=only_if_no_reply,
    )
    try:
        action = action_field(kind, wanted)
    except ValueError as error:
        refuse(str(error), error)
    request = action_service_pb2.PerformActionRequest(
        action_id=action_id,
        organization_id=organization,
        account_id=account,
        campaign_id=campaign,
        lead_id=lead,
        person=person_pb2.Person(public_identifier=person),
        sending_window=window,
        person_time_zone=person_time_zone,
        weight=weight,
        continue_after_reply=continue_after_reply,
        **action,
    )
    answer = ask(lambda client: client.actions.perform(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.outcome, title=f"performed {action_id}")


@app.command()
def cancel(
    action_id: AnActionId,
    organization: Organization,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Call off an action that is not on the wire yet."""
    confirm(lambda: of_calling_off(action_id, organization), yes=yes, dry_run=dry_run)
    request = action_service_pb2.CancelActionRequest(
        organization_id=organization, action_id=action_id
    )
    answer = ask(lambda client: client.actions.cancel(request))
    print_answer(answer, answer.action, as_json=as_json)


@app.command()
def explain(action_id: AnActionId, organization: Organization, *, as_json: AsJson = False) -> None:
    """Show one action and what stands in its way."""
    request = action_service_pb2.ExplainActionRequest(
        organization_id=organization, action_id=action_id
    )
    answer = ask(lambda client: client.actions.explain(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.action)
    print_rows(answer.obstacles, title="obstacles")


@app.command("list")
def list_(
    organization: Organization,
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    campaign: Annotated[str, typer.Option(help="Only of this campaign.")] = "",
    lead: Annotated[str, typer.Option(help="Only of this lead.")] = "",
    kind: Annotated[int, enum_option(_KINDS, help="Only of this kind.")] = 0,
    state: Annotated[int, enum_option(_STATES, help="Only in this state.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List actions of the ledger, newest first unless asked otherwise."""
    request = action_service_pb2.ListActionsRequest(
        organization_id=organization,
        account_id=account,
        campaign_id=campaign,
        lead_id=lead,
        kind=action_pb2.ActionKind.ValueType(kind),
        state=action_pb2.ActionState.ValueType(state),
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.actions.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ("action_id", "kind", "state", "reason", "account_id", "turn_time", "send_time")
    print_rows(
        answer.actions,
        *columns,
        "finish_time",
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )
