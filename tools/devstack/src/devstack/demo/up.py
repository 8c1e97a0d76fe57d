"""`make up`: the stack alone, until Ctrl-C."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rich.console import Console
from servicekit.clock import Clock

from devstack.demo import demo, formatting
from devstack.demo.demo import DemoInput
from devstack.demo.driver import Driver
from devstack.demo.report import heading
from devstack.stack.stack import Stack, StackOptions

SPEED = 300.0
"""Of the sandbox's clock: a day in some five minutes."""


async def run_up(given: DemoInput, console: Console, *, speed: float) -> None:
    """Serve until a part fails or the caller is interrupted.

    The people of the lead list exist, and so do the webhooks that the sequence names.
    """
    clock = Clock(datetime.now(UTC)) if speed == 1.0 else demo.fast_clock(speed)
    options = StackOptions(
        clock=clock, people=given.leads, simulator_options=given.simulator_options
    )
    console.print("Starting …")
    async with Stack(options) as stack:
        driver = Driver(stack)
        heading(console, "Accounts that can send")
        for account in await driver.register_accounts():
            console.print(f"  {account.account_id}  {account.name}  ({driver.organization_id})")
        await driver.create_endpoints(given.flow)
        heading(console, f"Where everything is; it is {formatting.moment(clock.now())}")
        console.print(clock_told(speed))
        demo.show_addresses(stack, console)
        console.print("\nRunning until Ctrl-C.")
        await stack.until_failure()


def clock_told(speed: float) -> str:
    """How fast time goes, and how to have it go otherwise."""
    if speed == 1.0:
        return "Time is real: at night and at weekends accounts rest, and nothing moves."
    day = timedelta(days=1) / speed
    return (
        f"This is a SANDBOX CLOCK, {speed:g} times as fast as yours: it was Monday morning when all"
        f" had started, and a day takes {day.total_seconds() / 60:.1f} minutes. Real time: make up"
        " SPEED=1"
    )
