"""The groups of `outreach`, by name: a group is imported when one of its commands is asked for.

What each of them is for stands here as well, so that `outreach --help` imports none of them.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from outreach_client.invocations.command import PROFILE, Command
from outreach_client.invocations.endings import ending_of


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
    "programs": Place("automation.programs", "Programs: who enters a campaign, and when."),
    "runs": Place("automation.runs", "Runs: what programs did, run by run."),
    "reports": Place("automation.reports", "Reports: what came of programs, by week and day."),
    "decisions": Place(
        "automation.decisions", "Decisions: what programs have decided, and what people answer."
    ),
    "scores": Place("automation.scores", "Scores: by what programs rank people, and why."),
    "models": Place("automation.models", "Models: what programs have learned, and what ranks."),
    "audit": Place("identity.audit", "Audit: who did what, and whether that is all of it."),
    "internal": Place("internal", "What services say to each other; for repairs."),
    "doctor": Place(
        "installation.doctor",
        "Look at all that commands and campaigns need; exit code 5 where something is wrong.",
        "doctor",
    ),
    "open": Place(
        "installation.addresses",
        "Print the addresses of pages and of Temporal's web interface, to be clicked.",
        "open",
    ),
    "version": Place(
        "installation.versions",
        "Tell the version of the client and of each server, and whether they fit together.",
        "version",
    ),
    "server-info": Place(
        "installation.servers",
        "Tell what a server is, and how it finds what it needs.",
        "server-info",
    ),
    "config": Place(
        "identity.config",
        "Config: profiles, each with addresses, an organization and a key of its own.",
    ),
    "completion": Place(
        "identity.shell_completion",
        "Print what teaches a shell to complete: `source <(outreach completion bash)`.",
        "completion",
    ),
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

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - as typer has it
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002
        **extra: Any,
    ) -> Any:
        """Run what is typed, and end with its exit code."""
        del standalone_mode, windows_expand_args
        typed = sys.argv[1:] if args is None else [*args]
        run = super().main
        sys.exit(
            ending_of(
                lambda: run(typed, prog_name, complete_var, standalone_mode=False, **extra), typed
            )
        )

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As of a group, behind a profile that is named first."""
        while args and args[0].partition("=")[0] == "--profile":
            _, given, named = args[0].partition("=")
            ctx.meta[PROFILE] = named if given else next(iter(args[1:2]), "")
            args = args[1:] if given else args[2:]
        return super().parse_args(ctx, args)

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


class App(typer.Typer):
    """What makes commands of functions: each with what every command has."""

    def command(self, name: str | None = None, **given: Any) -> Callable[[Any], Any]:
        """As typer does."""
        return super().command(name, **{"cls": Command, **given})


def group(told: str = "") -> typer.Typer:
    """A group of commands, and what it is for; without, what another group takes in."""
    return App(cls=Group, no_args_is_help=True, rich_markup_mode=None, help=told or None)


def _made(name: str, place: Place) -> Any:
    app: typer.Typer = import_module(f"outreach_client.commands.{place.module}").app
    made: Any = get_group(app)
    if place.command:
        made = made.commands[place.command]
    made.name = name
    return made
