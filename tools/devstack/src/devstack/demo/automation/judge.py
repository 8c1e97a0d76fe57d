"""Whether the program did what it may and should, by the journal and the hidden truth. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

from automation.decisions.decision import (
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
)
from automation.reports.counting import WEEKS_SHOWN
from automation.training.exploration_proof import SlotOutcomes, proof_of, proof_sentence
from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import lead_pb2

from devstack.demo.automation.evidence import Evidence
from devstack.demo.automation.office import by_lead
from devstack.demo.automation.plan import Plan
from devstack.demo.automation.world import JUDGED_AFTER_DAYS, WorldKind
from devstack.demo.consistency import Check, none_of
from devstack.demo.journal import targets

_DAY = timedelta(days=1)
_SATURDAY = 5
_KNOWN_AFTER = timedelta(days=3)
"""So long after an acceptance the campaign knows of it, however late it is told."""
_PROMOTED = frozenset(
    {
        DecisionKind.ARCHIVE_VARIANT,
        DecisionKind.SPLIT_AFTER_VERDICT,
        DecisionKind.END_HOLD_OUT,
        DecisionKind.PROMOTE_MODEL,
    }
)
"""What says that something is better than something else."""
_HAPPENED = frozenset({DecisionState.APPLIED, DecisionState.REVERTED})
_AT_THE_END = frozenset({"PROGRAM_PAUSED", "CAMPAIGN_ENDED"})
"""Why nothing came of a decision that the end of the demo has overtaken: nothing else pauses it."""


def judged(plan: Plan, evidence: Evidence) -> list[Check]:
    """Every claim about the program, and whether it holds."""
    checks = [
        *evidence.journal,
        none_of("The journal agrees with who accepted", _acceptance_differences(evidence)),
        none_of("The journal agrees with the report's weeks", _report_differences(evidence)),
        none_of("The journal agrees with each week of the overview", _of_overview(evidence)),
        none_of("One run for each nominal day, and none is missing", _run_faults(evidence)),
        none_of("Nobody was invited without a decision", _undecided(evidence)),
        none_of("No decision without its inverse", _without_inverse(evidence.decisions)),
        none_of("Whatever was decided came about, or says why not", _failed(evidence)),
    ]
    match plan.world:
        case WorldKind.TASTES:
            if plan.has_rules:
                checks.append(none_of("Ranked people like to be asked more", _not_ranked(evidence)))
            checks += _of_tastes(evidence) if plan.is_whole else ()
        case WorldKind.INDIFFERENT:
            found = [_named(each) for each in evidence.decisions if each.kind in _PROMOTED]
            checks.append(none_of("Nothing was archived or promoted", found))
    if plan.is_whole:
        checks.append(none_of("A refused sender was paused, and let go on", _not_paused(evidence)))
    return checks


def ranking_told(evidence: Evidence) -> str:
    """Ranked against random slots, as the journal has them, with the interval."""
    counted = Counter[tuple[bool, bool]]()
    invited_at = {each.target: each.at for each in evidence.made if each.kind == "invite"}
    people = evidence.person_by_lead
    for lead_id, lead in by_lead(evidence.released).items():
        at = invited_at.get(people.get(lead_id, ""))
        if at is not None and at + timedelta(days=JUDGED_AFTER_DAYS) <= evidence.at:
            by_chance = lead.source is LeadSource.EXPLORATION
            counted[by_chance, people[lead_id] in evidence.accepted] += 1
    proof = proof_of(
        SlotOutcomes(
            ranked=counted[False, True] + counted[False, False],
            ranked_accepted=counted[False, True],
            random=counted[True, True] + counted[True, False],
            random_accepted=counted[True, True],
        )
    )
    return proof_sentence([proof])


def acceptance_told(evidence: Evidence) -> str:
    """How many of all who were invited in time accepted, and how likely that was in truth.

    To compare two worlds of one seed: as the rules have it, and as the list stands.
    """
    asked = [
        each.target
        for each in evidence.made
        if each.kind == "invite" and each.at + timedelta(days=JUDGED_AFTER_DAYS) <= evidence.at
    ]
    if not asked:
        return "Nobody was invited long enough ago to say who accepts."
    accepted = sum(each in evidence.accepted for each in asked) / len(asked)
    truth = fmean(evidence.truth.by_person[each] for each in asked)
    return f"Of {len(asked)} invited {accepted:.0%} accepted; in the same words {truth:.1%} would."


def _of_tastes(evidence: Evidence) -> Iterator[Check]:
    yield none_of("The worse text was archived, by the hidden truth", _not_archived(evidence))
    rises = _of_kind(evidence, DecisionKind.RAISE_LEADS_PER_DAY)
    approved = [each for each in rises if each.answered_by]
    ended = [each for each in rises if not each.answered_by and not each.waits_at(evidence.at)]
    yield none_of(
        "A rise came about as the manager approved it",
        [] if [each for each in approved if each.state in _HAPPENED] else ["none did"],
    )
    yield none_of(
        "What nobody answered came to nothing",
        [] if ended and not any(each.applied_at for each in ended) else ["none was left to expire"],
    )


def _acceptance_differences(evidence: Evidence) -> Iterator[str]:
    """Who is known to have accepted, against who did; whoever did just now need not be known."""
    connected = lead_pb2.CONNECTION_STATE_CONNECTED
    leads = [each.lead for each in evidence.leads]
    known = {each.public_identifier for each in leads if each.connection == connected}
    invited = targets(evidence.made, "invite")
    for person in sorted(known - evidence.accepted.keys()):
        yield f"{person} did not accept"
    for person, at in sorted(evidence.accepted.items()):
        if person in invited - known and at + _KNOWN_AFTER <= evidence.at:
            yield f"{person} accepted on {at:%d %b}, and nobody knows"
    if evidence.status.funnel.accepted != len(known):
        yield f"the status says {evidence.status.funnel.accepted}, its leads {len(known)}"


def _report_differences(evidence: Evidence) -> Iterator[str]:
    """Of its weeks how many were invited: what happened after its days is not in it."""
    until = date.fromisoformat(evidence.report.last_day)
    invited = _invited_by_week(evidence, until)
    shown = {week: invited[week] for week in sorted(invited)[-WEEKS_SHOWN:]}
    told = {each.week: each.contacted for each in evidence.report.cohorts}
    return _unlike(told, shown, "in the report")


def _of_overview(evidence: Evidence) -> Iterator[str]:
    """Of every week how many were invited."""
    invited = _invited_by_week(evidence, _local(evidence.at).date())
    return _unlike(evidence.contacted_by_week, invited, "in the overview")


def _invited_by_week(evidence: Evidence, until: date) -> Counter[str]:
    return Counter(
        (day - timedelta(days=day.weekday())).isoformat()
        for each in evidence.made
        if each.kind == "invite" and (day := _local(each.at).date()) <= until
    )


def _unlike(told: Mapping[str, int], true: Mapping[str, int], where: str) -> Iterator[str]:
    for week in sorted(told.keys() | true.keys()):
        if told.get(week, 0) != true.get(week, 0):
            yield f"week of {week}: {told.get(week, 0)} {where}, {true.get(week, 0)} invited"


def _run_faults(evidence: Evidence) -> Iterator[str]:
    for of, name in ((run_pb2.RUN_TYPE_DAILY, "daily"), (run_pb2.RUN_TYPE_WEEKLY, "weekly")):
        runs = [each for each in evidence.runs if each.type == of]
        days = Counter(date.fromisoformat(each.nominal_day) for each in runs)
        if not days:
            yield f"there is no {name} run"
            continue
        for day, count in sorted(days.items()):
            if count > 1:
                yield f"{count} {name} runs of {day}"
        due = _working_days(days) if of == run_pb2.RUN_TYPE_DAILY else _same_weekdays(days)
        for day in sorted(due - days.keys()):
            yield f"no {name} run of {day}"
        for run in runs:
            if run.state != run_pb2.RUN_STATE_COMPLETED:
                state = run_pb2.RunState.Name(run.state).removeprefix("RUN_STATE_")
                yield f"the {name} run of {run.nominal_day} is {state} {run.error}"


def _working_days(days: Iterable[date]) -> set[date]:
    return {day for day in _between(days, _DAY) if day.weekday() < _SATURDAY}


def _same_weekdays(days: Iterable[date]) -> set[date]:
    return set(_between(days, 7 * _DAY))


def _between(days: Iterable[date], step: timedelta) -> Iterator[date]:
    found = sorted(days)
    day = found[0]
    while day <= found[-1]:
        yield day
        day += step


def _undecided(evidence: Evidence) -> Iterator[str]:
    applied = {each.id for each in evidence.decisions if each.state in _HAPPENED}
    decided = {
        lead.lead_id
        for decision_id, leads in evidence.released.items()
        if decision_id in applied
        for lead in leads
        if lead.left_out is None
    }
    people = evidence.person_by_lead
    allowed = {people[each] for each in decided if each in people}
    for person in sorted(targets(evidence.made, "invite") - allowed):
        yield f"{person} was invited, and released by nobody"


def _without_inverse(decisions: Sequence[Decision]) -> Iterator[str]:
    for each in decisions:
        before, after = each.change.before, each.change.after
        if each.state in _HAPPENED and (not before or before == after):
            yield _named(each)


def _failed(evidence: Evidence) -> Iterator[str]:
    """A release whose people do not fit any more as it takes effect says so of each of them.

    What the end of the demo has overtaken says that.
    """
    for each in evidence.decisions:
        leads = evidence.released.get(each.id, ())
        told = each.failure in _AT_THE_END or (leads and all(_left_out(leads)))
        if told and each.state is DecisionState.SUPERSEDED:
            continue
        if each.state is DecisionState.FAILED or each.failure:
            yield f"{_named(each)}: {each.state} {each.failure}"


def _left_out(leads: Sequence[DecidedLead]) -> Iterator[bool]:
    return (lead.left_out is not None for lead in leads)


def _not_ranked(evidence: Evidence) -> Iterator[str]:
    truth, people = evidence.truth.by_person, evidence.person_by_lead
    chances: dict[bool, list[float]] = {True: [], False: []}
    for lead_id, lead in by_lead(evidence.released).items():
        if lead_id in people:
            by_chance = lead.source is LeadSource.EXPLORATION
            chances[by_chance].append(truth[people[lead_id]])
    ranked, random = chances[False], chances[True]
    if not ranked or not random:
        yield f"{len(ranked)} were ranked, {len(random)} taken by chance"
    elif fmean(ranked) <= fmean(random):
        yield f"by rank {fmean(ranked):.2f}, by chance {fmean(random):.2f}"


def _not_archived(evidence: Evidence) -> Iterator[str]:
    ended = [
        each
        for kind in (DecisionKind.END_HOLD_OUT, DecisionKind.ARCHIVE_VARIANT)
        for each in _of_kind(evidence, kind)
        if each.state in _HAPPENED and "archived" in each.change.after
    ]
    if not ended:
        yield "nothing was archived"
    chance = evidence.truth.by_variant
    for each in ended:
        archived, winner = each.change.after["archived"], each.change.after["winner"]
        if chance[archived] >= chance[winner]:
            yield f"{archived} is no worse: {chance[archived]:.2f}, {winner} {chance[winner]:.2f}"


def _not_paused(evidence: Evidence) -> Iterator[str]:
    pauses = _of_kind(evidence, DecisionKind.PAUSE_SENDER)
    if not pauses:
        yield "no sender was paused"
    elif not any(each.state is DecisionState.REVERTED for each in pauses):
        yield f"not taken back: {', '.join(each.state for each in pauses)}"


def _of_kind(evidence: Evidence, kind: DecisionKind) -> list[Decision]:
    return [each for each in evidence.decisions if each.kind is kind]


def _named(decision: Decision) -> str:
    return f"{decision.kind} of {_local(decision.created_at):%d %b}"


def _local(at: datetime) -> datetime:
    return at.astimezone(UTC)
