"""The command that seals a schema anew, in a process of its own: also by other data keys."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NoReturn, TypeVar

from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.sealing.composition import seal_of
from servicekit.sealing.key_check import begin_check_anew, check_keys
from servicekit.sealing.rotation import DataKeyRotation, SealedRows
from servicekit.settings import ServerSettings
from servicekit.startup import command
from servicekit.startup.served_pool import served_pool
from servicekit.telemetry import logs

LEAST_KEPT = 1.0
"""Hours: who has read a key before it was retired may seal by it for a while."""

log = logs.get_logger(__name__)
Settings = TypeVar("Settings", bound=ServerSettings)


def run(
    service: str,
    schema: str,
    settings: type[Settings],
    sealed: Sequence[SealedRows],
    *,
    reseal: Callable[[Settings, Clock], Awaitable[int]],
    on_keys_lost: Callable[[Pool], Awaitable[None]] | None = None,
    afterwards: Callable[[Settings, Clock], Awaitable[None]] | None = None,
) -> NoReturn:
    """Seal and wrap anew, change the data keys of these columns if that is asked, then end.

    `on_keys_lost` is what else begins anew with the keys, before they do: safe to repeat.
    `afterwards` is what a row that was sealed anew has lost, and is to have again.

    Exits with what `reseal` returns, or with 1 if something does not open by its key: it stays,
    and so does the key.
    """
    asked = _parser(service).parse_args()
    values, clock = command.accepted(service, settings)
    logs.configure_by(values, service=service)

    async def all_of_it() -> int:
        await check(
            values,
            clock,
            service=service,
            schema=schema,
            lost=asked.keys_are_lost,
            on_keys_lost=on_keys_lost,
        )
        code = await reseal(values, clock)
        if not code and asked.older_than is not None:
            code = await rotate(
                values,
                clock,
                sealed,
                service=service,
                schema=schema,
                older_than=timedelta(days=asked.older_than),
                kept=timedelta(hours=asked.keep_retired),
            )
        if afterwards is not None:
            await afterwards(values, clock)
        return code

    sys.exit(asyncio.run(command.checked(service, all_of_it())))


async def check(
    settings: ServerSettings,
    clock: Clock,
    *,
    service: str,
    schema: str,
    lost: bool,
    on_keys_lost: Callable[[Pool], Awaitable[None]] | None = None,
) -> None:
    """Raise `SettingsRefused` by other keys than the schema's, but where these are lost."""
    seal = seal_of(settings, sandbox=clock.sandbox)
    async with served_pool(
        settings,
        schema,
        application=service,
        max_size=1,
    ) as pool:
        if lost:
            if on_keys_lost is not None:
                await on_keys_lost(pool)
            await begin_check_anew(pool, seal)
        await check_keys(pool, seal, settings)


async def rotate(
    settings: ServerSettings,
    clock: Clock,
    sealed: Sequence[SealedRows],
    *,
    service: str,
    schema: str,
    older_than: timedelta,
    kept: timedelta,
) -> int:
    """Change those that are older than this; returns what the process exits with."""
    async with served_pool(
        settings,
        schema,
        application=service,
        max_size=1,
    ) as pool:
        rotation = DataKeyRotation(
            pool.across("what any organization's keys have sealed is sealed anew"),
            seal_of(settings, sandbox=clock.sandbox),
            sealed,
        )
        done = await rotation.rotate(older_than=older_than, kept=kept)
    log.info(
        "data_keys_changed",
        retired=done.retired,
        sealed=done.sealed,
        destroyed=done.destroyed,
        left=done.left,
        unreadable=done.unreadable,
    )
    return 1 if done.unreadable else 0


def _parser(service: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=f"Seal anew what {service} keeps: safe while it runs, and to repeat."
    )
    parser.add_argument(
        "--older-than",
        type=float,
        metavar="DAYS",
        help="also change data keys: retire those of this age; what they sealed is sealed anew",
    )
    parser.add_argument(
        "--keep-retired",
        type=_hours_kept,
        default=24.0,
        metavar="HOURS",
        help="destroy a retired key that nothing has needed for so long (24; 1 at least)",
    )
    parser.add_argument(
        "--keys-are-lost",
        action="store_true",
        help="go on by the keys of the settings, though others have sealed: services start again",
    )
    return parser


def _hours_kept(said: str) -> float:
    hours = float(said)
    if not hours >= LEAST_KEPT:
        raise argparse.ArgumentTypeError(f"less than {LEAST_KEPT:g}: who writes now needs its keys")
    return hours
