"""Overviews as callers read them, and what they are asked."""

from collections.abc import Sequence
from typing import assert_never

from automation.decisions.decision import LeadSource
from automation.outcomes.cohorts import Cohort
from automation.reports.overview import Dimension, OverviewLine
from outreach.automation.v1 import overview_pb2, score_pb2
from outreach.automation.v1 import report_service_pb2 as pb

from campaign_api.automation.reports.overviews import CampaignOverview, Overviews
from campaign_api.automation.reports.wire import share_to_proto
from campaign_api.automation.wire import timestamp

_PREFIX = "OVERVIEW_DIMENSION_"


def dimensions_of(request: pb.GetOverviewRequest) -> Sequence[Dimension]:
    """In which respects it is asked; all of them where none is named."""
    named = [overview_pb2.OverviewDimension.Name(each) for each in request.dimensions]
    return [Dimension[each.removeprefix(_PREFIX)] for each in named] or list(Dimension)


def overviews_to_proto(overviews: Overviews) -> pb.GetOverviewResponse:
    """The answer."""
    return pb.GetOverviewResponse(
        campaigns=map(_campaign, overviews.campaigns),
        count_time=timestamp(overviews.counted_at),
        more_programs=overviews.more,
    )


def _campaign(counted: CampaignOverview) -> overview_pb2.CampaignOverview:
    return overview_pb2.CampaignOverview(
        campaign_id=counted.campaign_id,
        program_id=counted.program_id,
        time_zone=counted.time_zone,
        everybody=_figures(counted.overview.everybody),
        lines=map(_line, counted.overview.lines),
    )


def _line(line: OverviewLine) -> overview_pb2.OverviewLine:
    told = overview_pb2.OverviewLine(
        dimension=overview_pb2.OverviewDimension.Value(f"{_PREFIX}{line.dimension.name}"),
        figures=_figures(line.cohort, asks=line.asks),
    )
    match line.dimension:
        case Dimension.STEP:
            (told.step_id,) = line.key
        case Dimension.VARIANT:
            told.step_id, told.variant = line.key
        case Dimension.SENDER:
            (told.account_id,) = line.key
        case Dimension.SEGMENT:
            told.seniority, told.industry = line.key
        case Dimension.SLOT:
            told.slot = _slot(*line.key)
        case Dimension.WEEK:
            (told.week,) = line.key
        case _:
            assert_never(line.dimension)
    return told


def _slot(source: str) -> "score_pb2.LeadSource.ValueType":
    if not source:
        return score_pb2.LEAD_SOURCE_UNSPECIFIED
    return score_pb2.LeadSource.Value(f"LEAD_SOURCE_{LeadSource(source).name}")


def _figures(cohort: Cohort, *, asks: bool = True) -> overview_pb2.CohortFigures:
    return overview_pb2.CohortFigures(
        contacted=cohort.sent,
        mature=cohort.is_mature,
        accepted=share_to_proto(cohort.accepted) if asks else None,
        replied=share_to_proto(cohort.replied),
        replied_automatically=share_to_proto(cohort.replied_automatically),
        opted_out=share_to_proto(cohort.opted_out),
    )
