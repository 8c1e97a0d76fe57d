"""What follows from a verdict and from a guardrail. Pure.

A verdict moves nothing at once to everybody: nine leads in ten get the winner, one in ten
the best of the others, for four weeks: `hold_outs` says what follows from these. Inside an
experiment shares never move.

What a proposal changes is written down as before and after, so that it can be taken back, and
so that an edit by a person in between is noticed: `before["revision_id"]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from campaigns.sequences.experiment import ExperimentState, Tally

from automation.decisions.decision import Change, DecisionKind, Facts
from automation.optimisation.guardrails import Alarm
from automation.optimisation.looks import Experiment
from automation.outcomes.cohorts import Cohort

VERDICT, GUARDRAILS, SCALE = "verdict", "guardrails", "scale"
"""The rules, as decisions name them."""
WINNERS_SHARE, HOLD_OUTS_SHARE = 9, 1
RAISE = 1.2
_LEAST_ACCEPTANCE = 0.25
"""More people are only proposed where acceptance is at least this for sure."""
_LEAST_MATURED = 40
_AT_ITS_LIMIT = 0.9
"""Of the leads that may begin: a campaign that begins with fewer needs no more."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What is to be decided; `key` is what it is about, within its program."""

    kind: DecisionKind
    key: str
    rule: str
    inputs: Facts
    change: Change = field(default_factory=Change)


def after_verdict(
    experiment: Experiment,
    *,
    shares: Mapping[str, int],
    revision_id: str,
    content: str,
    hold_out_weeks: int,
) -> Proposal | None:
    """What a winner leads to; None where there is none.

    `shares` are those of the variants now, `content` is what tells this experiment apart from
    others of the step: a verdict that was taken back or rejected is not proposed again. With more
    than one loser all but the best of them are archived at once; without weeks for a hold-out all
    of them are.
    """
    verdict = experiment.verdict
    if verdict.state is not ExperimentState.WINNER:
        return None
    losers = sorted(
        (tally for tally in experiment.tallies if tally.variant != verdict.winner),
        key=lambda tally: (-tally.rate, tally.variant),
    )
    kept = losers[:1] if hold_out_weeks else []
    archived = [tally.variant for tally in losers[len(kept) :]]
    after: dict[str, object] = {
        "step_id": experiment.step_id,
        "winner": verdict.winner,
        "shares": {verdict.winner: WINNERS_SHARE} | {t.variant: HOLD_OUTS_SHARE for t in kept},
    }
    if kept:
        after |= {"hold_out": kept[0].variant, "hold_out_weeks": hold_out_weeks}
    if archived:
        after["archived"] = ", ".join(sorted(archived))
    return Proposal(
        kind=DecisionKind.ARCHIVE_VARIANT if archived else DecisionKind.SPLIT_AFTER_VERDICT,
        key=f"verdict/{experiment.step_id}/{content}",
        rule=VERDICT,
        inputs=_evidence(experiment),
        change=Change(before=found_as(experiment.step_id, shares, revision_id), after=after),
    )


def _evidence(experiment: Experiment) -> Facts:
    verdict, plan = experiment.verdict, experiment.plan
    return {
        "measure": plan.measure.value,
        "error_rate": plan.error_rate,
        "look": verdict.look,
        "looks": len(experiment.looks),
        "p_value": _told(
            max(each.p_value for each in verdict.comparisons if each.better == verdict.winner)
        ),
        "variants": [counts(tally) for tally in experiment.tallies],
    }


def _told(chance: float) -> float:
    """To three digits, however small: no chance is none."""
    return float(f"{chance:.3g}")


def counts(tally: Tally) -> dict[str, object]:
    """A variant's figures, as decisions tell them."""
    return {
        "variant": tally.variant,
        "judged": tally.judged,
        "successes": tally.successes,
        "opted_out": tally.opted_out,
    }


def found_as(step_id: str, shares: Mapping[str, int], revision_id: str) -> Facts:
    """The step as it was judged: of which revision, with which shares."""
    return {"revision_id": revision_id, "step_id": step_id, "shares": dict(shares)}


def after_alarm(alarm: Alarm, *, day: str) -> Proposal:
    """The campaign, or the sender, is paused; by one guardrail at most once a day."""
    inputs: dict[str, object] = {
        "guardrail": alarm.reason,
        "way_out": alarm.way_out,
        "figure": alarm.guardrail.value,
        "found": round(alarm.found, 4),
        "of": alarm.of,
        "limit": alarm.limit,
    }
    if alarm.step_id:
        inputs["step_id"] = alarm.step_id
    sender = alarm.account_id
    return Proposal(
        kind=DecisionKind.PAUSE_SENDER if sender else DecisionKind.PAUSE_CAMPAIGN,
        key=f"guardrail/{sender or 'campaign'}/{alarm.guardrail.value}/{day}",
        rule=GUARDRAILS,
        inputs=inputs,
        change=Change(
            before={"paused": False} | ({"account_id": sender} if sender else {}),
            after={"paused": True} | ({"account_id": sender} if sender else {}),
        ),
    )


def more_leads(
    invited: Cohort, *, leads_per_day: int, begun_per_day: float, etag: str
) -> Proposal | None:
    """A fifth more people a day, where they accept for sure and the limit is what binds."""
    surely = invited.accepted.of >= _LEAST_MATURED and invited.accepted.low >= _LEAST_ACCEPTANCE
    if not surely or leads_per_day <= 0 or begun_per_day < leads_per_day * _AT_ITS_LIMIT:
        return None
    becomes = ceil(leads_per_day * RAISE)
    return Proposal(
        kind=DecisionKind.RAISE_LEADS_PER_DAY,
        key=f"leads-per-day/{leads_per_day}/{becomes}",
        rule=SCALE,
        inputs={
            "accepted": invited.accepted.count,
            "of": invited.accepted.of,
            "at_least": round(invited.accepted.low, 4),
            "begun_per_day": round(begun_per_day, 2),
        },
        change=Change(
            before={"leads_per_day": leads_per_day, "etag": etag},
            after={"leads_per_day": becomes},
        ),
    )
