"""Reports as callers read them."""

from automation.outcomes.intervals import Share
from automation.reports.report import (
    CohortLine,
    DecisionLine,
    FaultLine,
    Headline,
    Ranking,
    Report,
    SenderLine,
    VariantLine,
)
from outreach.automation.v1 import report_pb2 as pb

from campaign_api.automation.wire import timestamp


def report_to_proto(report: Report) -> pb.Report:
    """The report, as figures."""
    return pb.Report(
        report_id=report.report_id,
        organization_id=report.organization_id,
        program_id=report.program_id,
        campaign_id=report.campaign_id,
        kind=pb.ReportKind.Value(f"REPORT_KIND_{report.kind.name}"),
        first_day=report.first_day.isoformat(),
        last_day=report.last_day.isoformat(),
        time_zone=report.time_zone,
        create_time=timestamp(report.created_at),
        headline=_headline(report.headline),
        usual=None if report.usual is None else _headline(report.usual),
        cohorts=map(_cohort, report.cohorts),
        senders=map(_sender, report.senders),
        texts=map(_text, report.variants),
        ranking=None if report.ranking is None else _ranking(report.ranking),
        decisions=map(_decision, report.decisions),
        ready=report.outlook.ready,
        forecast=[
            pb.DaySlots(day=day.isoformat(), slots=slots) for day, slots in report.outlook.slots
        ],
        days_left=report.outlook.days_left,
        faults=map(_fault, report.faults),
        value_per_invitation=report.value_per_invitation,
    )


def share_to_proto(share: Share) -> pb.Share:
    """So many of so many."""
    return pb.Share(count=share.count, of=share.of, low=share.low, high=share.high)


def _headline(headline: Headline) -> pb.Headline:
    return pb.Headline(
        contacted=headline.contacted,
        accepted=share_to_proto(headline.accepted),
        replied=share_to_proto(headline.replied),
        positive=None if headline.positive is None else share_to_proto(headline.positive),
        opted_out=share_to_proto(headline.opted_out),
        slots_used=share_to_proto(headline.slots_used),
    )


def _cohort(line: CohortLine) -> pb.Cohort:
    return pb.Cohort(
        week=line.week.isoformat(),
        contacted=line.sent,
        mature=line.is_mature,
        accepted=share_to_proto(line.accepted),
        replied=share_to_proto(line.replied),
    )


def _sender(line: SenderLine) -> pb.SenderFigures:
    return pb.SenderFigures(
        account_id=line.account_id,
        multiplier=line.multiplier,
        slots=line.slots,
        used=line.used,
        unused=line.unused,
        accepted=share_to_proto(line.accepted),
    )


def _text(line: VariantLine) -> pb.TextFigures:
    return pb.TextFigures(
        step_id=line.step_id,
        variant=line.variant,
        sent=line.sent,
        accepted=None if line.accepted is None else share_to_proto(line.accepted),
        replied=share_to_proto(line.replied),
        opted_out=share_to_proto(line.opted_out),
    )


def _ranking(ranking: Ranking) -> pb.RankingFigures:
    return pb.RankingFigures(
        ranked=share_to_proto(ranking.ranked),
        drawn=share_to_proto(ranking.drawn),
        low=ranking.low,
        high=ranking.high,
        difference=ranking.gap,
    )


def _decision(line: DecisionLine) -> pb.DecisionFigures:
    return pb.DecisionFigures(
        decision_id=line.decision_id, waits=line.waits, sentence=line.sentence
    )


def _fault(line: FaultLine) -> pb.RunFault:
    return pb.RunFault(
        run_id=line.run_id, type=line.type, end_time=timestamp(line.at), reason=line.reason
    )
