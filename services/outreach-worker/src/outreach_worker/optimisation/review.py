"""A week of a program looked at: what its experiments say, and what stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.optimisation.experiments import read_experiment
from automation.optimisation.guardrails import Limits, alarms, limits_of
from automation.optimisation.proposals import (
    HoldOut,
    HoldOutEnd,
    Proposal,
    after_alarm,
    after_hold_out,
    after_verdict,
    hold_out_end,
    more_leads,
)
from automation.programs.program import Program, ProgramMode
from campaigns.campaign_edit import etag_of
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import Step
from servicekit.etags import content_etag

from outreach_worker.optimisation.figures import Figures
from outreach_worker.optimisation.recorder import DecisionRecorder

_OF_SHARES = (DecisionKind.ARCHIVE_VARIANT, DecisionKind.SPLIT_AFTER_VERDICT)
_PAUSES = (DecisionKind.PAUSE_CAMPAIGN, DecisionKind.PAUSE_SENDER)
_REMEMBERED = timedelta(weeks=30)
"""Longer than any hold-out runs."""
_UNDISTURBED = timedelta(days=7)
"""So long after a pause its subject is not paused again: whoever took it back may try."""
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
        decisions: DecisionRepository,
        figures: Figures,
    ) -> None:
        self._campaigns = campaigns
        self._revisions = revisions
        self._experiments = experiments
        self._decisions = decisions
        self._figures = figures
        self._recorder = DecisionRecorder(decisions)

    async def judge(self, program: Program, *, run_id: str, now: datetime) -> Found:
        """Judge the experiments of the campaign, and whether it could begin with more people.

        One step a review: an edit of the sequence is of the revision that was judged, and the next
        step is judged on the revision that it makes.
        """
        campaign = await self._campaigns.get(program.campaign_id)
        day = program.settings.timetable.day_of(now).isoformat()
        found: list[Decision] = []
        sequence = await self._revisions.sequence(campaign.revision_id)
        made = await self._decisions.of_kinds(
            program.organization_id, program.program_id, _OF_SHARES, since=now - _REMEMBERED
        )
        for step in sequence.steps:
            decided = await self._judge(program, campaign, step, made, now)
            if isinstance(decided, Decision):
                found.append(decided)
            elif decided is not None:
                found.append(
                    await self._recorder.record(decided, program, run_id=run_id, day=day, now=now)
                )
            if found:
                break
        more = await self._more(program, campaign, day, now)
        if more is not None:
            found.append(
                await self._recorder.record(more, program, run_id=run_id, day=day, now=now)
            )
        return Found(decisions=found)

    async def guard(self, program: Program, *, run_id: str, now: datetime) -> Found:
        """Compare the campaign's and its senders' figures with the program's limits."""
        campaign = await self._campaigns.get(program.campaign_id)
        if campaign.state is not CampaignState.RUNNING:
            return Found()
        paused_at = await self._paused_at(program, now)
        figures = await self._figures.of_campaign(campaign.id, since=paused_at.get(""), now=now)
        senders = await self._figures.of_senders(campaign.account_ids, since=paused_at, now=now)
        day = program.settings.timetable.day_of(now).isoformat()
        raised = alarms(figures, senders, limits=_limits(program))
        return Found(
            decisions=[
                await self._recorder.record(
                    after_alarm(alarm, day=day), program, run_id=run_id, day=day, now=now
                )
                for alarm in raised
                if not _is_fresh(paused_at.get(alarm.account_id), now)
            ]
        )

    async def _judge(
        self,
        program: Program,
        campaign: Campaign,
        step: Step,
        made: Sequence[Decision],
        now: datetime,
    ) -> Proposal | Decision | None:
        """What a step's experiment leads to: a proposal, or a decision that is to be taken back."""
        if step.experiment is None:
            return None
        experiment = await read_experiment(
            self._experiments, campaign, step, step.experiment, now=now
        )
        shares = {variant.name: variant.share for variant in step.variants}
        weeks, revision_id = _limits(program).hold_out_weeks, campaign.revision_id
        hold_out = _hold_out(step.step_id, shares, made)
        if hold_out is None:
            return after_verdict(
                experiment,
                shares=shares,
                revision_id=revision_id,
                content=content_etag(
                    [asdict(variant) for variant in step.variants], asdict(step.experiment)
                ),
                hold_out_weeks=weeks,
            )
        tallies = experiment.tallies
        end = hold_out_end(hold_out, tallies, step.experiment, now=now, weeks=weeks)
        if end is HoldOutEnd.HOLDS:
            return after_hold_out(hold_out, tallies, shares=shares, revision_id=revision_id)
        if end is HoldOutEnd.CONTRADICTED and program.settings.mode is ProgramMode.AUTOPILOT:
            by = f"program:{program.program_id}"
            return await self._decisions.revert(hold_out.decision_id, by=by, now=now)
        return None

    async def _more(
        self, program: Program, campaign: Campaign, day: str, now: datetime
    ) -> Proposal | None:
        if campaign.state is not CampaignState.RUNNING or not campaign.settings.leads_per_day:
            return None
        figures = await self._figures.of_campaign(campaign.id, since=None, now=now)
        begun = await self._figures.begun_per_day(campaign.id, days=_DAYS, now=now)
        return more_leads(
            figures.invited,
            leads_per_day=campaign.settings.leads_per_day,
            begun_per_day=begun * _DAYS / max(1, len(program.settings.timetable.weekdays)),
            etag=etag_of(campaign),
            week=day,
        )

    async def _paused_at(self, program: Program, now: datetime) -> dict[str, datetime]:
        """When the campaign (by no name) and its senders were paused last by a guardrail."""
        pauses = await self._decisions.of_kinds(
            program.organization_id, program.program_id, _PAUSES, since=now - _REMEMBERED
        )
        return {
            each.change.after.get("account_id", ""): each.created_at
            for each in pauses
            if each.state in (DecisionState.APPLIED, DecisionState.REVERTED) or each.is_approved
        }


def _limits(program: Program) -> Limits:
    return limits_of(program.settings.guardrails)


def _is_fresh(paused_at: datetime | None, now: datetime) -> bool:
    return paused_at is not None and now < paused_at + _UNDISTURBED


def _hold_out(step_id: str, shares: dict[str, int], made: Sequence[Decision]) -> HoldOut | None:
    """The hold-out that the step's shares are of, if they are as a decision has made them."""
    for each in reversed(made):
        after = each.change.after
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
                since=each.applied_at,
            )
    return None
