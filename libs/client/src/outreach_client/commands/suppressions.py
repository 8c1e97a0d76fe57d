"""`outreach suppressions …`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.linkedin.v1 import person_pb2, suppression_pb2
from outreach.linkedin.v1 import suppression_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.stops import of_allowing, of_allowing_person
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.output import console, print_json, print_rows
from outreach_client.session import (
    UPDATED_SINCE,
    AllowMissing,
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
    instant_option,
    read_bytes,
    refuse,
)

app = group("Suppressions: who must not be contacted.")

_COLUMNS = (
    "suppression_id",
    "public_identifier",
    "email_domain",
    "company",
    "reason",
    "expire_time",
    "create_time",
)
Reason = Annotated[str, typer.Option(help="Why, for people.")]
Until = Annotated[datetime | None, instant_option(help="Default: for ever.")]


@app.command()
def add(
    organization: Organization,
    reason: Reason,
    people: Annotated[
        list[str] | None, typer.Argument(help="The last part of each profile's address.")
    ] = None,
    email_domain: Annotated[
        list[str] | None,
        typer.Option(help="Everybody with an address of the domain, or one whole address."),
    ] = None,
    company: Annotated[
        list[str] | None, typer.Option(help="Everybody of the company; repeat for more.")
    ] = None,
    until: Until = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Forbid contact with people, domains and companies; in force when this returns."""
    named = [
        *(suppression_pb2.Suppression(public_identifier=person) for person in people or ()),
        *(suppression_pb2.Suppression(email_domain=domain) for domain in email_domain or ()),
        *(suppression_pb2.Suppression(company=name) for name in company or ()),
    ]
    if not named:
        refuse("name a person, an --email-domain or a --company")
    for each in named:
        each.organization_id, each.reason = organization, reason
        expire_time = to_timestamp(until)
        if expire_time is not None:
            each.expire_time.CopyFrom(expire_time)
    request = pb.AddSuppressionsRequest(suppressions=named)
    answer = ask(lambda client: client.suppressions.add(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.suppressions, *_COLUMNS)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a profile, e-mail, domain or company column; - for stdin."),
    ],
    organization: Organization,
    reason: Reason,
    until: Until = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Forbid contact with everybody of a list; every bad row is told, the others are in force."""
    header = pb.ImportSuppressionsHeader(
        organization_id=organization, reason=reason, expire_time=to_timestamp(until)
    )
    content = read_bytes(file)
    answer = ask(lambda client: client.import_suppressions(header, content))
    if as_json:
        print_json(answer)
        return
    console().print(f"{answer.rows} rows, {answer.added} added, {answer.rejected} rejected")
    if answer.row_errors:
        print_rows(answer.row_errors, title="rejected rows")


@app.command()
def find(
    organization: Organization,
    people: Annotated[list[str], typer.Argument(help="The last part of each profile's address.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say who of these people is suppressed by name; domains and companies are not looked at."""
    request = pb.FindSuppressedRequest(
        organization_id=organization,
        people=[person_pb2.Person(public_identifier=person) for person in people],
    )
    answer = ask(lambda client: client.suppressions.find_suppressed(request))
    if as_json:
        print_json(answer)
        return
    suppressed = set(answer.suppressed)
    for place, person in enumerate(people):
        typer.echo(
            f"{person} {'is suppressed' if place in suppressed else 'is named by no suppression'}"
        )


_LOOKED_AT = {
    "address": "no suppression of this address; domains and companies were not looked at",
    "email": "no suppression of this e-mail address or its domain; others were not looked at",
}


def _named(person: str) -> dict[str, str]:
    """Who is typed: an e-mail address, or whatever else people are called."""
    is_email = "@" in person[1:] and "/" not in person
    return {"email": person} if is_email else {"address": person}


@app.command()
def check(
    organization: Organization,
    person: Annotated[str, typer.Argument(help="A profile's address or name, or an e-mail.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say by which suppressions a person must not be contacted.

    By an address those of the person, not of a domain or a company; by an e-mail those of it and
    of its domain, not of who has it.
    """
    named = _named(person)
    request = pb.CheckSuppressionRequest(organization_id=organization, **named)
    answer = ask(lambda client: client.suppressions.check(request))
    if as_json:
        print_json(answer)
        return
    (by,) = named
    told = "is suppressed" if answer.suppressed else f"- {_LOOKED_AT[by]}"
    typer.echo(f"{person} {told}")
    if answer.suppressions:
        print_rows(answer.suppressions, *_COLUMNS)


@app.command()
def allow(
    organization: Organization,
    person: Annotated[str, typer.Argument(help="A profile's address or name, or an e-mail.")],
    *,
    allow_missing: AllowMissing = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Allow contact with a person again: remove all suppressions that name them.

    Those of a domain or a company stay, and of who had the address before. Told are those that are
    found by what is given: by an address none of a domain or a company.
    """
    named = _named(person)
    confirm(lambda: of_allowing_person(organization, person, named), yes=yes, dry_run=dry_run)
    request = pb.AllowContactRequest(
        organization_id=organization, allow_missing=allow_missing, **named
    )
    answer = ask(lambda client: client.suppressions.allow_contact(request))
    if as_json:
        print_json(answer)
        return
    print_rows(answer.suppressions, *_COLUMNS, title="removed")
    if answer.remaining:
        print_rows(answer.remaining, *_COLUMNS, title="still in the way")


@app.command()
def remove(
    suppression_id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    *,
    organization: Annotated[
        str,
        typer.Option(
            "--organization",
            "-O",
            envvar="OUTREACH_ORGANIZATION",
            metavar="ORG",
            help="Whose it is, to say whom it names.",
        ),
    ] = "",
    allow_missing: AllowMissing = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Allow contact again."""
    confirm(lambda: of_allowing(suppression_id, organization), yes=yes, dry_run=dry_run)
    request = pb.RemoveSuppressionRequest(
        suppression_id=suppression_id, allow_missing=allow_missing
    )
    answer = ask(lambda client: client.suppressions.remove(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo("removed")


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
    as_json: AsJson = False,
) -> None:
    """List suppressions, oldest first unless asked otherwise."""
    request = pb.ListSuppressionsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=filter_,
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.suppressions.list(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(
            answer.suppressions,
            *_COLUMNS,
            next_page_token=answer.next_page_token,
            next_sync_token=answer.next_sync_token,
        )
        if answer.removed_suppressions:
            print_rows(answer.removed_suppressions, "id", "delete_time", title="Removed")
