"""A week of a program looked at: what its experiments say, and what stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.history_repository import DecisionHistory
from automation.optimisation.experiments import read_experiment, read_hold_out
from automation.optimisation.guardrails import Guardrail, Limits, alarms, limits_of
from automation.optimisation.hold_outs import HoldOut, after_hold_out, hold_out_end
from automation.optimisation.proposals import Proposal, after_alarm, after_verdict, more_leads
from automation.programs.program import Program
from campaigns.campaign_edit import etag_of
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import Step
from servicekit.etags import content_etag

from outreach_worker.optimisation.figures import Figures
from outreach_worker.optimisation.past_pauses import PastPauses
from outreach_worker.optimisation.recorder import DecisionRecorder

_OF_SHARES = (DecisionKind.ARCHIVE_VARIANT, DecisionKind.SPLIT_AFTER_VERDICT)
_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a look has come to: its decisions, of which some are to be brought about now."""

    decisions: Sequence[Decision] = ()

    @property
    def awaited(self) -> list[str]:
        """Those whose effect, or whose end, is to be brought about."""
        return [each.id for each in self.decisions if each.is_approved or each.is_reverting]


class Review:
    """Looks and records; what is to change is brought about by whoever called."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        revisions: RevisionCache,
        experiments: ExperimentRepository,
        figures: Figures,
        *,
        history: DecisionHistory,
        recorder: DecisionRecorder,
        past_pauses: PastPauses,
    ) -> None:
        self._campaigns = campaigns
        self._revisions = revisions
        self._experiments = experiments
        self._figures = figures
        self._history = history
        self._recorder = recorder
        self._past_pauses = past_pauses

    async def judge(self, program: Program, *, run_id: str, now: datetime) -> Found:
        """Judge the experiments of the campaign, and whether it could begin with more people.

        One step a review: an edit of the sequence is of the revision that was judged, and the next
        step is judged on the revision that it makes. A campaign that does not run has none.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return Found()
        found: list[Decision] = []
        sequence = await self._revisions.sequence(campaign.revision_id)
        made = await self._history.of_campaign(
            program.organization_id, campaign.id, _OF_SHARES, since=campaign.created_at
        )
        for step in sequence.steps:
            proposal = await self._judge(program, campaign, step, made, now)
            found += await self._recorded(program, proposal, run_id=run_id, now=now)
            if found:
                break
        more = await self._more(program, campaign, now)
        found += await self._recorded(program, more, run_id=run_id, now=now)
        return Found(decisions=found)

    async def guard(self, program: Program, *, run_id: str, now: datetime) -> Found:
        """Compare the campaign's and its senders' figures with the program's limits."""
        campaign = await self._campaigns.get(program.campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return Found()
        paused = await self._past_pauses.of(campaign, now=now)
        figures = await self._figures.of_campaign(
            campaign.id, since=paused.since_of_campaign, now=now
        )
        watched = [each for each in campaign.account_ids if each not in paused.passed_over]
        senders = await self._figures.of_senders(
            watched, since=paused.since(Guardrail.REFUSALS), now=now
        )
        raised = alarms(
            figures, senders, limits=_limits(program), left_alone=paused.left_alone(now)
        )
        day = program.settings.timetable.day_of(now).isoformat()
        found: list[Decision] = []
        for alarm in raised:
            pause = after_alarm(alarm, day=day)
            found += await self._recorded(program, pause, run_id=run_id, now=now)
        return Found(decisions=found)

    async def _recorded(
        self, program: Program, proposal: Proposal | None, *, run_id: str, now: datetime
    ) -> list[Decision]:
        """What it has become, if it is of this run or still open."""
        if proposal is None:
            return []
        day = program.settings.timetable.day_of(now).isoformat()
        kept = await self._recorder.record(proposal, program, run_id=run_id, day=day, now=now)
        return [] if kept is None else [kept]

    async def _judge(
        self,
        program: Program,
        campaign: Campaign,
        step: Step,
        made: Sequence[Decision],
        now: datetime,
    ) -> Proposal | None:
        """What a step's experiment, or its hold-out, leads to."""
        plan = step.experiment
        if plan is None:
            return None
        shares = {variant.name: variant.share for variant in step.variants}
        hold_out = _hold_out(program, step.step_id, shares, made)
        if hold_out is not None:
            tallies = await read_hold_out(self._experiments, campaign, step, plan, now=now)
            today = program.settings.timetable.day_of(now)
            return after_hold_out(
                hold_out,
                tallies,
                plan,
                hold_out_end(hold_out, tallies, plan, today=today),
                shares=shares,
                revision_id=campaign.revision_id,
            )
        experiment = await read_experiment(self._experiments, campaign, step, plan, now=now)
        return after_verdict(
            experiment,
            shares=shares,
            revision_id=campaign.revision_id,
            content=content_etag([asdict(variant) for variant in step.variants], asdict(plan)),
            hold_out_weeks=_limits(program).hold_out_weeks,
        )

    async def _more(self, program: Program, campaign: Campaign, now: datetime) -> Proposal | None:
        if not campaign.settings.leads_per_day:
            return None
        figures = await self._figures.of_campaign(campaign.id, since={}, now=now)
        begun = await self._figures.begun_per_day(campaign.id, days=_DAYS, now=now)
        return more_leads(
            figures.invited,
            leads_per_day=campaign.settings.leads_per_day,
            begun_per_day=begun * _DAYS / max(1, len(program.settings.timetable.weekdays)),
            etag=etag_of(campaign),
        )


def _limits(program: Program) -> Limits:
    return limits_of(program.settings.guardrails)


def _hold_out(
    program: Program, step_id: str, shares: dict[str, int], made: Sequence[Decision]
) -> HoldOut | None:
    """The hold-out that the step's shares are of, if they are as a decision has made them."""
    for each in reversed(made):
        before, after = each.change.before, each.change.after
        if (
            each.state is DecisionState.APPLIED
            and each.applied_at is not None
            and after.get("step_id") == step_id
            and after.get("shares") == shares
            and "hold_out" in after
        ):
            return HoldOut(
                decision_id=each.id,
                step_id=step_id,
                winner=after["winner"],
                other=after["hold_out"],
                before=before["shares"],
                since=program.settings.timetable.day_of(each.applied_at),
                weeks=after["hold_out_weeks"],
            )
    return None
