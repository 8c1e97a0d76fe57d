"""`outreach people …`."""

from datetime import timedelta
from typing import Annotated

import typer
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_duration
from outreach_client.formats.output import print_answer, print_json, print_rows
from outreach_client.session import AsJson, ask, duration_option

app = group("People: what an account sees of a person.")

PersonName = Annotated[
    str, typer.Argument(metavar="PERSON", help="The last part of the profile's address.")
]
Account = Annotated[str, typer.Option(help="The account that looks.")]
Campaign = Annotated[str, typer.Option(help="On whose behalf.")]
Lead = Annotated[str, typer.Option(help="The lead that the person is.")]


@app.command()
def posts(
    person: PersonName,
    account: Account,
    campaign: Campaign,
    lead: Lead,
    recent_within: Annotated[
        timedelta | None, duration_option(help="How old a post may be; default 7d.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the newest posts that could be reacted to or commented on."""
    request = pb.ListPostsRequest(
        account_id=account,
        campaign_id=campaign,
        lead_id=lead,
        person=person_pb2.Person(public_identifier=person),
        recent_within=to_duration(recent_within),
    )
    answer = ask(lambda client: client.people.list_posts(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.posts)


@app.command()
def profile(
    person: PersonName, account: Account, campaign: Campaign, lead: Lead, *, as_json: AsJson = False
) -> None:
    """Show what is known of a person."""
    request = pb.GetProfileRequest(
        account_id=account,
        campaign_id=campaign,
        lead_id=lead,
        person=person_pb2.Person(public_identifier=person),
    )
    answer = ask(lambda client: client.people.get_profile(request))
    print_answer(answer, answer.profile, as_json=as_json)
