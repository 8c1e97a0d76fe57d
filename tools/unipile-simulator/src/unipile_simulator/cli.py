"""The command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from unipile_simulator.app import create_app
from unipile_simulator.clock import VirtualClock
from unipile_simulator.config import Config, Knobs, Limits, override
from unipile_simulator.people import temperament
from unipile_simulator.people.lead_list import read_leads
from unipile_simulator.people.people import public_identifier
from unipile_simulator.people.tastes import check_kind
from unipile_simulator.server import serve
from unipile_simulator.store import MemoryStore, SqliteStore
from unipile_simulator.world.world import World

app = typer.Typer(add_completion=False)


@app.command()
def run(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8900,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 7,
    people: Annotated[
        list[Path] | None, typer.Option(help="CSV with a LinkedIn column; repeatable.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="SQLite file that outlives the process.")
    ] = None,
    access_token: Annotated[
        str, typer.Option(envvar="UNIPILE_ACCESS_TOKEN", help="The expected X-API-KEY.")
    ] = Config.access_token,
    account: Annotated[
        list[str] | None,
        typer.Option(help="id=...,name=...,tier=...,connections=... ; repeatable."),
    ] = None,
    temperaments: Annotated[
        list[str] | None,
        typer.Option("--temperament", help="PUBLIC_ID=NAME ; repeatable."),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(help="OLD=NEW public identifier; both resolve, repeatable."),
    ] = None,
    default_temperament: Annotated[
        str | None, typer.Option(help="Everybody's, unless theirs is given.")
    ] = None,
    tastes: Annotated[
        str, typer.Option(help="What people like who choose: seeded or indifferent.")
    ] = Config.tastes,
    invent_people: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option(help="Make up whoever is asked for and not on a list.")
    ] = True,
    limit: Annotated[
        list[str] | None, typer.Option(help="NAME=NUMBER or NAME=off ; repeatable.")
    ] = None,
    no_limits: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--no-limits", help="No limits at all.")
    ] = False,
    knob: Annotated[list[str] | None, typer.Option(help="NAME=VALUE ; repeatable.")] = None,
) -> None:
    """Run a simulated Unipile; a value that cannot be read is refused (`BadParameter`)."""
    limits = Limits.off() if no_limits else Limits()
    try:
        config = Config(
            seed=seed,
            access_token=access_token,
            invent_people=invent_people,
            default_temperament=temperament.check(default_temperament)
            if default_temperament
            else None,
            tastes=check_kind(tastes),
            renames=_renames(rename or []),
            limits=replace(limits, **override(Limits(), limit or [])),
            knobs=replace(Knobs(), **override(Knobs(), knob or [])),
        )
        world = _world(config, state)
        _populate(world, people or [], temperaments or [], account or [])
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    serve(create_app(world), host=host, port=port)


def _world(config: Config, state: Path | None) -> World:
    store = SqliteStore(state) if state else MemoryStore()
    return World(config, clock=VirtualClock.from_env(), store=store)


def _populate(
    world: World, lists: list[Path], temperaments: list[str], accounts: list[str]
) -> None:
    for path in lists:
        world.add_people(read_leads(path))
    for assignment in temperaments:
        public_id, _, name = assignment.rpartition("=")
        world.people.add(public_identifier(public_id), seen_in="list", temperament=name)
    for spec in accounts:
        given = _account(spec)
        world.add_account(
            given.get("id"),
            name=given.get("name"),
            tier=given.get("tier", "premium"),
            connections=int(given.get("connections", "480")),
        )
    if not list(world.accounts):
        world.add_account()
    world.store.commit()


def _renames(given: list[str]) -> dict[str, str]:
    renames = {}
    for assignment in given:
        old, found, new = assignment.partition("=")
        if not (found and old.strip() and new.strip()):
            raise ValueError(f"--rename: cannot read {assignment!r}")
        renames[public_identifier(old)] = public_identifier(new)
    return renames


def _account(spec: str) -> dict[str, str]:
    given = {}
    for part in spec.split(","):
        name, found, value = part.partition("=")
        if not found or name.strip() not in {"id", "name", "tier", "connections"}:
            raise ValueError(f"--account: cannot read {part!r}")
        given[name.strip()] = value.strip()
    return given


def main() -> None:
    """Entry point."""
    app()
