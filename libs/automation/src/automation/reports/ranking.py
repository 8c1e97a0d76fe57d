"""Whether those whom what ranks now puts first do better than those whom chance drew. Pure.

What differs from week to week, the season or who is left on the list, is no merit of the order, and
what another model or other rules did is none of this one: compared is within the weeks of releases
that had both, from the first on that what ranks now has ranked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from automation.decisions.decision import LeadSource
from automation.outcomes.cohorts import cohort
from automation.outcomes.intervals import Share, gap_within, share
from automation.reports.records import FirstContact, Subject
from automation.reports.report import TOO_LONG, Ranking

RANKED: Collection[LeadSource] = frozenset({LeadSource.RULES, LeadSource.MODEL})
DRAWN: Collection[LeadSource] = frozenset({LeadSource.EXPLORATION})

Weeks = Mapping[date, Sequence[FirstContact]]
"""People by the Monday of the week in which they were released."""


def ranking_of(
    contacts: Iterable[FirstContact], subject: Subject, *, now: datetime
) -> Ranking | None:
    """Those who were ranked next to those who were drawn; None before both have matured.

    The weeks before are looked at as they stood then.
    """
    weeks = _of_what_ranks_now(contacts, ZoneInfo(subject.time_zone))
    stands = [
        _standing(weeks, now - timedelta(weeks=back), within=subject.within)
        for back in range(TOO_LONG)
    ]
    untold = takewhile(lambda each: each is not None and each.low <= 0 <= each.high, stands)
    told = len(list(untold))
    return None if stands[0] is None else replace(stands[0], weeks_untold=told)


def _of_what_ranks_now(contacts: Iterable[FirstContact], zone: ZoneInfo) -> Weeks:
    placed = [(each.placing, each) for each in contacts if each.placing is not None]
    last = max((placing for placing, _ in placed), key=lambda each: each.released_at, default=None)
    weeks: dict[date, list[FirstContact]] = defaultdict(list)
    for placing, each in placed:
        if last is not None and placing.ranked_by and placing.ranked_by == last.ranked_by:
            day = placing.released_at.astimezone(zone).date()
            weeks[day - timedelta(days=day.weekday())].append(each)
    return weeks


def _standing(weeks: Weeks, moment: datetime, *, within: timedelta) -> Ranking | None:
    def accepted(of: Iterable[FirstContact], sources: Collection[LeadSource]) -> Share:
        outcomes = [each.outcome for each in of if each.placing and each.placing.source in sources]
        return cohort(outcomes, now=moment, within=within).accepted

    pairs = [(accepted(of, RANKED), accepted(of, DRAWN)) for of in weeks.values()]
    pairs = [(ranked, drawn) for ranked, drawn in pairs if ranked.of and drawn.of]
    gap = gap_within(pairs)
    if gap is None:
        return None
    return Ranking(
        ranked=_together(ranked for ranked, _ in pairs),
        drawn=_together(drawn for _, drawn in pairs),
        difference=gap.difference,
        low=gap.low,
        high=gap.high,
    )


def _together(shares: Iterable[Share]) -> Share:
    counted = list(shares)
    return share(sum(each.count for each in counted), sum(each.of for each in counted))
