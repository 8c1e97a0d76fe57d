"""What the organization sees of its program, and what its manager answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from automation.decisions.decision import DecidedLead, Decision, DecisionKind
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.schema import SCHEMA
from outreach.automation.v1 import overview_pb2, program_pb2, report_pb2, run_pb2
from outreach.campaign.v1 import experiment_pb2
from outreach.common.v1 import sending_window_pb2
from servicekit.postgres.pool import connect_pool

from devstack.demo.automation.plan import EXPLORATION, PLAN_PER_DAY, TIME_OF_DAY, guardrails_json
from devstack.demo.automation.world import INVITATION, rules_json
from devstack.stack.stack import Stack

_WORKING_DAYS = sending_window_pb2.Weekday.values()[1:6]
_NEWEST = 20


class Office:
    """One program of one campaign, by the RPCs that people use; decisions are read as rows."""

    def __init__(
        self, stack: Stack, decisions: DecisionRepository, history: DecisionHistory
    ) -> None:
        self._stack = stack
        self._client = stack.client
        self._decisions = decisions
        self._history = history
        self.program = program_pb2.Program()

    async def open(self, organization_id: str, campaign_id: str, *, has_rules: bool = True) -> None:
        """Make the program, let it act by itself, and have its schedules made at once.

        Without the customer's rules nobody is preferred, and nobody taken by chance.
        """
        programs = self._client.programs
        created = await programs.create(
            request_id=campaign_id,
            organization_id=organization_id,
            campaign_id=campaign_id,
            name="The demo's program",
            plan_per_day=PLAN_PER_DAY,
            time_of_day=TIME_OF_DAY,
            weekdays=_WORKING_DAYS,
            rules_json=rules_json() if has_rules else "",
            exploration_share=EXPLORATION if has_rules else 0.0,
            guardrails_json=guardrails_json(),
        )
        self.program = created.program
        mode = program_pb2.PROGRAM_MODE_AUTOPILOT
        await programs.set_mode(program_id=self.program.program_id, mode=mode)
        await programs.list_next_runs(program_id=self.program.program_id)

    async def close(self) -> None:
        """Nothing begins any more."""
        await self._client.programs.pause(program_id=self.program.program_id)

    async def newest_runs(self) -> Sequence[run_pb2.Run]:
        """The last ones, the newest first."""
        answer = await self._client.runs.list(
            organization_id=self.program.organization_id, page_size=_NEWEST
        )
        return list(answer.runs)

    async def runs(self) -> Sequence[run_pb2.Run]:
        """All of them."""
        listed = self._client.runs.list(organization_id=self.program.organization_id)
        return [run async for run in listed]

    async def decisions(self) -> Sequence[Decision]:
        """All of them, the oldest first."""
        created_at = self.program.create_time.ToDatetime(self._stack.clock.epoch.tzinfo)
        return await self._history.of_campaign(
            self.program.organization_id,
            self.program.campaign_id,
            [*DecisionKind],
            since=created_at,
        )

    async def leads(self, decision: Decision) -> Sequence[DecidedLead]:
        """Whom a release is of."""
        return await self._decisions.leads(decision.id)

    async def experiment(self) -> experiment_pb2.Experiment:
        """How the variants of the invitation fare; raises `NotFound` once there is one left."""
        answer = await self._client.sequences.get_experiment(
            campaign_id=self.program.campaign_id, step_id=INVITATION
        )
        return answer.experiment

    async def report(self) -> tuple[report_pb2.Report, str]:
        """Of the last seven days: its figures, and its page."""
        reports = self._client.reports
        made = await reports.generate(
            program_id=self.program.program_id, request_id=self.program.campaign_id
        )
        view = report_pb2.REPORT_VIEW_HTML
        answer = await reports.get(report_id=made.report.report_id, view=view)
        return answer.report, answer.content

    async def contacted_by_week(self) -> Mapping[str, int]:
        """How many were invited in each week, by its Monday."""
        answer = await self._client.reports.get_overview(
            organization_id=self.program.organization_id,
            program_ids=[self.program.program_id],
            dimensions=[overview_pb2.OVERVIEW_DIMENSION_WEEK],
        )
        (campaign,) = answer.campaigns
        return {each.week: each.figures.contacted for each in campaign.lines}

    async def approve(self, decision: Decision) -> None:
        """Say yes; raises `FailedPrecondition` once it is too late."""
        await self._client.decisions.approve(decision_id=decision.id)

    async def revert(self, decision: Decision) -> None:
        """Have it taken back; raises `FailedPrecondition` if it cannot be."""
        await self._client.decisions.revert(decision_id=decision.id)


@asynccontextmanager
async def office_of(stack: Stack) -> AsyncIterator[Office]:
    """The office of a stack's organization, while the block runs."""
    url = stack.postgres.url("automation_background")
    async with connect_pool(url, SCHEMA, application="demo", max_size=2) as pool:
        yield Office(stack, DecisionRepository(pool), DecisionHistory(pool))


def by_lead(released: Mapping[str, Sequence[DecidedLead]]) -> Mapping[str, DecidedLead]:
    """Whom the decisions released, by the lead's id."""
    return {lead.lead_id: lead for leads in released.values() for lead in leads}
