"""Programs in REVIEW or AUTOPILOT on real rows at a time that stands, and who has them done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from automation.decisions.decision import Decision, DecisionKind
from automation.programs.program import Program, ProgramMode
from automation.programs.program_repository import ProgramRepository
from automation.runs.run_repository import RunRepository
from automation.selection.sender_readings import SenderReadings
from campaigns.models import Campaign, Person
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.release_fitting import ReleaseFitting
from outreach_worker.decisions.released_leads import ReleasedLeads
from outreach_worker.decisions.settlement import DecisionSettlement
from outreach_worker.senders.sender_source import GatewaySenders
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.outreach_worker.programs.releasing import CampaignApi, Gateway
from tests.integration.outreach_worker.programs.test_day_selection import NOW, World, program_of
from tests.servers.postgres import as_role


class Moment:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def virtual(self, duration: timedelta) -> timedelta:
        return duration


class Office(World):
    """Programs in REVIEW, whoever approves what they propose, and what then has it done."""

    def __init__(self, campaign_pool: Pool, pool: Pool) -> None:
        super().__init__(campaign_pool, pool)
        self.pool, self.clock, self.gateway = pool, Moment(NOW), Gateway()
        self.programs = ProgramRepository(pool)
        self.api = CampaignApi(cast("Any", self))
        gateway: Any = self.gateway
        clock = cast("Clock", self.clock)
        self.calling_off = CallingOff(self.programs, RunRepository(pool), clock)
        self.candidates = CandidateRepository(campaign_pool, SEAL)
        self.fitting = ReleaseFitting(
            self.programs,
            self.reading,
            SenderReadings(GatewaySenders(gateway, gateway, gateway), self.readings),
            self.decisions,
            clock,
        )
        released = ReleasedLeads(
            cast("Any", self.api), self.decisions, self.fitting, candidates=self.candidates
        )
        self.settlement = self.settled_by(released, self.calling_off)

    def settled_by(self, released: Any, calling_off: Any) -> DecisionSettlement:
        """Another process than the office's own."""
        return DecisionSettlement(
            self.decisions,
            {DecisionKind.RELEASE_LEADS: released},
            cast("Clock", self.clock),
            calling_off=calling_off,
        )

    async def program(
        self, campaign: Campaign, *, plan: int = 6, mode: ProgramMode = ProgramMode.REVIEW
    ) -> Program:
        """One that looks at this campaign."""
        made = program_of(campaign, mode)
        made = replace(made, settings=replace(made.settings, plan_per_day=plan))
        return await self.programs.create(made, request_id=made.program_id)

    async def proposed(self, program: Program, *, on: datetime = NOW) -> Decision:
        """What the program proposes on that day at six."""
        await self.read(at=on, invitations=2 * self.gateway.free)
        selected = await self.selection.decide(
            program, day=on.date().isoformat(), run_id=new_id("run"), now=on
        )
        assert selected.decision is not None
        return selected.decision

    async def approved(self, *decisions: Decision, at: datetime) -> list[Decision]:
        """All of them, one after the other; then each is had done, all at once."""
        self.clock.at = at
        for each in decisions:
            await self.decisions.approve(each.id, by="mem_ann", now=at)
        return list(await asyncio.gather(*(self.settlement.settle(each.id) for each in decisions)))

    async def of_firms(self, leads: int) -> Campaign:
        """Of people of whom each works somewhere else."""
        campaign = await self.campaign(0)
        await self.add(campaign, [new_id("firm") for _ in range(leads)])
        return campaign

    async def add(self, campaign: Campaign, companies: Sequence[str]) -> None:
        """People whom the rules want, behind those who are there."""
        people = [
            Person(public_identifier=new_id("p"), title="VP Sales", company=company)
            for company in companies
        ]
        await self.leads.add(campaign.id, people, now=NOW)

    async def released(self) -> dict[str, str]:
        """The account of each lead that may enter."""
        rows = await self.campaign_pool.fetch(
            "SELECT id, released_account_id FROM leads WHERE released_at IS NOT NULL"
        )
        return {row["id"]: row["released_account_id"] for row in rows}


@asynccontextmanager
async def opened(new_database: Callable[..., str]) -> AsyncIterator[Office]:
    """One of a database of its own."""
    url = new_database(("campaign", "campaigns"), ("automation", "automation"))
    async with (
        connect_pool(as_role(url, "campaign_background"), "campaign", max_size=4) as campaigns,
        connect_pool(as_role(url, "automation_background"), "automation", max_size=4) as pool,
    ):
        yield Office(campaigns, pool)
