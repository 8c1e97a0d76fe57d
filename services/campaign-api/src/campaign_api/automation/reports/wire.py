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


def _share(share: Share) -> pb.Share:
    return pb.Share(count=share.count, of=share.of, low=share.low, high=share.high)


def _headline(headline: Headline) -> pb.Headline:
    return pb.Headline(
        contacted=headline.contacted,
        accepted=_share(headline.accepted),
        replied=_share(headline.replied),
        positive=None if headline.positive is None else _share(headline.positive),
        opted_out=_share(headline.opted_out),
        slots_used=_share(headline.slots_used),
    )


def _cohort(line: CohortLine) -> pb.Cohort:
    return pb.Cohort(
        week=line.week.isoformat(),
        contacted=line.sent,
        mature=line.is_mature,
        accepted=_share(line.accepted),
        replied=_share(line.replied),
    )


def _sender(line: SenderLine) -> pb.SenderFigures:
    return pb.SenderFigures(
        account_id=line.account_id,
        multiplier=line.multiplier,
        slots=line.slots,
        used=line.used,
        unused=line.unused,
        accepted=_share(line.accepted),
    )


def _text(line: VariantLine) -> pb.TextFigures:
    return pb.TextFigures(
        step_id=line.step_id,
        variant=line.variant,
        sent=line.sent,
        accepted=None if line.accepted is None else _share(line.accepted),
        replied=_share(line.replied),
        opted_out=_share(line.opted_out),
    )


def _ranking(ranking: Ranking) -> pb.RankingFigures:
    return pb.RankingFigures(
        ranked=_share(ranking.ranked),
        drawn=_share(ranking.drawn),
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
