"""`devstack demo`, `devstack up`, `devstack bench` and `devstack capacity`: what make calls."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import warnings
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from devstack.demo.demo import BadInput, read_input, read_speed, run_demo
from devstack.demo.up import SPEED, run_up
from devstack.stack.processes import ProcessFailed

EXIT_FAILED, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 1, 2, 130

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)


@app.command()
def demo() -> None:
    """Run a lead list through a sequence.

    DEMO_LEADS, DEMO_FLOW, DEMO_SPEED, DEMO_KEEP and DEMO_SIMULATOR, the simulator's flags.
    """
    console = console_of(os.environ)

    async def work() -> int:
        return await run_demo(read_input(os.environ), console)

    _run(work(), console)


@app.command("demo-automation")
def demo_automation() -> None:
    """Have a program run an outreach team for weeks, and judge it by the hidden truth.

    DEMO_WORLD (tastes or indifferent; both unless it says one), DEMO_SPEED and DEMO_WEEKS.
    """
    from devstack.demo.automation.demo import run_worlds  # noqa: PLC0415 - as below
    from devstack.demo.automation.plan import read_plans  # noqa: PLC0415 - as below

    console = console_of(os.environ)

    async def work() -> int:
        return await run_worlds(read_plans(os.environ), console)

    _run(work(), console)


@app.command()
def up() -> None:
    """Run the stack until Ctrl-C, on a sandbox clock (SPEED=1: in real time).

    DEMO_LEADS, DEMO_FLOW and DEMO_SIMULATOR are as of the demo.
    """
    console = console_of(os.environ)

    async def work() -> int:
        speed = read_speed(os.environ, "SPEED") or SPEED
        await run_up(read_input(os.environ), console, speed=speed)
        return 0

    _run(work(), console)


@app.command()
def bench(
    output: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/bench.json"),
) -> None:
    """Measure the whole line against the floor of the same Temporal server."""
    from devstack.bench.bench import run_bench  # noqa: PLC0415 - the SDK takes its time to import

    console = console_of(os.environ)
    _run(run_bench(output, console), console)


@app.command()
def capacity(
    leads: Annotated[int, typer.Option(envvar="CAPACITY_LEADS", min=1)] = 400,
    output: Annotated[Path, typer.Option(help="Where the figures go.")] = Path(
        "build/capacity.json"
    ),
) -> None:
    """Measure what a lead costs: memory, processor, rows, Temporal's actions."""
    from devstack.capacity.capacity import run_capacity  # noqa: PLC0415 - as above

    console = console_of(os.environ)
    _run(run_capacity(leads, output, console), console)


_FILE_WIDTH = 80


def main() -> None:
    """Entry point."""
    warnings.filterwarnings("ignore")
    logs.configure("devstack", level="ERROR", log_format="console", stream=sys.stderr)
    app()


def console_of(environ: Mapping[str, str]) -> Console:
    """Standard output; where it is no terminal as wide as COLUMNS says, or as every terminal is."""
    console = Console(highlight=False)
    if not console.is_terminal and not environ.get("COLUMNS"):
        console.width = _FILE_WIDTH
    return console


def _run(work: Coroutine[Any, Any, int], console: Console) -> NoReturn:
    """Run it; however it ends, everything it started ends with it."""
    try:
        code = asyncio.run(_until_signalled(work))
    except (asyncio.CancelledError, KeyboardInterrupt):
        console.print("\nInterrupted; everything is stopped and removed.")
        code = EXIT_INTERRUPTED
    except BadInput as problem:
        console.print(Text(str(problem), style="bold red"))
        code = EXIT_BAD_INPUT
    except ServiceError as refusal:
        _show_refusal(refusal, console)
        code = EXIT_BAD_INPUT if refusal.violations else EXIT_FAILED
    except ProcessFailed as failure:
        console.print(Text(str(failure), style="red"))
        code = EXIT_FAILED
    sys.stdout.flush()
    sys.stderr.flush()
    # The Temporal SDK sometimes aborts a short process while the interpreter ends.
    os._exit(code)


async def _until_signalled(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await task


def _show_refusal(refusal: ServiceError, console: Console) -> None:
    console.print(Text(f"{refusal.message} ({refusal.reason})", style="bold red"))
    for wrong in refusal.violations:
        console.print(Text(f"  {wrong.field}: {wrong.description} ({wrong.reason})"))


if __name__ == "__main__":
    main()
