"""The profile of the command that runs."""

import typer

from outreach_client.formats.asked import asked
from outreach_client.profiles.profiles import chosen, is_name


def used_profile() -> str:
    """The profile of this command; raises `BadParameter` for what can be none."""
    try:
        name = chosen(asked().profile)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    if not is_name(name):
        raise typer.BadParameter(f"{name!r} is no name of a profile")
    return name
