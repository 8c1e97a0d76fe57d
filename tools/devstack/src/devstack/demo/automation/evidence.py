"""What every side says of a program that has run, and the truth that none of them knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from automation.decisions.decision import DecidedLead, Decision, DecisionKind
from outreach.automation.v1 import report_pb2, run_pb2
from outreach.campaign.v1 import campaign_pb2

from devstack.demo.automation.office import Office
from devstack.demo.automation.world import FOLLOW_UP, NOTES, SENDERS, note, public_identifier
from devstack.demo.consistency import Check, LeadWithSteps, journal_checks
from devstack.demo.driver import Driver
from devstack.demo.journal import Write, cap_uses, writes
from devstack.stack.simulator import Simulator

_ASKED_ABOUT = 40
"""People of whom the truth is asked with each variant, spread over the list."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """How likely people accept, which is what nobody who sends can know."""

    by_variant: Mapping[str, float] = field(default_factory=dict)
    """On average, written to with that variant."""
    by_person: Mapping[str, float] = field(default_factory=dict)
    """Each written to with the same words."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a judge looks at."""

    at: datetime
    runs: Sequence[run_pb2.Run]
    decisions: Sequence[Decision]
    released: Mapping[str, Sequence[DecidedLead]]
    """By the decision's id."""
    status: campaign_pb2.CampaignStatus
    leads: Sequence[LeadWithSteps]
    made: Sequence[Write]
    accepted: Mapping[str, datetime]
    """When each person accepted, by the journal."""
    journal: Sequence[Check]
    truth: Truth
    report: report_pb2.Report
    contacted_by_week: Mapping[str, int]
    """By the week's Monday, as the overview tells it."""
    page: str = ""
    """The report, to be opened."""

    @property
    def person_by_lead(self) -> Mapping[str, str]:
        """What the journal calls each lead."""
        return {each.lead.lead_id: each.lead.public_identifier for each in self.leads}


async def collect_evidence(driver: Driver, office: Office) -> Evidence:
    """Ask everybody; the campaign does not run any more."""
    simulator, campaign_id = driver.stack.simulator, office.program.campaign_id
    decisions = await office.decisions()
    releases = [each for each in decisions if each.kind is DecisionKind.RELEASE_LEADS]
    leads, status = await _standing(driver, campaign_id)
    made = writes(await simulator.journal())
    uses = cap_uses(made, await driver.caps())
    report, page = await office.report()
    return Evidence(
        at=driver.stack.clock.now(),
        runs=await office.runs(),
        decisions=decisions,
        released={each.id: await office.leads(each) for each in releases},
        status=status,
        leads=leads,
        made=made,
        accepted=await _accepted(simulator),
        journal=journal_checks(status=status, leads=leads, made=made, uses=uses),
        truth=await _truth(simulator, [each.lead.public_identifier for each in leads]),
        report=report,
        contacted_by_week=await office.contacted_by_week(),
        page=page,
    )


async def _standing(
    driver: Driver, campaign_id: str
) -> tuple[Sequence[LeadWithSteps], campaign_pb2.CampaignStatus]:
    """Leads and status of one moment: people go on accepting once a campaign has ended."""
    while True:
        status, leads = await driver.status(campaign_id), await driver.leads(campaign_id)
        if (await driver.status(campaign_id)).funnel == status.funnel:
            return leads, status


async def _accepted(simulator: Simulator) -> dict[str, datetime]:
    return {
        entry["target"]: datetime.fromisoformat(entry["at"])
        for entry in await simulator.audit()
        if entry["event"] == "accepted" and entry["target"]
    }


async def _truth(simulator: Simulator, people: Sequence[str]) -> Truth:
    account = SENDERS[0].id
    numbers = range(0, len(people), max(1, len(people) // _ASKED_ABOUT))
    by_variant = {}
    for variant in NOTES:
        chances = [
            await simulator.chances(account, note(variant, number), [public_identifier(number)])
            for number in numbers
        ]
        by_variant[variant] = fmean(chance for each in chances for chance in each.values())
    return Truth(
        by_variant=by_variant, by_person=await simulator.chances(account, FOLLOW_UP, people)
    )
