"""Records of a program, made up: so many people a day, who accept as often as it says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from automation.decisions.decision import LeadSource
from automation.reports.records import DaySlots, FirstContact, Placing, Records, Subject
from automation.reports.report import ReportKind
from campaigns.repositories.outcomes.outcome import Outcome

LAST_DAY = date(2027, 3, 28)
"""A Sunday."""
NOW = datetime(2027, 3, 29, 4, tzinfo=UTC)


def subject(kind: ReportKind = ReportKind.WEEKLY) -> Subject:
    return Subject(
        report_id="rep_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        kind=kind,
        days={ReportKind.WEEKLY: 7, ReportKind.DAILY: 1}[kind],
        last_day=LAST_DAY,
        time_zone="Europe/Berlin",
        began_on=date(2027, 1, 4),
    )


def contacts(
    *, days: int, a_day: int, accepted: float, account: str = "acct_1"
) -> list[FirstContact]:
    """The latest of them on the last day; every eighth was drawn."""
    found = []
    for back in range(days):
        for number in range(a_day):
            at = datetime.combine(LAST_DAY - timedelta(days=back), time(9), UTC)
            accepts = (number * 37 % 100) / 100 < accepted
            found.append(
                FirstContact(
                    outcome=Outcome(
                        lead_id=f"lead_{account}_{back}_{number}",
                        step_id="invite",
                        variant="AB"[number % 2],
                        account_id=account,
                        sent_at=at,
                        accepted_at=at + timedelta(days=2) if accepts else None,
                    ),
                    placing=Placing(
                        source=LeadSource.EXPLORATION if number % 8 == 0 else LeadSource.RULES,
                        released_at=at,
                        ranked_by="rules_1",
                    ),
                )
            )
    return found


def records(*people: FirstContact, ready: int = 100, **more: object) -> Records:
    values = {
        "contacts": people,
        "texts": [each.outcome for each in people],
        "slots": [
            DaySlots(
                day=LAST_DAY - timedelta(days=back),
                account_id="acct_1",
                slots=20,
                used=15,
                unused={"LIST_EMPTY": 3, "COMPANY_SPACING": 2},
            )
            for back in range(35)
        ],
        "multipliers": {"acct_1": 0.8},
        "ready": ready,
        "forecast": [(LAST_DAY + timedelta(days=ahead), 20) for ahead in range(1, 8)],
    }
    return Records(**{**values, **more})  # type: ignore[arg-type]
