"""`make demo-automation`: weeks of a program on real parts and a fast clock, and its judge."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import campaign_pb2
from outreach.common.v1 import sending_window_pb2
from rich.console import Console
from servicekit.errors import NotFound

from devstack.demo import formatting
from devstack.demo.attempt import while_all_runs
from devstack.demo.automation.evidence import Evidence, collect_evidence
from devstack.demo.automation.judge import acceptance_told, judged, ranking_told
from devstack.demo.automation.manager import Manager
from devstack.demo.automation.office import Office, office_of
from devstack.demo.automation.plan import LEADS_PER_DAY, Plan
from devstack.demo.automation.story import Story
from devstack.demo.automation.world import (
    SENDERS,
    TASTES_OF,
    lead_file,
    sequence,
)
from devstack.demo.demo import fast_clock
from devstack.demo.driver import Driver
from devstack.demo.flow import read_flow
from devstack.demo.report import heading, show_checks
from devstack.stack.stack import Stack, StackOptions

_LOOKS_EVERY = 0.6
"""Real seconds between two looks at what the program did."""
_SETTLES_WITHIN = timedelta(minutes=2)
_AT_ONCE = 1_000
_HOURS = sending_window_pb2.SendingWindow(
    time_zone="UTC",
    weekdays=sending_window_pb2.Weekday.values()[1:6],
    opens="06:00",
    closes="22:00",
)
_REFUSED = SENDERS[-1]
_PAGES = Path("build")


async def run_worlds(plans: Sequence[Plan], console: Console) -> int:
    """Run one world after another; 0 if everything that must be true of each is."""
    return max([await run_world(plan, console) for plan in plans])


async def run_world(plan: Plan, console: Console) -> int:
    """Run one world for its weeks; 0 if everything that must be true of it is."""
    began = time.monotonic()
    weeks = formatting.counted(plan.weeks, "week")
    console.print(f"[bold]The world of {plan.world}[/]: {weeks}, {plan.leads} people,")
    console.print(f"  a second will be {formatting.span(timedelta(seconds=plan.speed))}")
    with tempfile.TemporaryDirectory() as directory:
        leads = Path(directory) / "leads.csv"
        leads.write_text(lead_file(plan.leads))
        options = StackOptions(
            clock=fast_clock(plan.speed),
            people=leads,
            seed=plan.seed,
            accounts=SENDERS,
            simulator_options=(
                *("--default-temperament", "chooses"),
                *("--tastes", TASTES_OF[plan.world]),
            ),
        )
        async with Stack(options) as stack, office_of(stack) as office:
            console.print(f"  started in {time.monotonic() - began:.1f} s\n", style="dim")
            demo = _WorldRun(plan, Driver(stack), office, console)
            code = await while_all_runs(stack, demo.run(leads))
    took = timedelta(seconds=time.monotonic() - began)
    console.print(f"\nThe world of {plan.world} took {formatting.span(took)}.", style="dim")
    return code


class _WorldRun:
    def __init__(self, plan: Plan, driver: Driver, office: Office, console: Console) -> None:
        self._plan = plan
        self._driver = driver
        self._office = office
        self._console = console
        self._story = Story(console)
        self._manager = Manager(office)

    async def run(self, leads: Path) -> int:
        campaign_id = await self._begin(leads)
        clock = self._driver.stack.clock
        ends_at, refused_at = clock.now() + self._plan.lasts, clock.now() + self._plan.refused_after
        refused = False
        while clock.now() < ends_at:
            await asyncio.sleep(_LOOKS_EVERY)
            if not refused and clock.now() >= refused_at:
                await self._refuse()
                refused = True
            await self._look()
        await self._office.close()
        await self._driver.stop(campaign_id)
        await self._settled(campaign_id)
        await self._look()
        return self._show(await collect_evidence(self._driver, self._office))

    async def _begin(self, leads: Path) -> str:
        driver = self._driver
        await driver.register_accounts(working_hours=_HOURS)
        settings = campaign_pb2.CampaignSettings(
            max_concurrent_leads=_AT_ONCE,
            leads_per_day=LEADS_PER_DAY,
            admission=campaign_pb2.ADMISSION_RELEASED_ONLY,
            keep_open=True,
        )
        created = await driver.create_campaign(
            read_flow(sequence()), name="automation", settings=settings
        )
        campaign_id = created.campaign.campaign_id
        await driver.import_leads(campaign_id, leads)
        await driver.start(campaign_id)
        await self._office.open(driver.organization_id, campaign_id, has_rules=self._plan.has_rules)
        return campaign_id

    async def _look(self) -> None:
        for run in reversed(await self._office.newest_runs()):
            if self._story.run(run) and run.type == run_pb2.RUN_TYPE_WEEKLY:
                await self._tell_week(run)
        now = self._driver.stack.clock.now()
        for decision in await self._office.decisions():
            self._story.decision(decision)
            said = await self._manager.look(decision, now)
            if said:
                self._story.said(now, said)

    async def _tell_week(self, run: run_pb2.Run) -> None:
        try:
            experiment = await self._office.experiment()
        except NotFound:
            return
        self._story.week(run, experiment)

    async def _refuse(self) -> None:
        simulator = self._driver.stack.simulator
        await simulator.order_fault(
            route="/users/invite",
            method="POST",
            account_id=_REFUSED.id,
            fault="error",
            type="cannot_resend_yet",
        )
        now = self._driver.stack.clock.now()
        self._story.said(now, f"LinkedIn will refuse the next invitation of {_REFUSED.name}")

    async def _settled(self, campaign_id: str) -> None:
        """Return once no run and no lead is under way."""
        async with asyncio.timeout(_SETTLES_WITHIN.total_seconds()):
            while await self._under_way(campaign_id):  # noqa: ASYNC110 - nobody tells of runs
                await asyncio.sleep(_LOOKS_EVERY)

    async def _under_way(self, campaign_id: str) -> bool:
        runs = await self._office.newest_runs()
        if any(each.state == run_pb2.RUN_STATE_RUNNING for each in runs):
            return True
        status = await self._driver.status(campaign_id)
        return status.state != campaign_pb2.CAMPAIGN_STATE_STOPPED

    def _show(self, evidence: Evidence) -> int:
        console = self._console
        heading(console, "Judged by the journal of the simulated LinkedIn and by its hidden truth")
        checks = judged(self._plan, evidence)
        show_checks(console, checks)
        if self._plan.has_rules:
            console.print(f"  {ranking_told(evidence)}", style="dim")
        console.print(f"  {acceptance_told(evidence)}", style="dim")
        truth = evidence.truth.by_variant
        told = ", ".join(f"{name} {chance:.0%}" for name, chance in truth.items())
        console.print(f"  The hidden truth: variants are accepted by {told}.", style="dim")
        page = _PAGES / f"automation-report-{self._plan.world}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(evidence.page)
        console.print(f"  The last week's report: {page}", style="dim")
        return 0 if all(check.holds for check in checks) else 1
