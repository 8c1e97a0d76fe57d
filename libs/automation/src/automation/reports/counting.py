"""A report, counted from what was recorded. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from campaigns.repositories.outcomes.outcome import Outcome

from automation.decisions.kinds import sentence
from automation.outcomes.cohorts import (
    asking_steps,
    by_sender,
    by_variant,
    cohort,
    cohorts_by,
    week_of,
)
from automation.outcomes.intervals import Share, share
from automation.reports.ranking import ranking_of
from automation.reports.records import DaySlots, Records, Subject
from automation.reports.report import (
    CohortLine,
    DecisionLine,
    Headline,
    Outlook,
    Report,
    SenderLine,
    VariantLine,
)

WEEKS_SHOWN = 12
_USUAL_WEEKS = 4


def report_of(subject: Subject, records: Records, *, now: datetime) -> Report:
    """Count everything; the same rows give the same report, also much later."""
    counting = _Counting(subject, records, now)
    return Report(
        report_id=subject.report_id,
        organization_id=subject.organization_id,
        program_id=subject.program_id,
        campaign_id=subject.campaign_id,
        kind=subject.kind,
        first_day=subject.first_day,
        last_day=subject.last_day,
        time_zone=subject.time_zone,
        created_at=now,
        headline=counting.headline(subject.last_day, positive=records.positive),
        usual=counting.usual(),
        cohorts=counting.cohorts(),
        senders=counting.senders(),
        variants=counting.variants(),
        ranking=ranking_of(counting.contacts, subject, now=counting.stood_at),
        decisions=counting.decisions(),
        outlook=counting.outlook(),
        faults=tuple(sorted(records.faults, key=lambda fault: (fault.at, fault.run_id))),
        value_per_invitation=records.value_per_invitation,
    )


class _Counting:
    def __init__(self, subject: Subject, records: Records, now: datetime) -> None:
        self._subject, self._records, self._now = subject, records, now
        self._zone = ZoneInfo(subject.time_zone)
        self.stood_at = subject.stood_at(now)
        self.contacts = [each for each in records.contacts if self._is_by_then(each.outcome)]
        self._outcomes = [contact.outcome for contact in self.contacts]

    def headline(self, last_day: date, *, positive: Share | None = None) -> Headline:
        first_day = self._first_day(last_day)
        judged = cohort(self._judged(last_day), now=self.stood_at, within=self._subject.within)
        slots = [each for each in self._records.slots if first_day <= each.day <= last_day]
        return Headline(
            contacted=len(self._between(first_day, last_day)),
            accepted=judged.accepted,
            replied=judged.replied,
            positive=positive,
            opted_out=judged.opted_out,
            slots_used=_share_of(slots),
        )

    def usual(self) -> Headline | None:
        """Four times as many days before, together; people as a mean.

        Idle ones count; those that the program has not seen whole do not.
        """
        days = self._subject.days
        ends = [
            self._subject.last_day - timedelta(days=days * number)
            for number in range(1, _USUAL_WEEKS + 1)
        ]
        spans = [
            self.headline(end) for end in ends if self._first_day(end) >= self._subject.began_on
        ]
        if not spans:
            return None
        return Headline(
            contacted=round(fmean(each.contacted for each in spans)),
            accepted=_sum(each.accepted for each in spans),
            replied=_sum(each.replied for each in spans),
            positive=None,
            opted_out=_sum(each.opted_out for each in spans),
            slots_used=_sum(each.slots_used for each in spans),
        )

    def cohorts(self) -> tuple[CohortLine, ...]:
        found = cohorts_by(
            week_of(self._zone), self._outcomes, now=self.stood_at, within=self._subject.within
        )
        return tuple(
            CohortLine(
                week=week,
                sent=found[week].sent,
                is_mature=found[week].is_mature,
                accepted=found[week].accepted,
                replied=found[week].replied,
            )
            for week in sorted(found)[-WEEKS_SHOWN:]
        )

    def senders(self) -> tuple[SenderLine, ...]:
        first, last = self._subject.first_day, self._subject.last_day
        slots: dict[str, list[DaySlots]] = defaultdict(list)
        for each in self._records.slots:
            if first <= each.day <= last:
                slots[each.account_id].append(each)
        matured = cohorts_by(
            by_sender, self._judged(last), now=self.stood_at, within=self._subject.within
        )
        known = {*slots, *matured, *self._records.multipliers}
        nobody = share(0, 0)
        return tuple(
            SenderLine(
                account_id=account,
                multiplier=self._records.multipliers.get(account),
                slots=sum(each.slots for each in slots[account]),
                used=sum(each.used for each in slots[account]),
                unused=_together(each.unused for each in slots[account]),
                accepted=matured[account].accepted if account in matured else nobody,
            )
            for account in sorted(known)
        )

    def variants(self) -> tuple[VariantLine, ...]:
        texts = filter(self._is_by_then, self._records.texts)
        found = cohorts_by(by_variant, texts, now=self.stood_at, within=self._subject.within)
        asked = asking_steps(self._outcomes)
        return tuple(
            VariantLine(
                step_id=step_id,
                variant=variant,
                sent=found[step_id, variant].sent,
                accepted=found[step_id, variant].accepted if step_id in asked else None,
                replied=found[step_id, variant].replied,
                opted_out=found[step_id, variant].opted_out,
            )
            for step_id, variant in sorted(found)
        )

    def decisions(self) -> tuple[DecisionLine, ...]:
        """Those that wait first, the rest as they were made.

        The run that makes the report decides on the day after its last: what it decides is in it,
        and what was decided on the first day was in the one before.
        """
        day = timedelta(days=1)
        first, last = self._subject.first_day + day, self._subject.last_day + day
        lines = [
            (not each.waits_at(self._now), each.created_at, each.id, each)
            for each in self._records.decisions
            if each.waits_at(self._now) or first <= self._day(each.created_at) <= last
        ]
        return tuple(
            DecisionLine(
                decision_id=each.id,
                kind=each.kind,
                state=each.state,
                waits=not told,
                sentence=sentence(each),
            )
            for told, _, _, each in sorted(lines, key=lambda line: line[:3])
        )

    def outlook(self) -> Outlook:
        ready, slots = self._records.ready, tuple(self._records.forecast)
        return Outlook(ready=ready, slots=slots, days_left=_days_left(ready, slots))

    def _first_day(self, last_day: date) -> date:
        return last_day - timedelta(days=self._subject.days - 1)

    def _judged(self, last_day: date) -> list[Outcome]:
        """Whose time is over by then, of as many days as the report has.

        Whoever is contacted now answers later.
        """
        answer = timedelta(days=-(-self._subject.within // timedelta(days=1)))
        return self._between(self._first_day(last_day) - answer, last_day - answer)

    def _between(self, first: date, last: date) -> list[Outcome]:
        return [each for each in self._outcomes if first <= self._day(each.sent_at) <= last]

    def _is_by_then(self, outcome: Outcome) -> bool:
        return self._day(outcome.sent_at) <= self._subject.last_day

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _days_left(ready: int | None, forecast: Iterable[tuple[date, int]]) -> int | None:
    """Until the list is empty; None where the forecast does not reach so far."""
    left = ready
    if left is None:
        return None
    if not left:
        return 0
    for number, (_, slots) in enumerate(forecast, start=1):
        if left <= slots:
            return number
        left -= slots
    return None


def _sum(shares: Iterable[Share]) -> Share:
    counted = list(shares)
    return share(sum(each.count for each in counted), sum(each.of for each in counted))


def _share_of(slots: Iterable[DaySlots]) -> Share:
    counted = list(slots)
    return share(sum(each.used for each in counted), sum(each.slots for each in counted))


def _together(reasons: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for each in reasons:
        for reason, number in each.items():
            found[reason] += number
    return dict(sorted(found.items()))
