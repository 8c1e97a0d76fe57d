"""`outreach leads find`: where a person is, and what has been said."""

from typing import Annotated

import typer
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.output import print_json, print_rows
from outreach_client.session import AsJson, Organization, PageSize, PageToken, ask

app = group("Find people.")


@app.command()
def find(
    organization: Organization,
    person: Annotated[
        str,
        typer.Argument(help="The address of the profile, its last part, an id, or an e-mail."),
    ],
    *,
    deleted: Annotated[
        bool, typer.Option("--deleted", help="Also in campaigns that are deleted.")
    ] = False,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    as_json: AsJson = False,
) -> None:
    """Find a person in all campaigns: how each of their leads stands, and what was said."""
    by = {"email": person} if "@" in person[1:] and "/" not in person else {"address": person}
    request = pb.FindLeadsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        show_deleted=deleted,
        **by,
    )
    answer = ask(lambda client: client.leads.find(request))
    if as_json:
        print_json(answer)
        return
    names = ("lead_id", "campaign_id", "public_identifier", "state", "reason", "account_id")
    columns = [f"lead.{each}" for each in names]
    print_rows(answer.leads, "campaign_name", *columns, next_page_token=answer.next_page_token)
    for each in answer.leads:
        if each.messages:
            title = f"{each.campaign_name}: what was said"
            print_rows(each.messages, "write_time", "author", "step_id", "text", title=title)
