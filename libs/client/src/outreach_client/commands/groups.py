"""The groups of `outreach`, by name: a group is imported when one of its commands is asked for.

What each of them is for stands here as well, so that `outreach --help` imports none of them.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Place(NamedTuple):
    """Where a command of the first level is, and what it is for."""

    module: str
    told: str
    command: str = ""
    """Of a single command its name among the module's; a group is all of the module."""


PLACES: Mapping[str, Place] = {
    "campaigns": Place("campaigns.group", "Campaigns: a lead list walked through a sequence."),
    "sequences": Place("sequences", "Sequences: what a campaign's leads walk through."),
    "leads": Place("leads.group", "Leads: the people of a campaign."),
    "lists": Place("leads.lists", "Lists: people who are kept, for several campaigns."),
    "imports": Place("imports", "Imports: files of people that are uploaded, and read apart."),
    "accounts": Place("accounts", "Accounts: the LinkedIn accounts that send."),
    "actions": Place("actions", "Actions: what accounts do on LinkedIn, and when."),
    "people": Place("people", "People: what an account sees of a person."),
    "holds": Place("holds", "Holds: stops that are in force until lifted."),
    "suppressions": Place("suppressions", "Suppressions: who must not be contacted."),
    "webhooks": Place("webhooks.group", "Webhooks: who hears what happens, and whether."),
    "workflows": Place("workflows", "Workflows: what goes on at Temporal, for who looks after it."),
    "audit": Place("identity.audit", "Audit: who did what, and whether that is all of it."),
    "internal": Place("internal", "What services say to each other; for repairs."),
    "login": Place("identity.sign_in", "Try an API key, and keep it for what follows.", "login"),
    "logout": Place("identity.sign_in", "Forget the API key that `login` has kept.", "logout"),
    "whoami": Place("identity.sign_in", "Tell who calls, and what they may.", "whoami"),
    "bootstrap": Place(
        "identity.first", "Make the first administrator, once, in the database itself.", "bootstrap"
    ),
    "keys": Place("identity.api_keys", "API keys: how members prove who they are."),
    "members": Place("identity.members", "Members: who may do what in an organization."),
    "organizations": Place("identity.organizations", "Organizations: whose things there are."),
}


class _Quick(TyperGroup):
    """A group that reads what is typed without pydantic, by which typer reads what is not there."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does; a flag that is not there is off."""
        for flag in self.get_params(ctx):
            flag.default = flag.default or False
        return super().parse_args(ctx, args)


class Groups(_Quick):
    """All of them; help and completion know their names, and only what is called is imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        del ctx
        return [*PLACES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What is imported, else what tells of it; None where there is none of that name."""
        del ctx
        place = PLACES.get(cmd_name)
        if place is None:
            return None
        return self.commands.get(cmd_name) or TyperCommand(cmd_name, help=place.told)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What is called, imported."""
        place = PLACES.get(args[0])
        if place is not None and args[0] not in self.commands:
            self.commands[args[0]] = _made(args[0], place)
        return super().resolve_command(ctx, args)


class Group(_Quick):
    """One of them."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Tell what each command is for, in a whole sentence."""
        told = [
            (name, (command.help or "").partition("\n\n")[0])
            for name, command in self.commands.items()
            if not command.hidden
        ]
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(told)


def group(told: str = "") -> typer.Typer:
    """A group of commands, and what it is for; without, what another group takes in."""
    return typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None, help=told or None)


def _made(name: str, place: Place) -> Any:
    app: typer.Typer = import_module(f"outreach_client.commands.{place.module}").app
    made: Any = get_group(app)
    if place.command:
        made = made.commands[place.command]
    made.name = name
    return made
