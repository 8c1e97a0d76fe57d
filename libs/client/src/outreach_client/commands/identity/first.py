"""`outreach bootstrap`, which alone asks no service."""

import sys
from typing import Annotated

import typer

from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.session import end_as

app = group()


@app.command()
def bootstrap(
    organization: Annotated[str, typer.Argument(help="What our own organization is called.")],
    name: Annotated[str, typer.Argument(help="What the first administrator is called.")],
    database_url: Annotated[
        str,
        typer.Option(
            envvar="CAMPAIGN_API_IDENTITY_DATABASE_URL",
            help="The PostgreSQL database, by the role that sees all of the schema identity.",
        ),
    ],
    migration_database_url: Annotated[
        str,
        typer.Option(
            envvar="CAMPAIGN_API_IDENTITY_MIGRATION_DATABASE_URL",
            help="The same by the role that owns it; default: the same role.",
        ),
    ] = "",
) -> None:
    """Make the first administrator, once, in the database itself; prints their API key alone.

    Raises `Exit`: 5 if there is one already.
    """
    import asyncio  # noqa: PLC0415 - help and completion go without, as in `session`

    from identity.issuer.bootstrap import AlreadyBootstrapped  # noqa: PLC0415
    from identity.issuer.bootstrap import bootstrap as make_first  # noqa: PLC0415
    from servicekit.errors import Unavailable  # noqa: PLC0415

    try:
        made = asyncio.run(
            make_first(
                database_url,
                organization=organization,
                name=name,
                owner_url=migration_database_url,
            )
        )
    except AlreadyBootstrapped as error:
        _tell(str(error))
        raise typer.Exit(5) from error
    except Unavailable as error:
        _tell(error.message)
        end_as(ExitCode.AWAY)
    _tell(f"{made.member.member_id} ({made.member.name}); the key is told only now:")
    typer.echo(made.secret)


def _tell(text: str) -> None:
    """Tell people something that is no answer."""
    print(text, file=sys.stderr)  # noqa: T201
