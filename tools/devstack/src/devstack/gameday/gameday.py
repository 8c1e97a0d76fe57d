"""Plays every fault on a running stack: `make gameday`.

The chain is the one of production: the services' metrics, a real Prometheus with the shipped
rules, a real Alertmanager, a webhook. Only windows are shorter, all by one factor.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from servicekit.telemetry import logs

from devstack.demo.demo import fast_clock
from devstack.gameday.database import ServersClock
from devstack.gameday.faults import FAULTS, Fault
from devstack.gameday.further import FURTHER
from devstack.gameday.world import ACCOUNTS, World
from devstack.observability.alertmanager import AlertReceiver, Told, alertmanager
from devstack.observability.programs import FAKETIME, find, how_to_get
from devstack.observability.prometheus import prometheus
from devstack.observability.rules import groups
from devstack.observability.windows import shortened
from devstack.stack.certificates import replace_file
from devstack.stack.simulator import ACCESS_TOKEN
from devstack.stack.stack import Stack, StackOptions, new_directory

FACTOR = 60
"""A minute of a rule is a second of the gameday: `for: 5m` are 5 s, `[1h]` is a minute."""
RECORD = Path("build/gameday.json")
_SPEED = 2_000.0
_FIRES_WITHIN = 120.0
_ENDS_WITHIN = 180.0
_FURTHER = "further"
_NAMES = f"There are: {', '.join(fault.name for fault in (*FURTHER, *FAULTS))}; {_FURTHER}."
_NEEDED = ("prometheus", "alertmanager", FAKETIME)


@dataclass(frozen=True, kw_only=True)
class Played:
    """What became of one fault; seconds since it was made."""

    fault: str
    cause: str
    alert: str
    action: str
    fired: float | None = None
    """Until Prometheus says that the alert fires."""
    told: float | None = None
    """Until the webhook heard of it from Alertmanager."""
    acted: float | None = None
    ended: float | None = None
    """Until the webhook heard that it is over."""
    beside: Sequence[str] = ()
    """Alerts that fired as well."""
    problem: str = ""

    @property
    def good(self) -> bool:
        return not self.problem


async def play(fault: Fault, world: World, receiver: AlertReceiver) -> Played:
    """Make a fault, wait for its alert, do what its entry says, wait until it is over."""
    known = Played(fault=fault.name, cause=fault.cause, alert=fault.alert, action=fault.action)
    over = _Watched(fault, receiver).over
    if not await over(within=_ENDS_WITHIN):
        return replace(known, problem="it fired before the fault was made")
    try:
        return await _played(known, fault, world, receiver)
    except Exception as error:  # noqa: BLE001 - the others are played all the same
        return replace(known, problem=f"it could not be played: {error!r}")
    finally:
        if fault.tidy is not None:
            await fault.tidy(world)


async def _played(known: Played, fault: Fault, world: World, receiver: AlertReceiver) -> Played:
    watched = _Watched(fault, receiver)
    began_at, began = datetime.now(UTC), time.monotonic()
    await fault.make(world)
    told = await watched.fired(within=_FIRES_WITHIN)
    beside = tuple(sorted(receiver.names_firing() - {fault.alert}))
    if told is None:
        await fault.end(world)
        return replace(known, beside=beside, problem="it did not fire")
    known = replace(
        known,
        beside=beside,
        fired=(told.fired_at - began_at).total_seconds(),
        told=(told.at - began_at).total_seconds(),
        acted=time.monotonic() - began,
    )
    await fault.end(world)
    if not await watched.over(within=_ENDS_WITHIN):
        return replace(known, problem="it fires on after the action")
    return replace(known, ended=time.monotonic() - began)


@dataclass(frozen=True)
class _Watched:
    """The alert of a fault, as the webhook hears of it."""

    fault: Fault
    receiver: AlertReceiver

    async def fired(self, *, within: float) -> Told | None:
        """Wait until it fires; what was told then, None if it does not."""
        await self._until(lambda: self._told() is not None, within)
        return self._told()

    async def over(self, *, within: float) -> bool:
        """Wait until it does not fire; whether that was so."""
        await self._until(lambda: self._told() is None, within)
        return self._told() is None

    def _told(self) -> Told | None:
        return self.receiver.firing(self.fault.alert, self.fault.labels)

    async def _until(self, enough: Callable[[], bool], within: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.receiver.until(enough)


def table(played: Sequence[Played]) -> str:
    """What happened, at most 80 columns wide."""
    lines = [f"{'fault':<20} {'alert':<29} {'fired':>6} {'told':>6} {'acted':>6} {'ended':>6}"]
    for each in played:
        times = (each.fired, each.told, each.acted, each.ended)
        told = " ".join(f"{'-' if it is None else f'{it:.1f}':>6}" for it in times)
        lines.append(f"{each.fault:<20} {each.alert:<29} {told}")
        if each.problem:
            lines.append(f"  {each.problem}"[:80])
    return "\n".join(lines)


async def _play_all(faults: Sequence[Fault], world: World, receiver: AlertReceiver) -> list[Played]:
    """One after the other, while customers ask; each is told of as it is over."""
    played = []
    await world.begin()
    async with world.asked():
        for fault in faults:
            played.append(await play(fault, world, receiver))
            sys.stderr.write(f"{table(played[-1:])}\n")
    return played


def chosen_of(names: Sequence[str]) -> Sequence[Fault]:
    """The faults of these names, the ten of every gameday without one, the further ten by theirs.

    Raises `LookupError` for a name that there is not.
    """
    if not names:
        return FAULTS
    wanted = {*names, *([fault.name for fault in FURTHER] if _FURTHER in names else [])}
    chosen = [fault for fault in (*FURTHER, *FAULTS) if fault.name in wanted]
    if unknown := wanted - {_FURTHER} - {fault.name for fault in chosen}:
        raise LookupError(", ".join(sorted(unknown)))
    return chosen


async def run(names: Sequence[str]) -> int:
    """Play the faults of these names, or the ten; 1 if one did not go as it must."""
    try:
        chosen = chosen_of(names)
    except LookupError as unknown:
        sys.stderr.write(f"No such fault: {unknown}. {_NAMES}\n")
        return 1
    programs = {name: find(name) for name in _NEEDED}
    if missing := [name for name, path in programs.items() if path is None]:
        sys.stderr.write(f"{how_to_get(missing)}\n")
        return 1
    directory = new_directory()
    clock, key_file = ServersClock(directory), directory / "unipile.key"
    replace_file(key_file, f"{ACCESS_TOKEN}\n".encode())
    options = StackOptions(
        clock=fast_clock(_SPEED),
        accounts=ACCOUNTS,
        environment={"UNIPILE_ACCESS_TOKEN": "", "UNIPILE_ACCESS_TOKEN_FILE": str(key_file)},
        database_environment=clock.environment(),
    )
    async with Stack(options, directory=directory) as stack, AlertReceiver() as receiver:
        world = World(stack, clock, key_file)
        await world.disk.mount()
        try:
            async with (
                alertmanager(str(programs["alertmanager"]), receiver.url) as told,
                prometheus(
                    str(programs["prometheus"]),
                    stack,
                    shortened(groups(), FACTOR),
                    alertmanagers=[told],
                ),
            ):
                played = await _play_all(chosen, world, receiver)
        finally:
            await world.leave()
    await asyncio.to_thread(_write, played)
    sys.stdout.write(f"\n{table(played)}\n")
    return 0 if all(each.good for each in played) else 1


def _write(played: Sequence[Played]) -> None:
    RECORD.parent.mkdir(exist_ok=True)
    told = {"factor": FACTOR, "played": [asdict(each) for each in played]}
    RECORD.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    logs.configure("devstack", level="ERROR", log_format="console", stream=sys.stderr)
    sys.exit(asyncio.run(run([name for name in os.environ.get("FAULTS", "").split(",") if name])))
