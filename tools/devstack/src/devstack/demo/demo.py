"""`make demo`: one lead list through one sequence, on real parts and a fast clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from outreach.campaign.v1 import campaign_pb2
from rich.console import Console
from rich.text import Text
from servicekit.clock import Clock

from devstack.demo import formatting, report
from devstack.demo.attempt import while_all_runs
from devstack.demo.driver import ORGANIZATION, Driver
from devstack.demo.flow import Flow, expected_duration, read_flow, suitable_run, suitable_speed
from devstack.demo.lead_file import count_rows, is_listable
from devstack.demo.outcome import Outcome, collect_outcome
from devstack.demo.progress import ended, progress_on
from devstack.stack.certificates import CALLER
from devstack.stack.simulator import DEFAULT_ACCOUNTS, read_options
from devstack.stack.stack import Stack, StackOptions
from devstack.stack.virtual_time import clock_reading, next_monday_morning, sandbox_clock

EXAMPLES = Path("examples")
_SEED = 308
"""Among the people of the example list this one has most of the ways to answer."""
_STARTS_WITHIN = timedelta(seconds=7)
_MOST_WAITING = 20
_MOST_CONCURRENT = 10_000
_DEFAULT_CONCURRENT = 100
_CANNOT_RUN = "The sequence cannot run; see above."


class BadInput(Exception):
    """What was given cannot be run; the message is for people."""


class NotCompleted(Exception):
    """The campaign did not end in time."""


@dataclass(frozen=True, kw_only=True)
class DemoInput:
    """What to run, and how fast."""

    leads: Path
    flow: Flow
    rows: int
    speed: float
    expected: timedelta
    keep: bool
    simulator_options: tuple[str, ...] = ()

    @property
    def deadline(self) -> timedelta:
        """How long to wait on the wall before giving up; generous."""
        return timedelta(minutes=2) + 6 * max(suitable_run(self.rows), self.expected / self.speed)


def read_input(environ: Mapping[str, str]) -> DemoInput:
    """Read `DEMO_LEADS`, `DEMO_FLOW`, `DEMO_SPEED`, `DEMO_KEEP` and `DEMO_SIMULATOR`.

    Raises:
        BadInput: a file or the flags cannot be read, or the speed is not a positive number.
    """
    leads = Path(environ.get("DEMO_LEADS") or EXAMPLES / "leads.csv")
    flow_file = Path(environ.get("DEMO_FLOW") or EXAMPLES / "sequence.json")
    for name, file in (("DEMO_LEADS", leads), ("DEMO_FLOW", flow_file)):
        if not file.is_file():
            raise BadInput(f"{name}: there is no file {file}")
    try:
        source = flow_file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"DEMO_FLOW: {flow_file} is not text in UTF-8") from None
    try:
        options = read_options(environ)
    except ValueError as problem:
        raise BadInput(f"DEMO_SIMULATOR: {problem}") from None
    flow, rows = read_flow(source), count_rows(leads)
    expected = expected_duration(flow, leads=rows, accounts=len(DEFAULT_ACCOUNTS))
    return DemoInput(
        leads=leads.resolve(),
        flow=flow,
        rows=rows,
        speed=read_speed(environ) or suitable_speed(expected, leads=rows),
        expected=expected,
        keep=environ.get("DEMO_KEEP", "") not in {"", "0"},
        simulator_options=options,
    )


def read_speed(environ: Mapping[str, str], name: str = "DEMO_SPEED") -> float | None:
    """`DEMO_SPEED`, or another, if it is set; raises `BadInput` unless it is a positive number."""
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise BadInput(f"{name}: {text!r} is not a positive number")
    return speed


def fast_clock(speed: float) -> Clock:
    """A clock on which it will be Monday morning when the stack has started."""
    now = datetime.now(UTC)
    return clock_reading(next_monday_morning(now), when=now + _STARTS_WITHIN, speed=speed)


async def run_demo(given: DemoInput, console: Console) -> int:
    """Run it; 0 if the campaign completed and everything that must be true of it is.

    Raises `BadInput` at a sequence that cannot run, before anything is started for it.
    """
    if given.flow.violations:
        report.show_violations(console, given.flow.violations)
        raise BadInput(_CANNOT_RUN)
    began = time.monotonic()
    console.print(
        f"[bold]Starting[/] PostgreSQL, Temporal, a simulated Unipile and four services; "
        f"a second will be {formatting.span(timedelta(seconds=given.speed))}"
    )
    options = StackOptions(
        clock=fast_clock(given.speed),
        people=given.leads if is_listable(given.leads) else None,
        seed=_SEED,
        simulator_options=given.simulator_options,
    )
    async with Stack(options) as stack:
        console.print(f"  started in {time.monotonic() - began:.1f} s", style="dim")
        demo = _Demo(given, stack, console)
        code = await while_all_runs(stack, demo.run())
        took = timedelta(seconds=time.monotonic() - began)
        console.print(f"\nThe whole demo took {formatting.span(took)}.", style="dim")
        await _look_next(stack, console, given)
        return code


class _Demo:
    def __init__(self, given: DemoInput, stack: Stack, console: Console) -> None:
        self._given = given
        self._stack = stack
        self._console = console
        self._driver = Driver(stack)

    async def run(self) -> int:
        driver, console = self._driver, self._console
        await driver.register_accounts()
        await driver.create_endpoints(self._given.flow)
        await self._show_sequence()
        created = await driver.create_campaign(
            self._given.flow, name=self._given.leads.stem, settings=self._settings()
        )
        campaign_id = created.campaign.campaign_id
        report.heading(console, f"Leads from {self._given.leads.name}")
        imported = await driver.import_leads(campaign_id, self._given.leads)
        held_back = await driver.held_back(campaign_id, most=report.MOST_ROW_ERRORS)
        report.show_import(console, imported, held_back)
        report.heading(console, f"Running {campaign_id}")
        await driver.start(campaign_id)
        try:
            await self._watch(campaign_id)
        except NotCompleted:
            await self._explain(campaign_id)
            return 1
        outcome = await collect_outcome(driver, campaign_id)
        self._show(outcome)
        return 0 if outcome.good else 1

    def _settings(self) -> campaign_pb2.CampaignSettings:
        """The defaults; only a long list may have all its leads under way at once."""
        at_once = min(max(_DEFAULT_CONCURRENT, self._given.rows), _MOST_CONCURRENT)
        return campaign_pb2.CampaignSettings(max_concurrent_leads=at_once)

    async def _show_sequence(self) -> None:
        answer = await self._driver.validate(self._given.flow)
        if answer.violations:
            report.show_violations(self._console, answer.violations)
            raise BadInput(_CANNOT_RUN)
        report.heading(self._console, "Sequence")
        report.show_steps(self._console, list(answer.steps))
        for warning in answer.warnings:
            text = f"  {warning.description} ({warning.field})"
            self._console.print(Text(text, style="yellow"))

    async def _watch(self, campaign_id: str) -> None:
        title = f"{self._given.leads.name} · {campaign_id}"
        with progress_on(self._console, self._stack.clock, title=title) as progress:
            try:
                async with asyncio.timeout(self._given.deadline.total_seconds()):
                    async for status in self._driver.watch(campaign_id):
                        progress.show(status)
            except TimeoutError:
                raise NotCompleted from None

    async def _explain(self, campaign_id: str) -> None:
        status = await self._driver.status(campaign_id)
        self._console.print(
            "[bold red]The campaign has not ended after "
            f"{formatting.span(self._given.deadline)}:[/] "
            f"{ended(status)} of {status.leads} leads have."
        )
        for explanation in status.explanations:
            self._console.print(f"  {explanation}", style="yellow")
        waiting = await self._driver.waiting(campaign_id, most=_MOST_WAITING)
        report.show_stuck(self._console, waiting)

    def _show(self, outcome: Outcome) -> None:
        console, status = self._console, outcome.status
        lasted = status.end_time.ToDatetime(UTC) - status.start_time.ToDatetime(UTC)
        report.heading(
            console,
            f"The campaign {formatting.campaign_state(status.state)} "
            f"after {formatting.span(lasted)}",
        )
        report.show_leads(console, outcome.leads, status.steps)
        report.heading(console, "Funnel")
        report.show_funnel(console, status)
        report.heading(console, "Webhooks")
        report.show_webhooks(console, outcome.events, outcome.received)
        report.heading(console, "Caps: the most that any stretch of time held, and what is allowed")
        names = {account.id: account.name for account in DEFAULT_ACCOUNTS}
        report.show_caps(console, outcome.uses, names)
        report.heading(console, "Checked against the journal of the simulated LinkedIn")
        report.show_checks(console, outcome.checks)


async def _look_next(stack: Stack, console: Console, given: DemoInput) -> None:
    report.heading(console, "Where to look next")
    if not given.keep:
        console.print(
            "  make demo DEMO_KEEP=1   leaves all of this running, with Temporal's web UI"
        )
        console.print("  make up                 the same stack at your own pace")
        console.print("  docs/architecture.md    the way of one lead through the code")
        return
    stack.keep_directory()
    show_addresses(stack, console)
    console.print("\nRunning until Ctrl-C.")
    await stack.until_failure()


def show_addresses(stack: Stack, console: Console) -> None:
    """Where everything is, and what to paste into a shell."""
    lines = {
        "Temporal's web UI": stack.temporal.ui_url,
        "the simulated LinkedIn": f"{stack.simulator.url}/_simulator/",
        "webhooks received": str(stack.directory / "webhooks.jsonl"),
        "logs": str(stack.logs),
        "database": f"psql '{stack.postgres.url('postgres')}'",
    }
    for name, where in lines.items():
        console.print(Text(f"  {name:<24}{where}"), soft_wrap=True)
    report.heading(console, "For the command `outreach` in another shell")
    for name, value in shell_environment(stack).items():
        console.print(Text(f"  export {name}={value}"), soft_wrap=True)


def shell_environment(stack: Stack) -> dict[str, str]:
    """What the command line of the engine reads."""
    return {
        "OUTREACH_CAMPAIGN_API_ADDRESS": stack.addresses.grpc("campaign-api"),
        "OUTREACH_GATEWAY_ADDRESS": stack.addresses.grpc("linkedin-gateway"),
        "OUTREACH_DISPATCHER_ADDRESS": stack.addresses.grpc("webhook-dispatcher"),
        "OUTREACH_API_KEY_FILE": str(stack.operators_key),
        "OUTREACH_TLS": "true",
        **stack.certificates.environment(CALLER, read_by="OUTREACH"),
        "OUTREACH_ORGANIZATION": ORGANIZATION,
        "OUTREACH_TEMPORAL_UI_ADDRESS": stack.temporal.ui_url,
        "TEMPORAL_ADDRESS": stack.addresses.temporal,
        **({"SANDBOX_CLOCK": sandbox_clock(stack.clock)} if stack.clock.sandbox else {}),
    }
