"""An overview counts as reports do: of the same people it tells the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from automation.decisions.decision import LeadSource
from automation.outcomes.cohorts import Cohort
from automation.reports.counting import report_of
from automation.reports.overview import (
    AskedOverview,
    Contacted,
    Dimension,
    Key,
    Overview,
    overview_of,
)
from automation.reports.records import FirstContact, Placing
from campaigns.repositories.outcomes.outcome import Outcome
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.automation.reports.worlds import LAST_DAY, NOW, contacts, records, subject

THIS_WEEK = LAST_DAY - timedelta(days=6)
JUDGED = THIS_WEEK - timedelta(weeks=2)
"""The week of which a report's shares are: its people have had their fourteen days."""


def asked(
    *dimensions: Dimension, first: date = date(2026, 1, 5), last: date = THIS_WEEK
) -> AskedOverview:
    return AskedOverview(
        dimensions=dimensions or tuple(Dimension),
        time_zone="Europe/Berlin",
        first_week=first,
        last_week=last,
    )


def counted(people: Sequence[FirstContact], of: AskedOverview, **more: object) -> Overview:
    told = {"texts": [each.outcome for each in people], **more}
    contacted = Contacted(contacts=people, **told)  # type: ignore[arg-type]
    return overview_of(contacted, of, now=NOW)


def lines(overview: Overview, dimension: Dimension) -> dict[Key, Cohort]:
    return {each.key: each.cohort for each in overview.lines if each.dimension is dimension}


@st.composite
def worlds(draw: st.DrawFn) -> list[FirstContact]:
    def contact(number: int) -> FirstContact:
        # By the end of the last day.
        sent_at = NOW - timedelta(hours=draw(st.integers(7, 24 * 70)))
        hours = st.none() | st.integers(0, 24 * 40).map(lambda hours: timedelta(hours=hours))
        accepted, replied = draw(hours), draw(hours)
        by_machine = draw(st.booleans())
        source = draw(st.none() | st.sampled_from(LeadSource))
        outcome = Outcome(
            lead_id=f"lead_{number}",
            step_id=draw(st.sampled_from(["invite", "invite again"])),
            variant=draw(st.sampled_from("AB")),
            account_id=draw(st.sampled_from(["acct_1", "acct_2"])),
            sent_at=sent_at,
            accepted_at=None if accepted is None else sent_at + accepted,
            replied_at=None if replied is None or by_machine else sent_at + replied,
            automatic_reply_at=sent_at + replied if replied is not None and by_machine else None,
            opted_out=draw(st.booleans()),
        )
        placing = Placing(source=source, released_at=sent_at) if source else None
        return FirstContact(outcome=outcome, placing=placing)

    return [contact(number) for number in range(draw(st.integers(0, 30)))]


@pytest.mark.lasts(seconds=10)
@given(people=worlds())
def test_what_a_report_tells_too_is_the_same(people: list[FirstContact]) -> None:
    """By weeks, texts and senders, and in all: of the same moment the same shares, to the last."""
    report = report_of(subject(), records(*people), now=NOW)
    everything, judged = counted(people, asked()), counted(people, asked(first=JUDGED, last=JUDGED))

    weeks = lines(everything, Dimension.WEEK)
    for told in report.cohorts:
        found = weeks[(told.week.isoformat(),)]
        assert (found.sent, found.is_mature, found.accepted, found.replied) == (
            *(told.sent, told.is_mature, told.accepted, told.replied),
        )
    texts = lines(everything, Dimension.VARIANT)
    assert {(told.step_id, told.variant) for told in report.variants} == {*texts}
    for text in report.variants:
        of_text = texts[text.step_id, text.variant]
        assert (of_text.sent, of_text.accepted, of_text.replied, of_text.opted_out) == (
            *(text.sent, text.accepted, text.replied, text.opted_out),
        )
    headline = report.headline
    assert (judged.everybody.accepted, judged.everybody.replied, judged.everybody.opted_out) == (
        *(headline.accepted, headline.replied, headline.opted_out),
    )
    senders = lines(judged, Dimension.SENDER)
    for sender in report.senders:
        if sender.accepted.of:
            assert senders[(sender.account_id,)].accepted == sender.accepted


@given(people=worlds())
def test_every_respect_is_of_everybody(people: list[FirstContact]) -> None:
    """Nobody is left out of one, and nobody is in two of its lines."""
    segments = {each.outcome.lead_id: ("vp", "software") for each in people[::2]}
    overview = counted(people, asked(), segments=segments)

    for dimension in Dimension:
        found = lines(overview, dimension).values()
        assert sum(each.sent for each in found) == overview.everybody.sent == len(people)
        for share in ("accepted", "replied", "replied_automatically", "opted_out"):
            whole = getattr(overview.everybody, share)
            parts = [getattr(each, share) for each in found]
            assert (sum(each.count for each in parts), sum(each.of for each in parts)) == (
                *(whole.count, whole.of),
            )


def test_few_of_a_segment_are_told_with_the_others() -> None:
    """Nobody is told of by themselves; whoever is not known any more is in a segment of theirs."""
    people = contacts(days=4, a_day=8, accepted=0.3)
    leads = [each.outcome.lead_id for each in people]
    segments = {
        **dict.fromkeys(leads[:10], ("vp", "software")),
        **dict.fromkeys(leads[10:19], ("head", "software")),
        leads[19]: ("owner", "retail"),
    }

    told = lines(counted(people, asked(), segments=segments), Dimension.SEGMENT)
    hidden = counted(people, asked(Dimension.SEGMENT), segments=None)

    assert {key: each.sent for key, each in told.items()} == {
        ("vp", "software"): 10,
        ("(other)", "(other)"): 10,
        ("(unknown)", "(unknown)"): 12,
    }
    assert hidden.lines == []


def test_by_a_text_of_another_step_nobody_accepts() -> None:
    """A message is sent to who is connected; a step without variants is told as well."""
    people = contacts(days=2, a_day=4, accepted=0.5)
    message = replace(people[0].outcome, step_id="message", variant="", accepted_at=None)
    overview = counted(people, asked(), texts=[*(each.outcome for each in people), message])

    steps = {each.key: each for each in overview.lines if each.dimension is Dimension.STEP}
    assert {key: (each.asks, each.cohort.sent) for key, each in steps.items()} == {
        ("invite",): (True, 8),
        ("message",): (False, 1),
    }
    assert {*lines(overview, Dimension.VARIANT)} == {("invite", "A"), ("invite", "B")}


def test_young_weeks_are_flagged_and_others_left_out() -> None:
    """Of a week that is not asked for nothing counts; one of this week has not had its time."""
    people = contacts(days=35, a_day=2, accepted=0.5)

    told = lines(counted(people, asked(Dimension.WEEK, first=JUDGED)), Dimension.WEEK)

    assert {key: (each.sent, each.is_mature) for key, each in told.items()} == {
        ("2027-03-08",): (14, True),
        ("2027-03-15",): (14, False),
        ("2027-03-22",): (14, False),
    }
